// Items that depend on items of the same batch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, raw } from "../support.mjs";

const event = (content_id, at, more = {}) => ({ content_id, version_no: 1, starts_at: hour(at), ...more });
const started = async (items, options, type = "create") => {
  const reply = await api("POST", "/batch", { type, options, items });
  assert.equal(reply.status, 201, reply.text);
  return reply.json.id;
};
const itemsOf = async (id, query = "") => (await api("GET", `/batch/${id}/items${query}`)).json.items;

test("items run after those they depend on, and name their events", async () => {
  const content = await newContent();
  const id = await started([
    event(content, 4000, { id: "review", depends_on: ["launch"], attributes: { of: { $ref: "launch" }, chain: [{ $ref: "teaser" }] } }),
    event(content, 4010, { id: "launch", attributes: { after: { $ref: "teaser" } } }),
    event(content, 4020, { id: "teaser" }),
    event(content, 4030),
  ], { chunk_size: 2 });
  const end = await advanceToEnd(id);
  assert.deepEqual([end.status, end.counts.succeeded, end.percent], ["succeeded", 4, 100]);
  const items = await itemsOf(id);
  const [review, launch, teaser] = items.map((item) => item.event_id);
  assert.ok(review > launch && launch > teaser);
  assert.deepEqual((await api("GET", `/events/${review}`)).json.attributes, { of: launch, chain: [teaser] });
  assert.deepEqual(items[0].input.depends_on, ["launch"], "the input is shown as it was sent");
});

test("an update follows the event of another item", async () => {
  const content = await newContent();
  const made = await started([event(content, 4100)]);
  await advanceToEnd(made);
  const [{ event_id }] = await itemsOf(made);
  const id = await started([
    { selector: { event_id: { $ref: "rename" } }, values: { priority: 3 }, expected_version: 2 },
    { id: "rename", selector: { event_id }, values: { title: "renamed" } },
  ], {}, "update");
  assert.equal((await advanceToEnd(id)).counts.succeeded, 2);
  const { json } = await api("GET", `/events/${event_id}`);
  assert.deepEqual([json.title, json.priority, json.row_version], ["renamed", 3, 3]);
});

test("a cycle is named; what hangs on it fails, the rest goes on", async () => {
  const content = await newContent();
  const id = await started([
    event(content, 4200, { id: "a", depends_on: ["b"] }),
    event(content, 4210, { id: "b", depends_on: ["c"] }),
    event(content, 4220, { id: "c", depends_on: ["a"] }),
    event(content, 4230, { depends_on: ["c"] }),
    event(content, 4240, { depends_on: ["missing"] }),
    event(content, 4250, { id: "a" }),
    event(content, 4260, { id: "free" }),
  ]);
  const end = await advanceToEnd(id);
  assert.deepEqual([end.status, end.counts.succeeded, end.counts.failed], ["partial", 1, 6]);
  const errors = (await itemsOf(id, "?outcome=failed")).map((item) => item.errors[0]);
  assert.deepEqual(errors.map((error) => [error.code, error.pointer]), [
    ["dependency_cycle", "/depends_on/0"], ["dependency_cycle", "/depends_on/0"], ["dependency_cycle", "/depends_on/0"],
    ["dependency_failed", "/depends_on/0"], ["dependency_not_found", "/depends_on/0"], ["duplicate_id", "/id"],
  ]);
  assert.match(errors[0].message, /a → b → c → a/);
  assert.match(errors[3].message, /Item 2 \(“c”\)/);
  assert.match(errors[4].message, /“missing”/);
  assert.ok(errors.every((error) => error.suggestion.length > 10));
});

test("a failed item takes those along that depend on it; a retry goes through all of them", async () => {
  const content = await newContent(1);
  const id = await started([
    event(content, 4300, { id: "late", version_no: 2 }),
    event(content, 4310, { id: "next", depends_on: ["late"] }),
    event(content, 4320, { attributes: { n: { $ref: "next" } } }),
  ]);
  assert.equal((await advanceToEnd(id)).counts.failed, 3);
  assert.deepEqual((await itemsOf(id)).map((item) => item.errors[0].code), ["version_not_found", "dependency_failed", "dependency_failed"]);
  await api("POST", `/contents/${content}/versions`, { body: { text: "v2" } });
  const again = await api("POST", `/batch/${id}/retry`, { outcomes: ["failed"] });
  assert.equal(again.status, 202, again.text);
  const end = await advanceToEnd(id);
  assert.deepEqual([end.status, end.counts.succeeded], ["succeeded", 3]);
});

test("CSV has columns for it, and the results can be sent again", async () => {
  const content = await newContent();
  const rows = `id,depends_on,content_id,version_no,starts_at\nc,a b,${content},1,${hour(4400)}\nb,a,${content},1,${hour(4410)}\na,,${content},9,${hour(4420)}\n`;
  const made = await api("POST", "/batch?type=create", rows, { headers: { "content-type": "text/csv" } });
  assert.equal((await advanceToEnd(made.json.id)).counts.failed, 3, made.text);
  const file = await raw("GET", `/api/v1/batch/${made.json.id}/results.csv?outcome=failed`, { headers: { authorization: `Bearer ${process.env.TOKEN}` } });
  assert.match(file.text, /c,a\|b,/);
  const mended = file.text.replace(`,9,`, ",1,");
  const second = await api("POST", "/batch?type=create", mended, { headers: { "content-type": "text/csv" } });
  assert.equal((await advanceToEnd(second.json.id)).counts.succeeded, 3, second.text);
});

test("a single event has no id to give, and a check of items without a batch takes them as they are", async () => {
  const content = await newContent();
  assertProblem(await api("POST", "/events", event(content, 4500, { id: "x" })), 422, "unknown_field");
  const checked = await api("POST", "/validate", { type: "create", items: [event(content, 4510, { id: "x", depends_on: ["y"], attributes: { e: { $ref: "y" } } }), event(content, 4520, { id: 5 })] });
  assert.equal(checked.status, 200, checked.text);
  assert.match(checked.text, /invalid_type/);
  assert.doesNotMatch(checked.text, /unknown_field/);
});
