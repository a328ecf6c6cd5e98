#include "base/codes.h"
#include "base/fail.h"
#include "base/str.h"
#include "support.h"

static void set_returns_false_and_fills(void **state)
{
	struct fail f = { 0 };

	assert_false(fail_set(&f, FAIL_LIMIT, CODE_TOO_LONG, "%d is too long", 7));
	assert_int_equal(f.kind, FAIL_LIMIT);
	assert_int_equal(f.code, CODE_TOO_LONG);
	assert_string_equal(f.public_message, "7 is too long");
}

static void the_first_failure_wins(void **state)
{
	struct fail f = { 0 };

	fail_set(&f, FAIL_INVALID, CODE_REQUIRED, "first");
	fail_set(&f, FAIL_INTERNAL, CODE_INTERNAL, "second");
	assert_int_equal(f.kind, FAIL_INVALID);
	assert_string_equal(f.public_message, "first");
}

static void clear_makes_room_for_another(void **state)
{
	struct fail f = { 0 };

	fail_set(&f, FAIL_INVALID, CODE_REQUIRED, "first");
	fail_at(&f, "/a");
	fail_detail(&f, "why");
	fail_clear(&f);
	assert_int_equal(f.kind, FAIL_NONE);
	assert_string_equal(f.pointer, "");
	assert_string_equal(f.detail, "");
	fail_set(&f, FAIL_RETRY, CODE_DATABASE_BUSY, "second");
	assert_string_equal(f.public_message, "second");
}

static void details_of_all_layers_are_kept(void **state)
{
	struct fail f = { 0 };

	assert_false(fail_detail(&f, "errno %d", 2));
	assert_false(fail_detail(&f, "while reading"));
	assert_string_equal(f.detail, "errno 2; while reading");
}

static void the_first_pointer_wins(void **state)
{
	struct fail f = { 0 };

	assert_false(fail_at(&f, "/items/%d", 3));
	fail_at(&f, "/items");
	assert_string_equal(f.pointer, "/items/3");
}

static void a_cut_message_ends_with_a_whole_character(void **state)
{
	/* Every length, so that the cut falls on each byte of a character. */
	for (int shift = 0; shift < 8; shift++) {
		struct fail f = { 0 };
		char text[600] = "";

		memset(text, 'x', (size_t)shift);
		for (size_t at = (size_t)shift; at + 4 < sizeof(text); at += 4)
			memcpy(text + at, "\xf0\x9f\x98\x80", 4);
		fail_set(&f, FAIL_INVALID, CODE_TOO_LONG, "%s", text);
		assert_true(utf8_valid(f.public_message, strlen(f.public_message), NULL));
		assert_true(strlen(f.public_message) >= sizeof(f.public_message) - 4);
	}
}

static void a_full_detail_takes_no_more(void **state)
{
	struct fail f = { 0 };

	for (int i = 0; i < 200; i++)
		fail_detail(&f, "detail number %d", i);
	assert_true(strlen(f.detail) < sizeof(f.detail));
}

static void every_code_is_complete(void **state)
{
	for (int code = CODE_NONE + 1; code < CODE_COUNT; code++) {
		const struct code_info *info = code_info((enum code)code);

		assert_true(strspn(info->name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(info->name));
		assert_true(strlen(info->name) > 2 && strlen(info->name) < 32);
		assert_true(strlen(info->title) > 5);
		assert_true(strlen(info->cause) > 5);
		assert_true(strlen(info->fix) > 5);
	}
}

static void every_code_is_found_by_its_name(void **state)
{
	for (int code = 0; code < CODE_COUNT; code++)
		assert_int_equal(code_by_name(code_info((enum code)code)->name), code);
}

static void an_unknown_name_is_an_internal_error(void **state)
{
	assert_int_equal(code_by_name("written_by_a_newer_version"), CODE_INTERNAL);
	assert_string_equal(code_info((enum code)9999)->name, "internal_error");
}

static void an_issue_copies_its_texts(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	char pointer[] = "/title", suggestion[] = "Shorten it";

	issue_add(&issues, CODE_TOO_LONG, pointer, suggestion, "%d characters", 300);
	memset(pointer, 'x', 3);
	memset(suggestion, 'x', 3);
	assert_string_equal(test_issues(&issues), "too_long /title: 300 characters | Shorten it\n");
	arena_free(arena);
}

static void an_issue_without_suggestion_has_the_codes_fix(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };

	issue_add(&issues, CODE_REQUIRED, "", NULL, "x");
	assert_string_equal(issues.list[0].suggestion, "Fill it in.");
	arena_free(arena);
}

static void issues_beyond_the_limit_are_dropped(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };

	for (int i = 0; i < 100; i++)
		issue_add(&issues, CODE_REQUIRED, "", NULL, "issue %d", i);
	assert_int_equal(issues.count, ISSUES_MAX);
	for (int i = 0; i < ISSUES_MAX; i++)
		assert_string_equal(issues.list[i].message, arena_printf(arena, "issue %d", i));
	arena_free(arena);
}

static const struct excerpt_row {
	const char *name;
	const char *text;
	const char *want;
} excerpt_rows[] = {
	{ "excerpt: plain", "abc", "abc" },
	{ "excerpt: empty", "", "" },
	{ "excerpt: newline, tab", "a\nb\tc\rd", "a\\nb\\tc\\rd" },
	{ "excerpt: escape and DEL", "\x1b[31m\x7f", "\\x1b[31m\\x7f" },
	{ "excerpt: C1 control", "a\xc2\x85z", "a\\x85z" },
	{ "excerpt: other two-byte characters stay", "\xc2\xa0\xc3\xa4", "\xc2\xa0\xc3\xa4" },
	{ "excerpt: 60 bytes stay whole", "123456789012345678901234567890123456789012345678901234567890",
	  "123456789012345678901234567890123456789012345678901234567890" },
	{ "excerpt: 61 bytes are cut", "1234567890123456789012345678901234567890123456789012345678901",
	  "123456789012345678901234567890123456789012345678901234567890…" },
	{ "excerpt: never half a character", "12345678901234567890123456789012345678901234567890123456789\xe2\x82\xac",
	  "12345678901234567890123456789012345678901234567890123456789…" },
};

static void excerpt_case(void **state)
{
	const struct excerpt_row *row = *state;
	struct arena *arena = arena_new();

	assert_string_equal(issue_excerpt(arena, row->text, strlen(row->text)), row->want);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_false_and_fills),
		cmocka_unit_test(the_first_failure_wins),
		cmocka_unit_test(clear_makes_room_for_another),
		cmocka_unit_test(details_of_all_layers_are_kept),
		cmocka_unit_test(the_first_pointer_wins),
		cmocka_unit_test(a_cut_message_ends_with_a_whole_character),
		cmocka_unit_test(a_full_detail_takes_no_more),
		cmocka_unit_test(every_code_is_complete),
		cmocka_unit_test(every_code_is_found_by_its_name),
		cmocka_unit_test(an_unknown_name_is_an_internal_error),
		cmocka_unit_test(an_issue_copies_its_texts),
		cmocka_unit_test(an_issue_without_suggestion_has_the_codes_fix),
		cmocka_unit_test(issues_beyond_the_limit_are_dropped),
	};

	return cmocka_run_group_tests_name("fail, codes, issues", tests, NULL, NULL) +
	       TABLE_CASES(excerpt_rows, excerpt_case);
}
