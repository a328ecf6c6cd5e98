// Several files at once: a list, one that is cancelled while it is sent, one that
// is no text, one whose rows can't be read; the others go on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { base, ended, findings, makeCsv, open, tile } from "./support.mjs";

const line = (page, name) => page.locator("#files li", { hasText: name });

test("of several files each is listed, sent, cancelled or refused alone", async () => {
  const page = await open({ viewport: { width: 320, height: 800 } });
  const long = makeCsv({ rows: 6000 });
  const files = [
    { ...makeCsv({ rows: 1500 }), name: "first.csv" },
    { name: "plan.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("PK\x03\x04rest of an archive") },
    { ...long, name: "long.csv" },
    { name: "column.csv", mimeType: "text/csv", buffer: Buffer.from("content_id,begins\n1,2\n") },
    { name: "removed.csv", mimeType: "text/csv", buffer: Buffer.from("content_id,begins\n1,2\n") },
  ];
  await page.goto(`${base}/bulk/new`);
  await page.getByLabel("File", { exact: true }).setInputFiles(files);
  await line(page, "plan.xlsx").getByText("must be a CSV").waitFor();
  await line(page, "removed.csv").getByRole("button", { name: "Remove removed.csv" }).click();
  await page.getByRole("heading", { name: /^4 files/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H2");
  assert.deepEqual(await findings(page), []);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, "the list scrolls sideways");

  let offset = 0;
  let hold = () => {};
  const cancelled = new Promise((done) => (hold = done));
  await page.route("**/items?offset=*", async (route) => {
    offset += 1;
    if (offset === 4) await cancelled; // of long.csv, whose button is then pressed
    await route.continue();
  });
  await page.getByRole("button", { name: "Run without checking" }).click();
  const button = line(page, "long.csv").getByRole("button", { name: "Cancel long.csv" });
  await line(page, "long.csv").getByText(/^Sending/).waitFor();
  await button.focus();
  await page.keyboard.press("Enter");
  hold();
  await page.waitForURL(/\/jobs\/\d+/);
  await ended(page);
  assert.equal(await tile(page, "succeeded"), 1500);
  const told = await page.locator("section", { has: page.locator("#files") }).innerText();
  assert.match(told, /4 files, 2 not taken/);
  assert.match(told, /plan\.xlsx[\s\S]*Not taken[\s\S]*must be a CSV/);
  assert.match(told, /long\.csv[\s\S]*Cancelled/);
  assert.match(told, /column\.csv[\s\S]*The column “begins” is not known/);
  assert.deepEqual(await findings(page), []);
  await page.done();
});

test("several files whose upload breaks off go on when they are chosen again", async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
  const folder = mkdtempSync("/tmp/tranche-files-");
  const paths = ["a", "b"].map((name) => `${folder}/${name}.csv`);
  paths.forEach((path) => writeFileSync(path, makeCsv({ rows: 2000 }).buffer));
  const page = await open();
  let slices = 0;
  await page.route("**/items?offset=*", (route) => ((slices += 1) > 3 ? route.abort() : route.continue()));
  await page.goto(`${base}/bulk/new`);
  await page.getByLabel("File", { exact: true }).setInputFiles(paths);
  await page.getByRole("button", { name: "Check first" }).click();
  await page.getByText("The server does not answer").waitFor();
  await page.goto(`${base}/jobs`); // first, or the page would go on by itself
  await page.unroute("**/items?offset=*");
  await page.locator("tr", { hasText: "Receiving" }).getByRole("link").first().click();
  await page.getByRole("link", { name: "choose the same files again" }).click();
  await page.getByLabel("File", { exact: true }).setInputFiles(paths[0]);
  await page.getByRole("button", { name: "Send the rest" }).click();
  await page.getByRole("link", { name: "Choose the rest as well: b.csv." }).waitFor();
  await page.getByLabel("File", { exact: true }).setInputFiles(paths);
  await page.getByRole("button", { name: "Send the rest" }).click();
  await page.waitForURL(/\/jobs\/\d+$/);
  await ended(page);
  assert.equal(await tile(page, "succeeded"), 4000);
  rmSync(folder, { recursive: true });
  await page.done();
});

// Requests that stand still until `release()`.
async function holding(page, address, isHeld) {
  let release;
  const free = new Promise((done) => (release = done));
  let reached;
  const isThere = new Promise((done) => (reached = done));
  await page.route(address, async (route) => {
    if (isHeld(route)) {
      reached();
      await free;
    }
    await route.continue();
  });
  return { release, isThere };
}

for (const [when, address] of [["the batch is being made", "**/api/v1/batch"], ["its last slice is under way", "**/items?offset=*"]])
  test(`a file is left out that is cancelled while ${when}`, async () => {
    const page = await open();
    const files = [2000, 1000].map((rows, i) => ({ ...makeCsv({ rows }), name: `${"ab"[i]}.csv` })); // b.csv is one slice
    await page.goto(`${base}/bulk/new`);
    await page.getByLabel("File", { exact: true }).setInputFiles(files);
    await line(page, "b.csv").getByRole("button", { name: "Remove b.csv" }).waitFor();
    const held = await holding(page, address, (route) => /batch$|offset=2000$/.test(route.request().url()));
    await page.getByRole("button", { name: "Run without checking" }).click();
    await held.isThere;
    assert.ok(await page.getByLabel("File", { exact: true }).isDisabled(), "what is being sent can't be chosen anew");
    await line(page, "b.csv").getByRole("button", { name: "Cancel b.csv" }).click();
    held.release();
    await page.waitForURL(/\/jobs\/\d+/);
    await ended(page);
    assert.equal(await tile(page, "succeeded"), 2000);
    await page.done();
  });
