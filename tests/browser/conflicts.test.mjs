// Conflicts: theirs beside yours, where they meet, one decision or many, and what it comes to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, findings, makeConflicts, open, tile } from "./support.mjs";

const shoot = (page, name) => process.env.SHOTS && page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true });
const row = (page, name) => page.locator("article.conflict", { hasText: name });

async function asking(options) {
  const page = await open();
  await page.goto(`${base}/help`);
  const id = await makeConflicts(page, options);
  await page.done();
  return id;
}

for (const javaScriptEnabled of [true, false]) {
  test(`conflicts are decided one by one, then all that are alike, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const id = await asking();
    const page = await open({ javaScriptEnabled });
    await page.goto(base);
    assert.match(await page.locator(".notice p").first().innerText(), new RegExp(`^6 conflicts need a decision in batch ${id}`));
    await page.goto(`${base}/jobs/${id}`);
    assert.match(await page.locator("#live .panel-head .pill").innerText(), /Needs decision/);
    await shoot(page, "conflicts-job");
    await page.getByRole("link", { name: "6 conflicts need a decision…" }).click();
    assert.equal(await page.locator("h1").innerText(), "6 conflicts need your decision");

    const first = row(page, "Swimming for beginners 1");
    assert.match(await first.innerText(), /The resource is taken: Lobby .*\s+soft/);
    assert.match(await first.innerText(), /Board meeting in the soft room/);
    assert.match(await first.innerText(), /Overlaps by 45 min/);
    assert.match(await first.innerText(), /in Europe\/Helsinki: .*12:00 – 12:45/);
    assert.deepEqual(await first.getByRole("radio").count(), 5);
    assert.equal(await row(page, "Swimming for beginners 4").getByRole("radio", { name: /^Both/ }).count(), 0, "a hard one can't be kept");
    await shoot(page, `conflicts-${javaScriptEnabled ? "list" : "plain"}`);

    await page.getByRole("button", { name: "Go on with what is chosen…" }).click();
    assert.match(await page.locator(".problem").innerText(), /Choose for at least one conflict what to do/);
    await first.getByRole("radio", { name: /^Both/ }).check();
    await row(page, "Swimming for beginners 5").getByRole("radio", { name: /^Theirs/ }).check();
    await page.getByRole("button", { name: "Go on with what is chosen…" }).click();
    assert.equal(await page.locator("h1").innerText(), "Decide 2 conflicts?");
    const question = await page.locator(".panel").innerText();
    assert.match(question, /Theirs: 1 item \(Swimming for beginners 5\) is left out/);
    assert.match(question, /Both: 1 item \(Swimming for beginners 1\) is written beside/);
    assert.match(question, /can be undone for 24 hours/);
    if (javaScriptEnabled) assert.deepEqual(await findings(page), []);
    await shoot(page, "conflicts-question");
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await ended(page, /Needs decision/);
    assert.deepEqual([await tile(page, "succeeded"), await tile(page, "skipped"), await tile(page, "conflict")], [2, 1, 4]);

    // Back and once more: it stays as it is.
    await page.goBack();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await ended(page, /Needs decision/);
    assert.deepEqual([await tile(page, "succeeded"), await tile(page, "skipped"), await tile(page, "conflict")], [2, 1, 4]);

    await page.goto(`${base}/jobs/${id}/conflicts`);
    const hard = row(page, "Swimming for beginners 4");
    const alike = hard.getByRole("button", { name: /Apply to all 2 like this…/ });
    await alike.click();
    assert.match(await page.locator(".problem").innerText(), /Choose first what to do with this one/);
    await row(page, "Swimming for beginners 4").getByRole("radio", { name: /^Theirs/ }).check();
    await alike.click();
    assert.match(await page.locator(".panel").innerText(), /Theirs for 2 conflicts – The resource is taken: Main hall .*: they are left out/);
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await ended(page, /Needs decision/);

    await page.goto(`${base}/jobs/${id}/conflicts`);
    await page.getByLabel("Decide alike, where it is possible").selectOption("keep_both");
    await page.getByRole("button", { name: "Apply to all 2…" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await ended(page, /Completed/);
    assert.deepEqual([await tile(page, "succeeded"), await tile(page, "skipped")], [4, 3]);
    await page.goto(`${base}/jobs/${id}/conflicts`);
    assert.match(await page.locator(".empty").innerText(), /Nothing waits for a decision/);
    await page.done();
  });
}

test("two people: the first decision stands, the other is told at the item", async () => {
  const id = await asking({ count: 1 });
  const [one, two] = [await open(), await open()];
  for (const page of [one, two]) {
    await page.goto(`${base}/jobs/${id}/conflicts`);
    await row(page, "Swimming for beginners 1").getByRole("radio", { name: page === one ? /^Theirs/ : /^Both/ }).check();
    await page.getByRole("button", { name: "Go on with what is chosen…" }).click();
  }
  for (const page of [one, two]) await page.getByRole("button", { name: "Yes, do it" }).click();
  assert.match(await two.locator(".problem").innerText(), /Ada Admin has decided item 0 already: skip/);
  await one.done();
  await two.done();
});

test("by keyboard, on a phone, in the dark", async () => {
  const id = await asking({ count: 2 });
  const page = await open({ viewport: { width: 320, height: 640 }, colorScheme: "dark" });
  await page.goto(`${base}/jobs/${id}/conflicts`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
  await shoot(page, "conflicts-phone");
  await row(page, "Swimming for beginners 1").getByRole("radio", { name: /^Later/ }).focus();
  await page.keyboard.press("ArrowDown");
  assert.ok(await row(page, "Swimming for beginners 1").getByRole("radio", { name: /^Theirs/ }).isChecked());
  await page.keyboard.press("Enter"); // as the button “Go on”, not as one that takes in more
  await page.waitForURL(/decide/);
  assert.equal(await page.locator("h1").innerText(), "Decide 1 conflict?");
  await shoot(page, "conflicts-phone-question");
  await page.getByRole("button", { name: "Yes, do it" }).focus();
  await page.keyboard.press("Enter");
  await ended(page, /Needs decision/);
  const { counts } = await api(page, "GET", `/batch/${id}`);
  assert.deepEqual([counts.skipped, counts.conflict], [1, 3]);
  await page.done();
});
