/*
 * Changing one occurrence of a series, or those from one on.
 *
 * An occurrence is named by its original wall time.  Pure, like rules/event.h.
 */
#ifndef RULES_EVENT_SCOPE_H
#define RULES_EVENT_SCOPE_H

#include "rules/event.h"

enum edit_scope {
	EDIT_ALL,       /* the series, or an event that happens once */
	EDIT_THIS,      /* one occurrence: an override; cancelled: left out */
	EDIT_FOLLOWING, /* the series ends before it, and a new event carries on */
};
bool edit_scope_by_name(const char *name, enum edit_scope *scope_out);

/* Puts `values` over one occurrence: its start, duration, title or version
 * (null = the series' own), or status cancelled (left out) and scheduled (back
 * again).  `shift_s` is added to its start.  Issues below values->base, or at
 * /occurrence; the event is then not to be used. */
bool event_apply_occurrence(struct event *event, int64_t occurrence, const struct event *values, int64_t shift_s,
			    struct issues *issues);

/* The two halves of a series: `before` ends before that occurrence, `after`
 * begins with it (no id, no client_id).  COUNT, exdates, rdates and overrides
 * are divided.  False with an issue when it has no such occurrence, or it is
 * the first one: then there is nothing to divide; or nothing of the rule. */
bool event_divide(const struct event *event, int64_t occurrence, struct event *before, struct event *after,
		  struct issues *issues);

/* Is there nothing before it that is not left out, so that those from it on are
 * the whole series? */
bool event_begins_with(const struct event *event, int64_t occurrence);

/* Then: the series begins with it, without what was left out before.  False with
 * an issue when it has no such occurrence. */
bool event_drop_before(struct event *event, int64_t occurrence, struct issues *issues);

#endif
