/*
 * permitted_for() as SQL: which rows of a list somebody may see.
 */
#ifndef STORE_VIEWABLE_H
#define STORE_VIEWABLE_H

#include "db/text.h"
#include "rules/permission.h"

struct viewable {
	enum permission permission;
	const char *type, *owner;  /* columns; literals */
	bool is_shared;            /* an owner 0 is everybody */
};

/* Appends " AND (…)": any one of the actor's grants is enough. */
void and_viewable(struct db_text *text, const struct viewable *what, const struct actor *actor);

#endif
