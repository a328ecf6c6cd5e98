// bulkCreate, bulkUpdate, bulkEvaluate, batchCheckForConflicts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, unique } from "./support.mjs";

const wait = { headers: { prefer: "wait=10" } };
const bulk = (items, options = {}, call = wait) => api("POST", "/schedules/bulk", { items, options }, call);
const outcomes = (reply) => reply.json.items.map((item) => item.outcome);

test("bulkCreate answers 202 with Location, status, Retry-After and ETag", async () => {
  const content_id = await newContent();
  const reply = await bulk([{ content_id, version_no: 1, starts_at: hour(200) }], {}, {});
  assert.equal(reply.status, 202, reply.text);
  assert.equal(reply.headers.get("location"), `/api/v1/batch/${reply.json.id}`);
  assert.ok(Number(reply.headers.get("retry-after")) >= 1);
  assert.match(reply.headers.get("etag"), /^W\/"[0-9a-f]{16}"$/);
  assert.equal(reply.json.status, "queued");
  assert.equal(reply.json.total, 1);
  const end = await advanceToEnd(reply.json.id);
  assert.equal(end.status, "succeeded");
  assert.equal(end.percent, 100);
  assert.equal(end.counts.succeeded, 1);
});

test("with Prefer: wait the same request finishes it and answers with results", async () => {
  const content_id = await newContent();
  const items = Array.from({ length: 150 }, (_, i) => ({ client_id: unique(), content_id, version_no: 1, starts_at: hour(300 + i) }));
  const reply = await bulk(items, {}, { headers: { prefer: "wait=20" }, toEnd: false });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.headers.get("preference-applied"), "wait=20");
  assert.equal(reply.json.counts.succeeded, 150);
  assert.equal(reply.json.items.length, 100);
  assert.equal(reply.json.next, 99);
  assert.match(reply.headers.get("link"), /^<.*after=99&limit=100>; rel="next"$/);
  assert.deepEqual(reply.json.items[7].client_id, items[7].client_id);
  const zero = await bulk([{ content_id, version_no: 1, starts_at: hour(299) }], {}, { headers: { prefer: "respond-async, wait=0" } });
  assert.equal(zero.status, 202);
  assert.equal(zero.headers.get("preference-applied"), "wait=0");
});

test("a list alone is a body too", async () => {
  const content_id = await newContent();
  const reply = await api("POST", "/schedules/bulk", [{ content_id, version_no: 1, starts_at: hour(210) }], wait);
  assert.deepEqual(outcomes(reply), ["succeeded"], reply.text);
});

test("each item gets its own outcome, with all its reasons", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const good = { content_id, version_no: 1, starts_at: hour(220), duration_s: 3600, resources: [venue] };
  const reply = await bulk([
    good,
    { content_id, starts_at: "2026-02-30T00:00:00Z", duration_s: -1 },
    { content_id: 99999999, starts_at: hour(221) },
    { ...good, starts_at: hour(220.5) },
    { ...good, version_no: 2, starts_at: hour(220.9), resources: [] },
    { ...good, colour: "red" },
    "not an event",
    { ...good, starts_at: hour(222) },
  ]);
  assert.deepEqual(outcomes(reply), ["succeeded", "failed", "failed", "failed", "failed", "failed", "failed", "succeeded"]);
  const codes = reply.json.items.map((item) => item.errors.map((error) => error.code));
  assert.deepEqual(codes[1].sort(), ["invalid_time", "out_of_range"]);
  assert.deepEqual(codes[2], ["content_not_found"]);
  assert.equal(reply.json.items[3].conflicts[0].kind, "resource_overlap");
  assert.equal(reply.json.items[4].conflicts[0].kind, "version_window");
  assert.equal(reply.json.items[4].conflicts[0].existing_version, 1);
  assert.equal(reply.json.items[4].conflicts[0].requested_version, 2);
  assert.deepEqual(codes[5], ["unknown_field"]);
  assert.equal(reply.json.status, "partial");
  assert.equal(reply.json.counts.failed, 6);
  const groups = Object.fromEntries(reply.json.errors.map((error) => [error.code, error.count]));
  assert.equal(groups.content_not_found, 1);
});

test("one malformed item does not sink its neighbours", async () => {
  const content_id = await newContent();
  const item = (at) => JSON.stringify({ content_id, version_no: 1, starts_at: hour(at) });
  const reply = await api("POST", "/schedules/bulk", `[${item(230)}, {"content_id": ${content_id},, "x"}, ${item(232)}]`, wait);
  assert.deepEqual(outcomes(reply), ["succeeded", "failed", "succeeded"], reply.text);
  assert.equal(reply.json.items[1].errors[0].code, "malformed_json");
});

test("a body whose framing is broken is 400 and nothing of it runs", async () => {
  const content_id = await newContent();
  const item = JSON.stringify({ content_id, version_no: 1, starts_at: hour(240) });
  for (const body of [`[${item}, {"content_id": `, `{"items": [${item}]`, `[${item}]]`, "", "nonsense", `{"items": 7}`])
    assert.ok([400, 422].includes((await api("POST", "/schedules/bulk", body, wait)).status), body);
  const events = await api("GET", `/events?content_id=${content_id}`);
  assert.equal(events.json.items.length, 0);
});

test("options that are unknown, wrong or of a later version are refused by name", async () => {
  const items = [{ content_id: 1, starts_at: hour(250) }];
  const code = async (options) => {
    const reply = await bulk(items, options);
    assert.equal(reply.status, 422, reply.text);
    return [reply.json.errors[0].pointer, reply.json.errors[0].code];
  };
  assert.deepEqual(await code({ colour: 1 }), ["/options/colour", "unknown_option"]);
  assert.deepEqual(await code({ chunk_size: 0 }), ["/options/chunk_size", "out_of_range"]);
  assert.deepEqual(await code({ chunk_size: "many" }), ["/options/chunk_size", "invalid_type"]);
  assert.equal((await code({ atomic: true, on_conflict: "ask" }))[1], "atomic_cannot_ask");
  assert.deepEqual(await code({ notify: {} }), ["/options/notify/webhook_id", "invalid_type"]);
  const several = await bulk(items, { chunk_size: 0, colour: 1, priority: 99 });
  assertProblem(several, 422, "validation_failed");
  assert.deepEqual(several.json.errors.map((error) => `${error.pointer} ${error.code}`),
    ["/options/chunk_size out_of_range", "/options/colour unknown_option", "/options/priority out_of_range"]);
  assertProblem(await api("POST", "/schedules/bulk", { items, surprise: 1 }), 422, "unknown_field");
});

test("on_conflict shift and replace make room, and say so", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const at = (n) => ({ content_id, version_no: 1, starts_at: hour(n), duration_s: 3600, resources: [venue] });
  const first = await bulk([at(400)]);
  const shifted = await bulk([at(400)], { on_conflict: "shift" });
  assert.equal(shifted.json.items[0].outcome, "succeeded", shifted.text);
  assert.deepEqual(shifted.json.items[0].resolution, { action: "shift", from: hour(400), to: hour(401) });
  assert.equal(shifted.json.items[0].warnings[0].code, "shifted");
  assert.equal(shifted.json.options.ordered, true);
  const replaced = await bulk([at(400)], { on_conflict: "replace", reason: "The hall was promised" });
  const event_id = first.json.items[0].event_id;
  assert.deepEqual(replaced.json.items[0].resolution, { action: "replace", replaced: [event_id], reason: "The hall was promised" });
  const old = await api("GET", `/events/${event_id}`);
  assert.equal(old.json.status, "superseded");
  assert.equal(old.json.superseded_by, replaced.json.items[0].event_id);
  const single = await api("POST", "/events?on_conflict=shift", at(400));
  assert.equal(single.status, 201, single.text);
  assert.equal(single.json.starts_at, hour(402));
});

test("a dry run of shift and replace says what would happen", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const at = (n) => ({ content_id, version_no: 1, starts_at: hour(n), duration_s: 3600, resources: [venue] });
  const first = await bulk([at(420)]);
  const dry = await bulk([at(420), at(420)], { on_conflict: "shift", dry_run: true, chunk_size: 1 });
  assert.deepEqual(dry.json.items.map((item) => item.resolution.to), [hour(421), hour(422)]);
  const over = await bulk([at(420)], { on_conflict: "replace", dry_run: true });
  assert.deepEqual(over.json.items[0].resolution, { action: "replace", replaced: [first.json.items[0].event_id] });
  assert.equal((await api("GET", `/events/${first.json.items[0].event_id}`)).json.status, "scheduled");
});

test("an empty batch is refused", async () => {
  assertProblem(await bulk([]), 422, "empty_batch");
});

test("on_conflict skip skips, keep_both keeps soft conflicts only", async () => {
  const soft = await newResource("venue", { overlap: "soft" });
  const hard = await newResource();
  const content = await newContent();
  const at = (resources, number) => ({ content_id: content, version_no: 1, starts_at: hour(number), duration_s: 3600, resources });
  await bulk([at([soft], 260), at([hard], 270)]);
  assert.deepEqual(outcomes(await bulk([at([soft], 260), at([hard], 270)], { on_conflict: "skip" })), ["skipped", "skipped"]);
  assert.deepEqual(outcomes(await bulk([at([soft], 260), at([hard], 270)], { on_conflict: "keep_both" })), ["succeeded", "failed"]);
});

test("dry_run writes no event", async () => {
  const content_id = await newContent();
  const reply = await bulk([{ content_id, version_no: 1, starts_at: hour(280) }, { content_id, version_no: 9, starts_at: hour(281) }], { dry_run: true });
  assert.deepEqual(outcomes(reply), ["succeeded", "failed"], reply.text);
  assert.equal((await api("GET", `/events?content_id=${content_id}`)).json.items.length, 0);
});

test("50 parallel creators of one slot: exactly one wins", async () => {
  const venue = await newResource();
  const contents = await Promise.all(Array.from({ length: 5 }, () => newContent(1)));
  const replies = await Promise.all(Array.from({ length: 50 }, (_, i) =>
    api("POST", "/events", { content_id: contents[i % 5], version_no: 1, starts_at: hour(290), duration_s: 3600, resources: [venue] })));
  const statuses = replies.map((reply) => reply.status);
  assert.equal(statuses.filter((status) => status === 201).length, 1, statuses.join());
  assert.equal(statuses.filter((status) => status === 409).length, 49, statuses.join());
});

test("bulkUpdate changes by id, by client_id and by a query, and checks versions", async () => {
  const content_id = await newContent();
  const client_id = unique();
  const made = await bulk([
    { content_id, version_no: 1, starts_at: hour(400), duration_s: 60, client_id },
    { content_id, version_no: 1, starts_at: hour(402), duration_s: 60 },
    { content_id, version_no: 1, starts_at: hour(404), duration_s: 60 },
  ]);
  const ids = made.json.items.map((item) => item.event_id);
  const update = (items, options = {}) => api("PUT", "/schedules/bulk", { items, options }, wait);
  const first = await update([
    { selector: { event_id: ids[1] }, values: { title: "by id" }, expected_version: 1 },
    { selector: { client_id }, values: { starts_at: hour(410) } },
    { selector: { event_id: ids[2] }, values: { title: "late" }, expected_version: 7 },
    { selector: { event_id: 99999999 }, values: { title: "nobody" } },
    { selector: { event_id: ids[1] }, values: { title: "by id" } },
  ]);
  assert.deepEqual(outcomes(first), ["succeeded", "succeeded", "failed", "failed", "unchanged"], first.text);
  assert.equal(first.json.items[2].errors[0].code, "stale_version");
  assert.equal(first.json.items[3].errors[0].code, "event_not_found");
  assert.equal((await api("GET", `/events/${ids[0]}`)).json.starts_at, hour(410));
  const all = await update([{ selector: { query: { content_id, status: "scheduled" } }, values: { priority: 5 } }]);
  assert.equal(all.json.total, 3, all.text);
  assert.equal(all.json.counts.succeeded, 3);
  const events = (await api("GET", `/events?content_id=${content_id}`)).json.items;
  assert.deepEqual(events.map((event) => event.priority), [5, 5, 5]);
  const none = await update([{ selector: { query: { content_id, status: "failed" } }, values: { priority: 6 } }]);
  assert.equal(none.status, 200, none.text);
  assert.equal(none.json.counts.succeeded, 0);
});

test("an update that would collide is refused and changes nothing", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const made = await bulk([420, 422].map((at) => ({ content_id, version_no: 1, starts_at: hour(at), duration_s: 3600, resources: [venue] })));
  const id = made.json.items[1].event_id;
  const reply = await api("PUT", "/schedules/bulk", { items: [{ selector: { event_id: id }, values: { starts_at: hour(420.5) } }] }, wait);
  assert.deepEqual(outcomes(reply), ["failed"]);
  assert.equal(reply.json.items[0].conflicts[0].kind, "resource_overlap");
  assert.equal((await api("GET", `/events/${id}`)).json.starts_at, hour(422));
});

test("bulkEvaluate gives a verdict with all reasons and writes no event", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const good = { content_id, version_no: 1, starts_at: hour(500), duration_s: 3600, resources: [venue] };
  const stored = await bulk([{ ...good, starts_at: hour(510) }]);
  const reply = await api("POST", "/schedules/evaluate", { items: [
    good,
    { ...good, starts_at: hour(510.5) },
    { ...good, version_no: 9, starts_at: hour(700) },
    { ...good, starts_at: hour(600) },
    { ...good, starts_at: hour(600.5) },
    { starts_at: "never" },
  ] }, wait);
  assert.equal(reply.status, 200, reply.text);
  const verdicts = reply.json.items.map((item) => item.verdict);
  assert.deepEqual([0, 1, 2, 4, 5].map((i) => verdicts[i]), ["ready", "conflict", "invalid", "conflict", "invalid"]);
  assert.equal(reply.json.items[1].conflict_count, 1);
  assert.equal(reply.json.items[1].conflicts[0].event_id, stored.json.items[0].event_id);
  assert.equal(reply.json.items[4].conflicts[0].ordinal, 3, "items of a batch see each other");
  assert.ok(reply.json.items[5].errors.length >= 2);
  const again = await api("POST", "/schedules/evaluate", [{ event_id: stored.json.items[0].event_id }], wait);
  assert.equal(again.json.items[0].verdict, "ready", again.text);
  assert.equal((await api("GET", `/events?content_id=${content_id}`)).json.items.length, 1);
});

test("batchCheckForConflicts tells the conflicts only", async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const good = { content_id, version_no: 1, starts_at: hour(520), duration_s: 3600, resources: [venue] };
  const reply = await api("POST", "/schedules/conflicts", { items: [good, { ...good, starts_at: hour(520.5) }] }, wait);
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.json.items[1].conflicts.map((conflict) => [conflict.kind, conflict.ordinal]), [["resource_overlap", 0]]);
  assert.equal((await api("GET", `/events?content_id=${content_id}`)).json.items.length, 0);
});

test("the contract of later job types is told apart from nonsense", async () => {
  for (const type of ["delete", "import", "undo", "template"])
    assertProblem(await api("POST", "/batch", { type }), 422, "not_available", "/type");
  assertProblem(await api("POST", "/batch", { type: "nonsense" }), 422, "invalid_value", "/type");
  assertProblem(await api("POST", "/batch", {}), 422, "required", "/type");
});
