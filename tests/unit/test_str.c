#include "base/str.h"
#include "support.h"

static const struct utf8_row {
	const char *name;
	const char *bytes;
	size_t len;
	bool valid;
	size_t bad_at;
} utf8_rows[] = {
	{ "utf8: empty", "", 0, true, 0 },
	{ "utf8: ASCII", "abc", 3, true, 3 },
	{ "utf8: NUL", "a\0b", 3, false, 1 },
	{ "utf8: two bytes, first", "\xc2\x80", 2, true, 2 },
	{ "utf8: two bytes, last", "\xdf\xbf", 2, true, 2 },
	{ "utf8: three bytes, first", "\xe0\xa0\x80", 3, true, 3 },
	{ "utf8: euro sign", "x\xe2\x82\xacy", 5, true, 5 },
	{ "utf8: last before the surrogates", "\xed\x9f\xbf", 3, true, 3 },
	{ "utf8: first after the surrogates", "\xee\x80\x80", 3, true, 3 },
	{ "utf8: U+FFFF", "\xef\xbf\xbf", 3, true, 3 },
	{ "utf8: four bytes, first", "\xf0\x90\x80\x80", 4, true, 4 },
	{ "utf8: emoji", "\xf0\x9f\x98\x80", 4, true, 4 },
	{ "utf8: U+10FFFF", "\xf4\x8f\xbf\xbf", 4, true, 4 },
	{ "utf8: stray continuation", "a\x80", 2, false, 1 },
	{ "utf8: overlong slash in two", "\xc0\xaf", 2, false, 0 },
	{ "utf8: overlong c1", "\xc1\xbf", 2, false, 0 },
	{ "utf8: overlong in three", "\xe0\x9f\xbf", 3, false, 0 },
	{ "utf8: overlong in four", "\xf0\x8f\xbf\xbf", 4, false, 0 },
	{ "utf8: overlong NUL", "\xc0\x80", 2, false, 0 },
	{ "utf8: first surrogate", "\xed\xa0\x80", 3, false, 0 },
	{ "utf8: last surrogate", "\xed\xbf\xbf", 3, false, 0 },
	{ "utf8: above U+10FFFF", "\xf4\x90\x80\x80", 4, false, 0 },
	{ "utf8: f5", "\xf5\x80\x80\x80", 4, false, 0 },
	{ "utf8: ff", "ab\xff", 3, false, 2 },
	{ "utf8: cut after one of two", "ab\xc3", 3, false, 2 },
	{ "utf8: cut after two of three", "\xe2\x82", 2, false, 0 },
	{ "utf8: cut after three of four", "\xf0\x9f\x98", 3, false, 0 },
	{ "utf8: ASCII where a continuation is due", "\xe2\x82z", 3, false, 0 },
	{ "utf8: lead where a continuation is due", "\xc3\xc3\xa4", 3, false, 0 },
};

static void utf8_case(void **state)
{
	const struct utf8_row *row = *state;
	size_t bad_at = 99;

	assert_int_equal(utf8_valid(row->bytes, row->len, &bad_at), row->valid);
	assert_int_equal(bad_at, row->bad_at);
}

static const struct number_row {
	const char *name;
	const char *text;
	bool valid;
	int64_t value;
} number_rows[] = {
	{ "number: zero", "0", true, 0 },
	{ "number: leading zeros", "007", true, 7 },
	{ "number: negative", "-12", true, -12 },
	{ "number: largest", "9223372036854775807", true, INT64_MAX },
	{ "number: smallest", "-9223372036854775808", true, INT64_MIN },
	{ "number: one too large", "9223372036854775808", false, 0 },
	{ "number: one too small", "-9223372036854775809", false, 0 },
	{ "number: far too long", "99999999999999999999999999", false, 0 },
	{ "number: empty", "", false, 0 },
	{ "number: only a sign", "-", false, 0 },
	{ "number: plus", "+1", false, 0 },
	{ "number: blank in front", " 1", false, 0 },
	{ "number: blank behind", "1 ", false, 0 },
	{ "number: fraction", "1.0", false, 0 },
	{ "number: exponent", "1e3", false, 0 },
	{ "number: hexadecimal", "0x10", false, 0 },
	{ "number: two signs", "--1", false, 0 },
};

static void number_case(void **state)
{
	const struct number_row *row = *state;
	int64_t value = 0;

	assert_int_equal(parse_i64(row->text, strlen(row->text), &value), row->valid);
	if (row->valid) {
		const char *end;
		assert_true(value == row->value);
		assert_true(read_i64(row->text, &end) == row->value && *end == '\0');
	}
}

static void numbers_are_read_one_after_another(void **state)
{
	const char *text = "12 -7;.5";

	(void)state;
	assert_true(read_i64(text, &text) == 12 && *text == ' ');
	assert_true(read_i64(text + 1, &text) == -7 && *text == ';');
	assert_true(read_i64(text + 1, &text) == 0 && *text == '.');
}

static void appended_parts_follow_each_other(void **state)
{
	struct str str = STR_INIT;

	str_adds(&str, "a");
	str_addc(&str, 'b');
	str_addi(&str, INT64_MIN);
	str_addc(&str, ' ');
	str_addi(&str, 0);
	str_addf(&str, " %s %d", "x", 5);
	assert_string_equal(str_text(&str), "ab-9223372036854775808 0 x 5");
	assert_int_equal(str.len, strlen(str.data));
	str_free(&str);
}

static void nothing_added_is_the_empty_text(void **state)
{
	struct str str = STR_INIT;

	assert_string_equal(str_text(&str), "");
	str_free(&str);
}

static void a_byte_string_may_hold_nul(void **state)
{
	struct str str = STR_INIT;

	str_add(&str, "a\0b", 3);
	assert_int_equal(str.len, 3);
	assert_memory_equal(str.data, "a\0b", 4);
	str_free(&str);
}

static void a_long_formatted_text_is_whole(void **state)
{
	struct str str = STR_INIT;

	str_adds(&str, "x");
	str_addf(&str, "%5000d", 1);
	assert_int_equal(str.len, 5001);
	assert_int_equal(str.data[5000], '1');
	str_free(&str);
}

static void clear_keeps_a_small_buffer_and_releases_a_large_one(void **state)
{
	struct str str = STR_INIT;

	str_adds(&str, "abc");
	str_clear(&str);
	assert_true(str.cap > 0);
	assert_string_equal(str_text(&str), "");
	str_addf(&str, "%300000d", 1);
	str_clear(&str);
	assert_int_equal(str.cap, 0);
	str_free(&str);
}

static void copy_never_cuts_a_character(void **state)
{
	char to[4];

	str_copy(to, sizeof(to), "ab\xe2\x82\xac");
	assert_string_equal(to, "ab");
	str_copy(to, sizeof(to), "\xe2\x82\xac");
	assert_string_equal(to, "\xe2\x82\xac");
	str_copy(to, sizeof(to), "abcdef");
	assert_string_equal(to, "abc");
	str_copy(to, 1, "abc");
	assert_string_equal(to, "");
}

static void length_counts_characters(void **state)
{
	assert_int_equal(utf8_length("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10), 4);
}

static void grouped_numbers_have_a_comma_every_three_digits(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} rows[] = { { 0, "0" },	    { 999, "999" },	  { 1000, "1,000" },
		     { 41207, "41,207" },   { -100, "-100" },	  { -1234567, "-1,234,567" },
		     { INT64_MIN, "-9,223,372,036,854,775,808" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str str = STR_INIT;
		str_addi_grouped(&str, rows[i].number);
		assert_string_equal(str_text(&str), rows[i].text);
		str_free(&str);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grouped_numbers_have_a_comma_every_three_digits),
		cmocka_unit_test(appended_parts_follow_each_other),
		cmocka_unit_test(numbers_are_read_one_after_another),
		cmocka_unit_test(nothing_added_is_the_empty_text),
		cmocka_unit_test(a_byte_string_may_hold_nul),
		cmocka_unit_test(a_long_formatted_text_is_whole),
		cmocka_unit_test(clear_keeps_a_small_buffer_and_releases_a_large_one),
		cmocka_unit_test(copy_never_cuts_a_character),
		cmocka_unit_test(length_counts_characters),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL) + TABLE_CASES(utf8_rows, utf8_case) +
	       TABLE_CASES(number_rows, number_case);
}
