#include "schedule/clashes.h"

#include <stdlib.h>

#include "base/config.h"
#include "rules/series.h"
#include "schedule/keys.h"
#include "schedule/sweep.h"
#include "store/timetable.h"

/* An occurrence as an event of its own, without its attributes: restrictions
 * of tags are not looked at. */
static struct event as_event(const struct timetable_entry *entry)
{
	return (struct event){
		.id = entry->event_id,
		.content_id = entry->content_id,
		.version_no = entry->version_no,
		.schedule_type = entry->schedule_type,
		.title = entry->title,
		.starts_at = entry->starts_at,
		.ends_at = entry->ends_at,
		.duration_s = entry->ends_at - entry->starts_at,
		.resources = entry->resources,
		.resource_count = entry->resource_count,
		.assignees = entry->assignees,
		.assignee_count = entry->assignee_count,
		.status = entry->status,
		.created_by = entry->created_by,
	};
}

static int by_id(const void *left, const void *right)
{
	const struct event_name *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

struct known {
	struct event_name *names;
	size_t count;
};

static const struct event_name *name_of(const struct known *known, int64_t id)
{
	struct event_name key = { .id = id };
	return known->count ? bsearch(&key, known->names, known->count, sizeof(key), by_id) : NULL;
}

/* Takes away what a batch that is all or nothing holds and nobody sees, or no
 * longer sees: of an event's own places and those of its changed copy, which
 * have negative names, one counts. */
static bool keep_visible(struct ctx *ctx, struct sweep *sweep, struct known *known)
{
	struct key_list owners = { .arena = ctx->arena };
	size_t kept = 0;
	for (size_t i = 0; i < sweep->stored_count; i++)
		keys_add(&owners, sweep->stored[i].owner);
	keys_sort(&owners);
	if (!event_names(ctx, ctx->actor, owners.ids, owners.count, &known->names, &known->count))
		return false;
	for (size_t i = 0; i < sweep->stored_count; i++) {
		const struct event_name *name = name_of(known, sweep->stored[i].owner);
		if (name && name->has_moved_copy == (sweep->stored[i].local_start < 0))
			sweep->stored[kept++] = sweep->stored[i];
	}
	sweep->stored_count = kept;
	return true;
}

static void list_clashes(struct ctx *ctx, const struct known *known, const struct conflicts *conflicts,
			 struct timetable_entry *entry)
{
	size_t count = conflicts->listed < CLASHES_LISTED_MAX ? conflicts->listed : CLASHES_LISTED_MAX;
	entry->conflict_count = conflicts->count;
	entry->clashes = arena_array(ctx->arena, count + 1, sizeof(*entry->clashes));
	entry->clash_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct conflict *conflict = &conflicts->list[i];
		const struct event_name *name = name_of(known, conflict->owner);
		entry->clashes[i] = (struct clash){
			.code = conflict->code,
			.hard = conflict->hard,
			.event_id = conflict->owner > 0 ? conflict->owner : 0,
			.starts_at = conflict->start_utc,
			.ends_at = conflict->end_utc,
			.resource_id = conflict->code == CODE_VERSION_WINDOW ? 0 : conflict->calendar_id,
			.title = conflict->violation ? ""
				 : name && name->is_viewable ? name->title : NULL,
		};
	}
}

bool clashes_find(struct ctx *ctx, struct timetable_entry *entries, size_t count)
{
	struct known known = { 0 };
	struct sweep sweep;
	struct slice slice = {
		.ctx = ctx,
		.kind = SLICE_EVALUATE,
		.actor = ctx->actor,
		.conflict_window_s = ctx->config->conflict_window_s,
		.conflict_details = CLASHES_LISTED_MAX,
		.check_compliance = true,
	};
	if (!count)
		return true;
	struct event *events = arena_array(ctx->arena, count, sizeof(*events));
	const struct event **list = arena_array(ctx->arena, count, sizeof(const struct event *));
	for (size_t i = 0; i < count; i++) {
		events[i] = as_event(&entries[i]);
		list[i] = &events[i];
	}
	if (!sweep_look_up(&slice, list, count, false))
		return false;
	sweep_open(&sweep, &slice);
	for (size_t i = 0; i < count; i++)
		sweep_touch(&sweep, &events[i]);
	sweep_close(&sweep);
	if (!sweep_fetch(&sweep, false, true) || !keep_visible(ctx, &sweep, &known))
		return false;
	sweep_begin_round(&sweep);
	for (size_t i = 0; i < count; i++) {
		const struct conflicts *conflicts = sweep_probe(&sweep, &events[i], events[i].id, 0);
		if (conflicts)
			list_clashes(ctx, &known, conflicts, &entries[i]);
	}
	return true;
}

static struct timetable_entry as_entry(const struct event *event)
{
	return (struct timetable_entry){
		.event_id = event->id,
		.starts_at = event->starts_at,
		.ends_at = event->ends_at,
		.title = event->title,
		.schedule_type = event->schedule_type,
		.content_id = event->content_id,
		.version_no = event->version_no,
		.status = event->status,
		.resources = event->resources,
		.resource_count = event->resource_count,
		.assignees = event->assignees,
		.assignee_count = event->assignee_count,
	};
}

bool clashes_of_event(struct ctx *ctx, const struct event *event, int64_t from_utc, struct timetable_entry **entries_out,
		      size_t *count_out)
{
	size_t most = CLASHES_PLACES_MAX / (1 + event->resource_count + event->assignee_count);
	if (most > SERIES_OCCURRENCES_MAX)
		most = SERIES_OCCURRENCES_MAX;
	*count_out = 1;
	if (event_recurs(event)) {
		if (!timetable_next(ctx, event->id, from_utc, (int32_t)most, entries_out, count_out))
			return false;
	} else {
		*entries_out = arena_alloc(ctx->arena, sizeof(**entries_out));
		**entries_out = as_entry(event);
	}
	return clashes_find(ctx, *entries_out, *count_out);
}
