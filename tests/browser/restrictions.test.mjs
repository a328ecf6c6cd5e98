// Restrictions in the browser: added, seen to count, changed and deleted, in the person's own zone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, ended, focusOn, jobOf, open } from "./support.mjs";

const picture = async (page, name) => {
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}.png`, fullPage: true });
};

async function choosePeople(page) {
  await page.goto(`${base}/help`);
  const made = [];
  for (const name of ["Restricted Rita", "Standing-in Stig"])
    made.push(await api(page, "POST", "/resources", { kind: "person", name: `${name} ${Date.now()}` }));
  return made;
}

test("a restriction is added, named when it is broken, changed and deleted", async () => {
  const page = await open();
  const [rita, stig] = await choosePeople(page);
  await page.goto(`${base}/restrictions`);
  await page.getByRole("link", { name: "Add a restriction" }).click();
  await page.getByLabel("Who or what", { exact: true }).selectOption(String(rita.id));
  await page.getByLabel("From", { exact: true }).fill("2031-06-01T09:00");
  await page.getByLabel("To", { exact: true }).fill("2031-06-01T08:00");
  await page.getByLabel("Reason").fill("Parental leave");
  await page.getByLabel("Who or what could do it instead").selectOption([String(stig.id)]);
  await picture(page, "restriction-form");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const problem = page.getByRole("alert");
  await problem.getByRole("link", { name: "to is not after from" }).click();
  await picture(page, "restriction-error");
  await focusOn(page, "#f-to");
  assert.deepEqual(await page.getByLabel("Who or what could do it instead").evaluate((list) => [...list.selectedOptions].map((o) => o.value)),
    [String(stig.id)]);
  await page.getByLabel("To", { exact: true }).fill("2031-06-03T09:00");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("status").getByText(`The restriction of ${rita.name} is saved.`).waitFor();
  const [stored] = (await api(page, "GET", `/restrictions?resource_id=${rita.id}`)).items;
  assert.deepEqual([stored.level, stored.alternatives], ["hard", [stig.id]]);

  const change = page.getByRole("link", { name: rita.name });
  await change.click();
  assert.equal(await page.getByLabel("From", { exact: true }).inputValue(), "2031-06-01T09:00");
  await page.getByLabel("It warns").check();
  await page.getByLabel("Forbidden types").fill("training, publish");
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto(`${base}/restrictions?resource_id=${rita.id}`);
  const row = page.getByRole("row", { name: new RegExp(rita.name) });
  await row.getByText("warns").waitFor();
  await row.getByText("training, publish").waitFor();
  await row.getByText(`Instead: ${stig.name}`).waitFor();
  await picture(page, "restrictions");

  await row.getByRole("link", { name: rita.name }).click();
  await page.getByRole("link", { name: "Delete…" }).click();
  await picture(page, "restriction-delete");
  await page.getByRole("button", { name: "Yes, delete it" }).click();
  await page.getByText("The restriction is deleted.").waitFor();
  assert.deepEqual((await api(page, "GET", `/restrictions?resource_id=${rita.id}`)).items, []);
  await page.done();
});

test("who may not decide conflicts sees the list, and no way to change it", async () => {
  const page = await open({ as: "author" });
  await page.goto(`${base}/restrictions`);
  await page.getByRole("heading", { name: "Restrictions" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Add a restriction" }).count(), 0);
  assert.equal((await page.goto(`${base}/restrictions/new`)).status(), 403);
  await page.done();
});

test("what an evaluation found ready is created from its page", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const content = await api(page, "POST", "/contents", { title: "Looked at first" });
  await api(page, "POST", `/contents/${content.id}/versions`, { body: {} });
  const item = (content_id) => ({ content_id, starts_at: "2032-02-02T09:00:00Z", title: "Looked at first" });
  const { id } = await api(page, "POST", "/batch", { type: "evaluate", items: [item(content.id), item(999999)] });
  await page.goto(`${base}/jobs/${id}`);
  await ended(page);
  await picture(page, "evaluation");
  await page.getByRole("button", { name: "Create what was ready" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(`/${id}`));
  await ended(page);
  const made = await api(page, "GET", `/batch/${jobOf(page)}`);
  assert.deepEqual([made.type, made.total, made.counts.succeeded, made.options.from_evaluation], ["create", 1, 1, id]);
  await page.done();
});
