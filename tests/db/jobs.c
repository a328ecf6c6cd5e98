/* Batches for tests. */
#include "jobs.h"

#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "batch/options.h"
#include "db/text.h"

#define RUN_MAX_MS 120000

/* --- bytes ----------------------------------------------------------------------- */

static long read_body(void *user, char *buffer, size_t size)
{
	struct body *body = user;
	size_t left = body->len - body->at;
	if (body->breaks_at && body->at >= body->breaks_at)
		return -1;
	size_t len = left < size ? left : size;
	if (body->step && len > body->step)
		len = body->step;
	if (body->breaks_at && len > body->breaks_at - body->at)
		len = body->breaks_at - body->at;
	memcpy(buffer, body->text + body->at, len);
	body->at += len;
	return (long)len;
}

struct byte_source body_source(struct body *body)
{
	if (!body->len)
		body->len = strlen(body->text);
	return (struct byte_source){ read_body, body };
}

/* --- events as JSON ------------------------------------------------------------------ */

char *event_json(struct site *site, int64_t content, int64_t minute, int64_t minutes, const char *more)
{
	return text_of(site, "{\"content_id\":%lld,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":%lld%s}",
		       (long long)content, at_minute(site, minute), (long long)minutes * 60, more);
}

char *day_event(struct site *site, int64_t day, const char *more)
{
	return event_json(site, 1 + day % CONTENTS, day * 1440, 30, more);
}

char *day_events(struct site *site, int64_t count, const char *(*more)(struct site *site, int64_t i))
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[", day_event(site, i, more(site, i)));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

char *list_of(struct site *site, const char *first, ...)
{
	struct str out = STR_INIT;
	va_list ap;
	str_addc(&out, '[');
	va_start(ap, first);
	for (const char *item = first; item; item = va_arg(ap, const char *))
		str_addf(&out, "%s%s", out.len > 1 ? "," : "", item);
	va_end(ap);
	str_addc(&out, ']');
	return kept_text(site, &out);
}

char *many_events(struct site *site, int64_t count)
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s{\"content_id\":%lld,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":1800,"
			       "\"client_id\":\"e-%lld\",\"resources\":[%lld]}",
			 i ? "," : "[", (long long)(1 + i % CONTENTS), at_minute(site, i / VENUES * 30), (long long)i,
			 (long long)(1 + i % VENUES));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

/* --- batches ---------------------------------------------------------------------------- */

struct batch_options options_of(struct site *site, enum job_type type, const char *json)
{
	struct batch_options options;
	struct issues issues = { .arena = site->one.arena };
	options_default(&site->config, &options);
	if (json) {
		const json_t *object = json_read(site->one.arena, json, strlen(json), &site->one.fail);
		if (!object || !options_read(object, type, &options, &issues))
			fail_msg("options %s: %s", json, issues.count ? issues.list[0].message : "no JSON");
	}
	return options;
}

int64_t append(struct site *site, int64_t job, int64_t offset, enum ingest_format format, const char *text)
{
	struct body body = { .text = text };
	struct ingest_report report;
	assert_done(&site->one, batch_append(&site->one, job, offset, format, body_source(&body), &report));
	return report.accepted;
}

int64_t batch_new(struct site *site, enum job_type type, const char *options, const char *body)
{
	struct job job;
	struct batch_options read = options_of(site, type, options);
	assert_done(&site->one, batch_create(&site->one, type, &read, NULL, &job));
	append(site, job.id, 0, INGEST_JSON, body);
	assert_done(&site->one, batch_start(&site->one, job.id));
	return job.id;
}

void run_batch(struct site *site, int64_t job)
{
	static const struct timespec moment = { .tv_nsec = 2000000 };
	struct advance_report report = { 0 };
	for (int64_t until_ms = monotonic_ms() + RUN_MAX_MS; !report.is_terminal && monotonic_ms() < until_ms;) {
		assert_done(&site->one, batch_advance(&site->one, job, 20000, &report));
		if (report.found_nothing && !report.is_terminal)
			nanosleep(&moment, NULL);
	}
	assert_true(report.is_terminal);
}

void run_undo(struct site *site, int64_t job)
{
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
}

int64_t new_run(struct site *site, enum job_type type, const char *options, const char *body)
{
	int64_t job = batch_new(site, type, options, body);
	run_batch(site, job);
	return job;
}

bool claim(struct ctx *ctx, const struct job *job, struct chunk *chunk, bool *mine_out)
{
	struct lane lane;
	*mine_out = false;
	if (!lane_find(ctx, job, &lane, NULL))
		return false;
	return lane.number < 0 || chunk_claim(ctx, job, chunk, &lane, mine_out);
}

void begin_chunk(struct site *site, int64_t id, struct job *job, struct chunk *held)
{
	struct chunk list[CANDIDATES_MAX];
	size_t count;
	bool mine;
	assert_done(&site->two, job_get(&site->two, id, job));
	assert_done(&site->two, chunks_poll(&site->two, job, list, &count));
	*held = list[0];
	assert_done(&site->two, claim(&site->two, job, held, &mine));
	assert_true(mine);
}

void advance_once(struct ctx *ctx, int64_t job)
{
	struct advance_report report;
	assert_done(ctx, batch_advance(ctx, job, ONE_STEP, &report));
}

int64_t event_of(struct site *site, int64_t job, int64_t ordinal)
{
	return number(site, "SELECT event_id FROM {batch_job_items} WHERE job_id = %lld AND ordinal = %lld", (long long)job,
		      (long long)ordinal);
}

int64_t stored(struct site *site, int64_t content, int64_t minute, int64_t minutes, const char *more)
{
	int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, content, minute, minutes, more), NULL));
	assert_string_equal(told(site, job), "0 succeeded\n");
	return event_of(site, job, 0);
}

/* --- results in words ---------------------------------------------------------------------- */

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static void tell_detail(struct site *site, struct str *out, const char *detail)
{
	const json_t *object = json_read(site->look.arena, detail, strlen(detail), &site->look.fail), *entry;
	size_t i;
	if (!object)
		fail_msg("no JSON: %s", detail);
	json_array_foreach(json_object_get(object, "errors"), i, entry)
		str_addf(out, "; %s %s: %s", member(entry, "code"), member(entry, "pointer"), member(entry, "message"));
	json_array_foreach(json_object_get(object, "conflicts"), i, entry) {
		const json_t *event = json_object_get(entry, "event_id"), *item = json_object_get(entry, "ordinal");
		const json_t *restriction = json_object_get(entry, "restriction_id");
		if (restriction) {
			str_addf(out, "; %s %s by restriction %lld", member(entry, "kind"), member(entry, "severity"),
				 (long long)json_integer_value(restriction));
			continue;
		}
		str_addf(out, "; %s %s with %s %lld", member(entry, "kind"), member(entry, "severity"), event ? "event" : "item",
			 (long long)json_integer_value(event ? event : item));
	}
	json_array_foreach(json_object_get(object, "warnings"), i, entry)
		str_addf(out, "; warning %s: %s", member(entry, "code"), member(entry, "message"));
}

const char *told(struct site *site, int64_t job_id)
{
	struct job job;
	struct item_result *items;
	struct str out = STR_INIT;
	size_t count;
	assert_done(&site->one, batch_results(&site->one, job_id, -1, -1, 1000, &job, &items, &count));
	for (size_t i = 0; i < count; i++) {
		str_addf(&out, "%lld %s", (long long)items[i].ordinal, outcome_name(items[i].outcome));
		if (items[i].verdict != VERDICT_NONE)
			str_addf(&out, " %s", verdict_name(items[i].verdict));
		if (items[i].detail)
			tell_detail(site, &out, items[i].detail);
		str_addc(&out, '\n');
	}
	return kept_text(site, &out);
}

const char *stages_told(struct site *site, int64_t job)
{
	return lines(site, "ii", "SELECT ordinal, stage FROM {batch_item_nodes} WHERE job_id = %lld ORDER BY 1", (long long)job);
}

const char *status_line(struct site *site, int64_t job_id)
{
	struct batch_status status;
	struct str out = STR_INIT;
	int64_t sum = 0;
	assert_done(&site->one, batch_status(&site->one, job_id, &status));
	str_addf(&out, "%s:", job_state_name(status.job.state));
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		sum += status.counts.by_outcome[i];
		assert_true(status.counts.by_outcome[i] >= 0);
		if (status.counts.by_outcome[i])
			str_addf(&out, " %lld %s", (long long)status.counts.by_outcome[i], outcome_name((enum outcome)i));
	}
	assert_int_equal(sum, status.job.total);
	return kept_text(site, &out);
}

int64_t rows_touched(struct ctx *ctx)
{
	struct db_rows rows;
	int64_t sum = 0;
	/* MySQL has no such table, and MariaDB no other. */
	assert_done(ctx, db_text_query(db_text_begin(ctx->db, "SHOW SESSION STATUS LIKE 'Handler_read%'"), "si", ctx->arena, &rows, &ctx->fail));
	for (size_t i = 0; i < rows.count; i++)
		sum += db_int(&rows, i, 1);
	return sum;
}

/* --- the domain as text ------------------------------------------------------------------------ */

#define MINUTE_OF(seconds) "(" seconds " - 1893456000) DIV 60"

const char *events_told(struct site *site)
{
	return lines(site, "s",
		     "SELECT CONCAT(content_id, ' v', version_no, ' ', TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at), '+',"
		     " duration_s DIV 60, ' ', status, ' r', row_version) FROM {scheduled_events} ORDER BY starts_at, content_id, id");
}

const char *busy_told(struct site *site)
{
	return lines(site, "s",
		     "SELECT CONCAT(calendar_kind, ' ', calendar_id, ' ', " MINUTE_OF("start_utc") ", '-', " MINUTE_OF("end_utc")
		     ", ' v', version_no) FROM {busy} ORDER BY calendar_kind, calendar_id, start_utc, event_id");
}

/* Each write bumps the calendars it touches; one that makes new calendars may bump the others twice. */
void calendars_mark(struct site *site)
{
	sql(site, "UPDATE {calendars} SET ver = 0");
}

const char *calendars_told(struct site *site)
{
	return lines(site, "iisi", "SELECT kind, ref_id, IF(ver > 0, 'bumped', 'still'), max_duration_s FROM {calendars} ORDER BY kind, ref_id");
}

const char *domain_seen(struct site *site)
{
	const char *events = lines(site, "s",
				   "SELECT CONCAT_WS(' ', id, client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,"
				   " duration_s, timezone, local_start, recurrence, until_at, exdates, rdates, overrides, expanded_through,"
				   " conditions, misfire, grace_s, attributes, priority, status,"
				   " payload_hash, superseded_by, next_due_at, created_by, origin_job_id, origin_ordinal) FROM {scheduled_events}"
				   " ORDER BY id");
	const char *places = lines(site, "s", "SELECT CONCAT_WS(' ', event_id, resource_id, role) FROM {event_resources} ORDER BY 1");
	const char *busy = lines(site, "s",
				 "SELECT CONCAT_WS(' ', calendar_kind, calendar_id, day, start_utc, event_id, local_start, end_utc,"
				 " version_no, hard) FROM {busy} ORDER BY 1");
	return text_of(site, "%s%s%s", events, places, busy);
}

const char *domain_sum(struct site *site)
{
	return lines(site, "si", "CHECKSUM TABLE {scheduled_events}, {event_resources}, {event_occurrences}, {busy}, {calendars},"
				 " {contents}, {content_versions}, {resources}, {restrictions}, {undo_rows}");
}

#define RECURS "(e.recurrence IS NOT NULL OR COALESCE(JSON_LENGTH(e.rdates), 0) > 0)"
/* When everything happens that takes part in conflicts. */
#define OCCURRENCES                                                                                                    \
	"SELECT e.id, e.content_id, e.version_no, TIMESTAMPDIFF(SECOND, '1970-01-01', e.starts_at) AS start_utc,"         \
	" TIMESTAMPDIFF(SECOND, '1970-01-01', e.ends_at) AS end_utc, TIMESTAMPDIFF(SECOND, '1970-01-01', e.starts_at) AS name" \
	" FROM {scheduled_events} e WHERE e.status IN ('draft', 'scheduled', 'processing', 'completed') AND NOT " RECURS              \
	" UNION ALL SELECT e.id, e.content_id, o.version_no, o.start_utc, o.end_utc, o.local_start FROM {event_occurrences} o"  \
	" JOIN {scheduled_events} e ON e.id = o.event_id WHERE o.is_busy = 1"                                            \
	" AND e.status IN ('draft', 'scheduled', 'processing', 'completed')"

void assert_domain_whole(struct site *site)
{
	/* What an event needs stands in busy, and nothing else does. */
	assert_int_equal(number(site,
				"SELECT COUNT(*) FROM {busy} b LEFT JOIN (" OCCURRENCES ") e ON e.id = b.event_id AND b.start_utc = e.start_utc"
				" AND b.end_utc = e.end_utc AND b.version_no = e.version_no AND b.local_start = e.name"
				" LEFT JOIN {event_resources} r ON r.event_id = b.event_id AND r.resource_id = b.calendar_id"
				" WHERE e.id IS NULL OR b.day <> b.start_utc DIV 86400 OR IF(b.calendar_kind = 1,"
				" b.calendar_id <> e.content_id, r.event_id IS NULL)"), 0);
	assert_int_equal(number(site,
				"SELECT (SELECT COUNT(*) FROM {busy}) - (SELECT COUNT(*) FROM (" OCCURRENCES ") e)"
				" - (SELECT COUNT(*) FROM {event_resources} r JOIN (" OCCURRENCES ") e ON e.id = r.event_id"
				" WHERE e.end_utc > e.start_utc)"), 0);
	/* What recurs has occurrences, and nothing else does. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences} o LEFT JOIN {scheduled_events} e ON e.id = o.event_id"
				      " WHERE e.id IS NULL OR NOT " RECURS), 0);
	/* Where any two meet, two that follow each other do. */
	assert_int_equal(number(site,
				"SELECT COUNT(*) FROM (SELECT b.start_utc, LAG(b.end_utc) OVER (PARTITION BY b.calendar_id ORDER BY b.start_utc)"
				" AS taken FROM {busy} b"
				" JOIN {resources} r ON r.id = b.calendar_id AND r.capacity = 1 AND (r.overlap = 'hard' OR r.kind = 'person')"
				" WHERE b.calendar_kind = 2 AND b.end_utc > b.start_utc) x WHERE x.taken > x.start_utc"), 0);
}
