// What the site's keepers look at: errors by kind, who did what, figures.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adminToken, advanceToEnd, api, assertProblem, hour, loginForm, newContent, newResource, postLogin, raw, signIn, sql, tokenOf, unique,
} from "./support.mjs";

// A batch in which `bad` items name a version that is not there.
async function failing(bad, token = adminToken) {
  const content = await newContent(1, token);
  const items = Array.from({ length: bad + 1 }, (_, i) => ({
    content_id: content, version_no: i === 0 ? 1 : 99, starts_at: hour(5000 + i),
  }));
  const made = await api("POST", "/batch", { type: "create", items }, { token });
  assert.equal(made.status, 201, made.text);
  return advanceToEnd(made.json.id, token);
}

const errorOf = async (code, context = "create", query = "limit=500") =>
  (await api("GET", `/errors?${query}`)).json.items.find((entry) => entry.code === code && entry.context === context);

// --- errors -------------------------------------------------------------------

test("errors of batches are counted by kind, with cause, fix and an example", async () => {
  const before = (await errorOf("version_not_found"))?.count ?? 0;
  const began = Math.floor(Date.now() / 1000) * 1000;
  const job = await failing(3);
  const entry = await errorOf("version_not_found");
  assert.equal(entry.count, before + 3);
  assert.equal(entry.example.job_id, job.id);
  assert.equal(entry.example.ordinal, 1);
  assert.match(entry.example.detail, /version 99/);
  assert.match(entry.cause, /no version with this number/);
  assert.ok(entry.fix.length > 10);
  assert.ok(Date.parse(entry.last_seen) >= began, entry.last_seen);
});

test("an error is resolved with a note, and reopened when it comes back", async () => {
  await failing(1);
  const { id } = await errorOf("version_not_found");
  const reply = await api("POST", `/errors/${id}/resolutions`, { resolution: "Version 99 is published now" });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.state, "resolved");
  assert.equal(reply.json.resolutions[0].resolution, "Version 99 is published now");
  assert.equal(reply.json.resolutions[0].by.name, "Ada Admin");
  assert.equal(await errorOf("version_not_found", "create", "resolved=false&limit=500"), undefined);
  assert.equal((await errorOf("version_not_found", "create", "resolved=true&limit=500")).id, id);
  await failing(1);
  const again = await api("GET", `/errors/${id}`);
  assert.equal(again.json.state, "reopened");
  assert.equal(again.json.count, reply.json.count + 1);
  assert.equal(again.json.resolutions.length, reply.json.resolutions.length);
});

test("a resolution says something", async () => {
  await failing(1);
  const { id } = await errorOf("version_not_found");
  assertProblem(await api("POST", `/errors/${id}/resolutions`, {}), 422, "validation_failed", "/resolution");
  assertProblem(await api("POST", `/errors/${id}/resolutions`, { resolution: "" }), 422, "validation_failed", "/resolution");
  assertProblem(await api("POST", `/errors/${id}/resolutions`, { resolution: "x".repeat(1001) }), 422, "validation_failed", "/resolution");
  assertProblem(await api("POST", `/errors/${id}/resolutions`, { resolution: "x", by: 1 }), 422, "validation_failed", "/by");
  assertProblem(await api("POST", "/errors/987654321/resolutions", { resolution: "x" }), 404, "not_found");
  assertProblem(await api("GET", "/errors/987654321"), 404, "not_found");
  assertProblem(await api("GET", "/errors?resolved=maybe"), 422, "invalid_value");
});

test("who may see everybody's figures sees the errors, but not other people's items", async () => {
  await failing(1);
  const editor = await tokenOf("editor");
  const list = await api("GET", "/errors?limit=500", undefined, { token: editor });
  assert.equal(list.status, 200, list.text);
  assert.ok(list.json.items.length > 0 && list.json.items.every((entry) => entry.example === null));
  const { id } = list.json.items[0];
  assertProblem(await api("POST", `/errors/${id}/resolutions`, { resolution: "x" }, { token: editor }), 403, "not_permitted");
  const author = await tokenOf("author");
  assertProblem(await api("GET", "/errors", undefined, { token: author }), 403, "not_permitted");
  assertProblem(await api("GET", `/errors/${id}`, undefined, { token: author }), 403, "not_permitted");
});

test("errors are paged", async () => {
  await failing(1);
  await api("PUT", "/schedules/bulk", { items: [{ selector: { event_id: 999999999 }, values: { title: "x" } }] },
    { headers: { prefer: "wait=5" } });
  const first = await api("GET", "/errors?limit=1");
  assert.equal(first.json.items.length, 1);
  assert.equal(first.json.next, first.json.items[0].id);
  const second = await api("GET", `/errors?limit=1&after=${first.json.next}`);
  assert.notEqual(second.json.items[0].id, first.json.items[0].id);
  assert.ok(Date.parse(second.json.items[0].last_seen) <= Date.parse(first.json.items[0].last_seen));
});

// --- figures -------------------------------------------------------------------

test("the summary tells throughput by minute and by hour, and the most frequent open errors", async () => {
  const total = (list) => list.reduce((sum, row) => sum + row.items, 0);
  const before = (await api("GET", "/summary")).json;
  await failing(4);
  const after = (await api("GET", "/summary")).json;
  assert.ok(total(after.throughput) >= total(before.throughput) + 5);
  assert.ok(total(after.throughput_day) >= total(before.throughput_day) + 5);
  for (const [list, step] of [[after.throughput, 60e3], [after.throughput_day, 3600e3]])
    for (const row of list) assert.equal(Date.parse(row.at) % step, 0);
  const error = after.errors.find((entry) => entry.code === "version_not_found");
  assert.ok(error.count >= 4 && error.suggestion.length > 5 && error.example_job > 0);
});

test("who sees only his own gets figures of his own batches", async () => {
  const author = await tokenOf("author");
  const job = await failing(2, author);
  await failing(1);
  const mine = (await api("GET", "/summary", undefined, { token: author })).json;
  assert.deepEqual([mine.jobs, mine.workers], [[], []]);
  assert.ok(mine.throughput.reduce((sum, row) => sum + row.items, 0) >= 3);
  assert.equal(mine.errors.find((entry) => entry.code === "version_not_found").example_job, job.id);
  const all = (await api("GET", "/summary")).json;
  assert.ok(all.throughput.reduce((sum, row) => sum + row.items, 0) > mine.throughput.reduce((sum, row) => sum + row.items, 0));
});

// --- audit --------------------------------------------------------------------

const latest = async (query) => (await api("GET", `/audit?limit=50&${query}`)).json.items;

test("what people do to a batch is in the audit log, newest first", async () => {
  const content = await newContent(1);
  const blocker = (await api("POST", "/batch", { type: "create" })).json.id; // nobody works the other meanwhile
  const made = await api("POST", "/batch", {
    type: "create", options: { depends_on: [blocker] }, items: [{ content_id: content, version_no: 1, starts_at: hour(7000) }],
  });
  const { id } = made.json;
  for (const step of ["pause", "resume", "cancel"]) assert.equal((await api("POST", `/batch/${id}/${step}`)).status, 202);
  await advanceToEnd(id);
  assert.equal((await api("DELETE", `/batch/${id}`)).status, 204);
  const rows = await latest(`job=${id}`);
  assert.deepEqual(rows.map((row) => row.action), ["job.delete", "job.cancel", "job.resume", "job.pause", "job.start", "job.create"]);
  assert.ok(rows.every((row) => row.user.name === "Ada Admin" && row.job_id === id));
  await api("POST", `/batch/${blocker}/cancel`);
});

test("so is every other thing people do", async () => {
  const done = async (action, object) => {
    const [row] = await latest(`action=${action}`);
    assert.ok(row, action);
    assert.equal(row.action, action);
    if (object) assert.equal(row.object_id, object);
    return row;
  };
  const content = await newContent(1);
  await done("content.version", content);
  await done("content.create", content);
  const venue = await newResource();
  await done("resource.create", venue);
  await api("PATCH", `/resources/${venue}`, { name: unique("venue") });
  await done("resource.change", venue);
  assert.equal((await api("DELETE", `/resources/${venue}`)).status, 204);
  await done("resource.delete", venue);
  const event = await api("POST", "/events", { content_id: content, version_no: 1, starts_at: hour(8000) });
  assert.equal(event.status, 201, event.text);
  await done("event.create", event.json.id);
  await api("PATCH", `/events/${event.json.id}`, { title: "x" });
  await done("event.update", event.json.id);
  const browser = await signIn("author");
  const token = await browser.call("POST", "/tokens", { label: "audit" });
  await done("token.create", token.json.id);
  await browser.call("DELETE", `/tokens/${token.json.id}`);
  assert.equal((await done("token.delete", token.json.id)).user.name, "Arne Author");
  await raw("POST", "/logout", { headers: { cookie: browser.cookie }, body: new URLSearchParams({ csrf: browser.csrf }) });
  const closed = await done("session.close");
  assert.deepEqual([closed.user.name, closed.detail.address], ["Arne Author", "127.0.0.1"]);
  await done("session.open", closed.user.id);
  await failing(1);
  const error = await errorOf("version_not_found");
  await api("POST", `/errors/${error.id}/resolutions`, { resolution: "x" });
  await done("error.resolve", error.id);
});

test("a bad login is noted with its address, not with what was typed", async () => {
  const name = unique("secret-typed-as-name");
  await postLogin(name, "wrong", await loginForm());
  const [unknown] = await latest("action=session.fail");
  assert.deepEqual([unknown.user.id, unknown.object_id], [0, 0]);
  assert.equal(JSON.stringify(unknown).includes(name), false);
  assert.equal(unknown.detail.address, "127.0.0.1");
  await postLogin("editor", "wrong", await loginForm());
  const [known] = await latest("action=session.fail");
  assert.ok(known.object_id > 0, "an account that exists is named");
});

test("the audit log is filtered by person, action, batch and time, and paged", async () => {
  await newContent(1);
  const me = (await api("GET", "/me")).json.id;
  const mine = await latest(`user=${me}&action=content.`);
  assert.ok(mine.length >= 2 && mine.every((row) => row.user.id === me && row.action.startsWith("content.")));
  assert.deepEqual(await latest("before=2020-01-01"), []);
  assert.deepEqual(await latest("from=2099-01-01T00:00:00Z"), []);
  const first = await api("GET", "/audit?limit=2");
  const second = await api("GET", `/audit?limit=2&after=${first.json.next}`);
  assert.ok(second.json.items[0].id < first.json.items[1].id);
  assertProblem(await api("GET", "/audit?from=yesterday"), 422, "validation_failed", "/from");
  assertProblem(await api("GET", "/audit?action=%27;--"), 422, "validation_failed", "/action");
});

test("the audit log is for administrators", async () => {
  for (const name of ["editor", "author"])
    assertProblem(await api("GET", "/audit", undefined, { token: await tokenOf(name) }), 403, "not_permitted");
});

// --- the system ---------------------------------------------------------------

test("the system tells versions, settings and the sizes of its tables, to administrators", async () => {
  // As if nobody had asked before: the five minutes of whoever did could be over between the two questions below.
  sql("UPDATE tr_maintenance SET due_at = '2000-01-01', ran_at = NULL WHERE name = 'sizes'");
  const reply = await api("GET", "/system");
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.json.database_version, /^\d+\.\d+/);
  assert.ok(reply.json.tables.length > 25);
  const items = reply.json.tables.find((table) => table.name === "batch_job_items");
  assert.ok(items.data_bytes > 0 && items.rows >= 0);
  assert.equal(reply.json.settings.find((setting) => setting.name === "retention_days_jobs").value, 90);
  assert.ok(reply.json.measured_at);
  assert.equal((await api("GET", "/system")).json.measured_at, reply.json.measured_at, "measured once in five minutes");
  assertProblem(await api("GET", "/system", undefined, { token: await tokenOf("editor") }), 403, "not_permitted");
});

test("a batch that has been deleted says how that can be", async () => {
  const made = await api("POST", "/batch", { type: "create" });
  await api("POST", `/batch/${made.json.id}/cancel`);
  assert.equal((await api("DELETE", `/batch/${made.json.id}`)).status, 204);
  const gone = await api("GET", `/batch/${made.json.id}`);
  assertProblem(gone, 404, "not_found");
  assert.match(gone.json.suggestion, /forgotten after 90 days, or when somebody deletes them/);
  const never = await api("GET", "/batch/987654321");
  assert.equal(never.json.suggestion, gone.json.suggestion);
});
