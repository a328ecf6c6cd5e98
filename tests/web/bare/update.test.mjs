// Updates of the site that install.test.mjs has left: a newer program, an older one, kills, two at once.
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Browser, codeFiles, codeIn, config, forget, killPrograms, onwards, sql } from "./support.mjs";

const signedIn = async (name, password) => {
  const browser = new Browser();
  await browser.get("/login");
  assert.equal((await browser.post("/login", { name, password })).status, 303);
  return browser;
};

test("an older program leaves a newer database alone, and says so", async () => {
  const ada = await signedIn("ada", "correct horse staple");
  sql("INSERT INTO in_schema_migrations (version, statements_done, applied_at) VALUES (900, 1, UTC_TIMESTAMP())");
  await forget();
  const page = await ada.get("/");
  assert.equal(page.status, 503);
  assert.match(page.text, /older than the database/);
  for (const path of ["/api/v1/batch", "/api/v1/tick?token=tr_0"]) {
    const reply = await ada.get(path);
    assert.deepEqual([reply.status, JSON.parse(reply.text).code], [503, "schema_newer"], path);
    assert.ok(reply.headers["retry-after"]);
  }
  assert.equal((await ada.get("/upgrade")).status, 503);
  sql("DELETE FROM in_schema_migrations WHERE version = 900");
  assert.equal((await ada.get("/")).status, 200);
});

test("a newer program asks an administrator to update an older database, and batches go on afterwards", async (t) => {
  // Nobody works the batch but who is told to: spare time between two requests is enough for all of it, and whoever is
  // killed at it holds a part for a while.
  const settings = readFileSync(config, "utf8");
  t.after(() => writeFileSync(config, settings));
  appendFileSync(config, "afterwork_ms = 0\n");
  const ada = await signedIn("ada", "correct horse staple");
  const me = JSON.parse((await ada.get("/api/v1/me")).text);
  const call = async (method, path, body) => {
    const reply = await ada.request(method, `/api/v1${path}`, { body: JSON.stringify(body ?? {}), headers: { "x-csrf-token": me.csrf, "content-type": "application/json" } });
    return JSON.parse(reply.text);
  };
  const content = (await call("POST", "/contents", { title: "Course" })).id;
  await call("POST", `/contents/${content}/versions`, { body: { text: "v1" } });
  const items = Array.from({ length: 60 }, (_, i) => ({ content_id: content, version_no: 1, starts_at: new Date(Date.UTC(2031, 0, 1, i)).toISOString().replace(".000", ""), duration_s: 600 }));
  const { id } = await call("POST", "/batch", { type: "create", items, options: { conflict_window_s: 0, chunk_size: 20 } });
  // As if the last statements of the schema were new: the row says that they are missing.
  sql("UPDATE in_schema_migrations SET applied_at = NULL, statements_done = statements_done - 2");
  await forget();
  const visitor = new Browser("127.0.0.5");
  const page = await visitor.get("/jobs");
  assert.equal(page.status, 503);
  assert.match(page.text, /being updated/);
  const refused = await call("POST", `/batch/${id}/advance`);
  assert.deepEqual([refused.status, refused.code], [503, "schema_older"]);
  assert.equal((await visitor.get("/install")).at, "/install/done");
  assert.equal((await visitor.get("/upgrade")).status, 503);
  assert.equal((await visitor.post("/upgrade", { csrf: "0" })).status, 403);
  assert.equal((await visitor.post("/upgrade")).status, 503);
  assert.equal(sql("SELECT COUNT(*) FROM in_schema_migrations WHERE applied_at IS NULL"), "1");
  const admin = await signedIn("ada", "correct horse staple"); // also now
  const steps = await admin.get("/upgrade");
  assert.match(steps.text, /1 batch is not finished/);
  let reply = await admin.post("/upgrade");
  for (let i = 0; i < 50 && onwards(reply); i += 1) reply = await admin.get(onwards(reply));
  assert.equal(reply.at, "/upgrade");
  assert.match((await admin.get("/upgrade")).text, /up to date/);
  let status;
  for (let i = 0; i < 50 && status?.phase !== "completed"; i += 1) status = await call("POST", `/batch/${id}/advance`);
  assert.equal(status.counts.succeeded, 60, JSON.stringify(status));
});

test("killed in the middle of an update, pressed by two at once: it goes on, and batches stay what they are", async () => {
  const before = sql("SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(row_version), 0)) FROM in_scheduled_events") + sql("CHECKSUM TABLE in_batch_jobs, in_batch_job_items, in_users");
  const tables = sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'tranche' AND table_name LIKE 'in\\_%'");
  const audited = Number(sql("SELECT COUNT(*) FROM in_audit_log WHERE action = 'site.upgrade'"));
  const two = [await signedIn("ada", "correct horse staple"), await signedIn("ada", "correct horse staple")];
  const fresh = sql("CHECKSUM TABLE in_users"); // signing in is noted there
  sql("UPDATE in_schema_migrations SET applied_at = NULL, statements_done = 0"); // every statement is made again
  await forget();
  for (const admin of two) assert.match((await admin.get("/upgrade")).text, /Update now/);
  let kills = 0, ended = 0;
  await Promise.all(two.map(async (admin, which) => {
    let go = null;
    for (let i = 0; i < 1000; i += 1) {
      const step = (go ? admin.get(go) : admin.post("/upgrade")).catch(() => ({ status: 0 }));
      if (which === 0 && kills < 4) {
        await new Promise((resolve) => setTimeout(resolve, 7 + 13 * kills));
        killPrograms();
        kills += 1;
      }
      const reply = await step;
      go = onwards(reply);
      if (reply.at === "/upgrade" && /up to date/.test((await admin.get("/upgrade").catch(() => ({}))).text ?? "")) {
        ended += 1;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }));
  assert.equal(ended, 2);
  assert.ok(kills >= 1); // a web server that does not notice at once may end it before the fourth
  assert.equal(sql("SELECT COUNT(*) FROM in_schema_migrations WHERE applied_at IS NOT NULL"), "1");
  assert.equal(sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'tranche' AND table_name LIKE 'in\\_%'"), tables);
  assert.equal(sql("CHECKSUM TABLE in_users"), fresh);
  assert.equal(sql("SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(row_version), 0)) FROM in_scheduled_events") + sql("CHECKSUM TABLE in_batch_jobs, in_batch_job_items") ,
    before.replace(/\n?tranche\.in_users.*/, ""));
  assert.ok(Number(sql("SELECT COUNT(*) FROM in_audit_log WHERE action = 'site.upgrade'")) > audited);
});

test("where nobody can sign in, the code in the file updates", async () => {
  sql("UPDATE in_schema_migrations SET applied_at = NULL, statements_done = statements_done - 1");
  await forget();
  const keeper = new Browser("127.0.0.6");
  assert.match((await keeper.get("/upgrade?by=code")).text, /Write the code/);
  await keeper.post("/upgrade", { begin: "1" });
  assert.equal((await keeper.post("/upgrade", { code: "0000-0000-0000-0000" })).status, 422);
  assert.equal((await keeper.post("/upgrade", { code: codeIn() })).at, "/upgrade");
  await keeper.get("/upgrade");
  assert.equal((await keeper.post("/upgrade")).at, "/upgrade");
  assert.deepEqual(codeFiles(), []);
  assert.equal((await keeper.get("/login")).status, 200);
});
