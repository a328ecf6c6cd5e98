// bulkCreate as a browser does it: JSON slices of 100 KB, then lanes that
// advance until the batch has ended.
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import { items, slices } from "./items.mjs";
import { PORT, VAR, cpuSeconds, dbPid, pause, say, seconds, stack } from "./tools.mjs";

const SLICE_BYTES = 100 * 1024;
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
let token;

// The web server, with new processes of the program.
export async function startWeb() {
  token ??= (await stack("token")).trim();
  await stack("web-start");
  while (!(await call("GET", "/health").catch(() => null))) await pause(50);
}
export const authorization = () => `Bearer ${token}`;

export function call(method, path, body, port = PORT) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": Buffer.byteLength(body ?? "") };
  return new Promise((done, failed) => {
    const request = http.request({ host: "127.0.0.1", port, agent, method, path: `/api/v1${path}`, headers }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part) => (text += part)).on("error", failed).on("end", () => {
        if (reply.statusCode < 300) done(JSON.parse(text));
        else failed(new Error(`${method} ${path}: ${reply.statusCode} ${text.slice(0, 300)}`));
      });
    });
    request.on("error", failed).end(body);
  });
}

// The web server's processes: [its own, those of the program].
export function webPids() {
  const server = readFileSync(`${VAR}/web/server.pid`, "utf8").trim();
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /, "").split(" ")[1] === server;
    } catch {
      return false;
    }
  });
  return { server, children };
}

let requests = 0; // of all lanes
async function lane(id) {
  for (;;) {
    requests += 1;
    const began = performance.now();
    const status = await call("POST", `/batch/${id}/advance`, "");
    if (status.phase === "completed" || status.phase === "failed") return status;
    if (performance.now() - began < 15) await pause(15); // nothing was due
  }
}

async function feed(id, parts, noteProgress = () => {}) {
  let offset = 0;
  for (const { body, count } of parts) {
    await call("POST", `/batch/${id}/items?offset=${offset}`, body);
    noteProgress((offset += count));
  }
}

const advance = (id, lanes) => Promise.all(Array.from({ length: lanes }, () => lane(id)));

// Slices are made before the clock starts: the client's work is not measured.
export async function createOverHttp(first, count, lanes, shape) {
  const parts = [...slices(items(first, count, shape), SLICE_BYTES)];
  const whole_body = `[${parts.map(({ body }) => body.trim().slice(1, -1)).join()}]`;
  agent.destroy(); // the server has closed what was idle while the others ran
  const { estimate } = await call("POST", "/validate?type=create", whole_body);
  const { server, children } = webPids();
  const cpu = () => [cpuSeconds([dbPid]), cpuSeconds([server, ...children])];
  const before = cpu();
  requests = 0;
  let id, ingest;
  const whole = await seconds(async () => {
    ({ id } = await call("POST", "/batch", JSON.stringify({ type: "create", options: { max_concurrency: lanes } })));
    ingest = await seconds(() => feed(id, parts));
    await call("POST", `/batch/${id}/start`, "");
    await advance(id, lanes);
  });
  const after = cpu();
  const { counts } = await call("GET", `/batch/${id}`);
  say(`estimate for ${count} items: ${estimate.seconds} s in ${estimate.requests} requests; it took ${whole.toFixed(2)} s in ${requests}, ${lanes} lane(s)`);
  return { job: id, items: count, seconds: whole, ingest, server_cpu: after[0] - before[0], own_cpu: after[1] - before[1], counts };
}

// The most memory each process ever held, in KiB (VmHWM of proc(5)).
const peakKib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

// One batch of a million, in fresh processes; how much memory they took.
export async function millionOverHttp(first, count) {
  await startWeb();
  const step = Math.max(count / 10, 1);
  const marks = []; // [items done, seconds] of the work
  const { id } = await call("POST", "/batch", JSON.stringify({ type: "create", options: { max_concurrency: 3 } }));
  let said = 0;
  const ingest = await seconds(() => feed(id, slices(items(first, count), SLICE_BYTES), (sent) => {
    if (sent >= said + step) say(`million: ${(said = sent)} items sent`);
  }));
  const peaksOfIngest = webPids().children.map(peakKib);
  await call("POST", `/batch/${id}/start`, "");
  const began = performance.now();
  let cursor = 0;
  const watch = setInterval(async () => {
    const status = await call("GET", `/batch/${id}`).catch(() => ({ cursor }));
    if (status.cursor > cursor) marks.push([(cursor = status.cursor), (performance.now() - began) / 1000]);
    if (marks.length % 10 === 1) say(`million: ${cursor} items done`);
  }, 2000);
  const worked = await seconds(() => advance(id, 3));
  clearInterval(watch);
  const { counts } = await call("GET", `/batch/${id}`);
  const peaks = webPids().children.map(peakKib);
  return { job: id, items: count, ingest, seconds: ingest + worked, worked, marks, counts, peaksOfIngest, peaks };
}
