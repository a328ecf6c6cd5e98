#include "rules/jsonlogic.h"
#include "support.h"

/* --- the standard's table ---------------------------------------------------- */

#define VECTORS_MAX 1000

struct vector {
	const char *name;
	const json_t *rule, *data, *want;
};

/* Numbers by value, 1 and 1.0 alike; objects in any order. */
static bool alike(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
		for (size_t i = 0; i < json_array_size(a); i++) {
			if (!alike(json_array_get(a, i), json_array_get(b, i)))
				return false;
		}
		return true;
	}
	return json_equal(a, b);
}

static void vector_case(void **state)
{
	const struct vector *vector = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct jsonlogic_value value = jsonlogic_apply(arena, vector->rule, vector->data);
	json_t *got = json_loads(value.json, JSON_DECODE_ANY, NULL);

	if (!got || !alike(got, vector->want))
		fail_msg("%s: %s", vector->name, value.json);
	assert_int_equal(value.code, CODE_NONE);
	if (json_is_object(vector->rule) && json_object_size(vector->rule) == 1) {
		jsonlogic_check(vector->rule, "", &issues);
		assert_string_equal(test_issues(&issues), "");
		assert_true(jsonlogic_text(arena, vector->rule)[0] != '\0');
		assert_int_equal(strcmp(jsonlogic_explain(arena, vector->rule, "", vector->data), "[]") == 0, value.truth);
	}
	json_decref(got);
	arena_free(arena);
}

static int run_vectors(void)
{
	static struct vector rows[VECTORS_MAX];
	json_t *all = json_load_file("tests/vectors/jsonlogic.json", 0, NULL);
	struct arena *arena = arena_new();
	size_t count = 0;
	int failed;

	for (size_t i = 0; i < json_array_size(all) && count < VECTORS_MAX; i++) {
		const json_t *row = json_array_get(all, i);

		if (!json_is_array(row))
			continue;
		rows[count].rule = json_array_get(row, 0);
		rows[count].data = json_array_get(row, 1);
		rows[count].want = json_array_get(row, 2);
		rows[count++].name = json_text(arena, row, NULL);
	}
	failed = count < 600 ? 1 : test_table("vectors", rows, count, sizeof(rows[0]), vector_case);
	arena_free(arena);
	json_decref(all);
	return failed;
}

/* --- reading ------------------------------------------------------------------- */

static const struct check_row {
	const char *name;
	const char *rule;
	const char *want;
} check_rows[] = {
	{ "check: fine", "{\"and\":[{\"==\":[{\"var\":\"a\"},1]},{\"!\":{\"var\":\"b\"}}]}", "" },
	{ "check: data with two members is not a rule", "{\"in\":[1,[{\"a\":1,\"b\":2}]]}", "" },
	{ "check: no rule", "[1]",
	  "invalid_type /conditions: [1] is not a rule of JsonLogic | Write a rule such as {\"<\": [{\"var\": "
	  "\"content.live_version\"}, 3]}\n" },
	{ "check: two operators", "{\"==\":[1,1],\"!\":1}",
	  "invalid_value /conditions: a rule has exactly one operator, this has 2 | Put them into one: {\"and\": [{…}, "
	  "{…}]}\n" },
	{ "check: unknown operator", "{\"and\":[true,{\"equals\":[1,2]}]}",
	  "unknown_operator /conditions/and/1/equals: “equals” is not an operator of JsonLogic | Use one of: var missing "
	  "missing_some if ?: == === != !== ! !! or and > >= < <= max min + - * / % map reduce filter all none some merge "
	  "in cat substr log\n" },
	{ "check: misspelt", "{\"redcue\":[1,2]}",
	  "unknown_operator /conditions/redcue: “redcue” is not an operator of JsonLogic | Did you mean reduce?\n" },
	{ "check: from another language", "{\"/\":[{\"&&\":[1,2]},1]}",
	  "unknown_operator /conditions/~1/0/&&: “&&” is not an operator of JsonLogic | Did you mean and?\n" },
	{ "check: upper case", "{\"AND\":[1,2]}",
	  "unknown_operator /conditions/AND: “AND” is not an operator of JsonLogic | Did you mean and?\n" },
	{ "check: inside of an unknown one", "{\"x\":{\"y\":1}}",
	  "unknown_operator /conditions/x: “x” is not an operator of JsonLogic | Use one of: var missing missing_some if ?: "
	  "== === != !== ! !! or and > >= < <= max min + - * / % map reduce filter all none some merge in cat substr log\n"
	  "unknown_operator /conditions/x/y: “y” is not an operator of JsonLogic | Use one of: var missing missing_some if "
	  "?: == === != !== ! !! or and > >= < <= max min + - * / % map reduce filter all none some merge in cat substr "
	  "log\n" },
	{ "check: too few values", "{\"missing_some\":[1]}",
	  "invalid_value /conditions/missing_some: “missing_some” has 1 values | Give it at least 2.\n" },
	{ "check: nothing to multiply", "{\"!\":{\"*\":[]}}",
	  "invalid_value /conditions/!/*: “*” has 0 values | Give it at least 1.\n" },
};

static void check_case(void **state)
{
	const struct check_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };

	assert_int_equal(jsonlogic_check(test_json(arena, row->rule), "/conditions", &issues), row->want[0] == '\0');
	assert_string_equal(test_issues(&issues), row->want);
	arena_free(arena);
}

static json_t *nested(const char *op, size_t levels)
{
	json_t *rule = json_true();

	for (size_t i = 0; i < levels; i++)
		rule = json_pack("{s:o}", op, rule);
	return rule;
}

static void too_deep_is_refused(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	json_t *rule = nested("!", JSONLOGIC_DEPTH_MAX), *deep = nested("!", JSONLOGIC_DEPTH_MAX + 1);

	assert_true(jsonlogic_check(rule, "/c", &issues));
	assert_int_equal(jsonlogic_apply(arena, rule, NULL).code, CODE_NONE);
	assert_false(jsonlogic_check(deep, "/c", &issues));
	assert_int_equal(issues.list[0].code, CODE_TOO_DEEP);
	assert_int_equal(jsonlogic_apply(arena, deep, NULL).code, CODE_CONDITION_TOO_EXPENSIVE);
	json_decref(rule);
	rule = nested("!", 100000); /* whoever made it, it ends */
	assert_int_equal(jsonlogic_apply(arena, rule, NULL).code, CODE_CONDITION_TOO_EXPENSIVE);
	jsonlogic_text(arena, rule);
	jsonlogic_explain(arena, rule, "", NULL);
	for (json_t *inner; json_is_object(rule); rule = inner) { /* Jansson frees by recursion */
		inner = json_incref(json_object_get(rule, "!"));
		json_object_clear(rule);
		json_decref(rule);
	}
	json_decref(deep);
	arena_free(arena);
}

static void too_long_is_refused(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	json_t *list = json_array();

	while (json_array_size(list) < JSONLOGIC_BYTES_MAX / 4)
		json_array_append_new(list, json_integer(1000));
	list = json_pack("{s:o}", "or", list);
	assert_false(jsonlogic_check(list, "/c", &issues));
	assert_int_equal(issues.list[0].code, CODE_TOO_LONG);
	json_decref(list);
	arena_free(arena);
}

/* --- bombs ----------------------------------------------------------------------- */

#define TEN "[1,2,3,4,5,6,7,8,9,10]"
#define HUNDRED \
	"{\"merge\":[" TEN "," TEN "," TEN "," TEN "," TEN "," TEN "," TEN "," TEN "," TEN "," TEN "]}"

static const struct bomb_row {
	const char *name;
	const char *rule;
	enum code want;
} bomb_rows[] = {
	{ "bomb: a text that doubles",
	  "{\"reduce\":[" HUNDRED ",{\"cat\":[{\"var\":\"accumulator\"},{\"var\":\"accumulator\"}]},\"x\"]}",
	  CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: a list that doubles",
	  "{\"reduce\":[" HUNDRED ",{\"merge\":[{\"var\":\"accumulator\"},{\"var\":\"accumulator\"}]},[1]]}",
	  CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: a list in a list in a list",
	  "{\"reduce\":[" HUNDRED ",[{\"var\":\"accumulator\"}],[]]}", CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: each pair within the next",
	  "{\"reduce\":[" HUNDRED ",{\"var\":\"\"},0]}", CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: loops within loops",
	  "{\"map\":[" HUNDRED ",{\"map\":[" HUNDRED ",{\"map\":[" HUNDRED ",{\"var\":\"\"}]}]}]}",
	  CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: a wide comparison of lists that are made into texts",
	  "{\"map\":[" HUNDRED ",{\"==\":[" HUNDRED ",\"x\"]}]}", CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: substr of a long text again and again",
	  "{\"map\":[" HUNDRED ",{\"map\":[" TEN ",{\"substr\":[{\"cat\":[" HUNDRED "," HUNDRED "]},1]}]}]}",
	  CODE_CONDITION_TOO_EXPENSIVE },
	{ "bomb: a hundred in a hundred is not one", "{\"map\":[" TEN ",{\"in\":[11," HUNDRED "]}]}", CODE_NONE },
};

static void bomb_case(void **state)
{
	const struct bomb_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	const json_t *rule = test_json(arena, row->rule);
	struct jsonlogic_value value;

	assert_true(jsonlogic_check(rule, "", &issues));
	value = jsonlogic_apply(arena, rule, NULL);
	assert_int_equal(value.code, row->want);
	assert_true(value.steps <= JSONLOGIC_STEPS_MAX);
	if (row->want != CODE_NONE) {
		assert_false(value.truth);
		assert_string_equal(value.json, "null");
		assert_string_not_equal(jsonlogic_explain(arena, rule, "", NULL), "");
	}
	assert_true(arena_used_bytes(arena) < 16 * JSONLOGIC_MADE_BYTES_MAX);
	arena_free(arena);
}

/* --- why, and in words -------------------------------------------------------------- */

#define DATA "{\"content\":{\"title\":\"Tea\",\"live_version\":2},\"event\":{\"priority\":0,\"tags\":[\"a\"]},\"now\":\"2026\"}"

static const struct why_row {
	const char *name;
	const char *rule;
	const char *want;
} why_rows[] = {
	{ "why: true", "{\"==\":[{\"var\":\"content.title\"},\"Tea\"]}", "[]" },
	{ "why: one", "{\">=\":[{\"var\":\"content.live_version\"},3]}",
	  "[{\"pointer\":\"/c\",\"text\":\"content.live_version ≥ 3\",\"rule\":{\">=\":[{\"var\":\"content.live_version\"},3]},"
	  "\"values\":{\"content.live_version\":2}}]" },
	{ "why: two of three",
	  "{\"and\":[{\"==\":[{\"var\":\"content.title\"},\"Tea\"]},{\"!\":{\"var\":\"now\"}},{\"var\":\"event.zz\"}]}",
	  "[{\"pointer\":\"/c/and/1\",\"text\":\"not now\",\"rule\":{\"!\":{\"var\":\"now\"}},\"values\":{\"now\":\"2026\"}},"
	  "{\"pointer\":\"/c/and/2\",\"text\":\"event.zz\",\"rule\":{\"var\":\"event.zz\"},\"values\":{\"event.zz\":null}}]" },
	{ "why: neither", "{\"or\":[{\"and\":[true,{\"<\":[5,{\"var\":\"event.priority\"}]}]},false]}",
	  "[{\"pointer\":\"/c/or/0/and/1\",\"text\":\"5 \\u003c event.priority\",\"rule\":{\"\\u003c\":[5,{\"var\":\"event.priority\"}]},"
	  "\"values\":{\"event.priority\":0}},{\"pointer\":\"/c/or/1\",\"text\":\"false\",\"rule\":false,\"values\":{}}]" },
	{ "why: the branch that was taken", "{\"if\":[{\"var\":\"now\"},{\"!!\":{\"var\":\"event.priority\"}},true]}",
	  "[{\"pointer\":\"/c/if/1/!!\",\"text\":\"event.priority\",\"rule\":{\"var\":\"event.priority\"},"
	  "\"values\":{\"event.priority\":0}}]" },
	{ "why: what led to false", "{\"if\":[{\"var\":\"now\"},false,true]}",
	  "[{\"pointer\":\"/c\",\"text\":\"if now then false, else true\",\"rule\":{\"if\":[{\"var\":\"now\"},false,true]},"
	  "\"values\":{\"now\":\"2026\"}}]" },
	{ "why: a list is not repeated", "{\"in\":[\"b\",{\"var\":\"event.tags\"}]}",
	  "[{\"pointer\":\"/c\",\"text\":\"“b” in event.tags\",\"rule\":{\"in\":[\"b\",{\"var\":\"event.tags\"}]},"
	  "\"values\":{\"event.tags\":\"(a list)\"}}]" },
};

static void why_case(void **state)
{
	const struct why_row *row = *state;
	struct arena *arena = arena_new();

	assert_string_equal(jsonlogic_explain(arena, test_json(arena, row->rule), "/c", test_json(arena, DATA)), row->want);
	arena_free(arena);
}

static const struct why_row text_rows[] = {
	{ "words: precedence", "{\"and\":[{\"or\":[{\"var\":\"a\"},{\"var\":\"b\"}]},{\"!\":{\"==\":[{\"var\":\"c\"},1]}}]}",
	  "(a or b) and not (c = 1)" },
	{ "words: between", "{\"<=\":[1,{\"var\":\"a\"},10]}", "1 ≤ a ≤ 10" },
	{ "words: arithmetic", "{\">\":[{\"+\":[{\"var\":\"a\"},1]},{\"-\":[{\"var\":\"b\"}]}]}", "(a + 1) > −b" },
	{ "words: default", "{\"var\":[\"a\",5]}", "a (or 5)" },
	{ "words: each", "{\"all\":[{\"var\":\"a\"},{\">\":[{\"var\":\"\"},1]}]}", "all of a: (it > 1)" },
	{ "words: if", "{\"if\":[{\"var\":\"a\"},1,{\"var\":\"b\"},2,3]}", "if a then 1, else if b then 2, else 3" },
	{ "words: calls", "{\"missing\":[\"a\",\"b\"]}", "missing(“a”, “b”)" },
	{ "words: lists and truths", "{\"in\":[null,[1,\"x\",true]]}", "null in [1, “x”, true]" },
};

static void text_case(void **state)
{
	const struct why_row *row = *state;
	struct arena *arena = arena_new();

	assert_string_equal(jsonlogic_text(arena, test_json(arena, row->rule)), row->want);
	arena_free(arena);
}

static void collect(void *context, const char *path)
{
	struct str *all = context;

	str_addf(all, "%s;", path);
}

static void paths_are_found_wherever_they_stand(void **state)
{
	struct arena *arena = arena_new();
	struct str all = STR_INIT;

	jsonlogic_paths(test_json(arena, "{\"and\":[{\"var\":\"events.7.status\"},{\"missing\":[\"a\",\"b\"]},{\"missing\":\"c\"},"
					 "{\"missing_some\":[1,[\"d\"]]},[{\"var\":[\"e\",{\"var\":\"f\"}]}],{\"var\":{\"cat\":"
					 "[\"g\"]}},{\"==\":[\"h\",1]}]}"), collect, &all);
	assert_string_equal(str_text(&all), "events.7.status;a;b;c;d;e;f;");
	str_free(&all);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_deep_is_refused),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(paths_are_found_wherever_they_stand),
	};

	return cmocka_run_group_tests_name("jsonlogic", tests, NULL, NULL) + run_vectors() +
	       TABLE_CASES(check_rows, check_case) + TABLE_CASES(bomb_rows, bomb_case) + TABLE_CASES(why_rows, why_case) +
	       TABLE_CASES(text_rows, text_case);
}
