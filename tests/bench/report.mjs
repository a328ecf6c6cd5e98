// Collects rounds, makes the rows of the table, prints them and result.json.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { VAR, median, sql } from "./tools.mjs";

export class Report {
  constructor(items, rounds) {
    Object.assign(this, { items, rounds, measured: {}, rows: [], load: loadavg()[0] });
  }

  keep(name, figures) {
    (this.measured[name] ??= []).push(figures);
  }

  // Items a second of the present round, for progress lines.
  latest() {
    return Object.entries(this.measured)
      .map(([name, list]) => `${name} ${Math.round(list.at(-1).items / list.at(-1).seconds)}/s`).join(", ");
  }

  rate(name) {
    return median(this.measured[name].map((each) => each.items / each.seconds));
  }

  // Of one round's own neighbours, then the median: drift cancels out.
  ratio(name, base) {
    return median(this.measured[name].map((each, n) => {
      const other = this.measured[base][n];
      return each.items / each.seconds / (other.items / other.seconds);
    }));
  }

  cpu(name) {
    const list = this.measured[name];
    return median(list.map((each) => ((each.server_cpu ?? 0) + (each.own_cpu ?? 0)) / each.items)) * 1e6;
  }

  row(name, figure, unit, { ratio = null, target = null, met = null, cpu = null, cpuRatio = null } = {}) {
    this.rows.push({ name, figure, unit, cpu_us_per_item: cpu, cpu_ratio: cpuRatio, ratio, target, met });
  }

  // A rate beside another one's; `target` is the least ratio.
  rateRow(label, name, base, target) {
    if (!this.measured[name]) return;
    const ratio = this.ratio(name, base), cpu = this.cpu(name);
    const unit = this.measured[name][0].p50_us ? "requests/s" : "items/s";
    this.row(label, Math.round(this.rate(name)), unit, {
      ratio: Number(ratio.toFixed(3)), target: target ? `>= ${target} of ${base}` : null,
      met: target ? ratio >= target : null, cpu: Math.round(cpu) || null,
      cpuRatio: cpu ? Number((this.cpu(base) / cpu).toFixed(3)) : null,
    });
  }

  // A quotient per item or chunk; `most` is the target.
  perRow(label, name, value, unit, most) {
    if (!this.measured[name]) return;
    const figure = median(this.measured[name].map(value));
    this.row(label, Number(figure.toPrecision(3)), unit, { target: most ? `<= ${most}` : null, met: most ? figure <= most : null });
  }

  engineRows() {
    this.rateRow("LOAD DATA INFILE, the same keys", "load", "load", null);
    this.rateRow("bulkCreate, chunks, publications", "publications", "load", 0.3);
    this.rateRow("bulkCreate, chunks, bookings", "create", "load", 0.3);
    this.rateRow("bulkCreate, HTTP, publications, 1 lane", "http_publications", "load", 0.22);
    this.rateRow("bulkCreate, HTTP, publications, 3 lanes", "http_publications_3_lanes", "load", 0.22);
    this.rateRow("bulkCreate, HTTP, bookings, 1 lane", "http_1_lane", "load", 0.22);
    this.rateRow("bulkCreate, HTTP, bookings, 3 lanes", "http_3_lanes", "load", 0.22);
    this.rateRow("bulkUpdate, chunk work", "update", "create", 0.9);
    this.rateRow("undo of a bulkCreate, chunk work", "undo", "create", 0.6);
    this.rateRow("bulkEvaluate, chunks, publications", "evaluate_publications", "load", 0.45);
    this.rateRow("bulkEvaluate, chunks, bookings", "evaluate", "load", 0.45);
    this.perRow("create: statements", "create", (each) => each.statements / each.items, "an item", 0.016);
    this.perRow("create: redo", "create", (each) => each.redo / each.items, "bytes an item", 600);
    this.perRow("create: writes of the log (commits)", "create", (each) => each.log_writes / each.chunks, "a chunk", 1);
    this.perRow("create: syncs, log and data files", "create", (each) => each.syncs / each.chunks, "a chunk", null);
    this.perRow("create: items refused", "create", (each) => (100 * (each.conflict + each.failed)) / each.items, "%", null);
  }

  peerRows() {
    this.rateRow("PHP PDO loop on one warm core, 1,000 a tx", "pdo", "load", null);
    this.rateRow("PHP PDO loop on one warm core, autocommit", "pdo_autocommit", "load", null);
    this.rateRow("bulkCreate, chunks, bookings, on that core", "create_one_core", "load", null);
    this.timesRow("bulkCreate there against PDO in transactions", "create_one_core", "pdo", 7);
    this.timesRow("bulkCreate there against PDO, autocommit", "create_one_core", "pdo_autocommit", 20);
    this.rateRow("hello world, FastCGI, same server", "hello", "hello", null);
    this.rateRow("status poll", "poll", "hello", 0.4);
    this.perRow("CGI, start to first byte, health", "cgi_health", (each) => each.p50_us / 1000, "ms", 2);
    this.perRow("CGI, start to first byte, status", "cgi_poll", (each) => each.p50_us / 1000, "ms", 2);
  }

  timesRow(label, name, base, least) {
    if (!this.measured[name] || !this.measured[base]) return;
    const ratio = Number(this.ratio(name, base).toFixed(1));
    this.row(label, ratio, "times", { ratio, target: least && `>= ${least}`, met: least && ratio >= least });
  }

  laneRows() {
    for (const lanes of [2, 4, 8]) this.timesRow(`${lanes} lanes against 1`, `lanes_${lanes}`, "lanes_1", 0.85);
    this.timesRow("50 ms away, 5 lanes against 1", "far_5", "far_1", null);
    this.timesRow("50 ms away, 0.1 s a request, 5 against 1", "far_short_5", "far_short_1", null);
    this.timesRow("50 ms away, 20 ms a request, 5 against 1", "far_tranche_5", "far_tranche_1", 3);
    this.perRow("the same, 5 lanes: the machine was idle", "far_tranche_5", (each) => 100 * each.idle, "%", null);
    this.perRow("the same, 1 lane: the machine was idle", "far_tranche_1", (each) => 100 * each.idle, "%", null);
    this.fairRow();
    const [backlog] = this.measured.backlog ?? [];
    if (!backlog) return;
    for (const [name, label] of [["advance_ms", "advance, claim to end"], ["tick_ms", "tick, found by turn"], ["poll_ms", "status poll"]]) {
      const ratio = Number((backlog.many[name] / backlog.few[name]).toFixed(2));
      this.row(`one item, ${label}, 10 open`, Number(backlog.few[name].toFixed(2)), "ms");
      this.row(`the same, ${backlog.jobs} open, ${backlog.itemRows} item rows`, Number(backlog.many[name].toFixed(2)), "ms", { ratio });
    }
  }

  fairRow() {
    for (const { items, waits, driven } of this.measured.fairness ?? []) {
      const worst = Number(Math.max(...waits).toFixed(2));
      const beside = driven ? ", its lanes in every process" : "";
      this.row(`one item beside another's ${items}${beside}, the longest of ${waits.length} waits`, worst, "s", { target: "< 2", met: worst < 2 });
    }
  }

  // The dearest rule of those that go on, and of those that have no day.
  recurrenceRows() {
    const [cost] = this.measured.recurrence ?? [];
    if (!cost) return;
    const ns = Math.round(cost.occurrence_ns), ms = Number((cost.impossible_ns / 1e6).toPrecision(2));
    this.row("recurrence, the dearest of 15 rules", ns, "ns an occ.", { target: "<= 250", met: ns <= 250 });
    this.row("recurrence, the dearest of 12 without a day", ms, "ms", { target: "<= 3", met: ms <= 3 });
  }

  conflictRows() {
    const [cost] = this.measured.conflicts ?? [];
    if (!cost) return;
    const row = (name, seconds, most) => this.row(name, Number(seconds.toPrecision(2)), "s", { target: `<= ${most}`, met: seconds <= most });
    row("conflicts, 10,000 proposals against 200,000 stored, 500 calendars", cost.uniform_s, 0.2);
    row("the same, all on one calendar", cost.hot_s, 0.2);
    this.row(`100,000 equal proposals, ${cost.equal_found} pairs counted`, Number(cost.equal_s.toPrecision(2)), "s");
    this.row("100,000 equal proposals, each moved to the next free time", Number(cost.shifted_s.toPrecision(2)), "s");
  }

  millionRows() {
    const [million] = this.measured.million ?? [];
    if (!million) return;
    const { items, marks } = million;
    this.row(`${items} items over HTTP, ingest`, Math.round(items / million.ingest), "items/s");
    this.row(`${items} items over HTTP, 3 lanes, work`, Math.round(items / million.worked), "items/s");
    const peak = Math.max(...million.peaks) / 1024;
    this.row("peak RSS of a process over them", Number(peak.toFixed(2)), "MiB", { target: "<= 8", met: peak <= 8 });
    const rate = (from, to) => (to[0] - from[0]) / (to[1] - from[1]);
    const tenth = Math.floor(marks.length / 10);
    if (tenth < 1) return;
    const ratio = Number((rate(marks.at(-1 - tenth), marks.at(-1)) / rate(marks[0], marks[tenth])).toFixed(2));
    this.row("rate of the last tenth against the first", ratio, "", { ratio, target: ">= 0.8", met: ratio >= 0.8 });
  }

  async settings() {
    const names = ["version", "innodb_flush_log_at_trx_commit", "innodb_buffer_pool_size", "innodb_log_file_size"];
    const [values] = await sql(`SELECT ${names.map((name) => `@@${name}`).join()}, (SELECT COUNT(*) FROM tr_scheduled_events)`);
    return { ...Object.fromEntries(names.map((name, n) => [name, values[n]])), events_stored: Number(values[names.length]) };
  }

  lines(settings) {
    const text = (value) => (value === null ? "" : value === true ? "yes" : value === false ? "no" : String(value));
    const line = (a, b, c, d, e, f, g, h) =>
      `${a.padEnd(42)} ${b.padStart(9)} ${c.padEnd(13)} ${d.padStart(7)} ${e.padStart(7)} ${f.padStart(7)}  ${g.padEnd(16)} ${h}`;
    return [
      ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
      `${this.items} items a round, medians of ${this.rounds} rounds in turn`,
      `load average ${this.load.toFixed(1)} at the beginning, ${loadavg()[0].toFixed(1)} now`,
      "`cpu µs`, the database's and our own, are for an item; `by cpu` is the ratio of those", "",
      line("", "figure", "unit", "cpu µs", "by cpu", "ratio", "target", "met"),
      ...this.rows.map((row) => line(row.name, ...[row.figure, row.unit, row.cpu_us_per_item, row.cpu_ratio, row.ratio,
        row.target, row.met].map(text))),
    ];
  }

  async print() {
    this.engineRows();
    this.peerRows();
    this.laneRows();
    this.recurrenceRows();
    this.conflictRows();
    this.millionRows();
    const settings = await this.settings();
    console.log(this.lines(settings).join("\n"));
    const all = { at: new Date().toISOString(), settings, rows: this.rows, measured: this.measured };
    writeFileSync(`${VAR}/result.json`, JSON.stringify(all, null, 1));
  }
}
