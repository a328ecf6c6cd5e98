// What the measurements share: the database as root, CPU times, medians.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const exec = promisify(execFile);
export const VAR = process.env.VAR;
export const PORT = process.env.PORT;
export const dbPid = process.env.DB_PID;

// Runs a program; what it printed. Its failure is ours.
export async function run(program, args, env = {}) {
  const { stdout } = await exec(program, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  return stdout;
}
export const stack = (...args) => run(process.env.STACK, args);

const client = [`--defaults-file=${VAR}/db/root.cnf`, "--batch", "--skip-column-names", "--local-infile", "tranche", "-e"];
// The rows of the last SELECT, each a list of texts.
export async function sql(text) {
  const out = await run("mariadb", [...client, text]);
  return out.split("\n").filter(Boolean).map((line) => line.split("\t"));
}

const TICKS = 100; // per second, on every Linux that Debian has
function ticks(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0; // has ended
  }
}
// CPU seconds of some processes until now.
export const cpuSeconds = (pids) => pids.reduce((sum, pid) => sum + ticks(pid), 0) / TICKS;

// Of the whole machine, whoever uses it: idle seconds and all of them, since another reading.
export function machineSeconds(since = { idle: 0, all: 0 }) {
  const fields = readFileSync("/proc/stat", "utf8").split("\n", 1)[0].trim().split(/\s+/).slice(1, 9).map(Number);
  const all = fields.reduce((sum, each) => sum + each, 0) / TICKS;
  return { idle: fields[3] / TICKS - since.idle, all: all - since.all };
}

// Work whose many round trips are cheapest when program and database share one
// warm core gets that: `work` receives the command that pins its program.
export async function onOneCore(work) {
  const core = "1"; // fewer interrupts are handled here than on 0
  const [, all] = /list: (.*)$/m.exec(await run("taskset", ["-cp", dbPid]));
  await run("taskset", ["-acp", core, dbPid]);
  try {
    return await work(["taskset", "-c", core]);
  } finally {
    await run("taskset", ["-acp", all, dbPid]);
  }
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export const seconds = async (work) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export const say = (text) => process.stderr.write(`${text}\n`);
