// Afterwork: with it on, a page that anybody visits advances others' batches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, fed, raw, start, started, statusOf, tokenOf } from "../support.mjs";

const IDLE_VISITS_MAX = 150;

// Visits of somebody who is not even signed in, until it is so.  The slower the machine, the less each of them brings
// on; so many that bring on nothing are too many.
async function visitUntil(what, progress = () => 0) {
  for (let idle = 0, before; idle < IDLE_VISITS_MAX; idle++) {
    assert.equal((await raw("GET", "/login")).status, 200);
    if (await what()) return;
    const now = await progress();
    if (now !== before) idle = 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 50)); // between two visitors
  }
  throw new Error(`not after ${IDLE_VISITS_MAX} visits that brought on nothing`);
}
const done = (id) => async () => (await statusOf(id)).counts.succeeded;

test("visits of a page work a batch to its end, with its creator's rights", async () => {
  const id = await started(3000, await tokenOf("author"));
  await visitUntil(async () => (await statusOf(id)).phase === "completed", done(id));
  const status = await statusOf(id);
  assert.equal(status.status, "succeeded");
  assert.equal(status.counts.succeeded, 3000);
  const { json } = await api("GET", "/workers");
  assert.ok(json.items.some((worker) => worker.type === "fastcgi" && worker.items_done > 0));
});

test("one item does not wait for thousands of somebody else", async () => {
  // One is started right after the other: whoever fed the small one slowly would give the large one time to end.
  const author = await tokenOf("author");
  const large = await fed(20000), small = await fed(1, author);
  await start(large);
  await start(small, author);
  await visitUntil(async () => (await statusOf(small)).phase === "completed", done(large));
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
