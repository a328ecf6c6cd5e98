// The calendar as a file, read by a library that is not ours.
import assert from "node:assert/strict";
import { test } from "node:test";
import ICAL from "ical.js";
import { api, assertProblem, base, hour, newContent, newResource, raw, signIn } from "../support.mjs";

const create = async (event) => {
  const made = await api("POST", "/events?on_conflict=keep_both", { version_no: 1, duration_s: 3600, ...event });
  assert.equal(made.status, 201, made.text);
  return made.json;
};

async function file(query) {
  const reply = await api("GET", `/calendar.ics?${new URLSearchParams(query)}`);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.headers.get("content-type"), "text/calendar; charset=utf-8");
  assert.equal(reply.text.replaceAll("\r\n", "").match(/[\r\n]/), null, "lines end with CR LF");
  for (const line of reply.text.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 75, line);
  const calendar = new ICAL.Component(ICAL.parse(reply.text));
  for (const zone of calendar.getAllSubcomponents("vtimezone"))
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  return calendar;
}
const utc = (time) => time.toJSDate().toISOString().replace(".000", "");

test("a single event: every property, whatever its title holds", async () => {
  const content_id = await newContent();
  const title = `Åäö; a, b\\c 🎈 ${"ö".repeat(70)} "x"`;
  const hall = await newResource("venue");
  const made = await create({ content_id, starts_at: hour(24 * 400), title, resources: [hall], schedule_type: "training" });
  const changed = await api("PATCH", `/events/${made.id}`, { priority: 1 });
  assert.equal(changed.status, 200);
  const query = { from: "2032-01-01", to: "2032-04-01", content_id };
  const [event] = (await file(query)).getAllSubcomponents("vevent");
  assert.equal(event.getFirstPropertyValue("summary"), title);
  assert.equal(utc(event.getFirstPropertyValue("dtstart")), made.starts_at);
  assert.equal(utc(event.getFirstPropertyValue("dtend")), made.ends_at);
  assert.equal(event.getFirstPropertyValue("sequence"), 2);
  assert.equal(event.getFirstPropertyValue("status"), "CONFIRMED");
  assert.equal(event.getFirstPropertyValue("categories"), "training");
  assert.match(event.getFirstPropertyValue("location"), /^venue-/);
  const uid = event.getFirstPropertyValue("uid");
  assert.match(uid, new RegExp(`^event-${made.id}-[0-9a-f]{12}@tranche$`));
  await api("DELETE", `/events/${made.id}`);
  const [gone] = (await file(query)).getAllSubcomponents("vevent");
  assert.deepEqual([gone.getFirstPropertyValue("uid"), gone.getFirstPropertyValue("status")], [uid, "CANCELLED"]);
});

// Not at the very hours when the clocks change: there ical.js leaves RFC 5545, 3.3.5.
test("a recurring event comes to the same occurrences as here, over changes of the clocks", async () => {
  const content_id = await newContent();
  const made = await create({
    content_id, title: "Weekly", local_start: "2031-10-05T09:30:00", timezone: "Europe/Stockholm", duration_s: 1800,
    recurrence: "FREQ=WEEKLY;COUNT=30", exdates: ["2031-10-12T09:30:00"], rdates: ["2031-11-05T12:00:00"],
    overrides: {
      "2031-10-12T09:30:00": { title: "Left out" },
      "2031-11-02T09:30:00": { local_start: "2031-11-02T12:00:00", duration_s: 7200, title: "Moved" },
    },
  });
  const range = { from: "2031-10-01", to: "2032-07-01", content_id };
  const ours = [];
  for (let after = ""; after !== null; ) {
    const { json } = await api("GET", `/calendar?${new URLSearchParams({ ...range, after, limit: 20 })}`);
    ours.push(...json.items.map((item) => `${item.starts_at} ${item.ends_at} ${item.title}`));
    after = json.next;
  }
  assert.equal(ours.length, 30);
  const calendar = await file(range);
  const [main, ...own] = calendar.getAllSubcomponents("vevent");
  assert.equal(own.length, 1);
  assert.equal(own[0].getFirstPropertyValue("uid"), main.getFirstPropertyValue("uid"));
  const series = new ICAL.Event(main, { exceptions: own });
  const theirs = [];
  for (const walk = series.iterator(), next = () => walk.next(), at = {}; (at.time = next()); ) {
    const { startDate, endDate, item } = series.getOccurrenceDetails(at.time);
    theirs.push(`${utc(startDate)} ${utc(endDate)} ${item.summary}`);
  }
  assert.deepEqual(theirs.sort(), ours.sort());
  assert.ok(made.id);
});

test("a series without a zone recurs in UTC; one with a day as its end says the instant", async () => {
  const content_id = await newContent();
  await create({ content_id, starts_at: "2031-11-01T09:00:00Z", recurrence: "FREQ=DAILY;UNTIL=20311105", title: "U" });
  const [event] = (await file({ from: "2031-11-01", to: "2031-12-01", content_id })).getAllSubcomponents("vevent");
  const walk = new ICAL.Event(event).iterator();
  const starts = [];
  for (let time; (time = walk.next()); ) starts.push(utc(time));
  assert.deepEqual(starts.map((start) => start.slice(8, 16)), ["01T09:00", "02T09:00", "03T09:00", "04T09:00", "05T09:00"]);
});

test("each event once, page after page; a range of its own without one", async () => {
  const content_id = await newContent();
  const items = Array.from({ length: 700 }, (_, i) => ({ content_id, version_no: 1, starts_at: hour(24 * 500 + i), duration_s: 60 }));
  const job = await api("POST", "/schedules/bulk", { items }, { headers: { prefer: "wait=20" } });
  assert.equal(job.status, 200, job.text);
  const uids = (await file({ from: "2032-05-01", to: "2032-08-01", content_id })).getAllSubcomponents("vevent")
    .map((event) => event.getFirstPropertyValue("uid"));
  assert.equal(uids.length, 700);
  assert.equal(new Set(uids).size, 700);
  assert.equal((await file({ content_id })).getAllSubcomponents("vevent").length, 0);
});

test("a session may fetch it, a secret in the address may not", async () => {
  const { cookie } = await signIn("author");
  assert.equal((await raw("GET", "/api/v1/calendar.ics", { headers: { cookie } })).status, 200);
  assertProblem(await api("GET", `/calendar.ics?token=${process.env.TOKEN}`, undefined, { token: null }), 401, "not_authenticated");
  assertProblem(await api("GET", "/calendar.ics?from=2031-01-01&to=2033-01-01"), 422, "validation_failed", "/to");
  assert.ok(base);
});
