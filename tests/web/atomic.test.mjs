// Batches that are all or nothing: what readers see while they run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, hour, newContent, newResource, unique } from "./support.mjs";

const CONTENTS = 10;
const EACH = 250; // shown on one page of the list

// Items of each content are spread over the whole batch, so that a page of one content's events shows every part of it.
async function makeItems() {
  const contents = [];
  for (let i = 0; i < CONTENTS; i++) contents.push(await newContent());
  const items = Array.from({ length: CONTENTS * EACH }, (_, i) => ({
    content_id: contents[i % CONTENTS], version_no: 1, starts_at: hour(9000 + i), duration_s: 60, title: "Old",
  }));
  return { contents, items };
}

async function makeBatch(type, items, options) {
  const job = (await api("POST", "/batch", { type, options })).json.id;
  for (let offset = 0; offset < items.length; offset += 500) {
    const reply = await api("POST", `/batch/${job}/items?offset=${offset}`, items.slice(offset, offset + 500));
    assert.equal(reply.status, 200, reply.text);
  }
  assert.equal((await api("POST", `/batch/${job}/start`, undefined, { headers: { "content-length": "0" } })).status, 202);
  return job;
}

const pageOf = async (content) => (await api("GET", `/events?content_id=${content}&limit=${EACH}`)).json.items;

// Two lanes work while a reader reads; `judge` gets every page and says before (false) or after (true).
async function runWatched(job, contents, judge) {
  let ended = false;
  let looks = 0;
  const turned = new Map();
  const lane = async () => {
    while (!ended) {
      const reply = await api("POST", `/batch/${job}/advance`, {});
      ended ||= ["completed", "failed"].includes(reply.json.phase);
    }
  };
  const reader = async () => {
    while (!ended || looks < CONTENTS) {
      const content = contents[looks++ % CONTENTS];
      const after = judge(await pageOf(content));
      assert.ok(after || !turned.get(content), "what was seen is gone again");
      turned.set(content, after);
      // One moment for all: what another page has shown since is never older.
      if (after) for (const other of contents) turned.set(other, true);
    }
  };
  await Promise.all([lane(), lane(), reader()]);
  return looks;
}

test("2,500 events are created, then changed: a reader sees none or all, never a mixture", { timeout: 300000 }, async () => {
  const { contents, items } = await makeItems();
  const made = await makeBatch("create", items, { atomic: true });
  await runWatched(made, contents, (page) => {
    assert.ok(page.length === 0 || page.length === EACH, `a page of ${page.length}`);
    return page.length > 0;
  });
  assert.equal((await api("GET", `/batch/${made}`)).json.status, "succeeded");

  const ids = [];
  for (const content of contents) for (const event of await pageOf(content)) ids.push(event.id);
  assert.equal(new Set(ids).size, CONTENTS * EACH);
  const shuffled = ids.map((_, i) => ids[(i * 7919) % ids.length]);
  const changes = shuffled.map((event_id) => ({ selector: { event_id }, values: { title: "New", duration_s: 30 } }));
  const changed = await makeBatch("update", changes, { atomic: true });
  await runWatched(changed, contents, (page) => {
    const titles = new Set(page.map((event) => `${event.title} ${event.duration_s} ${event.row_version}`));
    assert.equal(page.length, EACH);
    assert.equal(new Set(page.map((event) => event.id)).size, EACH);
    assert.equal(titles.size, 1, `a mixture: ${[...titles]}`);
    return titles.has("New 30 2");
  });
  const status = (await api("GET", `/batch/${changed}`)).json;
  assert.equal(status.status, "succeeded");
  assert.equal(status.counts.succeeded, CONTENTS * EACH);
  assert.deepEqual((await pageOf(contents[3])).map((event) => event.title).filter((title) => title !== "New"), []);
});

test("one bad item among good ones: nothing happens, and each says why", async () => {
  const content_id = await newContent();
  const items = [0, 1, 2].map((i) => ({ client_id: unique(), content_id, version_no: i === 1 ? 99 : 1, starts_at: hour(700 + i * 5) }));
  for (const [options, end] of [[{ atomic: true }, "rolled_back"], [{ validate_before_execute: true }, "failed"]]) {
    const reply = await api("POST", "/schedules/bulk", { items, options }, { headers: { prefer: "wait=10" } });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.status, end);
    assert.deepEqual(reply.json.items.map((item) => item.outcome), ["unprocessed", "failed", "unprocessed"]);
    assert.equal(reply.json.items[1].errors[0].code, "version_not_found");
    assert.match(reply.json.message, /^Nothing was (changed|written): 1 of 3 items can't be carried out/);
    assert.deepEqual((await api("GET", `/events?content_id=${content_id}`)).json.items, []);
  }
});

test("an event that a batch holds can be read but not changed", { timeout: 300000 }, async () => {
  const content_id = await newContent();
  const venue = await newResource();
  const made = await api("POST", "/schedules/bulk", {
    items: Array.from({ length: 1001 }, (_, i) => ({ content_id, version_no: 1, starts_at: hour(20000 + i), duration_s: 60, resources: [venue] })),
    options: {} });
  await advanceToEnd(made.json.id);
  const job = (await api("PUT", "/schedules/bulk", {
    items: [{ selector: { query: { content_id } }, values: { title: "Held" } }], options: { atomic: true, chunk_size: 5, time_budget_ms: 100 } })).json.id; // 200 chunks are more than one budget
  const event = (await api("GET", `/events?content_id=${content_id}&limit=1`)).json.items[0];
  let edit;
  for (let i = 0; i < 200; i++) {
    const status = (await api("POST", `/batch/${job}/advance`, {})).json;
    if (status.phase === "completed") break;
    edit = await api("PATCH", `/events/${event.id}`, { priority: i % 2 });
    if (edit.status === 409) break;
    assert.equal(edit.status, 200, edit.text);
  }
  assert.equal(edit.status, 409, edit.text);
  assert.equal(edit.json.code, "event_locked");
  assert.equal((await api("GET", `/events/${event.id}`)).json.title, "");
  assert.equal((await api("POST", `/batch/${job}/cancel`, {})).status, 202);
  assert.equal((await advanceToEnd(job)).status, "rolled_back");
  assert.equal((await api("PATCH", `/events/${event.id}`, { priority: 7 })).status, 200);
});
