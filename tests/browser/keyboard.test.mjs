// The main way through with the keyboard alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { base, ended, makeCsv, open, passwords, tile } from "./support.mjs";

// Presses Tab until what has the focus is called so; it must be seen to have it.
async function tabTo(page, name) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element.labels?.[0]?.textContent ?? element.textContent;
      const style = getComputedStyle(element);
      return { label: label.trim(), outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    if (!focus.label.startsWith(name)) continue;
    assert.ok(focus.outlined, `the focus on “${name}” can't be seen`);
    return;
  }
  assert.fail(`Tab does not lead to “${name}”`);
}

test("sign in, paste rows, check, run, look at what failed: no mouse", async () => {
  const page = await open({ as: null });
  await page.goto(`${base}/bulk/new`);
  await tabTo(page, "User name");
  await page.keyboard.type("editor");
  await tabTo(page, "Password");
  await page.keyboard.type(passwords.editor);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/bulk/new");

  await tabTo(page, "Or paste the rows");
  await page.keyboard.press("Enter");
  await tabTo(page, "Rows as CSV or JSON");
  await page.keyboard.insertText(makeCsv({ rows: 30, bad: 3 }).buffer.toString());
  await tabTo(page, "Check first");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/jobs\/\d+/);
  await ended(page);
  const check = page.url();
  await tabTo(page, "Run it for real");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => /\/jobs\/\d+/.test(url.pathname) && url.href !== check);
  await ended(page);
  assert.equal(await tile(page, "failed"), 3);
  await tabTo(page, "created 27");
  await page.keyboard.press("Enter");
  await page.waitForURL(/outcome=succeeded/);
  assert.equal(await page.locator(".results tbody tr").count(), 27);
  await page.done();
});
