/* Step two: does what the items name exist, may it be used, is it there already? */
#include "rules/series.h"
#include "schedule/keys.h"
#include "schedule/named_versions.h"
#include "schedule/slice.h"

#include <stdlib.h>

/* --- what to ask for ------------------------------------------------------ */

struct wanted {
	struct key_list contents, resources;
	struct version_list versions;
	const char **client_ids;
	size_t client_id_count;
	const char **crowded_ids;
	size_t crowded_count;
	bool recurs;             /* one of the events does */
};

static void want_event(struct wanted *wanted, const struct event *event)
{
	if (event->content_id > 0)
		keys_add(&wanted->contents, event->content_id);
	keys_add_all(&wanted->resources, event->resources, event->resource_count);
	keys_add_all(&wanted->resources, event->assignees, event->assignee_count);
}

/* An evaluation's item whose client_id others of it may have, in any chunk. */
static bool may_be_named_twice(const struct slice *slice, const struct slice_item *item)
{
	return slice->kind == SLICE_EVALUATE && item->row->is_crowded && item->event.client_id && !item->target;
}

static void want_item(struct wanted *wanted, const struct slice_item *item)
{
	want_event(wanted, &item->event);
	if (item->target)
		want_event(wanted, &item->target->stored);
	versions_want(item, &wanted->versions);
	wanted->recurs |= event_recurs(&item->event) || (item->target && event_recurs(&item->target->stored));
	if (item->event.client_id)
		wanted->client_ids[wanted->client_id_count++] = item->event.client_id;
}

static int by_text(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	return strcmp(*a, *b);
}

/* Whose versions are to be noted. */
static void want_calendars(const struct slice *slice, struct reference_keys *keys)
{
	int64_t *list = arena_array(slice->ctx->arena, keys->content_count + 1, sizeof(*list));
	for (size_t i = 0; i < keys->content_count; i++)
		if (!calendar_is_noted(slice->noted_before, CALENDAR_CONTENT, keys->contents[i]))
			list[keys->calendar_count++] = keys->contents[i];
	keys->calendars = list;
}

static bool fetch(struct slice *slice)
{
	struct arena *arena = slice->ctx->arena;
	struct key_list targets = { .arena = arena };
	struct wanted wanted = {
		.contents.arena = arena,
		.resources.arena = arena,
		.versions.arena = arena,
		.client_ids = arena_array(arena, slice->count + 1, sizeof(char *)),
		.crowded_ids = arena_array(arena, slice->count + 1, sizeof(char *)),
	};
	for (size_t i = 0; i < slice->count; i++) {
		if (slice->items[i].outcome != OUTCOME_PENDING)
			continue;
		want_item(&wanted, &slice->items[i]);
		if (may_be_named_twice(slice, &slice->items[i]))
			wanted.crowded_ids[wanted.crowded_count++] = slice->items[i].event.client_id;
	}
	for (size_t i = 0; i < slice->target_count; i++)
		keys_add(&targets, slice->targets[i].stored.id);
	keys_sort(&wanted.contents);
	keys_sort(&wanted.resources);
	size_t client_id_count = sort_unique(wanted.client_ids, wanted.client_id_count, sizeof(char *), by_text);
	size_t crowded_count = sort_unique(wanted.crowded_ids, wanted.crowded_count, sizeof(char *), by_text);
	struct reference_keys keys = {
		.contents = wanted.contents.ids,
		.content_count = wanted.contents.count,
		.versions = wanted.versions.list,
		.version_count = sort_unique(wanted.versions.list, wanted.versions.count, sizeof(*wanted.versions.list), version_ref_order),
		.resources = wanted.resources.ids,
		.resource_count = wanted.resources.count,
		.client_ids = wanted.client_ids,
		.client_id_count = client_id_count,
		.owner_id = slice->actor->user_id,
		.wants_now = true,
		.plan_job_id = slice->dry_run || crowded_count ? slice->job_id : 0,
		.planned_ids = slice->dry_run ? wanted.client_ids : wanted.crowded_ids,
		.planned_id_count = slice->dry_run ? client_id_count : crowded_count,
		.targets = targets.ids,
		.target_count = slice->dry_run ? targets.count : 0,
	};
	if (slice->noted_before)
		want_calendars(slice, &keys);
	if (!references_fetch(slice->ctx, &keys, &slice->refs))
		return false;
	slice->now_utc = slice->refs.now_utc;
	slice->recurs = wanted.recurs;
	return true;
}

/* --- what the answers mean ------------------------------------------------- */

static void check_content(const struct slice *slice, struct slice_item *item)
{
	int64_t id = item_content(item);
	if (!id)
		return; /* missing or malformed: has its issue already */
	item->content = reference_content(&slice->refs, id);
	if (item->content)
		versions_check(slice, item);
	else
		issue_add(&item->issues, CODE_CONTENT_NOT_FOUND, slice_pointer(slice, "content_id"), NULL, "There is no content %lld",
			  (long long)id);
}

static void check_places(const struct slice *slice, struct slice_item *item, const int64_t *ids, size_t count, bool people)
{
	for (size_t i = 0; i < count; i++) {
		const struct resource_ref *resource = reference_resource(&slice->refs, ids[i]);
		const char *name = people ? "assignees" : "resources";
		if (resource && resource->is_active && resource->rule.is_person == people)
			continue;
		issue_add(&item->issues, people ? CODE_ASSIGNEE_NOT_FOUND : CODE_RESOURCE_NOT_FOUND, slice_pointer(slice, name),
			  resource && resource->is_active
				  ? (people ? "Put it into resources; assignees are people" : "Put it into assignees; it is a person")
				  : NULL,
			  "There is no %s %lld", people ? "person" : "resource", (long long)ids[i]);
	}
}

static void check_permission(const struct slice *slice, struct slice_item *item)
{
	const struct actor *actor = slice->actor;
	const char *type = item->event.schedule_type;
	if (item->target) {
		const struct event *stored = &item->target->stored;
		if (slice->kind == SLICE_EVALUATE) {
			if (!permitted_for(actor, PERMIT_VIEW_SCHEDULED_CONTENT, stored->schedule_type, stored->created_by))
				issue_add(&item->issues, CODE_NOT_PERMITTED, "/event_id", NULL, "You may not see event %lld",
					  (long long)stored->id);
			else if (stored->held_by < 0)
				issue_add(&item->issues, CODE_EVENT_LOCKED, "/event_id", NULL,
					  "Event %lld is just being changed by batch %lld", (long long)stored->id, (long long)-stored->held_by);
			return;
		}
		if (!permitted_for(actor, PERMIT_SCHEDULE_CONTENT, stored->schedule_type, stored->created_by)) {
			issue_add(&item->issues, CODE_NOT_PERMITTED, "/selector", NULL, "You may not change event %lld",
				  (long long)stored->id);
			return;
		}
		if (stored->held_by && llabs(stored->held_by) != slice->job_id)
			issue_add(&item->issues, CODE_EVENT_LOCKED, "/selector", NULL, "Event %lld is held by batch %lld until that has ended",
				  (long long)stored->id, (long long)llabs(stored->held_by));
		if (!event_status_is_editable(stored->status))
			issue_add(&item->issues, CODE_NOT_EDITABLE, "/selector", NULL, "Event %lld is %s", (long long)stored->id,
				  event_status_name(stored->status));
		type = item->event.given & FIELD_SCHEDULE_TYPE ? type : stored->schedule_type;
	}
	if (!item->content || !type)
		return;
	int64_t owner = item->content->owner_id ? item->content->owner_id : actor->user_id;
	if (!permitted_for(actor, PERMIT_SCHEDULE_CONTENT, type, owner))
		issue_add(&item->issues, CODE_NOT_PERMITTED, slice_pointer(slice, "content_id"), NULL,
			  "You may not schedule content %lld as “%s”", (long long)item->content->id, type);
}

/* An evaluation's items only need theirs where somebody is called the same. */
static uint64_t hash_of(struct slice_item *item)
{
	if (!item->payload_hash)
		item->payload_hash = event_payload_hash(&item->event);
	return item->payload_hash;
}

/* A client_id that is there already: the same event again is no change. */
static void check_duplicate(const struct slice *slice, struct slice_item *item)
{
	const struct client_ref *existing =
		item->event.client_id ? reference_client(&slice->refs, item->event.client_id) : NULL;
	if (!existing && slice->dry_run && item->event.client_id)
		existing = reference_planned(&slice->refs, item->event.client_id);
	/* What a series was known by stays its own when it is divided. */
	bool is_own = existing && item->target && item->target->stored.id == existing->event_id && !slice_divides(item);
	if (!existing || is_own)
		return;
	if (existing->hidden_by && llabs(existing->hidden_by) != slice->job_id) {
		issue_add(&item->issues, CODE_EVENT_LOCKED, slice_pointer(slice, "client_id"), NULL,
			  "The client_id “%.100s” is held by batch %lld until that has ended", item->event.client_id,
			  (long long)llabs(existing->hidden_by));
		return;
	}
	if (slice->kind != SLICE_UPDATE && existing->payload_hash == hash_of(item)) {
		item->event_id = existing->event_id > 0 ? existing->event_id : 0;
		if (slice->kind == SLICE_CREATE)
			item->outcome = OUTCOME_UNCHANGED;
		return;
	}
	bool is_planned = existing->event_id < 0;
	issue_add(&item->issues, CODE_DUPLICATE, slice_pointer(slice, "client_id"), NULL,
		  is_planned ? "Item %lld of this batch has the client_id “%.100s” too"
			     : "Your event %lld already has the client_id “%.100s” and is different",
		  (long long)(is_planned ? -1 - existing->event_id : existing->event_id), item->event.client_id);
}

static void say_named_twice(const struct slice *slice, struct slice_item *item, int64_t first)
{
	issue_add(&item->issues, CODE_DUPLICATE, slice_pointer(slice, "client_id"), NULL, "Item %lld of this batch has the client_id “%.100s” too",
		  (long long)first, item->event.client_id);
}

/* The first that has a client_id wins, whichever chunk it is in; the very same
 * again is nothing to tell. */
static void check_named_twice(const struct slice *slice, struct slice_item *item, uint64_t given_hash)
{
	const struct client_ref *first = reference_planned(&slice->refs, item->event.client_id);
	if (first && -1 - first->event_id < item->ordinal && first->payload_hash != given_hash)
		say_named_twice(slice, item, -1 - first->event_id);
}

/* It may be meant, so it is only told. */
static void check_past(const struct slice *slice, struct slice_item *item)
{
	const struct event *event = &item->event;
	bool is_given = slice->kind == SLICE_UPDATE ? (event->given & FIELD_STARTS_AT) != 0 : !item->target;
	if (is_given && event->starts_at < slice->now_utc && event->status == EVENT_SCHEDULED &&
	    !event_recurs(event) && !item->issues.count)
		issue_add(&item->warnings, CODE_STARTS_IN_PAST, slice_pointer(slice, "starts_at"), NULL,
			  event->starts_at + event->grace_s >= slice->now_utc || event->misfire == MISFIRE_RUN_ALL
				  ? "The start lies in the past: the event is due at once"
				  : "The start lies further in the past than its grace lasts: the event will be missed");
}

static void judge(const struct slice *slice, struct slice_item *item)
{
	struct event *event = &item->event;
	uint64_t given_hash = may_be_named_twice(slice, item) ? event_payload_hash(event) : 0;
	check_content(slice, item);
	if (item->content && !item->target && !(event->given & FIELD_SCHEDULE_TYPE))
		event->schedule_type = item->content->schedule_type;
	/* A stored event that is only looked at may name what is gone by now. */
	if (!(slice->kind == SLICE_EVALUATE && item->target)) {
		check_places(slice, item, event->resources, event->resource_count, false);
		check_places(slice, item, event->assignees, event->assignee_count, true);
	}
	check_permission(slice, item);
	if (slice->kind == SLICE_CREATE && !item->issues.count)
		item->payload_hash = event_payload_hash(event);
	check_past(slice, item);
	if (!item->issues.count)
		check_duplicate(slice, item);
	if (may_be_named_twice(slice, item))
		check_named_twice(slice, item, given_hash);
	/* An evaluation goes on to look for conflicts: all reasons count. */
	if (item->issues.count && slice->kind != SLICE_EVALUATE)
		item->outcome = OUTCOME_FAILED;
}

/* The same client_id twice in this slice: the first wins; the other is the
 * same again (settled after the first is decided) or a duplicate. */
static int by_client_then_ordinal(const void *left, const void *right)
{
	const struct slice_item *a = *(struct slice_item *const *)left, *b = *(struct slice_item *const *)right;
	int order = strcmp(a->event.client_id, b->event.client_id);
	return order ? order : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

static void find_twins(const struct slice *slice)
{
	struct slice_item **named = arena_array(slice->ctx->arena, slice->count + 1, sizeof(struct slice_item *));
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_PENDING && slice->items[i].event.client_id &&
		    !may_be_named_twice(slice, &slice->items[i]))
			named[count++] = &slice->items[i];
	if (count < 2)
		return;
	qsort(named, count, sizeof(struct slice_item *), by_client_then_ordinal);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (strcmp(named[first]->event.client_id, named[i]->event.client_id) != 0) {
			first = i;
			continue;
		}
		if (slice->kind != SLICE_UPDATE && hash_of(named[first]) == hash_of(named[i])) {
			if (slice->kind == SLICE_CREATE)
				named[i]->twin = named[first];
			continue;
		}
		say_named_twice(slice, named[i], named[first]->ordinal);
		if (slice->kind != SLICE_EVALUATE)
			named[i]->outcome = OUTCOME_FAILED;
	}
}

/* In a dry run, events that an earlier chunk would have changed are one version
 * on: an expected_version is judged as in the real run. */
static void count_planned_changes(struct slice *slice)
{
	for (size_t i = 0; i < slice->refs.changed_count; i++) {
		struct target *target = slice_target(slice, slice->refs.changed[i]);
		if (target)
			target->current.row_version = ++target->stored.row_version;
	}
}

bool slice_look_up(struct slice *slice)
{
	if (slice->kind == SLICE_ACTIVATE)
		return activation_look_up(slice);
	if (!fetch(slice))
		return false;
	count_planned_changes(slice);
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_PENDING)
			judge(slice, &slice->items[i]);
	find_twins(slice);
	return slice_expand_all(slice);
}
