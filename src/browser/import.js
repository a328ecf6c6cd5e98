// The page of a new batch: dropping files, a look at the first rows of one or the
// list of several, and sending larger ones in slices.
import Papa from "papaparse";
import { SessionEnded, base } from "./api.js";
import { FileList } from "./files.js";
import { Upload } from "./upload.js";

const SLICED_FROM_BYTES = 100 * 1000;
const PREVIEW_ROWS = 4;

const form = document.getElementById("import");
const input = document.getElementById("f-file");
const drop = document.getElementById("drop");
const preview = document.getElementById("preview");

form.querySelectorAll(".js-only").forEach((element) => (element.hidden = false));

const make = (tag, words, props = {}) => Object.assign(document.createElement(tag), words === undefined ? {} : { textContent: words }, props);

// --- errors -----------------------------------------------------------------

function showProblem(message) {
  document.getElementById("problem")?.remove();
  const box = make("div", undefined, { className: "problem", id: "problem", tabIndex: -1 });
  const list = make("ul");
  const item = make("li");
  item.append(make("a", message, { href: "#f-file" }));
  list.append(item);
  box.setAttribute("role", "alert");
  box.append(make("h2", "There is a problem"), list);
  form.before(box);
  box.focus();
  if (!document.title.startsWith("Error: ")) document.title = `Error: ${document.title}`;
}

// --- the first rows ---------------------------------------------------------

function columnNotes(columns) {
  const known = (form.dataset.columns ?? "").split(" ");
  const required = (form.dataset.required ?? "").split(" ").filter(Boolean);
  const unknown = columns.filter((name) => !known.includes(name.trim()));
  const missing = required.filter((names) => !names.split("|").some((name) => columns.includes(name)));
  const notes = [];
  if (missing.length > 0) notes.push(`Missing: ${missing.map((names) => names.replaceAll("|", " or ")).join(", ")}.`);
  if (unknown.length > 0) notes.push(`Not known: ${unknown.join(", ")}.`);
  return notes.join(" ");
}

function previewTable(rows) {
  const table = make("table");
  const head = table.createTHead().insertRow();
  const body = table.createTBody();
  rows[0].forEach((name) => head.append(make("th", name, { scope: "col" })));
  rows.slice(1, PREVIEW_ROWS + 1).forEach((row) => {
    const line = body.insertRow();
    row.forEach((cell) => (line.insertCell().textContent = cell));
  });
  const box = make("div", undefined, { className: "scroll", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "First rows of the file");
  box.append(table);
  return box;
}

// What is no text at all is told before it is sent; the rest is the server's to judge.
let refusal = "";
function refusalOf(file, start) {
  if (file.size === 0) return "The selected file is empty";
  const isBinary = /^(PK\u0003\u0004|%PDF)/.test(start) || start.includes("\0");
  return isBinary ? "The selected file must be a CSV, JSON or NDJSON file: save a spreadsheet as “CSV UTF-8” first" : "";
}

// Of several files a list; of one its first rows.
let list = null;
let turn = 0; // some browsers tell a change that a script made, others don't
let isRemoving = false;
async function showFiles(files, mine = (turn += 1)) {
  const starts = await Promise.all(files.map((file) => file.slice(0, 1024).text()));
  if (mine !== turn) return;
  const refusals = files.map((file, index) => refusalOf(file, starts[index]));
  if (refusals.every(Boolean)) refusal = `No file can be read. ${files[0].name}: ${refusals[0]}`;
  list = new FileList(files, refusals, (index) => {
    const rest = new DataTransfer();
    files.forEach((file, each) => each !== index && rest.items.add(file));
    isRemoving = true;
    input.files = rest.files;
    showPreview();
  });
  if (isRemoving) document.querySelector("#files h2").focus();
  isRemoving = false;
}

async function showPreview() {
  const [file, ...more] = input.files;
  const mine = (turn += 1);
  preview.replaceChildren();
  FileList.clear();
  list = null;
  refusal = "";
  if (!file) return;
  if (more.length > 0) return showFiles([file, ...more], mine);
  if (isRemoving) input.focus();
  isRemoving = false;
  const start = await file.slice(0, 32 * 1024).text();
  if (mine !== turn) return;
  refusal = refusalOf(file, start);
  if (refusal) {
    preview.append(make("p", refusal, { className: "error" }));
    return;
  }
  preview.append(make("p", `${file.name}, ${Math.ceil(file.size / 1000).toLocaleString("en")} kB`, { className: "hint" }));
  if (/^\s*[[{]/.test(start)) return;
  const { data } = Papa.parse(start, { preview: PREVIEW_ROWS + 1, skipEmptyLines: true });
  if (data.length === 0) return;
  const notes = columnNotes(data[0]);
  if (notes) preview.append(make("p", notes, { className: "error" }));
  preview.append(previewTable(data));
}

input.addEventListener("change", showPreview);
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files.length === 0 || input.disabled) return;
  input.files = event.dataTransfer.files;
  showPreview();
});

// --- sending ----------------------------------------------------------------

function options(submitter) {
  const value = (name) => form.elements[name]?.value ?? "";
  const isEvaluation = form.dataset.operation === "evaluate";
  return {
    ...(value("label") ? { label: value("label") } : {}),
    ...(isEvaluation ? {} : { on_conflict: value("on_conflict"), atomic: form.elements.atomic?.checked ?? false, dry_run: submitter?.value !== "now" }),
  };
}

// What can't be cut into slices goes as the form it is.
let isWhole = false;
function sendWhole(submitter) {
  setBusy(false);
  isWhole = true;
  form.requestSubmit(submitter);
  isWhole = false;
}

// What is being sent can't be chosen anew.
function setBusy(isBusy) {
  input.disabled = isBusy;
  if (isBusy) form.setAttribute("aria-busy", "true");
  else form.removeAttribute("aria-busy");
}

async function send(files, submitter) {
  const resume = form.dataset.resume;
  setBusy(true);
  if (files.length > 1 && !list) await showFiles(files); // quicker than the look at them
  const upload = new Upload(files, list);
  try {
    const job = resume ? await upload.resume(resume) : await upload.create(form.dataset.operation, options(submitter), form.elements.form_key.value);
    if (job === null) sendWhole(submitter);
    else location.assign(`${base()}/jobs/${job}`);
  } catch (error) {
    const next = `/bulk/new?operation=${form.dataset.operation}${error.job || resume ? `&resume=${error.job || resume}` : ""}`;
    upload.failed(error, next);
    if (!error.job && !resume) await showPreview(); // nothing was sent: each can be removed again
    if (!(error instanceof SessionEnded)) showProblem(error.message);
  }
  setBusy(false);
}

form.addEventListener("submit", (event) => {
  const files = [...input.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (isWhole) return;
  if (form.getAttribute("aria-busy")) return event.preventDefault();
  if (refusal) {
    event.preventDefault();
    return showProblem(refusal);
  }
  if (form.dataset.resume && files.length === 0) {
    event.preventDefault();
    return showProblem("Choose the file that the upload began with");
  }
  if (bytes < SLICED_FROM_BYTES && !form.dataset.resume) return;
  event.preventDefault();
  send(files, event.submitter);
});
