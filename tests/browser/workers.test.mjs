// The page of workers: who worked on what, and the address for a cron job.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, makeJob, open } from "./support.mjs";

test("the worker of a batch is found in the menu, with its log", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const id = await makeJob(page, { count: 20 });
  await page.goto(`${base}/jobs/${id}`);
  await ended(page);
  await page.goto(`${base}/workers`);
  const row = page.getByRole("row", { name: /fastcgi/ }).first();
  await row.getByRole("link", { name: /process \d+/ }).click();
  await page.getByRole("heading", { name: "What it reported" }).waitFor();
  // A process that has been at work for long may have had a chunk that had to wait for another's.
  const uuid = new URL(page.url()).pathname.split("/").at(-1);
  const reports = (await api(page, "GET", `/workers/${uuid}/logs`)).items.length;
  if (reports) assert.equal(await page.locator("section", { has: page.locator("#log") }).locator("tbody tr").count(), reports);
  else await page.getByText("Nothing: nothing went wrong.").waitFor();
  await page.locator(".crumbs").getByRole("link", { name: "Workers" }).click();
  await page.getByRole("heading", { name: "Workers", exact: true }).waitFor();
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/workers.png`, fullPage: true });
  await page.done();
});

test("an address for a cron job: shown once, works, fits a phone", async () => {
  const page = await open({ viewport: { width: 320, height: 800 } });
  await page.goto(`${base}/workers`);
  await page.getByRole("button", { name: "Make an address" }).click();
  const address = await page.locator("code.address").innerText();
  const reply = await fetch(address);
  assert.equal(reply.status, 200);
  assert.deepEqual(Object.keys(await reply.json()), ["chunks", "items", "jobs", "has_more"]);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/workers-phone.png`, fullPage: true });
  await page.goto(`${base}/workers`);
  assert.equal(await page.locator("code.address").count(), 0);
  await page.done();
});
