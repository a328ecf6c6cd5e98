// Calls of our own API.  A reply that is not ours (a host's HTML error page, a
// cut connection, a restart) is no answer: it throws Away, and the caller goes
// on from the cursor later.

export class Away extends Error {}
export class SessionEnded extends Error {}
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title);
    this.status = status;
    this.problem = problem;
  }
}

export const base = () => document.body.dataset.base ?? "";

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// 1, 2, 4 … seconds, up to `limit`, never in step with other lanes.
export const backoff = (failures, limit = 30) =>
  Math.min(limit, 2 ** Math.min(failures, 10)) * 1000 * (0.75 + Math.random() / 2);

// Hosts end a request after 30 s; one without an answer after a minute went over
// a connection that is gone (a phone that changed its network).  What has a body
// gets three: a phone may take its time to send a slice.
const MINUTE_MS = 60_000;
export const untilLost = (minutes = 1) => AbortSignal.timeout(minutes * MINUTE_MS);

// `key`: the same request is made once, however often it is sent.
export async function call(method, path, body, type = "application/json", key = undefined) {
  let reply, data;
  try {
    reply = await fetch(`${base()}/api/v1${path}`, {
      method,
      body,
      signal: untilLost(body === undefined ? 1 : 3),
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        "X-CSRF-Token": document.body.dataset.csrf ?? "",
        ...(body === undefined ? {} : { "Content-Type": type }),
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
      },
    });
    data = await reply.json();
  } catch (error) {
    throw new Away(String(error));
  }
  if (reply.ok) return data;
  if (!reply.headers.get("Content-Type")?.startsWith("application/problem+json")) throw new Away(`status ${reply.status}`);
  if (reply.status === 401) throw new SessionEnded();
  if (reply.status === 429 || reply.status === 503 || data.code === "idempotency_in_progress") {
    const away = new Away(data.detail);
    away.retryAfterMs = 1000 * Number(reply.headers.get("Retry-After") ?? 0);
    throw away;
  }
  throw new Refused(reply.status, data);
}

// The one sentence about a session that is over, with the way back.
export function sessionEndedNotice(next) {
  const box = document.createElement("div");
  const link = document.createElement("a");
  box.className = "problem";
  link.href = `${base()}/login?next=${encodeURIComponent(next)}`;
  link.textContent = "Sign in to go on";
  box.append("Your session has ended; nothing is lost. ", link, ".");
  return box;
}
