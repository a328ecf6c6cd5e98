// The main ways through with the keyboard alone.  (That each thing on each page takes a focus that can be seen:
// pages.test.mjs.)
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, makeConflicts, makeCsv, open, passwords, tile } from "./support.mjs";

// Presses Tab until what has the focus is called so; it must be seen to have it.
async function tabTo(page, name) {
  await page.waitForLoadState();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element.labels?.[0]?.textContent ?? element.textContent;
      const style = getComputedStyle(element);
      return { label: label.replace(/\s+/g, " ").trim(), outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
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

// Tab once round the page: each stop once, and out at the end.
async function roundOf(page) {
  const stops = [];
  for (let presses = 0; presses < 200; presses += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const all = [...document.querySelectorAll("*")];
      return { at: all.indexOf(element), name: element.outerHTML.slice(0, 80) };
    });
    if (!stop) return stops;
    const again = stops.findIndex(({ at }) => at === stop.at);
    if (again === 0) return stops; // round
    if (again >= 0 && again === stops.length - 1) continue; // the parts of a date
    assert.equal(again, -1, `a trap at ${stop.name}`);
    assert.ok(!stops.length || stop.at > stops.at(-1).at, `out of order: ${stop.name}`);
    stops.push(stop);
  }
  return assert.fail(`there is no end: ${stops.at(-1).name} of ${page.url()}`);
}

test("a webhook, a role, a person and what they are allowed: made, changed and deleted without a mouse", async () => {
  const page = await open();
  const word = `Keys ${process.pid}`;
  const press = async (name, key = "Enter") => {
    await tabTo(page, name);
    await page.keyboard.press(key);
  };
  const heading = (name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  const go = async (link, title) => {
    await press(link);
    await heading(title);
  };
  const site = async (name) => {
    await press("Site");
    await go(name, name);
  };
  const type = async (label, text) => {
    await tabTo(page, label);
    await page.keyboard.insertText(text);
  };

  await page.goto(base);
  await site("Webhooks");
  await go("New webhook", "New webhook");
  await type("Name", word);
  await type("Address", "https://example.com/in");
  await tabTo(page, "every batch of mine");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await press("undone", " ");
  await go("Make the webhook", `The secret of “${word}”`);
  await go("I have it", word);
  assert.ok(await page.getByLabel("only batches that name it").isChecked());
  assert.ok(!(await page.getByLabel("undone", { exact: true }).isChecked()));
  await go("Delete…", `Delete the webhook “${word}”?`);
  await press("Yes, delete it");
  await page.getByText("The webhook is deleted.").waitFor();

  await site("People");
  await go("Roles", "Roles");
  await go("New role", "New role");
  await type("Name", word);
  await tabTo(page, "See and steer everybody's batches");
  await page.keyboard.press("ArrowDown");
  await press("Save");
  await page.getByText("The role is saved.").waitFor();
  await go(word, "Change a role");
  assert.equal(await page.getByLabel("See and steer everybody's batches").inputValue(), "all");
  await site("People");
  await go("Add a person", "Add a person");
  await type("User name", word);
  await type("Name", "Kay Keys");
  await press(word, " ");
  await go("Add the person", "A password for Kay Keys");
  await go("I have it", "Kay Keys");
  await go("Deactivate…", "Deactivate Kay Keys?");
  await press("Yes, deactivate");
  await page.getByText("The person is deactivated").waitFor();

  const { id } = (await api(page, "GET", "/resources?kind=person&limit=1")).items[0];
  await page.goto(`${base}/restrictions/new?resource_id=${id}`);
  for (const [label, day] of [["From", "01012033"], ["To", "02012033"]]) {
    await tabTo(page, label);
    await page.keyboard.type(day);
    await page.keyboard.press("Tab");
    await page.keyboard.type("0800A");
  }
  await type("Reason", word);
  await press("Add");
  await page.getByText(/The restriction of .* is saved/).waitFor();
  await page.done();
});

test("no page is a trap", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const asking = await makeConflicts(page, { count: 1 });
  for (const path of ["/restrictions/new", "/calendar?view=week&date=2059-01-08", `/jobs/${asking}/conflicts`, "/bulk/new", "/account"]) {
    await page.goto(base + path);
    assert.ok((await roundOf(page)).length > 15, path);
  }
  await page.done();
});
