// The page of a batch while it runs: what may happen to it, and that nothing is
// lost by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, gate, givesUpSooner, makeJob, open, signIn, tile } from "./support.mjs";

const COUNT = 2400;
const done = async (page) => Number(await page.locator("#live").getAttribute("data-done"));
const moved = (page, from = 0) =>
  page.waitForFunction((before) => Number(document.getElementById("live").dataset.done) > before, from, { timeout: 30_000 });

// A batch that has begun and stands still at the gate.
async function runningPage(options = {}, page = undefined) {
  page ??= await open();
  await page.goto(`${base}/help`);
  // A pass through the gate is a small part of the batch, on the quickest machine too.
  const id = await makeJob(page, { count: COUNT, chunk_size: 20, time_budget_ms: 100, ...options });
  const lanes = await gate(page, 2);
  await page.goto(`${base}/jobs/${id}`);
  await moved(page);
  return { page, id, lanes };
}

test("a closed tab loses nothing: the next visit goes on from the cursor", async () => {
  const { page, id } = await runningPage();
  await page.close();
  const again = await open();
  await again.goto(`${base}/jobs/${id}`);
  const before = await done(again);
  assert.ok(before > 0 && before < COUNT, `${before} done`);
  await ended(again);
  assert.equal(await tile(again, "succeeded"), COUNT);
  await again.done();
});

test("a session that ends in the middle: says so, and goes on after signing in", async () => {
  const { page, id, lanes } = await runningPage();
  await page.context().clearCookies();
  lanes.passes = Infinity;
  const link = page.getByRole("link", { name: "Sign in to go on" });
  await link.waitFor();
  assert.match(await page.locator("#trouble").innerText(), /Your session has ended; nothing is lost/);
  await link.click();
  assert.equal(new URL(page.url()).searchParams.get("next"), `/jobs/${id}`);
  await signIn(page, "admin", new URL(page.url()).pathname + new URL(page.url()).search);
  assert.equal(new URL(page.url()).pathname, `/jobs/${id}`);
  await ended(page);
  assert.equal(await tile(page, "succeeded"), COUNT);
  await page.done();
});

test("a host that answers with its own error pages is waited out", async () => {
  const { page, lanes } = await runningPage();
  let broken = 6;
  lanes.answer = (route) => {
    broken -= 1;
    if (broken > 3) return route.fulfill({ status: 500, contentType: "text/html", body: "<h1>Internal Server Error</h1>" });
    return broken > 0 ? route.abort("connectionreset") : route.continue();
  };
  await page.getByText("The server does not answer").waitFor();
  await ended(page);
  assert.equal(await tile(page, "succeeded"), COUNT);
  assert.equal(await page.locator("#trouble").innerText(), "");
  await page.done();
});

test("requests that are never answered are given up, and made again", async () => {
  const { page, id, lanes } = await runningPage({}, await givesUpSooner(await open(), 60_000, 1500));
  let lost = 3;
  lanes.answer = async (route) => {
    lost -= 1;
    if (lost < 0) await route.continue();
  };
  let looks = 0;
  await page.route(`**/jobs/${id}`, async (route) => {
    looks += 1;
    if (looks > 1) await route.continue();
  });
  await page.getByText("The server does not answer").waitFor();
  await ended(page);
  assert.ok(lost < 0 && looks > 1, `${lost} ${looks}`);
  assert.equal(await tile(page, "succeeded"), COUNT);
  await page.done();
});

test("a look that arrives after the end was told is followed by another", async () => {
  const { page, id, lanes } = await runningPage();
  let late = true;
  await page.route(`**/jobs/${id}`, async (route) => {
    const response = await route.fetch();
    if (late) {
      late = false;
      lanes.passes = Infinity;
      await page.waitForResponse(async (reply) => /advance/.test(reply.url()) && Boolean((await reply.json()).finished_at), { timeout: 60_000 });
      await page.waitForTimeout(100); // the page plans its next look for at once, and the time comes
    }
    await route.fulfill({ response });
  });
  await ended(page);
  assert.equal(late, false);
  assert.equal(await tile(page, "succeeded"), COUNT);
  await page.done();
});

test("focus stays where it is over 20 updates", async () => {
  const { page } = await runningPage();
  await page.getByRole("button", { name: "Pause" }).focus();
  for (let i = 0; i < 20; i += 1) {
    const [reply] = await Promise.all([
      page.waitForResponse((response) => /\/jobs\/\d+$/.test(response.url())),
      page.locator("#live-switch").evaluate((box) => box.dispatchEvent(new Event("change"))),
    ]);
    await reply.finished();
    await page.waitForTimeout(30);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Pause");
  }
  await page.done();
});

test("few announcements, percentage first in the title, one progress bar with a name", async () => {
  const { page, id, lanes } = await runningPage({ bad: 5 });
  const said = [];
  await page.exposeFunction("said", (text) => said.push(text));
  await page.evaluate(() => {
    const region = document.getElementById("announce");
    new MutationObserver(() => globalThis.said(region.textContent)).observe(region, { childList: true });
  });
  assert.match(await page.title(), /^\d+ % · /);
  await page.getByRole("progressbar", { name: `Progress of batch ${id}` }).waitFor();
  for (let pass = 0; pass < 4; pass += 1) {
    lanes.passes += 1;
    await page.waitForTimeout(600);
  }
  lanes.passes = Infinity;
  await ended(page);
  for (let i = 0; i < 200 && !/2,400 of 2,400/.test(said.at(-1)); i += 1) await page.waitForTimeout(50);
  assert.ok(said.length >= 1 && said.length <= 6, said.join(" | "));
  assert.match(said.at(-1), /2,400 of 2,400/);
  await page.done();
});

test("pause, resume, cancel: each says what it did; cancel asks first and names the number", async () => {
  const { page, id, lanes } = await runningPage();
  await page.getByRole("button", { name: "Pause" }).click();
  await ended(page, /Paused/);
  const before = await done(page);
  await page.getByRole("button", { name: "Resume" }).click();
  lanes.passes = 1;
  await moved(page, before);
  await page.getByRole("link", { name: "Cancel…" }).click();
  assert.match(await page.locator("h1").innerText(), /^Cancel this batch with [\d,]+ items to go\?$/);
  assert.match(await page.locator("main").innerText(), /They will not be processed. [\d,]+ events that have already been created will stay/);
  await page.getByRole("button", { name: "Yes, cancel the batch" }).click();
  await ended(page, /Cancelled/);
  const counts = (await api(page, "GET", `/batch/${id}`)).counts;
  assert.equal(counts.succeeded + counts.unprocessed, COUNT);
  await page.done();
});

test("without JavaScript a bare visit starts no work; “Continue now” does", async () => {
  const maker = await open();
  await maker.goto(`${base}/help`);
  const id = await makeJob(maker, { count: 300 });
  await maker.done();
  const page = await open({ javaScriptEnabled: false });
  for (let i = 0; i < 3; i += 1) await page.goto(`${base}/jobs/${id}`);
  assert.equal(await page.locator("meta[http-equiv=refresh]").count(), 0);
  assert.match(await page.locator("#live .numbers").innerText(), /^0 of 300/);
  await page.getByRole("button", { name: "Continue now" }).click();
  await ended(page);
  await page.done();
});

test("a prefetch and another session's link start no work either", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const id = await makeJob(page, { count: 300 });
  const go = await page.evaluate(async (job) => {
    const form = new URLSearchParams({ csrf: document.body.dataset.csrf });
    const reply = await fetch(`/jobs/${job}/continue`, { method: "POST", body: form });
    return new URL(reply.url).searchParams.get("go");
  }, id);
  const address = `${base}/jobs/${id}?go=${go}&work=1`;
  await page.context().request.get(address, { headers: { "Sec-Purpose": "prefetch" } });
  assert.equal((await api(page, "GET", `/batch/${id}`)).counts.succeeded, 0);
  const other = await open({ as: null });
  await signIn(other);
  await other.context().request.get(address);
  assert.equal((await api(page, "GET", `/batch/${id}`)).counts.succeeded, 0);
  let counts;
  for (let visits = 0; counts?.succeeded !== 300; visits += 1) {
    assert.ok(visits < 100, `${counts?.succeeded} after ${visits} visits`);
    await page.context().request.get(address);
    ({ counts } = await api(page, "GET", `/batch/${id}`));
  }
  await other.done();
  await page.done();
});
