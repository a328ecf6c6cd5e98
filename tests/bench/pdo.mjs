// The PHP loop. Its many round trips are cheapest when PHP and the database
// share one warm core, so they are given that: the best case for it.
import { readFileSync, writeFileSync } from "node:fs";
import { items, ndjson } from "./items.mjs";
import { VAR, cpuSeconds, dbPid, run, sql } from "./tools.mjs";

const CORE = "1"; // where fewer interrupts are handled than on 0

export async function pdoLoop(first, count, mode, job) {
  const setting = (name) => new RegExp(`^${name} = (.*)$`, "m").exec(readFileSync(`${VAR}/site/tranche.conf`, "utf8"))[1];
  const file = `${VAR}/pdo.ndjson`;
  writeFileSync(file, ndjson(items(first, count)));
  await sql(`CREATE TABLE IF NOT EXISTS bench_results (job_id BIGINT NOT NULL, ordinal INT NOT NULL, outcome TINYINT NOT NULL,
    event_id BIGINT NOT NULL, detail TEXT NULL, PRIMARY KEY (job_id, ordinal)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`);
  const before = cpuSeconds([dbPid]);
  const args = ["-c", CORE, "php", "tests/bench/pdo_loop.php", setting("db_socket"), file, String(job), mode];
  const [, allCores] = /list: (.*)$/m.exec(await run("taskset", ["-cp", dbPid]));
  await run("taskset", ["-acp", CORE, dbPid]);
  try {
    const figures = JSON.parse(await run("taskset", args, { DB_PASSWORD: setting("db_password") }));
    return { ...figures, server_cpu: cpuSeconds([dbPid]) - before };
  } finally {
    await run("taskset", ["-acp", allCores, dbPid]);
  }
}
