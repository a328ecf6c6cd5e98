// on_conflict ask: items wait for a person, who looks at theirs and yours and decides.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, raw, signIn } from "../support.mjs";

let at = 40000; // an hour of its own for each case

// A soft and a hard room, each taken for an hour; items onto both, and one that is free.
async function asked(options = {}) {
  at += 100;
  const content = await newContent(3);
  const [soft, hard] = [await newResource("venue", { overlap: "soft" }), await newResource()];
  const book = (resource, title) =>
    api("POST", "/events", { content_id: content, version_no: 1, title, starts_at: hour(at), duration_s: 3600, resources: [resource] });
  const stored = [(await book(soft, "Soft one")).json, (await book(hard, "Hard one")).json];
  const other = await newContent(3);
  const item = (resource, minutes, title) => ({
    content_id: other, version_no: 1, title, starts_at: new Date(Date.parse(hour(at)) + minutes * 60000).toISOString().replace(".000", ""),
    duration_s: 3600, resources: [resource], timezone: "Europe/Stockholm",
  });
  const items = [item(soft, 15, "A"), item(soft, 30, "B"), item(hard, 30, "C"), item(hard, 45, "D"), item(soft, 600, "E")];
  const made = await api("POST", "/batch", { type: "create", items, options: { on_conflict: "ask", ...options } });
  assert.equal(made.status, 201, made.text);
  const end = await advanceToEnd(made.json.id);
  return { id: made.json.id, end, stored, soft, hard };
}

const conflicts = (id, query = "") => api("GET", `/batch/${id}/conflicts${query}`);
const decide = (id, body) => api("POST", `/batch/${id}/conflicts`, body);

test("the list shows theirs, yours, where they meet, and what may be decided", async () => {
  const { id, end, stored, soft, hard } = await asked();
  assert.deepEqual([end.status, end.counts.succeeded, end.counts.conflict], ["partial", 1, 4]);
  assert.ok(end.allowed.includes("decide"));
  const { json } = await conflicts(id);
  assert.deepEqual([json.waiting, json.may_decide, json.next], [4, true, null]);
  assert.deepEqual(json.items.map((item) => [item.ordinal, item.kind, item.yours.title, item.alike]),
    [[0, "resource_overlap", "A", 2], [1, "resource_overlap", "B", 2], [2, "resource_overlap", "C", 2], [3, "resource_overlap", "D", 2]]);
  assert.deepEqual(json.items[0].actions, ["skip", "keep_both", "replace", "shift"]);
  assert.deepEqual(json.items[2].actions, ["skip", "replace", "shift"]);
  const [clash] = json.items[0].conflicts;
  assert.deepEqual([clash.severity, clash.event_id, clash.resource_id, clash.still_there], ["soft", stored[0].id, soft, true]);
  assert.deepEqual([clash.theirs.title, clash.theirs.version_no, clash.theirs.created_by.name !== ""], ["Soft one", 1, true]);
  assert.equal(clash.overlap.minutes, 45);
  assert.equal(clash.overlap.ends_at, stored[0].ends_at);
  assert.equal(clash.overlap.event.timezone, "Europe/Stockholm");
  assert.deepEqual(json.groups.map((group) => [group.like, group.count, group.severity, group.resource_id]), [[0, 2, "soft", soft], [2, 2, "hard", hard]]);
  const page = (await conflicts(id, "?limit=3")).json;
  assert.deepEqual([page.items.length, page.next], [3, 2]);
  assert.deepEqual((await conflicts(id, `?after=${page.next}&limit=3`)).json.items.map((item) => item.ordinal), [3]);
  assert.deepEqual((await conflicts(id, "?like=3")).json.items.map((item) => item.ordinal), [2, 3]);
  assert.deepEqual((await conflicts(id, "?kind=version_window")).json.items, []);
});

test("decisions are carried out, the others go on waiting", async () => {
  const { id } = await asked();
  const reply = await decide(id, { resolutions: [{ ordinal: 0, action: "keep_both", epoch: 1 }, { ordinal: 3, action: "skip" }] });
  assert.equal(reply.status, 202, reply.text);
  assert.deepEqual(reply.json.decisions, { decided: 2, repeated: 0, refused: 0, errors: [] });
  const end = await advanceToEnd(id);
  assert.deepEqual([end.status, end.counts.succeeded, end.counts.skipped, end.counts.conflict], ["partial", 2, 1, 2]);
  assert.deepEqual((await conflicts(id)).json.items.map((item) => item.ordinal), [1, 2]);
  const again = await decide(id, { resolutions: [{ ordinal: 0, action: "keep_both", epoch: 1 }, { ordinal: 3, action: "skip" }] });
  assert.deepEqual([again.status, again.json.decisions.repeated, again.json.epoch], [202, 2, end.epoch]);
  const rest = await decide(id, { apply_to: "all", action: "skip" });
  assert.equal(rest.json.decisions.decided, 2);
  assert.equal((await advanceToEnd(id)).status, "succeeded");
});

test("one decision for all that are alike", async () => {
  const { id } = await asked();
  assert.equal((await decide(id, { apply_to: { like: 1 }, action: "keep_both" })).json.decisions.decided, 2);
  assert.equal((await advanceToEnd(id)).counts.conflict, 2);
  assert.equal((await decide(id, { apply_to: { kind: "resource_overlap" }, action: "skip" })).json.decisions.decided, 2);
  const end = await advanceToEnd(id);
  assert.deepEqual([end.status, end.counts.succeeded, end.counts.skipped], ["succeeded", 3, 2]);
  const audit = (await api("GET", `/audit?job=${id}&action=job.decide`)).json.items;
  assert.deepEqual(audit.map((row) => row.detail), [
    { decided: 2, action: "skip", apply_to: "resource_overlap" }, { decided: 2, action: "keep_both", apply_to: "like", like: 1 }]);
});

test("what can't be decided is told entry by entry and keeps nothing from the others", async () => {
  const { id } = await asked();
  const mixed = await decide(id, { resolutions: [
    { ordinal: 2, action: "keep_both" }, { ordinal: 4, action: "skip" }, { ordinal: 3, action: "skip", epoch: 7 }, { ordinal: 1, action: "skip" }] });
  assert.deepEqual([mixed.status, mixed.json.decisions.decided, mixed.json.decisions.refused], [202, 1, 3]);
  assert.deepEqual(mixed.json.decisions.errors.map((error) => [error.code, error.pointer]), [
    ["cannot_resolve", "/resolutions/0/action"], ["not_in_conflict", "/resolutions/1/ordinal"], ["conflict_changed", "/resolutions/2/epoch"]]);
  await advanceToEnd(id);
  assertProblem(await decide(id, { resolutions: [{ ordinal: 1, action: "keep_both" }] }), 409, "already_decided", "/resolutions/0/action");
  assertProblem(await decide(id, { resolutions: [{ ordinal: 99, action: "skip" }] }), 409, "not_in_conflict", "/resolutions/0/ordinal");
  assertProblem(await decide(id, { apply_to: { like: 4 }, action: "skip" }), 409, "not_in_conflict");
});

test("malformed decisions are refused with pointers", async () => {
  const { id } = await asked();
  const wrong = (body, pointer) => decide(id, body).then((reply) => assertProblem(reply, 422, "validation_failed", pointer));
  await wrong({}, "/resolutions");
  await wrong({ resolutions: [] }, "/resolutions");
  await wrong({ resolutions: [{ ordinal: 1, action: "fail" }] }, "/resolutions/0/action");
  await wrong({ resolutions: [{ ordinal: 1, action: "skip" }, { ordinal: -1, action: "skip" }] }, "/resolutions/1/ordinal");
  await wrong({ resolutions: [{ action: "skip" }] }, "/resolutions/0/ordinal");
  await wrong({ resolutions: [{ ordinal: 1, action: "skip", wish: 1 }] }, "/resolutions/0/wish");
  await wrong({ resolutions: [{ ordinal: 1, action: "skip", scope: "world" }] }, "/resolutions/0/scope");
  await wrong({ apply_to: "some", action: "skip" }, "/apply_to");
  await wrong({ apply_to: "all" }, "/action");
  await wrong({ apply_to: "all", action: "skip", resolutions: [{ ordinal: 1, action: "skip" }] }, "/apply_to");
  await wrong({ resolutions: Array.from({ length: 1001 }, (_, i) => ({ ordinal: i, action: "skip" })) }, "/resolutions");
  assert.equal((await conflicts(id)).json.waiting, 4);
});

test("two people at once: the first decision stands and the other is told", async () => {
  const { id } = await asked();
  const replies = await Promise.all(["skip", "keep_both"].map((action) => decide(id, { resolutions: [{ ordinal: 0, action, epoch: 1 }] })));
  assert.deepEqual(replies.map((reply) => reply.status).sort(), [202, 409]);
  assert.equal(replies.find((reply) => reply.status === 409).json.code, "already_decided");
  await advanceToEnd(id);
});

test("nothing is decided without the permission, nor of other people's batches", async () => {
  const { id } = await asked();
  const made = await (await signIn("admin")).call("POST", "/tokens", { label: "no deciding", permissions: ["schedule_content", "view_scheduled_content", "manage_batches"] });
  const token = made.json.token;
  assertProblem(await api("POST", `/batch/${id}/conflicts`, { apply_to: "all", action: "skip" }, { token }), 403, "not_permitted");
  assert.equal((await api("GET", `/batch/${id}/conflicts`, undefined, { token })).json.may_decide, false);
  assertProblem(await raw("GET", `/api/v1/batch/${id}/conflicts`), 401, "not_authenticated");
  assertProblem(await decide(99999999, { apply_to: "all", action: "skip" }), 404, "not_found");
});

test("evaluations, checks and batches that are all or nothing have nothing to decide", async () => {
  const { id } = await asked({ dry_run: true });
  assertProblem(await decide(id, { apply_to: "all", action: "skip" }), 409, "not_in_conflict");
  assert.deepEqual((await conflicts(id)).json.items.map((item) => item.actions.length), [0, 0, 0, 0]);
  const content = await newContent(1);
  const items = [{ content_id: content, version_no: 1, starts_at: hour(39000), duration_s: 60 }];
  assertProblem(await api("POST", "/batch", { type: "create", items, options: { on_conflict: "ask", atomic: true } }), 422, "atomic_cannot_ask", "/options/on_conflict");
  const room = await newResource();
  const evaluated = await api("POST", "/schedules/evaluate", { items: [{ ...items[0], resources: [room] }, { ...items[0], resources: [room] }] });
  await advanceToEnd(evaluated.json.id);
  const seen = (await conflicts(evaluated.json.id)).json;
  assert.deepEqual([seen.waiting, seen.may_decide, seen.items.length > 0, seen.items.flatMap((item) => item.actions)], [0, false, true, []]);
});
