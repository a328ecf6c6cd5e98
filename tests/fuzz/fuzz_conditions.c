/*
 * Conditions: [rule, data] or a rule alone.  Whatever it is, it ends within its
 * budget, its value is JSON, and it is false exactly when there is a reason.
 */
#include "rules/jsonlogic.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void conditions_check(struct arena *arena, const json_t *rule, const json_t *data)
{
	struct issues issues = { .arena = arena };
	bool good = jsonlogic_check(rule, "/conditions", &issues);
	struct jsonlogic_value value = jsonlogic_apply(arena, rule, data);
	const char *why = jsonlogic_explain(arena, rule, "/conditions", data), *text = jsonlogic_text(arena, rule);
	json_t *read;

	REQUIRE(good == (issues.count == 0));
	REQUIRE(value.steps <= JSONLOGIC_STEPS_MAX);
	REQUIRE(value.code == CODE_NONE || !value.truth);
	REQUIRE(utf8_valid(text, strlen(text), NULL));
	REQUIRE((strcmp(why, "[]") == 0) == value.truth);
	read = json_loads(value.json, JSON_DECODE_ANY, NULL);
	REQUIRE(read);
	json_decref(read);
	read = json_loads(why, 0, NULL);
	REQUIRE(read);
	json_decref(read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct fail f = { 0 };
	const json_t *value = json_read(arena, (const char *)data, size, &f);

	if (value && (!json_is_array(value) || json_array_size(value) > 0)) {
		conditions_check(arena, json_is_array(value) ? json_array_get(value, 0) : value,
				 json_is_array(value) ? json_array_get(value, 1) : NULL);
	}
	arena_free(arena);
	return 0;
}
