// LOAD DATA and the engine without a web server.
import { writeFileSync } from "node:fs";
import { CONTENTS, LOAD_COLUMNS, PEOPLE, VENUES, VERSIONS, items, loadRows, ndjson } from "./items.mjs";
import { VAR, cpuSeconds, dbPid, onOneCore, run, sql, stack } from "./tools.mjs";

// The site that is scheduled on, and an admin to own it.
export async function prepareSite() {
  await stack("ctl", "demo"); // its people and roles
  for (const table of ["scheduled_events", "busy", "event_resources", "calendars", "contents", "content_versions", "resources",
    "batch_jobs", "batch_chunks", "batch_job_items", "batch_slices"])
    await sql(`TRUNCATE tr_${table}`);
  await sql(`INSERT INTO tr_contents (title, latest_version, created_at) SELECT CONCAT('Content ', seq), ${VERSIONS}, NOW()
    FROM seq_1_to_${CONTENTS};
    INSERT INTO tr_content_versions (content_id, version_no, created_at) SELECT c.seq, v.seq, NOW()
    FROM seq_1_to_${CONTENTS} c, seq_1_to_${VERSIONS} v;
    INSERT INTO tr_resources (kind, name, created_at) SELECT IF(seq > ${VENUES}, 'person', 'venue'), CONCAT('R', seq), NOW()
    FROM seq_1_to_${VENUES + PEOPLE} ORDER BY seq;
    CREATE TABLE bench_events LIKE tr_scheduled_events`);
}

// One LOAD DATA of `count` rows into a table with our keys.
export async function loadData(first, count, job) {
  const file = `${VAR}/load.tsv`;
  writeFileSync(file, [...loadRows(first, count, job)].join("\n") + "\n");
  const before = cpuSeconds([dbPid]);
  const [[micros]] = await sql(`SET @began = SYSDATE(6);
    LOAD DATA LOCAL INFILE '${file}' INTO TABLE bench_events (${LOAD_COLUMNS});
    SELECT TIMESTAMPDIFF(MICROSECOND, @began, SYSDATE(6))`);
  return { items: count, seconds: Number(micros) / 1e6, server_cpu: cpuSeconds([dbPid]) - before, own_cpu: 0 };
}

async function drive(type, text, [first, ...more] = ["build/release/bench/driver"]) {
  const file = `${VAR}/${type}.ndjson`;
  writeFileSync(file, text);
  return JSON.parse(await run(first, [...more, type, file]));
}

export const create = (first, count, shape) => drive("create", ndjson(items(first, count, shape)));
// On the one core that the PHP loop gets, to compare like with like.
export const createOnOneCore = (first, count) =>
  onOneCore((pin) => drive("create", ndjson(items(first, count)), [...pin, "build/release/bench/driver"]));
// Proposals; nothing of them stays.
export const evaluate = (first, count, shape) => drive("evaluate", ndjson(items(first, count, shape)));
// Every event of a job gets another title, length and priority.
export async function update(job) {
  const ids = await sql(`SELECT id FROM tr_scheduled_events WHERE origin_job_id = ${job} ORDER BY id`);
  return drive("update", ndjson(ids.map(([id]) => ({
    selector: { event_id: Number(id) }, values: { title: `Changed ${id}`, duration_s: 1500, priority: 3 },
  }))));
}
// Takes back what a batch has made.
export const undo = async (job) => JSON.parse(await run("build/release/bench/driver", ["undo", String(job)]));
