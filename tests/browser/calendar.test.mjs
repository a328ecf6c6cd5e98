// The calendar: month, week and list, without a script, in one's own time zone.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { api, base, open } from "./support.mjs";

const run = Date.now() % 100_000;
const words = `C${run}`; // finds what this run made
const year = 2040 + (run % 40);
const ids = {};

before(async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const make = async (name, event) => {
    const made = await api(page, "POST", "/events?on_conflict=keep_both", { version_no: 1, title: `${words} ${name}`, ...event });
    assert.ok(made.id, JSON.stringify(made));
    ids[name] = made.id;
  };
  const content = await api(page, "POST", "/contents", { title: words });
  await api(page, "POST", `/contents/${content.id}/versions`, { body: {} });
  await api(page, "POST", `/contents/${content.id}/versions`, { body: {} });
  const venue = await api(page, "POST", "/resources", { kind: "venue", name: `Hall ${run}`, overlap: "soft" });
  const one = { content_id: content.id, duration_s: 3600 };
  await make("left", { ...one, starts_at: `${year}-05-08T10:00:00Z`, resources: [venue.id] });
  await make("right", { ...one, starts_at: `${year}-05-08T10:30:00Z`, resources: [venue.id] });
  await make("camp", { ...one, starts_at: `${year}-05-10T22:30:00Z`, duration_s: 3 * 86400 });
  for (let i = 0; i < 7; i++) await make(`row ${i}`, { ...one, starts_at: `${year}-05-20T0${i}:00:00Z`, duration_s: 60 });
  await make("gone", { ...one, starts_at: `${year}-05-25T10:00:00Z` });
  await api(page, "DELETE", `/events/${ids.gone}`);
  await page.done();
});

const texts = async (locator) =>
  (await locator.locator("li").allInnerTexts()).map((text) => text.replace(/ ?of C.*/s, "").replace(/\s+/g, " ").trim());

test("a month: days, what goes on, what does not fit, what collides; without a script", async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${base}/calendar?date=${year}-05-01&text=${words}`);
  assert.equal(await page.locator("h1").innerText(), `Calendar: May ${year}`);
  assert.deepEqual(await page.locator("thead th").allInnerTexts(),
    ["Week", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]);
  const eighth = page.locator("td", { has: page.locator(`a[href*="date=${year}-05-08"]`) });
  assert.deepEqual(await texts(eighth), [`10:00 ${words} left 1 conflict`, `10:30 ${words} right 1 conflict`]);
  for (const day of ["11", "12", "13"]) {
    const on = page.locator("td", { has: page.locator(`.day a[href*="date=${year}-05-${day}"]`) });
    assert.match((await texts(on))[0], new RegExp(`… ${words} camp`), day);
  }
  await eighth.getByRole("link", { name: new RegExp(`1 conflict of ${words} left`) }).click();
  assert.match(page.url(), new RegExp(`/events/${ids.right}#conflicts$`));
  await page.goBack();
  await page.getByRole("link", { name: /^\+3 more/ }).click();
  assert.match(page.url(), /view=list/);
  assert.equal(await page.locator("tbody tr").count(), 1 + 7);
  await page.getByRole("link", { name: "Later »" }).click();
  await page.getByText("Nothing in this time matches the filter").waitFor();
  await page.done();
});

test("a week: rows of hours, the day that is longer or shorter says so", async () => {
  const page = await open();
  await page.goto(`${base}/calendar?view=week&date=2031-03-30&timezone=Europe/Stockholm&text=${words}`);
  assert.match(await page.locator("thead th").last().innerText(), /Sunday 30 March.*clocks go forward: 23 h/s);
  await page.goto(`${base}/calendar?view=week&date=2031-10-26&timezone=Europe/Stockholm&text=${words}`);
  assert.match(await page.locator("thead th").last().innerText(), /clocks go back: 1 day 1 h|clocks go back: 25 h/s);
  await page.goto(`${base}/calendar?view=week&date=${year}-05-08&text=${words}`);
  assert.deepEqual(await texts(page.locator("tbody tr", { has: page.getByRole("rowheader", { name: "9–12 h" }) })),
    [`10:00 ${words} left 1 conflict`, `10:30 ${words} right 1 conflict`]);
  await page.done();
});

test("the same day in another zone", async () => {
  const page = await open();
  await page.goto(`${base}/calendar?view=list&days=1&date=${year}-05-11&text=${words}%20camp`);
  assert.equal(await page.locator("tbody td").first().innerText().then((text) => text.slice(0, 5)), "22:30");
  await page.getByLabel("Time zone").fill("Asia/Tokyo");
  await page.getByRole("button", { name: "Show" }).click();
  assert.match(await page.locator("tbody td").first().innerText(), /^07:30/);
  assert.match(await page.locator("footer").innerText(), /Asia\/Tokyo/);
  await page.getByLabel("Time zone").fill("Nowhere/Land");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("heading", { name: "There is a problem" }).waitFor();
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Nowhere/Land");
  await page.done();
});

test("the list names the other one; a person is chosen by name; cancelled ones are struck through", async () => {
  const page = await open();
  await page.goto(`${base}/calendar?view=list&days=31&date=${year}-05-01&text=${words}`);
  const row = page.locator("tbody tr", { hasText: `${words} left` }).first();
  assert.match((await row.innerText()).replace(/\s+/g, " "), new RegExp(`Resource taken, Hall ${run}: ${words} right 10:30–11:30`));
  await page.getByLabel("Resource").selectOption({ label: `Hall ${run}` });
  await page.getByRole("button", { name: "Show" }).click();
  assert.equal(await page.locator("tbody tr td:first-child").count(), 2);
  await page.goto(`${base}/calendar?date=${year}-05-01&text=${words}`);
  assert.match(await page.locator("li.off").innerText(), /gone cancelled/);
  await page.done();
});

test("today is marked, and one key away", async () => {
  const page = await open({ viewport: { width: 320, height: 700 } });
  await page.goto(`${base}/calendar?date=2031-01-01`);
  assert.equal(await page.locator("td.today").count(), 0);
  const today = page.getByRole("link", { name: "Today" });
  await today.focus();
  await page.keyboard.press("Enter");
  await page.locator('td[aria-current="date"] .today-mark').waitFor();
  await page.done();
});
