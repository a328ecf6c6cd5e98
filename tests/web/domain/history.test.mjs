// What an event was before, and making it so again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, tokenOf } from "../support.mjs";

const create = async (event) => {
  const made = await api("POST", "/events", { version_no: 1, duration_s: 3600, ...event });
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const change = async (id, values) => {
  const reply = await api("PATCH", `/events/${id}`, values);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const history = async (id, query = "") => {
  const reply = await api("GET", `/events/${id}/history${query}`);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const restore = (id, row_version, headers = {}) => api("POST", `/events/${id}/restore`, { row_version }, { headers });
const told = ({ items }) =>
  items.map((state) => `${state.row_version}: ${(state.changes ?? [{ field: "-" }]).map((change) => change.field)}`);

test("single edits: each version with who, when and what changed", async () => {
  const venue = await newResource();
  const { id } = await create({ content_id: await newContent(), starts_at: hour(24 * 300), title: "One" });
  await change(id, { title: "Two" });
  await change(id, { starts_at: hour(24 * 300 + 5), resources: [venue] });
  const list = await history(id);
  assert.deepEqual(told(list), ["3: starts_at,resources", "2: title", "1: -"]);
  assert.deepEqual(list.items[1].changes, [{ field: "title", before: "One", after: "Two" }]);
  assert.deepEqual(list.items[0].event.resources, [venue]);
  assert.deepEqual(list.items[2].event.resources, []);
  assert.equal(list.items[0].batch_id, null);
  assert.ok(list.items.every((state) => state.changed_by.id === 1 && state.changed_by.name && state.changed_at));
  const first = await history(id, "?limit=2");
  assert.deepEqual(told(first), ["3: starts_at,resources", "2: title"]);
  assert.equal(first.next, 2);
  assert.deepEqual(told(await history(id, `?limit=2&after=${first.next}`)), ["1: -"]);
});

test("batches and their undo are part of it", async () => {
  const { id } = await create({ content_id: await newContent(), starts_at: hour(24 * 310), title: "One" });
  const job = await api("PUT", "/schedules/bulk", { items: [{ selector: { event_id: id }, values: { title: "Two" } }] });
  await advanceToEnd(job.json.id);
  assert.equal((await history(id)).items[0].batch_id, job.json.id);
  const undo = await api("POST", `/batch/${job.json.id}/undo`);
  assert.equal(undo.status, 202, undo.text);
  await advanceToEnd(job.json.id);
  const list = await history(id);
  assert.deepEqual(told(list), ["3: title", "2: title", "1: -"]);
  assert.deepEqual(list.items.map((state) => state.undone_to), [1, null, null]);
  assert.deepEqual(list.items.map((state) => state.event.title), ["One", "Two", "One"]);
  assert.equal(list.items[0].batch_id, job.json.id);
});

test("a batch that is all or nothing: seen once it is published, and as what it is", async () => {
  const { id } = await create({ content_id: await newContent(), starts_at: hour(24 * 312), title: "One" });
  const job = await api("PUT", "/schedules/bulk", {
    items: [{ selector: { event_id: id }, values: { title: "Two" } }], options: { atomic: true },
  });
  await advanceToEnd(job.json.id);
  const list = await history(id);
  assert.deepEqual(told(list), ["2: title", "1: -"]);
  assert.equal(list.items[0].batch_id, job.json.id);
});

test("an event becomes again what it was, and that is a version of its own", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const one = await create({
    content_id, title: "One", local_start: "2031-11-20T09:00:00", timezone: "Europe/Stockholm", resources: [venue], priority: 3,
  });
  await change(one.id, { title: "Two", starts_at: hour(24 * 330), timezone: null, resources: [], priority: 0, duration_s: 60 });
  const back = await restore(one.id, 1, { "if-match": '"2"' });
  assert.equal(back.status, 200, back.text);
  assert.equal(back.headers.get("etag"), '"3"');
  assert.deepEqual({ ...back.json, row_version: 1 }, one);
  assert.deepEqual(told(await history(one.id)).length, 3);
  const audit = await api("GET", "/audit?action=event.restore");
  assert.equal(audit.json.items[0].object_id, one.id);
  assert.deepEqual(audit.json.items[0].detail, { row_version: 1 });
});

test("what cannot be restored is refused like any change", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const one = await create({ content_id, starts_at: hour(24 * 340), resources: [venue] });
  await change(one.id, { starts_at: hour(24 * 340 + 8) });
  assertProblem(await restore(one.id, 1, { "if-match": '"1"' }), 412, "precondition_failed");
  assertProblem(await restore(one.id, 9), 404, "state_not_found");
  assertProblem(await api("POST", `/events/${one.id}/restore`, {}), 422, "validation_failed", "/row_version");
  assertProblem(await api("POST", `/events/${one.id}/restore`, { row_version: 1, x: 1 }), 422, "validation_failed", "/x");
  assertProblem(await restore(99999999, 1), 404, "event_not_found");
  const other = await create({ content_id: await newContent(), starts_at: hour(24 * 340), resources: [venue] });
  const refused = await restore(one.id, 1);
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.json.conflicts[0].event_id, other.id);
  const author = await tokenOf("author");
  assert.equal((await api("POST", `/events/${one.id}/restore`, { row_version: 1 }, { token: author })).status, 403);
  assertProblem(await api("GET", "/events/99999999/history"), 404, "event_not_found");
});
