/*
 * Permissions: role x action, default deny.
 *
 * An actor holds grants; a grant may be limited to schedule types and to what
 * the actor made himself.  Routes name the permission they need; operations
 * ask again for each item.  Pure.
 */
#ifndef RULES_PERMISSION_H
#define RULES_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum permission {
	PERMIT_NONE,                   /* the route table's "no login needed", said out loud */
	PERMIT_SCHEDULE_CONTENT,
	PERMIT_VIEW_SCHEDULED_CONTENT,
	PERMIT_VIEW_CONTENT_VERSIONS,
	PERMIT_RESOLVE_CONFLICTS,
	PERMIT_MANAGE_BATCHES,         /* see and steer other people's batches */
	PERMIT_MANAGE_USERS,
	PERMIT_VIEW_DASHBOARD,
	PERMIT_TICK,                   /* have due work done, whosever it is */
	PERMIT_COUNT
};
const char *permission_name(enum permission permission);
/* PERMIT_NONE for an unknown name. */
enum permission permission_by_name(const char *name);

struct grant {
	enum permission permission;
	bool own_only;                  /* only events the actor created, contents he owns */
	const char *schedule_types;     /* comma-separated, NULL = all */
};

#define GRANTS_MAX 64

struct actor {
	int64_t user_id;                /* 0 = nobody signed in */
	const char *name;
	bool by_token;                  /* no CSRF check for tokens */
	const char *scope;              /* what his token is limited to, comma-separated; NULL = to nothing */
	const struct grant *grants;
	size_t grant_count;
};

/* Does any grant give it, whatever its limits? (routes, menus)  PERMIT_NONE is
 * never given: it is also what an unknown name reads as. */
bool permitted(const struct actor *actor, enum permission permission);
/* For one item: its schedule type (NULL = any) and its owner (0 = nobody's). */
bool permitted_for(const struct actor *actor, enum permission permission,
		   const char *schedule_type, int64_t owner_id);
/* Does a grant give it without limits? */
bool permitted_wholly(const struct actor *actor, enum permission permission);
/* True when every grant of it is limited to the actor's own. */
bool permitted_own_only(const struct actor *actor, enum permission permission);

#endif
