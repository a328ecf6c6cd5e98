// The button that tries again, with JavaScript: the page works the further pass and ends where it should.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, base, finish, open } from "./support.mjs";

test("what failed is retried from the page, and the page follows it to the end", async () => {
  const page = await open();
  await page.goto(`${base}/help`);
  const content = await api(page, "POST", "/contents", { title: "Comes late" });
  const items = [1, 2].map((day) => ({ content_id: content.id, version_no: 1, starts_at: `2033-05-0${day}T09:00:00Z` }));
  const { id } = await api(page, "POST", "/batch", { type: "create", items });
  await finish(page, id);
  await api(page, "POST", `/contents/${content.id}/versions`, { body: { text: "v1" } });
  await page.goto(`${base}/jobs/${id}`);
  await page.getByRole("button", { name: "Retry 2 failed items" }).click();
  await page.locator("#live[data-status=succeeded]").waitFor();
  assert.equal(await page.getByRole("button", { name: /^Retry/ }).count(), 0);
  const status = await api(page, "GET", `/batch/${id}`);
  assert.deepEqual([status.epoch, status.counts.succeeded, status.counts.failed], [2, 2, 0]);
  await page.done();
});
