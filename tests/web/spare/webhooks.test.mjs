// Afterwork sends webhooks, by a child: no visitor waits for a receiver that dawdles.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, raw, started, unique } from "../support.mjs";
import { assertSigned, receiver } from "../receiver.mjs";

const DAWDLES_MS = 1500, VISITS_MAX = 100;

test("a receiver that takes its time is told once, and no visitor waits for it", async () => {
  const hook = await receiver();
  try {
    const webhook = (await api("POST", "/webhooks", { label: unique("hook"), url: hook.url, takes: "own" })).json;
    const isTold = async () => (await api("GET", `/webhooks/${webhook.id}/deliveries`)).json.items.some((row) => row.state === "delivered");
    hook.answer = (request, response) => setTimeout(() => response.writeHead(204).end(), DAWDLES_MS);
    await advanceToEnd(await started(3));
    let longest = 0, visits = 0;
    while (!(await isTold())) {
      assert.ok(++visits < VISITS_MAX, "it was not told");
      const began = Date.now();
      assert.equal((await raw("GET", "/login")).status, 200);
      longest = Math.max(longest, Date.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 200)); // between two visitors
    }
    assert.ok(longest < DAWDLES_MS, `a visit took ${longest} ms`);
    assert.equal(hook.calls.length, 1);
    assertSigned(hook.calls[0], webhook.secret);
    assert.equal((await api("DELETE", `/webhooks/${webhook.id}`)).status, 204);
  } finally {
    hook.close();
  }
});
