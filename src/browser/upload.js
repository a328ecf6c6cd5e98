// Sends files slice by slice, one after the other, into one batch.  Every slice
// is stored or not, and may be sent twice; what has arrived is remembered here
// and on the server, so an upload that broke off goes on when the same files are
// chosen again.  Of several files, one that is refused or cancelled takes
// nothing from the others.
import { Away, Refused, SessionEnded, backoff, call, sessionEndedNotice, wait } from "./api.js";
import { FileList } from "./files.js";
import { slicerFor } from "./slices.js";

const key = (job) => `tranche-upload-${job}`;
const number = (value) => value.toLocaleString("en");

const remember = (job, state) => {
  try {
    localStorage.setItem(key(job), JSON.stringify(state));
  } catch {
    /* a full or forbidden store only costs the resume */
  }
};
const recall = (job) => {
  try {
    return JSON.parse(localStorage.getItem(key(job)));
  } catch {
    return null;
  }
};
const forget = (job) => {
  try {
    localStorage.removeItem(key(job));
  } catch {
    /* nothing to forget */
  }
};

// Tells requests of one form from each other; no secret.
const fingerprint = (value) => {
  let hash = 0;
  for (const byte of new TextEncoder().encode(JSON.stringify(value))) hash = (Math.imul(hash, 31) + byte) >>> 0;
  return hash.toString(36);
};

const described = ({ name, size, lastModified }) => ({ name, size, lastModified });
const isSame = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
class Cancelled extends Error {}

export class Upload {
  #files;
  #list;
  #panel = document.getElementById("upload");
  #line = document.getElementById("upload-line");
  #percent = document.getElementById("upload-percent");
  #bar = document.getElementById("upload-bar");

  // `list` shows what becomes of each of several files (files.js), or null.
  constructor(files, list = null) {
    this.#files = [...files];
    this.#list = list;
  }

  #show(state, note = "") {
    const size = (files) => files.reduce((sum, file) => sum + file.size, 0);
    const sent = size(state.files.slice(0, state.at)) + state.position;
    const percent = Math.min(99, Math.floor((100 * sent) / size(state.files)));
    this.#panel.hidden = false;
    this.#bar.value = percent;
    this.#percent.textContent = `${percent} %`;
    if (note || state.files.length === 1) this.#line.textContent = note || `${number(state.received)} rows have arrived`;
    else this.#say(`${number(state.at)} of ${number(state.files.length)} files processed`);
  }

  // Said once, however often it holds.
  #say(words) {
    if (this.#line.textContent !== words) this.#line.textContent = words;
  }

  // Repeats a call until the server answers it.
  async #insist(method, path, body, type, key) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await call(method, path, body, type, key);
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        this.#panel.hidden = false;
        this.#line.textContent = "The server does not answer. Trying again by itself; nothing is lost.";
        await wait(error.retryAfterMs || backoff(failures));
      }
    }
  }

  async #post(path, body) {
    return this.#insist("POST", path, JSON.stringify(body));
  }

  async #slices(job, file, state) {
    const slicer = await slicerFor(file);
    if (!slicer) throw new Error("A file among several is a CSV, NDJSON or a JSON list: send this one by itself.");
    slicer.position = state.position;
    this.#show(state);
    while (!slicer.done) {
      if (this.#list?.isCancelled(state.at)) throw new Cancelled();
      const body = await slicer.next();
      const reply = await this.#insist("POST", `/batch/${job}/items?offset=${state.received}`, body, slicer.type);
      Object.assign(state, { position: slicer.position, received: reply.received });
      remember(job, state);
      this.#show(state);
      this.#list?.sending(state.at, Math.floor((100 * state.position) / file.size));
    }
    if (this.#list?.isCancelled(state.at)) throw new Cancelled(); // while the last slice was under way
  }

  // What has arrived of it goes; the reason stays with the batch.
  async #drop(job, state, error) {
    const { problem, message } = error;
    const why = error instanceof Cancelled ? { state: "cancelled" } : { state: "refused", message: message.slice(0, 400), ...(problem ? { code: problem.code } : {}) };
    while (!(await this.#post(`/batch/${job}/files/drop`, { file_no: state.begun, ...why })).done);
    state.received = state.first;
  }

  // One of several: begun, sent, or taken back with the reason.
  async #one(job, state) {
    const entry = state.files[state.at];
    if (this.#list.isCancelled(state.at)) return;
    this.#list.sending(state.at, Math.floor((100 * state.position) / (entry.size || 1)));
    if (state.position === 0) state.begun += 1;
    const { first_ordinal } = await this.#post(`/batch/${job}/files`, { file_no: state.begun, name: entry.name, bytes: entry.size });
    if (state.position === 0) Object.assign(state, { first: first_ordinal, received: first_ordinal });
    try {
      const refusal = this.#list.refusalOf(state.at);
      if (refusal) throw new Error(refusal);
      await this.#slices(job, this.#find(entry), state);
      this.#list.taken(state.at, state.received - state.first);
    } catch (error) {
      if (error instanceof SessionEnded) throw error;
      await this.#drop(job, state, error);
      if (error instanceof Cancelled) this.#list.cancelled(state.at);
      else this.#list.refused(state.at, error.message);
      this.refusals.push(`${entry.name}: ${error.message}`);
    }
  }

  refusals = [];

  #find = (entry) => this.#files.find((file) => isSame(file, entry));

  // From here on a file of the list is cancelled, not removed; retry: once more, behind the others.
  #begin(state) {
    this.#list?.begin(state.at, (index) => state.files.push(state.files[index]));
    return state;
  }

  // The answer may get lost, and the batch be far on, or at its end, when it is asked again.
  async #start(job) {
    try {
      await this.#insist("POST", `/batch/${job}/start`);
    } catch (error) {
      const now = error instanceof Refused ? await this.#insist("GET", `/batch/${job}`) : {};
      if (["receiving", "cancelled", undefined].includes(now.status)) throw error;
    }
  }

  async #send(job, state) {
    remember(job, state); // what the page is left with before the first answer can be gone on with, too
    for (; state.at < state.files.length; state.at += 1, state.position = 0) {
      if (this.#list) await this.#one(job, state);
      else await this.#slices(job, this.#find(state.files[0]), state);
      remember(job, { ...state, at: state.at + 1, position: 0 });
      this.#show(state);
    }
    this.#show(state);
    this.#list?.close();
    if (state.received === 0 && this.#list) throw new Error(this.refusals.join(" ") || "No file was sent");
    await this.#start(job);
    forget(job);
  }

  // One batch for a form, its files and what was chosen, however often it is
  // sent; one that was given up is begun anew.
  async #make(formKey, order) {
    const key = `${formKey}-${fingerprint([...this.#files.map(described), order])}`;
    const make = (each) => this.#insist("POST", "/batch", JSON.stringify(order), undefined, each);
    const made = await make(key);
    return made.status === "cancelled" ? make(`${key}-${Date.now()}`) : made;
  }

  // A new batch of these files; null when the one is better sent whole.
  // Resolves to the batch's number once it has started.
  async create(type, options, formKey) {
    if (!this.#list && !(await slicerFor(this.#files[0]))) return null;
    const state = this.#begin({ files: this.#files.map(described), at: 0, begun: 0, first: 0, position: 0, received: 0 });
    const { id, status } = await this.#make(formKey, { type, options });
    if (status !== "receiving") return id;
    try {
      await this.#send(id, state);
    } catch (error) {
      if (!(error instanceof SessionEnded)) {
        forget(id);
        await call("POST", `/batch/${id}/cancel`, "{}").catch(() => {});
      }
      throw Object.assign(error, { job: id });
    }
    return id;
  }

  async resume(job) {
    const state = recall(job);
    if (!state) throw new Error("The upload began in another browser. Go on with it there, or start the batch with what has arrived.");
    const missing = state.files.slice(state.at).filter((entry) => !this.#find(entry));
    const [{ name, size }] = missing.length > 0 ? missing : [{}];
    if (missing.length > 0 && state.files.length === 1)
      throw new Error(`This is not the file that the upload began with: that was ${name}, ${number(size)} bytes.`);
    if (missing.length > 0) throw new Error(`Choose the rest as well: ${missing.map((file) => file.name).join(", ")}.`);
    this.#list = state.files.length > 1 ? new FileList(state.files, [], () => {}) : null;
    await this.#send(job, this.#begin(state));
    return job;
  }

  failed(error, next) {
    if (error instanceof SessionEnded) {
      this.#panel.replaceChildren(sessionEndedNotice(next));
      return;
    }
    this.#panel.hidden = true;
  }
}
