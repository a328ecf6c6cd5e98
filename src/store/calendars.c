/* Calendars: locks and probes. */
#include "store/calendars.h"

#include <stdlib.h>

#include "base/ids.h"
#include "db/db.h"
#include "db/text.h"

#define DAY_S 86400
/* A thousand items with a hundred resources each for a month have millions of
 * days; then it is several statements, none of them beyond a host's packet. */
#define DAYS_PER_STATEMENT 20000

static void key_list(struct db_text *text, const struct calendar_key *list, size_t count, enum calendar_kind kind)
{
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		if (list[i].kind != kind)
			continue;
		db_text_lit(text, first ? "" : ",");
		db_text_i64(text, list[i].id);
		first = false;
	}
	if (first)
		db_text_lit(text, "NULL"); /* matches nothing */
}

/* Calendars whose longest event grows; or all, when some are missing: one that
 * another process makes at this moment must be bumped too. */
static bool upsert(struct ctx *ctx, const struct calendar_key *list, size_t count, bool all)
{
	bool any = false;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {calendars} (kind, ref_id, ver, max_duration_s) VALUES ");
	for (size_t i = 0; i < count; i++) {
		if (!all && list[i].longest_s <= list[i].known_longest_s)
			continue;
		any = true;
		db_text_row(text);
		db_text_i64(text, list[i].kind);
		db_text_i64(text, list[i].id);
		db_text_i64(text, 1);
		db_text_i64(text, list[i].longest_s);
		db_text_end_row(text);
	}
	db_text_lit(text, " ON DUPLICATE KEY UPDATE max_duration_s = GREATEST(max_duration_s, VALUES(max_duration_s))");
	db_text_lit(text, all ? ", ver = ver + 1" : "");
	return !any || db_text_exec(text, NULL, &ctx->fail);
}

bool calendars_lock(struct ctx *ctx, const struct calendar_key *list, size_t count)
{
	int64_t bumps;
	return calendars_lock_counted(ctx, list, count, &bumps);
}

bool calendars_lock_counted(struct ctx *ctx, const struct calendar_key *list, size_t count, int64_t *bumps_out)
{
	int64_t found = 0;
	*bumps_out = 1;
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {calendars} SET ver = ver + 1 WHERE kind = 1 AND ref_id IN (");
	key_list(text, list, count, CALENDAR_CONTENT);
	db_text_lit(text, ") OR kind = 2 AND ref_id IN (");
	key_list(text, list, count, CALENDAR_RESOURCE);
	db_text_lit(text, ")");
	if (!db_text_exec(text, &found, &ctx->fail))
		return false;
	*bumps_out = found < (int64_t)count ? 2 : 1;
	return upsert(ctx, list, count, found < (int64_t)count);
}

/* Days that one statement looks at. */
struct range {
	const struct calendar_day *days;
	size_t count;
};

/* Those of one kind of calendar; they are sorted by kind. */
static struct range of_kind(struct range range, enum calendar_kind kind)
{
	while (range.count && range.days[0].kind < kind) {
		range.days++;
		range.count--;
	}
	while (range.count && range.days[range.count - 1].kind > kind)
		range.count--;
	return range;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A day's first and last start, both within it. */
static int64_t first_start(const struct calendar_day *day)
{
	return later(day->from_utc, day->day * DAY_S);
}

static int64_t last_start(const struct calendar_day *day)
{
	return earlier(day->to_utc, day->day * DAY_S + DAY_S - 1);
}

/* To read a number costs the server half as much as to go down the key with it,
 * so most looks are sent as one: calendar and first start.  They all end as long
 * after it as the longest of them does, which is little (measured: 9.7 instead
 * of 13.3 ms for 2,850 looks). */
#define PACKED_SPAN_S 7200
#define PACKED_ID_MAX INT32_MAX
#define PACKING "4294967296"

static bool is_packed(const struct calendar_day *day)
{
	int64_t first = first_start(day);
	return last_start(day) - first <= PACKED_SPAN_S && day->id <= PACKED_ID_MAX && first >= 0 && first <= UINT32_MAX;
}

/* A table of (calendar and first start), or (calendar, first start, last start). */
static void list_days(struct db_text *text, struct range range, bool packed)
{
	db_text_lit(text, packed ? " (v) AS (" : " (c, lo, hi) AS (");
	db_text_values(text);
	for (size_t i = 0; i < range.count; i++) {
		const struct calendar_day *day = &range.days[i];
		if (is_packed(day) != packed)
			continue;
		db_text_row(text);
		db_text_i64(text, packed ? (day->id << 32) + first_start(day) : day->id);
		if (!packed) {
			db_text_i64(text, first_start(day));
			db_text_i64(text, last_start(day));
		}
		db_text_end_row(text);
	}
	db_text_lit(text, ")");
}

/* How many there are, and how long after its first start the last of any is. */
static size_t count_days(struct range range, bool packed, int64_t *span_out)
{
	size_t count = 0;
	*span_out = 0;
	for (size_t i = 0; i < range.count; i++) {
		if (is_packed(&range.days[i]) != packed)
			continue;
		count++;
		*span_out = later(*span_out, last_start(&range.days[i]) - first_start(&range.days[i]));
	}
	return count;
}

/* How one kind of calendar is looked at, in what is stored and in a plan; `shared`
 * is the list of days where both are looked at on the same. */
static const struct look {
	enum calendar_kind kind;
	bool planned, packed;
	const char *with, *from, *shared;
} looks[] = {
	{ CALENDAR_CONTENT, false, true, "p1", " FROM p1 p STRAIGHT_JOIN ", NULL },
	{ CALENDAR_CONTENT, false, false, "w1", " FROM w1 p STRAIGHT_JOIN ", NULL },
	{ CALENDAR_CONTENT, true, true, "q1", " FROM q1 p STRAIGHT_JOIN ", " FROM p1 p STRAIGHT_JOIN " },
	{ CALENDAR_CONTENT, true, false, "x1", " FROM x1 p STRAIGHT_JOIN ", " FROM w1 p STRAIGHT_JOIN " },
	{ CALENDAR_RESOURCE, false, true, "p2", " FROM p2 p STRAIGHT_JOIN ", NULL },
	{ CALENDAR_RESOURCE, false, false, "w2", " FROM w2 p STRAIGHT_JOIN ", NULL },
	{ CALENDAR_RESOURCE, true, true, "q2", " FROM q2 p STRAIGHT_JOIN ", " FROM p2 p STRAIGHT_JOIN " },
	{ CALENDAR_RESOURCE, true, false, "x2", " FROM x2 p STRAIGHT_JOIN ", " FROM w2 p STRAIGHT_JOIN " },
};
#define LOOK_COUNT (sizeof(looks) / sizeof(looks[0]))

/* The times first: servers check all of this again for each row of the day, in
 * this order, and of most rows nothing but the time is wrong. */
static void on_days(struct db_text *text, bool packed, int64_t span_s)
{
	if (!packed) {
		db_text_lit(text, "b.start_utc BETWEEN p.lo AND p.hi AND b.day = p.lo DIV 86400 AND b.calendar_id = p.c");
		return;
	}
	db_text_lit(text, "b.start_utc - p.v MOD " PACKING " BETWEEN 0 AND ");
	db_text_i64(text, span_s);
	db_text_lit(text, " AND b.day = p.v MOD " PACKING " DIV 86400 AND b.calendar_id = p.v DIV " PACKING);
}

/* One join of the listed days with a table of intervals, for the plan of a job
 * or for what is stored, without what that plan has moved. */
static void select_days(struct db_text *text, const struct look *look, const struct probe *probe, int64_t span_s, const char *tail)
{
	bool planned = look->planned;
	db_text_lit(text, "(SELECT b.calendar_kind, b.calendar_id, b.start_utc, b.end_utc, b.version_no, ");
	db_text_lit(text, planned ? "-1 - b.ordinal, b.start_utc" : "b.event_id, b.local_start");
	db_text_lit(text, planned && !probe->plan_days ? look->shared : look->from);
	db_text_lit(text, planned ? "{busy_plan}" : "{busy}");
	db_text_lit(text, " b ON ");
	on_days(text, look->packed, span_s);
	db_text_lit(text, " AND b.calendar_kind = ");
	db_text_i64(text, look->kind);
	if (planned) {
		db_text_lit(text, " AND b.job_id = ");
		db_text_i64(text, probe->plan_job_id);
	} else if (probe->plan_moves) {
		db_text_lit(text, " AND NOT EXISTS (SELECT 1 FROM {busy_plan} m WHERE m.calendar_kind = 4"
			    " AND m.calendar_id = b.event_id AND m.job_id = ");
		db_text_i64(text, probe->plan_job_id);
		db_text_lit(text, ") AND NOT EXISTS (SELECT 1 FROM {busy_plan} m WHERE m.calendar_kind = 5 AND m.calendar_id = b.event_id"
			    " AND m.day = b.day AND m.start_utc = b.start_utc AND m.job_id = ");
		db_text_i64(text, probe->plan_job_id);
		db_text_lit(text, ")");
	}
	if (!planned && probe->held_job_id) {
		/* The old places of what this batch has moved already. */
		db_text_lit(text, " AND (b.local_start < 0 OR NOT EXISTS (SELECT 1 FROM {scheduled_events} s"
			    " WHERE s.shadow_of = b.event_id AND s.shadow_moves = 1 AND s.job_unpublished = ");
		db_text_i64(text, probe->held_job_id);
		db_text_lit(text, "))");
	}
	db_text_lit(text, tail);
}

/* What a statement looks at: at either list, or at one for both. */
struct span {
	struct range days, plan;
	bool is_first;
};

static void build_days(struct db_text *text, const struct probe *probe, const struct span *span, const char *tail)
{
	bool wanted[LOOK_COUNT];
	int64_t spans_s[LOOK_COUNT];
	const char *before = "WITH ";
	for (size_t i = 0; i < LOOK_COUNT; i++) {
		bool is_shared = looks[i].planned && !probe->plan_days;
		struct range range = of_kind(looks[i].planned && !is_shared ? span->plan : span->days, looks[i].kind);
		wanted[i] = (!looks[i].planned || probe->plan_job_id) && count_days(range, looks[i].packed, &spans_s[i]);
		if (!wanted[i] || is_shared)
			continue;
		db_text_lit(text, before);
		db_text_lit(text, looks[i].with);
		list_days(text, range, looks[i].packed);
		before = ", ";
	}
	before = " ";
	for (size_t i = 0; i < LOOK_COUNT; i++) {
		if (!wanted[i])
			continue;
		db_text_lit(text, before);
		select_days(text, &looks[i], probe, spans_s[i], tail);
		before = " UNION ALL ";
	}
}

/* The days, and with the first of them the longest events (rows with kind 0) of
 * calendars that may have changed since they were read. */
static void build_probe(struct db_text *text, const struct probe *probe, const struct span *span, const char *tail)
{
	bool has_days = span->days.count || span->plan.count;
	if (has_days)
		build_days(text, probe, span, tail);
	if (span->is_first && probe->calendar_count) {
		db_text_lit(text, has_days ? " UNION ALL " : "");
		db_text_lit(text, "(SELECT 0, k.ref_id, k.max_duration_s, k.restricted_until, 0, 0, 0 FROM {calendars} k"
			    " WHERE k.kind = 2 AND k.ref_id IN (");
		key_list(text, probe->calendars, probe->calendar_count, CALENDAR_RESOURCE);
		db_text_lit(text, ")");
		db_text_lit(text, tail);
	}
}

int64_t client_key(const char *client_id)
{
	return (int64_t)(hash64(client_id, strlen(client_id)) >> 1);
}

/* Where a calendar stands in the list, or their number. */
static size_t place_of(const struct probe *probe, enum calendar_kind kind, int64_t id)
{
	size_t low = 0, high = probe->calendar_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct calendar_key *key = &probe->calendars[middle];
		if (key->kind < kind || (key->kind == kind && key->id < id))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What a probe has found so far.  Not of the arena while it grows: a hot
 * calendar has many rows, and those that were outgrown would stay. */
struct found {
	const struct probe *probe;
	struct interval *list;
	size_t count, room;
	int64_t longest;
};

static void take_calendar(struct found *found, const struct db_value *row)
{
	const struct probe *probe = found->probe;
	int64_t longest = row[2].i, restricted_until = row[3].i;
	size_t at = place_of(probe, CALENDAR_RESOURCE, row[1].i);
	if (at == probe->calendar_count)
		return;
	if (longest > found->longest && longest > probe->calendars[at].longest_s)
		found->longest = longest;
	if (probe->restricted_until_out && restricted_until > *probe->restricted_until_out)
		*probe->restricted_until_out = restricted_until;
}

static void take_row(void *user, const struct db_value *row)
{
	struct found *found = user;
	int64_t kind = row[0].i, name = row[6].i;
	if (kind == 0) {
		take_calendar(found, row);
		return;
	}
	if (found->count == found->room) {
		found->room = found->room ? found->room + found->room / 2 : 64;
		found->list = realloc(found->list, found->room * sizeof(*found->list));
		if (!found->list)
			abort();
	}
	found->list[found->count++] = (struct interval){
		.kind = (enum calendar_kind)kind,
		.calendar_id = row[1].i,
		.start_utc = row[2].i,
		.end_utc = row[3].i,
		.version_no = (int32_t)row[4].i,
		.owner = row[5].i,
		.local_start = name < 0 ? -1 - name : name, /* of a shadow */
	};
}

static bool fetch_days(struct ctx *ctx, const struct span *span, struct found *found)
{
	const struct probe *probe = found->probe;
	/* READ COMMITTED reads the present; where that can't be had, a locking
	 * read does (the snapshot may be older than the calendars' lock). */
	const char *tail = probe->lock_reads && !db_reads_committed(ctx->db) ? " LOCK IN SHARE MODE)" : ")";
	struct db_text *text = db_text_begin(ctx->db, "");
	build_probe(text, probe, span, tail);
	return db_text_each(text, "iiiiiii", take_row, found, &ctx->fail);
}

static struct range take_range(struct range *left, size_t most)
{
	struct range taken = { left->days, left->count < most ? left->count : most };
	left->days += taken.count;
	left->count -= taken.count;
	return taken;
}

bool busy_fetch(struct ctx *ctx, const struct probe *probe, struct interval **rows_out, size_t *count_out,
		int64_t *longest_out)
{
	struct found found = { .probe = probe };
	struct range days = { probe->days, probe->day_count }, plan = { probe->plan_days, probe->plan_job_id ? probe->plan_day_count : 0 };
	struct span span = { .is_first = true };
	bool ok = true;
	while (ok && (days.count || plan.count || (span.is_first && probe->calendar_count))) {
		span.days = take_range(&days, DAYS_PER_STATEMENT);
		span.plan = take_range(&plan, DAYS_PER_STATEMENT - span.days.count);
		ok = fetch_days(ctx, &span, &found);
		span.is_first = false;
	}
	if (found.list)
		arena_defer(ctx->arena, free, found.list);
	*rows_out = found.list;
	*count_out = found.count;
	if (longest_out)
		*longest_out = found.longest;
	return ok;
}
