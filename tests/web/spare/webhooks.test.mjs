// Afterwork sends webhooks, by a child: no visitor waits for a receiver that dawdles, and whatever kills the sender,
// the receiver is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, killPrograms, raw, sql, started, unique } from "../support.mjs";
import { assertSigned, receiver } from "../receiver.mjs";

const VISITS_MAX = 300;

async function visitUntil(what) {
  for (let visits = 0; !(await what()); visits++) {
    assert.ok(visits < VISITS_MAX, `not after ${VISITS_MAX} visits`);
    assert.equal((await raw("GET", "/login")).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 50)); // between two visitors
  }
}

test("a receiver that takes its time is told once, and no visitor waits for it", async () => {
  const hook = await receiver();
  try {
    hook.configure({ ...hook.trusted, webhook_timeout_ms: 20000 }); // longer than the slowest machine takes to look
    const webhook = (await api("POST", "/webhooks", { label: unique("hook"), url: hook.url, takes: "own" })).json;
    const rows = async () => (await api("GET", `/webhooks/${webhook.id}/deliveries`)).json.items;
    let held;
    hook.answer = (request, response) => (held = response);
    await advanceToEnd(await started(3));
    // Visitors are answered while the receiver is not: who waited for it would wait here until it was given up.
    await visitUntil(() => held);
    assert.equal((await raw("GET", "/login")).status, 200);
    assert.deepEqual((await rows()).map((row) => [row.state, row.attempts]), [["sending", 1]]);
    held.writeHead(204).end();
    await visitUntil(async () => (await rows())[0].state === "delivered");
    assert.deepEqual((await rows()).map((row) => row.attempts), [1]);
    assert.equal(hook.calls.length, 1);
    assertSigned(hook.calls[0], webhook.secret);
    assert.equal((await api("DELETE", `/webhooks/${webhook.id}`)).status, 204);
  } finally {
    hook.close();
  }
});

test("whoever sends it is killed on the way: another one sends it again, with the same id", async () => {
  const hook = await receiver();
  try {
    hook.configure({ ...hook.trusted, webhook_timeout_ms: 20000 }); // longer than the slowest machine takes to look
    const webhook = (await api("POST", "/webhooks", { label: unique("hook"), url: hook.url, takes: "own" })).json;
    const row = async () => (await api("GET", `/webhooks/${webhook.id}/deliveries`)).json.items[0];
    let held;
    hook.answer = (request, response) => (held = response);
    await advanceToEnd(await started(3));
    await visitUntil(() => held);
    assert.ok(killPrograms() > 0);
    hook.answer = 204;
    for (let tries = 0; (await raw("GET", "/login").catch(() => ({}))).status !== 200; tries++) {
      assert.ok(tries < 600, "no program answers any more");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.notEqual((await row()).state, "delivered", "nobody knows yet");
    sql(`UPDATE tr_webhook_deliveries SET lease_until = '2000-01-01' WHERE webhook_id = ${webhook.id}`); // a minute later
    await visitUntil(async () => (await row()).state === "delivered");
    assert.equal((await row()).attempts, 2);
    assert.equal(hook.calls.length, 2);
    assert.deepEqual(new Set(hook.calls.map((call) => call.headers["webhook-id"])), new Set([(await row()).message_id]));
    for (const call of hook.calls) assertSigned(call, webhook.secret);
    assert.equal((await api("DELETE", `/webhooks/${webhook.id}`)).status, 204);
  } finally {
    hook.close();
  }
});
