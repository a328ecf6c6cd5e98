// POST /validate: a batch without a job.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, tokenOf, unique } from "../support.mjs";

const jobs = async () => (await api("GET", "/batch?limit=1")).json.items[0]?.id ?? 0;

test("every bad item is told with its pointer, and nothing is stored", async () => {
  const content = await newContent();
  const before = await jobs();
  const good = { content_id: content, version_no: 1, starts_at: hour(20000) };
  const items = [good, { ...good, starts_at: "soon" }, { ...good, version_no: 9, colour: 1 }, { ...good, client_id: "x", duration_s: -1 }];
  const reply = await api("POST", "/validate", { type: "create", options: { chunk_size: 10 }, items });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual([reply.json.valid, reply.json.received, reply.json.total, reply.json.invalid], [false, 4, 4, 3]);
  const pointers = reply.json.items.flatMap((item) => item.errors.map((error) => [item.ordinal, error.pointer, error.code]));
  assert.deepEqual(pointers[0], [1, "/items/1/starts_at", "invalid_time"]);
  assert.ok(pointers.some(([ordinal, pointer]) => ordinal === 2 && pointer === "/items/2/colour"), reply.text);
  assert.ok(pointers.some(([ordinal, pointer]) => ordinal === 3 && pointer === "/items/3/duration_s"), reply.text);
  assert.equal(reply.json.items[2].client_id, "x");
  assert.ok(reply.json.errors.every((group) => group.count === 1 && group.suggestion.length > 3));
  assert.equal(await jobs(), before);
  assert.equal((await api("GET", `/events?content_id=${content}`)).json.items.length, 0);
});

test("a list is cut at a hundred, counts are not", async () => {
  const content = await newContent();
  const items = Array.from({ length: 1500 }, (_, i) => ({ content_id: i % 3 ? content : 99999999, version_no: 1, starts_at: hour(20100 + i) }));
  const { json } = await api("POST", "/validate", { type: "create", items });
  assert.deepEqual([json.invalid, json.items.length, json.truncated], [500, 100, true]);
  assert.deepEqual(json.errors.map((group) => [group.code, group.count, group.example_ordinal]), [["content_not_found", 500, 0]]);
});

test("lists, NDJSON and CSV say their type in the query", async () => {
  const content = await newContent();
  const item = { content_id: content, version_no: 1, starts_at: hour(21000) };
  const ways = [
    ["?type=create", JSON.stringify([item, item]), "application/json"],
    ["?type=evaluate&conflict_details=3", `${JSON.stringify(item)}\n${JSON.stringify(item)}\n`, "application/x-ndjson"],
    ["?type=create", `content_id,version_no,starts_at\n${content},1,${hour(21000)}\n${content},1,${hour(21001)}\n`, "text/csv"],
  ];
  for (const [query, body, type] of ways) {
    const reply = await api("POST", `/validate${query}`, body, { headers: { "content-type": type } });
    assert.deepEqual([reply.status, reply.json.received, reply.json.valid], [200, 2, true], reply.text);
  }
  assertProblem(await api("POST", "/validate", JSON.stringify([item])), 422, "required", "/type");
  assertProblem(await api("POST", "/validate", "content_id\n1\n", { headers: { "content-type": "text/csv" } }), 422, "required", "/type");
  assertProblem(await api("POST", "/validate?type=create", [item, "x"].join(), {}), 400, "malformed_json");
  assertProblem(await api("POST", "/validate", { type: "create", items: [] }), 422, "empty_batch");
  assertProblem(await api("POST", "/validate", { type: "delete", items: [item] }), 422, "not_available", "/type");
  assertProblem(await api("POST", "/validate", { type: "create", options: { priority: 99 }, items: [item] }), 422, "out_of_range", "/options/priority");
  assertProblem(await api("POST", "/validate?type=create&colour=red", [item]), 422, "validation_failed", "/options/colour");
  const several = await api("POST", "/validate", { type: "create", options: { priority: 99, colour: 1 }, items: [item] });
  assert.deepEqual(several.json.errors?.map((error) => error.pointer), ["/options/priority", "/options/colour"], several.text);
});

test("rights are the operation's, and what is not one's own is not seen", async () => {
  const content = await newContent();
  const made = await api("POST", "/events", { content_id: content, version_no: 1, starts_at: hour(21100) });
  const body = { type: "update", items: [{ selector: { event_id: made.json.id }, values: { priority: 1 } }] };
  assert.equal((await api("POST", "/validate", body)).json.valid, true);
  const author = await api("POST", "/validate", body, { token: await tokenOf("author") });
  assert.equal(author.json.valid, false, author.text);
  assertProblem(await api("POST", "/validate", body, { token: null }), 401, "not_authenticated");
});

test("what it promises is what happens: rows", async () => {
  const content = await newContent();
  const venue = await newResource();
  const items = Array.from({ length: 400 }, (_, i) => ({ client_id: unique(), content_id: content, version_no: 1, starts_at: hour(22000 + i), duration_s: 60, resources: [venue] }));
  const { estimate } = (await api("POST", "/validate", { type: "create", options: { chunk_size: 100 }, items })).json;
  // An item's row, its event, its venue, two calendars; the batch itself and its chunks.
  assert.ok(estimate.rows >= 400 * 5 && estimate.rows < 400 * 5 + 20, JSON.stringify(estimate));
  assert.ok(estimate.bytes > 400 * 300 && estimate.bytes < 400 * 5000, JSON.stringify(estimate));
  const job = await api("POST", "/batch", { type: "create", items });
  assert.equal((await advanceToEnd(job.json.id)).counts.succeeded, 400);
  const query = { type: "update", items: [{ selector: { query: { content_id: content } }, values: { priority: 2 } }] };
  assert.equal((await api("POST", "/validate", query)).json.total, 400);
});
