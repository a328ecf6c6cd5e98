/*
 * The public recurrence vectors: other programs' test suites, and random rules
 * on which two other libraries agree.
 */
#include "base/clock.h"
#include "rules/recurrence.h"
#include "support.h"

#define ROOM 1200

/* "20380314", "20380314T023000" or "…Z" in seconds. */
static int64_t compact(const char *text)
{
	int year, month, day, hour = 0, minute = 0, second = 0;
	int got = sscanf(text, "%4d%2d%2dT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second);

	assert_true(got == 3 || got == 6);
	return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

static const char *text_of(const json_t *test, const char *name)
{
	return json_string_value(json_object_get(test, name));
}

/* How the cases of a file went. */
struct tally {
	int met, refused, outside;
};

static bool outside(const char *text)
{
	int64_t seconds = compact(text);

	return seconds < TIME_MIN_UTC || seconds > TIME_MAX_UTC;
}

static void compare(const json_t *test, const struct recurrence_series *series)
{
	static struct recurrence_instance got[ROOM];
	const json_t *expect = json_object_get(test, "expect");
	bool all = strcmp(text_of(test, "mode"), "all") == 0;
	bool in_utc = strcmp(text_of(test, "id"), "core#672") == 0; /* as its note says */
	size_t wanted = json_array_size(expect), count, limit;
	enum recurrence_outcome outcome;

	while (wanted > 0 && outside(json_string_value(json_array_get(expect, wanted - 1)))) {
		wanted--;
		all = true; /* nothing lies after 2100 */
	}
	limit = all ? ROOM : wanted;
	outcome = recurrence_expand(series, INT64_MIN, INT64_MAX, got, limit, &count);
	if (outcome == RECUR_TOO_EXPENSIVE || count != wanted)
		fail_msg("%s: %s of %s gives %zu, not %zu", text_of(test, "id"), text_of(test, "rrule"),
			 text_of(test, "dtstart"), count, wanted);
	for (size_t i = 0; i < wanted; i++) {
		const char *want = json_string_value(json_array_get(expect, i));
		int64_t have = in_utc || strchr(want, 'Z') ? got[i].start_utc : got[i].local_start;
		char shown[TIME_TEXT_SIZE];

		time_format_local(have, shown);
		if (have != compact(want))
			fail_msg("%s: %s of %s: %zu is %s, not %s", text_of(test, "id"), text_of(test, "rrule"),
				 text_of(test, "dtstart"), i, shown, want);
	}
}

/* Reading what was written gives the same text again. */
static void check_normal_form(const struct recurrence *rule)
{
	char text[RECURRENCE_TEXT_MAX + 1], again[RECURRENCE_TEXT_MAX + 1];
	struct recurrence_refusal why;
	struct recurrence reread;
	size_t len = recurrence_write(rule, text);

	if (!recurrence_parse(text, len, true, &reread, &why))
		fail_msg("%s: %s", text, why.message);
	recurrence_write(&reread, again);
	assert_string_equal(text, again);
}

static void vector(const json_t *test, struct tally *tally)
{
	const char *text = text_of(test, "rrule"), *zone = text_of(test, "tzid");
	struct recurrence_refusal why;
	struct recurrence rule;
	struct recurrence_series series = { .rule = &rule, .local_start = compact(text_of(test, "dtstart")) };

	assert_int_equal(json_array_size(json_object_get(test, "exdate")), 0);
	assert_int_equal(json_array_size(json_object_get(test, "rdate")), 0);
	if (!recurrence_parse(text, strlen(text), true, &rule, &why)) {
		if (why.code != CODE_RECURRENCE_AMBIGUOUS && why.code != CODE_RECURRENCE_NOT_SUPPORTED)
			fail_msg("%s: %s is refused: %s", text_of(test, "id"), text, why.message);
		tally->refused++;
		return;
	}
	if (outside(text_of(test, "dtstart"))) {
		tally->outside++;
		return;
	}
	/* The one program that counts BYSETPOS from the start and not from the beginning of its week.  The start
	 * is no instance either way, so an event with it is refused. */
	if (strcmp(text_of(test, "id"), "core#714") == 0) {
		assert_false(recurrence_has(&series, series.local_start));
		tally->refused++;
		return;
	}
	series.zone = zone[0] ? zone_find(zone) : NULL;
	assert_true(!zone[0] || series.zone);
	compare(test, &series);
	check_normal_form(&rule);
	tally->met++;
}

static void each_line(const char *path, void (*fn)(const json_t *, struct tally *), struct tally *tally)
{
	char *text = test_file(path, NULL), *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *test = json_loads(line, 0, NULL);

		assert_non_null(test);
		fn(test, tally);
		json_decref(test);
	}
	free(text);
}

static void report(const char *name, const struct tally *tally, int cases)
{
	print_message("  %s: %d met, %d refused, %d outside 1970–2100\n", name, tally->met, tally->refused, tally->outside);
	assert_int_equal(tally->met + tally->refused + tally->outside, cases);
}

static void everyday_and_advanced_rules(void **state)
{
	struct tally tally = { 0, 0, 0 };

	each_line("tests/vectors/public_rules.jsonl", vector, &tally);
	report("public_rules", &tally, 568);
}

static void random_rules(void **state)
{
	struct tally tally = { 0, 0, 0 };

	each_line("tests/vectors/rand_consensus.jsonl", vector, &tally);
	report("rand_consensus", &tally, 1143);
}

static void random_rules_in_zones(void **state)
{
	struct tally tally = { 0, 0, 0 };

	each_line("tests/vectors/rand_tz.jsonl", vector, &tally);
	report("rand_tz", &tally, 500);
}

/* The code and the words that each family of invalid_rules gets. */
static const struct family {
	const char *why, *message;
} families[] = {
	{ "byday-ordinal", "BYDAY can't have numbers" },
	{ "bysetpos-alone", "BYSETPOS needs another BY part" },
	{ "byweekno-not-yearly", "BYWEEKNO can't stand with FREQ=" },
	{ "byyearday-freq", "BYYEARDAY can't stand with FREQ=" },
	{ "bymonthday-weekly", "BYMONTHDAY can't stand with FREQ=WEEKLY" },
	{ "unknown-part", "“BYWEEKDAY” is not a part of a recurrence rule" },
	{ "count+until", "COUNT and UNTIL can't stand together" },
};

static const char *family_message(const char *why)
{
	for (size_t i = 0; i < COUNT(families); i++) {
		if (strcmp(families[i].why, why) == 0)
			return families[i].message;
	}
	fail_msg("no family %s", why);
	return NULL;
}

static void refused(const json_t *test, struct tally *tally)
{
	const char *message = family_message(text_of(test, "why"));
	struct recurrence_refusal why;
	struct recurrence rule;
	const char *text = text_of(test, "rrule");

	if (recurrence_parse(text, strlen(text), true, &rule, &why))
		fail_msg("%s (%s) is taken", text, text_of(test, "why"));
	if (strstr(text, "SECONDLY") || strstr(text, "BYSECOND=1;"))
		assert_int_equal(why.code, CODE_RECURRENCE_NOT_SUPPORTED);
	else if (why.code != CODE_RECURRENCE_INVALID || !strstr(why.message, message))
		fail_msg("%s (%s): %s", text, text_of(test, "why"), why.message);
	assert_true(why.suggestion[0]);
	tally->refused++;
}

static void invalid_rules(void **state)
{
	struct tally tally = { 0, 0, 0 };

	each_line("tests/vectors/invalid_rules.jsonl", refused, &tally);
	assert_int_equal(tally.refused, 124);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyday_and_advanced_rules),
		cmocka_unit_test(random_rules),
		cmocka_unit_test(random_rules_in_zones),
		cmocka_unit_test(invalid_rules),
	};
	int failed = cmocka_run_group_tests_name("recurrence vectors", tests, NULL, NULL);

	zone_shutdown();
	return failed;
}
