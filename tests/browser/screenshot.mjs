// Makes htdocs/help/screenshot-job.png, the picture of a running batch in the
// help and the README, on a stack that runs: BASE_URL=… node tests/browser/screenshot.mjs
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { api, base, makeCsv, open } from "./support.mjs";

const picture = fileURLToPath(new URL("../../htdocs/help/screenshot-job.png", import.meta.url));
const ROWS_PER_SLICE = 1500;

test("a batch of 10,000 rows with mistakes, on its way", async () => {
  const page = await open({ viewport: { width: 1280, height: 1200 } });
  await page.goto(`${base}/help`);
  const { id } = await api(page, "POST", "/batch", {
    type: "create",
    options: { label: "Winter programme 2026", chunk_size: 12 }, // small enough to be caught in the act
  });
  const [header, ...lines] = makeCsv({ rows: 10_000, bad: 37 }).buffer.toString().trim().split("\r\n");
  for (let i = 0; i < lines.length; i += ROWS_PER_SLICE)
    await page.evaluate(
      ([address, body]) =>
        fetch(address, { method: "POST", body, headers: { "Content-Type": "text/csv", "X-CSRF-Token": document.body.dataset.csrf } }),
      [`${base}/api/v1/batch/${id}/items?offset=${i}`, `${[header, ...lines.slice(i, i + ROWS_PER_SLICE)].join("\r\n")}\r\n`],
    );
  await api(page, "POST", `/batch/${id}/start`);
  await page.goto(`${base}/jobs/${id}`);
  await page.waitForFunction(() => Number(document.getElementById("live").dataset.percent) >= 30);
  await page.screenshot({ path: picture });
  await page.done();
});
