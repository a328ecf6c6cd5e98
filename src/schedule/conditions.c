#include "schedule/conditions.h"

#include <stdlib.h>
#include <string.h>

#include "schedule/keys.h"
#include "store/facts.h"

struct judging {
	struct ctx *ctx;
	struct content_key *contents;
	size_t content_count;
	struct own_key *clients;
	size_t client_count;
	struct key_list events;
	struct facts facts;
};

/* Digits are an id; anything else is the owner's own key. */
static int64_t id_of(const char *key)
{
	int64_t id;
	return parse_i64(key, strlen(key), &id) && id > 0 ? id : 0;
}

static int own_key_order(const void *left, const void *right)
{
	const struct own_key *a = left, *b = right;
	if (a->owner_id != b->owner_id)
		return a->owner_id < b->owner_id ? -1 : 1;
	return strcmp(a->client_id, b->client_id);
}

/* What was stored was checked; a row that is no JSON holds for nobody. */
static const json_t *rule_of(struct arena *arena, const struct condition_case *one)
{
	struct fail ignored = { 0 };
	return json_read(arena, one->event->conditions, strlen(one->event->conditions), &ignored);
}

static void want(struct judging *judging, struct arena *scratch, const struct condition_case *one)
{
	struct condition_names names = { .event_count = 0 };
	condition_names(judging->ctx->arena, rule_of(scratch, one), &names);
	judging->contents[judging->content_count++] =
		(struct content_key){ one->event->content_id, one->version_no, names.body };
	for (size_t i = 0; i < names.event_count; i++) {
		int64_t id = id_of(names.events[i]);
		if (id)
			keys_add(&judging->events, id);
		else
			judging->clients[judging->client_count++] = (struct own_key){ one->owner_id, names.events[i] };
	}
}

/* A body is fetched for all who look at the version when one of them wants it. */
static void unite_contents(struct judging *judging)
{
	size_t used = 0;
	qsort(judging->contents, judging->content_count, sizeof(*judging->contents), content_key_order);
	for (size_t i = 0; i < judging->content_count; i++) {
		const struct content_key *key = &judging->contents[i];
		if (used && content_key_order(key, &judging->contents[used - 1]) == 0)
			judging->contents[used - 1].body |= key->body;
		else
			judging->contents[used++] = *key;
	}
	judging->content_count = used;
}

static bool fetch(struct judging *judging)
{
	unite_contents(judging);
	keys_sort(&judging->events);
	judging->client_count = sort_unique(judging->clients, judging->client_count, sizeof(*judging->clients), own_key_order);
	struct facts_keys keys = {
		.contents = judging->contents,
		.content_count = judging->content_count,
		.events = judging->events.ids,
		.event_count = judging->events.count,
		.clients = judging->clients,
		.client_count = judging->client_count,
	};
	return facts_fetch(judging->ctx, &keys, &judging->facts);
}

/* The event of that name, if the person may see it. */
static const struct event_facts *other(const struct judging *judging, const struct condition_case *one, const char *key)
{
	int64_t id = id_of(key);
	const struct event_facts *event =
		id ? facts_event(&judging->facts, id) : facts_event_of(&judging->facts, one->owner_id, key);
	bool may_see = event && permitted_for(one->actor, PERMIT_VIEW_SCHEDULED_CONTENT, event->schedule_type, event->created_by);
	return may_see ? event : NULL;
}

/* What a rule says of a version that fails is told: it looks at the body of
 * none that the person may not read. */
static const struct content_facts *seen_content(struct arena *arena, const struct condition_case *one, const struct content_facts *content)
{
	int64_t owner = content->owner_id ? content->owner_id : one->actor->user_id;
	if (!content->body || permitted_for(one->actor, PERMIT_VIEW_CONTENT_VERSIONS, content->schedule_type, owner))
		return content;
	struct content_facts *without = arena_alloc(arena, sizeof(*without));
	*without = *content;
	without->body = NULL;
	return without;
}

static struct condition_result judge(const struct judging *judging, const struct condition_case *one)
{
	struct arena *arena = judging->ctx->arena;
	const struct event_facts *events[CONDITION_EVENTS_MAX];
	struct condition_names names = { .event_count = 0 };
	struct content_key key = { one->event->content_id, one->version_no, false };
	const struct content_key *place =
		bsearch(&key, judging->contents, judging->content_count, sizeof(key), content_key_order);
	const json_t *rule = rule_of(arena, one);
	if (!rule || !place)
		return (struct condition_result){ false, "[]", "the content is gone" };
	condition_names(arena, rule, &names);
	for (size_t i = 0; i < names.event_count; i++)
		events[i] = other(judging, one, names.events[i]);
	return condition_judge(arena, rule,
			       condition_data(arena, one->event, seen_content(arena, one, &judging->facts.contents[place - judging->contents]),
					      judging->facts.now_utc, &names, events));
}

/* What a judgement made on the way is given back before the next: a thousand
 * of them are in a chunk. */
static void judge_and_keep(const struct judging *judging, struct condition_case *one)
{
	struct arena *arena = judging->ctx->arena;
	struct arena_mark mark = arena_mark(arena);
	struct condition_result result = judge(judging, one);
	char *failed = strdup(result.failed), *summary = strdup(result.summary);
	if (!failed || !summary)
		abort();
	arena_rewind(arena, mark);
	one->result = (struct condition_result){ result.holds, arena_strdup(arena, failed), arena_strdup(arena, summary) };
	free(failed);
	free(summary);
}

/* What is parsed goes away one by one; the names stay. */
static void want_all(struct judging *judging, const struct condition_case *cases, size_t count)
{
	struct arena *scratch = arena_new();
	if (!scratch)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (cases[i].event->conditions)
			want(judging, scratch, &cases[i]);
		arena_reset(scratch);
	}
	arena_free(scratch);
}

bool conditions_judge(struct ctx *ctx, struct condition_case *cases, size_t count, int64_t *now_out)
{
	struct judging judging = { .ctx = ctx, .events.arena = ctx->arena };
	size_t with = 0;
	for (size_t i = 0; i < count; i++) {
		cases[i].result = (struct condition_result){ true, "[]", "" };
		with += cases[i].event->conditions != NULL;
	}
	if (!with && !now_out)
		return true;
	judging.contents = arena_array(ctx->arena, with + 1, sizeof(*judging.contents));
	judging.clients = arena_array(ctx->arena, with * CONDITION_EVENTS_MAX + 1, sizeof(*judging.clients));
	want_all(&judging, cases, count);
	if (!fetch(&judging))
		return false;
	for (size_t i = 0; i < count; i++)
		if (cases[i].event->conditions)
			judge_and_keep(&judging, &cases[i]);
	if (now_out)
		*now_out = judging.facts.now_utc;
	return true;
}
