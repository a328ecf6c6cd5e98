// What the HTTP fault tests share: the stack's processes and database as root
// sees them, calls that are repeated until they are answered, lanes.
import { execFileSync, spawnSync } from "node:child_process";
import { request } from "node:http";
import { readFileSync, readdirSync, readlinkSync, realpathSync } from "node:fs";

const { VAR, PORT } = process.env;
export const base = `http://127.0.0.1:${PORT}`;
const stack = new URL("../stack/stack.sh", import.meta.url).pathname;
export const runStack = (...args) => execFileSync(stack, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
let token;
export const authorise = () => (token = runStack("token").split("\n").pop());

// --- the database, as root --------------------------------------------------------

export function sql(text) {
  const done = spawnSync("mariadb", [`--defaults-file=${VAR}/db/root.cnf`, "-N", "-B", "tranche", "-e", text], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${text}: ${done.stderr}`);
  return done.stdout.trim();
}
export const number = (text) => Number(sql(text));

// A holder that was killed never comes back; nobody waits for the clock.
export const expireLeases = () =>
  sql(`UPDATE tr_batch_chunks SET lease_until = '2020-01-01' WHERE state = 'leased';
       UPDATE tr_batch_lanes SET held_until = '2020-01-01';`);

// Everything the tests made: events from 2031 on, and all batches.
export function forget() {
  sql(`DELETE b FROM tr_busy b WHERE b.start_utc >= 1924992000;
       DELETE r FROM tr_event_resources r JOIN tr_scheduled_events e ON e.id = r.event_id AND e.starts_at >= '2031-01-01';
       DELETE FROM tr_scheduled_events WHERE starts_at >= '2031-01-01';
       ${["jobs", "job_items", "item_errors", "chunks", "slices", "expansions"].map((name) => `DELETE FROM tr_batch_${name};`).join(" ")}
       DELETE FROM tr_undo_rows; DELETE FROM tr_busy_plan;`);
}

// --- processes ----------------------------------------------------------------------

const binary = () => `${realpathSync(VAR)}/site/htdocs/tranche.fcgi`;
export function programs() {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/exe`).startsWith(binary());
    } catch {
      return false;
    }
  });
}

export function killPrograms() {
  let killed = 0;
  for (const pid of programs()) {
    try {
      process.kill(Number(pid), "SIGKILL");
      killed += 1;
    } catch {} // it has just ended
  }
  return killed;
}

// Is a program at a request?  (Idle ones wait in accept(2): system call 43, or 202 on ARM.)
function atWork(pid) {
  try {
    return !["43", "202"].includes(readFileSync(`/proc/${pid}/syscall`, "utf8").split(" ")[0]);
  } catch {
    return false; // it has just ended
  }
}

// Until all are there again, and none is at work: a reply may have come from one that is still ending its request.
export async function untilIdle(count) {
  for (let all = []; all.length < count || all.some(atWork); all = programs()) await moment(2);
}

// As web servers end programs when they restart: all are told as soon as one is at work.  How many were.
export async function askToEnd(until) {
  for (;;) {
    const all = programs();
    if (all.some(atWork)) {
      for (const pid of all) process.kill(Number(pid), "SIGTERM");
      return all.length;
    }
    if (until()) return 0;
    await moment(2);
  }
}

// A host's limit: ends every program that is longer than `limit` ms at one request
// (idle ones wait in accept(2): system call 43, or 202 on ARM).  Returns what stops it
// and tells how many it has killed.
export function reaper(limit) {
  const since = new Map();
  let killed = 0;
  const look = () => {
    for (const pid of programs()) {
      let idle = true;
      try {
        idle = ["43", "202"].includes(readFileSync(`/proc/${pid}/syscall`, "utf8").split(" ")[0]);
      } catch {} // it has just ended
      if (idle) since.delete(pid);
      else if (!since.has(pid)) since.set(pid, Date.now());
      else if (Date.now() - since.get(pid) > limit) {
        since.delete(pid);
        try {
          process.kill(Number(pid), "SIGKILL");
        } catch {
          continue;
        }
        killed += 1;
        expireLeases();
      }
    }
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return killed;
  };
}

export function killDatabase() {
  process.kill(Number(readFileSync(`${VAR}/db/mariadbd.pid`, "utf8")), "SIGKILL");
  startDatabase();
}

// Servers end themselves, too: on a full disk MariaDB does, now and then.  Whoever looks after them starts them again.
export const databaseAnswers = () => spawnSync("mariadb", [`--defaults-file=${VAR}/db/root.cnf`, "-e", "SELECT 1"]).status === 0;
export const startDatabase = () => runStack("db-start");

export function killConnections() {
  let killed = 0;
  for (const id of sql("SELECT id FROM information_schema.processlist WHERE user = 'tranche'").split("\n").filter(Boolean))
    if (spawnSync("mariadb", [`--defaults-file=${VAR}/db/root.cnf`, "-e", `KILL CONNECTION ${id}`]).status === 0) killed += 1;
  return killed;
}

// --- calls ------------------------------------------------------------------------------

// A connection of its own for each call: one that was kept alive may have been
// closed by the server while we were busy breaking things.
export function call(method, path, body, headers = {}) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const options = {
    method, agent: false, timeout: 40000,
    headers: { authorization: `Bearer ${token}`, ...(payload ? { "content-type": "application/json" } : {}),
      "content-length": payload ? Buffer.byteLength(payload) : 0, ...headers },
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${base}/api/v1${path}`, options, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("data", (part) => (text += part));
      reply.on("error", reject);
      reply.on("end", () => {
        let json = null;
        try {
          json = JSON.parse(text);
        } catch {} // a web server's own error page
        resolve({ status: reply.statusCode, headers: reply.headers, json, text });
      });
    });
    sent.on("error", reject);
    sent.on("timeout", () => sent.destroy(new Error("no answer in 40 s")));
    sent.end(payload);
  });
}

// Whoever waits so long waits in vain, on the slowest machine.
const GIVE_UP_MS = 300000;
const moment = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Repeated like a browser's lane: no answer, and every 5xx, means once more.
export async function insist(method, path, body) {
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    let reply;
    try {
      reply = await call(method, path, body);
    } catch (error) {
      reply = { status: 599, text: String(error) };
    }
    if (reply.status < 500) return reply;
    if (Date.now() > until) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    await moment(20);
  }
}

const expect = (reply, status) => {
  if (reply.status !== status) throw new Error(`${reply.status} instead of ${status}: ${reply.text}`);
  return reply.json;
};

// --- batches --------------------------------------------------------------------------------

const terminal = (status) => ["succeeded", "partial", "failed", "cancelled"].includes(status.status);
const finished = (status) => status.total - (status.counts.pending ?? 0);

// Makes a batch, sends its items in slices, works it with lanes.  `disturb` is
// called once for each of its thresholds (a share of all items that are finished).
export async function runBatch({ type = "create", items, options, lanes, slice = 1000, budget = 200, thresholds = [], disturb }) {
  const { id } = expect(await insist("POST", "/batch", { type, options: { retry_backoff_ms: 100, ...options } }), 201);
  const due = [...thresholds];
  const share = async (part) => {
    while (due.length && part >= due[0]) {
      due.shift();
      await disturb();
    }
  };
  for (let at = 0; at < items.length; at += slice) {
    const body = items.slice(at, at + slice);
    await Promise.all([insist("POST", `/batch/${id}/items?offset=${at}`, body).then((reply) => expect(reply, 200)), share(at / items.length / 4)]);
  }
  expect(await insist("POST", `/batch/${id}/start`), 202);
  let last;
  const lane = async () => {
    const until = Date.now() + GIVE_UP_MS;
    do {
      last = expect(await insist("POST", `/batch/${id}/advance?time_budget_ms=${budget}`), 200);
      await share(0.25 + (finished(last) / items.length) * 0.75);
      if (Date.now() > until) throw new Error(`no end: ${JSON.stringify(last)}`);
    } while (!terminal(last));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return expect(await insist("GET", `/batch/${id}`), 200);
}

// "ordinal outcome code" of every item, and what the events are.
// The warning of an older version is left out: how far a chunk looks for newer ones depends on its size.
export function outcome(id) {
  return {
    items: sql(`SELECT i.ordinal, i.outcome, COALESCE(x.code, '') FROM tr_batch_job_items i LEFT JOIN tr_batch_item_errors x
                ON x.job_id = i.job_id AND x.ordinal = i.ordinal AND x.code <> 'older_version' WHERE i.job_id = ${id} ORDER BY i.ordinal`),
    events: sql(`SELECT e.origin_ordinal, e.content_id, e.version_no, e.starts_at, e.duration_s, e.row_version,
                 COALESCE(b.places, 0), (SELECT COUNT(*) FROM tr_event_resources r WHERE r.event_id = e.id)
                 FROM tr_scheduled_events e LEFT JOIN (SELECT event_id, COUNT(*) AS places FROM tr_busy GROUP BY event_id) b
                 ON b.event_id = e.id WHERE e.origin_job_id = ${id} ORDER BY e.origin_ordinal`),
  };
}

// The invariants of engine.md over all that was made: a list of what is broken.
export function broken(status) {
  const found = [];
  const { counts, total, id } = status;
  const sum = Object.values(counts).reduce((a, b) => a + b, 0);
  if (sum !== total) found.push(`counts sum to ${sum} of ${total}`);
  if (!terminal(status)) found.push(`the batch is ${status.status}`);
  const events = number(`SELECT COUNT(*) FROM tr_scheduled_events WHERE origin_job_id = ${id}`);
  if (events !== counts.succeeded) found.push(`${events} events for ${counts.succeeded} succeeded items`);
  const stored = number(`SELECT COUNT(*) FROM tr_batch_job_items WHERE job_id = ${id} AND outcome = 1`);
  if (stored !== counts.succeeded) found.push(`${stored} items succeeded, ${counts.succeeded} counted`);
  const pairs = overlaps();
  if (pairs) found.push(`${pairs} overlapping pairs`);
  const lost = number(`SELECT COUNT(*) FROM tr_batch_job_items i LEFT JOIN tr_scheduled_events e ON e.id = i.event_id
                       AND e.origin_ordinal = i.ordinal WHERE i.job_id = ${id} AND i.outcome = 1 AND e.id IS NULL`);
  if (lost) found.push(`${lost} events are lost`);
  const bare = number(`SELECT COUNT(*) FROM tr_scheduled_events e LEFT JOIN tr_busy b ON b.event_id = e.id AND b.calendar_kind = 1
                       AND b.calendar_id = e.content_id AND b.day = TIMESTAMPDIFF(DAY, '1970-01-01', e.starts_at) WHERE e.origin_job_id = ${id} AND b.event_id IS NULL`);
  if (bare) found.push(`${bare} events have no place`);
  return found;
}

export const overlaps = () =>
  number(`SELECT COUNT(*) FROM tr_busy a JOIN tr_busy b ON b.calendar_kind = 2 AND a.calendar_id = b.calendar_id
          AND b.day BETWEEN a.day AND a.day + 1 AND b.start_utc >= a.start_utc AND b.start_utc < a.end_utc AND a.event_id <> b.event_id
          AND (a.start_utc < b.start_utc OR a.event_id < b.event_id)
          WHERE a.calendar_kind = 2 AND a.start_utc >= 1924992000`);
