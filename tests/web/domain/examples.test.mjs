// The files that the help offers for download go through as they are, on a site with the demo data.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { advanceToEnd, api, raw } from "../support.mjs";

const folder = new URL("../../../htdocs/help/examples/", import.meta.url);
const TYPES = { csv: "text/csv", json: "application/json" };
// In this order: changes.csv changes what events.csv makes.
const EXAMPLES = [
  ["events.csv", "create"], ["events.json", "create"], ["series.csv", "create"], ["dependent.json", "create"], ["changes.csv", "update"],
  ["evaluate.json", "evaluate"],
];

test("each example to download is tried here, and linked from the import format", async () => {
  assert.deepEqual(readdirSync(folder).sort(), EXAMPLES.map(([name]) => name).sort());
  const { text } = await raw("GET", "/help/import.html");
  for (const [name] of EXAMPLES) assert.match(text, new RegExp(`href="examples/${name.replace(".", "\\.")}" download`));
});

for (const [name, type] of EXAMPLES)
  test(`${name} goes through without an error`, async () => {
    const made = await api("POST", "/batch", { type });
    const file = await raw("GET", `/help/examples/${name}`);
    assert.equal(file.text, readFileSync(new URL(name, folder), "utf8"));
    const sent = await api("POST", `/batch/${made.json.id}/items?offset=0`, file.text, { headers: { "content-type": TYPES[name.split(".")[1]] } });
    assert.equal(sent.status, 200, sent.text);
    await api("POST", `/batch/${made.json.id}/start`);
    const { counts, total } = await advanceToEnd(made.json.id);
    const { json } = await api("GET", `/batch/${made.json.id}/items`);
    assert.deepEqual([counts.succeeded, total > 1], [total, true], JSON.stringify(json.items.map(({ errors, conflicts }) => [errors, conflicts])));
    assert.ok(json.items.every(({ warnings, verdict }) => !warnings.length && (!verdict || ["ready", "not_due"].includes(verdict))), JSON.stringify(json.items));
  });
