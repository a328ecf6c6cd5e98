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

  row(name, figure, unit, { ratio = null, target = null, met = null, cpu = null } = {}) {
    this.rows.push({ name, figure, unit, cpu_us_per_item: cpu, ratio, target, met });
  }

  // A rate beside another one's; `target` is the least ratio.
  rateRow(label, name, base, target) {
    if (!this.measured[name]) return;
    const ratio = this.ratio(name, base);
    this.row(label, Math.round(this.rate(name)), "items/s", {
      ratio: Number(ratio.toFixed(3)), target: target ? `>= ${target} of ${base}` : null,
      met: target ? ratio >= target : null, cpu: Math.round(this.cpu(name)),
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
    this.rateRow("bulkCreate, chunk work", "create", "load", 0.3);
    this.rateRow("bulkUpdate, chunk work", "update", "create", 0.9);
    this.rateRow("bulkEvaluate, chunk work", "evaluate", "load", 0.45);
    this.perRow("create: statements", "create", (each) => each.statements / each.items, "per item", 0.016);
    this.perRow("create: redo", "create", (each) => each.redo / each.items, "bytes per item", 600);
    this.perRow("create: syncs of the log and files", "create", (each) => each.syncs / each.chunks, "per chunk", null);
    this.perRow("create: items in conflict", "create", (each) => (100 * each.conflict) / each.items, "%", null);
  }

  async settings() {
    const names = ["version", "innodb_flush_log_at_trx_commit", "innodb_buffer_pool_size", "innodb_log_file_size"];
    const [values] = await sql(`SELECT ${names.map((name) => `@@${name}`).join()}, (SELECT COUNT(*) FROM tr_scheduled_events)`);
    return { ...Object.fromEntries(names.map((name, n) => [name, values[n]])), events_stored: Number(values[names.length]) };
  }

  async print() {
    this.engineRows();
    const settings = await this.settings();
    const text = (value) => (value === null ? "" : String(value));
    const line = (a, b, c, d, e, f, g) => `${a.padEnd(44)} ${b.padStart(9)} ${c.padEnd(14)} ${d.padStart(7)} ${e.padStart(7)}  ${f.padEnd(18)} ${g}`;
    console.log(Object.entries(settings).map(([name, value]) => `${name} = ${value}`).join("\n"));
    console.log(`${this.items} items a round, medians of ${this.rounds} rounds in turn; load average ${this.load.toFixed(1)} at the beginning, ${loadavg()[0].toFixed(1)} now\n`);
    console.log(line("", "figure", "unit", "cpu µs", "ratio", "target", "met"));
    for (const row of this.rows)
      console.log(line(row.name, text(row.figure), row.unit, text(row.cpu_us_per_item), text(row.ratio), text(row.target), row.met === null ? "" : row.met ? "yes" : "no"));
    writeFileSync(`${VAR}/result.json`, JSON.stringify({ at: new Date().toISOString(), settings, rows: this.rows, measured: this.measured }, null, 1));
  }
}
