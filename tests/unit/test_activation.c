#include "rules/activation.h"
#include "support.h"

#define NOW 1000000

/* Lateness of each due moment in seconds, -1 ends; fates as letters: Waits, Happens, Missed. */
static const struct row {
	const char *name;
	enum misfire misfire;
	int64_t grace_s;
	bool holds, was_seen;
	int late[6];
	const char *want;
} rows[] = {
	{ "in time", MISFIRE_RUN_LATE, 3600, true, false, { 0, -1 }, "H" },
	{ "late within its grace", MISFIRE_RUN_LATE, 3600, true, false, { 3600, -1 }, "H" },
	{ "grace over", MISFIRE_RUN_LATE, 3600, true, false, { 3601, -1 }, "M" },
	{ "no grace is a minute", MISFIRE_RUN_LATE, 0, true, false, { 60, -1 }, "H" },
	{ "no grace, a minute and a second", MISFIRE_RUN_LATE, 0, true, false, { 61, -1 }, "M" },
	{ "skip in time", MISFIRE_SKIP, 3600, true, false, { 59, -1 }, "H" },
	{ "skip late", MISFIRE_SKIP, 3600, true, false, { 61, -1 }, "M" },
	{ "skip, but it waited since its moment", MISFIRE_SKIP, 3600, true, true, { 300, -1 }, "H" },
	{ "run_all however late", MISFIRE_RUN_ALL, 0, true, false, { 900000, -1 }, "H" },
	{ "conditions do not hold", MISFIRE_RUN_LATE, 3600, false, false, { 10, -1 }, "W" },
	{ "conditions do not hold, grace over", MISFIRE_RUN_LATE, 3600, false, true, { 3601, -1 }, "M" },
	{ "run_all waits for its grace only", MISFIRE_RUN_ALL, 3600, false, false, { 3601, -1 }, "M" },
	{ "skip late waits for nothing", MISFIRE_SKIP, 3600, false, false, { 61, -1 }, "M" },
	{ "a series: the latest", MISFIRE_RUN_LATE, 3600, true, false, { 7300, 3700, 100, -1 }, "MMH" },
	{ "a series: none in time", MISFIRE_RUN_LATE, 60, true, false, { 7300, 3700, 100, -1 }, "MMM" },
	{ "a series: all", MISFIRE_RUN_ALL, 60, true, false, { 7300, 3700, 100, -1 }, "HHH" },
	{ "a series: skip", MISFIRE_SKIP, 3600, true, false, { 7300, 3700, 10, -1 }, "MMH" },
	{ "a series waits", MISFIRE_RUN_LATE, 3600, false, false, { 1800, 100, -1 }, "MW" },
};

static void decide_case(void **state)
{
	const struct row *row = *state;
	struct activation_terms terms = { row->misfire, row->grace_s, row->holds, row->was_seen, NOW };
	struct moment moments[6];
	char got[7] = "";
	size_t count = 0;

	for (; row->late[count] >= 0; count++)
		moments[count] = (struct moment){ .at_utc = NOW - row->late[count] };
	activation_decide(&terms, moments, count);
	for (size_t i = 0; i < count; i++)
		got[i] = "WHM"[moments[i].fate];
	assert_string_equal(got, row->want);
}

/* When it is looked at again, by how long it has waited (both in seconds from its moment). */
static const struct look {
	const char *name;
	int64_t grace_s, waited_s, next_s;
} looks[] = {
	{ "at once: ten seconds later", 3600, 0, 10 },
	{ "more and more seldom", 3600, 400, 600 },
	{ "but every quarter of an hour", 36000, 4000, 4900 },
	{ "more often towards its end", 3600, 3000, 3300 },
	{ "ten seconds before it", 3600, 3590, 3600 },
	{ "in its last second", 3600, 3595, 3600 },
	{ "and once when it is over", 3600, 3600, 3601 },
	{ "no grace is a minute, with looks in it", 0, 5, 15 },
};

static void look_case(void **state)
{
	const struct look *look = *state;
	struct activation_terms terms = { MISFIRE_RUN_LATE, look->grace_s, false, true, NOW };
	struct moment moment = { .at_utc = NOW - look->waited_s };

	assert_int_equal(activation_again(&terms, &moment) - moment.at_utc, look->next_s);
}

static void a_wait_of_any_length_has_few_looks_and_the_last_one_in_time(void **state)
{
	(void)state;
	for (int64_t grace_s = 60; grace_s <= 31 * 86400; grace_s = grace_s * 7 / 5 + 1) {
		struct activation_terms terms = { MISFIRE_RUN_LATE, grace_s, false, true, NOW };
		struct moment moment = { .at_utc = NOW };
		int64_t last = 0, looks_max = 30 + grace_s / ACTIVATION_AGAIN_MAX_S;
		while (terms.now_utc <= NOW + grace_s) {
			last = terms.now_utc;
			terms.now_utc = activation_again(&terms, &moment);
			assert_true(terms.now_utc > last && looks_max-- > 0);
		}
		assert_int_equal(last, NOW + grace_s);
		assert_int_equal(terms.now_utc, NOW + grace_s + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_of_any_length_has_few_looks_and_the_last_one_in_time),
	};

	return cmocka_run_group_tests_name("activation", tests, NULL, NULL) + TABLE_CASES(rows, decide_case) +
	       TABLE_CASES(looks, look_case);
}
