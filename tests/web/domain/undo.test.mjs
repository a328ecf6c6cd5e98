// Undo over the API: put back, leave alone what others changed, refuse with the reason.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, tokenOf } from "../support.mjs";

const wait = { headers: { prefer: "wait=10" } };

async function created(items, options) {
  const reply = await api("POST", "/schedules/bulk", { items, options }, wait);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

async function undone(id) {
  const reply = await api("POST", `/batch/${id}/undo`);
  assert.equal(reply.status, 202, reply.text);
  assert.equal(reply.json.status, "undoing");
  return advanceToEnd(id);
}

const items = async (id, query = "") => (await api("GET", `/batch/${id}/items${query}`)).json.items;

test("a batch that made events is undone: they are gone", async () => {
  const content = await newContent();
  const job = await created(Array.from({ length: 30 }, (_, i) => ({ content_id: content, version_no: 1, starts_at: hour(i) })));
  assert.ok(job.allowed.includes("undo"));
  const left = Date.parse(job.undo_until) - Date.parse(job.finished_at);
  assert.ok(Math.abs(left - 86400e3) <= 2000, job.undo_until);
  const end = await undone(job.id);
  assert.deepEqual([end.status, end.phase, end.percent, end.counts.undone, end.counts.succeeded, end.epoch],
    ["undone", "completed", 100, 30, 0, 2]);
  assert.deepEqual([end.undo_until, end.allowed], [null, []]);
  for (const item of await items(job.id, "?outcome=undone&limit=3")) {
    assert.equal(item.outcome, "undone");
    assertProblem(await api("GET", `/events/${item.event_id}`), 404, "event_not_found");
  }
  assertProblem(await api("POST", `/batch/${job.id}/undo`), 409, "not_undoable");
});

test("a batch that changed events is undone: they are as before, but for their version", async () => {
  const [content, venue, other] = [await newContent(), await newResource(), await newResource()];
  const made = await created([{ content_id: content, version_no: 1, starts_at: hour(100), duration_s: 3600, title: "Old", resources: [venue] }]);
  const id = made.items[0].event_id;
  const before = (await api("GET", `/events/${id}`)).json;
  const change = { selector: { event_id: id }, values: { title: "New", starts_at: hour(200), resources: [other], version_no: 2 } };
  const job = (await api("PUT", "/schedules/bulk", { items: [change] }, wait)).json;
  assert.equal(job.counts.succeeded, 1);
  const end = await undone(job.id);
  assert.deepEqual([end.status, end.counts.undone], ["undone", 1]);
  const after = (await api("GET", `/events/${id}`)).json;
  assert.deepEqual({ ...after, row_version: 0, updated_at: 0 }, { ...before, row_version: 0, updated_at: 0 });
  assert.equal(after.row_version, 3, "nobody's If-Match fits again");
});

test("what somebody changed since is left alone, and the result says who and when", async () => {
  const content = await newContent();
  const job = await created([{ content_id: content, version_no: 1, starts_at: hour(300) }, { content_id: content, version_no: 1, starts_at: hour(310) }]);
  const [first, second] = job.items.map((item) => item.event_id);
  const edited = await api("PATCH", `/events/${second}`, { title: "Mine" }, { token: await tokenOf("editor") });
  assert.equal(edited.status, 200, edited.text);
  const end = await undone(job.id);
  assert.deepEqual([end.status, end.counts.undone, end.counts.undo_conflict], ["undo_partial", 1, 1]);
  assert.equal(end.errors[0].code, "changed_since");
  const [left] = await items(job.id, "?outcome=undo_conflict");
  assert.equal(left.event_id, second);
  assert.equal(left.errors[0].code, "changed_since");
  assert.match(left.errors[0].message, new RegExp(`Event ${second} was changed by .+ at 20`));
  assert.ok(left.changed_by.name.length > 0 && left.changed_by.id > 0);
  assert.match(left.changed_at, /Z$/);
  assert.equal(left.changed_in_batch, null);
  assertProblem(await api("GET", `/events/${first}`), 404, "event_not_found");
  assert.equal((await api("GET", `/events/${second}`)).json.title, "Mine");
});

test("an undo never books a place twice", async () => {
  const [content, venue] = [await newContent(), await newResource()];
  const place = (n) => ({ content_id: content, version_no: 1, starts_at: hour(n), duration_s: 3600, resources: [venue] });
  const [moved] = (await created([place(400)])).items;
  const change = { selector: { event_id: moved.event_id }, values: { starts_at: hour(420) } };
  const job = (await api("PUT", "/schedules/bulk", { items: [change] }, wait)).json;
  const [taker] = (await created([place(400)])).items;
  const end = await undone(job.id);
  assert.deepEqual([end.status, end.counts.undo_conflict], ["undo_partial", 1]);
  const [left] = await items(job.id);
  assert.equal(left.errors[0].code, "place_taken");
  assert.equal(left.conflicts[0].event_id, taker.event_id);
  assert.ok(left.changed_by.name);
  assert.equal((await api("GET", `/events/${moved.event_id}`)).json.starts_at, hour(420));
});

test("what can't be undone is refused with the reason", async () => {
  const content = await newContent();
  const item = { content_id: content, version_no: 1, starts_at: hour(500) };
  const evaluation = (await api("POST", "/schedules/evaluate", { items: [item] }, wait)).json;
  assertProblem(await api("POST", `/batch/${evaluation.id}/undo`), 409, "not_undoable");
  const check = await created([item], { dry_run: true });
  assertProblem(await api("POST", `/batch/${check.id}/undo`), 409, "not_undoable");
  assert.equal(check.undo_until, null);
  const failed = await created([{ ...item, version_no: 9 }]);
  assertProblem(await api("POST", `/batch/${failed.id}/undo`), 409, "nothing_to_undo");
  const open = (await api("POST", "/batch", { type: "create" })).json;
  assertProblem(await api("POST", `/batch/${open.id}/undo`), 409, "illegal_transition");
  assertProblem(await api("POST", `/batch/${open.id}/undo`, undefined, { token: await tokenOf("author") }), 404, "not_found");
  assertProblem(await api("POST", "/batch/999999999/undo"), 404, "not_found");
});

test("cancelling with rollback undoes what was done", async () => {
  const content = await newContent();
  const all = Array.from({ length: 40 }, (_, i) => ({ content_id: content, version_no: 1, starts_at: hour(600 + i) }));
  const id = (await api("POST", "/batch", { type: "create", options: { chunk_size: 4 } })).json.id;
  await api("POST", `/batch/${id}/items?offset=0`, all);
  await api("POST", `/batch/${id}/start`);
  await api("POST", `/batch/${id}/pause`); // before or after the first chunks
  const reply = await api("POST", `/batch/${id}/cancel`, { rollback: true });
  assert.equal(reply.status, 202, reply.text);
  const end = ["completed", "failed"].includes(reply.json.phase) ? reply.json : await advanceToEnd(id);
  assert.equal(end.counts.succeeded, 0);
  assert.equal(end.counts.undone + end.counts.unprocessed, 40);
  const page = (await api("GET", `/events?content_id=${content}`)).json;
  assert.equal(page.items.length, 0);
});

test("rollback_on_error: the first failure undoes what was done", async () => {
  const content = await newContent();
  const good = Array.from({ length: 20 }, (_, i) => ({ content_id: content, version_no: 1, starts_at: hour(700 + i) }));
  const job = await created([...good, { content_id: content, version_no: 9, starts_at: hour(790) }],
    { rollback_on_error: true, chunk_size: 3, ordered: true });
  assert.deepEqual([job.status, job.phase], ["rolled_back", "failed"]);
  assert.deepEqual([job.counts.undone, job.counts.failed, job.counts.succeeded], [18 + 2, 1, 0]);
  assert.equal((await api("GET", `/events?content_id=${content}`)).json.items.length, 0);
});
