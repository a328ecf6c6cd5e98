// One event: made, changed, refused, and what to do when something is in the way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, focusOn, open } from "./support.mjs";

const run = Date.now() % 100_000;
const year = 2040 + (run % 40);

test("an event is made, found in the way of another, and changed; without a script", async () => {
  const setup = await open();
  await setup.goto(`${base}/help`);
  const { id: content } = await api(setup, "POST", "/contents", { title: `F${run}` });
  await api(setup, "POST", `/contents/${content}/versions`, { body: {} });
  const { id: other } = await api(setup, "POST", "/contents", { title: `G${run}` });
  await api(setup, "POST", `/contents/${other}/versions`, { body: {} });
  await api(setup, "POST", "/resources", { kind: "venue", name: `Form ${run}`, overlap: "soft" });
  await setup.done();

  const page = await open({ javaScriptEnabled: false });
  const fill = async (title, number, start) => {
    await page.goto(`${base}/new-event`);
    await page.getByLabel("Title").fill(title);
    await page.getByLabel("Content no.").fill(String(number));
    await page.getByLabel("Start").fill(start);
    await page.getByLabel("Time zone").fill("Europe/Stockholm");
    await page.getByLabel("Resources").selectOption({ label: `Form ${run} (venue)` });
    await page.getByRole("button", { name: "Schedule" }).click();
  };
  await fill("First", content, `${year}-07-01T10:00`);
  assert.equal(await page.locator("h1").innerText(), "First");
  assert.match(await page.locator("main").innerText(), new RegExp(`1 Jul ${year}, 08:00`));
  const first = page.url();

  await fill("Second", other, `${year}-07-01T10:30`);
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  assert.match(await page.locator("#problem").innerText(), /resource/i);
  assert.equal(await page.getByLabel("Title").inputValue(), "Second");
  await page.getByLabel("What to do").selectOption("keep_both");
  await page.getByRole("button", { name: "Schedule" }).click();
  assert.equal(await page.locator("h1").innerText(), "Second");
  assert.equal(await page.locator("#conflicts tbody tr").count(), 1);

  await page.goto(first);
  await page.getByRole("link", { name: "Change…" }).click();
  assert.equal(await page.getByLabel("Start").inputValue(), `${year}-07-01T10:00`);
  await page.getByLabel("Title").fill("First, later");
  await page.getByLabel("Start").fill(`${year}-07-02T10:00`);
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.locator("h1").innerText(), "First, later");
  assert.match((await page.locator("#history tbody tr").first().innerText()).replace(/\s+/g, " "), /title: First → First, later starts_at/);
  await page.getByRole("link", { name: "Change…" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.locator("#history tbody tr").count(), 2, "nothing changed: no new version");
  await page.done();
});

test("what is wrong is said at its field, and nothing typed is lost", async () => {
  const page = await open();
  await page.goto(`${base}/new-event`);
  await page.getByLabel("Title").fill("Kept");
  await page.getByLabel("Content no.").fill("99999999");
  await page.getByLabel("Start").fill("2031-01-01T10:00");
  await page.getByLabel("Time zone").fill("Mars/Base");
  await page.getByLabel("Attributes").fill("{tags}");
  await page.getByRole("button", { name: "Schedule" }).click();
  await page.getByRole("link", { name: "The attributes are no JSON" }).click();
  await focusOn(page, "#f-attributes");
  await page.getByLabel("Attributes").fill("");
  await page.getByRole("button", { name: "Schedule" }).click();
  await page.locator("#e-timezone").waitFor();
  assert.equal(await page.getByLabel("Title").inputValue(), "Kept");
  await page.done();
});

test("a series is made by its rule", async () => {
  const page = await open();
  await page.goto(`${base}/new-event?content_id=1`);
  await page.getByLabel("Start").fill(`${year}-01-02T10:00`);
  await page.getByLabel("Repeats").fill("FREQ=DAILY;COUNT=3");
  await page.getByRole("button", { name: "Schedule" }).click();
  await page.getByText("every day, 3 times").waitFor();
  await page.done();
});

test("what has to be so when the moment comes is asked, shown again and kept", async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${base}/new-event`);
  const content = (await api(page, "GET", "/contents?limit=1")).items[0].id;
  await page.getByLabel("Title").fill("On terms");
  await page.getByLabel("Content no.").fill(String(content));
  await page.getByLabel("Start").fill(`${year}-09-01T10:00`);
  await page.getByLabel("Only if").fill('{"colour": [1]}');
  await page.getByRole("button", { name: "Schedule" }).click();
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  assert.match(await page.locator("#problem").innerText(), /not an operator/);
  await page.getByLabel("Only if").fill('{">": [{"var": "attributes.stock"}, 0]}');
  await page.getByLabel("May be late, in minutes").fill("5");
  await page.getByLabel("If its moment passed unseen").selectOption("skip");
  await page.getByRole("button", { name: "Schedule" }).click();
  assert.equal(await page.locator("h1").innerText(), "On terms");
  const id = Number(page.url().match(/events\/(\d+)/)[1]);
  const event = await api(page, "GET", `/events/${id}`);
  assert.deepEqual([event.conditions, event.grace_s, event.misfire], [{ ">": [{ var: "attributes.stock" }, 0] }, 300, "skip"]);
  await page.getByRole("link", { name: "Change…" }).click();
  assert.equal(await page.getByLabel("May be late, in minutes").inputValue(), "5");
  await page.getByLabel("Title").fill("On the same terms");
  await page.getByRole("button", { name: "Save" }).click();
  const changed = await api(page, "GET", `/events/${id}`);
  assert.deepEqual([changed.conditions, changed.grace_s, changed.misfire], [event.conditions, 300, "skip"]);
  await page.done();
});
