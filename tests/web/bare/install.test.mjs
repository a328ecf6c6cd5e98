// The installer, from a site that was just uploaded to one that runs, and what a
// stranger can't do to it on the way. One journey: the cases follow each other.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, base, behind, codeFile, codeFiles, codeIn, config, given, htdocs, killPrograms, onwards, settings, site, sql } from "./support.mjs";

const owner = new Browser();
const stranger = new Browser("127.0.0.9");

test("a site without a configuration leads to the installer, and tells programs so", async () => {
  for (const path of ["/", "/jobs", "/login"]) assert.equal((await owner.get(path)).at, "/install");
  const reply = await owner.get("/api/v1/batch");
  assert.equal(reply.status, 503);
  assert.equal(JSON.parse(reply.text).code, "not_installed");
  const page = await owner.get("/install");
  assert.equal(page.status, 200);
  assert.match(page.text, /Is this site yours/);
  assert.deepEqual(codeFiles(), []); // looking writes nothing
});

test("no step answers before the proof", async () => {
  await stranger.get("/install");
  for (const step of ["host", "test", "database", "tables", "admin", "done"]) {
    const got = await stranger.get(`/install/${step}`);
    assert.deepEqual([got.status, got.at], [303, "/install"], step);
  }
  for (const step of ["database", "tables", "admin"])
    assert.equal((await stranger.post(`/install/${step}`, given({ name: "eve", password: "correct horse staple", again: "correct horse staple" }))).at, "/install", step);
  assert.equal((await stranger.request("PUT", "/install/test", { body: "x" })).at, "/install");
  assert.equal(existsSync(config), false);
});

test("a code needs our own form", async () => {
  assert.equal((await stranger.post("/install", { begin: "1", csrf: "0".repeat(64) })).status, 403);
  const foreign = await stranger.request("POST", "/install", { fields: { csrf: stranger.csrf, begin: "1" }, headers: { origin: "https://evil.example" } });
  assert.equal(foreign.status, 403);
  assert.deepEqual(codeFiles(), []);
});

test("the code's file is for the owner alone, outside of what is served", async () => {
  assert.equal((await stranger.post("/install", { begin: "1" })).at, "/install");
  assert.equal(codeFiles().length, 1);
  assert.equal(statSync(codeFile()).mode & 0o777, 0o600);
  const before = codeIn();
  assert.match(before, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  // Whoever begins again gets the same: nobody's code is taken from him.
  await owner.get("/install");
  await owner.post("/install", { begin: "1" });
  assert.equal(codeIn(), before);
  const page = await owner.get("/install");
  assert.ok(!page.text.includes(before));
  assert.ok(!page.text.includes(codeFiles()[0]), "nor is its name told");
});

test("wrong codes are refused, and slowed down by address", async () => {
  for (let i = 0; i < 10; i += 1) {
    const reply = await stranger.post("/install", { code: `AAAA-BBBB-CCCC-00${i}0` });
    assert.equal(reply.status, 422);
    assert.match(reply.text, /not the code/);
  }
  const late = await stranger.post("/install", { code: codeIn() });
  assert.equal(late.status, 429);
  assert.ok(Number(late.headers["retry-after"]) > 0);
  assert.equal(stranger.cookies.has("tranche-install"), false);
  for (const code of ["", "-", "x".repeat(5000), "a\u0000b", "%", codeIn().slice(0, -1)])
    assert.ok([400, 422].includes((await owner.post("/install", { code })).status), JSON.stringify(code).slice(0, 20));
});

test("a code that has expired opens nothing; the next one does", async () => {
  const old = codeIn();
  writeFileSync(codeFile(), readFileSync(codeFile(), "utf8").replace(/code_until \d+/, "code_until 1000"));
  const reply = await owner.post("/install", { code: old });
  assert.equal(reply.status, 422);
  assert.match(reply.text, /has expired/);
  await owner.post("/install", { begin: "1" });
  assert.notEqual(codeIn(), old);
  assert.equal((await owner.post("/install", { code: old })).status, 422);
  const typed = codeIn().toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l");
  const right = await owner.post("/install", { code: typed });
  assert.deepEqual([right.status, right.at], [303, "/install/host"]);
});

test("a code is good once, and a second browser takes over with a new one only", async () => {
  const second = new Browser("127.0.0.3");
  assert.equal((await second.get("/install/host")).at, "/install");
  assert.match((await second.get("/install")).text, /Somebody has shown a code already/);
  await second.post("/install", { begin: "1" });
  assert.equal((await owner.get("/install/host")).status, 200); // not yet
  assert.equal((await second.post("/install", { code: codeIn() })).at, "/install/host");
  assert.equal((await owner.get("/install/host")).at, "/install");
  await owner.get("/install");
  await owner.post("/install", { begin: "1" });
  assert.equal((await owner.post("/install", { code: codeIn() })).at, "/install/host");
  assert.equal((await second.get("/install/host")).at, "/install");
});

test("the host's page says what it found, and what arrives", async () => {
  const page = await owner.get("/install/host");
  for (const name of ["Encrypted connection", "Program", "Addresses", "Place for the configuration", "Time zones"]) assert.ok(page.text.includes(name), name);
  assert.ok(!page.text.includes("stops here"), page.text);
  const reply = await owner.request("POST", "/install/test", { body: "x".repeat(102_400), headers: { authorization: "Bearer seen" } });
  assert.deepEqual(JSON.parse(reply.text), { authorization: true, bytes: 102_400 });
});

test("each way in which a database can't be reached has its message, at its field", async () => {
  sql("CREATE DATABASE IF NOT EXISTS other; CREATE TABLE IF NOT EXISTS tranche.wp_users (id INT PRIMARY KEY)");
  const cases = [
    [{ db_password: "wrong" }, "f-db_user", /no such user with this password \(error 1045\)/],
    [{ db_name: "other" }, "f-db_name", /no rights on a database of this name \(error 1044\)/],
    [{ db_socket: "/nowhere/mysqld.sock" }, "f-db_hosts", /No database server answers on this machine \(error 2002\)/],
    [{ db_socket: "", db_hosts: "127.0.0.1", db_port: "9" }, "f-db_hosts", /No database server answers at this host and port \(error 200[23]\)/],
    [{ db_socket: "", db_hosts: "no-such-host.invalid" }, "f-db_hosts", /no machine of this name \(error 2005\)/],
    [{ db_socket: "", db_hosts: "127.0.0.1", db_port: new URL(base).port }, "f-db_hosts", /\(error 20\d\d\)/],
    [{ db_tls: "2" }, "f-db_tls", /encrypted connection to the database could not be made \(error 2026\)/],
    [{ db_name: "" }, "f-db_name", /must not be empty/],
    [{ db_port: "99999" }, "f-db_port", /from 1 to 65535/],
    [{ table_prefix: "Wp-" }, "f-table_prefix", /begins with a letter/],
    [{ table_prefix: "" }, "f-table_prefix", /must not be empty/],
    [{ table_prefix: "wp_" }, null, /Another program has a table wp_users/],
    [{ db_password: "a\nsecret = 00" }, "f-db_password", /can&#39;t stand in it|can't stand in it/],
    [{ db_user: "é".repeat(60) }, "f-db_user", /too long/],
  ];
  for (const [change, field, message] of cases) {
    const reply = await owner.post("/install/database", given(change));
    assert.equal(reply.status, 422, JSON.stringify(change));
    assert.match(reply.text, message, `${JSON.stringify(change)}: ${/<div class="problem".*?<\/div>/s.exec(reply.text)?.[0]}`);
    if (field) assert.ok(reply.text.includes(`href="#${field}"`), field);
    assert.ok(!reply.text.includes(settings.db_password), "the password is never shown again");
    assert.equal(existsSync(config), false);
  }
});

test("the settings are tried, then written for the owner alone; double clicks do no harm", async () => {
  const replies = await Promise.all([owner.post("/install/database", given()), owner.post("/install/database", given())]);
  assert.deepEqual(replies.map((reply) => reply.at), ["/install/tables", "/install/tables"]);
  assert.equal(statSync(config).mode & 0o777, 0o600);
  const text = readFileSync(config, "utf8");
  assert.match(text, /^table_prefix = in_$/m);
  assert.match(text, /^secret = [0-9a-f]{64}$/m);
  assert.equal(sql("SHOW TABLES LIKE '%install%'"), "");
  assert.equal((await owner.get("/install/admin")).at, "/install/tables"); // not yet
  // Back, reload, and the same settings once more.
  assert.match((await owner.get("/install/database")).text, /value="in_"/);
  assert.equal((await owner.post("/install/database", given())).at, "/install/tables");
  assert.equal(/^secret = (.*)$/m.exec(readFileSync(config, "utf8"))[1], /^secret = (.*)$/m.exec(text)[1]);
});

test("whoever kills it while it makes the tables: it goes on where it stopped", async () => {
  appendFileSync(config, "time_budget_ms = 100\n");
  let kills = 0;
  let at = "", go = null;
  await owner.get("/install/tables");
  for (let i = 0; i < 1000 && at !== "/install/admin"; i += 1) {
    const step = (go ? owner.get(go) : owner.post("/install/tables")).catch(() => ({ status: 0 }));
    if (kills < 5) {
      await new Promise((resolve) => setTimeout(resolve, 5 + 11 * kills));
      killPrograms();
      kills += 1;
    }
    const reply = await step;
    at = reply.at ?? "";
    go = onwards(reply); // the page that goes on by itself; whoever was killed says nothing
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(at, "/install/admin");
  assert.equal(sql("SELECT COUNT(*) FROM in_schema_migrations WHERE applied_at IS NOT NULL"), "1");
  assert.equal(sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'tranche' AND table_name LIKE 'in\\_%'"),
    sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'tranche' AND table_name LIKE 'tr\\_%'"));
});

test("a link alone makes no table", async () => {
  assert.equal((await owner.get("/install/tables?go=" + "0".repeat(32))).at, "/install/admin");
  assert.equal((await stranger.get("/install/admin")).at, "/install");
});

test("the first administrator follows the rules for passwords", async () => {
  await owner.get("/install/admin");
  for (const [fields, field] of [
    [{ name: "", password: "correct horse staple", again: "correct horse staple" }, "f-name"],
    [{ name: " ada", password: "correct horse staple", again: "correct horse staple" }, "f-name"],
    [{ name: "ada", password: "short", again: "short" }, "f-password"],
    [{ name: "ada", password: "Password123!", again: "Password123!" }, "f-password"],
    [{ name: "ada", password: "correct horse staple", again: "correct horse stable" }, "f-again"],
  ]) {
    const reply = await owner.post("/install/admin", fields);
    assert.equal(reply.status, 422, JSON.stringify(fields));
    assert.ok(reply.text.includes(`href="#${field}"`), field);
    assert.ok(!reply.text.includes("correct horse"));
  }
  assert.equal(sql("SELECT COUNT(*) FROM in_users"), "0");
});

test("sent twice at once, it makes one administrator, who is signed in; then the installer is closed", async () => {
  const fields = { name: "ada", display_name: "Ada Admin", password: "correct horse staple", again: "correct horse staple" };
  const replies = await Promise.all([owner.post("/install/admin", fields), owner.post("/install/admin", fields)]);
  for (const reply of replies) assert.equal(reply.at, "/install/done");
  assert.equal(sql("SELECT COUNT(*) FROM in_users"), "1");
  assert.deepEqual(codeFiles(), []);
  assert.match((await owner.get("/install/done")).text, /Tranche is installed/);
  assert.equal((await owner.get("/")).status, 200);
  assert.equal(statSync(config).mode & 0o777, 0o600);
});

test("afterwards nobody can begin again", async () => {
  for (const browser of [owner, stranger]) {
    for (const step of ["", "/host", "/database", "/tables", "/admin"]) assert.equal((await browser.get(`/install${step}`)).at, "/install/done");
    assert.equal((await browser.post("/install", { begin: "1" })).at, "/install/done");
    assert.equal((await browser.post("/install/admin", { name: "eve", password: "correct horse staple", again: "correct horse staple" })).at, "/install/done");
  }
  assert.deepEqual(codeFiles(), []);
  assert.equal(sql("SELECT COUNT(*) FROM in_users"), "1");
});

test("a configuration that others can read, or that is broken, is told at once; mended, it works at once", async () => {
  execFileSync("chmod", ["644", config]);
  assert.match((await owner.get("/")).text, /set its permissions to 0600/);
  execFileSync("chmod", ["600", config]);
  assert.equal((await owner.get("/")).status, 200);
  const text = readFileSync(config, "utf8");
  writeFileSync(config, text + "no_such_key = 1\n");
  const broken = await owner.get("/");
  assert.equal(broken.status, 500);
  assert.match(broken.text, /no_such_key is not a known key/);
  assert.equal((await owner.get("/install")).status, 500, "which opens nothing");
  writeFileSync(config, text);
  utimesSync(config, new Date(), new Date());
  assert.equal((await owner.get("/")).status, 200);
});

test("with the configuration gone the site asks for the proof again, and makes no second administrator", async () => {
  const text = readFileSync(config, "utf8");
  rmSync(config);
  assert.equal((await stranger.get("/")).at, "/install");
  const again = new Browser("127.0.0.4");
  await again.get("/install");
  await again.post("/install", { begin: "1" });
  assert.equal((await again.post("/install", { code: codeIn() })).at, "/install/host");
  assert.equal((await again.post("/install/database", given())).at, "/install/done");
  assert.equal((await again.post("/install/admin", { name: "eve", password: "correct horse staple", again: "correct horse staple" })).at, "/install/done");
  assert.match((await again.get("/install/done")).text, /Tranche is installed/);
  assert.deepEqual(codeFiles(), []);
  assert.equal(sql("SELECT COUNT(*) FROM in_users"), "1");
  assert.notEqual(readFileSync(config, "utf8"), text); // a new secret: old cookies' forms end
});

test("a second one in the same account is a site of its own, whose file has a name of its own", async () => {
  const folder = join(htdocs, "second"), program = join(folder, "tranche.fcgi"), own = join(site, "tranche.second.conf");
  const health = async (of) => JSON.parse((await behind({ DOCUMENT_ROOT: htdocs, REMOTE_ADDR: "127.0.0.1" }, "GET", "/api/v1/health", { program: of })).text);
  const first = readFileSync(config, "utf8");
  assert.match(first, new RegExp(`^site_folder = ${htdocs}$`, "m"));
  mkdirSync(folder);
  copyFileSync(join(htdocs, "tranche.fcgi"), program);
  try {
    assert.equal((await health(program)).code, "not_installed");
    assert.equal((await health()).database, "ok", "the first goes on");
    const page = await behind({ DOCUMENT_ROOT: htdocs, REMOTE_ADDR: "10.1.2.3", HTTP_X_FORWARDED_FOR: "198.51.100.4", HTTP_X_FORWARDED_PROTO: "https" }, "GET", "/install", { program });
    assert.match(page.text, /<code>tranche\.second\.conf<\/code>/);
    writeFileSync(own, first.replace(/^site_folder = .*$/m, `site_folder = ${folder}`), { mode: 0o600 });
    chownSync(own, statSync(config).uid, statSync(config).gid);
    assert.equal((await health(program)).database, "ok");
    // The first has gone: whoever finds its file may have been it.
    rmSync(own);
    writeFileSync(config, first.replace(/^site_folder = .*$/m, "site_folder = /nowhere/htdocs"));
    assert.equal((await health(program)).database, "ok");
  } finally {
    rmSync(own, { force: true });
    rmSync(folder, { recursive: true });
    writeFileSync(config, first);
  }
});

test("while the database is away nobody is led to the installer", async () => {
  const text = readFileSync(config, "utf8");
  writeFileSync(config, text.replace(/^db_password = .*$/m, "db_password = wrong"));
  for (const path of ["/", "/install", "/install/database", "/install/admin"]) assert.equal((await stranger.get(path)).status, 503, path);
  assert.equal((await stranger.post("/install", { begin: "1" })).status, 503);
  assert.deepEqual(codeFiles(), []);
  writeFileSync(config, text);
});
