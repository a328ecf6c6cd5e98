// One's own account: password, second factor, sessions, API tokens, time zone.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { api, assertProblem, browserOf, cookieOf, loginForm, newPerson, postLogin, raw, signIn, unique } from "./support.mjs";

// --- codes by the clock, as an app makes them (RFC 6238) -------------------------

function codeOf(base32, step = Math.floor(Date.now() / 30_000)) {
  const bits = [...base32].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const tag = createHmac("sha1", key).update(counter).digest();
  return String((tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}

// A half minute that lasts a while yet, so that a code is still the present one when it arrives.
const nowStep = () => Math.floor(Date.now() / 30_000);

async function enrol(browser, password) {
  const begun = await browser.form("/account/second-factor/begin", { password });
  assert.equal(begun.status, 303, begun.text.slice(0, 300));
  const page = await browser.page("/account/second-factor");
  const key = /<code class="secret">([A-Z2-7 ]+)</.exec(page.text)[1].replaceAll(" ", "");
  assert.match(page.text, new RegExp(`otpauth://totp/Tranche:[^?"]+\\?secret=${key}&amp;issuer=Tranche`));
  return key;
}

const codesIn = (text) => [...text.matchAll(/<code class="secret">([a-z2-7-]+)</g)].map(([, code]) => code);

async function secondStep(name, password) {
  const form = await loginForm();
  const asked = await postLogin(name, password, form);
  assert.equal(asked.status, 200, asked.text.slice(0, 300));
  assert.ok(!asked.headers.getSetCookie().some((line) => /^tranche=[0-9a-f]/.test(line)), "not yet in");
  const step = /name="step" value="([^"]+)"/.exec(asked.text)[1];
  return (code, more = {}) => raw("POST", "/login/code", {
    headers: { cookie: more.cookie ?? form.cookie },
    body: new URLSearchParams({ csrf: form.csrf, step, code, next: "/jobs", ...more.fields }),
  });
}

// --- the password -----------------------------------------------------------------

test("a new password: the old one is asked, all other sessions end, this one is another", async () => {
  const { name, password } = await newPerson();
  const browser = await browserOf(name, password);
  const other = await browserOf(name, password);
  const post = (fields) => browser.form("/account/password", { password, new: "four blue words here", again: "four blue words here", ...fields });
  for (const [fields, said] of [
    [{ password: "not the present one" }, /not your present password/],
    [{ new: "short", again: "short" }, /at least 8 characters/],
    [{ new: "Password123!", again: "Password123!" }, /one of the first that anybody would try/],
    [{ new: name, again: name }, /little more than your name/],
    [{ new: "127.0.0.1 Tranche!", again: "127.0.0.1 Tranche!" }, /little more than your name or the site/],
    [{ again: "four blue words hers" }, /two new passwords differ/],
    [{ new: "x".repeat(10_000), again: "x".repeat(10_000) }, /at most 256/],
  ]) {
    const reply = await post(fields);
    assert.equal(reply.status, 422, JSON.stringify(fields));
    assert.match(reply.text, said);
    assert.match(reply.text, /There is a problem/);
    assert.ok(!reply.text.includes("blue words"), "no password stands in a page");
  }
  assert.equal((await raw("POST", "/account/password", { headers: { cookie: browser.cookie, "content-type": "application/x-www-form-urlencoded" }, body: `csrf=${browser.csrf}&new=a%00b` })).status, 400, "a NUL");
  const changed = await post({});
  assert.equal(changed.status, 303, changed.text.slice(0, 400));
  assert.equal((await other.call("GET", "/me")).status, 401, "the other browser");
  assert.equal((await browser.call("GET", "/me")).status, 401, "the cookie from before");
  const rotated = cookieOf(changed, "tranche").find((pair) => pair.length > 20);
  assert.equal((await raw("GET", "/api/v1/me", { headers: { cookie: rotated } })).status, 200);
  assert.equal((await postLogin(name, password, await loginForm())).status, 401);
  assert.equal((await postLogin(name, "four blue words here", await loginForm())).status, 303);
});

test("a password that somebody else gave opens nothing but the page to change it", async () => {
  const { name, given } = await newPerson({ settle: false });
  const browser = await browserOf(name, given);
  assertProblem(await browser.call("GET", "/tokens"), 403, "password_due");
  const page = await browser.page("/jobs");
  assert.deepEqual([page.status, page.headers.get("location")], [303, "/account/password"]);
  assert.match((await browser.page("/account/password")).text, /Somebody else gave you/);
  const fields = { password: given, new: given, again: given };
  assert.match((await browser.form("/account/password", fields)).text, /somebody else gave you/);
  assert.equal((await browser.form("/account/password", { ...fields, new: "mine alone now", again: "mine alone now" })).headers.get("location"), "/");
  assert.equal((await browserOf(name, "mine alone now").then((own) => own.page("/jobs"))).status, 200);
});

test("guessing the password of a signed-in browser is throttled too", async () => {
  const { name, password } = await newPerson();
  const browser = await browserOf(name, password);
  let reply;
  for (let i = 0; i < 12; i++) reply = await browser.form("/account/second-factor/off", { password: `guess ${i}` });
  assert.match(reply.text, /Too many attempts/);
});

// --- the second factor ---------------------------------------------------------------

test("second factor: on by a code, asked at sign-in, each code once, off by the password", async () => {
  const { name, password } = await newPerson();
  const browser = await browserOf(name, password);
  assert.equal((await browser.form("/account/second-factor/begin", { password: "wrong" })).status, 422);
  const key = await enrol(browser, password);
  const bad = await browser.form("/account/second-factor/confirm", { code: codeOf(key, nowStep() - 50) });
  assert.deepEqual([bad.status, /This code is wrong/.test(bad.text)], [422, true]);
  assert.equal((await postLogin(name, password, await loginForm())).status, 303, "not asked before it is confirmed");
  const first = nowStep();
  const on = await browser.form("/account/second-factor/confirm", { code: codeOf(key, first) });
  assert.equal(on.status, 200, on.text.slice(0, 300));
  const recovery = codesIn(on.text);
  assert.equal(recovery.length, 10);
  assert.match(recovery[0], /^([a-z2-7]{4}-){5}[a-z2-7]{4}$/);

  const again = await secondStep(name, password);
  const reused = await again(codeOf(key, first));
  assert.deepEqual([reused.status, /wrong, or was used before/.test(reused.text)], [401, true], "the step that confirmed it");
  assert.equal((await again("12345")).status, 401);
  assert.equal((await again("1234567")).status, 401);
  assert.equal((await again("٠١٢٣٤٥")).status, 401, "other digits");
  const next = codeOf(key, first + 1);
  const both = await Promise.all([again(next), again(next)]);
  assert.deepEqual(both.map((reply) => reply.status).sort(), [303, 401], "the same code twice at once");
  const inside = both.find((reply) => reply.status === 303);
  assert.equal(inside.headers.get("location"), "/jobs");
  const cookie = cookieOf(inside, "tranche").find((pair) => pair.length > 20);
  assert.equal((await raw("GET", "/api/v1/me", { headers: { cookie } })).status, 200);

  const lost = await secondStep(name, password);
  assert.equal((await lost(recovery[3].toUpperCase().replaceAll("-", " "))).status, 303);
  assert.equal((await (await secondStep(name, password))(recovery[3])).status, 401, "a recovery code once");

  const fresh = codesIn((await browser.form("/account/second-factor/codes", { password })).text);
  assert.equal(fresh.length, 10);
  assert.equal((await (await secondStep(name, password))(recovery[4])).status, 401, "old ones are gone");
  assert.equal((await (await secondStep(name, password))(fresh[0])).status, 303);
  assert.match((await browser.page("/account")).text, /9 recovery codes are left/);

  assert.equal((await browser.form("/account/second-factor/off", { password: "wrong" })).status, 422);
  assert.equal((await browser.form("/account/second-factor/off", { password })).status, 303);
  assert.equal((await postLogin(name, password, await loginForm())).status, 303);
});

test("the step between password and code: of this browser, this password, and only for a while; guesses are counted", async () => {
  const { name, password, id } = await newPerson();
  const browser = await browserOf(name, password);
  const key = await enrol(browser, password);
  const first = nowStep();
  assert.equal((await browser.form("/account/second-factor/confirm", { code: codeOf(key, first) })).status, 200);
  const step = await secondStep(name, password);
  const good = codeOf(key, first + 1);
  const other = await loginForm();
  assert.equal((await step(good, { cookie: other.cookie })).status, 403, "another browser's form");
  assert.equal((await step(good, { cookie: other.cookie, fields: { csrf: other.csrf } })).status, 401, "another browser");
  for (const forged of ["", "1", `${id}.1.${"0".repeat(64)}`, `${id}.99999999999.${"0".repeat(64)}`, "1.2", "..", "-1.1.x"])
    assert.equal((await step(good, { fields: { step: forged } })).status, 401, forged);
  let reply;
  for (let i = 0; i < 11; i++) reply = await step("000000");
  assert.equal(reply.status, 429, "ten guesses, from anywhere");
  assert.ok(Number(reply.headers.get("retry-after")) > 0);
  assert.equal((await step(good)).status, 429, "also the right one");
});

// --- sessions, time zone, tokens -------------------------------------------------------

test("sessions are listed and end one by one, or all others", async () => {
  const { name, password } = await newPerson();
  const browsers = [];
  for (const agent of ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "<script>alert(1)</script>", "c\u00e9"])
    browsers.push(await browserOf(name, password, { "user-agent": agent }));
  const page = await browsers[0].page("/account");
  assert.match(page.text, /Firefox on Linux <span class="pill good">this one/);
  assert.match(page.text, /&lt;script&gt;alert\(1\)/);
  const rows = page.text.split("<tr>").filter((row) => /name="session" value="[0-9a-f]{64}"/.test(row));
  const id = /value="([0-9a-f]{64})"/g;
  const ids = rows.filter((row) => row.includes("alert(1)")).map((row) => row.match(id)[1].slice(7, -1));
  assert.deepEqual([rows.length, ids.length], [3, 1], "the third is the one in which the password was chosen");
  const stranger = await newPerson().then((person) => browserOf(person.name, person.password));
  assert.equal((await stranger.form("/account/sessions", { session: ids[0] })).status, 303);
  assert.equal((await browsers[1].call("GET", "/me")).status, 200, "somebody else's session stays");
  assert.equal((await browsers[0].form("/account/sessions", { session: ids[0] })).headers.get("location"), "/account?done=session");
  assert.deepEqual((await Promise.all(browsers.map((browser) => browser.call("GET", "/me")))).map((reply) => reply.status).sort(), [200, 200, 401]);
  assert.equal((await browsers[0].form("/account/sessions", { session: ids[0] })).status, 303, "twice is once");
  assert.equal((await browsers[0].form("/account/sessions", { session: "others" })).status, 303);
  assert.deepEqual((await Promise.all(browsers.map((browser) => browser.call("GET", "/me")))).map((reply) => reply.status), [200, 401, 401]);
});

test("the time zone is one's own, and exists", async () => {
  const { name, password } = await newPerson();
  const browser = await browserOf(name, password);
  for (const timezone of ["Nowhere/Land", "../../etc/passwd", "", "x".repeat(5000)])
    assert.equal((await browser.form("/account/timezone", { timezone })).status, 422, timezone.slice(0, 20));
  assert.equal((await browser.form("/account/timezone", { timezone: "Asia/Tokyo" })).status, 303);
  assert.equal((await browser.call("GET", "/me")).json.timezone, "Asia/Tokyo");
});

test("an API token by the page: shown once, for what was ticked, revoked with a question", async () => {
  const { name, password } = await newPerson({ roles: ["editor"] });
  const browser = await browserOf(name, password);
  const fields = { label: "calendar", permission: "view_scheduled_content", expires_in_days: "7" };
  assert.match((await browser.form("/account/tokens/new", { ...fields, label: "" })).text, /Give the token a name/);
  assert.match((await browser.form("/account/tokens/new", { ...fields, permission: "manage_users" })).text, /Choose what the token may/, "not what one may not");
  assert.equal((await browser.form("/account/tokens/new", { ...fields, expires_in_days: "0" })).status, 422);
  const made = await browser.form("/account/tokens/new", fields);
  const token = /value="(tr_[0-9a-f]{64})"/.exec(made.text)[1];
  assert.match((await browser.form("/account/tokens/new", fields)).text, /You have a token “calendar” already/, "a double submit");
  const account = await browser.page("/account");
  assert.ok(!account.text.includes(token));
  assert.equal((await api("GET", "/events?limit=1", undefined, { token })).status, 200);
  assertProblem(await api("GET", "/contents", undefined, { token }), 403, "not_permitted");
  const path = /(\/account\/tokens\/\d+\/delete)/.exec(account.text)[1];
  assert.match((await browser.page(path)).text, /Revoke the token “calendar”\?/);
  assert.equal((await api("GET", "/events?limit=1", undefined, { token })).status, 200, "a GET revokes nothing");
  const stranger = await signIn("editor");
  assert.equal((await raw("GET", path, { headers: { cookie: stranger.cookie } })).status, 404);
  assert.equal((await browser.form(path)).status, 303);
  assert.equal((await browser.form(path)).status, 303, "twice is once");
  assert.equal((await api("GET", "/events", undefined, { token })).status, 401);
});

test("account pages lead to the login when the session is over, and posts say so", async () => {
  for (const path of ["/account", "/account/password", "/account/second-factor", "/account/tokens/new", "/users", "/roles/new"]) {
    const reply = await raw("GET", path);
    assert.deepEqual([reply.status, reply.headers.get("location")], [303, `/login?next=${path}`]);
  }
  const name = unique();
  assert.equal((await raw("POST", "/account/timezone", { body: new URLSearchParams({ timezone: name }) })).headers.get("location"), "/login?next=/account");
});
