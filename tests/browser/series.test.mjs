// A series: its rule made by a form, one occurrence left out, brought back, changed, those from one on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, findings, open } from "./support.mjs";

// At noon of a Monday, on its own place in time.
async function makeEvent(page, more = {}) {
  await page.goto(`${base}/help`);
  const { id: content_id } = await api(page, "POST", "/contents", { title: "Series" });
  await api(page, "POST", `/contents/${content_id}/versions`, { body: {} });
  return api(page, "POST", "/events", {
    content_id, title: "Choir", timezone: "Europe/Stockholm", local_start: "2028-01-03T12:00:00", duration_s: 3600, ...more,
  });
}

const rows = (page) => page.locator("tbody tr");
const read = async (page, id) => api(page, "GET", `/events/${id}`);

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an event is made a series, and its occurrences are edited, ${how}`, async () => {
    const helper = await open(); // the API needs scripts
    const { id } = await makeEvent(helper);
    const page = await open({ javaScriptEnabled });
    await page.goto(`${base}/events/${id}`);
    await page.getByRole("link", { name: "Repeat…" }).click();
    await page.getByLabel("Repeats").selectOption("weekly");
    await page.getByLabel("Mon", { exact: true }).check();
    await page.getByLabel("Wed", { exact: true }).check();
    await page.getByLabel("after so many times:").check();
    await page.getByRole("spinbutton", { name: "Times" }).fill("6");
    await page.getByRole("button", { name: "Save for the whole series" }).click();
    assert.match(await page.locator(".notice").innerText(), /Saved/);
    assert.equal(await rows(page).count(), 6);
    assert.equal((await read(helper, id)).recurrence, "FREQ=WEEKLY;COUNT=6;BYDAY=MO,WE");

    await rows(page).nth(1).getByRole("button", { name: "Leave out" }).click();
    assert.match(await rows(page).nth(1).innerText(), /left out/);
    assert.deepEqual((await read(helper, id)).exdates, ["2028-01-05T12:00:00"]);
    await rows(page).nth(1).getByRole("button", { name: "Bring back" }).click();
    assert.deepEqual((await read(helper, id)).exdates, []);

    await rows(page).nth(2).getByRole("link", { name: "Change…" }).click();
    await page.getByLabel("Title").fill("Choir outside");
    await page.getByLabel("Starts").fill("2028-01-10T15:00");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    assert.match(await rows(page).nth(2).innerText(), /15:00.*Choir outside/s);

    await rows(page).nth(4).getByRole("link", { name: "Change…" }).click();
    await page.getByLabel("Lasts, in minutes").fill("90");
    await page.getByLabel(/This one and all that follow/).check();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    assert.equal(await rows(page).count(), 2, "the new event has the last two");
    assert.equal((await read(helper, id)).recurrence, "FREQ=WEEKLY;COUNT=4;BYDAY=MO,WE");
    await page.done();
    await helper.done();
  });
}

test("a rule that is refused stays in the form, with the reason beside it", async () => {
  const page = await open();
  const { id } = await makeEvent(page);
  await page.goto(`${base}/events/${id}/series`);
  await page.getByLabel("Repeats").selectOption("rule");
  await page.getByLabel("Rule", { exact: true }).fill("FREQ=WEEKLY;BYDAY=1MO");
  await page.getByRole("button", { name: "Save for the whole series" }).click();
  assert.match(await page.title(), /^Error: /);
  assert.match(await page.locator("main").innerText(), /BYDAY can't have numbers with FREQ=WEEKLY/);
  assert.equal(await page.getByLabel("Rule", { exact: true }).inputValue(), "FREQ=WEEKLY;BYDAY=1MO");
  assert.deepEqual(await findings(page), []);
  await page.done();
});

for (const width of [1280, 320]) {
  test(`the page of a series is clean at ${width} px`, async () => {
    const page = await open({ viewport: { width, height: 800 } });
    const { id } = await makeEvent(page, {
      recurrence: "FREQ=WEEKLY;COUNT=40", exdates: ["2028-01-10T12:00"], rdates: ["2028-01-12T12:00"],
      overrides: { "2028-01-17T12:00": { local_start: "2028-01-18T09:00", title: "Elsewhere" } },
    });
    await page.goto(`${base}/events/${id}/series?from=2028-01-01T00:00&occurrence=2028-01-17T12:00:00`);
    assert.deepEqual(await findings(page), []);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "it scrolls sideways");
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/series-${width}.png`, fullPage: true });
    await page.done();
  });
}
