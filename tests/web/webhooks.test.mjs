// Webhooks: other programs are told, once and signed, how batches end; and
// nothing but the public net, or what the site's owner named, is reached.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { adminToken, advanceToEnd, api, assertProblem, hour, newContent, raw, sql, tokenOf, unique } from "./support.mjs";
import { assertSigned, receiver } from "./receiver.mjs";

const TICKS_MAX = 30;

let hook;
before(async () => (hook = await receiver()));
after(() => hook.close());

const made = [];
async function newWebhook(more = {}) {
  const reply = await api("POST", "/webhooks", { label: unique("hook"), url: `${hook.url}/in?who=tests`, takes: "named", ...more });
  assert.equal(reply.status, 201, reply.text);
  assert.match(reply.json.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  made.push(reply.json.id);
  return reply.json;
}
// Whatever became of a case, the next one's batches are told to its own webhooks.
afterEach(async () => {
  for (const id of made.splice(0)) await api("DELETE", `/webhooks/${id}`);
});

// Other suites may have ticked as often as the site lets them.
async function tick() {
  sql("DELETE FROM tr_throttle");
  const reply = await api("POST", "/tick", undefined, { token: adminToken });
  assert.equal(reply.status, 200, reply.text);
}
// A slow machine sends one a tick.
async function tickUntil(count, deliveriesDone) {
  for (let ticks = 1; (await deliveriesDone()) < count; ticks++) {
    assert.ok(ticks <= TICKS_MAX, `not after ${TICKS_MAX} ticks`);
    await tick();
  }
}
const deliveries = async (id, more = "") => (await api("GET", `/webhooks/${id}/deliveries${more}`)).json.items;

// How often it was tried so far to tell one webhook.
const attempts = ({ id }) => async () => (await deliveries(id)).reduce((sum, row) => sum + row.attempts, 0);

let content;
async function batch(options, token) {
  content ??= await newContent(1);
  const items = [{ content_id: content, version_no: 1, starts_at: hour(Math.floor(Math.random() * 1e5)) }];
  const reply = await api("POST", "/batch", { type: "create", label: "told", options: { on_conflict: "keep_both", check_compliance: true, ...options }, items }, { token });
  assert.equal(reply.status, 201, reply.text);
  return reply.json.id;
}

test("a batch that names a webhook is told of once, signed, without a word about people", async () => {
  const webhook = await newWebhook();
  const id = await batch({ notify: { webhook_id: webhook.id } });
  await advanceToEnd(id);
  await tickUntil(1, attempts(webhook));
  await tick();
  const calls = hook.take();
  assert.equal(calls.length, 1);
  const [call] = calls, body = JSON.parse(call.body);
  assert.deepEqual([call.method, call.path, call.servername, call.headers["content-type"]], ["POST", "/in?who=tests", "localhost", "application/json"]);
  assertSigned(call, webhook.secret);
  assert.equal(body.type, "batch.completed");
  assert.match(body.timestamp, /^20\d\d-.*Z$/);
  const { counts, url, ...data } = body.data;
  assert.deepEqual(data, { id, type: "create", status: "succeeded", label: "told", dry_run: false, epoch: 1, total: 1 });
  assert.equal(counts.succeeded, 1);
  assert.match(url, new RegExp(`^http.*/jobs/${id}$`));
  const [row, ...more] = await deliveries(webhook.id);
  assert.deepEqual([row.batch_id, row.state, row.attempts, row.reply_code, row.message_id, more.length],
    [id, "delivered", 1, 204, call.headers["webhook-id"], 0]);
  const listed = (await api("GET", "/webhooks")).json.items.find((one) => one.id === webhook.id);
  assert.equal(listed.secret, undefined);
  assert.equal(sql(`SELECT COUNT(*) FROM tr_webhooks WHERE id = ${webhook.id} AND secret LIKE '%${webhook.secret.slice(6)}%'`).trim(), "0");
});

test("an undo is told of as well; whoever takes only failures hears nothing", async () => {
  const webhook = await newWebhook({ takes: "own" }), other = await newWebhook({ takes: "own", events: ["batch.failed"] });
  const id = await batch({});
  await advanceToEnd(id);
  // No tick between: the end is noted before the batch goes on.
  assert.equal((await api("POST", `/batch/${id}/undo`, {})).status, 202);
  await advanceToEnd(id);
  await tickUntil(2, attempts(webhook));
  assert.deepEqual(hook.take().map((call) => JSON.parse(call.body)).map(({ type, data }) => [type, data.id, data.epoch]).sort(),
    [["batch.completed", id, 1], ["batch.undone", id, 2]]);
  assert.equal((await deliveries(other.id)).length, 0);
});

test("notify names a webhook that there is, and that may be named", async () => {
  const author = await tokenOf("author"), own = await newWebhook({ takes: "own" }), open = await newWebhook();
  const refused = (reply, code, pointer) => assertProblem(reply, 422, code, undefined) ?? assert.equal(reply.json.pointer ?? reply.json.errors?.[0]?.pointer, pointer, reply.text);
  const ask = (notify, token) => api("POST", "/batch", { type: "create", options: { notify } }, { token });
  refused(await ask({ webhook_id: 999999 }), "webhook_not_found", "/options/notify/webhook_id");
  refused(await ask({ webhook_id: own.id }, author), "webhook_not_found", "/options/notify/webhook_id");
  assert.equal((await ask({ webhook_id: open.id }, author)).status, 201);
  for (const [notify, pointer] of [[7, "/options/notify"], [{}, "/options/notify/webhook_id"], [{ webhook_id: 1, more: 2 }, "/options/notify"]])
    assert.ok((await ask(notify)).text.includes(`"${pointer}"`), pointer);
  for (const { id } of [open, own]) await api("PATCH", `/webhooks/${id}`, { active: false });
  refused(await ask({ webhook_id: open.id }, author), "webhook_not_found", "/options/notify/webhook_id");
});

test("a redirect is not followed, 500 is tried again with the same id, 410 switches off", async () => {
  const webhook = await newWebhook();
  const id = await batch({ notify: { webhook_id: webhook.id } });
  hook.answer = (request, response) => response.writeHead(302, { location: `${hook.url}/elsewhere` }).end();
  await advanceToEnd(id);
  await tickUntil(1, attempts(webhook));
  let [row] = await deliveries(webhook.id);
  assert.deepEqual([row.state, row.problem, row.reply_code, row.attempts], ["waiting", "redirect", 302, 1]);
  assert.match(row.detail, /not followed/);
  assert.ok(Date.parse(row.next_at) - Date.parse(row.tried_at) <= 7000, row.next_at);
  hook.answer = (request, response) => response.writeHead(500, { "retry-after": "900" }).end("<b>ouch</b>");
  sql(`UPDATE tr_webhook_deliveries SET next_at = '2000-01-01' WHERE webhook_id = ${webhook.id}`);
  await tickUntil(2, attempts(webhook));
  [row] = await deliveries(webhook.id);
  assert.deepEqual([row.state, row.problem, row.reply_code, row.reply, row.attempts], ["waiting", "status", 500, "<b>ouch</b>", 2]);
  assert.ok(Date.parse(row.next_at) - Date.parse(row.tried_at) >= 899e3, "Retry-After counts");
  hook.answer = 410;
  const again = await api("POST", `/webhooks/${webhook.id}/deliveries/${row.id}/retry`);
  assert.deepEqual([again.status, again.json.state, again.json.reply_code], [200, "failed", 410]);
  const { active, off_reason } = (await api("GET", `/webhooks/${webhook.id}`)).json;
  assert.deepEqual([active, off_reason], [false, "gone"]);
  const calls = hook.take();
  assert.deepEqual([calls.length, new Set(calls.map((call) => call.headers["webhook-id"])).size], [3, 1]);
  assert.equal(new Set(calls.map((call) => call.body)).size, 1);
  assertProblem(await api("POST", `/webhooks/${webhook.id}/test`), 409, "webhook_off");
  hook.answer = 204;
  assert.equal((await api("PATCH", `/webhooks/${webhook.id}`, { active: true })).json.off_reason, null);
  assert.equal((await api("POST", `/webhooks/${webhook.id}/deliveries/${row.id}/retry`)).json.state, "delivered");
  assertProblem(await api("POST", `/webhooks/${webhook.id}/deliveries/${row.id}/retry`), 409, "illegal_transition");
  hook.take();
});

test("whatever comes back is bounded, and told", async () => {
  const webhook = await newWebhook();
  const ends = async (answer) => {
    hook.answer = answer;
    const { json } = await api("POST", `/webhooks/${webhook.id}/test`);
    return json;
  };
  const huge = await ends((request, response) => response.writeHead(200).end("x".repeat(5e6)));
  assert.deepEqual([huge.state, huge.reply.length], ["delivered", 512]);
  const chunked = await ends((request, response) => (response.writeHead(200), response.write("one "), response.end("two\u0007é")));
  assert.deepEqual([chunked.state, chunked.reply], ["delivered", "one two?é"]);
  const broken = await ends((request) => request.socket.destroy());
  assert.deepEqual([broken.state, broken.problem, broken.reply_code], ["failed", "bad_reply", null]);
  const nonsense = await ends((request) => request.socket.end("SSH-2.0-OpenSSH\r\n\r\n"));
  assert.equal(nonsense.problem, "bad_reply");
  hook.take();
});

test("a receiver that never answers is given up and tried again with the same id", async () => {
  const webhook = await newWebhook();
  hook.configure({ ...hook.trusted, webhook_timeout_ms: 400 });
  hook.answer = () => {};
  const id = await batch({ notify: { webhook_id: webhook.id } });
  await advanceToEnd(id);
  await tickUntil(1, attempts(webhook));
  const [row] = await deliveries(webhook.id);
  assert.deepEqual([row.state, row.problem, row.reply_code, row.attempts], ["waiting", "timeout", null, 1]);
  assert.ok(Date.parse(row.next_at) > Date.parse(row.tried_at), "it comes again");
  hook.configure(hook.trusted);
  hook.take();
  hook.answer = 204;
  assert.equal((await api("POST", `/webhooks/${webhook.id}/deliveries/${row.id}/retry`)).json.state, "delivered");
  assert.equal(hook.take()[0].headers["webhook-id"], row.message_id);
});

test("a new secret signs beside the old one", async () => {
  const webhook = await newWebhook();
  const changed = await api("POST", `/webhooks/${webhook.id}/secret`);
  assert.equal(changed.status, 200, changed.text);
  assert.notEqual(changed.json.secret, webhook.secret);
  hook.answer = 204;
  assert.equal((await api("POST", `/webhooks/${webhook.id}/test`)).json.state, "delivered");
  assertSigned(hook.take()[0], changed.json.secret, webhook.secret);
  sql(`UPDATE tr_webhooks SET old_until = '2000-01-01' WHERE id = ${webhook.id}`);
  await api("POST", `/webhooks/${webhook.id}/test`);
  assertSigned(hook.take()[0], changed.json.secret);
});

test("addresses that are odd, or not of the public net, are refused when they are written", async () => {
  const odd = ["http://example.com/", "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://127.0.0.1/", "https://[::1]/",
    "https://[::ffff:127.0.0.1]/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://example.com./", "https://user@example.com/",
    "https://example.com:25/", "https://example.com/#a", "https://exa mple.com/", "https://ex\u00e4mple.com/", "https://", "file:///etc/passwd"];
  for (const url of odd) assertProblem(await api("POST", "/webhooks", { label: "odd", url }), 422, "validation_failed", "/url");
});

test("a name that leads to a private address is refused when it is sent, whatever it led to before", async () => {
  const webhook = await newWebhook({ url: hook.url });
  const fails = async () => (await api("POST", `/webhooks/${webhook.id}/test`)).json;
  // The port is named for another address only, so localhost may not be reached by it.
  hook.configure({ ...hook.trusted, webhook_allow: `127.0.0.2:${hook.port}` });
  const blocked = await fails();
  assert.deepEqual([blocked.state, blocked.problem, blocked.reply_code], ["failed", "blocked", null]);
  assert.match(blocked.detail, /loopback/);
  assert.equal((await api("PATCH", `/webhooks/${webhook.id}`, { url: "https://localhost/" })).status, 200);
  assert.equal((await fails()).problem, "blocked");
  assert.equal((await api("PATCH", `/webhooks/${webhook.id}`, { url: `https://no-such-name.invalid/` })).status, 200);
  assert.equal((await fails()).problem, "no_address");
  hook.configure(hook.trusted);
  assert.equal(hook.take().length, 0);
});

test("the certificate must be good, and the host's", async () => {
  const webhook = await newWebhook({ url: `${hook.ip}/by-number` });
  assert.equal((await api("POST", `/webhooks/${webhook.id}/test`)).json.state, "delivered");
  hook.configure({ webhook_allow: hook.trusted.webhook_allow, webhook_ca_file: "/etc/ssl/certs/ca-certificates.crt" });
  const stranger = (await api("POST", `/webhooks/${webhook.id}/test`)).json;
  assert.ok(["tls", "not_sent"].includes(stranger.problem), stranger.detail); // a machine may have no such file
  hook.configure({ ...hook.trusted, webhook_allow: `127.0.0.1:${hook.port}, 127.0.0.1:443` });
  hook.configure(hook.trusted);
  assert.equal(hook.take().length, 1);
});

test("only who may manage batches sees webhooks; another's deliveries are not there", async () => {
  const author = await tokenOf("author"), one = await newWebhook(), two = await newWebhook();
  for (const [method, path] of [["GET", ""], ["POST", ""], ["GET", `/${one.id}`], ["PATCH", `/${one.id}`], ["DELETE", `/${one.id}`], ["POST", `/${one.id}/secret`],
    ["POST", `/${one.id}/test`], ["GET", `/${one.id}/deliveries`]])
    assertProblem(await api(method, `/webhooks${path}`, method === "GET" || method === "DELETE" ? undefined : {}, { token: author }), 403, "not_permitted");
  const sent = await api("POST", `/webhooks/${one.id}/test`);
  assertProblem(await api("POST", `/webhooks/${two.id}/deliveries/${sent.json.id}/retry`), 404, "not_found");
  assertProblem(await api("POST", `/webhooks/${one.id}/deliveries/x1/retry`), 404, "not_found");
  assertProblem(await api("GET", "/webhooks/999999"), 404, "webhook_not_found");
  assertProblem(await api("POST", "/webhooks", { label: "", url: `${hook.url}/` }), 422, "validation_failed", "/label");
  assertProblem(await api("POST", "/webhooks", { label: "x", url: `${hook.url}/`, events: ["batch.eaten"] }), 422, "validation_failed", "/events/0");
  assertProblem(await api("POST", "/webhooks", { label: "x", url: `${hook.url}/`, secret: "mine" }), 422, "validation_failed", "/secret");
  assert.equal((await api("DELETE", `/webhooks/${two.id}`)).status, 204);
  assert.equal((await raw("GET", "/webhooks")).status, 303);
  hook.take();
});
