// Series through the API: what is taken, what is refused, and the three scopes of a change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, newContent, newResource, unique } from "../support.mjs";

const create = (event) => api("POST", "/events", event);
const patch = (id, values, options) => api("PATCH", `/events/${id}`, values, options);
// A series of its own content, so that it meets nothing.
const weekly = async (more = {}) => create({
  content_id: await newContent(), timezone: "Europe/Stockholm", local_start: "2031-02-03T10:00:00", duration_s: 3600,
  title: "Weekly", recurrence: "FREQ=WEEKLY;COUNT=8", ...more,
});

const results = async (id) => (await api("GET", `/batch/${id}/items`)).json.items;

test("a rule is kept in its normal form, with the exceptions of the series", async () => {
  const { status, json, text } = await weekly({
    recurrence: "rrule:wkst=mo;byday=mo;freq=weekly", exdates: ["2031-02-10T10:00"], rdates: ["2031-02-11T12:00"],
    overrides: { "2031-02-17T10:00": { title: "Outside" } },
  });
  assert.equal(status, 201, text);
  assert.equal(json.recurrence, "FREQ=WEEKLY;BYDAY=MO");
  assert.deepEqual(json.exdates, ["2031-02-10T10:00:00"]);
  assert.deepEqual(json.rdates, ["2031-02-11T12:00:00"]);
  assert.deepEqual(json.overrides, { "2031-02-17T10:00:00": { title: "Outside" } });
});

test("each kind of rule that is refused has its code, at its place, with a suggestion", async () => {
  const cases = {
    "FREQ=DAILY;COUNT=2;UNTIL=20320101": "recurrence_invalid",
    "FREQ=WEEKLY;BYDAY=9XX": "recurrence_invalid",
    "FREQ=YEARLY;BYWEEKNO=20": "recurrence_ambiguous",
    "FREQ=SECONDLY": "recurrence_not_supported",
    "FREQ=MINUTELY;INTERVAL=30": "recurrence_not_supported",
    "FREQ=DAILY;COUNT=1000000": "recurrence_not_supported",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": "recurrence_empty",
    "FREQ=HOURLY;INTERVAL=2;BYHOUR=9": "recurrence_too_expensive",
  };
  for (const [recurrence, code] of Object.entries(cases)) {
    const reply = await weekly({ recurrence });
    assertProblem(reply, 422, code);
    assert.equal(reply.json.errors[0].pointer, "/recurrence");
    assert.ok(reply.json.errors[0].suggestion);
  }
});

test("a start that is no occurrence is refused with the first one, or moved there", async () => {
  const refused = await weekly({ recurrence: "FREQ=WEEKLY;BYDAY=WE" });
  assertProblem(refused, 422, "start_not_in_recurrence");
  assert.match(refused.json.errors[0].suggestion, /2031-02-05T10:00:00/);
  const moved = await weekly({ recurrence: "FREQ=WEEKLY;BYDAY=WE", normalise: true });
  assert.equal(moved.status, 201, moved.text);
  assert.equal(moved.json.local_start, "2031-02-05T10:00:00");
  assert.equal(moved.json.starts_at, "2031-02-05T09:00:00Z");
});

test("one occurrence is changed, left out and brought back", async () => {
  const { json: { id } } = await weekly();
  const occurrence = "2031-02-17T10:00:00";
  const changed = await patch(id, { scope: "this", occurrence, local_start: "2031-02-18T12:00", title: "Moved", duration_s: 60 });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(changed.json.overrides, { [occurrence]: { local_start: "2031-02-18T12:00:00", title: "Moved", duration_s: 60 } });
  assert.equal(changed.json.title, "Weekly");
  const out = await patch(id, { scope: "this", occurrence, status: "cancelled" });
  assert.deepEqual([out.json.exdates, out.json.status], [[occurrence], "scheduled"]);
  const back = await patch(id, { scope: "this", occurrence, status: "scheduled", title: null, duration_s: 3600, local_start: occurrence });
  assert.deepEqual([back.json.exdates, back.json.overrides], [[], {}]);
  assert.equal((await patch(id, { scope: "this", occurrence, title: null })).json.row_version, back.json.row_version);
});

test("what is no occurrence, or the same for all, is refused", async () => {
  const { json: { id } } = await weekly();
  const refused = async (values, code, pointer) => {
    const reply = await patch(id, values);
    assertProblem(reply, 422, code);
    if (pointer) assert.equal(reply.json.errors[0].pointer, pointer);
  };
  await refused({ scope: "this", occurrence: "2031-02-18T10:00:00", title: "x" }, "no_such_occurrence", "/occurrence");
  await refused({ scope: "this", title: "x" }, "required", "/occurrence");
  await refused({ scope: "this", occurrence: "soon", title: "x" }, "invalid_time", "/occurrence");
  await refused({ scope: "some", title: "x" }, "invalid_value", "/scope");
  await refused({ scope: "this", occurrence: "2031-02-10T10:00:00", priority: 3 }, "invalid_value", "/values/priority");
  await refused({ scope: "following", occurrence: "2031-02-18T10:00:00", title: "x" }, "no_such_occurrence");
  await refused({ scope: "following", title: "x" }, "required", "/occurrence");
});

test("this and following: the series ends, a new event carries on", async () => {
  const { json: old } = await weekly({ exdates: ["2031-02-10T10:00", "2031-03-10T10:00"], overrides: { "2031-03-03T10:00": { title: "x" } } });
  const reply = await patch(old.id, { scope: "following", occurrence: "2031-02-24T10:00:00", local_start: "2031-02-24T11:00", title: "Later" });
  assert.equal(reply.status, 200, reply.text);
  assert.notEqual(reply.json.id, old.id);
  assert.equal(reply.json.recurrence, "FREQ=WEEKLY;COUNT=5");
  assert.deepEqual(reply.json.exdates, ["2031-03-10T11:00:00"]);
  assert.deepEqual(reply.json.overrides, { "2031-03-03T11:00:00": { title: "x" } });
  const ended = (await api("GET", `/events/${old.id}`)).json;
  assert.deepEqual([ended.recurrence, ended.title, ended.exdates, ended.overrides],
    ["FREQ=WEEKLY;COUNT=3", "Weekly", ["2031-02-10T10:00:00"], {}]);
});

test("from the first occurrence on it is the whole series; cancelled, nothing carries on", async () => {
  const { json: { id } } = await weekly({ recurrence: "FREQ=WEEKLY" });
  const all = await patch(id, { scope: "following", occurrence: "2031-02-03T10:00:00", title: "All" });
  assert.deepEqual([all.json.id, all.json.title], [id, "All"]);
  const ended = await patch(id, { scope: "following", occurrence: "2031-02-24T10:00:00", status: "cancelled" });
  assert.deepEqual([ended.json.id, ended.json.recurrence, ended.json.status],
    [id, "FREQ=WEEKLY;UNTIL=20310224T095959", "scheduled"]);
});

test("a division that collides leaves everything as it was", async () => {
  const venue = await newResource();
  await create({ content_id: await newContent(), starts_at: "2031-02-24T12:00:00Z", duration_s: 3600, resources: [venue] });
  const { json: { id } } = await weekly({ resources: [venue] });
  const reply = await patch(id, { scope: "following", occurrence: "2031-02-24T10:00:00", local_start: "2031-02-24T13:00" });
  assertProblem(reply, 409, "resource_overlap");
  const now = (await api("GET", `/events/${id}`)).json;
  assert.deepEqual([now.recurrence, now.row_version], ["FREQ=WEEKLY;COUNT=8", 1]);
});

test("a batch divides series, names both parts, and its undo joins them again", async () => {
  const { json: { id } } = await weekly();
  const item = { selector: { event_id: id }, scope: "following", occurrence: "2031-02-24T10:00:00", values: { title: "Later", local_start: "2031-02-24T11:00" } };
  const job = (await api("PUT", "/schedules/bulk", { items: [item] })).json;
  await advanceToEnd(job.id);
  const [result] = await results(job.id);
  assert.deepEqual([result.outcome, result.event_id], ["succeeded", id]);
  const next = (await api("GET", `/events/${result.following_event_id}`)).json;
  assert.deepEqual([next.title, next.local_start, next.recurrence], ["Later", "2031-02-24T11:00:00", "FREQ=WEEKLY;COUNT=5"]);
  assert.equal((await api("GET", `/events/${id}`)).json.recurrence, "FREQ=WEEKLY;COUNT=3");
  assert.equal((await api("POST", `/batch/${job.id}/undo`)).status, 202);
  await advanceToEnd(job.id);
  assert.equal((await api("GET", `/events/${id}`)).json.recurrence, "FREQ=WEEKLY;COUNT=8");
  assert.equal((await api("GET", `/events/${next.id}`)).status, 404);
});

test("a batch leaves out single occurrences, and its undo brings them back", async () => {
  const { json: { id } } = await weekly();
  const items = ["2031-02-10T10:00:00", "2031-02-24T10:00:00", "2031-02-25T10:00:00"].map((occurrence) => (
    { selector: { event_id: id }, scope: "this", occurrence, values: { status: "cancelled" } }));
  const job = (await api("PUT", "/schedules/bulk", { items })).json;
  await advanceToEnd(job.id);
  const outcomes = (await results(job.id)).map((item) => item.errors?.[0]?.code ?? item.outcome);
  assert.deepEqual(outcomes, ["succeeded", "succeeded", "no_such_occurrence"]);
  assert.deepEqual((await api("GET", `/events/${id}`)).json.exdates, ["2031-02-10T10:00:00", "2031-02-24T10:00:00"]);
  assert.equal((await api("POST", `/batch/${job.id}/undo`)).status, 202);
  await advanceToEnd(job.id);
  assert.deepEqual((await api("GET", `/events/${id}`)).json.exdates, []);
});

test("a CSV has the columns of series", async () => {
  const content = await newContent(), name = unique("series");
  const { json: job } = await api("POST", "/batch?type=create", [
    "client_id,content_id,timezone,local_start,recurrence,exdates,rdates",
    `${name},${content},Europe/Stockholm,2031-02-03T10:00,FREQ=WEEKLY;COUNT=8,2031-02-10T10:00 2031-02-17T10:00,2031-02-11T10:00`,
  ].join("\n"), { headers: { "content-type": "text/csv" } });
  await advanceToEnd(job.id);
  const [item] = await results(job.id);
  assert.equal(item.outcome, "succeeded", JSON.stringify(item));
  const { json } = await api("GET", `/events/${item.event_id}`);
  assert.deepEqual([json.exdates, json.rdates], [["2031-02-10T10:00:00", "2031-02-17T10:00:00"], ["2031-02-11T10:00:00"]]);
});
