// Undo: the question, the work, what was left alone and who is in its way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, finish, makeJob, open, tile } from "./support.mjs";

// A batch of so many events that has ended; the ids of its events.
async function finished(page, count, options) {
  await page.goto(`${base}/help`);
  const id = await makeJob(page, { count, ...options });
  await finish(page, id);
  const { items } = await api(page, "GET", `/batch/${id}/items`);
  return { id, events: items.map((item) => item.event_id) };
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`a batch is undone, and who changed an event since is named, ${how}`, async () => {
    const scripted = await open();
    const { id, events } = await finished(scripted, 12);
    await api(scripted, "PATCH", `/events/${events[4]}`, { title: "Not to be lost" });
    await scripted.done();

    const page = await open({ javaScriptEnabled });
    await page.goto(`${base}/jobs/${id}`);
    assert.match(await page.locator(".facts").innerText(), /Can be undone until/);
    await page.getByRole("link", { name: "Undo…" }).click();
    assert.equal(await page.locator("h1").innerText(), "Undo this batch and delete 12 events?");
    const question = await page.locator(".panel").innerText();
    assert.match(question, /^12 events that this batch created will be deleted\./);
    assert.match(question, /possible until .*\d\d:\d\d/);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/undo-question.png` });
    await page.getByRole("button", { name: "Yes, undo the batch" }).click();
    await ended(page, /Undone in part/);
    assert.equal(await tile(page, "undone"), 11);
    assert.equal(await tile(page, "undo_conflict"), 1);
    assert.match(await page.locator("#live .notice").last().innerText(), /11 events are deleted again\.\s+1 item was left alone/);
    const rows = page.locator("table.results tbody tr");
    assert.equal(await rows.count(), 1, "those left alone come first");
    assert.match(await rows.innerText(), new RegExp(`Event ${events[4]} was changed by Ada.* at 20.*it is at version 2`));
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/undo-result.png`, fullPage: true });
    await rows.getByRole("link").first().click();
    assert.match(await page.locator("h1").innerText(), /Not to be lost/);
    await page.goto(`${base}/jobs/${id}/undo`);
    assert.equal(await page.locator("h1").innerText(), "This batch can't be undone");
    assert.match(await page.locator(".panel").innerText(), /an undo can't be undone/);
    await page.done();
  });
}

test("a cancellation can undo what was done", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const id = await makeJob(page, { count: 600, chunk_size: 1 }); // many times 10 ms of work
  await api(page, "POST", `/batch/${id}/advance?time_budget_ms=10`);
  const paused = await api(page, "POST", `/batch/${id}/pause`);
  assert.ok(paused.counts.succeeded > 0 && paused.counts.pending > 0);
  await page.goto(`${base}/jobs/${id}/cancel`);
  await page.getByRole("button", { name: "Cancel and undo what was done" }).click();
  await ended(page, /Undone/);
  const { counts } = await api(page, "GET", `/batch/${id}`);
  assert.deepEqual([counts.succeeded, counts.undone, counts.unprocessed],
    [0, paused.counts.succeeded, paused.counts.pending]);
  await page.done();
});
