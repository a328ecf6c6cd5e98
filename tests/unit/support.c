#include "support.h"

char *test_file(const char *path, size_t *len_out)
{
	FILE *file = fopen(path, "rb");
	char *text;
	long len;

	if (!file)
		fail_msg("%s can't be opened", path);
	fseek(file, 0, SEEK_END);
	len = ftell(file);
	rewind(file);
	text = malloc((size_t)len + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)len, file), len);
	fclose(file);
	text[len] = '\0';
	if (len_out)
		*len_out = (size_t)len;
	return text;
}

const json_t *test_json(struct arena *arena, const char *text)
{
	struct fail fail = { 0 };
	const json_t *value = json_read(arena, text, strlen(text), &fail);

	if (!value)
		fail_msg("%s: %s", text, fail.public_message);
	return value;
}

const char *test_issues(const struct issues *issues)
{
	const char *text = "";

	for (size_t i = 0; i < issues->count; i++) {
		const struct issue *issue = &issues->list[i];

		text = arena_printf(issues->arena, "%s%s %s: %s | %s\n", text, code_info(issue->code)->name,
				    issue->pointer, issue->message, issue->suggestion);
	}
	return text;
}

int test_table(const char *group, const void *rows, size_t count, size_t size, CMUnitTestFunction fn)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	int failed;

	if (!tests)
		return 1;
	for (size_t i = 0; i < count; i++) {
		/* cmocka hands the row back as void *; no case changes it. */
		char *row = (char *)(uintptr_t)rows + i * size;

		tests[i].name = *(const char **)(void *)row;
		tests[i].test_func = fn;
		tests[i].initial_state = row;
	}
	failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
	free(tests);
	return failed;
}

uint64_t test_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

int64_t test_below(uint64_t *state, int64_t bound)
{
	return (int64_t)(test_random(state) % (uint64_t)bound);
}
