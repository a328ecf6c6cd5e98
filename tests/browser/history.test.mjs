// The page of an event: what comes next, what is in its way, what it was; and making it so again.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { api, base, open } from "./support.mjs";

const run = Date.now() % 100_000;
const year = 2040 + (run % 40);
let content, venue;

const make = async (page, event) => {
  const made = await api(page, "POST", "/events?on_conflict=keep_both", { content_id: content, version_no: 1, duration_s: 3600, ...event });
  assert.ok(made.id, JSON.stringify(made));
  return made.id;
};

before(async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  content = (await api(page, "POST", "/contents", { title: `H${run}` })).id;
  await api(page, "POST", `/contents/${content}/versions`, { body: {} });
  venue = (await api(page, "POST", "/resources", { kind: "venue", name: `Barn ${run}`, overlap: "soft" })).id;
  await page.done();
});

const rows = async (page) =>
  (await page.locator("#history tbody tr").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));

for (const javaScriptEnabled of [true, false])
  test(`history, and restoring a version, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const page = await open();
    await page.goto(`${base}/help`);
    const id = await make(page, { title: "First", starts_at: `${year}-01-0${javaScriptEnabled ? 2 : 4}T09:00:00Z` });
    await api(page, "PATCH", `/events/${id}`, { title: "Second", priority: 7 });
    await page.done();
    const plain = await open({ javaScriptEnabled });
    await plain.goto(`${base}/events/${id}`);
    const [now, first] = await rows(plain);
    assert.match(now, /^2 \(now\) .* Ada Admin title: First → Second priority: 0 → 7/);
    assert.match(first, /^1 .* Ada Admin created Restore…/);
    await plain.getByRole("link", { name: "Restore… version 1" }).click();
    await plain.getByRole("heading", { name: "Restore version 1?" }).waitFor();
    assert.match((await plain.locator(".changes").innerText()).replace(/\s+/g, " "), /title: Second → First priority: 7 → 0/);
    await plain.getByRole("button", { name: "Yes, restore version 1" }).click();
    await plain.getByRole("heading", { name: "First", level: 1 }).waitFor();
    assert.equal((await rows(plain)).length, 3);
    await plain.goto(`${base}/events/${id}/restore?version=1`);
    await plain.getByText("The event is now just what it was then").waitFor();
    await plain.done();
  });

test("what was changed meanwhile is not overwritten", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const id = await make(page, { title: "A", starts_at: `${year}-02-01T09:00:00Z` });
  await api(page, "PATCH", `/events/${id}`, { title: "B" });
  await page.goto(`${base}/events/${id}/restore?version=1`);
  await api(page, "PATCH", `/events/${id}`, { title: "C" });
  await page.getByRole("button", { name: "Yes, restore version 1" }).click();
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  await page.goto(`${base}/events/${id}`);
  assert.equal(await page.locator("h1").innerText(), "C");
  await page.done();
});

test("a series: the rule in words, its next occurrences, its conflicts", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const spring = new Date().getUTCFullYear() + 1; // all of it is still to come, whatever the day
  const id = await make(page, {
    title: `Series ${run}`, local_start: `${spring}-03-0${1 + (run % 7)}T10:00:00`, timezone: "Europe/Stockholm", normalise: true,
    recurrence: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=8", resources: [venue],
  });
  await page.goto(`${base}/events/${id}`);
  await page.getByText("every 2 weeks on Monday and Wednesday, 8 times").waitFor();
  assert.equal(await page.locator(".next li").count(), 8);
  const { items } = await api(page, "GET", `/calendar?from=${spring}-03-01&to=${spring}-06-01&content_id=${content}&text=Series`);
  const other = await make(page, { title: `Guest ${run}`, starts_at: items[2].starts_at, resources: [venue] });
  await page.reload();
  assert.equal(await page.locator("#conflicts tbody tr").count(), 1);
  await page.locator("#conflicts").getByRole("link", { name: `Guest ${run}` }).click();
  await page.waitForURL(new RegExp(`/events/${other}$`));
  assert.match(await page.locator("#conflicts").innerText(), new RegExp(`Resource taken: Barn ${run}`));
  await page.done();
});
