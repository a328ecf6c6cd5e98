// Series against what is there: the occurrence that collides is named, and of those that race for a place one wins.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, newContent, newResource } from "../support.mjs";

const weekly = async (start, venue, more = {}) => ({
  content_id: await newContent(), timezone: "Europe/Stockholm", local_start: start, duration_s: 3600,
  recurrence: "FREQ=WEEKLY;COUNT=8", resources: [venue], ...more,
});
const items = async (id) => (await api("GET", `/batch/${id}/items`)).json.items;

test("a conflict says which occurrence meets which", async () => {
  const venue = await newResource();
  // Over the change of the clocks: from 30 March 2031 on an hour earlier in UTC.
  const first = await api("POST", "/events", await weekly("2031-03-03T10:00:00", venue));
  assert.equal(first.status, 201, first.text);
  const { json: job } = await api("POST", "/schedules/bulk", { items: [
    { content_id: await newContent(), starts_at: "2031-03-31T08:30:00Z", duration_s: 600, resources: [venue] },
    await weekly("2031-04-21T10:30:00", venue),
  ] });
  await advanceToEnd(job.id);
  const [once, series] = await items(job.id);
  assert.equal(once.outcome, "failed");
  assert.deepEqual(once.conflicts.map((c) => [c.kind, c.event_id, c.starts_at, c.ends_at]),
    [["resource_overlap", first.json.id, "2031-03-31T08:00:00Z", "2031-03-31T09:00:00Z"]]);
  assert.equal(series.outcome, "failed");
  assert.deepEqual(series.conflicts.map((c) => [c.starts_at, c.own_starts_at, c.occurrence]),
    [["2031-04-21T08:00:00Z", "2031-04-21T08:30:00Z", "2031-04-21T10:30:00"]]);
});

test("an evaluation counts and lists occurrences, and says where the horizon cut", async () => {
  const venue = await newResource();
  const { json: job } = await api("POST", "/schedules/evaluate", { items: [await weekly("2031-03-24T02:30:00", venue, { recurrence: "FREQ=DAILY" })],
    options: { list_occurrences: 7 } });
  await advanceToEnd(job.id);
  const [item] = await items(job.id);
  assert.equal(item.verdict, "ready");
  assert.equal(item.occurrences.truncated, true);
  assert.ok(item.occurrences.count >= 400, `${item.occurrences.count}`);
  assert.equal(item.occurrences.list.length, 7);
  assert.deepEqual(item.occurrences.list[6], { starts_at: "2031-03-30T01:30:00Z", local_start: "2031-03-30T02:30:00", flag: "gap" });
});

test("of series that race for one venue exactly one wins", async () => {
  const venue = await newResource();
  const events = await Promise.all(Array.from({ length: 8 }, (_, i) => weekly(`2031-09-${String(1 + 7 * (i % 4)).padStart(2, "0")}T10:00:00`, venue)));
  const replies = await Promise.all(events.map((event) => api("POST", "/events", event)));
  assert.equal(replies.filter((reply) => reply.status === 201).length, 1, replies.map((reply) => reply.status).join(" "));
  assert.ok(replies.every((reply) => [201, 409].includes(reply.status)));
});
