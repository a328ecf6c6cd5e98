// Batches in slices: feed, start, advance, steer, look at, take results away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, base, hour, newContent, newResource, raw, unique } from "./support.mjs";

const create = async (body = { type: "create" }) => {
  const reply = await api("POST", "/batch", body);
  assert.equal(reply.status, 201, reply.text);
  return reply.json.id;
};
const events = (content_id, from, count, step = 1) =>
  Array.from({ length: count }, (_, i) => ({ content_id, version_no: 1, starts_at: hour(from + i * step) }));
const csvOf = (rows) => rows.map((row) => row.join(",")).join("\r\n") + "\r\n";
const csv = { headers: { "content-type": "text/csv" } };
const ndjson = { headers: { "content-type": "application/x-ndjson" } };

test("a batch without items receives slices until it is started", async () => {
  const content = await newContent();
  const reply = await api("POST", "/batch", { type: "create", label: "slices", options: { chunk_size: 7 } });
  assert.equal(reply.status, 201);
  assert.equal(reply.json.status, "receiving");
  assert.equal(reply.json.label, "slices");
  assert.equal(reply.json.options.chunk_size, 7);
  assert.ok(reply.json.allowed.includes("start") && reply.json.allowed.includes("cancel"));
  const id = reply.json.id;
  const all = events(content, 600, 30);
  const first = await api("POST", `/batch/${id}/items?offset=0`, all.slice(0, 10));
  assert.deepEqual([first.status, first.json.received, first.json.accepted], [200, 10, 10]);
  const second = await api("POST", `/batch/${id}/items?offset=10`, all.slice(10, 20).map(JSON.stringify).join("\n"), ndjson);
  assert.equal(second.json.received, 20, second.text);
  const third = await api("POST", `/batch/${id}/items?offset=20`, JSON.stringify(all.slice(20)));
  assert.equal(third.json.received, 30);
  const started = await api("POST", `/batch/${id}/start`);
  assert.equal(started.status, 202);
  assert.equal(started.json.total, 30);
  assert.equal((await api("POST", `/batch/${id}/start`)).status, 202, "starting again is harmless");
  const end = await advanceToEnd(id);
  assert.deepEqual([end.status, end.counts.succeeded], ["succeeded", 30]);
});

test("a slice sent twice changes nothing; another at its place or a gap is 409", async () => {
  const content = await newContent();
  const id = await create();
  const slice = events(content, 640, 5);
  await api("POST", `/batch/${id}/items?offset=0`, slice);
  const again = await api("POST", `/batch/${id}/items?offset=0`, slice);
  assert.deepEqual([again.status, again.json.received, again.json.repeated], [200, 5, true]);
  assertProblem(await api("POST", `/batch/${id}/items?offset=0`, events(content, 650, 5)), 409, "offset_mismatch");
  const gap = await api("POST", `/batch/${id}/items?offset=9`, slice);
  assertProblem(gap, 409, "offset_gap");
  assert.match(gap.json.detail + gap.json.suggestion, /\b5\b/);
  await api("POST", `/batch/${id}/start`);
  assertProblem(await api("POST", `/batch/${id}/items?offset=5`, slice), 409, "illegal_transition");
  const late = await api("POST", `/batch/${id}/items?offset=0`, slice);
  assert.ok([200, 409].includes(late.status), late.text);
  assert.equal((await advanceToEnd(id)).counts.succeeded, 5);
});

test("malformed JSON in the middle of a slice is one failed item", async () => {
  const content = await newContent();
  const id = await create();
  const [a, b] = events(content, 660, 2).map((event) => JSON.stringify(event));
  const reply = await api("POST", `/batch/${id}/items?offset=0`, `[${a}, {"content_id": oops}, ${b}]`);
  assert.deepEqual([reply.json.received, reply.json.malformed], [3, 1], reply.text);
  const torn = await api("POST", `/batch/${id}/items?offset=3`, `[${a}, {"content_id":`);
  assertProblem(torn, 400, "malformed_json");
  assert.equal((await api("GET", `/batch/${id}`)).json.received, 3, "a torn slice leaves nothing");
  await api("POST", `/batch/${id}/start`);
  const end = await advanceToEnd(id);
  assert.deepEqual([end.counts.succeeded, end.counts.failed], [2, 1]);
});

test("a batch can't start empty, and ends cancelled when it is cancelled", async () => {
  const id = await create();
  assertProblem(await api("POST", `/batch/${id}/start`), 422, "empty_batch");
  const cancelled = await api("POST", `/batch/${id}/cancel`, { graceful: false });
  assert.equal(cancelled.status, 202);
  assert.equal(cancelled.json.status, "cancelled");
  assertProblem(await api("POST", `/batch/${id}/pause`), 409, "illegal_transition");
});

test("pause, resume and cancel; what is left is unprocessed", async () => {
  const content = await newContent();
  const id = await create({ type: "create", options: { chunk_size: 10 }, items: events(content, 700, 100) });
  assert.equal((await api("POST", `/batch/${id}/pause`)).status, 202);
  const paused = await api("POST", `/batch/${id}/advance`);
  assert.equal(paused.json.status, "paused", paused.text);
  assert.equal(paused.json.counts.pending, 100);
  assert.ok(paused.json.allowed.includes("resume"));
  assert.equal((await api("POST", `/batch/${id}/resume`)).status, 202);
  assert.equal((await api("POST", `/batch/${id}/cancel`)).status, 202);
  const end = await advanceToEnd(id);
  assert.equal(end.status, "cancelled");
  const { counts } = end;
  assert.equal(Object.values(counts).reduce((a, b) => a + b), 100);
  assert.equal(counts.unprocessed, 100 - counts.succeeded);
});

test("unknown members of a cancellation are refused", async () => {
  const id = await create();
  assertProblem(await api("POST", `/batch/${id}/cancel`, { colour: 1 }), 422, "validation_failed", "/colour");
  assert.equal((await api("POST", `/batch/${id}/cancel`)).status, 202);
});

test("the status has an ETag and answers 304 while nothing changes", async () => {
  const content = await newContent();
  const id = await create({ type: "create", items: events(content, 820, 3) });
  const first = await api("GET", `/batch/${id}`);
  const etag = first.headers.get("etag");
  const same = await api("GET", `/batch/${id}`, undefined, { headers: { "if-none-match": etag } });
  assert.equal(same.status, 304);
  assert.equal(same.text, "");
  await advanceToEnd(id);
  const changed = await api("GET", `/batch/${id}`, undefined, { headers: { "if-none-match": etag } });
  assert.equal(changed.status, 200);
  assert.equal(changed.headers.get("retry-after"), null, "no Retry-After at the end");
  const done = await api("GET", `/batch/${id}`, undefined, { headers: { "if-none-match": changed.headers.get("etag") } });
  assert.equal(done.status, 304);
});

test("every state says when to ask again, and a status that is known is 304 with it", async () => {
  const content = await newContent();
  const id = await create({ type: "create", options: { chunk_size: 10 } });
  const seen = new Set();
  const look = async (status, retryAfter) => {
    const reply = await api("GET", `/batch/${id}`);
    assert.deepEqual([reply.json.status, reply.headers.get("retry-after")], [status, retryAfter]);
    const etag = reply.headers.get("etag");
    assert.ok(!seen.has(etag), `${status} is another ETag`);
    seen.add(etag);
    const same = await api("GET", `/batch/${id}`, undefined, { headers: { "if-none-match": `"other", ${etag}` } });
    assert.deepEqual([same.status, same.headers.get("etag"), same.headers.get("retry-after")], [304, etag, retryAfter]);
    return reply.json;
  };
  const empty = await look("receiving", "5");
  assert.deepEqual([empty.percent, empty.progress.eta_s, empty.progress.throughput_per_s, empty.progress.current], [0, null, 0, null]);
  await api("POST", `/batch/${id}/items?offset=0`, events(content, 32000, 30));
  await look("receiving", "5");
  await api("POST", `/batch/${id}/start`);
  await look("queued", "1");
  await api("POST", `/batch/${id}/pause`);
  await look("paused", "5");
  await api("POST", `/batch/${id}/resume`);
  await advanceToEnd(id);
  const end = await look("succeeded", null);
  assert.deepEqual([end.percent, end.progress.eta_s, end.progress.lanes, end.progress.current], [100, null, 0, null]);
  assert.ok(end.progress.active_ms > 0 && end.progress.elapsed_ms > 0 && end.progress.memory_kib > 1000 && end.progress.throughput_per_s > 0);
});

test("lanes may advance one batch in parallel, and each item is written once", async () => {
  const content = await newContent();
  const id = await create({ type: "create", options: { chunk_size: 20, max_concurrency: 8 }, items: events(content, 900, 400) });
  await Promise.all(Array.from({ length: 6 }, () => advanceToEnd(id)));
  const end = (await api("GET", `/batch/${id}`)).json;
  assert.equal(end.counts.succeeded, 400);
  const seen = [];
  for (let next = -1; next !== null;) {
    const page = (await api("GET", `/batch/${id}/items?limit=150&after=${next}`)).json;
    seen.push(...page.items);
    next = page.next;
  }
  assert.deepEqual(seen.map((item) => item.ordinal), Array.from({ length: 400 }, (_, i) => i));
  assert.equal(new Set(seen.map((item) => item.event_id)).size, 400);
});

test("results page by outcome", async () => {
  const content = await newContent();
  const items = events(content, 1400, 12).map((event, i) => (i % 3 ? event : { ...event, version_no: 9 }));
  const id = await create({ type: "create", items });
  await advanceToEnd(id);
  const failed = await api("GET", `/batch/${id}/items?outcome=failed&limit=3`);
  assert.deepEqual(failed.json.items.map((item) => item.ordinal), [0, 3, 6]);
  assert.equal(failed.json.next, 6);
  const rest = await raw("GET", failed.headers.get("link").match(/<(.*?)>/)[1], { headers: { authorization: `Bearer ${process.env.TOKEN}` } });
  assert.deepEqual(rest.json.items.map((item) => item.ordinal), [9]);
  assert.equal(rest.json.next, null);
  assert.equal((await api("GET", `/batch/${id}/items?outcome=succeeded`)).json.items.length, 8);
  assertProblem(await api("GET", `/batch/${id}/items?outcome=purple`), 422, "invalid_value");
});

test("CSV with a BOM, CRLF, quotes and a label runs", async () => {
  const content = await newContent();
  const venue = await newResource();
  const body = "\ufeff" + csvOf([
    ["client_id", "content_id", "version_no", "starts_at", "duration_s", "title", "resources"],
    [unique(), content, 1, hour(1500), 60, '"Quoted ""title"", with comma"', venue],
    [unique(), content, 1, hour(1502), 60, "'=SUM(A1)", `"${venue}"`],
    [unique(), content, 1, "2026-02-30", "", "", ""],
  ]);
  const reply = await api("POST", "/batch?type=create&label=A%20file&chunk_size=2", body, csv);
  assert.equal(reply.status, 201, reply.text);
  assert.deepEqual([reply.json.label, reply.json.total, reply.json.options.chunk_size], ["A file", 3, 2]);
  const end = await advanceToEnd(reply.json.id);
  assert.deepEqual([end.counts.succeeded, end.counts.failed], [2, 1]);
  const titles = (await api("GET", `/events?content_id=${content}`)).json.items.map((event) => event.title);
  assert.deepEqual(titles, ['Quoted "title", with comma', "=SUM(A1)"]);
});

test("CSV with semicolons runs; missing and unknown columns are named", async () => {
  const content = await newContent();
  const semicolons = `content_id;version_no;starts_at\n${content};1;${hour(1510)}\n`;
  const made = await api("POST", "/batch?type=create", semicolons, csv);
  assert.equal((await advanceToEnd(made.json.id)).counts.succeeded, 1);
  const missing = await api("POST", "/batch?type=create", `content_id,title\n${content},x\n`, csv);
  assertProblem(missing, 422, "missing_column");
  assert.match(missing.json.detail, /starts_at/);
  const unknown = await api("POST", "/batch?type=create", `content_id,starts_at,colour\n${content},${hour(1)},red\n`, csv);
  assertProblem(unknown, 422, "unknown_column");
  assert.match(unknown.json.detail, /colour/);
  assertProblem(await api("POST", "/batch", semicolons, csv), 422, "required", "/type");
  assert.equal((await api("POST", "/batch?type=create&colour=red", semicolons, csv)).json.errors[0].code, "unknown_option");
});

test("a quote that is never closed, NUL and bad UTF-8 in CSV lose nothing else", async () => {
  const content = await newContent();
  const open = await api("POST", "/batch?type=create", `content_id,starts_at,title\n${content},${hour(1520)},"open\n`, csv);
  assert.ok([400, 422].includes(open.status), open.text);
  assert.equal(open.json.code, "malformed_csv");
  const bytes = Buffer.concat([
    Buffer.from(`content_id,version_no,starts_at,title\n${content},1,${hour(1522)},`), Buffer.from([0xe5, 0x00]),
    Buffer.from(`\n${content},1,${hour(1524)},fine\n`)]);
  const reply = await api("POST", "/batch?type=create", bytes, csv);
  assert.equal(reply.status, 201, reply.text);
  const end = await advanceToEnd(reply.json.id);
  assert.deepEqual([end.counts.succeeded, end.counts.failed], [1, 1]);
});

test("failed rows come back as CSV with reasons and can be sent again as they are", async () => {
  const content = await newContent();
  const rows = Array.from({ length: 40 }, (_, i) => [unique(), content, i % 4 ? 1 : 9, hour(1600 + i), `title ${i}`]);
  const made = await api("POST", "/batch?type=create",
    csvOf([["client_id", "content_id", "version_no", "starts_at", "title"], ...rows]), csv);
  const end = await advanceToEnd(made.json.id);
  assert.equal(end.counts.failed, 10);
  const file = await api("GET", `/batch/${made.json.id}/results.csv?outcome=failed`);
  assert.equal(file.status, 200);
  assert.equal(file.headers.get("content-disposition"), `attachment; filename="batch-${made.json.id}-failed.csv"`);
  const bytes = Buffer.from(file.text);
  const lines = file.text.replace("\ufeff", "").trimEnd().split("\r\n");
  assert.equal(lines.length, 11);
  assert.equal(lines[0], "client_id,content_id,version_no,starts_at,title,ordinal,outcome,event_id,error_code,error_message,error_suggestion");
  assert.match(lines[1], new RegExp(`^${rows[0][0]},${content},9,.*,"title 0",0,failed,,version_not_found,`));
  const fixed = bytes.toString().replaceAll(`,${content},9,`, `,${content},1,`);
  const again = await api("POST", "/batch?type=create", fixed, csv);
  assert.equal(again.status, 201, again.text);
  const second = await advanceToEnd(again.json.id);
  assert.deepEqual([second.total, second.counts.succeeded], [10, 10]);
  const third = await api("GET", `/batch/${again.json.id}/results.csv`);
  assert.equal(third.text.split("\r\n").filter((line) => line.includes("succeeded")).length, 10);
});

test("a cell that a spreadsheet would run is disarmed on the way out and whole again on the way in", async () => {
  const content = await newContent();
  const titles = ["=1+1", "+1", "-1", "@x", "a=b", 'q"q', "a,b;c", "'x"];
  const items = titles.map((title, i) => ({ client_id: unique(), content_id: content, version_no: 1, starts_at: hour(1700 + i), title }));
  const id = await create({ type: "create", items });
  assert.equal((await advanceToEnd(id)).counts.succeeded, titles.length);
  const file = await api("GET", `/batch/${id}/results.csv`);
  for (const title of ["=1+1", "+1", "-1", "@x"]) assert.ok(file.text.includes(`"'${title}"`), title);
  const again = await api("POST", "/batch?type=create", file.text, csv);
  const end = await advanceToEnd(again.json.id);
  assert.equal(end.counts.unchanged, titles.length, JSON.stringify(end.counts) + file.text);
});

test("results as NDJSON: an item result a line", async () => {
  const content = await newContent();
  const items = events(content, 1800, 450).map((event, i) => (i % 50 ? event : { ...event, content_id: 99999999 }));
  const id = await create({ type: "create", items });
  await advanceToEnd(id);
  const reply = await api("GET", `/batch/${id}/results.ndjson`);
  const lines = reply.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.ordinal), Array.from({ length: 450 }, (_, i) => i));
  assert.deepEqual(lines[1].input, items[1]);
  const failed = await api("GET", `/batch/${id}/results.ndjson?outcome=failed`);
  assert.equal(failed.text.trimEnd().split("\n").length, 9);
  assertProblem(await api("GET", `/batch/${id}/results.ndjson?outcome=purple`), 422, "invalid_value");
});

test("an update's failed rows can be sent again too", async () => {
  const content = await newContent();
  const made = await api("POST", "/schedules/bulk", events(content, 2300, 4), { headers: { prefer: "wait=10" } });
  const ids = made.json.items.map((item) => item.event_id);
  const table = (version) => csvOf([["event_id", "expected_version", "title"], ...ids.map((id, i) => [id, i ? 1 : version, `t${i}`])]);
  const first = await api("POST", "/batch?type=update", table(9), csv);
  assert.equal(first.status, 201, first.text);
  assert.equal((await advanceToEnd(first.json.id)).counts.failed, 1);
  const file = await api("GET", `/batch/${first.json.id}/results.csv?outcome=failed`);
  assert.match(file.text, new RegExp(`${ids[0]},9,t0,0,failed,stale_version`));
  const again = await api("POST", "/batch?type=update", file.text.replace(`${ids[0]},9,`, `${ids[0]},1,`), csv);
  assert.equal((await advanceToEnd(again.json.id)).counts.succeeded, 1);
});

test("lists of batches filter and page; a finished one can be forgotten", async () => {
  const content = await newContent();
  const id = await create({ type: "create", items: events(content, 2400, 1) });
  assertProblem(await api("DELETE", `/batch/${id}`), 409, "illegal_transition");
  await advanceToEnd(id);
  const page = await api("GET", "/batch?phase=completed&type=create&limit=1");
  assert.equal(page.json.items[0].id, id);
  assert.equal(page.json.next, id);
  const next = await api("GET", `/batch?phase=completed&type=create&limit=1&after=${id}`);
  assert.ok(next.json.items[0].id < id);
  assert.equal((await api("DELETE", `/batch/${id}`)).status, 204);
  assertProblem(await api("GET", `/batch/${id}`), 404, "not_found");
  assert.equal((await api("GET", `/events?content_id=${content}`)).json.items.length, 1, "its events stay");
});

test("workers and the summary tell who works and what came of it", async () => {
  const workers = (await api("GET", "/workers")).json.items;
  assert.ok(workers.length > 0);
  assert.match(workers[0].uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal((await api("GET", `/workers/${workers[0].uuid}/logs`)).status, 200);
  const summary = (await api("GET", "/summary")).json;
  assert.ok(summary.jobs.some((row) => row.type === "create" && row.status === "succeeded" && row.count > 0));
  assert.ok(summary.throughput.reduce((sum, row) => sum + row.items, 0) > 0);
  assert.ok(summary.errors.some((row) => row.code === "version_not_found"));
});

test("an item of more than 64 KiB is one failed item", async () => {
  const content = await newContent();
  const [small, large] = events(content, 2500, 2);
  const id = await create({ type: "create", items: [small, { ...large, attributes: { text: "x".repeat(66000) } }] });
  const end = await advanceToEnd(id);
  assert.deepEqual([end.counts.succeeded, end.counts.failed], [1, 1]);
  const failed = await api("GET", `/batch/${id}/items?outcome=failed`);
  assert.equal(failed.json.items[0].errors[0].code, "item_too_large");
});
