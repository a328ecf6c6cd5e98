// Workers: the processes that advance batches, over the API and on their page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, raw, server, signIn, sql, started, tokenOf } from "./support.mjs";

const LOOKS_MAX = 300;
const uuid = (number) => `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`;
// Rows as processes would leave them: the database is the only thing they share.  One statement for all of them: while
// `sql` runs nothing else does here, and a web server closes a connection that says nothing for some seconds.
const row = (number, status, silent, more = {}) =>
  `('${uuid(number)}', 'fastcgi', '${status}', ${number}, 'host', ${more.job ?? 0}, ${more.lease ?? 15}, 7, 5120,
    UTC_TIMESTAMP(3) - INTERVAL 1 DAY, UTC_TIMESTAMP(3) - INTERVAL ${silent} SECOND)`;
const put = (...rows) =>
  sql(`INSERT INTO tr_workers (uuid, type, status, pid, host, job_id, lease_s, items_done, memory_kib, started_at, last_ping) VALUES ${rows}`);

const list = async (query = "") => {
  const reply = await api("GET", `/workers${query}`);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};

test("whoever advanced a batch is listed with what it did", async () => {
  sql("DELETE FROM tr_workers"); // of whoever advanced others
  const content = await newContent(1);
  const made = await api("POST", "/schedules/bulk", { items: [{ content_id: content, version_no: 1, starts_at: hour(1) }] });
  await advanceToEnd(made.json.id);
  // As CGI it says goodbye when its reply has gone: whoever looks at once may come before that.
  const ended = server === "apache-cgi" ? "stopped" : "idle";
  let workers, worker;
  for (let looks = 0; looks < LOOKS_MAX && worker?.status !== ended; looks++) {
    if (looks) await new Promise((resolve) => setTimeout(resolve, 100));
    workers = (await list()).items;
    worker = workers.find(({ items_done }) => items_done > 0);
  }
  assert.deepEqual([worker?.type, worker?.status, worker?.items_done], [server === "apache-cgi" ? "cgi" : "fastcgi", ended, 1], JSON.stringify(workers));
  assert.ok(worker.memory_kib > 500);
});

// Apache hands a process a request when it is free, and as CGI each has its own.
test("a lane in every process: each gives way to who comes", { skip: !["lighttpd", "nginx"].includes(server) }, async () => {
  const id = await started(2000, undefined, { chunk_size: 5, max_concurrency: 8 });
  // Who comes before the first one has laid out the chunks finds nothing, and comes again.
  const lane = async () => {
    for (;;) {
      const reply = await api("POST", `/batch/${id}/advance?time_budget_ms=20000`);
      if (!reply.json.advanced?.nothing_due || reply.json.finished_at) return reply;
    }
  };
  const lanes = Array.from({ length: 8 }, lane);
  let isOver = false;
  Promise.race(lanes).then(() => { isOver = true; });
  while (!isOver) await Promise.all(Array.from({ length: 8 }, () => api("GET", "/me")));
  // The other lanes go on meanwhile: where this process gets no turn for long, they may have come to the end.
  const cancelled = await api("POST", `/batch/${id}/cancel`, { graceful: false });
  if (cancelled.status !== 202) assertProblem(cancelled, 409, "illegal_transition");
  const replies = await Promise.all(lanes);
  for (const reply of replies) assert.equal(reply.status, 200, reply.text);
  // More is left than the other lanes have in hand: it did not stay until the batch was over.
  const gaveWay = replies.filter(({ json }) => json.status === "running" && json.counts.pending > 8 * 5);
  assert.ok(gaveWay.length > 0, replies.map(({ text }) => text).join("\n"));
  for (const { json } of gaveWay) {
    assert.equal(json.advanced.time_budget_ms, 20000);
    assert.ok(json.advanced.chunks > 0, "it has worked");
  }
  assert.equal((await advanceToEnd(id)).status, cancelled.status === 202 ? "cancelled" : "succeeded");
});

test("busy and silent for three leases of its batch is unresponsive", async () => {
  sql("DELETE FROM tr_workers"); // as plain CGI every request before was one: more than a page of them
  // The first not so near to 45 that a slow machine asks too late.
  put(row(1, "busy", 20), row(2, "busy", 50), row(3, "busy", 100, { lease: 60 }), row(4, "idle", 1000), row(5, "stopped", 1000));
  const { items } = await list();
  const state = (number) => items.find((worker) => worker.uuid === uuid(number)).status;
  assert.deepEqual([1, 2, 3, 4, 5].map(state), ["busy", "unresponsive", "busy", "idle", "stopped"]);
  const { workers } = (await api("GET", "/summary")).json;
  assert.equal(workers.find((row) => row.status === "unresponsive").count, 1);
});

test("the list pages, the least recently seen last, and nobody is seen twice", async () => {
  put(...Array.from({ length: 20 }, (_, i) => row(10 + i, "stopped", 2000 + (i >> 1)))); // two at a time
  const all = (await list()).items.map((worker) => worker.uuid);
  const paged = [];
  let next = null;
  do {
    const page = await list(`?limit=4${next ? `&after=${encodeURIComponent(next)}` : ""}`);
    assert.ok(page.items.length <= 4);
    paged.push(...page.items.map((worker) => worker.uuid));
    next = page.next;
  } while (next);
  assert.deepEqual(paged, all);
  assert.equal(new Set(all).size, all.length);
  assertProblem(await api("GET", "/workers?after=7"), 422, "invalid_value", "after");
});

test("what a worker reported is paged, newest first", async () => {
  const values = Array.from({ length: 7 }, (_, i) => `('${uuid(1)}', UTC_TIMESTAMP(3), 'warn', 3, 'line <b>${i}</b>')`);
  sql(`INSERT INTO tr_worker_logs (uuid, at, level, job_id, message) VALUES ${values}`);
  const first = (await api("GET", `/workers/${uuid(1)}/logs?limit=5`)).json;
  assert.deepEqual(first.items.map((row) => row.message), [6, 5, 4, 3, 2].map((i) => `line <b>${i}</b>`));
  const second = (await api("GET", `/workers/${uuid(1)}/logs?limit=5&after=${first.next}`)).json;
  assert.deepEqual(second.items.map((row) => row.message), ["line <b>1</b>", "line <b>0</b>"]);
  assert.equal(second.next, null);
  assertProblem(await api("GET", `/workers/${uuid(999)}/logs`), 404, "not_found");
});

test("the pages show them to who may see the dashboard, escaped", async () => {
  const { cookie } = await signIn("editor");
  sql("DELETE FROM tr_workers WHERE type = 'cgi'");
  const page = await raw("GET", "/workers", { headers: { cookie } });
  assert.equal(page.status, 200, page.text.slice(0, 300));
  assert.match(page.text, /unresponsive/);
  assert.doesNotMatch(page.text, /Make an address/);
  const log = await raw("GET", `/workers/${uuid(1)}`, { headers: { cookie } });
  assert.match(log.text, /line &lt;b&gt;6&lt;\/b&gt;/);
  assert.equal((await raw("GET", `/workers/${uuid(999)}`, { headers: { cookie } })).status, 404);
});

test("workers are nobody's own: who sees only his own figures is refused", async () => {
  const token = await tokenOf("author");
  assertProblem(await api("GET", "/workers", undefined, { token }), 403, "not_permitted");
  assertProblem(await api("GET", `/workers/${uuid(1)}/logs`, undefined, { token }), 403, "not_permitted");
  const { cookie } = await signIn("author");
  assert.equal((await raw("GET", "/workers", { headers: { cookie } })).status, 403);
});

test("an administrator is given an address that ticks, once", async () => {
  const { cookie, csrf } = await signIn("admin");
  const form = { headers: { cookie }, body: new URLSearchParams({ csrf }) };
  const made = await raw("POST", "/workers/tick", form);
  assert.equal(made.status, 200, made.text.slice(0, 300));
  const address = /<code class="address">([^<]+)<\/code>/.exec(made.text)[1];
  // Other suites may have used up this minute's ticks: a token that is none gets 401.
  const reply = await fetch(address);
  assert.ok([200, 429].includes(reply.status), `${reply.status}`);
  assert.equal((await fetch(address.slice(0, -1))).status, 401);
  const again = await raw("GET", "/workers", { headers: { cookie } });
  assert.doesNotMatch(again.text, /class="address"/);
  assert.equal((await raw("POST", "/workers/tick", { headers: { cookie }, body: new URLSearchParams({ csrf: "0" }) })).status, 403);
  const editor = await signIn("editor");
  assert.equal((await raw("POST", "/workers/tick", { headers: { cookie: editor.cookie }, body: new URLSearchParams({ csrf: editor.csrf }) })).status, 403);
});
