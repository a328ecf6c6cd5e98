// The list of several chosen files: name, size, what becomes of each, and a
// button to remove, cancel or retry it.
const number = (value) => value.toLocaleString("en");
const kilobytes = (bytes) => `${number(Math.ceil(bytes / 1000))} kB`;
const make = (tag, words, props = {}) => Object.assign(document.createElement(tag), words === undefined ? {} : { textContent: words }, props);

export class FileList {
  #box = document.getElementById("files");
  #rows = [];
  #retry = null;

  // `remove(index)` takes one out before anything is sent.
  constructor(files, refusals, remove) {
    this.#box.replaceChildren(make("h2", `${number(files.length)} files, ${kilobytes(files.reduce((sum, file) => sum + file.size, 0))}`, { tabIndex: -1 }), make("ul"));
    files.forEach((file, index) => this.#add(file, refusals[index], () => remove(index)));
    this.#box.hidden = false;
  }

  static clear() {
    const box = document.getElementById("files");
    box.replaceChildren();
    box.hidden = true;
  }

  #add(file, refusal = "", act) {
    const row = { file, refusal, isCancelled: false, item: make("li"), state: make("span", refusal || "Ready", { className: refusal ? "error" : "state" }) };
    row.bar = make("progress", undefined, { max: 100, value: 0, hidden: true });
    row.bar.setAttribute("aria-label", `Upload of ${file.name}`);
    row.button = make("button", undefined, { type: "button", className: "link" });
    this.#name(row, "Remove", act);
    row.item.append(make("b", file.name), make("span", kilobytes(file.size), { className: "hint" }), row.state, row.button, row.bar);
    this.#box.querySelector("ul").append(row.item);
    this.#rows.push(row);
  }

  #name(row, verb, act) {
    row.button.replaceChildren(verb, make("span", ` ${row.file.name}`, { className: "vh" }));
    row.button.hidden = !act;
    row.button.onclick = act;
  }

  #say(row, words, className = "state") {
    Object.assign(row.state, { textContent: words, className });
  }

  // The button that had the focus has gone: the next one has it, or the heading.
  #end(row, words, className, retry) {
    const hadFocus = document.activeElement === row.button;
    row.bar.hidden = true;
    this.#say(row, words, className);
    this.#name(row, "Retry", retry);
    if (hadFocus && row.button.hidden)
      (this.#rows.find((each) => !each.button.hidden)?.button ?? this.#box.querySelector("h2")).focus();
  }

  // Those before `first` have been sent before; `again(index)` queues one once more.
  begin(first, again) {
    this.#retry = again;
    this.#rows.forEach((row, index) => {
      if (!row.refusal) this.#say(row, index < first ? "Sent before" : "Waiting");
      this.#name(row, "Cancel", index < first ? null : () => this.#cancel(index));
    });
  }

  #cancel(index) {
    const row = this.#rows[index];
    row.isCancelled = true;
    if (row.bar.hidden) this.cancelled(index); // it has not begun
    else this.#say(row, "Cancelling…");
  }

  #again(index) {
    const { file } = this.#rows[index];
    this.#end(this.#rows[index], "Sent once more below", "state");
    this.#add(file);
    const row = this.#rows.at(-1);
    this.#say(row, "Waiting");
    this.#name(row, "Cancel", () => this.#cancel(this.#rows.indexOf(row)));
    row.button.focus();
    this.#retry(index);
  }

  // All are through: what is pressed now would come too late.
  close() {
    this.#rows.forEach((row) => this.#name(row, "Retry", null));
  }

  isCancelled = (index) => this.#rows[index].isCancelled;
  refusalOf = (index) => this.#rows[index].refusal;

  sending(index, percent) {
    const row = this.#rows[index];
    row.bar.hidden = false;
    row.bar.value = percent;
    if (!row.isCancelled) this.#say(row, `Sending: ${percent} %`);
  }

  taken(index, items) {
    this.#end(this.#rows[index], `${number(items)} ${items === 1 ? "row" : "rows"} taken`, "state");
  }

  refused(index, message) {
    this.#end(this.#rows[index], `Not taken: ${message}`, "error");
  }

  cancelled(index) {
    this.#end(this.#rows[index], "Cancelled: nothing of it is kept", "state", () => this.#again(index));
  }
}
