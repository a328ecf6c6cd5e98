// Surroundings that the installer has to get along with: no place above what is served, a proxy, a database user with
// too few rights, a host's limits.  Each case leaves the site as bare as it was.  (Before install.test.mjs, by the alphabet.)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, behind, codeFile, codeFiles, codeIn, config, given, htdocs, settings, site, sql } from "./support.mjs";

test("where nothing may be written above, the configuration lies beside the program and is not served", async () => {
  const modes = [site, htdocs].map((folder) => statSync(folder).mode & 0o777);
  const visitor = new Browser("127.0.0.7");
  try {
    chmodSync(site, 0o555);
    chmodSync(htdocs, 0o555);
    await visitor.get("/install");
    assert.match((await visitor.get("/install")).text, /may not write a file anywhere/);
    assert.ok((await visitor.post("/install", { begin: "1" })).status < 500);
    chmodSync(htdocs, 0o755);
    assert.match((await visitor.get("/install")).text, /Write the code/);
    await visitor.post("/install", { begin: "1" });
    assert.deepEqual([codeFiles().length, codeFiles(htdocs).length], [0, 1]);
    assert.equal(statSync(codeFile(htdocs)).mode & 0o777, 0o600);
    assert.match((await visitor.get("/install")).text, /in the folder of <code>tranche\.fcgi/);
    assert.equal((await visitor.post("/install", { code: codeIn(htdocs) })).at, "/install/host");
    const host = await visitor.get("/install/host");
    assert.match(host.text, /It can only go beside the program/);
    assert.match(host.text, /data-guard="tranche-guard\.conf"/);
    assert.equal((await visitor.post("/install/database", given())).at, "/install/tables");
    assert.equal(statSync(join(htdocs, "tranche.conf")).mode & 0o777, 0o600);
    for (const name of ["tranche-guard.conf", "tranche.conf", codeFiles(htdocs)[0]]) {
      const got = await visitor.get(`/${name}`);
      assert.ok([303, 403, 404].includes(got.status), `${name}: ${got.status}`);
      for (const words of ["must not be served", "db_password", "session"]) assert.ok(!got.text.includes(words), `${name} is served`);
    }
    // That it is found there: the program asks the database now.
    assert.equal((await visitor.get("/install")).at, "/install/tables");
    assert.equal((await new Browser("127.0.0.8").get("/install/tables")).at, "/install");
  } finally {
    for (const name of readdirSync(htdocs)) if (/^tranche.*\.conf$/.test(name)) rmSync(join(htdocs, name));
    [site, htdocs].forEach((folder, i) => chmodSync(folder, modes[i]));
  }
});

const handWritten = (text) => {
  writeFileSync(config, text, { mode: 0o600 });
  if (process.getuid() === 0) chownSync(config, statSync(htdocs).uid, statSync(htdocs).gid);
};

test("behind a proxy that ends https the installer says what to write, and then goes on with it", async () => {
  const proxied = (from, more) => ({ REMOTE_ADDR: from, HTTP_X_FORWARDED_FOR: "198.51.100.4", HTTP_X_FORWARDED_PROTO: "https", HTTP_ORIGIN: "https://plan.example", ...more });
  const plain = await behind({ REMOTE_ADDR: "198.51.100.4" }, "GET", "/install");
  assert.match(plain.text, /Open this page with https/);
  const named = await behind(proxied("10.1.2.3"), "GET", "/install");
  assert.match(named.text, /Does a proxy end the encryption/);
  assert.match(named.text, /trusted_proxies = 10\.1\.2\.3</);
  assert.match(named.text, /contains the folder <code>htdocs/);
  assert.match((await behind(proxied("198.51.100.4"), "GET", "/install")).text, /SetEnvIf X-Forwarded-Proto/, "its address is hidden by the server");
  for (const [env, method] of [[proxied("10.1.2.3"), "GET"], [proxied("10.1.2.3"), "POST"]]) {
    const cookies = new Map();
    const { csrf } = await behind(env, "GET", "/install", { cookies });
    assert.ok(![...cookies.keys()].some((name) => name.startsWith("__Host-")), "not before it is named");
    await behind(env, method, "/install", { cookies, fields: { csrf: csrf ?? "", begin: "1" } });
    assert.deepEqual(codeFiles(), []);
  }
  try {
    handWritten("# the host's proxy\ntrusted_proxies = 10.1.2.0/24\nsite_url = https://plan.example\n");
    const other = await behind(proxied("10.1.3.3"), "GET", "/install");
    assert.match(other.text, /trusted_proxies = 10\.1\.3\.3</, "another one is named, too");
    const cookies = new Map(), env = proxied("10.1.2.3");
    const { csrf, text } = await behind(env, "GET", "/install", { cookies });
    assert.match(text, /Write the code/);
    assert.deepEqual([...cookies.keys()], ["__Host-tranche-form"]);
    assert.equal((await behind(env, "POST", "/install", { cookies, fields: { csrf, begin: "1" } })).at, "/install");
    // Wrong codes count for the visitor that the proxy names, whatever he says before.
    for (let i = 0; i < 10; i += 1)
      assert.equal((await behind(proxied("10.1.2.3", { HTTP_X_FORWARDED_FOR: `203.0.113.${i}, 198.51.100.9` }), "POST", "/install", { cookies, fields: { csrf, code: "AAAA" } })).status, 422);
    assert.equal((await behind(proxied("10.1.2.3", { HTTP_X_FORWARDED_FOR: "203.0.113.77, 198.51.100.9" }), "POST", "/install", { cookies, fields: { csrf, code: codeIn() } })).status, 429);
    assert.equal((await behind(env, "POST", "/install", { cookies, fields: { csrf, code: codeIn() } })).at, "/install/host");
    assert.match((await behind(env, "GET", "/install/host", { cookies })).text, /Nobody on the way can read passwords/);
    assert.equal((await behind(proxied("10.1.2.3", { HTTP_X_FORWARDED_PROTO: "http" }), "GET", "/install/host", { cookies })).at, "/install", "its cookie is https's alone");
    const saved = await behind(env, "POST", "/install/database", { cookies, fields: { ...given(), csrf } });
    assert.equal(saved.at, "/install/tables", saved.text);
    const written = readFileSync(config, "utf8");
    for (const line of [/^trusted_proxies = 10\.1\.2\.0\/24$/m, /^site_url = https:\/\/plan\.example$/m, /^db_name = tranche$/m, /^secret = (?!0{64})[0-9a-f]{64}$/m]) assert.match(written, line);
  } finally {
    for (const name of codeFiles()) rmSync(join(site, name));
    rmSync(config, { force: true });
  }
});

// --- what a database user may and may not, and the host's limits ---------------------------

const ENOUGH = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP", "CREATE VIEW"];
const owner = new Browser();
async function prove() {
  await owner.get("/install");
  await owner.post("/install", { begin: "1" });
  assert.equal((await owner.post("/install", { code: codeIn() })).at, "/install/host");
  await owner.get("/install/host");
}
const forgetProof = () => {
  for (const name of codeFiles()) rmSync(join(site, name));
};
let users = 0;
// A user of the database tranche with these rights and limits.
function databaseUser(rights, limits = "") {
  const name = `in_${(users += 1)}_${process.pid}`;
  sql(`CREATE USER '${name}'@'localhost' IDENTIFIED BY '${settings.db_password}'${limits}; GRANT ${rights.join(", ")} ON tranche.* TO '${name}'@'localhost'`);
  return name;
}
const dropUsers = () => {
  for (let i = 1; i <= users; i += 1) sql(`DROP USER IF EXISTS 'in_${i}_${process.pid}'@'localhost'`);
};
const leftOver = () => sql("SHOW FULL TABLES LIKE '%install\\_%'").split("\n").filter(Boolean).map((line) => line.split("\t"));
const removeLeftOver = () => {
  for (const [name, kind] of leftOver()) sql(`DROP ${kind === "VIEW" ? "VIEW" : "TABLE"} ${name}`);
};

test("each right that a database user lacks is named, and nothing is left behind", async () => {
  await prove();
  for (const right of ENOUGH) {
    const reply = await owner.post("/install/database", given({ db_user: databaseUser(ENOUGH.filter((one) => one !== right)) }));
    assert.equal(reply.status, 422, right);
    assert.match(reply.text, new RegExp(`This user may not ${right} there \\(error 114[23]\\)`), `${right}: ${/<ul class="findings".*?<\/ul>/s.exec(reply.text)?.[0]}`);
    assert.match(reply.text, /give the user all privileges on this database/);
    if (right === "DROP") {
      assert.match(reply.text, /could not be removed/);
      removeLeftOver();
    }
    assert.deepEqual(leftOver(), [], right);
  }
  const reader = await owner.post("/install/database", given({ db_user: databaseUser(["SELECT"]) }));
  assert.match(reader.text, /This user may not CREATE there/);
  assert.equal(existsSync(config), false);
});

test("a host's limits are named as what they are: connections at once, statements an hour", async () => {
  const narrow = databaseUser(ENOUGH, " WITH MAX_USER_CONNECTIONS 1");
  const other = spawn("mariadb", ["--no-defaults", `--socket=${settings.db_socket}`, `--user=${narrow}`, `--password=${settings.db_password}`, "-N", "-e", "SELECT 'in'; SELECT SLEEP(60)", "--unbuffered"], { env: process.env });
  try {
    await new Promise((resolve, reject) => {
      other.stdout.once("data", resolve);
      other.once("close", reject);
    });
    const busy = await owner.post("/install/database", given({ db_user: narrow }));
    assert.equal(busy.status, 422);
    assert.match(busy.text, /as many connections open as the host allows \(error 1[0-9]+\)/);
    assert.match(busy.text, /Wait a minute and try again/);
  } finally {
    other.removeAllListeners("close");
    other.kill("SIGKILL");
  }
  for (const statements of [1, 3, 5, 7]) {
    const reply = await owner.post("/install/database", given({ db_user: databaseUser(ENOUGH, ` WITH MAX_QUERIES_PER_HOUR ${statements}`) }));
    assert.equal(reply.status, 422, String(statements));
    assert.match(reply.text, /used up the statements that the host allows in an hour \(error 1226\)/, String(statements));
    assert.match(reply.text, /Wait an hour and try again/);
    assert.ok(!/This user may not/.test(reply.text), "it is no matter of rights");
    removeLeftOver();
  }
  assert.equal(existsSync(config), false);
});

test("with just the rights that are needed the tables are made, hour after hour where the host allows few statements", async () => {
  const few = databaseUser(ENOUGH, " WITH MAX_QUERIES_PER_HOUR 60");
  const saved = await owner.post("/install/database", given({ db_user: few, table_prefix: "few_" }));
  assert.equal(saved.at, "/install/tables", /<div class="problem".*?<\/div>/s.exec(saved.text)?.[0]);
  let hours = 0, at = "/install/tables";
  for (let i = 0; i < 60 && at !== "/install/admin"; i += 1) {
    const reply = await owner.post("/install/tables");
    if (reply.status === 303) at = reply.at;
    // Nothing can be asked any more: the page on the database says why, and so does the step itself.
    const told = reply.status === 303 && at === "/install/database" ? await owner.get(at) : reply;
    if (/hourly limit/.test(told.text)) {
      hours += 1;
      sql("FLUSH USER_RESOURCES"); // the next hour
    }
  }
  assert.equal(at, "/install/admin");
  assert.ok(hours >= 1, "the limit was met");
  assert.equal(sql("SELECT COUNT(*) FROM few_schema_migrations WHERE applied_at IS NOT NULL"), "1");
  // The site as it was.
  rmSync(config);
  await owner.get("/install");
  const tables = sql("SELECT CONCAT(IF(table_type = 'VIEW', 'DROP VIEW ', 'DROP TABLE '), table_name) FROM information_schema.tables WHERE table_schema = 'tranche' AND table_name LIKE 'few\\_%'");
  sql(`SET foreign_key_checks = 0; ${tables.split("\n").join("; ")}`);
  dropUsers();
  forgetProof();
});
