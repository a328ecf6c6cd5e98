/* The longest chain of items that depend on each other, counted while they go by. */
#include "rules/chain.h"
#include "support.h"

/* Items in their order: "id" or "id<needed,needed"; what the longest chain of them is. */
static const struct row {
	const char *name;
	const char *items;
	int32_t longest;
} rows[] = {
	{ "nothing depends on anything", "a b c", 1 },
	{ "a chain", "a b<a c<b d<c", 4 },
	{ "the longest of several", "a b<a x y<x z<y,b", 3 },
	{ "items without an id hang on others, nothing hangs on them", "a <a <a b<a <b", 3 },
	{ "what comes later is not known", "b<a a", 1 },
	{ "nor is what is not there", "b<nobody c<b", 2 },
	{ "an item of its own", "a<a", 1 },
	{ "an id twice: the last one", "a b<a b c<b", 2 },
};

static void row_case(void **state)
{
	const struct row *row = *state;
	struct arena *arena = arena_new();
	struct chain chain = { .longest = 0 };
	char *at = arena_strdup(arena, row->items), *item, *key;
	while ((item = strsep(&at, " "))) {
		struct item_links links = { .key = strsep(&item, "<") };
		if (!links.key[0])
			links.key = NULL;
		while ((key = strsep(&item, ",")))
			links.list[links.count++].key = key;
		chain_add(&chain, arena, &links);
	}
	assert_int_equal(chain.longest, row->longest);
	arena_free(arena);
}

static void more_keys_than_are_remembered_do_no_harm(void **state)
{
	struct arena *arena = arena_new();
	struct chain chain = { .longest = 0 };
	char before[20] = "", key[20];
	(void)state;
	for (int i = 0; i < CHAIN_KEYS_MAX + 5000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		struct item_links links = { .key = key, .list = { { .key = before } }, .count = i > 0 };
		chain_add(&chain, arena, &links);
		memcpy(before, key, sizeof key);
	}
	assert_int_equal(chain.longest, CHAIN_KEYS_MAX + 1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(more_keys_than_are_remembered_do_no_harm) };
	return cmocka_run_group_tests_name("chain", tests, NULL, NULL) + TABLE_CASES(rows, row_case);
}
