#include "store/viewable.h"

#include <string.h>

/* The types of one grant, "a, b", as a list of texts. */
static void type_list(struct db_text *text, const char *column, const char *types)
{
	db_text_lit(text, " AND ");
	db_text_lit(text, column);
	db_text_lit(text, " IN ");
	db_text_row(text);
	while (*types) {
		size_t len;
		types += strspn(types, ", ");
		len = strcspn(types, ", ");
		if (len)
			db_text_strn(text, types, len);
		types += len;
	}
	db_text_null(text); /* a grant for no type at all gives nothing */
	db_text_end_row(text);
}

static void owned_by(struct db_text *text, const struct viewable *what, int64_t user_id)
{
	db_text_lit(text, " AND (");
	db_text_lit(text, what->owner);
	db_text_lit(text, " = ");
	db_text_i64(text, user_id);
	if (what->is_shared) {
		db_text_lit(text, " OR ");
		db_text_lit(text, what->owner);
		db_text_lit(text, " = 0");
	}
	db_text_lit(text, ")");
}

void and_viewable(struct db_text *text, const struct viewable *what, const struct actor *actor)
{
	bool any = false;
	if (permitted_wholly(actor, what->permission))
		return;
	db_text_lit(text, " AND (");
	for (size_t i = 0; i < actor->grant_count; i++) {
		const struct grant *grant = &actor->grants[i];
		if (grant->permission != what->permission)
			continue;
		db_text_lit(text, any ? " OR (TRUE" : "(TRUE");
		if (grant->own_only)
			owned_by(text, what, actor->user_id);
		if (grant->schedule_types)
			type_list(text, what->type, grant->schedule_types);
		db_text_lit(text, ")");
		any = true;
	}
	db_text_lit(text, any ? ")" : "FALSE)");
}
