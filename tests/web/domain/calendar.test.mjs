// The calendar: occurrences by start, their conflicts, who sees what.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, assertProblem, hour, newContent, newResource, tokenOf } from "../support.mjs";

const day = (number) => hour(24 * number).slice(0, 10);
const create = async (event) => {
  const made = await api("POST", "/events?on_conflict=keep_both", { version_no: 1, duration_s: 3600, ...event });
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const list = async (query, options) => {
  const reply = await api("GET", `/calendar?${new URLSearchParams(query)}`, undefined, options);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};

test("occurrences in a range, page by page, as the filters say", async () => {
  const venue = await newResource("venue", { overlap: "soft" });
  const content_id = await newContent();
  const ids = [];
  for (let i = 0; i < 5; i++)
    ids.push((await create({ content_id, starts_at: hour(24 * 200 + 2 * i), resources: [venue], title: `No. ${i}` })).id);
  const range = { from: day(200), to: day(201), content_id, limit: 2 };
  const seen = [];
  for (let after = ""; after !== null; ) {
    const page = await list({ ...range, after });
    seen.push(...page.items.map((item) => item.event_id));
    after = page.next;
    assert.ok(seen.length <= 5);
  }
  assert.deepEqual(seen, ids);
  assert.equal((await list({ ...range, text: "no. 3" })).items[0].event_id, ids[3]);
  assert.equal((await list({ ...range, resource_id: venue, status: "cancelled" })).items.length, 0);
  const late = await list({ ...range, from: hour(24 * 200 + 2.5) });
  assert.deepEqual(late.items.map((item) => item.event_id), ids.slice(1, 3), "what goes on at the beginning is there");
});

test("days begin in the zone that is asked for", async () => {
  const content_id = await newContent();
  const { id } = await create({ content_id, starts_at: hour(24 * 210 - 2), duration_s: 600 });
  const of = (timezone) => list({ from: day(210), to: day(211), content_id, ...(timezone ? { timezone } : {}) });
  assert.equal((await of()).items.length, 0);
  assert.equal((await of("Asia/Tokyo")).items[0].event_id, id);
});

test("a conflict is told with the one it is with", async () => {
  const venue = await newResource("venue", { overlap: "soft" });
  const first = await create({ content_id: await newContent(), starts_at: hour(24 * 220), resources: [venue], title: "First" });
  const second = await create({ content_id: await newContent(), starts_at: hour(24 * 220 + 0.5), resources: [venue] });
  const { items } = await list({ from: day(220), to: day(221), resource_id: venue });
  assert.deepEqual(items.map((item) => [item.event_id, item.conflict_count]), [[first.id, 1], [second.id, 1]]);
  assert.deepEqual(items[1].conflicts, [{
    kind: "resource_overlap", severity: "soft", event_id: first.id, title: "First",
    starts_at: first.starts_at, ends_at: first.ends_at, resource_id: venue,
  }]);
});

test("an event tells of all conflicts that lie ahead of it, however far", async () => {
  const venue = await newResource("venue", { overlap: "soft" });
  const series = await create({
    content_id: await newContent(), starts_at: hour(24 * 225), resources: [venue], recurrence: "FREQ=DAILY;COUNT=60",
  });
  const seen = async (id) => (await api("GET", `/events/${id}`)).json;
  assert.deepEqual([(await seen(series.id)).conflict_count, (await seen(series.id)).conflicts], [0, []]);
  const other = await create({ content_id: await newContent(), starts_at: hour(24 * 280 + 0.5), resources: [venue], title: "Far" });
  const now = await seen(series.id);
  assert.equal(now.conflict_count, 1);
  assert.deepEqual(now.conflicts, [{
    kind: "resource_overlap", severity: "soft", event_id: other.id, title: "Far", starts_at: other.starts_at,
    ends_at: other.ends_at, resource_id: venue, occurrence_at: hour(24 * 280),
  }]);
  assert.equal((await seen(other.id)).conflicts[0].event_id, series.id);
});

test("a restriction that came later stands in the way, too", async () => {
  const person = await newResource("person");
  const made = await create({ content_id: await newContent(), starts_at: hour(24 * 225), assignees: [person] });
  const rule = await api("POST", "/restrictions", {
    resource_id: person, from: hour(24 * 225 - 5), to: hour(24 * 225 + 5), level: "hard", reason: "On leave",
  });
  assert.equal(rule.status, 201, rule.text);
  const { items } = await list({ from: day(225), to: day(226), assignee_id: person });
  assert.deepEqual([items[0].event_id, items[0].conflict_count], [made.id, 1]);
  const [conflict] = items[0].conflicts;
  assert.deepEqual([conflict.kind, conflict.severity, conflict.event_id, conflict.title], ["compliance", "hard", null, ""]);
});

test("a wall time that is skipped or comes twice is flagged", async () => {
  const content_id = await newContent();
  const at = (local_start) => create({ content_id, local_start, timezone: "Europe/Stockholm", duration_s: 60 });
  await at("2031-03-30T02:30:00");
  await at("2031-10-26T02:30:00");
  const { items } = await list({ from: "2031-03-01", to: "2031-12-01", content_id });
  assert.deepEqual(items.map((item) => item.flag), ["gap", "fold"]);
});

test("what cannot be understood is named", async () => {
  const bad = (query, code, pointer, status = 422) => async () =>
    assertProblem(await api("GET", `/calendar?${query}`), status, code, pointer);
  await bad("", "validation_failed", "/from")();
  await bad("from=2031-01-01&to=2032-01-10", "validation_failed", "/to")();
  await bad("from=2031-01-02&to=2031-01-01", "validation_failed", "/to")();
  await bad("from=soon&to=2031-01-01", "validation_failed", "/from")();
  await bad("from=2031-01-01&to=2031-01-02&timezone=../etc/passwd", "validation_failed", "/timezone")();
  await bad("from=2031-01-01&to=2031-01-02&colour=red", "validation_failed", "/colour")();
  for (const after of ["1", "1.2.3", "a.0.1.1", "1.0.1.1.1", "-5.0.1.1", "99999999999999999999.0.1.1"])
    await bad(`from=2031-01-01&to=2031-01-02&after=${after}`, "invalid_value")();
  await bad("from=2031-01-01&to=2031-01-02&limit=501", "invalid_value", undefined, 422)();
});

test("nobody sees it without signing in; an author sees it too", async () => {
  assertProblem(await api("GET", `/calendar?from=${day(0)}&to=${day(1)}`, undefined, { token: null }), 401, "not_authenticated");
  await list({ from: day(0), to: day(1) }, { token: await tokenOf("author") });
});
