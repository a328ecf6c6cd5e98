/* What an item of a batch depends on: has it succeeded, and which event is it? */
#include "schedule/links.h"

#include "store/item_links.h"

/* What became of one item that another depends on. */
struct needed {
	int64_t ordinal; /* -2 = no item has this id */
	enum outcome outcome;
	int64_t event_id;
};

/* "POSITION:ORDINAL:OUTCOME:EVENT …" */
static void read_needed(const char *text, struct needed list[ITEM_LINKS_MAX])
{
	for (size_t i = 0; i < ITEM_LINKS_MAX; i++)
		list[i] = (struct needed){ .ordinal = -2 };
	while (text && *text) {
		char *end;
		unsigned long position = strtoul(text, &end, 10);
		struct needed needed = { .ordinal = strtoll(end + (*end == ':'), &end, 10) };
		needed.outcome = (enum outcome)strtol(end + (*end == ':'), &end, 10);
		needed.event_id = strtoll(end + (*end == ':'), &end, 10);
		if (position < ITEM_LINKS_MAX)
			list[position] = needed;
		text = end + (*end == ' ');
		if (end == text && *text)
			return; /* not ours */
	}
}

static void check_fault(struct slice_item *item, const struct item_links *links)
{
	const struct item_row *row = item->row;
	switch ((enum node_fault)row->fault) {
	case FAULT_NONE:
		break;
	case FAULT_DUPLICATE_ID:
		issue_add(&item->issues, CODE_DUPLICATE_ID, "/id", NULL, "An earlier item of this batch has the id “%.100s”", links->key);
		break;
	case FAULT_CYCLE:
		issue_add(&item->issues, CODE_DEPENDENCY_CYCLE, links->count ? links->list[0].pointer : "/depends_on", NULL, "%s%s",
			  row->cycle ? "It depends on itself: " : "It depends on itself, or on items that depend on themselves",
			  row->cycle ? row->cycle : "");
		break;
	case FAULT_TOO_DEEP:
		issue_add(&item->issues, CODE_TOO_MANY_STAGES, links->count ? links->list[0].pointer : "/depends_on", NULL,
			  "Before it more than %d items would have to be worked one after the other", STAGES_MAX - 1);
		break;
	}
}

/* A check leaves what is good pending; an earlier stage has been checked by now. */
static bool is_met(const struct slice *slice, enum outcome outcome)
{
	return outcome == OUTCOME_SUCCEEDED || outcome == OUTCOME_UNCHANGED || (slice->is_check && outcome == OUTCOME_PENDING);
}

/* Dry runs and evaluations make no events: whoever names one is judged as far as
 * it can be. */
static void check_link(const struct slice *slice, struct slice_item *item, const struct item_link *link,
		       const struct needed *needed)
{
	const char *key = issue_excerpt(slice->ctx->arena, link->key, strlen(link->key));
	bool may_come = slice->kind == SLICE_EVALUATE && !link->is_target;
	if (needed->ordinal < 0 && slice->from_evaluation)
		issue_add(&item->issues, CODE_DEPENDENCY_FAILED, link->pointer, NULL, "Item “%s”, which it depends on, was not ready in evaluation %lld",
			  key, (long long)slice->from_evaluation);
	else if (needed->ordinal < 0)
		issue_add(&item->issues, CODE_DEPENDENCY_NOT_FOUND, link->pointer, "Give an item of this batch this id, or take the reference away",
			  "No item of this batch has the id “%s”", key);
	else if (!is_met(slice, needed->outcome))
		issue_add(&item->issues, CODE_DEPENDENCY_FAILED, link->pointer, NULL, "Item %lld (“%s”), which it depends on, is %s",
			  (long long)needed->ordinal, key,
			  outcome_name(needed->outcome == OUTCOME_PENDING ? OUTCOME_UNPROCESSED : needed->outcome));
	else if (link->is_reference && !needed->event_id && !slice->dry_run && !may_come)
		issue_add(&item->issues, CODE_EVENT_NOT_FOUND, link->pointer, "Name an item that creates or changes an event",
			  "Item %lld (“%s”) has no event", (long long)needed->ordinal, key);
}

/* Before there is a job nothing is known of what an item depends on: one that
 * changes the event of another is only judged in the batch. */
static bool leave_open(struct slice_item *item, json_t *object, const struct item_links *links)
{
	static const int64_t no_events[ITEM_LINKS_MAX];
	for (size_t i = 0; i < links->count; i++) {
		if (!links->list[i].is_target)
			continue;
		item->outcome = OUTCOME_SUCCEEDED;
		item->was_worked = false;
		return false;
	}
	item_links_resolve(object, links, no_events);
	item_links_strip(object);
	return true;
}

static void check_links(const struct slice *slice, struct slice_item *item, const struct item_links *links,
			int64_t event_ids[ITEM_LINKS_MAX])
{
	struct needed needed[ITEM_LINKS_MAX];
	read_needed(item->row->needed, needed);
	check_fault(item, links);
	for (size_t i = 0; i < links->count; i++) {
		if (!item->row->fault)
			check_link(slice, item, &links->list[i], &needed[i]);
		event_ids[i] = needed[i].event_id;
	}
}

bool slice_read_links(const struct slice *slice, struct slice_item *item, json_t *object)
{
	struct item_links links;
	int64_t event_ids[ITEM_LINKS_MAX];
	if (!slice->is_linked || !item_has_links(object, item->input, strlen(item->input)))
		return true;
	bool is_good = item_links_read(object, &links, &item->issues);
	if (is_good && !slice->job_id)
		return leave_open(item, object, &links);
	if (is_good)
		check_links(slice, item, &links, event_ids);
	if (item->issues.count) {
		item->outcome = OUTCOME_FAILED;
		return false;
	}
	item_links_resolve(object, &links, event_ids);
	item_links_strip(object);
	return true;
}
