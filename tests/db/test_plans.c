/* What a batch reads grows with its items and no faster, though the server believes that its tables are empty: so it is on
 * a new site, where the statistics come after the first large batch. */
#include "jobs.h"

#define SMALL 240
#define LARGE (4 * SMALL)
#define IN_CHUNKS "\"chunk_size\":100"
#define STAGES 8
#define READS_MAX 150 /* an item */

static const char *const grown[] = { "scheduled_events", "event_resources",  "event_history", "busy",	       "busy_plan",	   "calendars",
				     "batch_job_items",	 "batch_item_errors", "batch_chunks",  "batch_item_nodes", "batch_item_links", "undo_rows",
				     "batch_decisions",	 "batch_places" };

/* --- items: number `i` of so many that begin at `from` -------------------------------------------------- */

#define ITEM struct site *site, int64_t from, int64_t i, int64_t count

/* Eight a day in each venue: what a look at a day reads is always the same. */
static char *event(struct site *site, int64_t place, const char *more)
{
	return event_json(site, 1 + place % CONTENTS, place / VENUES * 180, 30, text_of(site, ",\"resources\":[%d]%s", 1 + (int)(place % VENUES), more));
}

static char *plain(ITEM)
{
	(void)count;
	return event(site, from + i, text_of(site, ",\"client_id\":\"e%lld\"", (long long)(from + i)));
}

/* At the place of a plain one. */
static char *taken(ITEM)
{
	(void)count;
	return event(site, from + i, "");
}

static char *linked(ITEM)
{
	const char *needs = i < count / STAGES ? "" : text_of(site, ",\"depends_on\":[\"n%lld\"]", (long long)(i - count / STAGES));
	return event(site, from + i, text_of(site, ",\"id\":\"n%lld\"%s", (long long)i, needs));
}

static char *bad(ITEM)
{
	(void)count;
	return event_json(site, 999999, from + i, 30, "");
}

static char *change(ITEM)
{
	(void)count;
	return text_of(site, "{\"selector\":{\"client_id\":\"e%lld\"},\"values\":{\"title\":\"Changed\"}}", (long long)(from + i));
}

static const char *begins(struct site *site, int64_t place)
{
	return at_minute(site, place / VENUES * 180);
}

/* The first stands for all of them. */
static char *query(ITEM)
{
	return i ? NULL : text_of(site, "{\"selector\":{\"query\":{\"starts_after\":\"%s\",\"starts_before\":\"%s\"}},\"values\":{\"priority\":1}}",
				  begins(site, from), begins(site, from + count));
}

typedef char *item_fn(ITEM);

static char *list_from(struct site *site, item_fn *item, int64_t from, int64_t count)
{
	struct str out = STR_INIT;
	char *one;
	for (int64_t i = 0; i < count && (one = item(site, from, i, count)); i++)
		str_addf(&out, "%s%s", i ? "," : "[", one);
	str_addc(&out, ']');
	return kept_text(site, &out);
}

static void take_statistics(struct site *site)
{
	for (size_t i = 0; i < sizeof grown / sizeof grown[0]; i++)
		lines(site, "ssss", "ANALYZE TABLE {%s}", grown[i]);
}

/* As they are where nothing ever was. */
static void freeze_statistics(struct site *site)
{
	for (size_t i = 0; i < sizeof grown / sizeof grown[0]; i++) {
		sql(site, "TRUNCATE {%s}", grown[i]);
		sql(site, "ALTER TABLE {%s} STATS_AUTO_RECALC = 0", grown[i]);
	}
	take_statistics(site);
}

static void thaw_statistics(struct site *site)
{
	for (size_t i = 0; i < sizeof grown / sizeof grown[0]; i++)
		sql(site, "ALTER TABLE {%s} STATS_AUTO_RECALC = DEFAULT", grown[i]);
}

/* --- what is done with a batch after it -------------------------------------------------------------------- */

static void retry(struct site *site, int64_t id)
{
	assert_done(&site->one, batch_retry(&site->one, id, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, id);
}

static void decide(struct site *site, int64_t id)
{
	struct decide_report report;
	struct decide_request skip = { .alike.action = ON_CONFLICT_SKIP, .like_ordinal = -1 };
	assert_done(&site->one, batch_decide(&site->one, id, &skip, &report));
	run_batch(site, id);
}

static void create_ready(struct site *site, int64_t id)
{
	struct batch_options options = options_of(site, JOB_CREATE, "{" IN_CHUNKS "}");
	struct job job;
	assert_done(&site->one, batch_create_from_evaluation(&site->one, id, &options, NULL, &job));
	run_batch(site, job.id);
}

static const struct kind {
	const char *name;
	enum job_type type;
	const char *options;
	item_fn *item;
	bool meets_stored;   /* plain events are there before */
	void (*then)(struct site *site, int64_t id);
	const char *ends;    /* the state of LARGE items */
} kinds[] = {
	{ "create, undone", JOB_CREATE, "{" IN_CHUNKS "}", plain, false, run_undo, "undone: 960 undone" },
	{ "create, linked, undone", JOB_CREATE, "{" IN_CHUNKS "}", linked, false, run_undo, "undone: 960 undone" },
	{ "create, failing, again", JOB_CREATE, "{" IN_CHUNKS "}", bad, false, retry, "failed: 960 failed" },
	{ "create, atomic, undone", JOB_CREATE, "{" IN_CHUNKS ",\"atomic\":true}", plain, false, run_undo, "undone: 960 undone" },
	{ "create, checked before", JOB_CREATE, "{" IN_CHUNKS ",\"validate_before_execute\":true}", plain, false, NULL, "succeeded: 960 succeeded" },
	{ "create, conflicts, decided", JOB_CREATE, "{" IN_CHUNKS ",\"on_conflict\":\"ask\"}", taken, true, decide, "succeeded: 960 skipped" },
	{ "create, replacing, undone", JOB_CREATE, "{" IN_CHUNKS ",\"on_conflict\":\"replace\"}", taken, true, run_undo, "undone: 960 undone" },
	{ "update, undone", JOB_UPDATE, "{" IN_CHUNKS "}", change, true, run_undo, "undone: 960 undone" },
	{ "update by query, undone", JOB_UPDATE, "{" IN_CHUNKS "}", query, true, run_undo, "undone: 960 undone" },
	{ "evaluate, then create", JOB_EVALUATE, "{" IN_CHUNKS "}", plain, false, create_ready, "succeeded: 960 succeeded" },
};

/* Rows read for each item. */
static double reads(struct site *site, const struct kind *kind, int64_t from, int64_t count, const char **ends_out)
{
	const char *body = list_from(site, kind->item, from, count);
	if (kind->meets_stored)
		new_run(site, JOB_CREATE, "{" IN_CHUNKS ",\"conflict_window_s\":0}", list_from(site, plain, from, count));
	int64_t before = rows_touched(&site->one);
	int64_t id = new_run(site, kind->type, kind->options, body);
	if (kind->then)
		kind->then(site, id);
	double read = (double)(rows_touched(&site->one) - before) / (double)count;
	*ends_out = status_line(site, id);
	return read;
}

static void reading_grows_with_the_items_alone(void **state)
{
	struct site *site = *state;
	int64_t transaction_items_max = site->config.transaction_items_max;
	bool is_mysql = number(site, "SELECT VERSION() NOT LIKE '%%MariaDB%%'");
	freeze_statistics(site);
	site->config.transaction_items_max = SMALL / 4; /* atomic batches are held back */
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const char *ends;
		int64_t from = (int64_t)i * 100000;
		/* MySQL reads a table that it takes for empty as a whole, even for a list of keys; what it knows after
		 * the first batch does for it. */
		if (is_mysql) {
			reads(site, &kinds[i], from + 70000, SMALL, &ends);
			take_statistics(site);
		}
		double small = reads(site, &kinds[i], from + 50000, SMALL, &ends), large = reads(site, &kinds[i], from, LARGE, &ends);
		print_message("    %-28s %5.1f rows an item of %d, %5.1f of %d\n", kinds[i].name, small, SMALL, large, LARGE);
		assert_string_equal(ends, kinds[i].ends);
		if (large > 1.5 * small || large > READS_MAX)
			fail_msg("%s: %.1f rows an item of %d, %.1f of %d", kinds[i].name, small, SMALL, large, LARGE);
	}
	thaw_statistics(site);
	site->config.transaction_items_max = transaction_items_max;
}

int main(void)
{
	const struct CMUnitTest cases[] = { CASE(reading_grows_with_the_items_alone) };
	return cmocka_run_group_tests_name("plans", cases, site_open, site_close);
}
