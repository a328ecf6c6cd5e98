// Ticks: a cron job or a pinger has due work done, whosever it is.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { api, assertProblem, raw, signIn, sql, started, statusOf, tokenOf, useUp } from "./support.mjs";

let made;
async function tickToken() {
  if (!made) {
    const admin = await signIn("admin");
    const reply = await admin.call("POST", "/tokens", { label: "cron", permissions: ["tick"] });
    assert.equal(reply.status, 201, reply.text);
    assert.deepEqual(reply.json.permissions, ["tick"]);
    made = reply.json.token;
  }
  return made;
}

const tickUrl = async (more = "") => `/tick?token=${await tickToken()}${more}`;
const TICKS_MAX = 100;
const forgetTicks = () => sql("DELETE FROM tr_throttle");
after(forgetTicks);

// Ticks until the answer is so: a slow machine may come to nothing within one.  All that was done on the way.
async function tickUntil(enough, ask = async () => api("GET", await tickUrl(), undefined, { token: null })) {
  const done = { chunks: 0, items: 0, jobs: 0 };
  for (let i = 0; i < TICKS_MAX; i++) {
    forgetTicks();
    const reply = await ask();
    assert.equal(reply.status, 200, reply.text);
    for (const name of Object.keys(done)) done[name] += reply.json?.[name] ?? 0;
    if (await enough(reply.json)) return done;
    // What could not be begun is put off for two seconds.
    if (!reply.json?.chunks) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not after ${TICKS_MAX} ticks`);
}
const shortly = async () => api("GET", await tickUrl("&time_budget_ms=100"), undefined, { token: null });
const hasEnded = (id) => async () => (await statusOf(id)).status === "succeeded";

// Whatever other tests left open is worked first, or given up.
const emptyQueue = () => tickUntil((json) => !json.has_more, () => api("POST", "/tick?time_budget_ms=5000"));

test("a GET with a tick token in the address works what is due and says how much", async () => {
  await emptyQueue();
  const id = await started(30, await tokenOf("author"));
  const done = await tickUntil(async (json) => !json.has_more && hasEnded(id)());
  assert.equal(done.items, 30);
  assert.ok(done.jobs >= 1 && done.chunks >= 1, JSON.stringify(done));
  const status = await statusOf(id);
  assert.equal(status.status, "succeeded");
  assert.equal(status.created_by.name, "Arne Author");
  // One that stood still for all of its time can't say that nothing is left.
  assert.deepEqual(await tickUntil((json) => !json.has_more), { chunks: 0, items: 0, jobs: 0 });
});

test("a POST takes the token in the header", async () => {
  const id = await started(3, await tokenOf("editor"));
  await tickUntil(hasEnded(id), async () => api("POST", "/tick", undefined, { token: await tickToken() }));
});

test("one item does not wait for twelve thousand of somebody else", async () => {
  await emptyQueue();
  const large = await started(12000, undefined, { chunk_size: 500 });
  await tickUntil((json) => json.chunks > 0, shortly);
  const small = await started(1, await tokenOf("author"));
  // Who has not been worked for comes first, at the next turn.
  await tickUntil((json) => json.chunks > 0, shortly);
  assert.equal((await statusOf(small)).status, "succeeded");
  const status = await statusOf(large);
  assert.equal(status.status, "running");
  assert.ok(status.counts.succeeded > 0);
  await api("POST", `/batch/${large}/cancel`, { graceful: true });
});

test("the more urgent batch is done first", async () => {
  const later = await started(4000, undefined, { priority: -1, chunk_size: 500 });
  const urgent = await started(400, undefined, { priority: 10, chunk_size: 100 });
  await tickUntil((json) => json.chunks > 0, shortly);
  const [one, other] = [await statusOf(urgent), await statusOf(later)];
  assert.ok(one.counts.succeeded > 0);
  if (one.counts.pending) assert.equal(other.counts.succeeded, 0);
  for (const id of [later, urgent]) await api("POST", `/batch/${id}/cancel`, { graceful: true });
});

test("a token that may do more has no place in an address", async () => {
  assertProblem(await api("GET", `/tick?token=${await tokenOf("admin")}`, undefined, { token: null }), 403, "not_permitted");
  assertProblem(await api("POST", `/tick?token=${await tokenOf("admin")}`, undefined, { token: null }), 403, "not_permitted");
});

test("nothing else takes a token in the address", async () => {
  for (const path of ["/me", "/batch", "/workers"])
    assertProblem(await api("GET", `${path}?token=${await tickToken()}`, undefined, { token: null }), 401, "not_authenticated");
});

test("a tick token may nothing but tick", async () => {
  const token = await tickToken();
  for (const path of ["/me", "/batch", "/events", "/workers", "/summary", "/tokens"])
    assertProblem(await api("GET", path, undefined, { token }), 403, "not_permitted");
  assertProblem(await api("POST", "/batch", { type: "create" }, { token }), 403, "not_permitted");
  assertProblem(await api("POST", "/tokens", { label: "more" }, { token }), 403, "not_permitted");
});

test("a token that does not exist ticks nothing", async () => {
  assertProblem(await api("GET", `/tick?token=tr_${"0".repeat(64)}`, undefined, { token: null }), 401, "not_authenticated");
  assertProblem(await api("GET", "/tick", undefined, { token: null }), 401, "not_authenticated");
});

test("who may not tick is refused, and so is a link in a browser", async () => {
  const author = await signIn("author");
  assertProblem(await author.call("POST", "/tick"), 403, "not_permitted");
  assertProblem(await author.call("POST", "/tokens", { permissions: ["tick"] }), 422, "validation_failed", "/permissions/0");
  const admin = await signIn("admin");
  assertProblem(await admin.call("GET", "/tick"), 403, "not_permitted");
  assert.equal((await admin.call("POST", "/tick")).status, 200);
});

test("a budget out of range is refused", async () => {
  assertProblem(await api("GET", await tickUrl("&time_budget_ms=50"), undefined, { token: null }), 422, "invalid_value");
});

test("a pinger that only sends HEAD ticks too", async () => {
  const id = await started(2, await tokenOf("editor"));
  await tickUntil(hasEnded(id), async () => {
    const reply = await raw("HEAD", "/api/v1" + (await tickUrl()));
    assert.equal(reply.text, "");
    return reply;
  });
});

// Last: for the rest of the minute nobody ticks.
test("more than sixty ticks a minute are too many", async () => {
  let refused;
  for (let i = 0; i < 20 && !refused; i++) {
    useUp("tick:", 59); // the minute may end at any moment
    const reply = await api("GET", await tickUrl(), undefined, { token: null, patient: false });
    if (reply.status !== 200) refused = reply;
  }
  assertProblem(refused, 429, "too_many_requests");
  const wait = Number(refused.headers.get("retry-after"));
  assert.ok(wait >= 1 && wait <= 60, `Retry-After: ${wait}`);
});
