/* Conflicts as people look at them. */
#include "batch/conflicts.h"

#include <stdlib.h>

#include "base/clock.h"
#include "batch/access.h"
#include "batch/ops.h"
#include "batch/states.h"

/* What a page names, fetched at once. */
struct fetched {
	struct ctx *ctx;
	struct made_event *made;
	size_t made_count;
	struct named_event *events;
	size_t event_count;
	struct named_place *contents, *resources;
	size_t content_count, resource_count;
	struct alike_row *alike;
	size_t alike_count;
};

/* Numbers to be asked for. */
struct wanted {
	int64_t *list;
	size_t count;
};

static void want(struct wanted *wanted, int64_t number)
{
	if (number)
		wanted->list[wanted->count++] = number;
}

static int by_first_i64(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return (a > b) - (a < b);
}

/* All lists here begin with the number by which they are sorted. */
static const void *find(const void *list, size_t count, size_t size, int64_t number)
{
	return count ? bsearch(&number, list, count, size, by_first_i64) : NULL;
}

static const struct named_event *find_event(const struct fetched *fetched, int64_t id)
{
	for (size_t low = 0, high = fetched->event_count; low < high;) {
		size_t middle = low + (high - low) / 2;
		const struct named_event *event = &fetched->events[middle];
		if (event->event.id == id)
			return event;
		if (event->event.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* --- reading what was recorded ------------------------------------------------------ */

static int64_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static int64_t time_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	int64_t utc = 0;
	return text && time_parse_utc(text, strlen(text), &utc) ? utc : 0;
}

/* "Bo Berg, Cy Dahl (not free)" */
static const char *instead_of(struct arena *arena, const json_t *alternatives)
{
	const char *text = NULL;
	const json_t *one;
	size_t i;
	json_array_foreach(alternatives, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *busy = json_is_false(json_object_get(one, "free")) ? " (not free)" : "";
		text = arena_printf(arena, "%s%s%s%s", text ? text : "", text ? ", " : "", name ? name : "", busy);
	}
	return text;
}

static void read_clash(struct arena *arena, const json_t *conflict, struct clash *clash)
{
	const char *kind = json_string_value(json_object_get(conflict, "kind"));
	const char *severity = json_string_value(json_object_get(conflict, "severity"));
	const json_t *ordinal = json_object_get(conflict, "ordinal");
	int64_t content_id = number_of(conflict, "content_id");
	*clash = (struct clash){
		.code = code_by_name(kind ? kind : ""),
		.is_hard = severity && strcmp(severity, "hard") == 0,
		.event_id = number_of(conflict, "event_id"),
		.ordinal = json_is_integer(ordinal) ? json_integer_value(ordinal) : -1,
		.is_still_there = true,
		.starts_at = time_of(conflict, "starts_at"),
		.ends_at = time_of(conflict, "ends_at"),
		.own_starts_at = time_of(conflict, "own_starts_at"),
		.own_ends_at = time_of(conflict, "own_ends_at"),
		.calendar_kind = content_id ? CALENDAR_CONTENT : CALENDAR_RESOURCE,
		.calendar_id = content_id ? content_id : number_of(conflict, "resource_id"),
		.calendar_name = "",
		.existing_version = number_of(conflict, "existing_version"),
		.requested_version = number_of(conflict, "requested_version"),
		.reason = json_string_value(json_object_get(conflict, "reason")),
		.instead = instead_of(arena, json_object_get(conflict, "alternatives")),
	};
}

static bool is_listed(const json_t *conflicts, const char *kind)
{
	const json_t *conflict;
	size_t i;
	json_array_foreach(conflicts, i, conflict) {
		const char *word = json_string_value(json_object_get(conflict, "kind"));
		if (word && strcmp(word, kind) == 0)
			return true;
	}
	return false;
}

/* Why a decision was in vain: an error that is no conflict itself. */
static const char *refusal_of(struct arena *arena, const json_t *detail)
{
	const json_t *errors = json_object_get(detail, "errors"), *error;
	size_t i;
	json_array_foreach(errors, i, error) {
		const char *code = json_string_value(json_object_get(error, "code"));
		const char *message = json_string_value(json_object_get(error, "message"));
		if (code && message && !is_listed(json_object_get(detail, "conflicts"), code))
			return arena_strdup(arena, message);
	}
	return NULL;
}

static void read_row(struct ctx *ctx, const struct conflict_row *row, struct conflict_item *item)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	*item = (struct conflict_item){ .row = row, .content_title = "" };
	json_t *detail = row->detail ? json_read(ctx->arena, row->detail, strlen(row->detail), &unreadable) : NULL;
	const json_t *list = json_object_get(detail, "conflicts"), *conflict;
	size_t i;
	item->conflict_count = number_of(detail, "conflict_count");
	item->clashes = arena_array(ctx->arena, json_array_size(list) + 1, sizeof(*item->clashes));
	json_array_foreach(list, i, conflict) {
		read_clash(ctx->arena, conflict, &item->clashes[item->clash_count++]);
	}
	item->refusal = refusal_of(ctx->arena, detail);
}

/* --- what was proposed ---------------------------------------------------------------- */

/* The items read as the engine reads them, over the events they change. */
static void read_proposals(struct ctx *ctx, const struct job *job, const struct fetched *fetched, struct conflict_item *items,
			   size_t count)
{
	struct slice slice = { .kind = operation_of(job->type)->kind, .actor = ctx->actor, .job_id = job->id };
	struct item_row *rows = arena_array(ctx->arena, count + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		const struct named_event *target = find_event(fetched, items[i].row->target_id);
		rows[i] = (struct item_row){ .ordinal = items[i].row->ordinal, .input = items[i].row->input,
					     .target = target ? &target->event : NULL };
	}
	slice_init(&slice, ctx, rows, count);
	slice_read(&slice);
	for (size_t i = 0; i < count; i++) {
		slice_proposal(&slice, &slice.items[i], &items[i].event);
		const struct named_place *content =
			find(fetched->contents, fetched->content_count, sizeof(*content), items[i].event.content_id);
		items[i].content_title = content && content->name ? content->name : "";
	}
}

/* The contents of the proposals are known only from their texts. */
static void want_content(struct ctx *ctx, const struct conflict_row *row, struct wanted *contents)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	struct arena_mark mark = arena_mark(ctx->arena);
	const json_t *input = json_read(ctx->arena, row->input, strlen(row->input), &unreadable);
	const json_t *values = json_object_get(input, "values");
	int64_t id = number_of(values ? values : input, "content_id");
	arena_rewind(ctx->arena, mark);
	want(contents, id);
}

/* --- what it meets --------------------------------------------------------------------- */

/* Single events are shown as they are now; of a series what was recorded. */
static void place_other(struct clash *clash, const struct event *other)
{
	if (!other->recurrence && other->rdate_count == 0) {
		clash->starts_at = other->starts_at;
		clash->ends_at = other->ends_at;
	}
	clash->is_still_there = event_status_is_busy(other->status);
}

static void meet(struct clash *clash)
{
	int64_t from = clash->starts_at > clash->own_starts_at ? clash->starts_at : clash->own_starts_at;
	int64_t to = clash->ends_at < clash->own_ends_at ? clash->ends_at : clash->own_ends_at;
	clash->overlap_from = from;
	clash->overlap_to = to > from ? to : from;
	if (clash->calendar_kind == CALENDAR_RESOURCE && clash->code != CODE_COMPLIANCE)
		clash->is_still_there &= to > from;
}

static void finish_clash(const struct fetched *fetched, struct clash *clash)
{
	const struct actor *actor = fetched->ctx->actor;
	bool is_content = clash->calendar_kind == CALENDAR_CONTENT;
	const struct made_event *made =
		clash->ordinal >= 0 ? find(fetched->made, fetched->made_count, sizeof(*made), clash->ordinal) : NULL;
	const struct named_place *place = is_content
		? find(fetched->contents, fetched->content_count, sizeof(*place), clash->calendar_id)
		: find(fetched->resources, fetched->resource_count, sizeof(*place), clash->calendar_id);
	if (made)
		clash->event_id = made->event_id;
	const struct named_event *other = clash->event_id ? find_event(fetched, clash->event_id) : NULL;
	clash->calendar_name = place && place->name ? place->name : "";
	if (other) {
		place_other(clash, &other->event);
		clash->is_hidden = !permitted_for(actor, PERMIT_VIEW_SCHEDULED_CONTENT, other->event.schedule_type, other->event.created_by);
		clash->other = clash->is_hidden ? NULL : other;
	} else if (clash->event_id || clash->ordinal >= 0) {
		clash->is_still_there = false;
	}
	meet(clash);
}

/* What this person may choose: to put something over another event he must be
 * allowed to resolve conflicts with that one. */
static uint32_t ways_for(const struct fetched *fetched, const struct conflict_item *item)
{
	const struct actor *actor = fetched->ctx->actor;
	const uint32_t over_others = ON_CONFLICT_BIT(ON_CONFLICT_REPLACE) | ON_CONFLICT_BIT(ON_CONFLICT_KEEP_BOTH);
	uint32_t ways = permitted(actor, PERMIT_RESOLVE_CONFLICTS) ? item->row->ways : 0;
	for (size_t i = 0; i < item->clash_count; i++) {
		const struct named_event *other = find_event(fetched, item->clashes[i].event_id);
		if (other && !permitted_for(actor, PERMIT_RESOLVE_CONFLICTS, other->event.schedule_type, other->event.created_by))
			ways &= ~over_others;
	}
	return ways;
}

/* --- fetching ----------------------------------------------------------------------------- */

static bool fetch(struct fetched *fetched, const struct job *job, const struct conflict_item *items, size_t count,
		  const struct conflict_group *groups, size_t group_count)
{
	struct ctx *ctx = fetched->ctx;
	size_t room = 1 + count + group_count;
	for (size_t i = 0; i < count; i++)
		room += items[i].clash_count;
	struct wanted ordinals = { arena_array(ctx->arena, room, sizeof(int64_t)), 0 };
	struct wanted events = { arena_array(ctx->arena, 2 * room, sizeof(int64_t)), 0 };
	struct wanted contents = { arena_array(ctx->arena, 2 * room, sizeof(int64_t)), 0 };
	struct wanted resources = { arena_array(ctx->arena, room, sizeof(int64_t)), 0 };
	struct wanted likenesses = { arena_array(ctx->arena, room, sizeof(int64_t)), 0 };
	for (size_t i = 0; i < group_count; i++)
		want(groups[i].clash.calendar_kind == CALENDAR_CONTENT ? &contents : &resources, groups[i].clash.calendar_id);
	for (size_t i = 0; i < count; i++) {
		want(&likenesses, items[i].row->likeness);
		want(&events, items[i].row->target_id);
		want_content(ctx, items[i].row, &contents);
		for (size_t c = 0; c < items[i].clash_count; c++) {
			const struct clash *clash = &items[i].clashes[c];
			want(&events, clash->event_id);
			want(clash->calendar_kind == CALENDAR_CONTENT ? &contents : &resources, clash->calendar_id);
			if (clash->ordinal >= 0)
				ordinals.list[ordinals.count++] = clash->ordinal;
		}
	}
	if (!conflict_made_events(ctx, job->id, ordinals.list, ordinals.count, &fetched->made, &fetched->made_count))
		return false;
	for (size_t i = 0; i < fetched->made_count; i++)
		want(&events, fetched->made[i].event_id);
	return events_by_ids(ctx, events.list, events.count, &fetched->events, &fetched->event_count) &&
	       conflict_places(ctx, CALENDAR_CONTENT, contents.list, contents.count, &fetched->contents, &fetched->content_count) &&
	       conflict_places(ctx, CALENDAR_RESOURCE, resources.list, resources.count, &fetched->resources, &fetched->resource_count) &&
	       conflict_alike_counts(ctx, job->id, likenesses.list, likenesses.count, &fetched->alike, &fetched->alike_count);
}

static void read_groups(struct ctx *ctx, const struct alike_row *rows, size_t count, struct conflict_group **groups_out)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	*groups_out = arena_array(ctx->arena, count + 1, sizeof(**groups_out));
	for (size_t i = 0; i < count; i++) {
		struct conflict_group *group = &(*groups_out)[i];
		json_t *detail = rows[i].detail ? json_read(ctx->arena, rows[i].detail, strlen(rows[i].detail), &unreadable) : NULL;
		*group = (struct conflict_group){ .ordinal = rows[i].first_ordinal, .count = rows[i].count };
		read_clash(ctx->arena, json_array_get(json_object_get(detail, "conflicts"), 0), &group->clash);
	}
}

static void finish_item(const struct fetched *fetched, struct conflict_item *item)
{
	const struct alike_row *alike = find(fetched->alike, fetched->alike_count, sizeof(*alike), item->row->likeness);
	for (size_t i = 0; i < item->clash_count; i++)
		finish_clash(fetched, &item->clashes[i]);
	item->ways = item->row->is_decided ? 0 : ways_for(fetched, item);
	item->alike = alike ? alike->count : 0;
	item->alike_ordinal = alike ? alike->first_ordinal : item->row->ordinal;
}

static bool may_decide(const struct ctx *ctx, const struct job *job)
{
	enum job_state to;
	return permitted(ctx->actor, PERMIT_RESOLVE_CONFLICTS) && job_has_decisions(job) &&
	       job_state_next(job->state, JOB_EVENT_DECIDE, &to);
}

bool batch_conflicts(struct ctx *ctx, int64_t job_id, const struct conflict_query *query, struct conflict_page *page)
{
	struct fetched fetched = { .ctx = ctx };
	struct conflict_filter filter = { .kind = query->kind, .after_ordinal = query->after_ordinal, .limit = query->limit + 1 };
	struct conflict_row *rows;
	struct alike_row *alike;
	*page = (struct conflict_page){ .next_after = -1 };
	if (!access_job(ctx, job_id, &page->job) || !job_get_counts(ctx, &page->job, &page->counts) ||
	    (query->like_ordinal >= 0 && !decisions_likeness(ctx, job_id, query->like_ordinal, &filter.likeness)))
		return false;
	if (query->like_ordinal >= 0 && !filter.likeness)
		filter.limit = 0; /* nothing is like what is in no conflict */
	if (!conflict_rows(ctx, &page->job, &filter, &rows, &page->count) ||
	    !conflict_alike(ctx, job_id, CONFLICT_GROUPS_MAX, &alike, &page->group_count))
		return false;
	if (page->count > (size_t)query->limit) {
		page->count = (size_t)query->limit;
		page->next_after = rows[page->count - 1].ordinal;
	}
	page->items = arena_array(ctx->arena, page->count + 1, sizeof(*page->items));
	for (size_t i = 0; i < page->count; i++)
		read_row(ctx, &rows[i], &page->items[i]);
	read_groups(ctx, alike, page->group_count, &page->groups);
	if (!fetch(&fetched, &page->job, page->items, page->count, page->groups, page->group_count))
		return false;
	read_proposals(ctx, &page->job, &fetched, page->items, page->count);
	for (size_t i = 0; i < page->count; i++)
		finish_item(&fetched, &page->items[i]);
	for (size_t i = 0; i < page->group_count; i++)
		finish_clash(&fetched, &page->groups[i].clash);
	page->may_decide = may_decide(ctx, &page->job);
	return true;
}
