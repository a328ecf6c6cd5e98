// Limits and races at the doors: what is too much is refused by name, and two
// slices of one offset are one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, tokenOf } from "./support.mjs";

test("a user has so many open batches, also when they come at once", async () => {
  const token = await tokenOf("author");
  const open = async () => {
    const lists = await Promise.all(["pending", "processing"].map((phase) => api("GET", `/batch?phase=${phase}&limit=200`, undefined, { token })));
    return lists.flatMap((reply) => reply.json.items);
  };
  const { settings } = (await api("GET", "/system")).json;
  const limit = settings.find((setting) => setting.name === "open_jobs_max").value;
  const before = (await open()).length;
  const replies = await Promise.all(Array.from({ length: limit + 6 }, () => api("POST", "/batch", { type: "create" }, { token })));
  const made = replies.filter((reply) => reply.status === 201).map((reply) => reply.json.id);
  assert.equal(made.length, limit - before);
  for (const reply of replies.filter((reply) => reply.status !== 201)) {
    assertProblem(reply, 429, "too_many_jobs");
    assert.match(reply.json.detail, new RegExp(` ${limit} may be`));
    assert.ok(Number(reply.headers.get("retry-after")) > 0);
  }
  assertProblem(await api("POST", "/schedules/evaluate", [{ event_id: 1 }], { token }), 429, "too_many_jobs");
  assert.equal((await api("POST", "/validate?type=evaluate", [{ event_id: 1 }], { token })).status, 200, "no batch, no limit");
  for (const id of made) assert.equal((await api("POST", `/batch/${id}/cancel`, undefined, { token })).status, 202);
  assert.equal((await open()).length, before);
});

test("an item is as large as the site takes; the limit is named", async () => {
  const content = await newContent();
  const large = { content_id: content, version_no: 1, starts_at: hour(30000), attributes: { text: "x".repeat(70000) } };
  const reply = await api("POST", "/schedules/bulk", [large, { ...large, attributes: {} }], { headers: { prefer: "wait=10" } });
  assert.deepEqual(reply.json.items.map((item) => item.outcome), ["failed", "succeeded"], reply.text.slice(0, 500));
  assert.equal(reply.json.items[0].errors[0].code, "item_too_large");
  assert.match(reply.json.items[0].errors[0].message, /65536 bytes/);
});

test("a slice takes ten thousand items, a body any number", async () => {
  const { json } = await api("POST", "/batch", { type: "evaluate" });
  const items = (count) => `[${Array(count).fill("{}").join()}]`; // mod_fcgid takes 128 KB
  const reply = await api("POST", `/batch/${json.id}/items?offset=0`, items(10001));
  assertProblem(reply, 413, "too_many_items");
  assert.match(reply.json.detail, /10000 items/);
  assert.equal((await api("GET", `/batch/${json.id}`)).json.received, 0);
  assert.equal((await api("POST", `/batch/${json.id}/items?offset=0`, items(10000))).json.received, 10000);
  await api("POST", `/batch/${json.id}/cancel`);
});

test("time is what the host has, and the reply says how much it was", async () => {
  const content = await newContent();
  const made = await api("POST", "/batch", { type: "create", options: { time_budget_ms: 20000 }, items: [{ content_id: content, version_no: 1, starts_at: hour(30100) }] });
  assert.equal(made.json.options.time_budget_ms, 15000, "half of the 30 s that a request may take here");
  const advanced = await api("POST", `/batch/${made.json.id}/advance?time_budget_ms=300`);
  assert.equal(advanced.json.advanced.time_budget_ms, 300);
  assertProblem(await api("POST", `/batch/${made.json.id}/advance?time_budget_ms=20001`), 422, "invalid_value");
  const waited = await api("POST", "/schedules/bulk", [{ content_id: content, version_no: 1, starts_at: hour(30110) }], { headers: { prefer: "wait=3600" } });
  assert.equal(waited.status, 200);
  const applied = Number(/^wait=(\d+)$/.exec(waited.headers.get("preference-applied"))[1]);
  assert.ok(applied > 20 && applied < 30, String(applied));
});

test("eight slices of one offset at once: one is stored, the same again is 200, others are 409", async () => {
  const content = await newContent();
  for (let round = 0; round < 12; round++) {
    const same = round % 2 === 0;
    const { json } = await api("POST", "/batch", { type: "create" });
    const slice = (lane) => JSON.stringify(Array.from({ length: 40 }, (_, i) =>
      ({ content_id: content, version_no: 1, starts_at: hour(31000 + round * 50 + i), title: same ? "same" : `lane ${lane}` })));
    const replies = await Promise.all(Array.from({ length: 8 }, (_, lane) => api("POST", `/batch/${json.id}/items?offset=0`, slice(lane))));
    const stored = replies.filter((reply) => reply.status === 200 && !reply.json.repeated);
    assert.equal(stored.length, 1, replies.map((reply) => reply.text).join("\n"));
    for (const reply of replies.filter((reply) => reply !== stored[0])) {
      if (same) assert.deepEqual([reply.status, reply.json.received, reply.json.repeated], [200, 40, true], reply.text);
      else assertProblem(reply, 409, "offset_mismatch");
    }
    await api("POST", `/batch/${json.id}/start`);
    const end = await advanceToEnd(json.id);
    assert.deepEqual([end.received, end.total, end.counts.succeeded], [40, 40, 40]);
    const titles = new Set((await api("GET", `/batch/${json.id}/items`)).json.items.map((item) => item.input.title));
    assert.equal(titles.size, 1, "no mixture");
  }
});
