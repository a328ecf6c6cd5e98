/* Our parser against Jansson's: the same texts accepted, equal values read. */
#include "base/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Depth is the one thing Jansson allows and we don't. */
static bool json_is_shallow(const json_t *value, int left)
{
	const char *key;
	json_t *member;
	size_t i;

	if (!json_is_object(value) && !json_is_array(value))
		return true;
	if (left == 0)
		return false;
	json_object_foreach((json_t *)(uintptr_t)value, key, member) {
		if (!json_is_shallow(member, left - 1))
			return false;
	}
	json_array_foreach(value, i, member) {
		if (!json_is_shallow(member, left - 1))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct fail f = { 0 };
	const json_t *ours = json_read(arena, (const char *)data, size, &f);
	json_t *theirs = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	bool nul = size > 0 && memchr(data, '\0', size); /* Jansson takes one behind a value */

	REQUIRE((ours != NULL) == (!nul && theirs != NULL && json_is_shallow(theirs, JSON_DEPTH_MAX)));
	REQUIRE((f.kind == FAIL_NONE) == (ours != NULL));
	REQUIRE(!ours || json_equal(ours, theirs));
	json_decref(theirs);
	arena_free(arena);
	return 0;
}
