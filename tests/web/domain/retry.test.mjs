// Trying again: what failed or was left is worked on in a further pass of the same batch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceToEnd, api, assertProblem, hour, newContent, newResource, raw, signIn, started, statusOf } from "../support.mjs";

const event = (content_id, version_no, at) => ({ content_id, version_no, starts_at: hour(at) });

// Two good items and two that name a version which is not there yet.
async function halfFailed(call = api) {
  const content = await newContent(2);
  const items = [event(content, 1, 5000), event(content, 3, 5002), event(content, 1, 5004), event(content, 3, 5006)];
  const made = await call("POST", "/batch", { type: "create", items });
  const end = await advanceToEnd(made.json.id);
  assert.deepEqual([end.status, end.counts.succeeded, end.counts.failed], ["partial", 2, 2]);
  const mend = () => api("POST", `/contents/${content}/versions`, { body: { text: "v3" } });
  return { id: made.json.id, end, mend };
}

test("a retry works on what failed and on nothing else", async () => {
  const { id, end, mend } = await halfFailed();
  assert.equal(end.retryable, 2);
  assert.ok(end.allowed.includes("retry"));
  const before = (await api("GET", `/batch/${id}/items`)).json.items;
  await mend();
  const reply = await api("POST", `/batch/${id}/retry`, { outcomes: ["failed"] });
  assert.equal(reply.status, 202, reply.text);
  assert.equal(reply.headers.get("location"), `/api/v1/batch/${id}`);
  assert.deepEqual([reply.json.status, reply.json.phase, reply.json.epoch], ["running", "processing", 2]);
  assert.deepEqual([reply.json.counts.pending, reply.json.counts.succeeded, reply.json.counts.failed], [2, 2, 0]);
  assert.deepEqual([reply.json.retryable, reply.json.finished_at], [0, null]);
  const after = await advanceToEnd(id);
  assert.deepEqual([after.status, after.counts.succeeded, after.errors.length], ["succeeded", 4, 0]);
  const items = (await api("GET", `/batch/${id}/items`)).json.items;
  assert.deepEqual(items.map((item) => item.attempts), [1, 2, 1, 2]);
  assert.deepEqual([items[0].event_id, items[2].event_id], [before[0].event_id, before[2].event_id]);
  assert.deepEqual(items.flatMap((item) => item.errors), []);
});

test("without a body everything that can be retried is", async () => {
  const { id, mend } = await halfFailed();
  await mend();
  assert.equal((await api("POST", `/batch/${id}/retry`)).status, 202);
  assert.equal((await advanceToEnd(id)).status, "succeeded");
});

test("a retry sent twice happens once", async () => {
  const { id } = await halfFailed();
  const order = { outcomes: ["failed"], epoch: 1 };
  const replies = await Promise.all([1, 2, 3].map(() => api("POST", `/batch/${id}/retry`, order)));
  assert.deepEqual(replies.map((reply) => [reply.status, reply.json.epoch]), [[202, 2], [202, 2], [202, 2]]);
  assert.equal((await advanceToEnd(id)).epoch, 2);
  const late = await api("POST", `/batch/${id}/retry`, order);
  assert.deepEqual([late.status, late.json.epoch, late.json.status], [202, 2, "partial"]);
});

test("a retry of nothing, of a good batch and with wrong members is refused", async () => {
  const { id, mend } = await halfFailed();
  assertProblem(await api("POST", `/batch/${id}/retry`, { outcomes: ["conflict"] }), 409, "nothing_to_retry");
  assertProblem(await api("POST", `/batch/${id}/retry`, { outcomes: [] }), 422, "validation_failed", "/outcomes");
  assertProblem(await api("POST", `/batch/${id}/retry`, { outcomes: ["failed", "succeeded"] }), 422, "validation_failed", "/outcomes/1");
  assertProblem(await api("POST", `/batch/${id}/retry`, { outcomes: "failed" }), 422, "validation_failed", "/outcomes");
  assertProblem(await api("POST", `/batch/${id}/retry`, { epoch: 0 }), 422, "validation_failed", "/epoch");
  assertProblem(await api("POST", `/batch/${id}/retry`, { colour: 1 }), 422, "validation_failed", "/colour");
  await mend();
  await api("POST", `/batch/${id}/retry`);
  const good = await advanceToEnd(id);
  assert.ok(!good.allowed.includes("retry"));
  assertProblem(await api("POST", `/batch/${id}/retry`), 409, "illegal_transition");
  assertProblem(await api("POST", "/batch/999999999/retry"), 404, "not_found");
});

test("a step that the state does not allow is 409 and names those that it does", async () => {
  const { id, end } = await halfFailed();
  assert.deepEqual([...end.allowed].sort(), ["retry", "undo"]);
  for (const step of ["start", "pause", "resume", "cancel"]) {
    const reply = await api("POST", `/batch/${id}/${step}`);
    assertProblem(reply, 409, "illegal_transition");
    for (const allowed of end.allowed) assert.ok(reply.json.detail.includes(allowed), reply.json.detail);
  }
  assert.equal((await api("GET", `/batch/${id}`)).json.status, "partial");
});

test("what could not be read is not retried, and the reply says so", async () => {
  const content = await newContent();
  const made = await api("POST", "/batch?type=create", `${JSON.stringify(event(content, 1, 5100))}\n{"content_id": oops}\n`,
    { headers: { "content-type": "application/x-ndjson" } });
  const end = await advanceToEnd(made.json.id);
  assert.deepEqual([end.status, end.counts.failed, end.retryable], ["partial", 1, 0]);
  assert.ok(!end.allowed.includes("retry"));
  const reply = await api("POST", `/batch/${made.json.id}/retry`);
  assertProblem(reply, 409, "nothing_to_retry");
  assert.match(reply.json.detail, /could not be read/);
});

test("stop_on_error leaves the rest, which a retry of unprocessed goes on with", async () => {
  const content = await newContent(1);
  const items = [event(content, 1, 5200), event(content, 2, 5202), event(content, 1, 5204), event(content, 1, 5206)];
  const made = await api("POST", "/batch", { type: "create", options: { chunk_size: 1, ordered: true, stop_on_error: true }, items });
  const stopped = await advanceToEnd(made.json.id);
  assert.deepEqual([stopped.status, stopped.counts.failed, stopped.counts.unprocessed, stopped.retryable], ["cancelled", 1, 2, 3]);
  const reply = await api("POST", `/batch/${made.json.id}/retry`, { outcomes: ["unprocessed"] });
  assert.equal(reply.json.counts.pending, 2);
  const end = await advanceToEnd(made.json.id);
  assert.deepEqual([end.status, end.counts.succeeded, end.counts.failed], ["partial", 3, 1]);
});

test("a retried evaluation judges again, and its items still see each other", async () => {
  const content = await newContent(1);
  const venue = await newResource("venue");
  const both = (more) => ({ ...event(content, 1, 5300), duration_s: 3600, resources: [venue], ...more });
  const items = [both(), both(), event(content, 2, 5310)];
  const made = await api("POST", "/batch", { type: "evaluate", options: { chunk_size: 1, stop_on_error: true }, items });
  assert.equal((await api("POST", `/batch/${made.json.id}/cancel`)).status, 202);
  assert.equal((await advanceToEnd(made.json.id)).counts.unprocessed, 3);
  await api("POST", `/contents/${content}/versions`, { body: { text: "v2" } });
  assert.equal((await api("POST", `/batch/${made.json.id}/retry`)).status, 202);
  await advanceToEnd(made.json.id);
  const results = (await api("GET", `/batch/${made.json.id}/items`)).json.items;
  assert.deepEqual(results.map((item) => item.verdict), ["conflict", "conflict", "ready"]);
});

// --- the page -----------------------------------------------------------------

const page = (browser, path) => raw("GET", path, { headers: { cookie: browser.cookie } });
const press = (browser, path, fields) =>
  raw("POST", path, { headers: { cookie: browser.cookie }, body: new URLSearchParams({ csrf: browser.csrf, ...fields }) });

test("the page's button names the number and works without JavaScript", async () => {
  const browser = await signIn("admin");
  const { id, mend } = await halfFailed(browser.call);
  await mend();
  const shown = await page(browser, `/jobs/${id}`);
  const form = new RegExp(`action="(/jobs/${id}/retry[^"]*)">(.*?)Retry 2 failed items</button>`).exec(shown.text);
  assert.ok(form, shown.text.slice(0, 3000));
  const what = /name="what" value="(\w+)"/.exec(form[2])[1];
  const pressed = await press(browser, form[1], { what });
  assert.equal(pressed.status, 303, pressed.text);
  const again = await press(browser, form[1], { what });
  assert.equal(again.status, 303, "a double click is harmless");
  const go = pressed.headers.get("location");
  assert.match(go, new RegExp(`/jobs/${id}\\?go=`));
  let end;
  for (let i = 0; i < 100 && end?.json.phase !== "completed"; i++) {
    await page(browser, `${go}&work=1`);
    end = await browser.call("GET", `/batch/${id}`);
  }
  assert.deepEqual([end.json.status, end.json.epoch], ["succeeded", 2]);
  assert.doesNotMatch((await page(browser, `/jobs/${id}`)).text, /\/retry/);
});

test("two tabs that go on with one batch, without a script: each item is written once", async () => {
  const browser = await signIn("admin");
  const id = await started(300, undefined, { chunk_size: 15, max_concurrency: 2 });
  const go = (await press(browser, `/jobs/${id}/continue`, {})).headers.get("location");
  assert.match(go, new RegExp(`/jobs/${id}\\?go=`));
  const tab = async () => {
    for (let i = 0; (await statusOf(id)).phase !== "completed"; i++) {
      assert.ok(i < 500, "it does not end");
      assert.ok((await page(browser, `${go}&work=1`)).status < 400);
    }
  };
  await Promise.all([tab(), tab()]);
  const { json } = await api("GET", `/batch/${id}/items?limit=500`);
  assert.equal(new Set(json.items.map((item) => item.event_id)).size, 300);
  assert.deepEqual(new Set(json.items.map((item) => item.attempts)), new Set([1]));
});

test("the button's form needs its token", async () => {
  const browser = await signIn("admin");
  const { id } = await halfFailed(browser.call);
  const reply = await press({ ...browser, csrf: "0".repeat(64) }, `/jobs/${id}/retry`, { what: "failed" });
  assertProblemPage(reply);
  assert.equal((await browser.call("GET", `/batch/${id}`)).json.epoch, 1);
});
const assertProblemPage = (reply) => assert.equal(reply.status, 403, reply.text.slice(0, 500));
