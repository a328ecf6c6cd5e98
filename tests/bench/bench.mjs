// Runs the parts that were asked for, in turns (A B C A B C …), so that the
// machine's drift meets all of them alike; prints the table.
import { create, evaluate, loadData, prepareSite, update } from "./engine.mjs";
import { Report } from "./report.mjs";
import { say } from "./tools.mjs";

const ITEMS = Number(process.env.BENCH_ITEMS ?? 20000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const wanted = process.argv.slice(2);
const has = (part) => wanted.length === 0 || wanted.includes(part);

let next = 0; // the first item that nobody has scheduled yet
const take = (count) => (next += count) - count;

// One round: each figure once. `keep(name, figures)` notes what was measured.
async function round(number, keep) {
  keep("load", await loadData(take(ITEMS), ITEMS, number));
  const created = await create(take(ITEMS), ITEMS);
  keep("create", created);
  if (has("edit")) {
    keep("update", await update(created.job));
    keep("evaluate", await evaluate(take(ITEMS), ITEMS));
  }
}

async function main() {
  const report = new Report(ITEMS, ROUNDS);
  await prepareSite();
  await round(0, () => {}); // warms caches, plans and the disk
  for (let number = 1; number <= ROUNDS; number++) {
    await round(number, (name, figures) => report.keep(name, figures));
    say(`round ${number} of ${ROUNDS}: ${report.latest()}`);
  }
  await report.print();
}

await main();
