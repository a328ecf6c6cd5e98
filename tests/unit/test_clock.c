#include "base/clock.h"
#include "support.h"

static const struct time_row {
	const char *name; /* also the text */
	enum time_reading want;
	int64_t seconds;
} utc_rows[] = {
	{ "1970-01-01T00:00:00Z", TIME_OK, 0 },
	{ "2026-12-01T09:00:00Z", TIME_OK, 1796115600 },
	{ "2026-12-01t09:00:00z", TIME_OK, 1796115600 },
	{ "2026-12-01T10:00:00+01:00", TIME_OK, 1796115600 },
	{ "2026-12-01T14:45:00+05:45", TIME_OK, 1796115600 },
	{ "2026-11-30T23:00:00-10:00", TIME_OK, 1796115600 },
	{ "2026-12-01T09:00:00-00:00", TIME_OK, 1796115600 },
	{ "2026-12-01T09:00:00.5Z", TIME_OK, 1796115600 },
	{ "2026-12-01T09:00:00.999999999999+00:00", TIME_OK, 1796115600 },
	{ "2100-12-31T23:59:59Z", TIME_OK, 4133980799 },
	{ "2016-12-31T23:59:60Z", TIME_OK, 1483228799 },
	{ "2024-02-29T00:00:00Z", TIME_OK, 1709164800 },
	{ "2000-02-29T00:00:00Z", TIME_OK, 951782400 },
	{ "1970-01-01T01:00:00+01:00", TIME_OK, 0 },
	{ "1969-12-31T23:30:00-01:00", TIME_OK, 1800 },
	{ "1970-01-01T00:30:00+01:00", TIME_OUT_OF_RANGE, 0 },
	{ "2100-12-31T23:30:00-01:00", TIME_OUT_OF_RANGE, 0 },
	{ "1969-12-31T23:59:59Z", TIME_OUT_OF_RANGE, 0 },
	{ "2101-01-01T00:00:00Z", TIME_OUT_OF_RANGE, 0 },
	{ "0000-01-01T00:00:00Z", TIME_OUT_OF_RANGE, 0 },
	{ "9999-12-31T23:59:59Z", TIME_OUT_OF_RANGE, 0 },
	{ "2026-02-29T00:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2026-02-30T09:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2100-02-29T00:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2026-04-31T00:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2026-13-01T00:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2026-00-01T00:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2026-01-00T00:00:00Z", TIME_NO_SUCH_DAY, 0 },
	{ "2026-02-30T09:00:00", TIME_NO_SUCH_DAY, 0 },
	{ "2026-12-01T24:00:00Z", TIME_NO_SUCH_HOUR, 0 },
	{ "2026-12-01T09:60:00Z", TIME_NO_SUCH_HOUR, 0 },
	{ "2026-12-01T09:00:61Z", TIME_NO_SUCH_HOUR, 0 },
	{ "2026-12-01T09:00:00", TIME_NO_OFFSET, 0 },
	{ "2026-12-01T09:00:00.25", TIME_NO_OFFSET, 0 },
	{ "", TIME_MALFORMED, 0 },
	{ "2026-12-01", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00Z", TIME_MALFORMED, 0 },
	{ "2026-12-01 09:00:00Z", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00ZZ", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00Z ", TIME_MALFORMED, 0 },
	{ " 2026-12-01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00.Z", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00,5Z", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00+01", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00+0100", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00+24:00", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00+01:60", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00 01:00", TIME_MALFORMED, 0 },
	{ "26-12-01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "+2026-12-01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "20261-12-01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "2026-1-01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "2026/12/01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "20261201T090000Z", TIME_MALFORMED, 0 },
	{ "1796115600", TIME_MALFORMED, 0 },
	{ "tomorrow", TIME_MALFORMED, 0 },
	{ "2026-12-0\xd9\xa1T09:00:00Z", TIME_MALFORMED, 0 }, /* an Arabic digit */
};

static void utc_case(void **state)
{
	const struct time_row *row = *state;
	int64_t utc = -1;

	assert_int_equal(time_read_utc(row->name, strlen(row->name), &utc), row->want);
	assert_int_equal(time_parse_utc(row->name, strlen(row->name), &utc), row->want == TIME_OK);
	assert_true(utc == (row->want == TIME_OK ? row->seconds : -1));
}

static const struct time_row local_rows[] = {
	{ "2026-12-01T09:00:00", TIME_OK, 1796115600 },
	{ "2026-12-01T09:00", TIME_OK, 1796115600 },
	{ "2026-12-01t09:00:00.123", TIME_OK, 1796115600 },
	{ "1970-01-01T00:00", TIME_OK, 0 },
	{ "2026-12-01T09:00:00Z", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:00+01:00", TIME_MALFORMED, 0 },
	{ "2026-12-01", TIME_MALFORMED, 0 },
	{ "2026-12-01T09", TIME_MALFORMED, 0 },
	{ "2026-12-01T09:00:", TIME_MALFORMED, 0 },
	{ "2026-02-30T09:00", TIME_NO_SUCH_DAY, 0 },
	{ "2026-12-01T25:00", TIME_NO_SUCH_HOUR, 0 },
	{ "1969-12-31T23:59", TIME_OUT_OF_RANGE, 0 },
	{ "2101-01-01T00:00", TIME_OUT_OF_RANGE, 0 },
};

static void local_case(void **state)
{
	const struct time_row *row = *state;
	int64_t local = -1;

	assert_int_equal(time_read_local(row->name, strlen(row->name), &local), row->want);
	assert_int_equal(time_parse_local(row->name, strlen(row->name), &local), row->want == TIME_OK);
	assert_true(local == (row->want == TIME_OK ? row->seconds : -1));
}

static void a_text_is_read_only_to_its_length(void **state)
{
	int64_t utc;

	assert_true(time_parse_utc("2026-12-01T09:00:00Zgarbage", 20, &utc));
	for (size_t len = 0; len < 20; len++)
		assert_false(time_parse_utc("2026-12-01T09:00:00Z", len, &utc));
}

static void every_day_goes_there_and_back(void **state)
{
	int year, month, day;
	int64_t expected = days_from_civil(1600, 1, 1);

	for (int y = 1600; y <= 2400; y++) {
		for (int m = 1; m <= 12; m++) {
			for (int d = 1; d <= 28; d++) {
				int64_t days = days_from_civil(y, m, d);

				civil_from_days(days, &year, &month, &day);
				assert_true(year == y && month == m && day == d);
				assert_true(days >= expected);
				expected = days + 1;
			}
		}
	}
	assert_true(days_from_civil(1970, 1, 1) == 0);
	assert_true(days_from_civil(2000, 3, 1) == 11017);
}

static void a_moment_is_written_in_each_form(void **state)
{
	char text[TIME_TEXT_SIZE];

	time_format_utc(1796115600, text);
	assert_string_equal(text, "2026-12-01T09:00:00Z");
	time_format_local(1796115600, text);
	assert_string_equal(text, "2026-12-01T09:00:00");
	time_format_sql(1796115600, text);
	assert_string_equal(text, "2026-12-01 09:00:00");
}

static void a_moment_before_the_epoch_is_written_right(void **state)
{
	char text[TIME_TEXT_SIZE];

	time_format_utc(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
	time_format_utc(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00Z");
	time_format_utc(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void written_moments_read_back(void **state)
{
	uint64_t seed = 7;
	char text[TIME_TEXT_SIZE];
	int64_t back;

	for (int i = 0; i < 20000; i++) {
		int64_t utc = test_below(&seed, TIME_MAX_UTC + 1);

		time_format_utc(utc, text);
		assert_true(time_parse_utc(text, strlen(text), &back) && back == utc);
		time_format_sql(utc, text);
		assert_true(time_parse_sql(text, &back) && back == utc);
	}
}

static void database_times_are_read(void **state)
{
	int64_t utc;

	assert_true(time_parse_sql("2026-12-01 09:00:00.123456", &utc) && utc == 1796115600);
	assert_false(time_parse_sql("0000-00-00 00:00:00", &utc));
	assert_false(time_parse_sql("2026-12-01", &utc));
	assert_false(time_parse_sql("2026-12-01 09:00:00Z", &utc));
	assert_false(time_parse_sql("", &utc));
}

static void the_monotonic_clock_does_not_step_back(void **state)
{
	int64_t before = monotonic_ms();

	for (int i = 0; i < 1000; i++) {
		int64_t now = monotonic_ms();

		assert_true(now >= before);
		before = now;
	}
}

static void resident_memory_is_known(void **state)
{
	assert_true(resident_kib() > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_read_only_to_its_length),
		cmocka_unit_test(every_day_goes_there_and_back),
		cmocka_unit_test(a_moment_is_written_in_each_form),
		cmocka_unit_test(a_moment_before_the_epoch_is_written_right),
		cmocka_unit_test(written_moments_read_back),
		cmocka_unit_test(database_times_are_read),
		cmocka_unit_test(the_monotonic_clock_does_not_step_back),
		cmocka_unit_test(resident_memory_is_known),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL) + TABLE_CASES(utc_rows, utc_case) +
	       TABLE_CASES(local_rows, local_case);
}
