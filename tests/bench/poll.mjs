// How fast the status of a batch can be asked for: beside the least FastCGI
// program behind the same server, and as CGI from start to first byte.
import { authorization, webPids } from "./http.mjs";
import { PORT, VAR, cpuSeconds, dbPid, run } from "./tools.mjs";

const CONNECTIONS = 4, SECONDS = 1.5;
const helloPort = String(Number(PORT) + 1);
const helloStack = { VAR: `${VAR}/hello`, PORT: helloPort, BINARY: "build/release/bench/hello" };
const load = async (...args) => JSON.parse(await run("build/release/bench/load", args.map(String)));

export const startHello = () => run(process.env.STACK, ["web-start"], helloStack);
export const stopHello = () => run(process.env.STACK, ["web-stop"], helloStack);
export const hello = () => load("http", helloPort, "/", "-", CONNECTIONS, SECONDS);

export async function pollStatus(job) {
  const { server, children } = webPids();
  const before = [cpuSeconds([dbPid]), cpuSeconds([server, ...children])];
  const figures = await load("http", PORT, `/api/v1/batch/${job}`, authorization(), CONNECTIONS, SECONDS);
  return { ...figures, server_cpu: cpuSeconds([dbPid]) - before[0], own_cpu: cpuSeconds([server, ...children]) - before[1] };
}

export const cgi = (path) => load("cgi", `${VAR}/site/htdocs/tranche.fcgi`, path, authorization(), 100);
