/*
 * Making tables in steps, a time budget a request: the page that the installer
 * and the upgrade share.
 */
#ifndef WEB_TABLE_STEPS_H
#define WEB_TABLE_STEPS_H

#include "base/issue.h"
#include "db/migrate.h"
#include "web/http.h"

#define TABLE_STEPS 0 /* in place of a batch's id, for links that do work */

struct table_steps {
	const char *title, *path; /* of the page, where its form goes, too */
	bool is_upgrade;
	bool (*finish)(void *ctx); /* what else belongs to it (migrate_steps_then); NULL = nothing */
};

/* The page as far as it is; with `is_running` it goes on by itself.  `issues` may be NULL. */
void table_steps_show(struct request *request, struct response *response, const struct table_steps *steps, const struct migrate_state *state,
		      const struct issues *issues, bool is_running);
/* Works for one time budget.  True when all is done: the reply is the caller's;
 * else the page is, and says what went wrong if something did. */
MUST_USE bool table_steps_work(struct request *request, struct response *response, const struct table_steps *steps);

#endif
