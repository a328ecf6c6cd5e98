// The edge: what is no proper request, and what every reply carries.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adminToken, api, assertProblem, assertSafe, base, raw, server, signIn, socket } from "./support.mjs";

test("health answers without login, with the database's state", async () => {
  const reply = await api("GET", "/health", undefined, { token: null });
  assert.equal(reply.status, 200);
  assert.equal(reply.json.status, "ok");
  assert.equal(reply.json.database, "ok");
});

test("the OpenAPI document is served, and it is the one in the source", async () => {
  const reply = await api("GET", "/openapi.json", undefined, { token: null });
  assert.equal(reply.json.openapi, "3.1.0");
  assert.ok(reply.json.paths["/schedules/bulk"].put);
});

test("the document and the route table name the same routes", async () => {
  const source = readFileSync(new URL("../../src/web/routes.c", import.meta.url), "utf8");
  const routes = [...source.matchAll(/METHOD_(\w+), +V1 "([^"]+)"/g)].map(([, method, path]) => `${method} ${path}`);
  const { paths } = (await api("GET", "/openapi.json", undefined, { token: null })).json;
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).filter((key) => key !== "parameters").map((method) => `${method.toUpperCase()} ${path}`));
  assert.ok(routes.length > 40);
  assert.deepEqual(documented.sort(), routes.sort());
});

test("every reply carries the security headers, errors and pages too", async () => {
  for (const [method, path] of [
    ["GET", "/api/v1/health"], ["GET", "/api/v1/nothing"], ["DELETE", "/api/v1/health"], ["GET", "/api/v1/me"],
    ["GET", "/login"], ["GET", "/nothing-here"], ["GET", "/jobs"], ["GET", "/api/v1/openapi.json"],
  ])
    assertSafe(await raw(method, path));
});

test("an unknown address is 404, as a problem or as a page", async () => {
  assertProblem(await api("GET", "/nothing"), 404, "not_found");
  assertProblem(await api("GET", "/batch/0"), 404, "not_found");
  assertProblem(await api("GET", "/batch/12x"), 404, "not_found");
  assertProblem(await api("GET", "/batch/99999999999999999999"), 404, "not_found");
  assertProblem(await api("GET", "/batch/999999999"), 404, "not_found");
  const page = await raw("GET", "/nothing-here");
  assert.equal(page.status, 404);
  assert.equal(page.type, "text/html");
  assert.match(page.text, /<h1>Not found<\/h1>/);
  assert.doesNotMatch(page.text, /href="[^"]*\/jobs"/);
});

test("whoever is signed in finds the way on from a page that is not there", async () => {
  const page = await (await signIn("author")).page("/nothing-here");
  assert.equal(page.status, 404);
  assert.match(page.text, /href="[^"]*\/jobs"/);
});

test("routes of later versions do not exist", async () => {
  for (const path of ["/templates", "/uploads"])
    assertProblem(await api("GET", path), 404, "not_found");
});

test("a method that an address does not have is 405 with Allow", async () => {
  const reply = await api("PATCH", "/batch", {});
  assertProblem(reply, 405, "method_not_allowed");
  assert.equal(reply.headers.get("allow"), "GET, HEAD, POST");
  const bulk = await api("GET", "/schedules/bulk");
  assert.equal(bulk.headers.get("allow"), "POST, PUT");
});

test("HEAD is GET without a body", async () => {
  const get = await api("GET", "/events?limit=2");
  const head = await api("HEAD", "/events?limit=2");
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
  if (server === "lighttpd") assert.equal(head.headers.get("content-length"), String(Buffer.byteLength(get.text)));
});

test("no login is 401 and says how to sign in", async () => {
  const reply = await api("GET", "/events", undefined, { token: null });
  assertProblem(reply, 401, "not_authenticated");
  assert.match(reply.headers.get("www-authenticate"), /^Bearer/);
  assertProblem(await api("GET", "/events", undefined, { token: "tr_" + "0".repeat(64) }), 401, "not_authenticated");
  assertProblem(await api("GET", "/events", undefined, { token: "x\u00e9'\"--" }), 401, "not_authenticated");
});

test("a server that keeps Authorization to itself: the reply says so, X-Authorization takes its place", async () => {
  const none = await api("GET", "/me", undefined, { token: null });
  assert.match(none.json.detail, /No token has arrived: the header Authorization is missing/);
  assert.match(none.json.suggestion, /X-Authorization: Bearer tr_/);
  const other = { authorization: "Basic c2l0ZTpzZWNyZXQ=" };
  assert.match((await api("GET", "/me", undefined, { token: null, headers: other })).json.detail, /holds something else/);
  const instead = { "x-authorization": `Bearer ${adminToken}` };
  for (const headers of [instead, { ...instead, ...other }]) {
    const reply = await api("GET", "/me", undefined, { token: null, headers });
    assert.equal(reply.json.by_token, true, reply.text);
  }
  assertProblem(await api("GET", "/me", undefined, { token: null, headers: { "x-authorization": "Bearer tr_0" } }), 401, "not_authenticated");
});

test("what is too large for the host: a page that says what to do", async (t) => {
  if (server !== "apache") return t.skip("only mod_fcgid has this limit");
  const boundary = "x", file = "a".repeat(140_000);
  const body = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${file}\r\n--${boundary}--\r\n`;
  const reply = await raw("POST", "/bulk/new", { body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } });
  assert.ok([413, 500].includes(reply.status), String(reply.status));
  assert.match(reply.text, /larger than this host takes at once/);
  assert.match(reply.text, /Nothing has been stored/);
});

test("another content type is 415 and names those that are taken", async () => {
  const batch = await api("POST", "/batch", "{}", { headers: { "content-type": "text/plain" } });
  assertProblem(batch, 415, "unsupported_media_type");
  assert.match(batch.json.detail, /application\/json, application\/x-ndjson/);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    assertProblem(await api("POST", "/schedules/bulk", "[]", { headers: { "content-type": type } }), 415,
      "unsupported_media_type");
  }
  assertProblem(await api("POST", "/events", "{}", { headers: { "content-type": "text/json" } }), 415,
    "unsupported_media_type");
});

test("malformed JSON is 400 and names the place", async () => {
  const reply = await api("POST", "/events", '{"content_id": 1,\n "title": }');
  assertProblem(reply, 400, "malformed_json");
  assert.match(reply.json.detail, /line 2/);
  assertProblem(await api("POST", "/events", ""), 400, "malformed_json");
  assertProblem(await api("POST", "/events", "[1]"), 422, "invalid_type");
});

test("100,000 nested brackets are refused, not crashed on", async () => {
  const deep = "[".repeat(100000);
  for (const path of ["/events", "/schedules/bulk", "/batch", "/schedules/evaluate"]) {
    const reply = await api("POST", path, deep);
    assert.ok([400, 413, 422].includes(reply.status), `${path}: ${reply.text}`);
    assert.ok(["too_deep", "malformed_json", "body_too_large"].includes(reply.json.code), reply.text);
  }
});

test("a key that stands twice, NUL and bad UTF-8 are refused", async () => {
  assertProblem(await api("POST", "/contents", '{"title":"a","title":"b"}'), 400, "duplicate_key");
  const nul = await api("POST", "/contents", '{"title":"a\\u0000b"}');
  assert.equal(nul.status, 400, nul.text);
  const bytes = Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  const bad = await api("POST", "/contents", bytes);
  assert.equal(bad.status, 400, bad.text);
});

test("a query that is not well-formed is 400", async () => {
  assert.equal((await raw("GET", "/api/v1/events?text=%ff")).status, 400); // lighttpd says so itself
  assertProblem(await api("GET", "/events?limit=abc"), 422, "invalid_value");
  assertProblem(await api("GET", "/events?limit=0"), 422, "invalid_value");
});

const head = (method, path, more) =>
  `${method} /api/v1${path} HTTP/1.1\r\nHost: ${new URL(base).host}\r\nAuthorization: Bearer ${adminToken}\r\n` +
  `Connection: close\r\n${more}\r\n`;

test("a Content-Length of 2 GB is 413 and nothing is read", async () => {
  // Who waited for the body would never answer.
  const reply = await socket(head("POST", "/schedules/bulk", "Content-Type: application/json\r\nContent-Length: 2147483648\r\n"));
  // mod_fcgid gives up by itself and hands on an empty body.
  assert.match(reply, server === "apache" ? /^HTTP\/1\.1 4(00|13) / : /^HTTP\/1\.1 413 /, reply.slice(0, 200));
});

test("a body over the site's limit is 413 and names the limit", async (t) => {
  if (server !== "lighttpd" && server !== "apache-cgi") return t.skip("mod_fcgid has a limit of its own");
  const reply = await api("POST", "/events", "x".repeat(70000));
  assertProblem(reply, 413, "body_too_large");
  assert.match(reply.json.detail, /65536 bytes/);
});

test("a Content-Length that is no number is refused", async () => {
  const reply = await socket(head("POST", "/events", "Content-Type: application/json\r\nContent-Length: 12abc\r\n"));
  assert.match(reply, /^HTTP\/1\.1 (400|413) /, reply.slice(0, 200));
});

test("a body that breaks off stores nothing", async () => {
  const list = async () => (await api("GET", "/batch?limit=1")).json.items[0]?.id ?? 0;
  const before = await list();
  const text = '[{"content_id": 1, "starts_at": "2031-01-01T00:00:00Z"}, {"content_id": 1,';
  const reply = await socket(
    head("POST", "/schedules/bulk", `Content-Type: application/json\r\nContent-Length: ${text.length + 500}\r\n`) + text,
    { end: true, quiet: 1500 });
  assert.ok(reply === "" || /^HTTP\/1\.1 (400|408|500)/.test(reply), reply.slice(0, 200));
  const after = await list();
  if (after !== before) {
    let job;
    for (let i = 0; i < 200; i++) { // whoever reads it may not know yet that nothing more comes
      job = (await api("GET", `/batch/${after}`)).json;
      if (job.status !== "receiving") break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(job.status, "cancelled");
    assert.equal(job.counts.succeeded, 0);
  }
});

test("a chunked body without a length is read to its end", async () => {
  const body = JSON.stringify({ title: "chunked" });
  const sent = head("POST", "/contents", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") +
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  assert.match(await socket(sent), /^HTTP\/1\.1 201 /);
});

test("two requests in one process share nothing", async () => {
  const first = await api("GET", "/me");
  assert.equal(first.json.by_token, true);
  for (let i = 0; i < 12; i++) {
    const nobody = await api("GET", "/me", undefined, { token: null });
    assert.equal(nobody.status, 401);
    const health = await api("GET", "/health", undefined, { token: null });
    assert.equal(health.headers.get("www-authenticate"), null);
    assert.equal((await api("GET", "/me")).json.name, first.json.name);
  }
});

test("a header can't be split", async () => {
  const reply = await raw("GET", "/jobs%0d%0aX-Evil:%201");
  assert.equal(reply.headers.get("x-evil"), null);
  const login = await raw("GET", "/jobs/1?next=%0d%0aX-Evil:%201");
  assert.equal(login.headers.get("x-evil"), null);
});

test("a header of a reply is short, however long what is asked for", async () => {
  const reply = await raw("GET", `/jobs?label=${"x".repeat(6000)}`);
  assert.equal(reply.status, 303);
  for (const [name, value] of reply.headers) assert.ok(value.length <= 1000, `${name} has ${value.length} bytes`);
  const named = await raw("GET", "/api/v1/me", { headers: { authorization: `Bearer ${"y".repeat(6000)}` } });
  assert.equal(named.status, 401);
  for (const [name, value] of named.headers) assert.ok(value.length <= 1000, name);
});
