#include "base/json_scan.h"
#include "support.h"

/* What a scan does, as text: "item@line text\n", "key@line text\n", with the
 * code in front of a text that is not whole, and "! message" when it fails. */
struct record {
	struct str text;
	int stop_after;
};

static bool note(struct record *record, const char *what, const struct json_element *e, struct fail *f)
{
	str_addf(&record->text, "%s@%lld ", what, (long long)e->line);
	if (e->code != CODE_NONE)
		str_addf(&record->text, "(%s) ", code_info(e->code)->name);
	str_add(&record->text, e->text, e->len);
	str_addc(&record->text, '\n');
	if (record->stop_after > 0 && --record->stop_after == 0)
		return fail_set(f, FAIL_LIMIT, CODE_TOO_MANY_ITEMS, "enough");
	return true;
}

static bool on_item(void *user, const struct json_element *e, struct fail *f)
{
	return note(user, "item", e, f);
}

static bool on_member(void *user, const char *key, const struct json_element *e, struct fail *f)
{
	return note(user, key, e, f);
}

enum feeding { WHOLE, BYTES, PIECES };

struct setup {
	enum json_shape shape;
	size_t max;
	bool members;
	int stop_after;
};

static char *scan(const char *text, size_t len, const struct setup *setup, enum feeding feeding, uint64_t *seed)
{
	struct record record = { .text = STR_INIT, .stop_after = setup->stop_after };
	struct json_scan scan;
	struct fail f = { 0 };
	size_t at = 0;
	bool ok = true;

	json_scan_begin(&scan, setup->shape, setup->max,
			(struct json_scan_handler){ on_item, setup->members ? on_member : NULL, &record });
	while (ok && at < len) {
		size_t step = feeding == WHOLE ? len : feeding == BYTES ? 1 : (size_t)test_below(seed, 9);
		char *piece;

		if (step > len - at)
			step = len - at;
		piece = malloc(step + 1); /* a piece may go away after it was fed */
		assert_non_null(piece);
		memcpy(piece, text + at, step);
		ok = json_scan_feed(&scan, piece, step, &f);
		free(piece);
		at += step;
	}
	ok = ok && json_scan_end(&scan, &f);
	if (!ok)
		str_addf(&record.text, "! %s\n", f.public_message);
	json_scan_free(&scan);
	str_addc(&record.text, '\0');
	return record.text.data;
}

/* The same whatever the pieces. */
static void expect(const char *text, size_t len, const struct setup *setup, const char *want)
{
	uint64_t seed = 5;

	for (int i = 0; i < 12; i++) {
		char *got = scan(text, len, setup, i == 0 ? WHOLE : i == 1 ? BYTES : PIECES, &seed);

		assert_string_equal(got, want);
		free(got);
	}
}

static const struct scan_row {
	const char *name;
	const char *text;
	const char *want;
	bool no_members;
	enum json_shape shape;
} scan_rows[] = {
	{ "list: empty", "[]", "", false, 0 },
	{ "list: empty with blanks", " \n[ \n ]\n ", "", false, 0 },
	{ "list: one of each kind", "[1, \"a\", {\"b\":[2]}, [3], null]",
	  "item@1 1\nitem@1 \"a\"\nitem@1 {\"b\":[2]}\nitem@1 [3]\nitem@1 null\n", false, 0 },
	{ "list: lines are counted", "[\n1,\n\n{\n\"a\":\n2},3]", "item@2 1\nitem@4 {\n\"a\":\n2}\nitem@6 3\n", false, 0 },
	{ "list: blanks inside stay, around go", "[  { \"a\" : 1 }  ,\t2 3\t]", "item@1 { \"a\" : 1 }\nitem@1 2 3\n",
	  false, 0 },
	{ "list: brackets, commas and quotes in texts", "[\"],}{[\\\"]\", \"\\\\\", 1]",
	  "item@1 \"],}{[\\\"]\"\nitem@1 \"\\\\\"\nitem@1 1\n", false, 0 },
	{ "list: a malformed element spares its neighbours", "[{\"a\":1,}, {a}, {} {}, \"x\"y, nope, 1]",
	  "item@1 {\"a\":1,}\nitem@1 {a}\nitem@1 {} {}\nitem@1 \"x\"y\nitem@1 nope\nitem@1 1\n", false, 0 },
	{ "list: byte order mark", "\xef\xbb\xbf[1]", "item@1 1\n", false, 0 },
	{ "list: half a byte order mark", "\xef\xbb[1]",
	  "! The JSON can't be read at line 1, column 3: the text is not UTF-8.\n", false, 0 },
	{ "list: comma at the end", "[1,]", "item@1 1\n! The JSON can't be read at line 1, column 4: a value is missing.\n",
	  false, 0 },
	{ "list: two commas", "[1,,2]",
	  "item@1 1\n! The JSON can't be read at line 1, column 4: a value is missing.\n", false, 0 },
	{ "list: comma first", "[,1]", "! The JSON can't be read at line 1, column 2: a value is missing.\n", false, 0 },
	{ "list: wrong bracket at the end", "[1\n}",
	  "! The JSON can't be read at line 2, column 1: a } stands where a comma or ] is meant.\n", false, 0 },
	{ "list: wrong bracket in an element", "[{\"a\":[1},2]",
	  "! The JSON can't be read at line 1, column 9: a } stands where a ] is meant.\n", false, 0 },
	{ "list: other wrong bracket in an element", "[[{\"a\":1]]",
	  "! The JSON can't be read at line 1, column 9: a ] stands where a } is meant.\n", false, 0 },
	{ "list: ends in an element", "[1,\n{\"a\"",
	  "item@1 1\n! The JSON can't be read at line 2, column 5: the text ends inside an item.\n", false, 0 },
	{ "list: ends in a text", "[\"abc]", "! The JSON can't be read at line 1, column 7: the text ends inside an item.\n",
	  false, 0 },
	{ "list: ends after a comma", "[1,", "item@1 1\n! The JSON can't be read at line 1, column 4: the text ends too early.\n",
	  false, 0 },
	{ "list: something follows", "[1] x",
	  "item@1 1\n! The JSON can't be read at line 1, column 5: something follows after the end.\n", false, 0 },
	{ "list: second list", "[1][2]",
	  "item@1 1\n! The JSON can't be read at line 1, column 4: something follows after the end.\n", false, 0 },
	{ "nothing", "", "! The JSON can't be read at line 1, column 1: the text is empty.\n", false, 0 },
	{ "only blanks", " \n ", "! The JSON can't be read at line 2, column 2: the text is empty.\n", false, 0 },
	{ "neither list nor object", "7",
	  "! The JSON can't be read at line 1, column 1: a list [ or an object { must come first.\n", false, 0 },
	{ "object: empty", "{}", "", false, 0 },
	{ "object: items alone", "{\"items\":[1,{}]}", "item@1 1\nitem@1 {}\n", true, 0 },
	{ "object: items empty", "{ \"items\" : [ ] }", "", true, 0 },
	{ "object: members around", "{\"type\": \"create\", \"items\": [1], \"options\": {\"a\":[]} }",
	  "type@1 \"create\"\nitem@1 1\noptions@1 {\"a\":[]}\n", false, 0 },
	{ "object: member last, with blanks", "{\"a\":\n1\n}", "a@2 1\n", false, 0 },
	{ "object: member is a list", "{\"a\":[1,2],\"b\":\"}\"}", "a@1 [1,2]\nb@1 \"}\"\n", false, 0 },
	{ "object: member refused", "{\"option\":1,\"items\":[1]}",
	  "! The member “option” is not known; only “items” is.\n", true, 0 },
	{ "object: items twice", "{\"items\":[1],\"items\":[2]}", "item@1 1\n! The member “items” stands twice.\n", false, 0 },
	{ "object: member twice", "{\"a\":1,\"b\":2,\"a\":3}", "a@1 1\nb@1 2\n! The member “a” stands twice.\n", false, 0 },
	{ "object: items is no list", "{\"items\":{}}",
	  "! The JSON can't be read at line 1, column 10: “items” must be a list.\n", false, 0 },
	{ "object: no colon", "{\"a\" 1}",
	  "! The JSON can't be read at line 1, column 6: a colon is missing after a name.\n", false, 0 },
	{ "object: no value", "{\"a\":}", "! The JSON can't be read at line 1, column 6: a value is missing.\n", false, 0 },
	{ "object: name without quotes", "{a:1}",
	  "! The JSON can't be read at line 1, column 2: a name in quotes is expected.\n", false, 0 },
	{ "object: comma at the end", "{\"a\":1,}",
	  "a@1 1\n! The JSON can't be read at line 1, column 8: a name in quotes is expected.\n", false, 0 },
	{ "object: wrong bracket", "{\"a\":1]",
	  "! The JSON can't be read at line 1, column 7: a ] stands where a comma or } is meant.\n", false, 0 },
	{ "object: no comma after items", "{\"items\":[] \"a\":1}",
	  "! The JSON can't be read at line 1, column 13: a comma or } is missing after “items”.\n", false, 0 },
	{ "object: name not closed", "{\"a\n\":1}",
	  "! The JSON can't be read at line 1, column 4: a name is not closed by a quote.\n", false, 0 },
	{ "object: escaped quote in a name", "{\"a\\\"b\\\\\":1}", "a\\\"b\\\\@1 1\n", false, 0 },
	{ "object: name too long",
	  "{\"a123456789012345678901234567890123456789012345678901234567890123456789\":1}",
	  "! The JSON can't be read at line 1, column 66: a name is too long.\n", false, 0 },
	{ "object: 17 members",
	  "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,"
	  "\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1}",
	  "a@1 1\nb@1 1\nc@1 1\nd@1 1\ne@1 1\nf@1 1\ng@1 1\nh@1 1\ni@1 1\nj@1 1\nk@1 1\nl@1 1\nm@1 1\nn@1 1\no@1 1\np@1 1\n"
	  "! The JSON can't be read at line 1, column 100: the object has too many members.\n",
	  false, 0 },
	{ "lines: one a line", "{\"a\":1}\n[2]\n3\n", "item@1 {\"a\":1}\nitem@2 [2]\nitem@3 3\n", false, JSON_LINES },
	{ "lines: no newline at the end", "1\n2", "item@1 1\nitem@2 2\n", false, JSON_LINES },
	{ "lines: blank lines and CRLF", "\r\n1\r\n\r\n  \r\n 2 \r\n", "item@2 1\nitem@5 2\n", false, JSON_LINES },
	{ "lines: nothing", "", "", false, JSON_LINES },
	{ "lines: only blanks", "\n \n", "", false, JSON_LINES },
	{ "lines: byte order mark", "\xef\xbb\xbf" "1\n", "item@1 1\n", false, JSON_LINES },
	{ "lines: a broken line spares the others", "{\"a\":[1}\n\"abc\n]]}\n{}\n\"\\\n2",
	  "item@1 {\"a\":[1}\nitem@2 \"abc\nitem@3 ]]}\nitem@4 {}\nitem@5 \"\\\nitem@6 2\n", false, JSON_LINES },
	{ "lines: commas are no ends", "1,2\n", "item@1 1,2\n", false, JSON_LINES },
};

static void scan_case(void **state)
{
	const struct scan_row *row = *state;
	struct setup setup = { row->shape, 1000, !row->no_members, 0 };

	expect(row->text, strlen(row->text), &setup, row->want);
}

static void an_element_of_the_largest_size_is_whole(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 5, false, 0 };

	expect("[12345   , 1]", 13, &setup, "item@1 12345\nitem@1 1\n");
}

static void a_larger_element_is_cut_and_spares_the_others(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 5, false, 0 };
	struct setup lines = { JSON_LINES, 5, false, 0 };

	expect("[123456, {\"aaaaaaaaaaaaaa\":[1,2]}, 1]", 37, &setup,
	       "item@1 (item_too_large) 12345\nitem@1 (item_too_large) {\"aaa\nitem@1 1\n");
	expect("123456\n1\n", 9, &lines, "item@1 (item_too_large) 12345\nitem@2 1\n");
}

static void blanks_within_count(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 5, false, 0 };

	expect("[1     2]", 9, &setup, "item@1 (item_too_large) 1\n");
}

static void a_member_is_limited_too(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 5, true, 0 };

	expect("{\"a\":\"123456\"}", 14, &setup, "a@1 (item_too_large) \"1234\n");
}

/* "[" and `depth` brackets, closed again, and a last element. */
static char *bomb(int depth, bool closed)
{
	struct str text = STR_INIT;

	str_adds(&text, "[");
	for (int i = 0; i < depth; i++)
		str_addc(&text, '[');
	for (int i = 0; closed && i < depth; i++)
		str_addc(&text, ']');
	str_adds(&text, closed ? ",1]" : "");
	return text.data;
}

static void depth_32_is_the_last_whole_one(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 8, false, 0 };
	char *text = bomb(33, true);

	setup.max = 100;
	expect(text, strlen(text), &setup,
	       "item@1 (too_deep) [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nitem@1 1\n");
	free(text);
	text = bomb(32, true);
	expect(text, strlen(text), &setup,
	       "item@1 [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nitem@1 1\n");
	free(text);
}

static void too_large_outdoes_too_deep(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 34, false, 0 };
	char *text = bomb(40, true);

	expect(text, strlen(text), &setup, "item@1 (item_too_large) [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\nitem@1 1\n");
	free(text);
}

static void a_depth_bomb_is_one_bad_element(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 40, false, 0 };
	uint64_t seed = 1;
	char *text = bomb(100000, true);

	for (enum feeding feeding = WHOLE; feeding <= PIECES; feeding++) {
		char *got = scan(text, strlen(text), &setup, feeding, &seed);

		assert_string_equal(got, "item@1 (item_too_large) [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\nitem@1 1\n");
		free(got);
	}
	free(text);
}

static void an_unclosed_depth_bomb_is_an_early_end(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 40, false, 0 };
	char *text = bomb(100000, false);

	uint64_t seed = 1;
	char *got = scan(text, strlen(text), &setup, WHOLE, &seed);

	assert_string_equal(got, "! The JSON can't be read at line 1, column 100002: the text ends inside an item.\n");
	free(got);
	free(text);
}

static void a_million_brackets_end_the_scan(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 40, false, 0 };
	char *text = bomb(1000001, false);
	uint64_t seed = 1;
	char *got = scan(text, strlen(text), &setup, WHOLE, &seed);

	assert_string_equal(got, "! The JSON can't be read at line 1, column 1000002: too many brackets are open.\n");
	free(got);
	free(text);
}

static void the_handler_can_stop_the_scan(void **state)
{
	struct setup setup = { JSON_LIST_OR_OBJECT, 100, false, 2 };

	expect("[1,2,3]", 7, &setup, "item@1 1\nitem@1 2\n! enough\n");
}

static void after_a_failure_nothing_is_taken(void **state)
{
	struct record record = { .text = STR_INIT };
	struct json_scan scan;
	struct fail f = { 0 };

	json_scan_begin(&scan, JSON_LIST_OR_OBJECT, 100, (struct json_scan_handler){ on_item, NULL, &record });
	assert_false(json_scan_feed(&scan, "x", 1, &f));
	fail_clear(&f);
	assert_false(json_scan_feed(&scan, "[1]", 3, &f));
	fail_clear(&f);
	assert_false(json_scan_end(&scan, &f));
	assert_int_equal(record.text.len, 0);
	json_scan_free(&scan);
}

static void items_are_seen_only_if_they_are_there(void **state)
{
	struct record record = { .text = STR_INIT };
	struct json_scan scan;
	struct fail f = { 0 };

	json_scan_begin(&scan, JSON_LIST_OR_OBJECT, 100, (struct json_scan_handler){ on_item, on_member, &record });
	assert_true(json_scan_feed(&scan, "{\"a\":1}", 7, &f) && json_scan_end(&scan, &f));
	assert_false(scan.saw_items);
	json_scan_free(&scan);
	json_scan_begin(&scan, JSON_LIST_OR_OBJECT, 100, (struct json_scan_handler){ on_item, on_member, &record });
	assert_true(json_scan_feed(&scan, "{\"items\":[]}", 12, &f) && json_scan_end(&scan, &f));
	assert_true(scan.saw_items);
	json_scan_free(&scan);
	str_free(&record.text);
}

/* Random texts of JSON's own characters: whatever they mean, the pieces they
 * come in must not change it. */
static void random_texts_do_not_depend_on_their_pieces(void **state)
{
	static const char alphabet[] = "[]{}\",:\\ \n1a\"items\":";
	uint64_t seed = 42;

	for (int i = 0; i < 20000; i++) {
		struct setup setup = { i % 3 == 0 ? JSON_LINES : JSON_LIST_OR_OBJECT, (size_t)(1 + i % 20), i % 2 == 0, 0 };
		char text[64];
		size_t len = (size_t)test_below(&seed, sizeof(text));
		char *whole, *bytes, *pieces;

		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[test_below(&seed, sizeof(alphabet) - 1)];
		if (len > 0)
			text[0] = i % 4 ? '[' : '{';
		whole = scan(text, len, &setup, WHOLE, &seed);
		bytes = scan(text, len, &setup, BYTES, &seed);
		pieces = scan(text, len, &setup, PIECES, &seed);
		assert_string_equal(whole, bytes);
		assert_string_equal(whole, pieces);
		free(whole);
		free(bytes);
		free(pieces);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_of_the_largest_size_is_whole),
		cmocka_unit_test(a_larger_element_is_cut_and_spares_the_others),
		cmocka_unit_test(blanks_within_count),
		cmocka_unit_test(a_member_is_limited_too),
		cmocka_unit_test(depth_32_is_the_last_whole_one),
		cmocka_unit_test(too_large_outdoes_too_deep),
		cmocka_unit_test(a_depth_bomb_is_one_bad_element),
		cmocka_unit_test(an_unclosed_depth_bomb_is_an_early_end),
		cmocka_unit_test(a_million_brackets_end_the_scan),
		cmocka_unit_test(the_handler_can_stop_the_scan),
		cmocka_unit_test(after_a_failure_nothing_is_taken),
		cmocka_unit_test(items_are_seen_only_if_they_are_there),
		cmocka_unit_test(random_texts_do_not_depend_on_their_pieces),
	};

	return cmocka_run_group_tests_name("json_scan", tests, NULL, NULL) + TABLE_CASES(scan_rows, scan_case);
}
