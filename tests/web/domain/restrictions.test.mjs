// Restrictions: managed by the API, and what they do to events.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, assertProblem, hour, newContent, newResource, signIn, tokenOf, unique } from "../support.mjs";

const idOf = (thing) => thing.id ?? thing;
const person = async () => idOf(await newResource("person"));
const restrict = (resource_id, more = {}) =>
  api("POST", "/restrictions", { resource_id, from: hour(0), to: hour(24), reason: "On leave", ...more });
const eventOf = async (assignee, more = {}) => ({
  content_id: idOf(await newContent()), starts_at: hour(2), duration_s: 3600, assignees: [assignee], ...more,
});

test("a restriction is made, read, listed, changed and deleted", async () => {
  const ada = await person();
  const bo = await person();
  const made = await restrict(ada, { schedule_types: ["training", "training", "publish"], tags: ["night shift"], alternatives: [bo] });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.get("location"), `/api/v1/restrictions/${made.json.id}`);
  assert.deepEqual(made.json.schedule_types, ["training", "publish"]);
  assert.deepEqual([made.json.level, made.json.tags, made.json.alternatives], ["hard", ["night shift"], [bo]]);
  const path = `/restrictions/${made.json.id}`;
  const changed = await api("PATCH", path, { level: "advisory", tags: [], to: hour(48) });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual([changed.json.level, changed.json.tags, changed.json.to, changed.json.reason], ["advisory", [], hour(48), "On leave"]);
  assert.deepEqual((await api("GET", path)).json, changed.json);
  const found = async (query) => (await api("GET", `/restrictions?resource_id=${ada}&${query}`)).json.items.length;
  assert.deepEqual([await found(""), await found(`from=${hour(48)}`), await found(`to=${hour(0)}`), await found(`from=${hour(47)}&to=${hour(90)}`)],
    [1, 0, 0, 1]);
  assert.equal((await api("DELETE", path)).status, 204);
  assertProblem(await api("GET", path), 404, "restriction_not_found");
  assertProblem(await api("DELETE", path), 404, "restriction_not_found");
});

test("pages are by key", async () => {
  const ada = await person();
  for (let i = 0; i < 3; i++) await restrict(ada, { from: hour(i * 24), to: hour(i * 24 + 1) });
  const first = (await api("GET", `/restrictions?resource_id=${ada}&limit=2`)).json;
  const rest = (await api("GET", `/restrictions?resource_id=${ada}&limit=2&after=${first.next}`)).json;
  assert.deepEqual([first.items.length, rest.items.length, rest.next], [2, 1, null]);
});

test("those that overlap are allowed, and told; so are events that are there", async () => {
  const ada = await person();
  assert.equal((await api("POST", "/events", await eventOf(ada))).status, 201);
  const one = await restrict(ada);
  const two = await restrict(ada, { from: hour(3), to: hour(30) });
  assert.deepEqual([one.json.overlapping, one.json.event_count], [[], 1]);
  assert.deepEqual([two.json.overlapping, two.json.event_count], [[one.json.id], 0]);
  const refused = await api("POST", "/events", await eventOf(ada, { starts_at: hour(4) }));
  assert.deepEqual(refused.json.conflicts.map((conflict) => conflict.restriction_id), [one.json.id, two.json.id]);
});

test("bad input is refused, field by field", async () => {
  const ada = await person();
  for (const [more, code, pointer] of [
    [{ to: hour(0) }, "ends_before_start", "/to"],
    [{ to: hour(-5) }, "ends_before_start", "/to"],
    [{ from: "yesterday" }, "invalid_time", "/from"],
    [{ from: 5 }, "invalid_type", "/from"],
    [{ from: undefined }, "required", "/from"],
    [{ to: null }, "required", "/to"],
    [{ from: "2200-01-01T00:00:00Z" }, "out_of_range", "/from"],
    [{ reason: undefined }, "required", "/reason"],
    [{ reason: " \n" }, "required", "/reason"],
    [{ reason: "x".repeat(501) }, "too_long", "/reason"],
    [{ resource_id: undefined }, "required", "/resource_id"],
    [{ resource_id: 999999 }, "resource_not_found", "/resource_id"],
    [{ resource_id: "1" }, "invalid_type", "/resource_id"],
    [{ level: "soft" }, "invalid_value", "/level"],
    [{ schedule_types: ["Publish"] }, "invalid_value", "/schedule_types/0"],
    [{ schedule_types: "publish" }, "invalid_type", "/schedule_types"],
    [{ schedule_types: Array(21).fill("a") }, "out_of_range", "/schedule_types"],
    [{ tags: ["a,b"] }, "invalid_value", "/tags/0"],
    [{ tags: ["ok", ""] }, "invalid_value", "/tags/1"],
    [{ tags: [7] }, "invalid_type", "/tags/0"],
    [{ alternatives: [ada] }, "invalid_value", "/alternatives"],
    [{ alternatives: [999999] }, "resource_not_found", "/alternatives"],
    [{ alternatives: ["x"] }, "invalid_type", "/alternatives/0"],
    [{ alternatives: Array.from({ length: 11 }, (_, i) => i + 1) }, "out_of_range", "/alternatives"],
    [{ colour: "red" }, "unknown_field", "/colour"],
  ]) {
    const reply = await restrict(ada, more);
    assertProblem(reply, 422, "validation_failed", pointer);
    assert.ok(reply.json.errors.some((error) => error.pointer === pointer && error.code === code), `${pointer}: ${reply.text}`);
  }
  assert.deepEqual((await api("GET", `/restrictions?resource_id=${ada}`)).json.items, []);
  assertProblem(await api("GET", "/restrictions?from=soon"), 422, "validation_failed", "/from");
  assertProblem(await api("GET", `/restrictions?from=${hour(5)}&to=${hour(4)}`), 422, "validation_failed", "/to");
});

test("a hard one refuses an event, names why and who has time; an advisory one warns", async () => {
  const [ada, bo, cy] = [await person(), await person(), await person()];
  await api("POST", "/events", await eventOf(bo));
  const hard = (await restrict(ada, { alternatives: [bo, cy] })).json;
  const refused = await api("POST", "/events", await eventOf(ada));
  assertProblem(refused, 409, "compliance");
  const [conflict] = refused.json.conflicts;
  assert.deepEqual([conflict.kind, conflict.severity, conflict.restriction_id, conflict.reason], ["compliance", "hard", hard.id, "On leave"]);
  assert.deepEqual(conflict.alternatives.map(({ id, free }) => [id, free]), [[cy, true], [bo, false]]);
  await api("PATCH", `/restrictions/${hard.id}`, { level: "advisory" });
  const warned = await api("POST", "/events", await eventOf(ada, { starts_at: hour(9) }));
  assert.deepEqual([warned.status, warned.json.warnings[0].code, warned.json.advisories[0].alternatives.length], [201, "compliance", 2]);
  const bulk = await api("POST", "/schedules/bulk", { items: [await eventOf(ada)] }, { headers: { prefer: "wait=5" } });
  assert.equal(bulk.status, 200, bulk.text);
  const [item] = bulk.json.items;
  assert.deepEqual([item.outcome, item.warnings[0].code, item.advisories[0].restriction_id], ["succeeded", "compliance", hard.id]);
});

test("who may decide conflicts manages them, and may leave out the check", async () => {
  const ada = await person();
  const made = (await restrict(ada)).json;
  const author = { token: await tokenOf("author") };
  const editor = { token: await tokenOf("editor") };
  assert.equal((await api("GET", `/restrictions/${made.id}`, undefined, author)).status, 200);
  const body = { resource_id: ada, from: hour(0), to: hour(1), reason: "x" };
  assertProblem(await api("POST", "/restrictions", body, author), 403, "not_permitted");
  assertProblem(await api("PATCH", `/restrictions/${made.id}`, { reason: "y" }, author), 403, "not_permitted");
  assertProblem(await api("DELETE", `/restrictions/${made.id}`, undefined, author), 403, "not_permitted");
  assert.equal((await api("PATCH", `/restrictions/${made.id}`, { reason: "Away" }, editor)).status, 200);
  const event = await eventOf(ada, { title: unique() });
  assertProblem(await api("POST", "/events?check_compliance=false", event, author), 403, "not_permitted");
  assertProblem(await api("POST", "/events?check_compliance=maybe", event, editor), 422, "invalid_value");
  assertProblem(await api("POST", "/events", event, editor), 409, "compliance");
  assert.equal((await api("POST", "/events?check_compliance=false", event, editor)).status, 201);
  const options = { check_compliance: false };
  assertProblem(await api("POST", "/schedules/bulk", { items: [event], options }, author), 403, "not_permitted");
  assertProblem(await api("POST", "/schedules/bulk", { options, items: [event] }, author), 403, "not_permitted");
});

test("the form of a restriction sent twice, by a double click or after Back, makes one", async () => {
  const browser = await signIn("admin");
  const { id } = (await api("POST", "/resources", { kind: "person", name: unique("twice") })).json;
  const fields = { resource_id: String(id), from: "2031-06-01T09:00", to: "2031-06-02T09:00", reason: "Leave", level: "hard" };
  const both = await Promise.all([1, 2].map(() => browser.form("/restrictions/new", fields)));
  assert.deepEqual(both.map(({ status }) => status), [303, 303], both[0].text.slice(0, 800));
  assert.equal(both[0].headers.get("location"), both[1].headers.get("location"));
  await browser.form("/restrictions/new", { ...fields, reason: "Another" });
  assert.equal((await api("GET", `/restrictions?resource_id=${id}`)).json.items.length, 2);
});
