// Afterwork: with it on, a page that anybody visits advances others' batches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, raw, started, statusOf, tokenOf } from "../support.mjs";

const VISITS_MAX = 300;

// Visits of somebody who is not even signed in, until it is so.
async function visitUntil(what) {
  for (let visits = 1; visits <= VISITS_MAX; visits++) {
    assert.equal((await raw("GET", "/login")).status, 200);
    if (await what()) return visits;
    await new Promise((resolve) => setTimeout(resolve, 50)); // between two visitors
  }
  throw new Error(`not after ${VISITS_MAX} visits`);
}

test("visits of a page work a batch to its end, with its creator's rights", async () => {
  const id = await started(3000, await tokenOf("author"));
  await visitUntil(async () => (await statusOf(id)).phase === "completed");
  const status = await statusOf(id);
  assert.equal(status.status, "succeeded");
  assert.equal(status.counts.succeeded, 3000);
  const { json } = await api("GET", "/workers");
  assert.ok(json.items.some((worker) => worker.type === "fastcgi" && worker.items_done > 0));
});

test("one item does not wait for thousands of somebody else", async () => {
  const large = await started(20000);
  const small = await started(1, await tokenOf("author"));
  await visitUntil(async () => (await statusOf(small)).phase === "completed");
  assert.equal((await statusOf(large)).phase, "processing");
  await api("POST", `/batch/${large}/cancel`, {});
});

test("a paused batch is not worked", async () => {
  const id = await started(20000);
  await api("POST", `/batch/${id}/pause`);
  await visitUntil(async () => (await statusOf(id)).status === "paused");
  const before = (await statusOf(id)).counts;
  let visits = 0;
  await visitUntil(async () => ++visits === 5);
  assert.deepEqual((await statusOf(id)).counts, before);
  await api("POST", `/batch/${id}/cancel`, {});
});

test("a chunk that its owner wants longer than a visitor may be kept waiting is left to who asks for it", async () => {
  const id = await started(2000, undefined, { chunk_size: 1000 });
  let visits = 0;
  await visitUntil(async () => ++visits === 5);
  assert.equal((await statusOf(id)).counts.succeeded, 0);
  const reply = await api("POST", `/batch/${id}/advance?time_budget_ms=20000`);
  assert.equal(reply.status, 200);
  await visitUntil(async () => (await api("POST", `/batch/${id}/advance`)).json.phase === "completed");
});
