// What the browser suites share: one Chromium, people who are signed in, pages
// that fail a test when anything in them does, and a file with known mistakes.
// Runs against BASE_URL with the demo's people.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";

export const base = process.env.BASE_URL;
export const passwords = { admin: "tranche-demo-admin", editor: "tranche-demo-editor", author: "tranche-demo-author" };

const profile = mkdtempSync(join(tmpdir(), "tranche-browser-"));
// Without the background flags Chromium asks its maker's hosts at every start.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
  env: { ...process.env, HOME: profile },
});

after(async () => {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
});

// Nothing is waited for that long on a machine that does only this: a wait ends by
// itself so that what will never come is told, and suites run beside each other.
const PATIENCE_MS = 180_000;

// --- people and pages -----------------------------------------------------------

// Playwright's click is over as soon as the next page begins to come.  Here it is
// over when that page is whole: its rows can be counted, its script has moved the focus.
function clickToTheEnd(page) {
  const locators = Object.getPrototypeOf(page.locator("html"));
  const { click } = locators;
  if (Object.hasOwn(click, "isToTheEnd")) return;
  locators.click = async function (options) {
    await click.call(this, options);
    await this.page().waitForLoadState();
  };
  locators.click.isToTheEnd = true;
}

async function newPage(options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  clickToTheEnd(page);
  return page;
}

export async function signIn(page, name = "admin", path = "/login") {
  await page.goto(base + path);
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(passwords[name]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

// One sign-in per person and run: signing in is throttled, as it should be.
const states = new Map();
async function stateOf(name) {
  if (!states.has(name)) {
    const page = await newPage();
    await signIn(page, name);
    states.set(name, await page.context().storageState());
    await page.context().close();
  }
  return states.get(name);
}

// A page of somebody who is signed in (null: nobody).  Whatever goes wrong in it
// (an error in a script, a broken Content-Security-Policy) is in `page.faults`,
// and `done()` fails on it.
export async function open({ as = "admin", javaScriptEnabled = true, viewport, colorScheme } = {}) {
  const page = await newPage({
    javaScriptEnabled,
    viewport: viewport ?? { width: 1280, height: 900 },
    colorScheme: colorScheme ?? "light",
    storageState: as ? await stateOf(as) : undefined,
    acceptDownloads: true,
  });
  if (javaScriptEnabled)
    await page.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) page.faults.push(message.text());
  });
  page.done = async () => {
    if (javaScriptEnabled && !page.isClosed())
      page.faults.push(...(await page.evaluate(() => globalThis.violations ?? []).catch(() => [])));
    await page.context().close();
    assert.deepEqual(page.faults, []);
  };
  return page;
}

// --- a file ----------------------------------------------------------------------

let run = 0;
// The test files run one after another on one database, and each counts from 1:
// in every year each has days of its own.
const DAYS_EACH = 6;
const place = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".mjs")).sort().indexOf(basename(process.argv[1]));
const firstDay = Date.UTC(1970, 0, 1 + DAYS_EACH * Math.max(place, 0));

// Rows that collide with nothing: every content every two hours, a year of its
// own for each file, far behind the demo's events.
export function makeCsv({ rows = 10_000, bad = 0 } = {}) {
  run += 1;
  const year = 2060 + run;
  const every = bad ? Math.floor(rows / bad) : Infinity;
  const lines = ["client_id,content_id,version_no,title,starts_at,duration_s"];
  let spoilt = 0;
  for (let i = 0; i < rows; i += 1) {
    const start = new Date(Date.UTC(year, 0, 1) + firstDay + Math.floor(i / 200) * 7_200_000);
    let time = start.toISOString().replace(".000", "");
    if (spoilt < bad && i % every === every - 1) {
      time = "2026-02-30T09:00:00Z";
      spoilt += 1;
    }
    lines.push(`b${process.pid}-${run}-${i},${(i % 200) + 1},1,"Row ${i + 1}, swim",${time},1800`);
  }
  assert.equal(spoilt, bad);
  return { name: `winter-${run}.csv`, mimeType: "text/csv", buffer: Buffer.from(`${lines.join("\r\n")}\r\n`) };
}

// The records of a CSV text, as lists of cells.
export function readCsv(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const row = rows.at(-1);
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') (row[row.length - 1] += '"'), (i += 1);
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ",") row.push("");
    else if (!quoted && c === "\n") rows.push([""]);
    else if (quoted || c !== "\r") row[row.length - 1] += c;
  }
  return rows.filter((row) => row.length > 1);
}

// The page takes a request for lost after `ms`, where it would wait for `given`,
// until `page.isPatient()`: a slow answer is then waited for as it should be.
export async function givesUpSooner(page, given, ms) {
  await page.addInitScript((times) => {
    const real = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = (asked) => real(asked === times.given && !globalThis.isPatient ? times.ms : asked);
  }, { given, ms });
  page.isPatient = () => page.evaluate(() => (globalThis.isPatient = true));
  return page;
}

// What has the focus, once it has it: a link to a field moves it with the next picture.
export const focusOn = (page, selector) => page.locator(`${selector}:focus`).waitFor();

// --- batches ----------------------------------------------------------------------

// Waits until the page of a batch shows an end.
export const ended = (page, words = /Completed|Failed|Cancelled/) =>
  page.locator("#live .panel-head .pill", { hasText: words }).waitFor();

export const jobOf = (page) => Number(new URL(page.url()).pathname.match(/\/jobs\/(\d+)/)[1]);

// Fills the form of a new batch with a file.
export async function chooseFile(page, file, label = "") {
  await page.goto(`${base}/bulk/new`);
  await page.getByLabel("File", { exact: true }).setInputFiles(file);
  if (label) await page.getByLabel("Name of this batch").fill(label);
}

export const tile = async (page, outcome) =>
  Number((await page.locator(`.tiles .${outcome} b`).textContent()).replaceAll(",", ""));

// A call of the API from a page that is signed in.
export const api = (page, method, path, body) =>
  page.evaluate(
    async ([address, options]) => {
      const reply = await fetch(address, {
        ...options,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": document.body.dataset.csrf },
      });
      return reply.json();
    },
    [`${base}/api/v1${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) }],
  );

// Works a batch to its end, and to what is done behind it.  A request may find
// nothing that is due: after a deadlock a chunk rests for a while.
export async function finish(page, id) {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await page.waitForTimeout(50))
    if ((await api(page, "POST", `/batch/${id}/advance`)).finished_at) return id;
  return assert.fail(`batch ${id} does not end`);
}

// A new batch with `count` items that is in nobody's way.
export async function makeJob(page, { count = 20, bad = 0, start = true, ...options } = {}) {
  const [header, ...rows] = readCsv(makeCsv({ rows: count, bad }).buffer.toString());
  const items = rows.map((row) => {
    const cells = Object.fromEntries(header.map((name, i) => [name, row[i]]));
    return { ...cells, content_id: Number(cells.content_id), version_no: 1, duration_s: 1800 };
  });
  const { id } = await api(page, "POST", "/batch", { type: "create", options });
  await api(page, "POST", `/batch/${id}/items?offset=0`, items);
  if (start) await api(page, "POST", `/batch/${id}/start`);
  return id;
}

// A batch with on_conflict ask that has ended: rooms that are taken, one soft and one hard, and `count` items onto
// each, besides one that is free.  Its id.
export async function makeConflicts(page, { count = 3, label = "Winter courses" } = {}) {
  run += 1;
  const at = (minutes) => new Date(Date.UTC(2060 + run, 5, 1, 9) + minutes * 60_000).toISOString().replace(".000", "");
  const rooms = [];
  for (const overlap of ["soft", "hard"]) {
    const room = await api(page, "POST", "/resources", { kind: "venue", name: `${overlap === "hard" ? "Main hall" : "Lobby"} ${run}-${process.pid}`, overlap });
    rooms.push(room.id);
    await api(page, "POST", "/events", { content_id: 1, version_no: 1, title: `Board meeting in the ${overlap} room`, starts_at: at(0), duration_s: 3600, resources: [room.id] });
  }
  const items = rooms.flatMap((room, r) => Array.from({ length: count }, (_, i) => ({
    content_id: 2, version_no: 1, title: `Swimming for beginners ${r * count + i + 1}`, local_start: at(135 + 5 * i).slice(0, -1), timezone: "Europe/Helsinki",
    duration_s: 5400, resources: [room] })));
  items.push({ content_id: 2, version_no: 1, title: "Free", starts_at: at(3000), duration_s: 60 });
  const { id } = await api(page, "POST", "/batch", { type: "create", items, options: { on_conflict: "ask", label } });
  return finish(page, id);
}

// What axe finds, as lines; `rules` = only these (all others look at the
// document, which is the same however it is shown).
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
export async function findings(page, rules = null) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  return page.evaluate(async ([tags, only]) => {
    const runOnly = only ? { type: "rule", values: only } : tags;
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"], elementRef: false, preload: false, selectors: false, runOnly });
    return violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
  }, [TAGS, rules]);
}

// What the keyboard alone can't do on a page, as lines: something to press that takes no focus, a focus that can't be
// seen or stands out of order, a thing that only a mouse can press.
export async function unreachable(page) {
  await page.keyboard.press("Tab"); // from here on a focus is the keyboard's
  return page.evaluate(() => {
    const NATIVE = "a[href], area[href], button, input:not([type=hidden]), select, textarea, summary";
    const name = (element) => `${element.outerHTML.slice(0, 90)}…`;
    const ALIKE = "tbody tr:nth-child(n + 6)"; // rows that are as those before
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[hidden]");
    const found = [];
    let last = null;
    document.documentElement.style.scrollBehavior = "auto"; // arrives at once
    for (const element of document.querySelectorAll(`${NATIVE}, [tabindex]`)) {
      const isNative = element.matches(NATIVE);
      if (element.tabIndex > 0) found.push(`out of order: ${name(element)}`);
      if (element.disabled || !isShown(element) || (!isNative && element.tabIndex < 0) || element.closest(ALIKE)) continue;
      if (element.ariaHidden === "true" && element.tabIndex < 0) continue; // what Enter does in a form with many buttons
      element.focus();
      if (document.activeElement !== element || element.tabIndex < 0) {
        found.push(`takes no focus: ${name(element)}`);
        continue;
      }
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) found.push(`its focus can't be seen: ${name(element)}`);
      const box = element.getBoundingClientRect();
      if (box.width < 1 || box.bottom <= 0 || box.top >= innerHeight) found.push(`its focus is out of sight: ${name(element)}`);
      const at = { top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left, right: box.right };
      // The next one is not above, unless it begins another column.
      if (last && at.bottom <= last.top && at.left < last.right && !element.closest(".skip")) found.push(`stands above the one before: ${name(element)}`);
      last = element.closest(".skip") ? null : at;
    }
    document.activeElement.blur();
    for (const element of document.querySelectorAll(`body *:not(${ALIKE}, ${ALIKE} *)`))
      if (getComputedStyle(element).cursor === "pointer" && isShown(element) && !element.closest(`${NATIVE}, label`))
        found.push(`only for a mouse: ${name(element)}`);
    document.documentElement.style.scrollBehavior = "";
    scrollTo(0, 0);
    return found;
  });
}

// Stands before the lanes of a page: each request for work waits until it may
// pass.  One of those that are counted is over after a chunk or a few, so that it is
// a small part of a batch on the quickest machine, too.  `answer` (if set) replies in
// place of the server.
export async function gate(page, passes = 0) {
  const it = { passes, answer: null };
  await page.route("**/api/v1/batch/*/advance*", async (route) => {
    try {
      while (it.passes <= 0 && !it.answer && !page.isClosed()) await new Promise((done) => setTimeout(done, 20));
      if (route.request().failure()) return; // the page has gone on without it
      it.passes -= 1;
      if (it.answer) await it.answer(route);
      else await route.continue({ url: `${route.request().url().split("?")[0]}?time_budget_ms=${it.passes === Infinity ? 100 : 10}` });
    } catch {
      it.passes += 1; // the page has gone
    }
  });
  return it;
}
