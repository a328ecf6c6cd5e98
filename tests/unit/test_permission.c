#include "rules/permission.h"
#include "support.h"

#define S PERMIT_SCHEDULE_CONTENT
#define V PERMIT_VIEW_SCHEDULED_CONTENT
#define ME 5

static const struct grant nothing[] = { { PERMIT_NONE, false, NULL } };
static const struct grant all[] = { { S, false, NULL } };
static const struct grant own[] = { { S, true, NULL } };
static const struct grant types[] = { { S, false, "publish, train,meeting" } };
static const struct grant own_types[] = { { S, true, "publish" } };
static const struct grant no_types[] = { { S, false, "" } };
static const struct grant mixed[] = { { S, true, NULL }, { S, false, "train" }, { V, false, NULL } };
static const struct grant other[] = { { V, false, NULL } };

static const struct row {
	const char *name;
	const struct grant *grants;
	size_t count;
	int64_t user;
	const char *type;
	int64_t owner;
	bool any, item, only_own;
} rows[] = {
	{ "no grants", NULL, 0, ME, "publish", ME, false, false, false },
	{ "a grant of nothing", nothing, 1, ME, "publish", ME, false, false, false },
	{ "another permission", other, 1, ME, "publish", ME, false, false, false },
	{ "unlimited: own", all, 1, ME, "publish", ME, true, true, false },
	{ "unlimited: somebody else's", all, 1, ME, "publish", 9, true, true, false },
	{ "unlimited: nobody's", all, 1, ME, "publish", 0, true, true, false },
	{ "unlimited: but nobody signed in", all, 1, 0, "publish", 0, false, false, false },
	{ "own: own", own, 1, ME, "publish", ME, true, true, true },
	{ "own: somebody else's", own, 1, ME, "publish", 9, true, false, true },
	{ "own: nobody's", own, 1, ME, "publish", 0, true, false, true },
	{ "own: nobody signed in is no owner", own, 1, 0, "publish", 0, false, false, false },
	{ "types: first", types, 1, ME, "publish", 9, true, true, false },
	{ "types: middle, after a blank", types, 1, ME, "train", 9, true, true, false },
	{ "types: last", types, 1, ME, "meeting", 9, true, true, false },
	{ "types: not named", types, 1, ME, "archive", ME, true, false, false },
	{ "types: the beginning of one", types, 1, ME, "pub", ME, true, false, false },
	{ "types: more than one", types, 1, ME, "publisher", ME, true, false, false },
	{ "types: empty name", types, 1, ME, "", ME, true, false, false },
	{ "types: the list itself", types, 1, ME, "publish, train", ME, true, false, false },
	{ "types: type not known yet", types, 1, ME, NULL, ME, true, true, false },
	{ "empty list of types gives none", no_types, 1, ME, "publish", ME, true, false, false },
	{ "own and types: both", own_types, 1, ME, "publish", ME, true, true, true },
	{ "own and types: wrong type", own_types, 1, ME, "train", ME, true, false, true },
	{ "own and types: wrong owner", own_types, 1, ME, "publish", 9, true, false, true },
	{ "mixed: own of any type", mixed, 3, ME, "publish", ME, true, true, false },
	{ "mixed: other's of the type", mixed, 3, ME, "train", 9, true, true, false },
	{ "mixed: other's of another type", mixed, 3, ME, "publish", 9, true, false, false },
};

static void permission_case(void **state)
{
	const struct row *row = *state;
	struct actor actor = { .user_id = row->user, .grants = row->grants, .grant_count = row->count };

	assert_int_equal(permitted(&actor, S), row->any);
	assert_int_equal(permitted_for(&actor, S, row->type, row->owner), row->item);
	assert_int_equal(permitted_own_only(&actor, S), row->only_own);
}

static void names_go_there_and_back(void **state)
{
	for (int p = PERMIT_NONE + 1; p < PERMIT_COUNT; p++)
		assert_int_equal(permission_by_name(permission_name((enum permission)p)), p);
	assert_string_equal(permission_name(PERMIT_MANAGE_BATCHES), "manage_batches");
}

static void an_unknown_name_permits_nothing(void **state)
{
	struct actor actor = { .user_id = ME, .grants = nothing, .grant_count = 1 };

	assert_int_equal(permission_by_name("schedule_contents"), PERMIT_NONE);
	assert_int_equal(permission_by_name(""), PERMIT_NONE);
	assert_false(permitted(&actor, permission_by_name("schedule_contents")));
	assert_false(permitted_for(&actor, PERMIT_NONE, NULL, ME));
	assert_string_equal(permission_name((enum permission)99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_there_and_back),
		cmocka_unit_test(an_unknown_name_permits_nothing),
	};

	return cmocka_run_group_tests_name("permission", tests, NULL, NULL) + TABLE_CASES(rows, permission_case);
}
