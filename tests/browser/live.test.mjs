// The page of a batch while it runs: what may happen to it, and that nothing is
// lost by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, gate, givesUpSooner, makeJob, open, signIn, tile } from "./support.mjs";

const COUNT = 2400;
const done = async (page) => Number(await page.locator("#live").getAttribute("data-done"));
const moved = (page, from = 0) =>
  page.waitForFunction((before) => Number(document.getElementById("live").dataset.done) > before, from, { timeout: 10_000 });

// Lets one request for work after another pass until the page shows more: one may be
// in vain (a page that has been left had it, another lane held the chunk).
async function work(page, lanes, from = 0) {
  for (let passes = 0; passes < 20; passes += 1) {
    lanes.passes = 1;
    if (await moved(page, from).then(() => true, () => false)) return;
  }
  assert.fail(`still ${await done(page)} done`);
}

// A batch that has begun and stands still at the gate.
async function runningPage(options = {}, page = undefined) {
  page ??= await open();
  await page.goto(`${base}/help`);
  const id = await makeJob(page, { count: COUNT, chunk_size: 20, time_budget_ms: 100, ...options });
  const lanes = await gate(page);
  await page.goto(`${base}/jobs/${id}`);
  await work(page, lanes);
  return { page, id, lanes };
}

test("a closed tab loses nothing: the next visit goes on from the cursor", async () => {
  const { page, id } = await runningPage();
  await page.close();
  const again = await open();
  const lanes = await gate(again);
  await again.goto(`${base}/jobs/${id}`);
  const before = await done(again);
  assert.ok(before > 0 && before < COUNT, `${before} done`);
  lanes.passes = Infinity;
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
  let broken = 0;
  let isBroken = true;
  lanes.answer = (route) => {
    if (!isBroken) return route.continue();
    broken += 1;
    return broken % 2 ? route.fulfill({ status: 500, contentType: "text/html", body: "<h1>Internal Server Error</h1>" }) : route.abort("connectionreset");
  };
  await page.getByText("The server does not answer").waitFor();
  while (broken < 6) await page.waitForTimeout(50);
  isBroken = false;
  await ended(page);
  assert.equal(await tile(page, "succeeded"), COUNT);
  assert.equal(await page.locator("#trouble").innerText(), "");
  await page.done();
});

test("requests that are never answered are given up, and made again", async () => {
  const { page, id, lanes } = await runningPage({}, await givesUpSooner(await open(), 60_000, 1500));
  let isLost = true;
  let lost = 0;
  let looks = 0;
  lanes.answer = async (route) => {
    if (!isLost) await route.continue();
    lost += 1;
  };
  await page.route(`**/jobs/${id}`, async (route) => {
    looks += 1;
    if (looks > 1) await route.continue();
  });
  await page.getByText("The server does not answer").waitFor();
  while (lost < 3 || looks < 2) await page.waitForTimeout(50); // the first of each is given up
  isLost = false;
  await page.isPatient();
  await ended(page);
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
      await page.waitForResponse(async (reply) => /advance/.test(reply.url()) && Boolean((await reply.json()).finished_at));
      await page.waitForTimeout(100); // the page plans its next look for at once, and the time comes
    }
    await route.fulfill({ response });
  });
  await ended(page);
  assert.equal(late, false);
  assert.equal(await tile(page, "succeeded"), COUNT);
  await page.done();
});

// A look at the page, asked for as by somebody who comes back to it; another one may
// be just at its end, which asks for nothing.
async function look(page) {
  let isThere = false;
  const reply = page.waitForResponse((response) => /\/jobs\/\d+$/.test(response.url()));
  const finished = reply.then((response) => response.finished()).finally(() => (isThere = true));
  while (!isThere) {
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.waitForTimeout(50);
  }
  await finished;
}

test("what fails after the end, or failed before somebody else brought it to its end, is no news", async () => {
  const { page, id, lanes } = await runningPage();
  const held = [];
  lanes.answer = (route) => {
    held.push(route);
    return held.length > 1 ? route.abort("connectionreset") : undefined;
  };
  await page.getByText("The server does not answer").waitFor();
  const other = await open();
  await other.goto(`${base}/jobs/${id}`);
  await ended(other);
  await other.done();
  await ended(page);
  assert.equal(await page.locator("#trouble").innerText(), "", "nothing is tried any more");
  await Promise.all([page.waitForEvent("requestfailed"), held[0].abort("connectionreset")]);
  await look(page);
  assert.equal(await page.locator("#trouble").innerText(), "");
  await page.done();
});

test("a button that has the focus is not made into the one that stands in its place later", async () => {
  const { page, id, lanes } = await runningPage({ bad: 3 });
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.getByRole("button", { name: "Pause" }).focus();
  await api(page, "POST", `/batch/${id}/pause`); // by somebody else
  await look(page);
  await ended(page, /Paused/);
  const under = await page.locator("#live form button").evaluateAll((buttons) => buttons.map((button) => [button.textContent, button.form.getAttribute("action")]));
  assert.deepEqual(under, [["Resume", `/jobs/${id}/resume`]]); // and not that under the name of “Pause”
  assert.notEqual(await focused(), "Resume", "who meant to pause as well would resume");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).focus();
  lanes.passes = Infinity;
  await ended(page);
  await page.getByRole("button", { name: "Retry 3 failed items" }).waitFor();
  assert.doesNotMatch(await focused(), /^Retry/);
  await page.done();
});

test("a button that is pressed again after a look gives the same order", async () => {
  const { page, lanes } = await runningPage({ dry_run: true });
  lanes.passes = Infinity;
  await ended(page);
  const key = () => page.locator("#live form", { hasText: "Run it for real" }).locator("input[name=form_key]").inputValue();
  const before = await key();
  for (let i = 0; i < 3; i += 1) {
    await look(page);
    assert.equal(await key(), before);
  }
  await page.done();
});

test("with live updates off nothing moves: not by a look that was under way, not on coming back", async () => {
  const { page, id, lanes } = await runningPage();
  let release;
  const held = new Promise((done) => (release = done));
  await page.route(`**/jobs/${id}`, async (route) => {
    await held;
    await route.continue();
  });
  lanes.passes = 1;
  await page.waitForRequest(`**/jobs/${id}`);
  const before = await done(page);
  await page.getByLabel("Live updates").uncheck();
  await Promise.all([page.waitForResponse(`**/jobs/${id}`).then((reply) => reply.finished()), release()]);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.evaluate(() => new Promise((turn) => requestAnimationFrame(() => setTimeout(turn))));
  assert.equal(await done(page), before);
  await page.getByLabel("Live updates").check();
  await moved(page, before);
  await page.done();
});

test("focus stays where it is over 20 updates", async () => {
  const { page } = await runningPage();
  await page.getByRole("button", { name: "Pause" }).focus();
  for (let i = 0; i < 20; i += 1) {
    await look(page);
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
  for (let before = await done(page); before < 0.8 * COUNT; before = await done(page)) {
    lanes.passes = 8;
    await look(page);
  }
  lanes.passes = Infinity;
  await ended(page);
  while (!/2,400 of 2,400/.test(said.at(-1))) await page.waitForTimeout(50);
  for (let i = 0; i < 5; i += 1) await look(page); // as for the lanes that are told of the end late
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
  await work(page, lanes, before);
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
