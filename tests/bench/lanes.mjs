// Lanes over a network, and what a backlog costs: figures of driving a batch.
import net from "node:net";
import { call, startWeb, webPids } from "./http.mjs";
import { items, slices } from "./items.mjs";
import { PORT, cpuSeconds, dbPid, machineSeconds, median, pause, say, seconds, sql } from "./tools.mjs";

const SLICE_BYTES = 100 * 1024;
const NETWORK_MS = 50;

// --- a network -------------------------------------------------------------------

// Passes bytes on after `delay_ms`, in order.
function delayed(from, to, delay_ms) {
  from.on("data", (bytes) => setTimeout(() => to.writable && to.write(bytes), delay_ms));
  from.on("end", () => setTimeout(() => to.end(), delay_ms));
  from.on("error", () => to.destroy());
}

// A port behind which the server is NETWORK_MS away, there and back.
export function startNetwork() {
  const proxy = net.createServer((client) => {
    const server = net.connect(PORT, "127.0.0.1");
    client.setNoDelay(true);
    server.setNoDelay(true);
    delayed(client, server, NETWORK_MS / 2);
    delayed(server, client, NETWORK_MS / 2);
  });
  return new Promise((done) => proxy.listen(0, "127.0.0.1", () => done({ port: proxy.address().port, stop: () => proxy.close() })));
}

// --- lanes -------------------------------------------------------------------------

async function newBatch(first, count, options, owner) {
  const { id } = await call("POST", "/batch", JSON.stringify({ type: "create", options }));
  let offset = 0;
  for (const { body, count: part } of slices(items(first, count, "publications"), SLICE_BYTES)) {
    await call("POST", `/batch/${id}/items?offset=${offset}`, body);
    offset += part;
  }
  if (owner) await sql(`UPDATE tr_batch_jobs SET created_by = (SELECT id FROM tr_users WHERE name = '${owner}') WHERE id = ${id}`);
  await call("POST", `/batch/${id}/start`, "");
  return id;
}

async function lane(id, budget_ms, port) {
  for (;;) {
    const status = await call("POST", `/batch/${id}/advance?time_budget_ms=${budget_ms}`, "", port);
    if (status.phase === "completed" || status.phase === "failed") return;
  }
}

// Only the advancing goes over the network and is measured.
//
// What five lanes of short requests wait for (22 November 2026, a statement log
// of 40 chunks of 200 publications): each other, at the calendars' locks.  Two
// chunks of 200 among 2,000 contents share about 18, so what one chunk does with
// its calendars locked, no other does meanwhile; UPDATE calendars took 1 ms with
// one lane and 19 with five, everything else as long as before.  So the time
// between that statement and COMMIT is what counts.  And the cores: a request
// that takes one lane 80 ms keeps them busy for 27, so five lanes want both of
// two.  Where others use one of them it is 2.3 times one lane instead of 3.4:
// look at `idle` before you look for locks.
export async function lanesOverNetwork(first, count, lanes, budget_ms, port) {
  const id = await newBatch(first, count, { max_concurrency: lanes });
  const before = [machineSeconds(), cpuSeconds(webPids().children), cpuSeconds([dbPid])];
  const took = await seconds(() => Promise.all(Array.from({ length: lanes }, () => lane(id, budget_ms, port))));
  const { idle, all } = machineSeconds(before[0]);
  const { counts } = await call("GET", `/batch/${id}`);
  return { job: id, items: count, seconds: took, lanes, budget_ms, counts, idle: idle / all,
    own_cpu: cpuSeconds(webPids().children) - before[1], server_cpu: cpuSeconds([dbPid]) - before[2] };
}

// --- fairness ------------------------------------------------------------------------

const WAITS_MIN = 3;
const TICK_EVERY_MS = 2050; // two sources: within the site's sixty a minute
const LANES = 6; // the site has four processes (tests/stack/lighttpd.conf)

// One person has a large batch, another comes with one item, again and again:
// how long does he wait for its end?  Either nobody drives anything, and two
// sources of ticks work whatever is due; or the large batch has lanes in every
// process of the site, with some waiting, and the other one drives his own.
export async function fairness(first, count, rounds, driven) {
  const large = await newBatch(first, count, { max_concurrency: LANES });
  const waits = [];
  let over = false;
  const ask = driven ? `/batch/${large}/advance` : "/tick?time_budget_ms=2000";
  const others = Array.from({ length: driven ? LANES : 2 }, async () => {
    while (!over) await Promise.all([call("POST", ask, ""), driven || pause(TICK_EVERY_MS)]);
  });
  const largeNow = () => call("GET", `/batch/${large}`);
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    const id = await newBatch(first + count + i, 1, {}, "editor");
    let status;
    do {
      ({ status } = driven ? await call("POST", `/batch/${id}/advance`, "") : await call("GET", `/batch/${id}`));
    } while (status === "queued" || status === "running");
    if (status !== "succeeded") throw new Error(`the other one's item ended ${status}`);
    const took = (performance.now() - began) / 1000;
    if ((await largeNow()).status !== "running") break; // nobody had to share
    waits.push(took);
  }
  const { counts } = await largeNow();
  over = true;
  await Promise.all(others);
  if (waits.length < WAITS_MIN) throw new Error(`the large batch was over after ${waits.length} waits (BENCH_FAIR_ITEMS)`);
  await call("POST", `/batch/${large}/cancel`, "").catch(() => {}); // may have ended by now
  return { items: count, driven, done: counts.succeeded, waits };
}

// --- a backlog ---------------------------------------------------------------------

const timed = async (work) => 1000 * (await seconds(work));

// How long one item takes from being due to being done, and what a poll takes.
async function costs(first, rounds) {
  const advance = [], tick = [], poll = [];
  for (let i = 0; i < rounds; i++) {
    let id = await newBatch(first + 2 * i, 1, {});
    advance.push(await timed(() => call("POST", `/batch/${id}/advance?time_budget_ms=100`, "")));
    for (let k = 0; k < 5; k++) poll.push(await timed(() => call("GET", `/batch/${id}`)));
    id = await newBatch(first + 2 * i + 1, 1, { priority: 10 });
    tick.push(await timed(() => call("POST", "/tick?time_budget_ms=100", "")));
    const { status } = await call("GET", `/batch/${id}`);
    if (status !== "succeeded") throw new Error(`a tick left batch ${id} ${status}`);
  }
  return { advance_ms: median(advance), tick_ms: median(tick), poll_ms: median(poll) };
}

// Open batches of a thousand users that are paused or put off, and item rows of them.
async function addBacklog(jobs, itemRows) {
  await sql(`INSERT INTO tr_batch_jobs (type, status, phase, created_by, priority, total, received, planned, created_at, due_at)
    SELECT 'create', IF(seq % 2, 'running', 'paused'), 'processing', 1000000 + seq % 1000, seq % 3, 1000, 1000, 1000, UTC_TIMESTAMP(),
    '2037-01-01' FROM seq_1_to_${jobs}`);
  await sql(`INSERT IGNORE INTO tr_batch_turns (urgency, user_id, turn_at) SELECT DISTINCT 10 - priority, created_by, '2037-01-01'
    FROM tr_batch_jobs WHERE created_by >= 1000000`);
  // A thousand items a batch, a hundred batches a statement.
  for (let at = 0; at < itemRows / 1000; at += 100)
    await sql(`INSERT INTO tr_batch_job_items (job_id, ordinal, input) SELECT j.id, s.seq, '{}' FROM (SELECT id FROM tr_batch_jobs
      WHERE created_by >= 1000000 ORDER BY id LIMIT ${Math.min(100, itemRows / 1000 - at)} OFFSET ${at}) j JOIN seq_0_to_999 s`);
  await sql(`INSERT INTO tr_batch_chunks (job_id, epoch, first_ordinal, last_ordinal, state, available_at)
    SELECT id, 1, 0, 999, 'ready', '2037-01-01' FROM tr_batch_jobs WHERE created_by >= 1000000
    ON DUPLICATE KEY UPDATE state = 'ready'`);
  await sql("ANALYZE TABLE tr_batch_jobs, tr_batch_turns, tr_batch_chunks, tr_batch_job_items");
}

const removeBacklog = async () => {
  await sql(`DELETE i FROM tr_batch_job_items i JOIN tr_batch_jobs j ON j.id = i.job_id WHERE j.created_by >= 1000000`);
  await sql(`DELETE c FROM tr_batch_chunks c JOIN tr_batch_jobs j ON j.id = c.job_id WHERE j.created_by >= 1000000`);
  await sql("DELETE FROM tr_batch_turns WHERE user_id >= 1000000");
  await sql("DELETE FROM tr_batch_jobs WHERE created_by >= 1000000");
};

export async function backlog(take, jobs, itemRows, rounds) {
  await startWeb();
  await costs(take(2), 1); // warms
  await addBacklog(10, 0);
  const few = await costs(take(2 * rounds), rounds);
  await addBacklog(jobs - 10, itemRows);
  say(`backlog: ${jobs} open batches, ${itemRows} items`);
  const many = await costs(take(2 * rounds), rounds);
  await removeBacklog();
  return { jobs, itemRows, few, many };
}
