// Who asks: sign-in, sessions, CSRF, tokens, permissions, limits.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  adminToken, advanceToEnd, api, assertProblem, base, browserOf, hour, loginForm, newContent, newPerson, passwords, postLogin,
  raw, signIn, sql, tokenOf, unique, useUp,
} from "./support.mjs";

test("signing in sets a new HttpOnly, SameSite cookie and leads to the page asked for", async () => {
  const form = await loginForm();
  const reply = await postLogin("admin", passwords.admin, form);
  assert.equal(reply.status, 303);
  assert.equal(reply.headers.get("location"), "/jobs");
  const cookie = reply.headers.getSetCookie().find((line) => line.startsWith("tranche="));
  assert.match(cookie, /^tranche=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax$/);
  assert.notEqual(cookie.split(/[=;]/)[1], form.cookie.split("=")[1]);
});

test("next leads to this site only", async () => {
  for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const form = await loginForm();
    const reply = await raw("POST", "/login", {
      headers: { cookie: form.cookie },
      body: new URLSearchParams({ name: "admin", password: passwords.admin, csrf: form.csrf, next }),
    });
    assert.equal(reply.headers.get("location"), "/", next);
  }
});

test("an unknown name and a wrong password get the same answer", async () => {
  const wrong = await postLogin("admin", "not the password", await loginForm());
  const unknown = await postLogin(unique("nobody"), "not the password", await loginForm());
  assert.equal(wrong.status, 401);
  assert.equal(unknown.status, 401);
  for (const reply of [wrong, unknown]) assert.match(reply.text, /The name or the password is wrong/);
});

test("a 10 KB password is wrong, not a crash", async () => {
  assert.equal((await postLogin("admin", "x".repeat(10000), await loginForm())).status, 401);
});

test("login is throttled by account before hashing, and a good one elsewhere passes", async () => {
  const name = unique("victim");
  let reply;
  for (let i = 0; i < 12; i++) reply = await postLogin(name, "wrong password", await loginForm());
  assert.equal(reply.status, 429);
  assert.ok(Number(reply.headers.get("retry-after")) > 0);
  assert.match(reply.text, /Too many attempts/);
  assert.equal((await postLogin("admin", passwords.admin, await loginForm())).status, 303);
});

test("a login form without its own token is refused", async () => {
  const form = await loginForm();
  const other = await loginForm();
  for (const csrf of ["", other.csrf, form.csrf.replace(/.$/, (c) => (c === "0" ? "1" : "0"))]) {
    const reply = await postLogin("admin", passwords.admin, { cookie: form.cookie, csrf });
    assert.notEqual(reply.status, 303, csrf);
    assert.ok(!reply.headers.getSetCookie().some((line) => /^tranche=[0-9a-f]/.test(line)));
  }
});

test("signing out ends the session: its cookie is worth nothing afterwards", async () => {
  const browser = await signIn("editor");
  assert.equal((await browser.call("GET", "/me")).json.name, "Edda Editor");
  const out = await raw("POST", "/logout", {
    headers: { cookie: browser.cookie }, body: new URLSearchParams({ csrf: browser.csrf }),
  });
  assert.equal(out.status, 303);
  assert.equal((await browser.call("GET", "/me")).status, 401);
});

test("a session changes nothing without its CSRF token or from another site", async () => {
  const browser = await signIn("admin");
  const send = (headers) => api("POST", "/contents", { title: "x" }, { token: null, headers: { cookie: browser.cookie, ...headers } });
  assertProblem(await send({}), 403, "csrf");
  assertProblem(await send({ "x-csrf-token": "0".repeat(64) }), 403, "csrf");
  assertProblem(await send({ "x-csrf-token": (await signIn("editor")).csrf }), 403, "csrf");
  assertProblem(await send({ "x-csrf-token": browser.csrf, origin: "https://evil.example" }), 403, "csrf");
  assertProblem(await send({ "x-csrf-token": browser.csrf, origin: "null" }), 403, "csrf");
  assertProblem(await send({ "x-csrf-token": browser.csrf, "sec-fetch-site": "cross-site" }), 403, "csrf");
  assert.equal((await send({ "x-csrf-token": browser.csrf, origin: base })).status, 201);
  assert.equal((await send({ "x-csrf-token": browser.csrf, "sec-fetch-site": "same-origin" })).status, 201);
});

test("every unsafe route of the API wants the CSRF token of a session", async () => {
  const browser = await signIn("admin");
  const document = (await api("GET", "/openapi.json", undefined, { token: null })).json;
  for (const [pattern, item] of Object.entries(document.paths))
    for (const method of ["post", "put", "patch", "delete"])
      if (item[method]) {
        const path = pattern.replace(/\{[^}]+\}/g, "1");
        const reply = await raw(method.toUpperCase(), "/api/v1" + path, { headers: { cookie: browser.cookie } });
        assert.equal(reply.status, 403, `${method} ${path}: ${reply.text}`);
        assert.equal(reply.json.code, "csrf");
      }
});

test("every route but health, the contract and pages to read wants a login", async () => {
  const document = (await api("GET", "/openapi.json", undefined, { token: null })).json;
  for (const [pattern, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item)) {
      if (method === "parameters" || operation.security?.length === 0) continue;
      const path = pattern.replace(/\{[^}]+\}/g, "1");
      const reply = await raw(method.toUpperCase(), "/api/v1" + path);
      assert.equal(reply.status, 401, `${method} ${path}: ${reply.text}`);
    }
});

test("a page leads to the login and back", async () => {
  const reply = await raw("GET", "/jobs");
  assert.equal(reply.status, 303);
  assert.equal(reply.headers.get("location"), "/login?next=/jobs");
  const posted = await raw("POST", "/jobs/12/continue", { body: new URLSearchParams({}) });
  assert.equal(posted.headers.get("location"), "/login?next=/jobs/12");
});

test("tokens are made by signed-in people only, for what they may, and can be revoked", async () => {
  const browser = await signIn("author");
  const many = await browser.call("POST", "/tokens", { permissions: ["manage_users"] });
  assertProblem(many, 422, "validation_failed", "/permissions/0");
  assert.equal(many.json.errors[0].code, "not_permitted");
  const made = await browser.call("POST", "/tokens", { label: "ci", permissions: ["view_scheduled_content"], expires_in_days: 1 });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.token, /^tr_[0-9a-f]{64}$/);
  const scoped = { token: made.json.token };
  assert.equal((await api("GET", "/events?limit=1", undefined, scoped)).status, 200);
  assertProblem(await api("POST", "/contents", { title: "x" }, scoped), 403, "not_permitted");
  assertProblem(await api("POST", "/tokens", {}, scoped), 403, "not_permitted");
  const list = await browser.call("GET", "/tokens");
  assert.ok(list.json.items.some((token) => token.id === made.json.id && !("token" in token)));
  const others = await (await signIn("editor")).call("DELETE", `/tokens/${made.json.id}`);
  assertProblem(others, 404, "not_found");
  assert.equal((await browser.call("DELETE", `/tokens/${made.json.id}`)).status, 204);
  assert.equal((await api("GET", "/events", undefined, scoped)).status, 401);
});

test("what a role may not do is 403, or not_permitted for just those items", async () => {
  const token = await tokenOf("author");
  assertProblem(await api("POST", "/resources", { kind: "venue", name: "x" }, { token }), 403, "not_permitted");
  const mine = await newContent(1, token);
  const theirs = await newContent(1);
  const other = await api("POST", "/contents/" + theirs + "/versions", { body: {} }, { token });
  assertProblem(other, 404, "content_not_found");
  const reply = await api("POST", "/schedules/bulk",
    { items: [{ content_id: mine, version_no: 1, starts_at: hour(1) }, { content_id: theirs, version_no: 1, starts_at: hour(2) }] },
    { token, headers: { prefer: "wait=10" } });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.json.items.map((item) => item.outcome), ["succeeded", "failed"]);
  assert.equal(reply.json.items[1].errors[0].code, "not_permitted");
});

test("somebody else's batch does not exist, at any of its addresses", async () => {
  const token = await tokenOf("author");
  const made = await api("POST", "/batch", { type: "create" });
  const id = made.json.id;
  for (const [method, path, body] of [
    ["GET", ""], ["DELETE", ""], ["GET", "/items"], ["POST", "/items?offset=0", []], ["GET", "/results.csv"],
    ["GET", "/results.ndjson"], ["POST", "/start"], ["POST", "/advance"], ["POST", "/pause"], ["POST", "/resume"],
    ["POST", "/cancel"],
  ])
    assertProblem(await api(method, `/batch/${id}${path}`, body, { token }), 404, "not_found");
  const list = await api("GET", "/batch", undefined, { token });
  assert.ok(!list.json.items.some((job) => job.id === id));
  assert.equal((await api("POST", `/batch/${id}/cancel`)).status, 202);
});

test("an admin steers everybody's batches", async () => {
  const token = await tokenOf("author");
  const id = (await api("POST", "/batch", { type: "create" }, { token })).json.id;
  assert.equal((await api("GET", `/batch/${id}`)).json.created_by.name, "Arne Author");
  assert.equal((await api("POST", `/batch/${id}/cancel`)).status, 202);
});

test("a session that ends in the middle of a batch loses nothing", async () => {
  const content = await newContent(1);
  const items = Array.from({ length: 300 }, (_, i) => ({ content_id: content, version_no: 1, starts_at: hour(3000 + i) }));
  const first = await signIn("admin");
  const made = await first.call("POST", "/batch", { type: "create", items, options: { chunk_size: 50 } });
  assert.equal(made.status, 201, made.text);
  await raw("POST", "/logout", { headers: { cookie: first.cookie }, body: new URLSearchParams({ csrf: first.csrf }) });
  assert.equal((await first.call("POST", `/batch/${made.json.id}/advance`)).status, 401);
  const second = await signIn("admin");
  assert.equal((await second.call("GET", `/batch/${made.json.id}`)).status, 200);
  const end = await advanceToEnd(made.json.id, adminToken);
  assert.equal(end.counts.succeeded, 300);
});

// What a person may ask in a minute is nothing that the other cases are to come near: only these two have a limit.
const setting = /^requests_per_minute = .*\n/m;
async function limitedTo(limit, work) {
  const config = process.env.TRANCHE_CONFIG, before = readFileSync(config, "utf8");
  sql("DELETE FROM tr_throttle");
  try {
    writeFileSync(config, `${before.replace(setting, "")}requests_per_minute = ${limit}\n`);
    const { settings } = (await api("GET", "/system")).json;
    assert.equal(settings.find(({ name }) => name === "requests_per_minute").value, limit);
    await work();
  } finally {
    writeFileSync(config, before);
    sql("DELETE FROM tr_throttle");
  }
}
async function tokenOfSomebodyNew() {
  const person = await newPerson();
  const { json } = await (await browserOf(person.name, person.password)).call("POST", "/tokens", { label: "tests/web" });
  return { id: person.id, token: json.token };
}
function assertLimited(reply) {
  assertProblem(reply, 429, "too_many_requests");
  const wait = Number(reply.headers.get("retry-after"));
  assert.ok(wait >= 1 && wait <= 60, `Retry-After: ${wait}`);
}

test("more requests in a minute than allowed are 429 with Retry-After", async () => {
  const [{ id, token }, other] = [await tokenOfSomebodyNew(), await tokenOf("author")];
  const ask = () => api("GET", "/me", undefined, { token, patient: false });
  await limitedTo(60, async () => {
    let limited;
    for (let i = 0; i < 20 && !limited; i++) {
      useUp(`requests:${id}`, 59); // a minute that begins now, and may be over before the second of them
      const [sixtieth, more] = [await ask(), await ask()];
      assert.equal(sixtieth.status, 200);
      if (more.status !== 200) limited = more;
    }
    assertLimited(limited);
    assert.equal((await api("GET", "/me", undefined, { token: other })).status, 200, "others are not limited by it");
  });
  assert.equal((await ask()).status, 200);
});

test("many requests are counted by sample, one in some twenty", async () => {
  const { id, token } = await tokenOfSomebodyNew();
  await limitedTo(1500, async () => {
    let limited;
    for (let i = 0; i < 1000 && !limited; i += 4) {
      if (i % 20 === 0) useUp(`requests:${id}`, 1499);
      const replies = await Promise.all(Array.from({ length: 4 }, () => api("GET", "/me", undefined, { token, patient: false })));
      limited = replies.find((reply) => reply.status === 429);
    }
    assertLimited(limited);
  });
});

test("what was typed into a form whose session has ended is given back, not lost; nothing to other sites, no passwords", async () => {
  const typed = { title: 'Typed <b>"for an hour"</b>\r\nand on', content_id: "1", csrf: "0".repeat(64) };
  const post = (path, cookie, fields, headers = { "sec-fetch-site": "same-origin" }) =>
    raw("POST", path, { headers: { ...(cookie ? { cookie } : {}), ...headers }, body: new URLSearchParams(fields) });
  const kept = /name="title" value="Typed &lt;b&gt;&quot;for an hour&quot;&lt;\/b&gt;\r\nand on"/;
  const out = await post("/new-event?content_id=1", null, typed);
  assert.deepEqual([out.status, kept.test(out.text), /name="csrf"/.test(out.text)], [401, true, false], out.text.slice(-900));
  assert.match(out.text, /Nothing that you typed is lost[\s\S]*action="[^"]*\/new-event\?content_id=1"/);
  // Signed in again in another tab; the button sends the same fields, without a token.
  const browser = await signIn("admin");
  const { csrf: _, ...fields } = typed;
  const again = await post("/new-event?content_id=1", browser.cookie, fields);
  assert.deepEqual([again.status, kept.test(again.text)], [403, true]);
  const csrf = /name="csrf" value="([0-9a-f]{64})"/.exec(again.text)[1];
  const sent = await post("/new-event?content_id=1", browser.cookie, { ...fields, csrf });
  assert.equal(sent.status, 422, "it is read, and lacks its times");
  assert.match(sent.text, /for an hour/);
  // Whoever leads somebody here from elsewhere gets nothing back to press.
  for (const headers of [{}, { "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }])
    for (const cookie of [null, browser.cookie]) {
      const reply = await post("/new-event", cookie, typed, headers);
      assert.ok(!reply.text.includes("Typed"), `${JSON.stringify(headers)} ${reply.status}`);
      assert.equal(reply.status, cookie ? 403 : 303);
    }
  for (const path of ["/account/password", "/users/2/password", "/login"])
    assert.ok(!(await post(path, null, { password: "secret thing", csrf: "x" })).text.includes("secret thing"), path);
});
