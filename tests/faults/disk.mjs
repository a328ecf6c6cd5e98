// disk.mjs: a really full disk under the database, $VAR/db being a small file
// system of its own (run.sh): a batch stalls and says why, nothing is lost, and
// it goes on by itself once there is room again.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { authorise, broken, call, databaseAnswers, forget, insist, number, outcome, runBatch, sql, startDatabase } from "./stack.mjs";

const COUNT = 10000, STALLED = 6, TRIES_MAX = 400;
const ballast = `${process.env.VAR}/db/ballast`;
const options = { chunk_size: 500, max_concurrency: 1 };
const insistNot = (found, what) => {
  if (found) throw new Error(what);
};

const contents = number("SELECT COUNT(*) FROM tr_contents");
const venues = sql("SELECT id FROM tr_resources WHERE kind = 'venue' ORDER BY id").split("\n").map(Number);
const at = (minute) => new Date(Date.UTC(2031, 0, 2) + minute * 60000).toISOString().replace(".000", "");
const event = (i) => ({
  client_id: `d-${i}`, content_id: i % 100 === 13 ? 999999 : 1 + (i % contents), version_no: 1, title: `Event ${i} `.padEnd(200, "."),
  starts_at: at(Math.floor(i / venues.length) * 30), duration_s: 1800, resources: [venues[i % venues.length]],
});
const items = Array.from({ length: COUNT }, (_, i) => event(i));

// As much as fits, to the last block.
function fill() {
  const file = openSync(ballast, "w");
  let bytes = 0;
  for (let size = 1 << 20; size >= 4096; size >>= 2) {
    try {
      for (;;) bytes += writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
  return bytes;
}
const nobodyWaits = () => sql("UPDATE tr_batch_chunks SET available_at = '2020-01-01' WHERE state = 'ready' AND available_at < '9000-01-01'");

// Advances until nothing has moved for a while; what was told meanwhile.
async function untilStalled(id) {
  const told = new Set();
  let before = -1, same = 0, tries = 0;
  for (; same < STALLED && tries < TRIES_MAX; tries += 1) {
    nobodyWaits();
    const reply = await call("POST", `/batch/${id}/advance?time_budget_ms=500`);
    insistNot(reply.status >= 500 && reply.status !== 503, `advance: ${reply.status} ${reply.text}`);
    if (reply.status === 503) told.add(reply.json.code);
    const { counts } = (await insist("GET", `/batch/${id}`)).json;
    same = counts.succeeded === before ? same + 1 : 0;
    before = counts.succeeded;
  }
  insistNot(same < STALLED, "the disk is full, and the batch goes on");
  return { succeeded: before, told };
}

// What is told while nothing can be written; the server may end itself of it at any moment.
async function whileFull() {
  const id = number("SELECT MAX(id) FROM tr_batch_jobs");
  const bytes = fill();
  const ballastSays = `${(bytes / 1048576).toFixed(0)} MiB of ballast`;
  try {
    const { succeeded, told } = await untilStalled(id);
    const one = await call("POST", "/events", { ...event(COUNT + 1), client_id: null });
    if (one.status !== 201) told.add(`${one.status} ${one.json.code}`);
    const status = (await insist("GET", `/batch/${id}`)).json;
    insistNot(!["running", "queued"].includes(status.status), `it is ${status.status}`);
    insistNot(status.counts.failed > COUNT / 100, "items have failed");
    for (const log of sql("SELECT message FROM tr_worker_logs").split("\n")) if (/full/.test(log)) told.add("workers' log");
    insistNot(!told.size, "nothing says that the disk is full");
    return `${ballastSays}, stalled at ${succeeded} of ${COUNT}, told by ${[...told].join(", ")}`;
  } catch (error) {
    if (databaseAnswers()) throw error;
    return `${ballastSays}, of which the database server ended`;
  } finally {
    rmSync(ballast, { force: true });
    if (!databaseAnswers()) startDatabase();
    nobodyWaits();
  }
}

let result = "0 passed, 1 failed";
const began = Date.now();
try {
  authorise();
  const undisturbed = await runBatch({ items, options, lanes: 1 });
  const wanted = outcome(undisturbed.id);
  forget();
  sql("DELETE FROM tr_worker_logs");
  // What the first run has left free within the tables' files would be room for this one.
  const tables = sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'tranche' AND table_type = 'BASE TABLE'").split("\n");
  sql(`OPTIMIZE TABLE ${tables.join(", ")}`);
  let figures;
  const status = await runBatch({ items, options, lanes: 1, thresholds: [0.3], disturb: async () => { figures = await whileFull(); } });
  const found = broken(status);
  insistNot(found.length, found.join("; "));
  for (const part of ["items", "events"]) insistNot(outcome(status.id)[part] !== wanted[part], `${part} differ from those of an undisturbed run`);
  const { succeeded, failed } = status.counts;
  console.log(`disk full: ${figures}; then ${succeeded} succeeded, ${failed} failed as without (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  result = "1 passed, 0 failed";
} catch (error) {
  console.log(`disk full: FAILED: ${error.stack}`);
}
console.log(result);
process.exit(result.startsWith("1") ? 0 : 1);
