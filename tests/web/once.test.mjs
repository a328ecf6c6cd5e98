// Idempotency-Key: what is sent twice is made once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, base, hour, newContent, raw, signIn, socket, tokenOf, unique } from "./support.mjs";

const keyed = (key, more = {}) => ({ headers: { "idempotency-key": key, ...more } });
const events = (content_id, from, count) =>
  Array.from({ length: count }, (_, i) => ({ content_id, version_no: 1, starts_at: hour(from + i) }));
const ofContent = async (content) => (await api("GET", `/events?content_id=${content}`)).json.items;

test("the same key and body answer with the same job, status and Location", async () => {
  const content = await newContent();
  const ways = [
    ["POST", "/schedules/bulk", { items: events(content, 5000, 2) }, 202],
    ["PUT", "/schedules/bulk", { items: [{ selector: { query: { content_id: content } }, values: { priority: 3 } }] }, 202],
    ["POST", "/schedules/evaluate", { items: events(content, 5010, 2) }, 202],
    ["POST", "/schedules/conflicts", { items: events(content, 5010, 2) }, 202],
    ["POST", "/batch", { type: "create", items: events(content, 5020, 2) }, 201],
    ["POST", "/batch", { type: "create", label: "empty" }, 201],
  ];
  for (const [method, path, body, status] of ways) {
    const key = keyed(unique("key"));
    const first = await api(method, path, body, key);
    assert.equal(first.status, status, first.text);
    assert.equal(first.headers.get("idempotency-replayed"), null);
    const again = await api(method, path, body, key);
    assert.deepEqual([again.status, again.json.id], [status, first.json.id], again.text);
    assert.equal(again.headers.get("location"), first.headers.get("location"));
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    if (first.json.total) await advanceToEnd(first.json.id);
    else await api("POST", `/batch/${first.json.id}/cancel`);
    const late = await api(method, path, body, key);
    assert.deepEqual([late.status, late.json.id], [status, first.json.id], "the status is the present one");
    assert.notEqual(late.json.status, first.json.status);
  }
  assert.equal((await ofContent(content)).length, 4);
});

test("CSV and NDJSON bodies have keys too; the address with its query belongs to the request", async () => {
  const content = await newContent();
  const csv = `content_id,version_no,starts_at\n${content},1,${hour(5040)}\n`;
  const key = keyed(unique("key"), { "content-type": "text/csv" });
  const first = await api("POST", "/batch?type=create", csv, key);
  assert.equal((await api("POST", "/batch?type=create", csv, key)).json.id, first.json.id);
  assertProblem(await api("POST", "/batch?type=create&label=x", csv, key), 422, "idempotency_key_reused");
  assert.equal((await advanceToEnd(first.json.id)).counts.succeeded, 1);
});

test("another body or address with the same key is 422, and changes nothing", async () => {
  const content = await newContent();
  const key = unique("key");
  const items = events(content, 5050, 3);
  const first = await api("POST", "/schedules/bulk", { items }, keyed(key));
  assertProblem(await api("POST", "/schedules/bulk", { items: items.slice(1) }, keyed(key)), 422, "idempotency_key_reused");
  assertProblem(await api("POST", "/schedules/evaluate", { items }, keyed(key)), 422, "idempotency_key_reused");
  assertProblem(await api("POST", "/batch", { type: "create", items }, keyed(key)), 422, "idempotency_key_reused");
  assert.equal((await api("POST", "/schedules/bulk", { items }, keyed(`"${key}"`))).json.id, first.json.id, "quoted is the same");
  await advanceToEnd(first.json.id);
  assert.equal((await ofContent(content)).length, 3);
});

test("a key is one user's", async () => {
  const key = keyed(unique("key"));
  const mine = await api("POST", "/batch", { type: "create" }, key);
  const theirs = await api("POST", "/batch", { type: "create" }, { ...key, token: await tokenOf("editor") });
  assert.equal(theirs.status, 201, theirs.text);
  assert.notEqual(theirs.json.id, mine.json.id);
  await api("POST", `/batch/${mine.json.id}/cancel`);
  await api("POST", `/batch/${theirs.json.id}/cancel`, undefined, { token: await tokenOf("editor") });
});

test("keys have 1 to 200 visible characters", async () => {
  for (const key of ["with blank", '""', "k".repeat(201), "a\tb"])
    assertProblem(await api("POST", "/batch", { type: "create" }, keyed(key)), 422, "invalid_value");
  const long = await api("POST", "/batch", { type: "create" }, keyed(unique("k").padEnd(200, "k")));
  assert.equal(long.status, 201, long.text);
  await api("POST", `/batch/${long.json.id}/cancel`);
});

test("a request that failed leaves its key free", async () => {
  const content = await newContent();
  const key = keyed(unique("key"));
  assertProblem(await api("POST", "/schedules/bulk", { items: [] }, key), 422, "empty_batch");
  assertProblem(await api("POST", "/schedules/bulk", `{"items": [{"a": 1}`, key), 400, "malformed_json");
  const good = await api("POST", "/schedules/bulk", { items: events(content, 5070, 1) }, key);
  assert.equal(good.status, 202, good.text);
  assert.equal((await advanceToEnd(good.json.id)).counts.succeeded, 1);
});

test("a body that breaks off leaves its key free", async () => {
  const content = await newContent();
  const key = unique("key");
  const [{ id: before }] = (await api("GET", "/batch?limit=1")).json.items;
  const body = JSON.stringify({ items: events(content, 5080, 400) });
  const { host } = new URL(base);
  const head = (length) => `POST /api/v1/schedules/bulk HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${process.env.TOKEN}\r\n` +
    `Content-Type: application/json\r\nIdempotency-Key: ${key}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
  await socket(head(body.length) + body.slice(0, 20000), { end: true, quiet: 1500 });
  let reply;
  for (let i = 0; i < 500; i++) { // the server may still be reading the first
    reply = await api("POST", "/schedules/bulk", body, keyed(key));
    if (reply.json.code !== "idempotency_in_progress") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.equal(reply.status, 202, reply.text);
  const end = await advanceToEnd(reply.json.id);
  assert.equal(end.counts.succeeded, 400);
  assert.equal((await api("GET", `/batch?phase=pending&user=${end.created_by.id}`)).json.items
    .filter((job) => job.id > before && job.status === "receiving" && job.received > 0).length, 0);
});

test("eight at once with one key: one batch, and whoever gets no answer is told to wait", async () => {
  const content = await newContent();
  for (let round = 0; round < 5; round++) {
    const key = keyed(unique("key"));
    const body = JSON.stringify({ items: events(content, 6000 + round * 300, 300) });
    const replies = await Promise.all(Array.from({ length: 8 }, () => api("POST", "/schedules/bulk", body, key)));
    const made = replies.filter((reply) => reply.status === 202);
    assert.ok(made.length >= 1, replies.map((reply) => reply.text).join("\n"));
    for (const reply of replies.filter((reply) => reply.status !== 202)) {
      assertProblem(reply, 409, "idempotency_in_progress");
      assert.ok(Number(reply.headers.get("retry-after")) >= 1);
    }
    const ids = new Set(made.map((reply) => reply.json.id));
    assert.equal(ids.size, 1);
    assert.equal((await api("POST", "/schedules/bulk", body, key)).json.id, made[0].json.id);
    assert.equal((await advanceToEnd(made[0].json.id)).counts.succeeded, 300);
  }
});

test("Prefer: wait goes on with the batch that the key made", async () => {
  const content = await newContent();
  const key = unique("key");
  const items = events(content, 8000, 30);
  const first = await api("POST", "/schedules/bulk", { items }, keyed(key));
  assert.equal(first.status, 202);
  const again = await api("POST", "/schedules/bulk", { items }, keyed(key, { prefer: "wait=10" }));
  assert.deepEqual([again.status, again.json.id, again.json.items.length], [200, first.json.id, 30], again.text);
});

test("a single event is made once", async () => {
  const content = await newContent();
  const key = keyed(unique("key"));
  const event = { content_id: content, version_no: 1, starts_at: hour(8100) };
  const first = await api("POST", "/events", event, key);
  const again = await api("POST", "/events", event, key);
  assert.deepEqual([again.status, again.json.id], [201, first.json.id]);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  assertProblem(await api("POST", "/events", { ...event, title: "x" }, key), 422, "idempotency_key_reused");
  assert.equal((await ofContent(content)).length, 1);
  const refused = keyed(unique("key"));
  assertProblem(await api("POST", "/events", { ...event, version_no: 9 }, refused), 422, "version_not_found");
  assert.equal((await api("POST", "/events", { ...event, starts_at: hour(8200) }, refused)).status, 201);
});

// --- forms ----------------------------------------------------------------------

const fieldsOf = (html, action) => {
  const form = html.slice(html.indexOf(`action="${action}"`));
  return Object.fromEntries(["csrf", "form_key"].map((name) => [name, new RegExp(`name="${name}" value="([0-9a-f]+)"`).exec(form)[1]]));
};
const page = async (browser, path) => (await raw("GET", path, { headers: { cookie: browser.cookie } })).text;
const post = async (browser, path, fields) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return raw("POST", path, { headers: { cookie: browser.cookie }, body });
};
const jobOf = (reply) => {
  assert.equal(reply.status, 303, reply.text.slice(0, 500));
  return Number(/\/jobs\/(\d+)/.exec(reply.headers.get("location"))[1]);
};

test("the form of a new batch makes one batch, however often it is sent", async () => {
  const content = await newContent();
  const browser = await signIn("admin");
  const form = { ...fieldsOf(await page(browser, "/bulk/new"), "/bulk/new"), operation: "create", run: "now", label: unique("form") };
  const text = `content_id,version_no,starts_at\n${content},1,${hour(9000)}\n`;
  const first = jobOf(await post(browser, "/bulk/new", { ...form, text }));
  assert.equal(jobOf(await post(browser, "/bulk/new", { ...form, text })), first, "sent again after Back");
  const other = jobOf(await post(browser, "/bulk/new", { ...form, text: text.replace(hour(9000), hour(9010)) }));
  assert.notEqual(other, first, "other rows are another batch");
  const checked = jobOf(await post(browser, "/bulk/new", { ...form, run: "check", text }));
  assert.notEqual(checked, first, "another way to run it too");
  const fresh = fieldsOf(await page(browser, "/bulk/new"), "/bulk/new");
  assert.notEqual(jobOf(await post(browser, "/bulk/new", { ...form, ...fresh, text })), first, "a new form is a new batch");
  await advanceToEnd(checked);
  const run = fieldsOf(await page(browser, `/jobs/${checked}`), `/jobs/${checked}/run`);
  assert.equal(jobOf(await post(browser, `/jobs/${checked}/run`, run)), jobOf(await post(browser, `/jobs/${checked}/run`, run)));
});

test("a form sent eight times at once makes one batch, and every sending leads to it", async () => {
  const content = await newContent();
  const browser = await signIn("admin");
  const form = { ...fieldsOf(await page(browser, "/bulk/new"), "/bulk/new"), operation: "create", run: "now", label: unique("form") };
  const text = ["content_id,version_no,starts_at", ...Array.from({ length: 3000 }, (_, i) => `${content},1,${hour(9100 + i)}`)].join("\n");
  const replies = await Promise.all(Array.from({ length: 8 }, () => post(browser, "/bulk/new", { ...form, text })));
  assert.equal(new Set(replies.map(jobOf)).size, 1);
  const mine = (await api("GET", "/batch?limit=200")).json.items.filter((job) => job.label === form.label);
  assert.deepEqual(mine.map((job) => [job.received, job.status]), [[3000, "queued"]]);
});

test("a form with a mistake can be corrected and sent with the same key", async () => {
  const content = await newContent();
  const browser = await signIn("admin");
  const form = { ...fieldsOf(await page(browser, "/bulk/new"), "/bulk/new"), operation: "create", run: "now" };
  assert.equal((await post(browser, "/bulk/new", { ...form, text: "content_id,colour\n1,red\n" })).status, 422);
  assert.equal((await post(browser, "/bulk/new", { ...form, text: "content_id,colour\n1,red\n" })).status, 422, "the reason again, not a batch");
  jobOf(await post(browser, "/bulk/new", { ...form, text: `content_id,version_no,starts_at\n${content},1,${hour(9050)}\n` }));
});

test("changing events by the form happens once", async () => {
  const content = await newContent();
  await api("POST", "/schedules/bulk", events(content, 9060, 2), { headers: { prefer: "wait=10" } });
  const [{ id }] = await ofContent(content);
  const browser = await signIn("admin");
  const path = "/bulk/change";
  const form = fieldsOf(await page(browser, `${path}?event_id=${id}`), path);
  const change = { ...form, event_id: id, shift_by: "1", shift_unit: "days", run: "now" };
  const first = jobOf(await post(browser, path, change));
  assert.equal(jobOf(await post(browser, path, change)), first);
  await advanceToEnd(first);
  assert.equal((await api("GET", `/events/${id}`)).json.row_version, 2);
});
