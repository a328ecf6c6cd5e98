// The page of a batch: fetches itself and morphs the live region, so that what
// is shown is always what the server renders and focus stays where it is.
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { sessionEndedNotice, untilLost } from "./api.js";
import { Lanes } from "./lanes.js";

const FASTEST_MS = 1000;
const SLOWEST_MS = 5000;

const number = (text) => Number(text).toLocaleString("en");

// What is worth saying aloud, at most six times a batch: quarters, the first
// failure, the end.
class Announcer {
  #region = document.getElementById("announce");
  #isOver;
  #quarter;
  #failed;

  constructor(live) {
    this.#isOver = !("waiting" in live);
    this.#quarter = Math.floor(Number(live.percent) / 25);
    this.#failed = Number(live.failed) > 0;
  }

  tell(live) {
    const quarter = Math.floor(Number(live.percent) / 25);
    const isOver = !("waiting" in live);
    const words = [];
    if (!this.#failed && Number(live.failed) > 0) {
      this.#failed = true;
      words.push("The first item has failed.");
    }
    // Several lanes tell of the end, and each has the page looked at again.
    if (isOver && !this.#isOver) words.push(`The batch is ${live.status}: ${number(live.done)} of ${number(live.total)}.`);
    else if (!isOver && quarter > this.#quarter) words.push(`${live.percent} % done.`);
    this.#isOver = isOver;
    this.#quarter = Math.max(quarter, this.#quarter);
    if (words.length > 0) this.#region.textContent = words.join(" ");
  }
}

// What a look must not change.  A form is not made into the one that stands in its
// place later: who has the focus on “Pause” when a check ends must not press “Run it
// for real”.  And it keeps its key: pressed again, after a look, it is the same order.
function keepForms(region, next = region) {
  const key = region.querySelector("input[name=form_key]")?.value;
  if (key) next.querySelectorAll("input[name=form_key]").forEach((input) => input.setAttribute("value", key));
  for (const form of next.querySelectorAll("form"))
    form.setAttribute("id", `form:${form.getAttribute("action")}:${form.querySelector("input[name=what]")?.value ?? ""}`);
}

class LivePage {
  #region = document.getElementById("live");
  #switch = document.getElementById("live-switch");
  #note = document.getElementById("live-note");
  #trouble = document.getElementById("trouble");
  #announcer = new Announcer(this.#region.dataset);
  #lanes;
  #timer;
  #due = 0;
  #delay = FASTEST_MS;
  #busy = false;
  #ended = false;

  constructor() {
    this.#lanes = new Lanes(this.#region.dataset.job, {
      moved: (status) => this.#soon(status.finished_at ? 0 : FASTEST_MS),
      away: () => this.#say("The server does not answer. Trying again by itself; nothing is lost."),
      back: () => this.#say(""),
      ended: () => this.#sessionEnded(),
    });
    this.#region.querySelectorAll("noscript").forEach((element) => element.remove());
    keepForms(this.#region);
    this.#switch.addEventListener("change", () => (this.#switch.checked ? this.refresh() : this.#unplan()));
    document.addEventListener("visibilitychange", () => !document.hidden && this.#switch.checked && this.refresh());
    this.#follow();
  }

  #say(text) {
    if (this.#ended) return;
    this.#trouble.replaceChildren();
    if (!text) return;
    const box = document.createElement("div");
    box.className = "notice";
    box.textContent = text;
    this.#trouble.append(box);
  }

  #sessionEnded() {
    if (this.#ended) return;
    this.#ended = true;
    this.#lanes.stop();
    this.#unplan();
    this.#trouble.replaceChildren(sessionEndedNotice(location.pathname));
  }

  // Is there anything left to follow?  If so work on it, and look again.
  #follow() {
    const { waiting, lanes } = this.#region.dataset;
    document.getElementById("live-bar").hidden = waiting === undefined;
    if (waiting === undefined) return this.#lanes.stop();
    this.#note.textContent = "You may close this page: nothing is lost, and the batch goes on from here when you come back.";
    if (!this.#lanes.active) this.#lanes.start(Number(lanes));
    this.#soon(this.#delay);
  }

  // Looks again in `ms`, or earlier if that was planned already.  A plan that
  // comes due while a look is under way is dropped: that look plans the next.
  #soon(ms) {
    if (this.#ended || !this.#switch.checked || document.hidden) return;
    const due = performance.now() + ms;
    if (this.#timer && this.#due <= due) return;
    this.#unplan();
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.refresh();
    }, ms);
  }

  #unplan() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async refresh() {
    if (this.#busy || this.#ended) return;
    this.#unplan();
    this.#busy = true;
    try {
      const page = await this.#fetch();
      if (this.#switch.checked) this.#show(page); // it may have been switched off meanwhile
    } catch {
      this.#delay = SLOWEST_MS; // the lanes say what is the matter
    }
    this.#busy = false;
    if (!this.#ended) this.#follow();
  }

  async #fetch() {
    const address = new URL(location.href);
    address.searchParams.delete("go");
    address.searchParams.delete("work");
    address.hash = "";
    const reply = await fetch(address, { credentials: "same-origin", signal: untilLost() });
    if (reply.redirected && new URL(reply.url).pathname.endsWith("/login")) return this.#sessionEnded();
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    return new DOMParser().parseFromString(await reply.text(), "text/html");
  }

  #show(page) {
    const next = page?.getElementById("live");
    if (!next) return;
    next.querySelectorAll("noscript").forEach((element) => element.remove());
    const moved = next.dataset.done !== this.#region.dataset.done || next.dataset.status !== this.#region.dataset.status;
    this.#delay = moved ? FASTEST_MS : Math.min(SLOWEST_MS, this.#delay * 1.5);
    keepForms(this.#region, next);
    Idiomorph.morph(this.#region, next, { morphStyle: "outerHTML" });
    this.#region = document.getElementById("live");
    document.title = page.title;
    document.body.dataset.csrf = page.body.dataset.csrf;
    this.#announcer.tell(this.#region.dataset);
  }
}

export const startLivePage = () => new LivePage();
