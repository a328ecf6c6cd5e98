/* Random rules against the slow reference (recurrence_reference.h). */
#include "base/clock.h"
#include "rules/recurrence.h"
#include "recurrence_reference.h"
#include "support.h"

#define RULES 800        /* RULES=… in the environment for more */
#define LIST_MAX 60      /* compared */
#define DAY 86400

/* --- random rules --------------------------------------------------------------- */

static void add_values(struct str *text, uint64_t *seed, const char *name, int min, int max, bool negative)
{
	int count = 1 + (int)test_below(seed, 4);

	str_addf(text, ";%s=", name);
	for (int i = 0; i < count; i++) {
		int value = min + (int)test_below(seed, max - min + 1);

		str_addf(text, "%s%d", i ? "," : "", negative && test_below(seed, 2) ? -value : value);
	}
}

static void add_weekdays(struct str *text, uint64_t *seed, bool numbers, int most)
{
	static const char *const names[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
	int count = 1 + (int)test_below(seed, 4);

	str_adds(text, ";BYDAY=");
	for (int i = 0; i < count; i++) {
		str_adds(text, i ? "," : "");
		if (numbers && test_below(seed, 2))
			str_addf(text, "%s%d", test_below(seed, 2) ? "-" : "", 1 + (int)test_below(seed, most));
		str_adds(text, names[test_below(seed, 7)]);
	}
}

static bool maybe(uint64_t *seed, int of)
{
	return test_below(seed, of) == 0;
}

static void random_rule(struct str *text, uint64_t *seed, int64_t start)
{
	static const char *const names[] = { "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY" };
	static const char *const days[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
	int freq = (int)test_below(seed, 6);
	char date[TIME_TEXT_SIZE];

	str_clear(text);
	str_addf(text, "FREQ=%s", names[freq]);
	if (freq == 5)
		str_addf(text, ";INTERVAL=%d", 15 + (int)test_below(seed, 200));
	else if (maybe(seed, 2))
		str_addf(text, ";INTERVAL=%d", 1 + (int)test_below(seed, maybe(seed, 5) ? 40 : 4));
	if (maybe(seed, 3)) {
		str_addf(text, ";COUNT=%d", 1 + (int)test_below(seed, 70));
	} else if (maybe(seed, 3)) {
		time_format_local(start + test_below(seed, 900 * DAY), date);
		str_addf(text, ";UNTIL=%.4s%.2s%.2s", date, date + 5, date + 8);
		if (!maybe(seed, 3))
			str_addf(text, "T%.2s%.2s%.2s%s", date + 11, date + 14, date + 17, maybe(seed, 2) ? "Z" : "");
	}
	if (maybe(seed, 3))
		add_values(text, seed, "BYMONTH", 1, 12, false);
	if (freq == 0 && maybe(seed, 3))
		add_values(text, seed, "BYWEEKNO", 1, maybe(seed, 3) ? 53 : 6, true);
	if ((freq == 0 || freq > 3) && maybe(seed, 4))
		add_values(text, seed, "BYYEARDAY", 1, maybe(seed, 2) ? 366 : 20, true);
	if (freq != 2 && maybe(seed, 3))
		add_values(text, seed, "BYMONTHDAY", 1, 31, true);
	if (maybe(seed, 2))
		add_weekdays(text, seed, freq < 2 && maybe(seed, 2), freq == 0 && maybe(seed, 2) ? 53 : 5);
	if (maybe(seed, 4))
		add_values(text, seed, "BYHOUR", 0, 23, false);
	if (maybe(seed, 4))
		add_values(text, seed, "BYMINUTE", 0, 59, false);
	if (maybe(seed, 4))
		add_values(text, seed, "BYSETPOS", 1, maybe(seed, 2) ? 3 : 40, true);
	if (maybe(seed, 3))
		str_addf(text, ";WKST=%s", days[test_below(seed, 7)]);
}

/* --- the comparison ----------------------------------------------------------------- */

struct trial {
	uint64_t seed;
	const char *text;
	struct recurrence rule;
	struct recurrence_series series;
	int64_t exdates[8], rdates[8];
	int64_t until_utc; /* compared up to here */
	struct recurrence_instance want[REFERENCE_MAX + 8];
	size_t want_count;
};

static const char *const zones[] = { NULL, NULL, "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe",
				     "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu" };

static bool in_list(const int64_t *list, size_t count, int64_t value)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == value)
			return true;
	}
	return false;
}

static int by_value(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static int by_utc(const void *left, const void *right)
{
	const struct recurrence_instance *a = left, *b = right;

	if (a->start_utc != b->start_utc)
		return a->start_utc < b->start_utc ? -1 : 1;
	return (a->flag == ZONE_GAP) - (b->flag == ZONE_GAP);
}

static void want_one(struct trial *trial, int64_t local, bool of_rule)
{
	struct recurrence_instance one = { local, local, ZONE_NORMAL };
	bool excluded = in_list(trial->series.exdates, trial->series.exdate_count, local);

	if (trial->series.zone)
		one.flag = zone_to_utc(trial->series.zone, local, &one.start_utc);
	if (of_rule && trial->rule.until_kind == RECUR_UNTIL_UTC && one.start_utc > trial->rule.until)
		return;
	if (!excluded && one.start_utc < trial->until_utc)
		trial->want[trial->want_count++] = one;
}

static void want_all(struct trial *trial, const struct reference *ref)
{
	size_t kept = 0;

	trial->want_count = 0;
	for (size_t i = 0; i < ref->count; i++)
		want_one(trial, ref->found[i], true);
	for (size_t i = 0; i < trial->series.rdate_count; i++)
		want_one(trial, trial->series.rdates[i], false);
	qsort(trial->want, trial->want_count, sizeof(trial->want[0]), by_utc);
	for (size_t i = 0; i < trial->want_count; i++) {
		if (!kept || trial->want[kept - 1].start_utc != trial->want[i].start_utc)
			trial->want[kept++] = trial->want[i];
	}
	trial->want_count = kept;
}

static void differ(const struct trial *trial, const char *what, size_t at)
{
	char start[TIME_TEXT_SIZE];

	time_format_local(trial->series.local_start, start);
	fail_msg("seed %llu: %s of %s: %s at %zu", (unsigned long long)trial->seed, trial->text, start, what, at);
}

/* What lies at or after `from_utc`, at most `limit`. */
static void compare(const struct trial *trial, int64_t from_utc, size_t limit)
{
	static struct recurrence_instance got[LIST_MAX];
	size_t first = 0, count, left;
	enum recurrence_outcome outcome =
		recurrence_expand(&trial->series, from_utc, trial->until_utc, got, limit, &count);

	if (outcome == RECUR_TOO_EXPENSIVE)
		return;
	while (first < trial->want_count && trial->want[first].start_utc < from_utc)
		first++;
	left = trial->want_count - first;
	if (count != (left < limit ? left : limit))
		differ(trial, "a wrong number", count);
	if (left > limit && outcome != RECUR_TRUNCATED)
		differ(trial, "it is not said that more comes", count);
	for (size_t i = 0; i < count; i++) {
		if (got[i].start_utc != trial->want[first + i].start_utc || got[i].flag != trial->want[first + i].flag)
			differ(trial, "a wrong instance", i);
		if (got[i].local_start != trial->want[first + i].local_start && got[i].flag != ZONE_GAP)
			differ(trial, "a wrong name", i);
		if (!recurrence_has(&trial->series, got[i].local_start))
			differ(trial, "recurrence_has() denies it", i);
	}
}

/* The rule's own text says the same. */
static void check_normal_form(struct trial *trial)
{
	char text[RECURRENCE_TEXT_MAX + 1], again[RECURRENCE_TEXT_MAX + 1];
	struct recurrence_refusal why;
	size_t len = recurrence_write(&trial->rule, text);

	if (len > strlen(trial->text) || !recurrence_parse(text, len, true, &trial->rule, &why))
		differ(trial, "the normal form is longer or refused", len);
	recurrence_write(&trial->rule, again);
	assert_string_equal(text, again);
}

static void random_exceptions(struct trial *trial, const struct reference *ref, uint64_t *seed)
{
	struct recurrence_series *series = &trial->series;

	series->exdates = trial->exdates;
	series->rdates = trial->rdates;
	while (ref->count && series->exdate_count < COUNT(trial->exdates) && !maybe(seed, 3))
		trial->exdates[series->exdate_count++] = ref->found[test_below(seed, (int64_t)ref->count)];
	while (series->rdate_count < COUNT(trial->rdates) && !maybe(seed, 3))
		trial->rdates[series->rdate_count++] =
			maybe(seed, 3) && ref->count ? ref->found[test_below(seed, (int64_t)ref->count)]
						      : series->local_start + test_below(seed, 400 * DAY);
	qsort(trial->exdates, series->exdate_count, sizeof(int64_t), by_value);
	qsort(trial->rdates, series->rdate_count, sizeof(int64_t), by_value);
}

/* How far the reference looks, and how far it is believed. */
static int64_t horizon_days(enum recurrence_freq freq)
{
	return freq <= RECUR_MONTHLY ? 12 * 366 : freq <= RECUR_DAILY ? 900 : 70;
}

static bool one_trial(uint64_t seed, struct str *text)
{
	static struct reference ref;
	static struct trial trial;
	struct recurrence_refusal why;
	uint64_t random = seed;
	const char *zone = zones[test_below(&random, COUNT(zones))];
	int64_t start = days_from_civil(2009 + (int)test_below(&random, 12), 1, 1) * DAY + test_below(&random, 365 * DAY);
	int64_t until_local;

	random_rule(text, &random, start);
	memset(&trial, 0, sizeof(trial));
	trial.seed = seed;
	trial.text = str_text(text);
	if (!recurrence_parse(text->data, text->len, true, &trial.rule, &why)) {
		assert_true(why.code == CODE_RECURRENCE_AMBIGUOUS || why.code == CODE_RECURRENCE_INVALID);
		return false;
	}
	ref = (struct reference){ .rule = &trial.rule, .start = start };
	until_local = (start / DAY + horizon_days(trial.rule.freq)) * DAY;
	if (!reference_run(&ref, until_local))
		return false;
	trial.series = (struct recurrence_series){ .rule = &trial.rule, .local_start = start,
						   .zone = zone ? zone_find(zone) : NULL };
	/* Two years less for a period that the horizon cuts; no further than the list goes. */
	trial.until_utc = until_local - (trial.rule.freq <= RECUR_MONTHLY ? 2 * 366 : 10) * DAY;
	if (ref.count == REFERENCE_MAX && ref.found[ref.count - 1] - 2 * DAY < trial.until_utc)
		trial.until_utc = ref.found[ref.count - 1] - 2 * DAY;
	random_exceptions(&trial, &ref, &random);
	want_all(&trial, &ref);
	check_normal_form(&trial);
	compare(&trial, INT64_MIN, LIST_MAX);
	compare(&trial, INT64_MIN, 1 + (size_t)test_below(&random, LIST_MAX));
	compare(&trial, start + test_below(&random, trial.until_utc > start ? trial.until_utc - start : 1), LIST_MAX);
	return true;
}

static void expand_equals_the_reference(void **state)
{
	const char *given = getenv("SEED"), *more = getenv("RULES");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20261122;
	int rules = more ? atoi(more) : RULES;
	struct str text = STR_INIT;
	int compared = 0;

	print_message("  seed %llu (SEED=… for another)\n", (unsigned long long)seed);
	for (int i = 0; i < rules; i++)
		compared += one_trial(seed + (uint64_t)i * 2654435761u, &text);
	print_message("  %d of %d random rules compared, the others are refused\n", compared, rules);
	assert_true(compared > rules / 2);
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expand_equals_the_reference),
	};
	int failed = cmocka_run_group_tests_name("random rules", tests, NULL, NULL);

	zone_shutdown();
	return failed;
}
