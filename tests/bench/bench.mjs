// Runs the parts that were asked for, in turns (A B C A B C …), so that the
// machine's drift meets all of them alike; prints the table.
import { create, createOnOneCore, evaluate, loadData, prepareSite, undo, update } from "./engine.mjs";
import { createOverHttp, millionOverHttp, startWeb } from "./http.mjs";
import { backlog, fairness, lanesOverNetwork, startNetwork } from "./lanes.mjs";
import { pdoLoop } from "./pdo.mjs";
import { cgi, hello, pollStatus, startHello, stopHello } from "./poll.mjs";
import { Report } from "./report.mjs";
import { run, say } from "./tools.mjs";

const ITEMS = Number(process.env.BENCH_ITEMS ?? 20000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const MILLION = Number(process.env.BENCH_MILLION ?? 1000000);
const FAIR_ITEMS = Number(process.env.BENCH_FAIR_ITEMS ?? 100000);
const BACKLOG_JOBS = Number(process.env.BENCH_BACKLOG_JOBS ?? 100000);
const BACKLOG_ITEMS = Number(process.env.BENCH_BACKLOG_ITEMS ?? 1000000);
const wanted = process.argv.slice(2);
const has = (part) => wanted.length === 0 || wanted.includes(part);

let next = 0; // the first item that nobody has scheduled yet
const take = (count) => (next += count) - count;

// One round: each figure once. `keep(name, figures)` notes what was measured.
async function round(number, keep) {
  keep("load", await loadData(take(ITEMS), ITEMS, number));
  keep("publications", await create(take(ITEMS), ITEMS, "publications"));
  const created = await create(take(ITEMS), ITEMS);
  keep("create", created);
  if (has("edit")) {
    keep("update", await update(created.job));
    keep("undo", await undo((await create(take(ITEMS), ITEMS)).job));
    keep("evaluate_publications", await evaluate(take(ITEMS), ITEMS, "publications"));
    keep("evaluate", await evaluate(take(ITEMS), ITEMS));
  }
  if (has("http")) {
    keep("http_publications", await createOverHttp(take(ITEMS), ITEMS, 1, "publications"));
    keep("http_publications_3_lanes", await createOverHttp(take(ITEMS), ITEMS, 3, "publications"));
    keep("http_1_lane", await createOverHttp(take(ITEMS), ITEMS, 1));
    keep("http_3_lanes", await createOverHttp(take(ITEMS), ITEMS, 3));
  }
  if (has("lanes")) {
    const network = await startNetwork();
    for (const lanes of [1, 2, 4, 8]) keep(`lanes_${lanes}`, await lanesOverNetwork(take(ITEMS), ITEMS, lanes, 2000));
    for (const lanes of [1, 5]) keep(`far_${lanes}`, await lanesOverNetwork(take(ITEMS), ITEMS, lanes, 2000, network.port));
    for (const lanes of [1, 5]) keep(`far_short_${lanes}`, await lanesOverNetwork(take(ITEMS), ITEMS, lanes, 100, network.port));
    for (const lanes of [1, 5]) keep(`far_tranche_${lanes}`, await lanesOverNetwork(take(ITEMS), ITEMS, lanes, 20, network.port));
    network.stop();
  }
  if (has("pdo")) { // jobs of negative numbers are nobody else's
    keep("create_one_core", await createOnOneCore(take(ITEMS), ITEMS));
    keep("pdo", await pdoLoop(take(ITEMS / 4), ITEMS / 4, "transaction", -2 * number - 1));
    keep("pdo_autocommit", await pdoLoop(take(ITEMS / 20), ITEMS / 20, "autocommit", -2 * number - 2));
  }
  if (has("poll")) {
    keep("hello", await hello());
    keep("poll", await pollStatus(created.job));
    keep("cgi_health", await cgi("/api/v1/health"));
    keep("cgi_poll", await cgi(`/api/v1/batch/${created.job}`));
  }
}

async function main() {
  const report = new Report(ITEMS, ROUNDS);
  await prepareSite();
  if (has("http") || has("poll") || has("lanes") || has("fairness")) await startWeb();
  if (has("poll")) await startHello();
  try {
    await round(0, () => {}); // warms caches, plans and the disk
    for (let number = 1; number <= ROUNDS; number++) {
      await round(number, (name, figures) => report.keep(name, figures));
      say(`round ${number} of ${ROUNDS}: ${report.latest()}`);
    }
    for (const driven of has("fairness") ? [false, true] : [])
      report.keep("fairness", await fairness(take(FAIR_ITEMS + 10), FAIR_ITEMS, 10, driven));
    if (has("backlog")) report.keep("backlog", await backlog(take, BACKLOG_JOBS, BACKLOG_ITEMS, 20));
    if (has("recurrence")) report.keep("recurrence", JSON.parse(await run("build/release/bench/recurrence", [])));
    if (has("conflicts")) report.keep("conflicts", JSON.parse(await run("build/release/bench/conflicts", [])));
    if (has("million") && MILLION > 0) report.keep("million", await millionOverHttp(take(MILLION), MILLION));
  } finally {
    if (has("poll")) await stopHello();
  }
  await report.print();
}

try {
  await main();
} catch (error) {
  console.error(error.stderr ? `${error.cmd}\n${error.stderr}` : error);
  process.exitCode = 1;
}
