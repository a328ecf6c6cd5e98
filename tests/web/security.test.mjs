// What an attacker can't: the promises that no other suite keeps an eye on.
// (tests/SECURITY.md has the whole list.)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import {
  adminToken, api, assertProblem, assertSafe, browserOf, cookieOf, loginForm, newContent, newPerson, postLogin, raw, server, signIn, socket, sql, base,
} from "./support.mjs";

const source = (path) => readFileSync(new URL(`../../src/${path}`, import.meta.url), "utf8");
const fill = (pattern) => pattern.replace("{uuid}", "00000000-0000-4000-8000-000000000000").replace(/\{[^}]+\}/g, "999999");
const pages = [...source("web/page_routes.h").matchAll(/METHOD_(\w+), +"([^"]+)"/g)].map(([, method, path]) => ({ method, path: fill(path) }));

// The program as a web server would run it as CGI, with any surroundings.
const program = fileURLToPath(new URL("../../build/release/tranche.fcgi", import.meta.url));
async function cgi(path, { method = "GET", env = {}, body = "", args = [], query = "" } = {}) {
  const run = spawn(program, args, {
    env: {
      TRANCHE_CONFIG: process.env.TRANCHE_CONFIG, GATEWAY_INTERFACE: "CGI/1.1", REQUEST_METHOD: method, PATH_INFO: path, QUERY_STRING: query,
      SCRIPT_NAME: "/tranche.fcgi", REMOTE_ADDR: "203.0.113.5", HTTP_HOST: "site.example", CONTENT_LENGTH: body ? String(body.length) : "", ...env,
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  run.stdin.on("error", () => {}).end(body);
  const out = [];
  run.stdout.on("data", (data) => out.push(data));
  const signal = await new Promise((resolve) => run.on("close", (_, name) => resolve(name)));
  assert.equal(signal, null);
  const [head, ...rest] = Buffer.concat(out).toString().split("\r\n\r\n");
  return { status: Number(/^Status: (\d+)/m.exec(head)?.[1] ?? 200), head, text: rest.join("\r\n\r\n") };
}
const https = { HTTPS: "on" };

// --- forms and cookies -------------------------------------------------------------

test("every form wants the token of its own session, from this site", async () => {
  const browser = await signIn("admin");
  const other = await signIn("editor");
  // The installer knows no session: once there is an admin it is closed for good, which its own tests hold.
  const posts = pages.filter(({ method, path }) => method === "POST" && !path.startsWith("/install"));
  assert.ok(posts.length > 40, "the table was read");
  for (const { path } of posts) {
    const send = (fields, headers = {}) =>
      raw("POST", path, { headers: { cookie: browser.cookie, ...headers }, body: new URLSearchParams(fields) });
    for (const [name, reply] of [
      ["none", await send({})], ["another session's", await send({ csrf: other.csrf })], ["a wrong one", await send({ csrf: "0".repeat(64) })],
      ["another site", await send({ csrf: browser.csrf }, { origin: "https://evil.example" })],
      ["another site, told by the browser", await send({ csrf: browser.csrf }, { "sec-fetch-site": "cross-site" })],
    ]) {
      assert.equal(reply.status, 403, `${path}, ${name}: ${reply.text.slice(0, 200)}`);
      assert.match(reply.text, /expired|another session|another site|protection code/i, `${path}, ${name}`);
    }
  }
  assert.equal((await browser.call("GET", "/me")).status, 200, "no sign-out by another's form");
});

test("every reply carries the headers: pages, errors, downloads, redirects", async () => {
  const { cookie } = await signIn("admin");
  for (const { method, path } of pages)
    for (const headers of method === "GET" ? [{}, { cookie }] : [{}]) {
      const reply = await raw(method, path, { headers });
      // Apache's own answer to the name of a folder: nothing but the way to it.
      const isFolder = reply.status === 301 && new URL(reply.headers.get("location"), base).pathname === `${new URL(base + path).pathname}/`;
      if (path !== "/look.css" && !isFolder) assertSafe(reply, `${method} ${path} ${reply.status}`);
    }
  const bearer = { authorization: `Bearer ${adminToken}` };
  const { json } = await api("POST", "/batch", { type: "create", items: [{}] });
  for (const [method, path, more] of [
    ["GET", `/api/v1/batch/${json.id}/results.csv`], ["GET", `/api/v1/batch/${json.id}/results.ndjson`], ["GET", "/api/v1/calendar.ics?from=2031-01-01&to=2031-01-02"],
    ["GET", "/api/v1/events?limit=x"], ["PATCH", "/api/v1/batch"], ["POST", "/api/v1/events", { body: "{" }], ["GET", `/api/v1/batch/${json.id}`],
    ["POST", "/api/v1/events", { body: "x".repeat(70_000), headers: { "content-type": "application/json" } }], ["DELETE", "/api/v1/tokens/999999"],
  ]) {
    const reply = await raw(method, path, { ...more, headers: { ...bearer, ...more?.headers } });
    if (reply.status !== 413 || server !== "apache") assertSafe(reply, `${method} ${path} ${reply.status}`);
  }
  await api("POST", `/batch/${json.id}/cancel`);
});

test("over https all cookies are __Host-, Secure, HttpOnly and SameSite; without it nobody signs in from afar", async () => {
  const page = await cgi("/login", { env: https });
  const [, name, value] = /^Set-Cookie: (\S+?)=([0-9a-f]{64}); Path=\/; HttpOnly; SameSite=Lax; Secure\r?$/m.exec(page.head);
  assert.equal(name, "__Host-tranche-form");
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(page.text)[1];
  const login = (env, address) => cgi("/login", {
    method: "POST", body: String(new URLSearchParams({ csrf, name: "admin", password: "tranche-demo-admin" })),
    env: { ...env, REMOTE_ADDR: address, CONTENT_TYPE: "application/x-www-form-urlencoded", HTTP_COOKIE: `__Host-tranche-form=${value}; tranche-form=${value}` },
  });
  const inside = await login(https, "203.0.113.5");
  assert.equal(inside.status, 303, inside.head);
  const cookies = inside.head.match(/^Set-Cookie: .*$/gm);
  for (const cookie of cookies) assert.match(cookie, /^Set-Cookie: __Host-[a-z-]+=[0-9a-f]*; Path=\/; HttpOnly; SameSite=Lax; Secure/);
  const plain = await login({}, "203.0.113.5");
  assert.equal(plain.status, 401);
  assert.match(plain.text, /needs an encrypted connection/);
  assert.ok(!/^Set-Cookie: tranche=/m.test(plain.head));
});

test("a victim is not locked out by guesses from elsewhere", async () => {
  const [bad, good] = [0, 1].map((i) => `198.${18 + i}.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`);
  const page = await cgi("/login", { env: https });
  const cookie = /__Host-tranche-form=([0-9a-f]{64})/.exec(page.head)[0];
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(page.text)[1];
  const login = (password, address) => cgi("/login", {
    method: "POST", body: String(new URLSearchParams({ csrf, name: "EDITOR", password })),
    env: { ...https, REMOTE_ADDR: address, CONTENT_TYPE: "application/x-www-form-urlencoded", HTTP_COOKIE: cookie },
  });
  for (let i = 0; i < 10; i++) assert.equal((await login(`guess ${i}`, bad)).status, 401);
  assert.equal((await login("tranche-demo-editor", bad)).status, 429, "the right one is not even looked at");
  assert.equal((await login("tranche-demo-editor", good)).status, 303);
  // What 990 more would leave behind: the address itself is counted as well.
  sql(`UPDATE tr_throttle SET hits = 1000 WHERE bucket = UNHEX(SHA2('login address:${bad}', 256))`);
  assert.equal((await login("tranche-demo-author", bad)).status, 429);
  const six = `2001:db8:1:${Math.floor(Math.random() * 65536).toString(16)}:`;
  for (let i = 0; i < 10; i++) await login(`guess ${i}`, `${six}:${i}`);
  assert.equal((await login("tranche-demo-editor", `${six}:99`)).status, 429, "a /64 is one address");
});

// --- sessions -------------------------------------------------------------------------

test("a session that somebody planted is not taken over by signing in", async () => {
  const planted = "ab".repeat(32);
  const form = await loginForm();
  const reply = await postLogin("author", "tranche-demo-author", { ...form, cookie: `${form.cookie}; tranche=${planted}` });
  assert.equal(reply.status, 303);
  const mine = cookieOf(reply, "tranche").find((pair) => pair.length > 20);
  assert.notEqual(mine, `tranche=${planted}`);
  assert.equal((await raw("GET", "/api/v1/me", { headers: { cookie: `tranche=${planted}` } })).status, 401);
  const again = await postLogin("author", "tranche-demo-author", { cookie: mine, csrf: (await browserPage(mine)).csrf });
  assert.equal(again.status, 303);
  assert.equal((await raw("GET", "/api/v1/me", { headers: { cookie: mine } })).status, 401, "the one before ends");
});
const browserPage = async (cookie) => ({ csrf: /name="csrf" value="([0-9a-f]+)"/.exec((await raw("GET", "/account", { headers: { cookie } })).text)[1] });

test("a session ends after half an hour without a request, and after twelve hours at any rate", async () => {
  const person = await newPerson();
  const browser = await browserOf(person.name, person.password);
  const status = async (set) => {
    sql(`UPDATE tr_sessions SET ${set} WHERE user_id = ${person.id}`);
    return (await browser.call("GET", "/me")).status;
  };
  assert.equal(await status("seen_at = UTC_TIMESTAMP() - INTERVAL 29 MINUTE"), 200);
  assert.equal(await status("seen_at = UTC_TIMESTAMP() - INTERVAL 31 MINUTE"), 401);
  assert.equal(await status("seen_at = UTC_TIMESTAMP(), created_at = UTC_TIMESTAMP() - INTERVAL 719 MINUTE"), 200);
  assert.equal(await status("seen_at = UTC_TIMESTAMP(), created_at = UTC_TIMESTAMP() - INTERVAL 721 MINUTE"), 401);
});

test("secrets are stored as digests: a leaked table opens nothing", async () => {
  const person = await newPerson();
  const browser = await browserOf(person.name, person.password);
  const { json } = await browser.call("POST", "/tokens", { label: "x" });
  const stored = sql(`SELECT HEX(token_hash) FROM tr_sessions WHERE user_id = ${person.id} UNION SELECT HEX(token_hash) FROM tr_api_tokens WHERE user_id = ${person.id}`)
    .trim().toLowerCase().split("\n");
  for (const hash of stored) {
    assert.ok(!json.token.includes(hash) && !browser.cookie.includes(hash));
    assert.equal((await raw("GET", "/api/v1/me", { headers: { cookie: `tranche=${hash}` } })).status, 401);
    assert.equal((await api("GET", "/me", undefined, { token: `tr_${hash}` })).status, 401);
  }
  assert.match(sql(`SELECT password_hash FROM tr_users WHERE id = ${person.id}`), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

// --- what belongs to others --------------------------------------------------------------

test("nothing of somebody else's: every address with an id, by API and page", async () => {
  const job = (await api("POST", "/batch", { type: "create" })).json.id;
  const content = await newContent(1);
  const event = (await api("POST", "/events", { content_id: content, version_no: 1, starts_at: "2032-05-01T09:00:00Z" })).json.id;
  await api("PATCH", `/events/${event}`, { title: "Now it has a former state" });
  const role = await api("POST", "/roles", { name: `own-${job}`, grants: ["schedule_content", "view_scheduled_content", "view_content_versions"].map((permission) => ({ permission, own_only: true })) });
  assert.equal(role.status, 201, role.text);
  const person = await newPerson({ roles: [`own-${job}`] });
  const stranger = await browserOf(person.name, person.password);
  const { paths } = (await api("GET", "/openapi.json", undefined, { token: null })).json;
  let asked = 0;
  for (const [pattern, item] of Object.entries(paths)) {
    const id = pattern.startsWith("/batch/{id}") ? job : pattern.startsWith("/events/{id}") ? event : pattern.startsWith("/contents/{id}") ? content
      : pattern.includes("{id}") ? 1 : 0;
    if (/^\/(resources|restrictions)\//.test(pattern)) continue; // nobody's own: whoever sees the schedule sees them
    for (const method of id ? Object.keys(item).filter((key) => key !== "parameters") : []) {
      const bodies = { "/batch/{id}/items": [], "/events/{id}/restore": { row_version: 1 }, "/batch/{id}/files": { file_no: 1, name: "a.csv" }, "/batch/{id}/files/drop": { file_no: 1 } };
      const reply = await stranger.call(method.toUpperCase(), pattern.replace("{id}", id) + (pattern.endsWith("/items") && method === "post" ? "?offset=0" : ""),
        method === "get" || method === "delete" ? undefined : bodies[pattern] ?? {});
      assert.ok([403, 404].includes(reply.status) && /^not_permitted$|not_found$/.test(reply.json.code) && reply.json.code !== "state_not_found",
        `${method} ${pattern}: ${reply.status} ${reply.text}`);
      asked++;
    }
  }
  assert.ok(asked > 30, String(asked));
  for (const { method, path } of pages.filter(({ path }) => path.includes("999999"))) {
    const own = path.startsWith("/jobs/") ? path.replace("999999", job) : path.startsWith("/events/") ? path.replace("999999", event) : path;
    const reply = method === "GET" ? await stranger.page(own) : await stranger.form(own);
    const isGone = reply.status === 303 && reply.headers.get("location") === "/account?done=token"; // its own, and there is none
    assert.ok([403, 404].includes(reply.status) || isGone, `${method} ${own}: ${reply.status} ${reply.text.slice(0, 300)}`);
  }
  assert.equal((await api("GET", `/batch/${job}`)).json.status, "receiving");
  assert.equal((await api("GET", `/events/${event}`)).json.row_version, 2);
  await api("POST", `/batch/${job}/cancel`);
});

// --- uploads, files, surroundings ------------------------------------------------------------

test("an upload's name is no path, and its bytes are served to nobody", async () => {
  const browser = await signIn("author");
  const root = join(dirname(process.env.TRANCHE_CONFIG), "htdocs");
  const listing = () => readdirSync(root, { recursive: true }).sort().join("\n");
  const before = listing();
  const polyglot = Buffer.from("\x89PNG\r\n\x1a\n<?php echo 1; ?><script>alert(1)</script>\r\n", "latin1");
  for (const [filename, content] of [
    ["../../htdocs/evil.php", polyglot], ["evil.php\0.csv", polyglot], ["/etc/passwd", Buffer.from("content_id\n1\n")], ["x.csv", Buffer.alloc(0)],
    ["<script>alert(1)</script>.csv", polyglot], ["..\\..\\evil.fcgi", polyglot], ["x".repeat(5000), polyglot],
  ]) {
    const boundary = "----tranche";
    const body = Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${browser.csrf}\r\n--${boundary}\r\nContent-Disposition: form-data; name="operation"\r\n\r\ncreate\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: text/csv\r\n\r\n`), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    const reply = await raw("POST", "/bulk/new", { headers: { cookie: browser.cookie, "content-type": `multipart/form-data; boundary=${boundary}` }, body });
    assert.ok([303, 400, 413, 422].includes(reply.status), `${filename}: ${reply.status} ${reply.text.slice(0, 200)}`);
    assert.ok(!reply.text.includes("<script>alert"), filename);
  }
  assert.equal(listing(), before);
});

test("configuration, logs, SQL, backups and repositories are not fetched", async () => {
  const secret = /^secret = (.*)$/m.exec(readFileSync(process.env.TRANCHE_CONFIG, "utf8"))[1];
  for (const path of ["/tranche.conf", "/../tranche.conf", "/%2e%2e/tranche.conf", "/..%2ftranche.conf", "/tranche.conf~", "/tranche.conf.bak", "/.git/config", "/.htaccess",
    "/tranche.log", "/../tranche.log", "/sql/001_schema.sql", "/tranche.fcgi/../../tranche.conf", "/assets/../../tranche.conf", "/help/..%2f..%2ftranche.conf"]) {
    const reply = await socket(`GET ${path} HTTP/1.1\r\nHost: ${new URL(base).host}\r\nConnection: close\r\n\r\n`);
    assert.match(reply, /^HTTP\/1\.1 (400|403|404|301|303) /, `${path}: ${reply.slice(0, 200)}`);
    assert.ok(!reply.includes(secret) && !reply.includes("CREATE TABLE") && !reply.includes("db_password"), path);
  }
});

test("the program's arguments are nothing to it: as CGI a query can become them", async () => {
  const health = (await cgi("/api/v1/health")).text;
  for (const args of [["-h"], ["--version"], ["--config=/etc/passwd"], ["-d", "allow_url_include=1"], ["migrate"], ["-s"]])
    assert.equal((await cgi("/api/v1/health", { args, query: args.join("+") })).text, health, args.join(" "));
  const read = new Set([...sources().flatMap((text) => [...text.matchAll(/getenv\("(\w+)"\)/g)].map(([, name]) => name))]);
  assert.deepEqual([...read].sort(), ["TRANCHE_CONFIG", "TRANCHE_FAULT_AT", "TRANCHE_FAULT_SIGNAL"], "HTTP_PROXY and the like are not looked at");
});
function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) yield* walk(join(folder, entry.name));
    else if (entry.name.endsWith(".c")) yield join(folder, entry.name);
}
test("a rewrite may have renamed Authorization: it counts all the same", async () => {
  const named = (name) => cgi("/api/v1/me", { env: { ...https, [name]: `Bearer ${adminToken}` } });
  assert.equal((await named("HTTP_AUTHORIZATION")).status, 200);
  assert.equal((await named("REDIRECT_HTTP_AUTHORIZATION")).status, 200);
  assert.equal((await named("AUTHORIZATION")).status, 401);
});
const sources = () => [...walk(fileURLToPath(new URL("../../src", import.meta.url)))].map((path) => readFileSync(path, "utf8"));

test("forwarded headers change nothing: neither who asks nor how", async () => {
  const form = await loginForm();
  const reply = await postLogin("author", "tranche-demo-author", form, {
    "x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example", forwarded: "for=198.51.100.1;proto=https;host=evil.example",
    "x-real-ip": "198.51.100.1", proxy: "http://evil.example:3128", "x-http-method-override": "DELETE",
  });
  assert.equal(reply.status, 303);
  assert.equal(reply.headers.get("location"), "/jobs");
  const cookie = cookieOf(reply, "tranche").find((pair) => pair.length > 20);
  assert.ok(cookie, "no __Host- name by X-Forwarded-Proto");
  const page = await raw("GET", "/account", { headers: { cookie } });
  assert.ok(!page.text.includes("198.51.100.1") && page.text.includes("127.0.0.1"));
});

test("a proxy that the configuration names says who asks and how; nobody else does", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tranche-conf-"));
  const path = join(folder, "tranche.conf");
  writeFileSync(path, `${readFileSync(process.env.TRANCHE_CONFIG, "utf8")}trusted_proxies = 10.7.0.0/16\n`, { mode: 0o600 });
  const spare = () => 1 + Math.floor(Math.random() * 250);
  const [visitor, other] = [`198.18.${spare()}.${spare()}`, `198.19.${spare()}.${spare()}`];
  const by = (from, chain, proto) => ({ TRANCHE_CONFIG: path, REMOTE_ADDR: from, HTTP_X_FORWARDED_FOR: chain, HTTP_X_FORWARDED_PROTO: proto });
  const page = await cgi("/login", { env: by("10.7.1.1", visitor, "https") });
  const form = /__Host-tranche-form=([0-9a-f]{64}); Path=\/; HttpOnly; SameSite=Lax; Secure/.exec(page.head)[1];
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(page.text)[1];
  const login = (env, password = "tranche-demo-editor") => cgi("/login", {
    method: "POST", body: String(new URLSearchParams({ csrf, name: "editor", password })),
    env: { ...env, CONTENT_TYPE: "application/x-www-form-urlencoded", HTTP_COOKIE: `__Host-tranche-form=${form}; tranche-form=${form}` },
  });
  // Who came without https, and whoever is not the proxy: also when it names this machine as the visitor.
  for (const [env, why] of [
    [by("10.7.1.1", visitor, "http"), "without https"], [by("10.7.1.1", "127.0.0.1", "http"), "a visitor from loopback"], [by("10.7.1.1", visitor, "https,http"), "a header of one's own before"],
    [by("10.8.1.1", visitor, "https"), "another proxy"], [by(visitor, "10.7.1.1", "https"), "a visitor who says to be the proxy"],
  ]) {
    const refused = await login(env);
    assert.equal(refused.status, 401, why);
    assert.match(refused.text, /needs an encrypted connection/, why);
    if (/proxy/.test(why)) assert.match(refused.text, /a proxy ends the encryption/, why);
    assert.ok(!/^Set-Cookie: (__Host-)?tranche=/m.test(refused.head), why);
  }
  const inside = await login(by("10.7.1.1", `127.0.0.1, 10.7.3.3, ${visitor}, 10.7.2.2`, "https"));
  assert.equal(inside.status, 303, inside.text);
  assert.match(inside.head, /^Set-Cookie: __Host-tranche=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure/m);
  assert.equal(sql(`SELECT COUNT(*) FROM tr_audit_log WHERE action = 'session.open' AND detail LIKE '%"${visitor}"%'`).trim(), "1");
  // Guesses count for the visitor, whatever he writes before his address, and for nobody else behind the proxy.
  for (let i = 0; i < 10; i++) assert.equal((await login(by("10.7.1.1", `198.18.0.${i}, ${visitor}`, "https"), `guess ${i}`)).status, 401);
  assert.equal((await login(by("10.7.1.1", `198.18.0.99, ${visitor}`, "https"))).status, 429);
  assert.equal((await login(by("10.7.1.1", other, "https"))).status, 303);
  rmSync(folder, { recursive: true });
});

test("a configuration that others can read stops the program, without a word of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tranche-conf-"));
  const path = join(folder, "tranche.conf");
  copyFileSync(process.env.TRANCHE_CONFIG, path);
  chmodSync(path, 0o644);
  const reply = await cgi("/login", { env: { TRANCHE_CONFIG: path } });
  rmSync(folder, { recursive: true });
  assert.ok(reply.status >= 400, reply.head);
  assert.ok(!reply.text.includes(folder) && !/db_password|[0-9a-f]{64}/.test(reply.text), reply.text.slice(0, 500));
});

// --- the audit log -----------------------------------------------------------------------------

test("whatever the program notes in the audit log has words on its page", () => {
  const words = new Set([...source("views/page_audit.c").matchAll(/\{ "([a-z]+\.[a-z_]+)", "/g)].map(([, action]) => action));
  // Names of statements look alike; those that are actions are passed on to the log.
  const name = /"((?:job|event|content|resource|restriction|token|session|account|factor|user|role|error|conflict)\.[a-z_]+)"/g;
  const actions = [...new Set(sources().flatMap((text) => text.split(";").flatMap((statement) => {
    const call = /audit_\w+|guess_note\w*|end|note|action = /.exec(statement);
    return call ? [...statement.slice(call.index).matchAll(name)].filter(({ index }) =>
      !/^"[a-z._]+",\s+"(SELECT|INSERT|UPDATE|DELETE)/.test(statement.slice(call.index + index))).map(([, action]) => action) : [];
  })))];
  assert.ok(actions.length > 25, actions.join());
  assert.deepEqual(actions.filter((action) => !words.has(action)).sort(), []);
});

test("what is no token of ours is refused, whatever its scope would be", async () => {
  assertProblem(await api("GET", "/me", undefined, { token: "tr_" }), 401, "not_authenticated");
  assertProblem(await api("GET", "/me", undefined, { token: adminToken.toUpperCase() }), 401, "not_authenticated");
  assertProblem(await api("GET", "/me", undefined, { token: adminToken.slice(0, -1) }), 401, "not_authenticated");
  assert.equal((await raw("GET", `/api/v1/me?token=${adminToken}`)).status, 401, "never in an address");
  assert.equal((await raw("GET", `/api/v1/tick?token=${adminToken}`)).status, 403, "not even where one may stand");
});
