// Sending files: in slices, broken off and gone on with, and refused with a reason.
import assert from "node:assert/strict";
import { test } from "node:test";
import { base, chooseFile, ended, finish, givesUpSooner, makeCsv, open, tile } from "./support.mjs";

const check = (page) => page.getByRole("button", { name: "Check first" }).click();

test("the first rows are shown, and a column that is not known is named", async () => {
  const page = await open();
  await chooseFile(page, { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from("content_id,starts,title\n1,2,Swim\n") });
  await page.getByRole("cell", { name: "Swim" }).waitFor();
  assert.match(await page.locator("#preview .error").innerText(), /Missing: starts_at or local_start.*Not known: starts/);
  await check(page);
  await page.getByRole("link", { name: /starts.* is not known/ }).waitFor();
  await page.done();
});

test("a spreadsheet is refused before it is sent, with the way out", async () => {
  const page = await open();
  await chooseFile(page, { name: "plan.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("PK\x03\x04rest of an archive") });
  await page.locator("#preview .error", { hasText: "must be a CSV" }).waitFor();
  await page.getByRole("button", { name: "Check first" }).click();
  await page.getByRole("link", { name: /save a spreadsheet as “CSV UTF-8” first/ }).waitFor();
  assert.match(await page.title(), /^Error: /);
  await page.done();
});

test("an upload that breaks off goes on with the same file, and only with it", async () => {
  const page = await givesUpSooner(await open(), 180_000, 1000);
  const file = makeCsv({ rows: 6000 });
  let slices = 0;
  await page.route("**/items?offset=*", (route) => {
    slices += 1;
    if (slices === 2) return undefined; // never answered: it is sent again
    return slices > 3 ? route.abort() : route.continue();
  });
  await chooseFile(page, file);
  await check(page);
  await page.getByText("The server does not answer").waitFor();
  while (slices < 4) await page.waitForTimeout(50);
  await page.isPatient();
  await page.goto(`${base}/jobs`); // first, or the page would go on by itself
  await page.unroute("**/items?offset=*");
  await page.locator("tr", { hasText: "Receiving" }).getByRole("link").first().click();
  assert.match(await page.locator("#live").innerText(), /The upload has not ended: [\d,]+ items have arrived/);
  await page.getByRole("link", { name: "choose the same file again" }).click();

  const input = page.getByLabel("File", { exact: true });
  await input.setInputFiles({ ...file, name: "other.csv" });
  await page.getByRole("button", { name: "Send the rest" }).click();
  await page.getByRole("link", { name: /This is not the file/ }).waitFor();
  await page.done();
});

for (const answered of [2, 0]) test(`a file on disk is sent to its end after a reload, ${answered} slices of it having been answered`, async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
  const folder = mkdtempSync("/tmp/tranche-upload-");
  const path = `${folder}/winter.csv`;
  writeFileSync(path, makeCsv({ rows: 6000 }).buffer);
  const page = await open();
  let slices = 0;
  await page.route("**/items?offset=*", (route) => {
    slices += 1;
    return slices > answered ? route.abort() : route.continue();
  });
  await chooseFile(page, path);
  await check(page);
  await page.getByText("The server does not answer").waitFor();
  await page.goto(`${base}/jobs`); // first, or the page would go on by itself
  await page.unroute("**/items?offset=*");
  await page.locator("tr", { hasText: "Receiving" }).getByRole("link").first().click();
  await page.getByRole("link", { name: "choose the same file again" }).click();
  await page.getByLabel("File", { exact: true }).setInputFiles(path);
  await page.getByRole("button", { name: "Send the rest" }).click();
  await page.waitForURL(/\/jobs\/\d+$/);
  await ended(page);
  assert.equal(await tile(page, "succeeded"), 6000);
  rmSync(folder, { recursive: true });
  await page.done();
});

const events = (count, from) =>
  Array.from({ length: count }, (_, i) => ({
    client_id: `json-${process.pid}-${from}-${i}`,
    content_id: (i % 200) + 1,
    title: 'A "title", with [brackets] and \\ in it',
    starts_at: `${from + Math.floor(i / 4000)}-0${(Math.floor(i / 200) % 9) + 1}-11T10:00:00Z`,
  }));

for (const [name, body] of [
  ["a JSON list", (list) => JSON.stringify(list, null, 1)],
  ["NDJSON", (list) => list.map((item) => JSON.stringify(item)).join("\n")],
  ["a JSON object with items", (list) => JSON.stringify({ items: list })],
]) {
  test(`${name} of 1,800 events arrives whole`, async () => {
    const page = await open();
    const ending = name === "NDJSON" ? "ndjson" : "json";
    const year = { "a JSON list": 2091, NDJSON: 2092 }[name] ?? 2093;
    await chooseFile(page, { name: `events.${ending}`, mimeType: "application/json", buffer: Buffer.from(body(events(1800, year))) });
    await check(page);
    await page.waitForURL(/\/jobs\/\d+/);
    await ended(page);
    assert.equal(await tile(page, "succeeded"), 1800);
    await page.done();
  });
}

test("pasted rows that can't be read stay in the form, with the reason", async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${base}/bulk/new`);
  await page.getByText("Or paste the rows").click();
  await page.getByLabel("Rows as CSV or JSON").fill('[{"content_id": 1,');
  await check(page);
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  assert.equal(await page.getByLabel("Rows as CSV or JSON").inputValue(), '[{"content_id": 1,');
  await page.done();
});

test("a list that is not the whole file is not cut off silently", async () => {
  const page = await open();
  const body = JSON.stringify({ items: events(1800, 2094), options: { on_conflict: "skip" } });
  await chooseFile(page, { name: "events.json", mimeType: "application/json", buffer: Buffer.from(body) });
  await check(page);
  await page.getByRole("link", { name: /The file goes on after its list of events/ }).waitFor();
  await page.done();
});

test("a batch whose making got no answer is made once", async () => {
  const page = await open();
  const made = [];
  await page.route("**/api/v1/batch", async (route) => {
    const reply = await route.fetch();
    made.push((await reply.json()).id);
    if (made.length === 1) return route.abort(); // it got there, the answer did not get back
    await page.getByText("The server does not answer").waitFor();
    return route.fulfill({ response: reply });
  });
  const file = makeCsv({ rows: 4000 });
  await chooseFile(page, file);
  await check(page);
  await page.waitForURL(/\/jobs\/\d+/);
  await ended(page);
  const first = page.url().match(/\/jobs\/(\d+)/)[1];
  assert.equal(await tile(page, "succeeded"), 4000);
  assert.deepEqual(made.map(String), [first, first]);
  await page.done();
});

test("a start whose answer got lost has happened, however far the batch is by now", async () => {
  const page = await open();
  const other = await open();
  await other.goto(`${base}/help`);
  let starts = 0;
  await page.route("**/api/v1/batch/*/start", async (route) => {
    starts += 1;
    if (starts > 1) return route.continue();
    await route.fetch();
    await finish(other, route.request().url().match(/batch\/(\d+)/)[1]);
    return route.abort();
  });
  await chooseFile(page, makeCsv({ rows: 2000 }));
  await check(page);
  await page.waitForURL(/\/jobs\/\d+/);
  assert.equal(await tile(page, "succeeded"), 2000);
  assert.equal(starts, 2);
  await other.done();
  await page.done();
});
