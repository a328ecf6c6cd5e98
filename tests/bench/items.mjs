// The items of a benchmark: what a site with 2,000 contents, 150 venues and 150
// people schedules in half-hour slots. Number g always gives the same item, so
// runs compare; different numbers don't collide, but for about 0.5 % that are
// meant to (a venue taken twice, another version of a content too near).

export const CONTENTS = 2000, VERSIONS = 4, VENUES = 150, PEOPLE = 150;
const SLOT_S = 1800, SLOTS_A_DAY = 48, DAYS = 90;
const WINDOW = VENUES * SLOTS_A_DAY * DAYS; // items before the next 90 days begin
const FIRST_DAY = Date.UTC(2030, 0, 7) / 1000;
const titles = ["Newsletter", "Yoga class", "Training plan", "Course unit", "Concert", "Guided tour", "Workshop",
  "Product page", "Press release", "Match"];
const types = ["publish", "training", "booking", "training", "publish"];

// Spreads 0..n-1 over 0..n-1 without order; `step` has no factor in common with n.
const spread = (value, step, n) => (value * step) % n;
const hash = (value) => Math.imul(value ^ 0x5bd1e995, 2654435761) >>> 8;

function placeOf(g) {
  const slots = SLOTS_A_DAY * DAYS;
  const slot = spread(Math.floor((g % WINDOW) / VENUES), 1571, slots);
  const day = Math.floor(slot / SLOTS_A_DAY) + DAYS * Math.floor(g / WINDOW);
  return { venue: g % VENUES, day, start: FIRST_DAY + day * 86400 + (slot % SLOTS_A_DAY) * SLOT_S };
}

export function item(g) {
  const taken = g % 400 === 399; // wants the place of the one before
  const { venue, day, start } = placeOf(taken ? g - 1 : g);
  const content = hash(g) % CONTENTS;
  // Later events have later versions: an older one after a newer one is warned of, which is a row more.
  const version = 1 + Math.min(VERSIONS - 2, day >> 5) + (g % 211 === 7 ? 1 : 0);
  const event = {
    content_id: content + 1, version_no: version, schedule_type: types[content % types.length],
    title: `${titles[content % titles.length]} ${content}, part ${g}`,
    starts_at: new Date(start * 1000).toISOString().replace(".000", ""), duration_s: SLOT_S,
    resources: [venue + 1],
  };
  if (g % 2) event.client_id = `site-${g}`;
  else event.assignees = [VENUES + 1 + (venue * 7 + 3) % PEOPLE];
  return event;
}

// Bookings need a venue and half of them a person (2.5 rows of busy an event);
// publications are contents in versions alone (1 row).
export function* items(first, count, shape = "bookings") {
  for (let g = first; g < first + count; g++) {
    const { resources, assignees, ...publication } = item(g);
    yield shape === "bookings" ? item(g) : publication;
  }
}

export const ndjson = (list) => Array.from(list, (each) => JSON.stringify(each)).join("\n") + "\n";

// JSON lists of at most `bytes` bytes, and how many items each holds.
export function* slices(list, bytes) {
  let parts = [], size = 2;
  for (const each of list) {
    const text = typeof each === "string" ? each : JSON.stringify(each);
    if (size + text.length + 1 > bytes) {
      yield { body: `[${parts.join(",")}]`, count: parts.length };
      parts = [], size = 2;
    }
    parts.push(text);
    size += text.length + 1;
  }
  if (parts.length) yield { body: `[${parts.join(",")}]`, count: parts.length };
}

const sqlTime = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

// The same events as rows of scheduled_events, for LOAD DATA.
export const LOAD_COLUMNS = "client_id, content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s," +
  " payload_hash, next_due_at, created_by, origin_job_id, origin_ordinal";
export function* loadRows(first, count, job) {
  for (const [n, event] of Array.from(items(first, count)).entries()) {
    const start = Date.parse(event.starts_at) / 1000;
    yield [event.client_id ?? "\\N", event.content_id, event.version_no, event.schedule_type, event.title, sqlTime(start),
      sqlTime(start + event.duration_s), event.duration_s, hash(first + n) * 7919, sqlTime(start), 1, job, n].join("\t");
  }
}
