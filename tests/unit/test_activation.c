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

static void what_waits_is_looked_at_more_and_more_seldom_and_once_at_the_end(void **state)
{
	struct activation_terms terms = { MISFIRE_RUN_LATE, 3600, false, true, NOW };
	struct moment moment = { .at_utc = NOW };

	assert_int_equal(activation_again(&terms, &moment), NOW + 60);
	moment.at_utc = NOW - 400;
	assert_int_equal(activation_again(&terms, &moment), NOW + 200);
	moment.at_utc = NOW - 2400;
	assert_int_equal(activation_again(&terms, &moment), NOW + 900);
	moment.at_utc = NOW - 3590;
	assert_int_equal(activation_again(&terms, &moment), NOW + 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_is_looked_at_more_and_more_seldom_and_once_at_the_end),
	};

	return cmocka_run_group_tests_name("activation", tests, NULL, NULL) + TABLE_CASES(rows, decide_case);
}
