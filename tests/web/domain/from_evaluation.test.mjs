// Creating what an evaluation found ready, and evaluating what is stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, tokenOf, unique } from "../support.mjs";

const evaluate = async (items, options = {}) =>
  (await api("POST", "/batch", { type: "evaluate", options, items })).json.id;
const ended = async (id, token) => (await advanceToEnd(id, token), id);
const results = async (id) => (await api("GET", `/batch/${id}/items?limit=100`)).json.items;

test("what was ready is created, what was not stays out, what came since is found", async () => {
  const content_id = await newContent();
  const [hall, studio] = [await newResource(), await newResource()];
  const event = (resource, start) => ({ content_id, resources: [resource], starts_at: hour(start), duration_s: 3600 });
  const id = await ended(await evaluate([event(hall, 1), event(hall, 1.5), event(hall, 5), event(studio, 9), { content_id: 9e9, starts_at: hour(1) }]));
  assert.deepEqual((await results(id)).map((item) => item.verdict), ["conflict", "conflict", "ready", "ready", "invalid"]);
  assert.equal((await api("POST", "/events", event(studio, 9))).status, 201);
  const made = await api("POST", "/batch", { type: "create", from_evaluation: id, label: unique() });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual([made.json.total, made.json.options.from_evaluation], [2, id]);
  await advanceToEnd(made.json.id);
  assert.deepEqual((await results(made.json.id)).map((item) => [item.outcome, item.errors[0]?.code]),
    [["succeeded", undefined], ["failed", "resource_overlap"]]);
});

test("it must be an ended evaluation of one's own", async () => {
  const item = { content_id: await newContent(), starts_at: hour(30) };
  const from = (id, more = {}, as) => api("POST", "/batch", { type: "create", from_evaluation: id, ...more }, as);
  const open = await evaluate([item]);
  assertProblem(await from(open), 409, "illegal_transition");
  await ended(open);
  const author = { token: await tokenOf("author") };
  assertProblem(await from(open, {}, author), 404, "not_found");
  assertProblem(await from(open, { type: "update" }), 422, "validation_failed", "/type");
  assertProblem(await from("7"), 422, "validation_failed", "/from_evaluation");
  assertProblem(await from(9e9), 404, "not_found");
  assertProblem(await from(open, { items: [item] }), 422, "unknown_field");
  const made = await from(open);
  assert.equal(made.status, 201, made.text);
  assertProblem(await from(made.json.id), 422, "invalid_value");
  await advanceToEnd(made.json.id);
  assert.equal((await api("DELETE", `/batch/${open}`)).status, 204);
  assertProblem(await from(open), 404, "not_found");
  assertProblem(await from(await ended(await evaluate([{ content_id: 9e9, starts_at: hour(1) }]))), 409, "empty_batch");
});

test("stored events are evaluated by id, client_id and query; each row names its event", async () => {
  const content_id = await newContent();
  const client_id = unique("client");
  const one = (await api("POST", "/events", { content_id, client_id, starts_at: hour(40) })).json;
  const two = (await api("POST", "/events", { content_id, starts_at: hour(50) })).json;
  const id = await ended(await evaluate([
    { event_id: one.id }, { selector: { client_id } }, { selector: { query: { content_id } } },
    { selector: { event_id: 9e9 } }, { selector: { nothing: 1 } }, { selector: { event_id: one.id }, values: {} },
  ]));
  assert.deepEqual((await results(id)).map((item) => [item.verdict, item.event_id, item.errors[0]?.code]), [
    ["ready", one.id, undefined], ["ready", one.id, undefined], ["ready", one.id, undefined],
    ["invalid", null, "event_not_found"], ["invalid", null, (await results(id))[4].errors[0].code],
    ["invalid", one.id, "unknown_field"], ["ready", two.id, undefined],
  ]);
});
