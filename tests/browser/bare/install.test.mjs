// The installer as people see it: the whole way without JavaScript on a phone's
// width, every page without a finding of axe, light and dark, wide and narrow.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { base, findings, open } from "../support.mjs";

const site = process.env.BARE_SITE;
const settings = Object.fromEntries(readFileSync(process.env.DATABASE_CONFIG, "utf8").split("\n").map((line) => line.split(" = ")));
const code = () => {
  const name = readdirSync(site).find((entry) => entry.startsWith("tranche-install"));
  return /^ {4}(\S+)$/m.exec(readFileSync(join(site, name), "utf8"))[1];
};

// Looks at the page that `page` shows (same cookies) in both lights and widths.
async function look(page, name, scripted) {
  for (const [colorScheme, width] of [["light", 1280], ["dark", 320]]) {
    const twin = scripted[`${colorScheme}-${width}`] ??= await open({ as: null, colorScheme, viewport: { width, height: 900 } });
    await twin.context().addCookies(await page.context().cookies());
    // What a form answered can't be fetched again: its markup stands in.
    if (page.answered) await twin.setContent(await page.content());
    else await twin.goto(page.url());
    await twin.waitForFunction(() => ![...document.querySelectorAll("#tests .word")].some((word) => word.textContent === "open"));
    assert.deepEqual(await findings(twin), [], `${name} ${colorScheme} ${width}`);
    assert.ok(await twin.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: wider than ${width}`);
    if (process.env.SHOTS) await twin.screenshot({ path: join(process.env.SHOTS, `${name}-${colorScheme}-${width}.png`), fullPage: true });
  }
}

test("from upload to dashboard without JavaScript, at 320 px", async () => {
  const page = await open({ as: null, javaScriptEnabled: false, viewport: { width: 320, height: 800 } });
  const scripted = {};
  await page.goto(base);
  await look(page, "start", scripted);
  await page.getByRole("button", { name: "Write the code" }).click();
  await look(page, "code", scripted);
  await page.getByLabel("Code from the file").fill("WRON-GCOD-E000-0000");
  await page.getByRole("button", { name: "Continue" }).click();
  assert.match(await page.locator("#problem").textContent(), /not the code in the file/);
  page.answered = true;
  await look(page, "code-wrong", scripted);
  page.answered = false;
  await page.getByLabel("Code from the file").fill(code());
  await page.getByRole("button", { name: "Continue" }).click();
  assert.equal(await page.locator(".findings .bad").count(), 0);
  await look(page, "host", scripted);
  // With JavaScript the browser has made its tests by now.
  assert.deepEqual(await scripted["light-1280"].locator("#tests .word").allTextContents(), ["good", "good", "good"]);
  await page.getByRole("link", { name: "Continue" }).click();
  await look(page, "database", scripted);
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
  await look(page, "database-wrong", scripted);
  page.answered = false;
  await fill(settings.db_password);
  await page.getByRole("button", { name: "Make the tables" }).waitFor();
  await look(page, "tables", scripted);
  await page.getByRole("button", { name: "Make the tables" }).click();
  await page.waitForURL(/install\/admin/, { timeout: 60_000 }); // by itself
  await look(page, "admin", scripted);
  await page.goBack();
  await page.reload();
  assert.match(page.url(), /install\/(admin|tables)/);
  await page.goto(`${base}/install`);
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("correct horse staple");
  await page.getByLabel("The same password again").fill("correct horse staple");
  await page.getByRole("button", { name: "Finish" }).click();
  await page.getByRole("heading", { name: "Tranche is installed" }).waitFor();
  await look(page, "done", scripted);
  await page.getByRole("link", { name: "Open the dashboard" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  for (const twin of Object.values(scripted)) await twin.done();
  await page.done();
});
