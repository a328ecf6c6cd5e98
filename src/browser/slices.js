// Cuts a file into slices of whole rows, each small enough for any host.  Works
// on bytes, so that what is wrong with them is found by the server and not
// hidden here.  The same file is always cut in the same places: a slice that is
// sent again is the same slice.

export const SLICE_BYTES = 96 * 1024;

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const text = (value) => new TextEncoder().encode(value);

// A byte order mark stands before the text and is none of it.
const markLength = (bytes) => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
const isOpening = (byte) => byte === 0x5b || byte === 0x7b;
const isClosing = (byte) => byte === 0x5d || byte === 0x7d;

// Where the last whole row ends at or before the end of `bytes`; 0 if none does.
function lastRowEnd(bytes, delimiter) {
  let end = 0;
  let quoted = false;
  let atStart = true;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (quoted) {
      if (byte === QUOTE && bytes[i + 1] === QUOTE) i += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE && atStart) {
      quoted = true;
    } else if (byte === NEWLINE) {
      end = i + 1;
    }
    atStart = !quoted && (byte === delimiter || byte === NEWLINE);
  }
  return end;
}

// Where the last whole element ends, and what the brackets say about the list.
function lastElementEnd(bytes) {
  let end = 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (quoted) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) {
      quoted = true;
    } else if (isOpening(byte)) {
      depth += 1;
    } else if (isClosing(byte)) {
      if (depth === 0) return { end: i, closed: true };
      depth -= 1;
    } else if (byte === COMMA && depth === 0) {
      end = i;
    }
  }
  return { end, closed: false };
}

class Slicer {
  constructor(file, type) {
    this.file = file;
    this.type = type;
    this.position = 0;
  }

  async bytes(from, to) {
    return new Uint8Array(await this.file.slice(from, to).arrayBuffer());
  }

  get done() {
    return this.position >= this.file.size;
  }

  // Reads from the position on, more and more, until `cut` finds a place.
  async grow(cut) {
    for (let size = SLICE_BYTES; ; size *= 2) {
      const to = Math.min(this.position + size, this.file.size);
      const bytes = await this.bytes(this.position, to);
      const end = to === this.file.size ? bytes.length : cut(bytes);
      if (end > 0 || to === this.file.size) return bytes.subarray(0, end);
    }
  }
}

class LineSlicer extends Slicer {
  async next() {
    const body = await this.grow((bytes) => bytes.lastIndexOf(NEWLINE) + 1);
    this.position += body.length;
    return body;
  }
}

class CsvSlicer extends Slicer {
  #header = null;
  #delimiter = COMMA;

  async #readHeader() {
    const start = await this.bytes(0, SLICE_BYTES);
    const line = start.subarray(0, start.indexOf(NEWLINE) + 1 || start.length);
    const count = (byte) => line.filter((each) => each === byte).length;
    this.#delimiter = [COMMA, 0x3b, 0x09].sort((a, b) => count(b) - count(a))[0];
    this.#header = line.slice(markLength(line));
  }

  async next() {
    if (!this.#header) await this.#readHeader();
    const rows = await this.grow((bytes) => lastRowEnd(bytes, this.#delimiter));
    const body = this.position === 0 ? rows : new Blob([this.#header, rows]);
    this.position += rows.length;
    return body;
  }
}

// A list, or the list that is the first member, "items", of an object.
class ListSlicer extends Slicer {
  #start;
  #tail;

  constructor(file, opening, mark) {
    super(file, "application/json");
    this.#start = mark + text(opening).length;
    this.#tail = opening.includes("{") ? /^\]\s*\}\s*$/ : /^\]\s*$/;
  }

  // Behind the opening bracket, or behind the comma of the last element.
  async #skip() {
    if (this.position === 0) {
      this.position = this.#start;
      return;
    }
    const bytes = await this.bytes(this.position, this.position + 1);
    if (bytes[0] === COMMA) this.position += 1;
  }

  // What the list's closing bracket is followed by would get lost.
  async #close(at) {
    const rest = await this.file.slice(at, at + 1024).text();
    if (!this.#tail.test(rest)) throw new Error("The file goes on after its list of events. Send just the list.");
    this.position = this.file.size;
  }

  async next() {
    await this.#skip();
    const bytes = await this.grow((some) => lastElementEnd(some).end);
    const { end, closed } = lastElementEnd(bytes);
    const isLast = this.position + bytes.length === this.file.size;
    const elements = closed ? bytes.subarray(0, end) : bytes;
    if (closed) await this.#close(this.position + end);
    else this.position += bytes.length;
    // A list that never closes is sent as it is: the server says so.
    return new Blob(isLast && !closed ? [text("["), elements] : [text("["), elements, text("]")]);
  }
}

// A slicer for the file, or null for one that is better sent whole.
export async function slicerFor(file) {
  const bytes = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  const mark = markLength(bytes);
  const start = new TextDecoder().decode(bytes); // without the mark
  const list = start.match(/^\s*(\{\s*"items"\s*:\s*)?\[/);
  if (/\.(ndjson|jsonl)$/i.test(file.name)) return new LineSlicer(file, "application/x-ndjson");
  if (list) return new ListSlicer(file, list[0], mark);
  if (/^\s*\{/.test(start)) return null;
  return new CsvSlicer(file, "text/csv");
}
