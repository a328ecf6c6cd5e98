// The installer as people see it: the whole way without JavaScript on a phone's
// width, every page valid and without a finding of axe, light and dark, wide and narrow;
// then the pages of an update.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { api, base, findings, open, unreachable } from "../support.mjs";
import { behind, codeIn as code, config, forget, settings, sql } from "../../web/bare/support.mjs";

const LOOKS = [["light", 1280], ["dark", 1280], ["light", 320], ["dark", 320]];
const seen = new Map(); // what the server sent, by the name of the page
let twin;

// What depends on colours and widths; the rest is the same document, and all rules have seen it.
async function findingsOfTheEye(page) {
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"], runOnly: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"] }));
  return violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

// Looks at the page that `page` shows (same cookies) in both lights and widths.
async function look(page, name) {
  twin ??= await open({ as: null });
  await twin.context().addCookies(await page.context().cookies());
  // What a form answered can't be fetched again: its markup stands in.
  if (page.answered) {
    if (!twin.url().startsWith(base)) await twin.goto(base); // so that its addresses are the site's
    await twin.setContent(page.answered === true ? await page.content() : page.answered);
  } else {
    await twin.goto(page.url());
    seen.set(name, await (await page.request.get(page.url())).text());
  }
  if (typeof page.answered === "string") seen.set(name, page.answered);
  await twin.waitForFunction(() => ![...document.querySelectorAll("#tests .word")].some((word) => word.textContent === "open"));
  for (const [i, [colorScheme, width]] of LOOKS.entries()) {
    await twin.setViewportSize({ width, height: 900 });
    await twin.emulateMedia({ colorScheme });
    assert.deepEqual(await (i ? findingsOfTheEye : findings)(twin), [], `${name} ${colorScheme} ${width}`);
    assert.ok(await twin.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: wider than ${width}`);
    if (i === 0) assert.deepEqual(await unreachable(twin), [], `${name} by keyboard`);
    if (process.env.SHOTS) await twin.screenshot({ path: join(process.env.SHOTS, `${name}-${colorScheme}-${width}.png`), fullPage: true });
  }
}

test("from upload to dashboard without JavaScript, at 320 px", async () => {
  const page = await open({ as: null, javaScriptEnabled: false, viewport: { width: 320, height: 800 } });
  page.answered = (await behind({ REMOTE_ADDR: "10.1.2.3", HTTP_X_FORWARDED_FOR: "198.51.100.4", HTTP_X_FORWARDED_PROTO: "https" }, "GET", "/install")).text;
  await page.goto(base);
  await look(page, "proxy");
  page.answered = (await behind({ REMOTE_ADDR: "198.51.100.4", HTTP_X_FORWARDED_PROTO: "https" }, "GET", "/install")).text;
  await look(page, "proxy-hidden");
  page.answered = false;
  await look(page, "start");
  await page.getByRole("button", { name: "Write the code" }).click();
  await look(page, "code");
  await page.getByLabel("Code from the file").fill("WRON-GCOD-E000-0000");
  await page.getByRole("button", { name: "Continue" }).click();
  assert.match(await page.locator("#problem").textContent(), /not the code in the file/);
  page.answered = true;
  await look(page, "code-wrong");
  page.answered = false;
  await page.getByLabel("Code from the file").fill(code());
  await page.getByRole("button", { name: "Continue" }).click();
  assert.equal(await page.locator(".findings .bad").count(), 0);
  await look(page, "host");
  // With JavaScript the browser has made its tests by now.
  assert.deepEqual(await twin.locator("#tests .word").allTextContents(), ["good", "good", "good"]);
  await page.getByRole("link", { name: "Continue" }).click();
  await look(page, "database");
  const fill = async (password) => {
    await page.getByLabel("Name of the database").fill("tranche");
    await page.getByLabel("User", { exact: true }).fill(settings.db_user);
    await page.getByLabel("Password of this user").fill(password);
    await page.getByLabel("Prefix of the tables").fill("br_");
    if (!(await page.getByLabel("Socket").isVisible())) await page.getByText("More (port").click();
    await page.getByLabel("Socket").fill(settings.db_socket);
    await page.getByRole("button", { name: "Try and save" }).click();
  };
  await fill("wrong");
  assert.match(await page.locator("#problem").textContent(), /no such user with this password/);
  page.answered = true;
  await look(page, "database-wrong");
  page.answered = false;
  sql("CREATE TABLE IF NOT EXISTS br_users (id INT PRIMARY KEY)"); // another program's
  await fill(settings.db_password);
  assert.match(await page.locator(".findings .bad").first().textContent(), /stops here/);
  page.answered = true;
  await look(page, "database-stops");
  page.answered = false;
  sql("DROP TABLE br_users");
  await fill(settings.db_password);
  await page.getByRole("button", { name: "Make the tables" }).waitFor();
  await look(page, "tables");
  await page.getByRole("button", { name: "Make the tables" }).click();
  await page.waitForURL(/install\/admin/); // by itself
  await look(page, "admin");
  await page.goBack();
  await page.reload();
  assert.match(page.url(), /install\/(admin|tables)/);
  await page.goto(`${base}/install`);
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("correct horse staple");
  await page.getByLabel("The same password again").fill("correct horse staple");
  await page.getByRole("button", { name: "Finish" }).click();
  await page.getByRole("heading", { name: "Tranche is installed" }).waitFor();
  await look(page, "done");
  await page.getByRole("link", { name: "Open the dashboard" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.done();
});

// As if the last statements of the tables were new.
const makeOlder = async () => {
  sql("UPDATE br_schema_migrations SET applied_at = NULL, statements_done = statements_done - 2");
  await forget();
};

test("an update: what visitors and an administrator see, without JavaScript", async () => {
  const admin = await open({ as: null, javaScriptEnabled: false, viewport: { width: 320, height: 800 } });
  await admin.goto(`${base}/login`);
  await admin.getByLabel("User name").fill("ada");
  await admin.getByLabel("Password").fill("correct horse staple");
  await admin.getByRole("button", { name: "Sign in" }).click();
  await look(admin, "dashboard");
  appendFileSync(config, "afterwork_ms = 0\n"); // nobody works on it meanwhile,
  await forget(); // nor who had begun to look for work before
  await api(twin, "POST", "/batch", { type: "create", items: [{ content_id: 1, version_no: 1, starts_at: "2031-01-01T09:00:00Z" }], options: { label: "Waits" } });
  sql("INSERT INTO br_schema_migrations (version, statements_done, applied_at) VALUES (900, 1, UTC_TIMESTAMP())");
  await forget();
  await admin.goto(base);
  assert.match(await admin.locator("main").innerText(), /older than the database/);
  await look(admin, "upgrade-newer");
  sql("DELETE FROM br_schema_migrations WHERE version = 900");
  await makeOlder();
  const visitor = await open({ as: null, javaScriptEnabled: false, viewport: { width: 320, height: 800 } });
  await twin.context().clearCookies();
  await visitor.goto(base);
  await visitor.getByRole("heading", { name: "Tranche is being updated" }).waitFor();
  await look(visitor, "upgrade-wait");
  await visitor.getByRole("link", { name: /Update by code/ }).click();
  await look(visitor, "upgrade-code");
  await visitor.getByRole("button", { name: "Write the code" }).click();
  await visitor.getByLabel("Code from the file").fill("WRON-GCOD-E000-0000");
  await visitor.getByRole("button", { name: "Continue" }).click();
  visitor.answered = true;
  await look(visitor, "upgrade-code-wrong");
  visitor.answered = false;
  await admin.goto(`${base}/upgrade`);
  assert.match(await admin.locator("main").innerText(), /1 batch is not finished/);
  await look(admin, "upgrade");
  await admin.getByRole("button", { name: "Continue" }).click();
  await admin.getByRole("heading", { name: "The database is up to date" }).waitFor();
  await look(admin, "upgrade-done");
  await makeOlder();
  await visitor.goto(`${base}/upgrade?by=code`);
  await visitor.getByLabel("Code from the file").or(visitor.getByRole("button", { name: "Write the code" })).first().waitFor();
  if (await visitor.getByRole("button", { name: "Write the code" }).count()) await visitor.getByRole("button", { name: "Write the code" }).click();
  await visitor.getByLabel("Code from the file").fill(code());
  await visitor.getByRole("button", { name: "Continue" }).click();
  await visitor.getByRole("button", { name: "Continue" }).click();
  await visitor.getByRole("heading", { name: "The database is up to date" }).waitFor();
  await visitor.done();
  await admin.done();
  await twin.done();
});

test("every one of these pages is valid HTML", () => {
  const folder = mkdtempSync(join(tmpdir(), "tranche-html-"));
  for (const [name, text] of seen) writeFileSync(join(folder, `${name}.html`), text);
  const { stderr, error } = spawnSync("java", ["-Xss1m", "-jar", createRequire(import.meta.url)("vnu-jar"), "--format", "json", "--skip-non-html", folder], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  assert.ifError(error);
  assert.ok(seen.size >= 12, [...seen.keys()].join());
  assert.deepEqual(JSON.parse(stderr).messages.filter(({ type }) => type !== "info").map(({ url, message, extract }) => `${basename(url)}: ${message} ${extract}`), []);
});
