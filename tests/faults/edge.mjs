// edge.mjs: what hosts do to a database, each done to a running stack for real.  A program and a person are told what it
// is and when to come back, what is there can be read, a batch that was at work goes on where it stood, nothing is lost.
import { authorise, base, broken, call, expireLeases, forget, insist, killConnections, killDatabase, number, outcome, runBatch, runStack, sql } from "./stack.mjs";

const COUNT = 600;
const insistOn = (holds, what) => {
  if (!holds) throw new Error(what);
};
const contents = number("SELECT COUNT(*) FROM tr_contents");
const at = (minute) => new Date(Date.UTC(2031, 0, 2) + minute * 60000).toISOString().replace(".000", "");
const items = Array.from({ length: COUNT }, (_, i) => ({
  client_id: `e-${i}`, content_id: i % 100 === 13 ? 999999 : 1 + (i % contents), version_no: 1, starts_at: at(i * 70), duration_s: 1800,
}));
const options = { chunk_size: 20, max_concurrency: 2 };
const user = "tranche@localhost";

const SHORT_MS = 10; // of a request: on a quick machine the 30 chunks take no more than 100 together

// A batch that stands in the middle while `told` looks around, and then ends as if nothing had been.
let wanted;
async function inTheMiddle(told) {
  forget();
  let said;
  const status = await runBatch({ items, options, lanes: 1, budget: SHORT_MS, thresholds: told ? [0.4] : [], disturb: async () => { said = await told(number("SELECT MAX(id) FROM tr_batch_jobs")); } });
  const found = broken(status);
  insistOn(!found.length, found.join("; "));
  const got = outcome(status.id);
  wanted ??= got;
  for (const part of ["items", "events"]) insistOn(got[part] === wanted[part], `${part} differ from those of an undisturbed run`);
  return said;
}

// Until a reply of the batch's own work says why it can't be.
async function refusedWith(id, code, least) {
  for (let tries = 0; tries < 200; tries += 1) {
    sql("UPDATE tr_batch_chunks SET available_at = '2020-01-01' WHERE state = 'ready' AND available_at < '9000-01-01'");
    const reply = await call("POST", `/batch/${id}/advance?time_budget_ms=100`);
    if (reply.status === 503 && reply.json.code === code) {
      insistOn(Number(reply.headers["retry-after"]) >= least, `Retry-After: ${reply.headers["retry-after"]}`);
      insistOn(reply.json.detail && reply.json.suggestion && reply.json.recoverable, reply.text);
      return tries;
    }
    insistOn([200, 503].includes(reply.status), `advance: ${reply.status} ${reply.text}`);
    insistOn(!reply.json.finished_at, "the batch has ended without a hint");
  }
  throw new Error(`no reply says ${code}`);
}

async function page(path, options) {
  const reply = await fetch(base + path, { redirect: "manual", ...options });
  return { status: reply.status, cookies: reply.headers.getSetCookie(), retry: Number(reply.headers.get("retry-after")), type: reply.headers.get("content-type"), text: await reply.text() };
}
// A process that used its connection a moment ago believes in it for a second.
async function pageSays(words) {
  let shown;
  for (const until = Date.now() + 60000; shown?.status !== 503 && Date.now() < until;) shown = await page("/login");
  insistOn(shown.status === 503 && shown.retry > 0 && /^text\/html/.test(shown.type), `${shown.status} ${shown.type} ${shown.retry}`);
  insistOn(words.test(shown.text) && /Try again/.test(shown.text) && !/SQL|mysql|tr_/i.test(shown.text), shown.text);
}
const granted = (rights) => {
  sql(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${user}; GRANT ${rights} ON tranche.* TO ${user}`);
  killConnections();
};
const limit = (what) => {
  sql(`ALTER USER ${user} WITH ${what}`);
  killDatabase(); // a server that has counted a user once keeps to the limits it knew then
  expireLeases();
};

const tests = {
  "the database is down": () => inTheMiddle(async (id) => {
    runStack("db-stop");
    try {
      await pageSays(/<h1>The database can&#39;t be reached/);
      const reply = await call("GET", `/batch/${id}`);
      insistOn(reply.status === 503 && reply.json.code === "database_away" && reply.headers["retry-after"], reply.text);
      const health = await call("GET", "/health");
      insistOn(health.status === 503, health.text);
      insistOn((await page("/help/troubleshooting.html")).status === 200, "the help is away, too");
      return "a page and a problem say so; help stays";
    } finally {
      runStack("db-start");
    }
  }),
  "the database user may only read": () => inTheMiddle(async (id) => {
    granted("SELECT");
    try {
      await refusedWith(id, "database_read_only", 30);
      const seen = await call("GET", `/batch/${id}`);
      insistOn(seen.status === 200 && (await call("GET", "/events?limit=1")).status === 200, `reading: ${seen.status} ${seen.text}`);
      const made = await call("POST", "/events", { content_id: 1, version_no: 1, starts_at: at(-9000) });
      insistOn(made.status === 503 && made.json.code === "database_read_only", made.text);
      return "changes are refused, reading goes on";
    } finally {
      granted("ALL");
    }
  }),
  "the server is read-only": () => inTheMiddle(async (id) => {
    sql("SET GLOBAL read_only = 1");
    try {
      await refusedWith(id, "database_read_only", 30);
      insistOn((await call("GET", `/batch/${id}`)).status === 200, "reading");
      return "changes are refused, reading goes on";
    } finally {
      sql("SET GLOBAL read_only = 0");
    }
  }),
  "max_user_connections": () => inTheMiddle(async (id) => {
    limit("MAX_USER_CONNECTIONS 1");
    try {
      let busy = 0;
      for (let round = 0; round < 40 && !busy; round += 1) {
        const replies = await Promise.all(Array.from({ length: 8 }, () => call("GET", `/batch/${id}`)));
        insistOn(replies.every(({ status }) => [200, 503].includes(status)), replies.map(({ status }) => status).join());
        busy += replies.filter(({ status, json }) => status === 503 && json.code === "database_busy").length;
      }
      insistOn(busy, "nobody had to wait");
      return `${busy} of 8 at once had to wait`;
    } finally {
      limit("MAX_USER_CONNECTIONS 0");
    }
  }),
  "max_questions an hour": () => inTheMiddle(async (id) => {
    limit("MAX_QUERIES_PER_HOUR 60");
    try {
      const tries = await refusedWith(id, "database_limit", 30);
      await pageSays(/hourly limit/);
      return `over after ${tries} requests`;
    } finally {
      limit("MAX_QUERIES_PER_HOUR 0");
    }
  }),
};

// A person signs in and looks around.
async function signInAndLook() {
  const form = await fetch(`${base}/login`);
  const cookie = form.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(await form.text())[1];
  const inside = await page("/login", { method: "POST", headers: { cookie }, body: new URLSearchParams({ csrf, name: "admin", password: "tranche-demo-admin" }) });
  insistOn(inside.status === 303, `signing in: ${inside.status} ${inside.text}`);
  const session = inside.cookies.find((one) => /^tranche=[0-9a-f]{64}/.test(one)).split(";")[0];
  for (const path of ["/", "/jobs", "/workers", "/account", "/calendar"]) {
    const shown = await page(path, { headers: { cookie: session } });
    insistOn(shown.status === 200, `${path}: ${shown.status}`);
  }
}
// The database's clock counts, wherever it stands; the web server's is for show.
for (const [name, seconds] of [["ahead", 3600], ["behind", -3600]])
  tests[`the database's clock is an hour ${name} of the web server's`] = async () => {
    sql(`SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + ${seconds}'`);
    killConnections();
    try {
      return await inTheMiddle(async () => {
        await signInAndLook();
        return "people sign in, a batch is worked";
      });
    } finally {
      sql("SET GLOBAL init_connect = ''");
      killConnections();
      expireLeases();
    }
  };

let passed = 0, failed = 0;
authorise();
await inTheMiddle(null);
for (const [name, body] of Object.entries(tests)) {
  const began = Date.now();
  try {
    const figures = await body();
    passed += 1;
    console.log(`${name}: ${figures}; then as without (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`${name}: FAILED: ${error.stack}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
