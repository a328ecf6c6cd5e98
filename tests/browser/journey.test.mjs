// The main way through, as people go it: a CSV of 10,000 events with 37 bad rows
// is checked, run, watched, and its bad rows come back with their reasons.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { chooseFile, ended, jobOf, makeCsv, open, readCsv, tile } from "./support.mjs";

const ROWS = 10_000;
const BAD = 37;

async function downloadFailed(page) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download failed rows (CSV)" }).click(),
  ]);
  return readCsv(readFileSync(await download.path(), "utf8"));
}

async function journey(page) {
  await chooseFile(page, makeCsv({ rows: ROWS, bad: BAD }), "Winter programme");
  await page.getByRole("button", { name: "Check first" }).click();
  await page.waitForURL(/\/jobs\/\d+/);
  await ended(page);
  const check = jobOf(page);
  assert.match(await page.locator("main").innerText(), /This was a check: nothing has been changed[\s\S]*To run it takes .* and adds about [\d,]+00 rows/);
  assert.equal(await tile(page, "succeeded"), ROWS - BAD);
  assert.equal(await tile(page, "failed"), BAD);

  await page.getByRole("button", { name: "Run it for real" }).click();
  await page.waitForURL((url) => /\/jobs\/\d+/.test(url.pathname) && !url.pathname.endsWith(`/${check}`));
  await ended(page);
  assert.match(await page.locator("#live .panel-head").innerText(), /Completed with errors/);
  assert.equal(await tile(page, "succeeded"), ROWS - BAD);
  assert.equal(await tile(page, "failed"), BAD);

  const [header, ...rows] = await downloadFailed(page);
  const column = (name) => header.indexOf(name);
  assert.equal(rows.length, BAD);
  for (const row of rows) {
    assert.equal(row[column("error_code")], "invalid_time");
    assert.match(row[column("error_message")], /./);
    assert.match(row[column("error_suggestion")], /./);
  }
}

test("10,000 rows, 37 of them bad: checked, run, watched, and the bad ones come back", async () => {
  const page = await open();
  await journey(page);
  await page.done();
});

test("the same with JavaScript off", async () => {
  const page = await open({ javaScriptEnabled: false });
  await journey(page);
  await page.done();
});
