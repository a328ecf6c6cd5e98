// Single events, contents, resources: reads, and writes as a slice of one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, assertProblem, hour, newContent, newResource, tokenOf, unique } from "../support.mjs";

const create = (event, options = {}) => api("POST", "/events" + (options.query ?? ""), event, options);

test("an event is created, read, changed and cancelled", async () => {
  const content_id = await newContent();
  const made = await create({ content_id, version_no: 1, starts_at: hour(10), duration_s: 3600, title: "Åäö 🎈" });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.get("location"), `/api/v1/events/${made.json.id}`);
  assert.equal(made.headers.get("etag"), '"1"');
  assert.equal(made.json.ends_at, hour(11));
  const read = await api("GET", `/events/${made.json.id}`);
  assert.deepEqual(read.json, { ...made.json, conflict_count: 0, conflicts: [] });
  const changed = await api("PATCH", `/events/${made.json.id}`, { starts_at: hour(20) }, { headers: { "if-match": '"1"' } });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.ends_at, hour(21));
  assert.equal(changed.json.row_version, 2);
  const gone = await api("DELETE", `/events/${made.json.id}`, undefined, { headers: { "if-match": '"2"' } });
  assert.equal(gone.status, 200, gone.text);
  assert.equal(gone.json.status, "cancelled");
});

test("an If-Match that is out of date is 412 and changes nothing", async () => {
  const content_id = await newContent();
  const { json } = await create({ content_id, version_no: 1, starts_at: hour(30) });
  assert.equal((await api("PATCH", `/events/${json.id}`, { title: "one" })).status, 200);
  assertProblem(await api("PATCH", `/events/${json.id}`, { title: "two" }, { headers: { "if-match": '"1"' } }), 412,
    "precondition_failed");
  assertProblem(await api("DELETE", `/events/${json.id}`, undefined, { headers: { "if-match": '"1"' } }), 412,
    "precondition_failed");
  assertProblem(await api("PATCH", `/events/${json.id}`, { title: "x" }, { headers: { "if-match": "nonsense" } }), 412,
    "precondition_failed");
  assert.equal((await api("GET", `/events/${json.id}`)).json.title, "one");
});

test("every field that is wrong is named with pointer, code and suggestion", async () => {
  const reply = await create({
    content_id: "seven", version_no: -1, starts_at: "2026-02-30", duration_s: -5, priority: 99999, titel: "x",
    resources: ["a"],
  });
  assert.equal(reply.status, 422, reply.text);
  const codes = Object.fromEntries(reply.json.errors.map((error) => [error.pointer, error.code]));
  assert.equal(codes["/content_id"], "invalid_type");
  assert.equal(codes["/starts_at"], "invalid_time");
  assert.equal(codes["/titel"], "unknown_field");
  assert.ok(codes["/version_no"] && codes["/duration_s"] && codes["/priority"]);
  for (const error of reply.json.errors) assert.ok(error.message && error.suggestion, JSON.stringify(error));
});

test("ids that do not exist are told apart", async () => {
  const content_id = await newContent();
  const person = await newResource("person");
  const code = async (event) => (await create({ starts_at: hour(50), ...event })).json.errors[0].code;
  assert.equal(await code({ content_id: 99999999 }), "content_not_found");
  assert.equal(await code({ content_id, version_no: 77 }), "version_not_found");
  assert.equal(await code({ content_id, version_no: 1, resources: [99999999] }), "resource_not_found");
  assert.equal(await code({ content_id, version_no: 1, assignees: [99999999] }), "assignee_not_found");
  assertProblem(await api("PATCH", "/events/99999999", { title: "x" }), 404, "event_not_found");
  assertProblem(await api("GET", "/events/99999999"), 404, "event_not_found");
  assert.equal((await create({ content_id, version_no: 1, starts_at: hour(50), assignees: [person] })).status, 201);
});

test("a conflict is 409 and names the other event", async () => {
  const venue = await newResource();
  const first = await create({ content_id: await newContent(), version_no: 1, starts_at: hour(60), duration_s: 3600, resources: [venue] });
  assert.equal(first.status, 201, first.text);
  const clash = { content_id: await newContent(), version_no: 1, starts_at: hour(60.5), duration_s: 3600, resources: [venue] };
  const second = await create(clash);
  assert.equal(second.status, 409, second.text);
  assert.equal(second.json.conflicts[0].kind, "resource_overlap");
  assert.equal(second.json.conflicts[0].event_id, first.json.id);
  const touching = await create({ ...clash, starts_at: hour(61) });
  assert.equal(touching.status, 201, "touching is no conflict: " + touching.text);
});

test("a soft conflict can be kept", async () => {
  const venue = await newResource("venue", { overlap: "soft" });
  const event = async () => ({ content_id: await newContent(), version_no: 1, starts_at: hour(70), duration_s: 600, resources: [venue] });
  assert.equal((await create(await event())).status, 201);
  assert.equal((await create(await event())).status, 409);
  const kept = await create(await event(), { query: "?on_conflict=keep_both" });
  assert.equal(kept.status, 201, kept.text);
});

test("the same client_id with the same payload is the same event, with another a duplicate", async () => {
  const event = { client_id: unique(), content_id: await newContent(), version_no: 1, starts_at: hour(80) };
  const first = await create(event);
  assert.equal(first.status, 201);
  const again = await create(event);
  assert.equal(again.status, 200, again.text);
  assert.equal(again.json.id, first.json.id);
  const other = await create({ ...event, title: "another" });
  assert.equal(other.status, 409, other.text);
  assert.equal(other.json.code, "duplicate");
});

test("wall time with a zone becomes UTC", async () => {
  const reply = await create({
    content_id: await newContent(), version_no: 1, local_start: "2031-07-01T10:00:00", timezone: "Europe/Stockholm",
  });
  assert.equal(reply.json.starts_at, "2031-07-01T08:00:00Z", reply.text);
});

test("lists filter by field and page by key", async () => {
  const content_id = await newContent();
  for (let i = 0; i < 5; i++) await create({ content_id, version_no: 1, starts_at: hour(100 + 2 * i) });
  const seen = [];
  let next = 0;
  while (next !== null) {
    const page = await api("GET", `/events?content_id=${content_id}&limit=2&after=${next}`);
    assert.equal(page.status, 200, page.text);
    seen.push(...page.json.items.map((event) => event.id));
    next = page.json.next;
  }
  assert.equal(new Set(seen).size, 5);
  const some = await api("GET", `/events?content_id=${content_id}&starts_after=${hour(102)}&starts_before=${hour(106)}`);
  assert.equal(some.json.items.length, 2);
  assert.equal((await api("GET", "/events?colour=red")).json.errors[0].code, "unknown_field");
  assert.equal((await api("GET", "/events?status=nonsense")).status, 422);
});

test("every field survives quotes, backslashes, markup and an emoji", async () => {
  const title = `'"\\;--<b>&amp;🎈\u202e%00{x}`;
  const content_id = await newContent();
  const attributes = { note: title, list: [1, 2.5, true, null], nested: { a: { b: "c" } } };
  const made = await create({ content_id, version_no: 1, starts_at: hour(120), title, client_id: unique(title.slice(0, 8)), attributes });
  assert.equal(made.status, 201, made.text);
  const read = (await api("GET", `/events/${made.json.id}`)).json;
  assert.equal(read.title, title);
  assert.deepEqual(read.attributes, attributes);
  const found = await api("GET", `/events?content_id=${content_id}&text=${encodeURIComponent(title)}`);
  assert.equal(found.json.items.length, 1);
});

test("contents have numbered versions", async () => {
  const id = await newContent(3);
  const content = (await api("GET", `/contents/${id}`)).json;
  assert.equal(content.latest_version, 3);
  const versions = (await api("GET", `/contents/${id}/versions`)).json;
  assert.deepEqual(versions.items.map((version) => version.version_no), [1, 2, 3]);
  assert.deepEqual(versions.items[1].body, { text: "v2" });
  assertProblem(await api("POST", "/contents", {}), 422, "validation_failed", "/title");
  assertProblem(await api("POST", "/contents", { title: 5, colour: "red" }), 422, "validation_failed", "/colour");
  assertProblem(await api("POST", `/contents/${id}/versions`, { body: "text" }), 422, "validation_failed", "/body");
  assertProblem(await api("GET", "/contents/99999999"), 404, "content_not_found");
});

test("10 writers of one content get 10 version numbers", async () => {
  const id = await newContent(0);
  const replies = await Promise.all(Array.from({ length: 10 }, () => api("POST", `/contents/${id}/versions`, { body: {} })));
  assert.deepEqual(replies.map((reply) => reply.json.version_no).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("resources are created, changed, found and deleted", async () => {
  const id = await newResource("equipment", { capacity: 3, overlap: "soft", timezone: "Europe/Oslo" });
  const read = (await api("GET", `/resources/${id}`)).json;
  assert.equal(read.capacity, 3);
  const changed = await api("PATCH", `/resources/${id}`, { active: false, name: "Van" });
  assert.deepEqual([changed.json.active, changed.json.name, changed.json.capacity], [false, "Van", 3]);
  const list = await api("GET", `/resources?kind=equipment&after=${id - 1}`);
  assert.ok(list.json.items.every((resource) => resource.kind === "equipment"));
  assert.equal((await api("DELETE", `/resources/${id}`)).status, 204);
  assertProblem(await api("GET", `/resources/${id}`), 404, "resource_not_found");
  assertProblem(await api("POST", "/resources", { kind: "ghost", name: "", capacity: 0, timezone: "../etc/passwd" }), 422,
    "validation_failed", "/timezone");
});

test("a resource that events name can't be deleted", async () => {
  const id = await newResource();
  await create({ content_id: await newContent(), version_no: 1, starts_at: hour(130), resources: [id] });
  assertProblem(await api("DELETE", `/resources/${id}`), 409, "in_use");
});

test("an author sees what is scheduled and does not change what is not his", async () => {
  const token = await tokenOf("author");
  const { json } = await create({ content_id: await newContent(), version_no: 1, starts_at: hour(140) });
  assert.equal((await api("GET", `/events/${json.id}`, undefined, { token })).status, 200);
  const reply = await api("PATCH", `/events/${json.id}`, { title: "mine" }, { token });
  assert.ok([403, 404].includes(reply.status), reply.text);
});

test("events that repeat, or do not, are found apart", async () => {
  const content_id = await newContent();
  const made = async (more) => (await api("POST", "/events", { content_id, version_no: 1, duration_s: 60, ...more })).json.id;
  const once = await made({ starts_at: hour(900) });
  const rule = await made({ starts_at: hour(903), recurrence: "FREQ=DAILY;COUNT=2" });
  const dates = await made({ starts_at: hour(1000), rdates: [hour(1010).slice(0, -1)] });
  const found = async (recurring) => (await api("GET", `/events?content_id=${content_id}&recurring=${recurring}`)).json.items.map((item) => item.id);
  assert.deepEqual([await found("true"), await found("false"), await found("")], [[rule, dates], [once], [once, rule, dates]]);
  assertProblem(await api("GET", "/events?recurring=maybe"), 422, "validation_failed");
  const batch = await api("PUT", "/schedules/bulk", {
    items: [{ selector: { query: { content_id, recurring: true } }, values: { priority: 3 } }],
  }, { headers: { prefer: "wait=10" } });
  assert.equal(batch.json.counts?.succeeded ?? batch.json.items.length, 2, batch.text);
});
