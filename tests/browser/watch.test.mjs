// The pages of those who keep the site: errors, audit log, system, dashboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, finish, makeJob, open } from "./support.mjs";

// A batch in which `bad` of `count` rows name a day that does not exist.
async function failing(page, bad) {
  await page.goto(`${base}/help`);
  return finish(page, await makeJob(page, { count: bad * 2, bad })); // its errors are counted after its end
}

test("an error is looked at, resolved with a note without JavaScript, and comes back", async () => {
  const page = await open();
  const id = await failing(page, 3);
  const plain = await open({ javaScriptEnabled: false, viewport: { width: 320, height: 700 } });
  await plain.goto(`${base}/errors`);
  await plain.getByRole("link", { name: "A time can't be read" }).click();
  assert.match(await plain.locator("main").innerText(), /The time is not written in a form that is read here/);
  assert.equal(await plain.getByRole("link", { name: new RegExp(`Batch ${id}, item`) }).count(), 1);
  await plain.getByRole("button", { name: "Mark as resolved" }).click({ noWaitAfter: true });
  assert.notEqual(await plain.locator(".pill").innerText(), "resolved", "a note is required");
  await plain.getByLabel("What was done about it").fill("Told the <b>importers</b>");
  await plain.getByRole("button", { name: "Mark as resolved" }).click();
  await plain.getByText("Told the <b>importers</b>").waitFor();
  assert.equal(await plain.locator(".pill").innerText(), "resolved");
  await plain.goto(`${base}/errors?show=resolved`);
  assert.equal(await plain.getByRole("link", { name: "A time can't be read" }).count(), 1);
  await failing(page, 1);
  await plain.goto(`${base}/errors`);
  await plain.getByRole("link", { name: "A time can't be read" }).click();
  assert.equal(await plain.locator(".pill").innerText(), "came back");
  assert.match(await plain.locator("main").innerText(), /Told the/);
  await page.done();
  await plain.done();
});

test("the example leads to the item", async () => {
  const page = await open();
  await failing(page, 1);
  const { items } = await api(page, "GET", "/errors?limit=500");
  await page.goto(`${base}/errors/${items.find((entry) => entry.code === "invalid_time").id}`);
  await page.getByRole("link", { name: /^Batch \d+, item/ }).click();
  const first = await page.locator(".results tbody tr").first().innerText();
  assert.match(first, /is not a day that exists/);
  await page.done();
});

test("the site menu opens by keyboard, fits a phone, and is only for who may", async () => {
  const page = await open({ viewport: { width: 320, height: 700 } });
  await page.goto(base);
  await page.getByText("Site", { exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Audit log" }).waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Restrictions" }).waitFor();
  await page.done();
  const author = await open({ as: "author" });
  await author.goto(base);
  await author.getByText("Site", { exact: true }).click();
  assert.deepEqual(await author.locator("details.menu a").allInnerTexts(), ["Restrictions"], "what concerns who plans");
  for (const path of ["/errors", "/audit", "/system"]) {
    await author.goto(base + path);
    assert.match(await author.locator("h1").innerText(), /You may not do this/, path);
  }
  await author.done();
});

test("the dashboard's chart tells the same as its table", async () => {
  const page = await open();
  await failing(page, 2);
  await page.goto(base);
  const chart = page.locator(".chart", { has: page.getByRole("heading", { name: "Items a minute, last hour" }) });
  const total = Number(/^([\d,]+) items?/.exec(await chart.locator("p").first().innerText())[1].replaceAll(",", ""));
  await chart.getByText("As a table").click();
  const cells = await chart.locator("td.num").allInnerTexts();
  assert.equal(cells.reduce((sum, cell) => sum + Number(cell.replaceAll(",", "")), 0), total);
  assert.equal(await chart.locator("rect").count(), cells.length);
  assert.ok(total >= 4);
  await page.done();
});

test("the audit log is filtered by what was done, and by a click on a person", async () => {
  const page = await open();
  await page.goto(`${base}/audit`);
  await page.getByLabel("What").selectOption("Sign-ins");
  await page.getByRole("button", { name: "Filter" }).click();
  const words = await page.locator("tbody td:nth-child(3)").allInnerTexts();
  assert.ok(words.length > 0 && words.every((text) => /sign|guessing/.test(text)), words.join());
  await page.locator("main").getByRole("link", { name: "Ada Admin" }).first().click();
  await page.waitForURL(/user=\d/);
  assert.ok((await page.locator("tbody td:nth-child(2)").allInnerTexts()).every((text) => text === "Ada Admin"));
  await page.goto(`${base}/audit?job=x`);
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  await page.done();
});
