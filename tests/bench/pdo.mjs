// The PHP loop, on one warm core: the best case for its many round trips.
import { readFileSync, writeFileSync } from "node:fs";
import { items, ndjson } from "./items.mjs";
import { VAR, cpuSeconds, dbPid, onOneCore, run, sql } from "./tools.mjs";

export async function pdoLoop(first, count, mode, job) {
  const setting = (name) => new RegExp(`^${name} = (.*)$`, "m").exec(readFileSync(`${VAR}/site/tranche.conf`, "utf8"))[1];
  const file = `${VAR}/pdo.ndjson`;
  writeFileSync(file, ndjson(items(first, count)));
  await sql(`CREATE TABLE IF NOT EXISTS bench_results (job_id BIGINT NOT NULL, ordinal INT NOT NULL, outcome TINYINT NOT NULL,
    event_id BIGINT NOT NULL, detail TEXT NULL, PRIMARY KEY (job_id, ordinal)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`);
  const before = cpuSeconds([dbPid]);
  const args = ["tests/bench/pdo_loop.php", setting("db_socket"), file, String(job), mode];
  const figures = await onOneCore(async ([pin, ...options]) =>
    JSON.parse(await run(pin, [...options, "php", ...args], { DB_PASSWORD: setting("db_password") })));
  return { ...figures, server_cpu: cpuSeconds([dbPid]) - before };
}
