// Conditions of events, and what becomes of events whose moment has come.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, assertProblem, raw, signIn, sql } from "../support.mjs";

const inSeconds = (s) => new Date(Date.now() + s * 1000).toISOString().slice(0, 19) + "Z";
const wait = { headers: { prefer: "wait=10" } };

async function contentWith(versions, title) {
  const { json } = await api("POST", "/contents", { title });
  for (let i = 0; i < versions; i++) await api("POST", `/contents/${json.id}/versions`, { body: { approved: i === 1 } });
  return json.id;
}

// Other suites may have ticked as often as the site lets them.
async function tickUntil(what) {
  for (let i = 0; i < 50; i++) {
    sql("DELETE FROM tr_throttle");
    assert.equal((await api("POST", "/tick?time_budget_ms=5000")).status, 200);
    if (await what()) return;
  }
  throw new Error("not after 50 ticks");
}

test("an evaluation tells which parts of the conditions do not hold", async () => {
  const content_id = await contentWith(2, "Conditions of an evaluation");
  const event = { content_id, version_no: 1, starts_at: "2031-01-01T09:00:00Z" };
  const conditions = { and: [{ "==": [{ var: "version.body.approved" }, true] }, { "<": [{ var: "content.live_version" }, 5] }] };
  const { status, json } = await api("POST", "/schedules/evaluate",
    { items: [{ ...event, conditions }, { ...event, version_no: 2, starts_at: "2031-02-01T09:00:00Z", conditions }] }, wait);
  assert.equal(status, 200);
  const [blocked, ready] = json.items;
  assert.equal(blocked.verdict, "blocked");
  assert.deepEqual(blocked.conditions, { result: false, failed: [{
    pointer: "/conditions/and/0", text: "version.body.approved = true",
    rule: { "==": [{ var: "version.body.approved" }, true] }, values: { "version.body.approved": false } }] });
  assert.equal(blocked.errors[0].code, "conditions_not_met");
  assert.deepEqual([ready.verdict, ready.conditions], ["ready", { result: true, failed: [] }]);
});

test("bad conditions are refused where they are wrong", async () => {
  const event = { content_id: 1, starts_at: "2031-01-01T09:00:00Z" };
  const deep = JSON.parse('{"!":'.repeat(40) + "1" + "}".repeat(40));
  for (const [conditions, code, pointer] of [
    [{ and: [{ equals: [1, 1] }] }, "unknown_operator", "/conditions/and/0/equals"],
    [["a"], "invalid_type", "/conditions"],
    [{ "==": [1, 1], "!": 0 }, "invalid_value", "/conditions"],
    [{ cat: ["x".repeat(9000)] }, "too_long", "/conditions"],
  ]) assertProblem(await api("POST", "/events", { ...event, conditions }), 422, code, pointer);
  assert.ok((await api("POST", "/events", { ...event, conditions: deep })).status >= 400);
});

test("what is due happens by a tick: the version goes live, the batch is the program's", async () => {
  const now = await contentWith(3, "Goes live"), never = await contentWith(2, "Never");
  const made = await api("POST", "/schedules/bulk", { items: [
    { content_id: now, version_no: 2, starts_at: inSeconds(-20) },
    { content_id: never, starts_at: inSeconds(-20), conditions: { var: "attributes.ok" } },
    { content_id: never, version_no: 1, starts_at: inSeconds(-8000) }] }, wait);
  assert.deepEqual(made.json.items.map((item) => item.outcome), ["succeeded", "succeeded", "succeeded"], JSON.stringify(made.json));
  assert.equal(made.json.items[0].warnings[0].code, "starts_in_past");
  const statuses = async () => (await Promise.all(made.json.items.map((item) => api("GET", `/events/${item.event_id}`)))).map((reply) => reply.json.status);
  await tickUntil(async () => (await statuses()).filter((status) => status === "scheduled").length < 2);
  assert.deepEqual(await statuses(), ["completed", "scheduled", "missed"]);
  assert.equal((await api("GET", `/contents/${now}`)).json.live_version, 2);
  assert.equal((await api("GET", `/contents/${never}`)).json.live_version, null);
  const { json } = await api("GET", "/batch?type=activate&limit=1");
  const [batch] = json.items;
  assert.deepEqual([batch.type, batch.created_by], ["activate", { id: 0, name: "Tranche" }]);
  assertProblem(await api("POST", `/batch/${batch.id}/undo`, {}), 409, "not_undoable");
  const results = await api("GET", `/batch/${batch.id}/items`);
  assert.ok(results.json.items.some((item) => item.errors.some((error) => error.code === "event_missed")), results.text);
  assert.ok((await api("GET", "/audit?action=event.missed")).json.items.length > 0);
  const { cookie } = await signIn("admin");
  for (const page of [`/jobs/${batch.id}`, "/jobs?type=activate", `/events/${made.json.items[1].event_id}`, "/help/conditions.html"]) {
    const reply = await raw("GET", page, { headers: { cookie } });
    assert.equal(reply.status, 200, page);
    if (page.startsWith("/events/")) assert.match(reply.text, /Happens only if.*attributes\.ok/s);
  }
});

test("nobody makes such a batch himself", async () => {
  assertProblem(await api("POST", "/batch", { type: "activate", items: [{ event_id: 1 }] }), 422, "invalid_value", "/type");
});
