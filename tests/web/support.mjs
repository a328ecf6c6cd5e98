// What the web suites share: calls to the API, each of whose replies is held to
// the OpenAPI document; sign-in as a browser does it; bytes on a raw socket.
// Runs against BASE_URL with TOKEN (an API token of the demo's admin).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import net from "node:net";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";

export const base = process.env.BASE_URL;
export const server = process.env.SERVER ?? "lighttpd";
export const adminToken = process.env.TOKEN;
export const passwords = { admin: "tranche-demo-admin", editor: "tranche-demo-editor", author: "tranche-demo-author" };

const openapi = JSON.parse(readFileSync(new URL("../../src/web/openapi.json", import.meta.url)));

// --- the contract -------------------------------------------------------------

const typeOf = (value) =>
  value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;

// The part of JSON Schema that the document uses.
export function violations(value, schema, at = "") {
  if (schema.$ref) return violations(value, openapi.components.schemas[schema.$ref.split("/").pop()], at);
  if (schema.oneOf) {
    const lists = schema.oneOf.map((one) => violations(value, one, at));
    return lists.some((list) => list.length === 0) ? [] : lists[0];
  }
  const found = [];
  const types = [schema.type ?? []].flat();
  const type = typeOf(value);
  if (types.length && !types.includes(type) && !(type === "integer" && types.includes("number")))
    return [`${at} is ${type}, not ${types}`];
  if (schema.enum && !schema.enum.includes(value)) found.push(`${at} is ${value}, not one of ${schema.enum}`);
  if (schema.minimum !== undefined && value !== null && value < schema.minimum) found.push(`${at} is below ${schema.minimum}`);
  if (schema.format === "date-time" && value !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value))
    found.push(`${at} is no time: ${value}`);
  if (type === "array") value.forEach((entry, i) => found.push(...violations(entry, schema.items ?? {}, `${at}/${i}`)));
  if (type === "object" && schema.properties) {
    for (const name of schema.required ?? []) if (!(name in value)) found.push(`${at}/${name} is missing`);
    for (const [name, member] of Object.entries(value))
      if (schema.properties[name]) found.push(...violations(member, schema.properties[name], `${at}/${name}`));
      else if (schema.additionalProperties === false) found.push(`${at}/${name} is not in the contract`);
  }
  return found;
}

function documented(method, path) {
  for (const [pattern, item] of Object.entries(openapi.paths)) {
    const regex = new RegExp("^" + pattern.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+") + "$");
    if (regex.test(path)) return item[method.toLowerCase()];
  }
  return undefined;
}

function holdToContract(method, path, reply) {
  const operation = documented(method, path.split("?")[0]);
  if (!operation) return;
  const response = operation.responses[reply.status] ?? operation.responses.default;
  const [type, media] = Object.entries(response.content ?? {})[0] ?? [];
  const name = `${method} ${path} ${reply.status}`;
  if (!type) return assert.equal(reply.text, "", `${name} has no body in the contract`);
  assert.equal(reply.type, type, `${name}: content type of ${reply.text.slice(0, 200)}`);
  if (reply.json !== undefined) assert.deepEqual(violations(reply.json, media.schema), [], name);
}

// --- calls --------------------------------------------------------------------

async function once(method, path, { headers = {}, body }) {
  const response = await fetch(base + path, { method, headers, body, redirect: "manual" });
  const text = await response.text();
  const type = (response.headers.get("content-type") ?? "").split(";")[0];
  const reply = { status: response.status, headers: response.headers, text, type };
  if (/[/+]json$/.test(type) && text) reply.json = JSON.parse(text);
  return reply;
}

// The people of all these suites may come to the limit of requests in a minute, the sooner the quicker the machine is;
// then they wait as they are told.  Any other 429 is what a case is about.
const untilTold = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 500));
const minuteIsFull = (text) => /More than \d+ requests in a minute/.test(text);

// As it comes; `text`, `type` and (for JSON) `json` beside fetch's own fields.  `patient: false` waits for no other minute.
export async function raw(method, path, { headers = {}, body, patient = true } = {}) {
  const reply = await once(method, path, { headers, body });
  if (!patient || reply.status !== 429 || !minuteIsFull(reply.text)) return reply;
  await untilTold(reply.headers.get("retry-after"));
  return once(method, path, { headers, body });
}

const asBody = (body) => (body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));

// A call as the holder of a token, who waits for another minute to tick as well;
// what a slow machine has not finished within the time that it was asked to wait
// is worked to its end, unless `toEnd` says no.  `patient: false` takes what comes.
export async function api(method, path, body, { token = adminToken, headers = {}, patient = true, toEnd = patient } = {}) {
  const all = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
  if (body !== undefined && !all["content-type"]) all["content-type"] = "application/json";
  const call = () => raw(method, "/api/v1" + path, { headers: all, body: asBody(body), patient });
  let reply = await call();
  if (patient && reply.json?.code === "too_many_requests") {
    await untilTold(reply.headers.get("retry-after"));
    reply = await call();
  }
  holdToContract(method, path, reply);
  return toEnd && reply.status === 202 && /wait=[1-9]/.test(all.prefer ?? "") ? ended(reply, token) : reply;
}

// What the request would have answered with more time: the batch with the first of its results.
async function ended(reply, token) {
  await advanceToEnd(reply.json.id, token);
  const job = await api("GET", `/batch/${reply.json.id}`, undefined, { token });
  const page = await api("GET", `/batch/${reply.json.id}/items?limit=100`, undefined, { token });
  const json = { ...job.json, items: page.json.items, next: page.json.next };
  return { ...reply, status: 200, json, text: JSON.stringify(json) };
}

// The reply must be this problem.
export function assertProblem(reply, status, code, pointer) {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.type, "application/problem+json");
  assert.equal(reply.json.code, code, reply.text);
  assert.equal(reply.json.status, status);
  assert.match(reply.json.type, new RegExp(`/help/errors#${code}$`));
  assert.match(reply.json.reference, /^[0-9a-f]{16}$/);
  assert.ok(reply.json.suggestion.length > 3);
  if (pointer !== undefined) assert.ok(reply.json.errors.some((error) => error.pointer === pointer), reply.text);
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

// What every reply carries.
export function assertSafe(reply, name) {
  assert.equal(reply.headers.get("content-security-policy"), policy, name);
  assert.equal(reply.headers.get("x-content-type-options"), "nosniff", name);
  assert.equal(reply.headers.get("referrer-policy"), "same-origin", name);
  assert.equal(reply.headers.get("cross-origin-opener-policy"), "same-origin", name);
  assert.match(reply.headers.get("cache-control"), /no-store|no-cache/, name);
}

// --- the database, for what no request can bring about --------------------------

const setting = (key) => new RegExp(`^${key} = (.*)$`, "m").exec(readFileSync(process.env.TRANCHE_CONFIG, "utf8"))[1];
export const sql = (text) =>
  execFileSync("mariadb", ["--no-defaults", `--socket=${setting("db_socket")}`, `--user=${setting("db_user")}`, setting("db_name"), "-N", "-e", text],
    { encoding: "utf8", env: { ...process.env, MYSQL_PWD: setting("db_password") } });

// As if in the minute that begins now so much had been asked already: 1,500 requests a minute are more than a slow machine answers.
export const useUp = (bucket, hits) =>
  sql(`INSERT INTO tr_throttle (bucket, window_start, hits) VALUES (UNHEX(SHA2('${bucket}', 256)), UNIX_TIMESTAMP(), ${hits})
       ON DUPLICATE KEY UPDATE hits = GREATEST(IF(window_start > UNIX_TIMESTAMP() - 60, hits, 0), VALUES(hits)), window_start = VALUES(window_start)`);

// Every process of the program gets SIGKILL; how many.
export function killPrograms() {
  const program = join(dirname(process.env.TRANCHE_CONFIG), "htdocs/tranche.fcgi");
  const isOurs = (pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/exe`).startsWith(program) && process.kill(pid, "SIGKILL");
    } catch {
      return false; // it has just ended
    }
  };
  return readdirSync("/proc").filter(isOurs).length;
}

// --- people -------------------------------------------------------------------

export const cookieOf = (reply, name) =>
  reply.headers.getSetCookie().map((line) => line.split(";")[0]).filter((pair) => pair.startsWith(name + "="));

export async function loginForm() {
  const page = await raw("GET", "/login");
  assert.equal(page.status, 200, page.text.slice(0, 300));
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(page.text)[1];
  return { cookie: cookieOf(page, "tranche-form")[0], csrf };
}

export async function postLogin(name, password, form, headers = {}) {
  return raw("POST", "/login", {
    headers: { cookie: form.cookie, ...headers },
    body: new URLSearchParams({ name, password, csrf: form.csrf, next: "/jobs" }),
  });
}

// A signed-in browser: { cookie, csrf, call(method, path, body), page(path), form(path, fields) }.
export const signIn = (name) => browserOf(name, passwords[name]);
export async function browserOf(name, password, headers = {}) {
  const reply = await postLogin(name, password, await loginForm(), headers);
  assert.equal(reply.status, 303, reply.text.slice(0, 300));
  const cookie = cookieOf(reply, "tranche").find((pair) => pair.length > 20);
  const account = await raw("GET", "/account/password", { headers: { cookie } });
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(account.text)[1];
  const call = (method, path, body, headers = {}) =>
    api(method, path, body, { token: null, headers: { cookie, "x-csrf-token": csrf, ...headers } });
  const page = (path) => raw("GET", path, { headers: { cookie } });
  const form = (path, fields = {}) => raw("POST", path, { headers: { cookie }, body: new URLSearchParams({ csrf, ...fields }) });
  return { cookie, csrf, call, page, form };
}

// Somebody new: { id, name, password }; without `settle` still with the password that was given.
export async function newPerson({ roles = ["author"], settle = true } = {}) {
  const name = unique("person");
  const made = await api("POST", "/users", { name, roles });
  assert.equal(made.status, 201, made.text);
  const person = { id: made.json.id, name, given: made.json.password, password: "this is my own one" };
  if (!settle) return person;
  const browser = await browserOf(name, person.given);
  const changed = await browser.form("/account/password", { password: person.given, new: person.password, again: person.password });
  assert.equal(changed.status, 303, changed.text.slice(0, 400));
  return person;
}

const tokens = { admin: adminToken };
export async function tokenOf(name) {
  if (!tokens[name]) {
    const browser = await signIn(name);
    const reply = await browser.call("POST", "/tokens", { label: "tests/web" });
    assert.equal(reply.status, 201, reply.text);
    tokens[name] = reply.json.token;
  }
  return tokens[name];
}

// --- batches ------------------------------------------------------------------

let seed = Math.floor(Math.random() * 1e9);
export const unique = (prefix = "t") => `${prefix}-${process.pid}-${seed++}`;

export async function newContent(versions = 2, token = adminToken) {
  const made = await api("POST", "/contents", { title: unique("content") }, { token });
  assert.equal(made.status, 201, made.text);
  for (let i = 0; i < versions; i++) {
    const version = await api("POST", `/contents/${made.json.id}/versions`, { body: { text: `v${i + 1}` } }, { token });
    assert.equal(version.json?.version_no, i + 1, version.text);
  }
  return made.json.id;
}

export async function newResource(kind = "venue", more = {}) {
  const made = await api("POST", "/resources", { kind, name: unique(kind), ...more });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

export const hour = (number) => new Date(Date.UTC(2031, 0, 1) + number * 3600e3).toISOString().replace(".000", "");

export async function advanceToEnd(id, token = adminToken) {
  for (let i = 0; i < 1000; i++) {
    const reply = await api("POST", `/batch/${id}/advance`, undefined, { token });
    assert.equal(reply.status, 200, reply.text);
    if (["completed", "failed"].includes(reply.json.phase)) return reply.json;
    if (reply.json.advanced.nothing_due) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`batch ${id} did not end`);
}

// --- raw bytes ----------------------------------------------------------------

// Sends text as it is and returns all that comes back until the server closes
// or `quiet` ms pass without a byte: long, for who waits for a reply.
export async function socket(text, how) {
  const got = await exchange(text, how);
  if (!minuteIsFull(got)) return got;
  await untilTold(/^retry-after: (\d+)/im.exec(got)[1]);
  return exchange(text, how);
}
function exchange(text, { end = false, quiet = 60000 } = {}) {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    let got = "";
    const connection = net.connect(Number(port), hostname, () => {
      connection.write(text);
      if (end) connection.end();
    });
    connection.setTimeout(quiet, () => connection.destroy());
    connection.on("data", (data) => { got += data; });
    connection.on("close", () => resolve(got));
    connection.on("error", (error) => (got ? resolve(got) : reject(error)));
  });
}

// A batch of so many events without conflicts, on a content of its own, that waits to be started; and one that is.
export async function fed(count, token, options = {}) {
  const content = await newContent(1, token);
  const { json } = await api("POST", "/batch", { type: "create", options: { conflict_window_s: 0, ...options } }, { token });
  for (let at = 0; at < count; at += 800) {
    const items = Array.from({ length: Math.min(800, count - at) }, (_, i) => ({
      content_id: content, version_no: 1, starts_at: hour(2 * (at + i)), duration_s: 1800,
    }));
    const reply = await api("POST", `/batch/${json.id}/items?offset=${at}`, items, { token });
    assert.equal(reply.status, 200, reply.text);
  }
  return json.id;
}
export async function start(id, token) {
  const reply = await api("POST", `/batch/${id}/start`, undefined, { token });
  assert.equal(reply.status, 202, reply.text);
  return id;
}
export const started = async (count, token, options) => start(await fed(count, token, options), token);

export const statusOf = async (id) => (await api("GET", `/batch/${id}`)).json;
