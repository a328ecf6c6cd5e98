/* Events whose moment has come, before the transaction: which moments, and do their conditions hold? */
#include "schedule/activate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "rules/series.h"
#include "rules/sorted.h"
#include "schedule/apply.h"
#include "schedule/keys.h"
#include "store/activation.h"
#include "store/grants.h"

void activation_leave(struct slice_item *item, enum code code, const char *message)
{
	issue_add(&item->issues, code, "/event_id", NULL, "%s", message);
	item->outcome = OUTCOME_SKIPPED;
}

void activation_read(struct slice_item *item, const json_t *object)
{
	const char *due_at = json_string_value(json_object_get(object, "due_at"));
	item->due_at = 0;
	if (due_at)
		(void)time_parse_utc(due_at, strlen(due_at), &item->due_at);
	if (item->target)
		item->event = item->target->stored;
}

/* Whose events they are: each sees what its owner sees. */
static bool load_owners(struct slice *slice, struct key_list *owners, struct actor **actors_out)
{
	*owners = (struct key_list){ .arena = slice->ctx->arena };
	for (size_t i = 0; i < slice->target_count; i++)
		keys_add(owners, slice->targets[i].stored.created_by);
	keys_sort(owners);
	*actors_out = arena_array(slice->ctx->arena, owners->count + 1, sizeof(**actors_out));
	return grants_load_list(slice->ctx, owners->ids, owners->count, *actors_out);
}

static bool judge(struct slice *slice, const struct key_list *owners, const struct actor *actors)
{
	struct condition_case *cases = arena_array(slice->ctx->arena, slice->count + 1, sizeof(*cases));
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING)
			continue;
		const struct event *event = &item->target->stored;
		const int64_t *owner =
			bsearch(&event->created_by, owners->ids, owners->count, sizeof(*owners->ids), by_number);
		slice->activations[i].conditions = &cases[count].result;
		cases[count++] = (struct condition_case){
			.event = event,
			.actor = owner ? &actors[owner - owners->ids] : slice->actor,
			.owner_id = event->created_by,
			.version_no = event->version_no,
		};
	}
	return conditions_judge(slice->ctx, cases, count, &slice->now_utc);
}

static struct moment *single(struct arena *arena, const struct event *event)
{
	struct moment *moment = arena_alloc(arena, sizeof(*moment));
	*moment = (struct moment){ .at_utc = event->starts_at, .version_no = event->version_no };
	return moment;
}

static int by_event(const void *left, const void *right)
{
	const struct due_occurrence *a = left, *b = right;
	return (a->event_id > b->event_id) - (a->event_id < b->event_id);
}

/* An event's part of the list, which is sorted by event and then time. */
static void take_occurrences(struct arena *arena, struct activation *one, int64_t event_id,
			     const struct due_occurrence *list, size_t count)
{
	struct due_occurrence key = { .event_id = event_id };
	const struct due_occurrence *at = count ? bsearch(&key, list, count, sizeof(key), by_event) : NULL;
	size_t first = at ? (size_t)(at - list) : 0, last = first;
	if (!at)
		return;
	while (first > 0 && list[first - 1].event_id == event_id)
		first--;
	while (last + 1 < count && list[last + 1].event_id == event_id)
		last++;
	one->moments = arena_array(arena, last - first + 1, sizeof(*one->moments));
	for (size_t i = first; i <= last; i++) {
		if (list[i].is_ahead)
			one->next_at = list[i].moment.at_utc;
		else
			one->moments[one->moment_count++] = list[i].moment;
	}
}

static bool find_moments(struct slice *slice)
{
	struct key_list series = { .arena = slice->ctx->arena };
	struct due_occurrence *list;
	size_t count;
	for (size_t i = 0; i < slice->target_count; i++)
		if (event_recurs(&slice->targets[i].stored))
			keys_add(&series, slice->targets[i].stored.id);
	keys_sort(&series);
	if (!activation_occurrences(slice->ctx, series.ids, series.count, slice->now_utc, &list, &count))
		return false;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		struct activation *one = &slice->activations[i];
		if (item->outcome != OUTCOME_PENDING)
			continue;
		const struct event *event = &item->target->stored;
		if (event_recurs(event)) {
			take_occurrences(slice->ctx->arena, one, event->id, list, count);
		} else if (event->starts_at <= slice->now_utc) {
			one->moments = single(slice->ctx->arena, event);
			one->moment_count = 1;
		}
	}
	return true;
}

bool activation_look_up(struct slice *slice)
{
	struct key_list owners;
	struct actor *actors;
	slice->activations = arena_array(slice->ctx->arena, slice->count + 1, sizeof(*slice->activations));
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING)
			continue;
		item->event_id = item->target ? item->target->stored.id : 0;
		if (!item->target)
			activation_leave(item, CODE_EVENT_NOT_FOUND, "The event is gone");
		else if (item->target->stored.status != EVENT_SCHEDULED || item->target->stored.held_by)
			activation_leave(item, CODE_NO_LONGER_DUE, "The event is no longer scheduled, or a batch holds it");
	}
	if (!load_owners(slice, &owners, &actors) || !judge(slice, &owners, actors) || !find_moments(slice))
		return false;
	for (size_t i = 0; i < slice->count; i++) {
		struct activation *one = &slice->activations[i];
		const struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING || !one->moment_count)
			continue;
		one->terms = (struct activation_terms){
			.misfire = item->event.misfire,
			.grace_s = item->event.grace_s,
			.holds = one->conditions->holds,
			.was_seen = item->due_at > one->moments[one->moment_count - 1].at_utc,
			.now_utc = slice->now_utc,
		};
		activation_decide(&one->terms, one->moments, one->moment_count);
	}
	return true;
}
