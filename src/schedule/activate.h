/*
 * Between the files of activation: looking up what is due, and carrying it out.
 * Not for other folders.
 */
#ifndef SCHEDULE_ACTIVATE_H
#define SCHEDULE_ACTIVATE_H

#include "rules/activation.h"
#include "schedule/conditions.h"
#include "schedule/slice.h"

/* One item: the moments of its event that are due. */
struct activation {
	struct activation_terms terms;
	struct moment *moments;
	size_t moment_count;
	int64_t next_at;                 /* of a series: the next occurrence; 0 = none is known */
	const struct condition_result *conditions;
};

/* The item is left as it is, with a reason. */
void activation_leave(struct slice_item *item, enum code code, const char *message);

#endif
