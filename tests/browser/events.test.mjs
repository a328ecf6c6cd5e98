// Events: filter, select, move.
import assert from "node:assert/strict";
import { test } from "node:test";
import { base, ended, jobOf, open, tile } from "./support.mjs";

const changes = async (page) => Number((await page.locator("main").innerText()).match(/Changes so far\s+(\d+)/)[1]);
const selected = (page) => page.locator("#selected").innerText();

test("ticking: one, a range with Shift, the page, none with Escape", async () => {
  const page = await open();
  await page.goto(`${base}/events`);
  const boxes = page.locator('input[name="event_id"]');
  await boxes.nth(1).check();
  assert.equal(await selected(page), "1 selected");
  await boxes.nth(5).click({ modifiers: ["Shift"] });
  assert.equal(await selected(page), "5 selected");
  await page.getByLabel("This page").check();
  assert.equal(await selected(page), `${await boxes.count()} selected`);
  await page.keyboard.press("Escape");
  assert.equal(await selected(page), "");
  await page.done();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`ticked events are moved by 30 weeks, ${how}`, async () => {
    const page = await open({ javaScriptEnabled });
    await page.goto(`${base}/events?status=scheduled`);
    const row = page.locator("#events tbody tr").nth(javaScriptEnabled ? 0 : 1);
    const address = await row.getByRole("link").getAttribute("href");
    await page.goto(base + address);
    const before = await changes(page);
    await page.goBack();
    await row.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Change selected…" }).click();
    assert.match(await page.locator("h1").innerText(), /^Change 1 event$/);
    await page.getByLabel("Move the start by").fill("30"); // behind all of the demo's events
    await page.getByLabel("Unit of the move").selectOption("weeks");
    await page.getByRole("button", { name: "Run without checking" }).click();
    await ended(page, /Completed|Failed/);
    assert.equal(await tile(page, "succeeded"), 1);
    await page.goto(base + address);
    assert.equal(await changes(page), before + 1);
    await page.done();
  });

  test(`all that match a filter are checked, then changed, ${how}`, async () => {
    const page = await open({ javaScriptEnabled });
    await page.goto(`${base}/events?content_id=17`);
    const count = Number((await page.locator("#scope-count").innerText()).replaceAll(",", ""));
    assert.ok(count > 0);
    await page.getByLabel(/^Select all/).check();
    await page.getByRole("button", { name: "Change selected…" }).click();
    assert.equal(await page.locator("h1").innerText(), `Change ${count.toLocaleString("en")} events`.replace("1 events", "1 event"));
    // Not what the other way has set: that would change nothing.
    await page.getByLabel("Set the priority").fill(String(2 * Math.floor(100 + Math.random() * 399) + (javaScriptEnabled ? 1 : 0)));
    await page.getByRole("button", { name: "Check first" }).click();
    await ended(page);
    assert.equal(await tile(page, "succeeded"), count);
    const check = jobOf(page);
    await page.getByRole("button", { name: "Run it for real" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(`/${check}`));
    await ended(page);
    assert.equal(await tile(page, "succeeded"), count);
    await page.done();
  });
}

test("nothing selected, nothing filled in: said plainly", async () => {
  const page = await open();
  await page.goto(`${base}/events`);
  await page.getByRole("button", { name: "Change selected…" }).click();
  await page.getByText("No event is selected").waitFor();
  await page.goto(`${base}/bulk/change?event_id=1`);
  await page.getByRole("button", { name: "Check first" }).click();
  await page.getByRole("link", { name: /Nothing is to be changed/ }).waitFor();
  await page.getByLabel("Move the start by").fill("soon");
  await page.getByRole("button", { name: "Check first" }).click();
  await page.getByRole("link", { name: /Write a whole number/ }).waitFor();
  assert.equal(await page.getByLabel("Move the start by").inputValue(), "soon");
  await page.done();
});
