// Several files in one batch: as one form, as one request of a program, and slice by slice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adminToken, advanceToEnd, api, assertProblem, hour, newContent, raw, signIn, unique } from "./support.mjs";

const rows = (content, from, count) =>
  ["content_id,version_no,starts_at", ...Array.from({ length: count }, (_, i) => `${content},1,${hour(from + i)}`)].join("\r\n") + "\r\n";

function formOf(files, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, text] of files) form.append("file", new Blob([text], { type: "text/csv" }), name);
  return form;
}
const sendForm = async (form, idempotency = {}) =>
  raw("POST", "/api/v1/batch", { headers: { authorization: `Bearer ${adminToken}`, ...idempotency }, body: form });

test("a program sends several files at once; the bad one is named, the others go on", async () => {
  const content = await newContent();
  const files = [["one.csv", rows(content, 9100, 3)], ["Plan “2027”.xlsx", "PK\u0003\u0004\u0000"], ["two.json", JSON.stringify([{ content_id: content, version_no: 1, starts_at: hour(9110) }])]];
  const form = () => formOf(files, { type: "create", label: "three files", options: JSON.stringify({ chunk_size: 2 }) });
  const key = { "idempotency-key": unique("files") };
  // The body's boundary is part of what is asked, so the same bytes are sent again.
  const request = new Request("http://x/", { method: "POST", body: form() });
  const headers = { ...key, "content-type": request.headers.get("content-type") };
  const body = Buffer.from(await request.arrayBuffer());
  const send = () => raw("POST", "/api/v1/batch", { headers: { authorization: `Bearer ${adminToken}`, ...headers }, body });
  const made = await send();
  assert.equal(made.status, 201, made.text);
  assert.match(made.headers.get("link"), new RegExp(`/batch/${made.json.id}/files>; rel="related"`));
  assert.equal((await send()).json.id, made.json.id, "sent again it is the same batch");
  const listed = (await api("GET", `/batch/${made.json.id}/files`)).json.items;
  assert.deepEqual(listed.map(({ name, state, items, code }) => [name, state, items, code]),
    [["one.csv", "taken", 3, null], ["Plan “2027”.xlsx", "refused", 0, "unsupported_media_type"], ["two.json", "taken", 1, null]]);
  assert.match(listed[1].message, /must be a CSV, JSON or NDJSON file/);
  assert.equal((await advanceToEnd(made.json.id)).counts.succeeded, 4);
});

test("files none of which can be read are told one by one, and make no batch", async () => {
  const before = (await api("GET", "/batch?limit=1")).json.items[0]?.id;
  const reply = await sendForm(formOf([["a.csv", "begins\n1\n"], ["b.csv", ""]], { type: "create" }));
  assertProblem(reply, 422, "validation_failed", "/files");
  assert.deepEqual(reply.json.errors.map((error) => error.message), ["a.csv: The column “begins” is not known for create", "b.csv: The selected file is empty"]);
  assert.equal((await api("GET", "/batch?limit=1")).json.items[0]?.id, before);
  assertProblem(await sendForm(formOf([], { type: "create" })), 422, "validation_failed", "/files");
  assertProblem(await sendForm(formOf([["a.csv", "x"]], { type: "nothing" })), 422, "invalid_value");
  assertProblem(await sendForm(formOf([["a.csv", "x"]], { type: "create", options: "{" })), 400, "malformed_json");
  assertProblem(await sendForm(formOf(Array.from({ length: 101 }, (_, i) => [`${i}.csv`, "x"]), { type: "create" })), 413, "too_many_items");
});

test("an urlencoded form: rows as one of its fields, or a batch that waits for them", async () => {
  const content = await newContent();
  const send = (fields) => raw("POST", "/api/v1/batch", { headers: { authorization: `Bearer ${adminToken}` }, body: new URLSearchParams(fields) });
  const json = JSON.stringify([{ content_id: content, version_no: 1, starts_at: hour(9153) }]);
  for (const [items, count] of [[rows(content, 9150, 3), 3], [json, 1]]) {
    const made = await send({ type: "create", label: "a form", options: JSON.stringify({ chunk_size: 2 }), items });
    assert.deepEqual([made.status, made.json.label, made.json.total, made.headers.get("link")], [201, "a form", count, null], made.text);
    assert.equal((await advanceToEnd(made.json.id)).counts.succeeded, count);
  }
  const waiting = await send({ type: "create" });
  assert.deepEqual([waiting.status, waiting.json.status], [201, "receiving"]);
  assert.equal(waiting.headers.get("location"), `/api/v1/batch/${waiting.json.id}`);
  assertProblem(await send({ label: "without a type" }), 422, "required", "/type");
  assertProblem(await send({ type: "create", options: '{"chunk_size":0}' }), 422, "validation_failed", "/options/chunk_size");
  assertProblem(await send({ type: "create", items: "begins\n1\n" }), 422, "unknown_column");
  await api("POST", `/batch/${waiting.json.id}/cancel`, {});
});

test("files slice by slice: begun, taken back while they arrive, not afterwards", async () => {
  const content = await newContent();
  const { id } = (await api("POST", "/batch", { type: "create" })).json;
  const begin = (file_no, name, more) => api("POST", `/batch/${id}/files`, { file_no, name, ...more });
  const csv = { headers: { "content-type": "text/csv" } };
  assert.equal((await begin(1, "a.csv", { bytes: 5 })).json.first_ordinal, 0);
  assert.equal((await api("POST", `/batch/${id}/items?offset=0`, rows(content, 9200, 4), csv)).json.received, 4);
  assert.equal((await begin(2, "b.csv")).json.first_ordinal, 4);
  assert.equal((await api("POST", `/batch/${id}/items?offset=4`, `starts_at,content_id\n${hour(9210)},${content}\n`, csv)).json.received, 5);
  assertProblem(await api("POST", `/batch/${id}/files/drop`, { file_no: 1 }), 409, "illegal_transition");
  assertProblem(await api("POST", `/batch/${id}/files/drop`, { file_no: 7 }), 404, "not_found");
  assertProblem(await api("POST", `/batch/${id}/files/drop`, { file_no: 2, state: "lost" }), 422, "validation_failed", "/state");
  assertProblem(await api("POST", `/batch/${id}/files`, { file_no: 0, name: "" }), 422, "validation_failed", "/file_no");
  assert.equal((await api("POST", `/batch/${id}/files/drop`, { file_no: 2 })).json.done, true);
  assert.equal((await begin(3, "c.csv")).json.first_ordinal, 4);
  await api("POST", `/batch/${id}/start`);
  assertProblem(await begin(4, "d.csv"), 409, "illegal_transition");
  const end = await advanceToEnd(id);
  assert.equal(end.counts.succeeded, 4);
  assert.deepEqual((await api("GET", `/batch/${id}/files`)).json.items.map(({ state, items }) => [state, items]), [["taken", 4], ["cancelled", 0], ["taken", 0]]);
});

test("the form takes several files without a script, names the bad ones on the batch's page, and is made once", async () => {
  const content = await newContent();
  const browser = await signIn("admin");
  const page = (await browser.page("/bulk/new")).text;
  const fields = Object.fromEntries(["csrf", "form_key"].map((name) => [name, new RegExp(`name="${name}" value="([0-9a-f]+)"`).exec(page)[1]]));
  const post = (files) => raw("POST", "/bulk/new", { headers: { cookie: browser.cookie }, body: formOf(files, { ...fields, operation: "create", on_conflict: "fail", run: "now" }) });
  const files = [["good.csv", rows(content, 9300, 2)], ["<b>bad</b>.csv", "begins\n1\n"]];
  const made = await post(files);
  assert.equal(made.status, 303, made.text.slice(0, 500));
  const address = made.headers.get("location").split("?")[0];
  assert.equal((await post(files)).headers.get("location").split("?")[0], address, "sent again after Back");
  const shown = (await browser.page(address)).text;
  assert.match(shown, /2 files, 1 not taken/);
  assert.match(shown, /&lt;b&gt;bad&lt;\/b&gt;\.csv/);
  assert.match(shown, /The column “begins” is not known for create/);
  const refused = await post(files.slice(1).concat([["worse.csv", ""]]));
  assert.equal(refused.status, 422);
  assert.match(refused.text, /There is a problem/);
  assert.match(refused.text, /worse\.csv: The selected file is empty/);
});
