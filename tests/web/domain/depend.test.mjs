// Batches that wait for batches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, tokenOf } from "../support.mjs";

const items = (content_id, from, count = 2) =>
  Array.from({ length: count }, (_, i) => ({ content_id, version_no: 1, starts_at: hour(from + i * 3) }));
const queued = async (items, options) => {
  const reply = await api("POST", "/batch", { type: "create", options, items });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
};

// One that nobody works before its items come.
const receiving = async () => (await api("POST", "/batch", { type: "create" })).json.id;
const feed = async (id, items) => {
  await api("POST", `/batch/${id}/items?offset=0`, items);
  await api("POST", `/batch/${id}/start`);
  return advanceToEnd(id);
};

test("a batch begins when those it depends on have succeeded", async () => {
  const content = await newContent();
  const first = { id: await receiving() };
  const second = await queued(items(content, 3010), { depends_on: [first.id], label: "afterwards" });
  assert.deepEqual(second.options.depends_on, [first.id]);
  assert.deepEqual(second.waiting_for, [{ id: first.id, label: "", status: "receiving" }]);
  const early = await api("POST", `/batch/${second.id}/advance`);
  assert.deepEqual([early.json.status, early.json.counts.pending, early.json.advanced.nothing_due], ["queued", 2, true]);
  assert.match(early.json.message, new RegExp(`when batch ${first.id} has succeeded`));
  const { json } = await api("GET", "/batch?limit=5");
  assert.equal(json.items.find((one) => one.id === second.id).waiting_for[0].id, first.id);
  await feed(first.id, items(content, 3000));
  assert.deepEqual((await api("GET", `/batch/${second.id}`)).json.waiting_for, []);
  assert.equal((await advanceToEnd(second.id)).counts.succeeded, 2);
});

test("a batch whose dependency did not succeed fails and says which", async () => {
  const content = await newContent();
  const first = { id: await receiving() };
  const second = await queued(items(content, 3140), { depends_on: [first.id] });
  const bad = { content_id: content, version_no: 99, starts_at: hour(3120) };
  assert.equal((await feed(first.id, [...items(content, 3100, 1), bad])).status, "partial");
  const { json } = await api("GET", `/batch/${second.id}`);
  assert.deepEqual([json.status, json.counts.unprocessed, json.errors[0].code], ["failed", 2, "dependency_failed"]);
  assert.deepEqual(json.waiting_for, [{ id: first.id, label: "", status: "partial" }]);
  assert.match(json.message, new RegExp(`batch ${first.id}.*did not succeed`));
});

test("a batch that is not there or somebody else's can't be waited for", async () => {
  const content = await newContent();
  const first = await queued(items(content, 3200));
  const order = (depends_on) => ({ type: "create", options: { depends_on }, items: items(content, 3210) });
  assertProblem(await api("POST", "/batch", order([first.id, 99999999])), 422, "dependency_not_found", "/options/depends_on/1");
  assertProblem(await api("POST", "/batch", { type: "create", options: { depends_on: [99999999] } }), 422, "dependency_not_found",
    "/options/depends_on/0");
  const author = await tokenOf("author");
  const foreign = await api("POST", "/batch", order([first.id]), { token: author });
  assertProblem(foreign, 422, "dependency_not_found", "/options/depends_on/0");
  const unknown = await api("POST", "/batch", order([99999999]), { token: author });
  assert.equal(unknown.json.detail.replace(99999999, "N"), foreign.json.detail.replace(first.id, "N"), "the two can't be told apart");
  assertProblem(await api("POST", "/batch", order("17")), 422, "invalid_type", "/options/depends_on");
  assertProblem(await api("POST", "/batch", order(Array.from({ length: 21 }, (_, i) => i + 1))), 422, "out_of_range", "/options/depends_on");
});

test("rows name it in the query", async () => {
  const content = await newContent();
  const first = { id: await receiving() }, second = { id: await receiving() };
  const rows = `content_id,version_no,starts_at\n${content},1,${hour(3320)}\n`;
  const third = await api("POST", `/batch?type=create&depends_on=${first.id},${second.id}`, rows, { headers: { "content-type": "text/csv" } });
  assert.deepEqual(third.json.waiting_for.map((one) => one.id), [first.id, second.id], third.text);
});
