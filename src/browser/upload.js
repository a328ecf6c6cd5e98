// Sends a file slice by slice.  Every slice is stored or not, and may be sent
// twice; what has arrived is remembered here and on the server, so an upload
// that broke off goes on when the same file is chosen again.
import { Away, SessionEnded, backoff, call, sessionEndedNotice, wait } from "./api.js";
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

export class Upload {
  #file;
  #panel = document.getElementById("upload");
  #line = document.getElementById("upload-line");
  #percent = document.getElementById("upload-percent");
  #bar = document.getElementById("upload-bar");

  constructor(file) {
    this.#file = file;
  }

  #show(position, received, note = "") {
    const percent = Math.min(99, Math.floor((100 * position) / this.#file.size));
    this.#panel.hidden = false;
    this.#bar.value = percent;
    this.#percent.textContent = `${percent} %`;
    this.#line.textContent = note || `${number(received)} rows have arrived`;
  }

  // Repeats a call until the server answers it.
  async #insist(method, path, body, type, key) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await call(method, path, body, type, key);
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        this.#line.textContent = "The server does not answer. Trying again by itself; nothing is lost.";
        await wait(error.retryAfterMs || backoff(failures));
      }
    }
  }

  async #send(job, slicer, state) {
    slicer.position = state.position;
    this.#show(state.position, state.received);
    while (!slicer.done) {
      const body = await slicer.next();
      const reply = await this.#insist("POST", `/batch/${job}/items?offset=${state.received}`, body, slicer.type);
      Object.assign(state, { position: slicer.position, received: reply.received });
      remember(job, state);
      this.#show(state.position, state.received);
    }
    await this.#insist("POST", `/batch/${job}/start`);
    forget(job);
  }

  // One batch for a form, a file and what was chosen, however often it is sent;
  // one that was given up is begun anew.
  async #make(formKey, order) {
    const { name, size, lastModified } = this.#file;
    const key = `${formKey}-${fingerprint([name, size, lastModified, order])}`;
    const make = (each) => this.#insist("POST", "/batch", JSON.stringify(order), undefined, each);
    const made = await make(key);
    return made.status === "cancelled" ? make(`${key}-${Date.now()}`) : made;
  }

  // A new batch of this file; null when it is better sent whole.  Resolves to
  // the batch's number once it has started.
  async create(type, options, formKey) {
    const slicer = await slicerFor(this.#file);
    if (!slicer) return null;
    const { name, size, lastModified } = this.#file;
    const { id, status } = await this.#make(formKey, { type, options });
    if (status !== "receiving") return id;
    try {
      await this.#send(id, slicer, { name, size, lastModified, position: 0, received: 0 });
    } catch (error) {
      if (!(error instanceof SessionEnded)) await call("POST", `/batch/${id}/cancel`, "{}").catch(() => {});
      throw Object.assign(error, { job: id });
    }
    return id;
  }

  async resume(job) {
    const state = recall(job);
    const { name, size, lastModified } = this.#file;
    if (!state) throw new Error("The upload began in another browser. Go on with it there, or start the batch with what has arrived.");
    if (state.name !== name || state.size !== size || state.lastModified !== lastModified)
      throw new Error(`This is not the file that the upload began with: that was ${state.name}, ${number(state.size)} bytes.`);
    await this.#send(job, await slicerFor(this.#file), state);
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
