// Every page in every state: no finding by axe in light and dark, no sideways
// scrolling at 320 px, headings and a title, and no more than 35 KB at first.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { api, base, ended, findings, makeConflicts, makeJob, open } from "./support.mjs";

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
  "/jobs/{partial}?outcome=all", "/jobs/{cancelled}", "/jobs/{paused}/cancel", "/jobs/{asking}",
  "/jobs/{asking}/conflicts", "/jobs/{asking}/conflicts?like=0", "/jobs/{asking}/conflicts?after=99", "/jobs/{checked}/conflicts",
  "/workers", "/workers?after=0.00000000-0000-4000-8000-000000000000", "/workers/{worker}",
  "/errors", "/errors?show=resolved", "/errors?show=all", "/errors/{error}", "/audit", "/audit?action=job.&job=1", "/audit?from=x", "/system",
  "/account", "/account?done=timezone", "/account/password", "/account/second-factor", "/account/tokens/new",
  "/users", "/users?after=999999", "/users/new", "/users/1", "/users/2?done=saved", "/users/2/deactivate", "/roles", "/roles/new",
  "/help", "/help/errors", "/help/site.html", "/help/install.html", "/help/batches.html", "/help/import.html", "/help/limits.html", "/help/restrictions.html", "/help/calendar.html", "/help/history.html", "/help/accounts.html",
  "/help/api.html", "/help/webhooks.html", "/webhooks", "/webhooks/new", "/webhooks/{webhook}", "/webhooks/{webhook}/secret", "/webhooks/{webhook}/delete", "/help/troubleshooting.html",
  "/help/conditions.html", "/help/recurrence.html", "/help/conflicts.html", "/nothing/here",
];
const LOOKS = [
  { colorScheme: "light", width: 1280 }, { colorScheme: "dark", width: 1280 },
  { colorScheme: "light", width: 320 }, { colorScheme: "dark", width: 320 },
];

const filled = (path) => path.replace(/\{(\w+)\}/, (_, name) => jobs[name]);

for (const { colorScheme, width } of LOOKS) {
  test(`${colorScheme}, ${width} px: every page is clean`, async () => {
    const people = await open({ colorScheme, viewport: { width, height: 800 } });
    const nobody = await open({ as: null, colorScheme, viewport: { width, height: 800 } });
    for (const path of PAGES) {
      const page = path === "/login" ? nobody : people;
      await page.goto(base + filled(path));
      assert.deepEqual(await findings(page), [], path);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${path} scrolls sideways`);
      assert.equal(await page.locator("h1").count(), 1, path);
      assert.match(await page.title(), / · Tranche$/, path);
    }
    await people.done();
    await nobody.done();
  });
}

test("every page is valid HTML", async () => {
  const people = await open();
  const nobody = await open({ as: null });
  const folder = mkdtempSync(join(tmpdir(), "tranche-html-"));
  try {
    for (const [i, path] of PAGES.entries()) {
      const reply = await (path === "/login" ? nobody : people).request.get(base + filled(path));
      writeFileSync(join(folder, `${i}.html`), await reply.body());
    }
    const vnu = createRequire(import.meta.url)("vnu-jar");
    const { stderr, error } = spawnSync("java", ["-Xss1m", "-jar", vnu, "--format", "json", "--skip-non-html", folder], { encoding: "utf8" });
    assert.ifError(error);
    const { messages } = JSON.parse(stderr);
    const said = messages.filter(({ type }) => type !== "info").map(({ url, message, extract }) =>
      `${PAGES[parseInt(basename(url), 10)]}: ${message} ${extract}`);
    assert.deepEqual(said, []);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await people.done();
  await nobody.done();
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
  assert.equal(await page.evaluate(() => document.activeElement.id), "problem");
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.getByLabel("Name of this batch").inputValue(), "Kept");
  await page.getByRole("link", { name: "Choose a file or paste some rows" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-file");
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
