// Every page in every state: no finding by axe in light and dark, at 1280 and at
// 320 px, no sideways scrolling, all of it within reach of the keyboard, valid HTML, no breach of the
// Content-Security-Policy, a heading and a title; no more than 35 KB at first.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { api, base, ended, findings, finish, focusOn, makeConflicts, makeJob, open, unreachable } from "./support.mjs";

const FIRST_VISIT_BYTES = 35_000;
const jobs = {};

before(async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  jobs.receiving = await makeJob(page, { count: 5, start: false });
  jobs.paused = await makeJob(page, { count: 5, label: "Waits for spring" });
  await api(page, "POST", `/batch/${jobs.paused}/pause`);
  jobs.checked = await makeJob(page, { count: 60, bad: 6, dry_run: true });
  jobs.partial = await makeJob(page, { count: 60, bad: 6 });
  jobs.asking = await makeConflicts(page);
  jobs.cancelled = await makeJob(page, { count: 5 });
  await api(page, "POST", `/batch/${jobs.cancelled}/cancel`, {});
  jobs.waiting = await makeJob(page, { count: 2, depends_on: [jobs.paused] });
  jobs.undone = await finish(page, await makeJob(page, { count: 3, label: "Taken back" }));
  await api(page, "POST", `/batch/${jobs.undone}/undo`);
  await finish(page, jobs.undone);
  jobs.done = await finish(page, await makeJob(page, { count: 3 }));
  jobs.failed = await finish(page, await makeJob(page, { count: 4, bad: 4 }));
  jobs.evaluated = (await api(page, "POST", "/schedules/evaluate", { items: [{ event_id: 1 }, { event_id: 987654321 }] })).id;
  await finish(page, jobs.evaluated);
  jobs.files = (await api(page, "POST", "/batch", { type: "create" })).id;
  for (const [i, name] of ["spring.csv", "a-name-that-is-as-long-as-people-make-them-when-nobody-stops-them-2026-11-22-final-2.csv", "autumn.csv"].entries()) {
    await api(page, "POST", `/batch/${jobs.files}/files`, { file_no: i + 1, name, bytes: 12_345 * (i + 1) });
    if (i === 1) await api(page, "POST", `/batch/${jobs.files}/files/drop`, { file_no: 2, state: "refused", code: "unknown_column", message: "The column “begins” is not known for create" });
    else await api(page, "POST", `/batch/${jobs.files}/items?offset=${i / 2}`, [{ content_id: 1, starts_at: "2026-02-30T09:00:00Z" }]);
  }
  await api(page, "POST", `/batch/${jobs.files}/start`);
  await finish(page, jobs.files);
  jobs.role = (await api(page, "POST", "/roles", { name: `looker-${process.pid}`, grants: [{ permission: "view_dashboard" }] })).id;
  jobs.token = (await api(page, "POST", "/tokens", { label: "A program" })).id;
  for (const id of [jobs.checked, jobs.partial]) {
    await page.goto(`${base}/jobs/${id}`);
    await ended(page);
  }
  const people = (await api(page, "GET", "/resources?kind=person&limit=2")).items;
  const restriction = { from: "2027-01-01T08:00:00Z", to: "2027-01-03T08:00:00Z", reason: "On a course", alternatives: [people[1].id] };
  jobs.restriction = (await api(page, "POST", "/restrictions", { resource_id: people[0].id, ...restriction })).id;
  await api(page, "POST", "/restrictions", { resource_id: people[0].id, ...restriction, level: "advisory", tags: ["night shift"] });
  const [{ id, row_version }] = (await api(page, "GET", "/events?limit=1")).items;
  await api(page, "PATCH", `/events/${id}`, { priority: (row_version % 9) + 1 });
  jobs.changed = id;
  jobs.worker = (await api(page, "GET", "/workers")).items[0].uuid;
  // Nobody answers there: so its page has something to tell.
  jobs.webhook = (await api(page, "POST", "/webhooks", { label: "Newsroom", url: "https://no-such-host.invalid/in", takes: "named" })).id;
  await api(page, "POST", `/webhooks/${jobs.webhook}/test`, {});
  jobs.error = (await api(page, "GET", "/errors")).items[0].id;
  await page.done();
});

const PAGES = [
  "/login", "/", "/events", "/events?text=nothing-is-called-so", "/events?starts_after=soon", "/events/1",
  "/calendar", "/calendar?view=week&text=day", "/calendar?view=list&days=2", "/calendar?view=month&text=nothing-is-called-so",
  "/calendar?view=list&date=soon&timezone=Nowhere/Land", "/events/{changed}", "/events/{changed}/restore?version=1", "/events/{changed}/edit", "/events/{changed}/series", "/new-event",
  "/restrictions", "/restrictions?from=soon", "/restrictions?to=1971-01-01", "/restrictions?saved={restriction}", "/restrictions/new",
  "/restrictions/{restriction}", "/restrictions/{restriction}/delete",
  "/bulk/new", "/bulk/new?operation=update", "/bulk/new?operation=evaluate", "/bulk/new?resume={receiving}",
  "/bulk/change?event_id=1&event_id=2", "/bulk/change?scope=filter&status=draft",
  "/jobs", "/jobs?phase=failed&type=evaluate", "/jobs/{receiving}", "/jobs/{paused}", "/jobs/{checked}", "/jobs/{partial}",
  "/jobs/{partial}?outcome=all", "/jobs/{cancelled}", "/jobs/{waiting}", "/jobs/{undone}", "/jobs/{failed}", "/jobs/{evaluated}", "/jobs/{files}",
  "/jobs/{done}/undo", "/jobs/{undone}/undo", "/jobs/{partial}?outcome=skipped", "/jobs/{partial}?refused=1", "/jobs?mine=1&phase=pending", "/jobs/{paused}/cancel", "/jobs/{asking}",
  "/jobs/{asking}/conflicts", "/jobs/{asking}/conflicts?like=0", "/jobs/{asking}/decide", "/jobs/{asking}/conflicts?after=99", "/jobs/{checked}/conflicts",
  "/workers", "/workers?after=0.00000000-0000-4000-8000-000000000000", "/workers/{worker}",
  "/errors", "/errors?show=resolved", "/errors?show=all", "/errors/{error}", "/audit", "/audit?action=job.&job=1", "/audit?from=x", "/system",
  "/account", "/account?done=timezone", "/account/password", "/account/second-factor", "/account/tokens/new", "/account/tokens/{token}/delete",
  "/users", "/users?after=999999", "/users/new", "/users/1", "/users/2?done=saved", "/users/2/deactivate", "/roles", "/roles/new", "/roles/{role}", "/roles/1",
  "/help", "/help/errors", "/help/site.html", "/help/install.html", "/help/batches.html", "/help/import.html", "/help/limits.html", "/help/restrictions.html", "/help/calendar.html", "/help/history.html", "/help/accounts.html",
  "/help/api.html", "/help/webhooks.html", "/webhooks", "/webhooks/new", "/webhooks/{webhook}", "/webhooks/{webhook}/secret", "/webhooks/{webhook}/delete", "/help/troubleshooting.html",
  "/help/conditions.html", "/help/recurrence.html", "/help/conflicts.html", "/nothing/here",
];
// Forms that are sent as they come, with nothing filled in.
const EMPTY_FORMS = [
  "/new-event", "/restrictions/new", "/users/new", "/roles/new", "/bulk/new", "/bulk/change?event_id=1&event_id=2",
  "/account/password", "/account/second-factor", "/account/tokens/new",
];
// How everything else is looked at, besides light at 1280 px with all rules.
// (color-contrast looks at the light colours at 1280 px, where more stands.)
const COLOURS = ["color-contrast", "link-in-text-block"];
const LOOKS = [
  { colorScheme: "dark", width: 1280, rules: COLOURS }, { colorScheme: "dark", width: 320, rules: COLOURS },
  { colorScheme: "light", width: 320, rules: ["target-size", "scrollable-region-focusable", "heading-order", "link-name", "button-name"] },
];
// The API's reference says the same of a hundred operations: a few of them stand for all.
const shorten = (page) => page.evaluate(() => document.querySelectorAll(".operation:nth-of-type(n + 6), .contents li li:nth-child(n + 4)").forEach((each) => each.remove()));

const filled = (path) => path.replace(/\{(\w+)\}/g, (_, name) => jobs[name]);
const bodies = []; // of all pages looked at, for one run of vnu

async function look(page, name, reply) {
  const faults = [];
  const note = (about, found) => found.forEach((each) => faults.push(`${name}, ${about}: ${each}`));
  bodies.push([name, await reply.body()]);
  await page.setViewportSize({ width: 320, height: 800 });
  if ((await page.evaluate(() => document.documentElement.scrollWidth)) > 320) faults.push(`${name} scrolls sideways at 320`);
  await page.setViewportSize({ width: 1280, height: 900 });
  if ((await page.evaluate(() => document.documentElement.scrollWidth)) > 1280) faults.push(`${name} scrolls sideways at 1280`);
  if (name === "/help/api.html") await shorten(page);
  note("light", await findings(page));
  note("keyboard", await unreachable(page));
  for (const { colorScheme, width, rules } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    note(`${colorScheme} ${width}`, await findings(page, rules));
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  if ((await page.locator("h1").count()) !== 1) faults.push(`${name} has not one h1`);
  if (!/ · Tranche$/.test(await page.title())) faults.push(`${name} is called ${await page.title()}`);
  note("policy", await page.evaluate(() => globalThis.violations));
  return faults;
}

test("every page is clean in every look", async () => {
  const people = await open();
  const nobody = await open({ as: null });
  const faults = [];
  for (const path of PAGES) {
    const page = path === "/login" ? nobody : people;
    faults.push(...(await look(page, path, await page.goto(base + filled(path)))));
  }
  assert.deepEqual(faults, []);
  await people.done();
  await nobody.done();
});

test("every form with nothing in it: a summary in focus, clean in every look", async () => {
  const page = await open();
  const faults = [];
  for (const path of EMPTY_FORMS) {
    await page.goto(base + path);
    const [reply] = await Promise.all([
      page.waitForResponse((response) => response.request().isNavigationRequest()),
      page.evaluate(() => {
        const form = [...document.querySelectorAll("main form[method=post]")].find((each) => each.querySelector("input:not([type=hidden]):not([name=form_key]), textarea"));
        form.noValidate = true;
        form.requestSubmit();
      }),
    ]);
    await page.locator("#problem").waitFor();
    await page.waitForLoadState();
    if ((await page.evaluate(() => document.activeElement.id)) !== "problem") faults.push(`${path}: the summary has no focus`);
    if (!/^Error: /.test(await page.title())) faults.push(`${path}: the title does not say so`);
    for (const target of await page.locator("#problem a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))))
      if ((await page.locator(target).count()) !== 1) faults.push(`${path}: the summary leads to ${target}, which is not there`);
    faults.push(...(await look(page, `${path} sent empty`, reply)));
  }
  await page.goto(`${base}/restrictions/${jobs.restriction}`);
  await page.getByLabel("Reason").fill("On another course");
  await api(page, "PATCH", `/restrictions/${jobs.restriction}`, { reason: "Ill" });
  const [second] = await Promise.all([page.waitForResponse((response) => response.request().isNavigationRequest()), page.getByRole("button", { name: "Save" }).click()]);
  await page.locator("#f-now").waitFor();
  faults.push(...(await look(page, "a form of whoever is second", second)));
  assert.deepEqual(faults, []);
  await page.done();
});

// A code by the clock, as an app makes it (RFC 6238).
function codeOf(base32) {
  const bits = [...base32].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const tag = createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(counter).digest();
  return String((tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}

test("a newcomer: the first password, the second factor, its code at the next sign-in, and nothing yet on any page", async () => {
  const admin = await open();
  await admin.goto(`${base}/help`);
  const name = `newcomer-${process.pid}`;
  const given = (await api(admin, "POST", "/users", { name, roles: ["author"] })).password;
  await admin.done();
  const page = await open({ as: null });
  const faults = [];
  const sent = async (click) => {
    const [reply] = await Promise.all([page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() < 300), click()]);
    await page.waitForLoadState();
    return reply;
  };
  const press = (button) => sent(() => page.getByRole("button", { name: button, exact: true }).click());
  const login = async (password) => {
    await page.goto(`${base}/login`);
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("Password").fill(password);
    return press("Sign in");
  };
  const own = "a password of my own";
  faults.push(...(await look(page, "the password is due", await login(given))));
  await page.getByLabel("Present password").fill(given);
  for (const label of ["New password", "New password, once more"]) await page.getByLabel(label, { exact: true }).fill(own);
  await sent(() => page.locator("main form button").first().click());
  for (const path of ["/", "/jobs", "/events", "/account"]) faults.push(...(await look(page, `${path} of a newcomer`, await page.goto(base + path))));
  await page.goto(`${base}/account/second-factor`);
  await page.locator("main input[type=password]").first().fill(own);
  faults.push(...(await look(page, "the second factor's key", await sent(() => page.locator("main form button").first().click()))));
  const key = (await page.locator("code.secret").first().innerText()).replaceAll(" ", "");
  await page.locator("main input[name=code]").fill(codeOf(key));
  faults.push(...(await look(page, "the recovery codes", await sent(() => page.locator("main form button").first().click()))));
  await press("Sign out");
  faults.push(...(await look(page, "the code at sign-in", await login(own))));
  assert.deepEqual(faults, []);
  await page.done();
});

test("every page is valid HTML", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tranche-html-"));
  bodies.forEach(([, body], i) => writeFileSync(join(folder, `${i}.html`), body));
  const vnu = createRequire(import.meta.url)("vnu-jar");
  const said = await new Promise((done) =>
    execFile("java", ["-Xss1m", "-jar", vnu, "--format", "json", "--skip-non-html", folder], { encoding: "utf8", maxBuffer: 1e8 }, (_, __, stderr) => done(stderr)));
  rmSync(folder, { recursive: true });
  const faults = JSON.parse(said).messages.filter(({ type }) => type !== "info").map(({ url, message, extract }) =>
    `${bodies[parseInt(basename(url), 10)][0]}: ${message} ${extract}`);
  assert.ok(bodies.length > 100);
  assert.deepEqual(faults, []);
});

test("light or dark by hand, without JavaScript, on pages and on the help's files", async () => {
  const page = await open({ javaScriptEnabled: false, colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const choose = async (name) => {
    await page.getByRole("button", { name }).click();
    await page.locator(".look [aria-pressed=true]", { hasText: name }).waitFor();
  };
  await page.goto(`${base}/events?status=scheduled`);
  const light = await ground();
  await choose("Dark");
  assert.equal(page.url(), `${base}/events?status=scheduled`);
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.goto(`${base}/help/import.html`);
  assert.equal(await ground(), dark);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${base}/help`);
  await choose("Light");
  assert.equal(await ground(), light, "stronger than the device");
  await choose("As the device");
  assert.equal(await ground(), dark);
  await page.done();
});

test("a mistake in a form: summary in focus, link to the field, values kept", async () => {
  const page = await open();
  await page.goto(`${base}/bulk/new`);
  await page.getByLabel("Name of this batch").fill("Kept");
  await page.getByRole("button", { name: "Check first" }).click();
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  await focusOn(page, "#problem");
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.getByLabel("Name of this batch").inputValue(), "Kept");
  await page.getByRole("link", { name: "Choose a file or paste some rows" }).click();
  await focusOn(page, "#f-file");
  assert.deepEqual(await findings(page), []);
  await page.done();
});

test("a wrong password says no more than that, and keeps the name", async () => {
  const page = await open({ as: null });
  await page.goto(`${base}/login`);
  await page.getByLabel("User name").fill("nobody-of-that-name");
  await page.getByLabel("Password").fill("wrong-password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  assert.equal(await page.getByLabel("User name").inputValue(), "nobody-of-that-name");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  assert.deepEqual(await findings(page), []);
  await page.done();
});

test("a first visit stays under 35 KB", async () => {
  const page = await open({ as: null });
  const bodies = [];
  page.on("response", (response) => bodies.push(response.body()));
  await page.goto(`${base}/login`, { waitUntil: "networkidle" });
  const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  assert.ok(bytes > 1000 && bytes < FIRST_VISIT_BYTES, `${bytes} bytes`);
  await page.done();
});

test("what a person may not do is not offered", async () => {
  const page = await open({ as: "author" });
  await page.goto(`${base}/jobs/${jobs.partial}`);
  assert.match(await page.locator("h1").innerText(), /Not found/);
  await page.goto(base);
  assert.equal(await page.getByRole("heading", { name: "Workers" }).count(), 0);
  await page.done();
});
