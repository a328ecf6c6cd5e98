// Lanes: parallel loops that work a batch, one time budget per request.  They
// go on while the tab is hidden; a request that dies costs nothing, because the
// cursor is the server's.
//
// They ask for the site's own time, 2 s: then a server 50 ms away costs a lane
// 2 % of it, and one lane works as much as the server can.  Many short requests
// hide the distance too, but each costs the server 10 ms beside its chunk
// (tests/bench/lanes.mjs): five of 20 ms do less than one of 2 s.
import { Away, SessionEnded, backoff, call, wait } from "./api.js";

const LANES_MAX = 4; // a browser opens six connections to a host; the page needs one

export class Lanes {
  #job;
  #hooks;
  #running = 0;
  #stopped = false;
  #away = false;

  // hooks: moved(status), away(), back(), ended()
  constructor(job, hooks) {
    this.#job = job;
    this.#hooks = hooks;
  }

  get active() {
    return this.#running > 0 && !this.#stopped;
  }

  start(count) {
    this.#stopped = false;
    while (this.#running < Math.min(count, LANES_MAX)) {
      this.#running += 1;
      this.#lane(this.#running).finally(() => (this.#running -= 1));
    }
  }

  // Nothing is tried any more, so nothing is waited for.
  stop() {
    this.#stopped = true;
    this.#answered();
  }

  async #lane(number) {
    let failures = 0;
    let idle = 0;
    let before = "";
    await wait((number - 1) * 150); // the first lane plans the chunks
    while (!this.#stopped) {
      try {
        const status = await call("POST", `/batch/${this.#job}/advance`);
        failures = 0;
        this.#answered();
        this.#hooks.moved(status);
        if (status.finished_at || ["receiving", "paused"].includes(status.status)) return this.stop();
        const now = JSON.stringify([status.cursor, status.counts]);
        idle = now === before ? idle + 1 : 0;
        before = now;
        if (idle > 0) await wait(Math.min(4000, 250 * 2 ** Math.min(idle, 5)));
      } catch (error) {
        if (this.#stopped) return; // a failure that comes late is no news
        if (error instanceof SessionEnded) {
          this.stop();
          return this.#hooks.ended();
        }
        if (!(error instanceof Away)) return this.stop(); // the page will show why
        this.#unanswered();
        await wait(error.retryAfterMs || backoff(failures++));
      }
    }
  }

  #unanswered() {
    if (!this.#away) this.#hooks.away();
    this.#away = true;
  }

  #answered() {
    if (this.#away) this.#hooks.back();
    this.#away = false;
  }
}
