/* Judging a body as a batch would, without one. */
#include "batch/validate.h"

#include "base/clock.h"
#include "base/config.h"
#include "batch/access.h"
#include "batch/body.h"
#include "batch/ops.h"
#include "rules/chain.h"
#include "rules/filter.h"
#include "rules/series.h"
#include "schedule/slice.h"
#include "store/events.h"
#include "store/targets.h"

/* What the hooks of ingest know.  Texts of the result live in the request's
 * memory, all else of a group in memory of its own. */
struct check {
	struct ctx *ctx;
	struct ctx group;            /* the request's, with that memory */
	struct body body;
	struct validation *out;
	struct batch_facts facts;
	struct chain chain;
	int64_t queries, matches;    /* of queries counted so far */
};

/* Before the first group: may this person start such a batch at all? */
static bool begin(struct ingest *ingest)
{
	struct check *check = ingest->user;
	struct ctx *ctx = check->ctx;
	return body_members_read(ingest, &check->body) && body_has_type(ctx, &check->body) &&
	       access_to_make(ctx, ingest->job->type);
}

/* --- what is wrong ----------------------------------------------------------- */

static void list_item(struct check *check, int64_t ordinal, const char *client_id, const struct issues *issues)
{
	struct validation *out = check->out;
	struct arena *arena = check->ctx->arena;
	out->invalid++;
	for (size_t i = 0; i < issues->count; i++) {
		const struct issue *issue = &issues->list[i];
		if (!out->by_code[issue->code]++)
			out->first_of_code[issue->code] = ordinal;
		check->facts.error_bytes += (int64_t)(strlen(issue->message) + strlen(issue->suggestion));
	}
	if (out->listed_count == VALIDATION_LISTED_MAX)
		return;
	struct invalid_item *item = &out->listed[out->listed_count++];
	*item = (struct invalid_item){ .ordinal = ordinal,
				       .client_id = client_id ? arena_strdup(arena, client_id) : NULL,
				       .issues = { .arena = arena } };
	for (size_t i = 0; i < issues->count; i++)
		issue_add(&item->issues, issues->list[i].code,
			  arena_printf(arena, "/items/%lld%s", (long long)ordinal, issues->list[i].pointer),
			  issues->list[i].suggestion, "%s", issues->list[i].message);
}

static void list_one(struct check *check, int64_t ordinal, enum code code, const char *pointer, const char *message)
{
	struct issues issues = { .arena = check->group.arena };
	issue_add(&issues, code, pointer, NULL, "%s", message);
	list_item(check, ordinal, NULL, &issues);
}

/* --- what it costs ----------------------------------------------------------- */

static int64_t text_bytes(const struct event *event)
{
	const char *const texts[] = { event->client_id, event->title, event->attributes, event->timezone,
				      event->schedule_type };
	size_t bytes = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		bytes += texts[i] ? strlen(texts[i]) : 0;
	return (int64_t)bytes;
}

/* What the event occupies; `made`: and what is stored of it. */
static void count_intervals(struct batch_facts *facts, const struct slice_item *item, bool made)
{
	const struct event *event = &item->event;
	int64_t calendars = 1 + (int64_t)(event->resource_count + event->assignee_count);
	if (!event_recurs(event)) {
		facts->intervals += (int64_t)event_interval_count(event);
		return;
	}
	facts->intervals += item->intervals;
	facts->series_intervals += item->intervals;
	facts->occurrences += made ? item->intervals / calendars : 0;
}

static void count_good(struct batch_facts *facts, const struct slice *slice, const struct slice_item *item,
		       int64_t matched)
{
	if (slice->kind == SLICE_UPDATE) {
		facts->changes += matched;
		facts->text_bytes += item->target ? matched * text_bytes(&item->target->stored) : 0;
	} else if (slice->kind == SLICE_EVALUATE) {
		if (!item->target)
			count_intervals(facts, item, false);
	} else if (item->outcome == OUTCOME_PENDING) {
		facts->events++;
		facts->places += (int64_t)(item->event.resource_count + item->event.assignee_count);
		count_intervals(facts, item, true);
		facts->text_bytes += text_bytes(&item->event);
	}
}

/* --- queries ----------------------------------------------------------------- */

/* How many events a query names, and one of them to judge the item by. */
static bool count_query(struct check *check, const struct item_input *item, const struct event **sample_out,
			int64_t *count_out)
{
	struct ctx *ctx = &check->group;
	struct issues issues = { .arena = ctx->arena };
	struct selector selector;
	struct event *sample;
	size_t samples = 0;
	const json_t *object = json_read(ctx->arena, item->text, item->len, &ctx->fail);
	if (!object || !selector_read(json_object_get(object, "selector"), "", &selector, &issues))
		return false;
	if (permitted_own_only(ctx->actor, PERMIT_SCHEDULE_CONTENT))
		selector.query.created_by = ctx->actor->user_id;
	if (!events_page(ctx, &selector.query, 0, 1, &sample, &samples) ||
	    !events_count(ctx, &selector.query, ctx->config->items_max, count_out))
		return false;
	*sample_out = samples ? sample : NULL;
	check->queries++;
	check->matches += *count_out;
	return true;
}

/* Fills in what a query stands for; beyond the counted ones the average. */
static bool take_query(struct check *check, const struct item_input *item, struct item_row *row, int64_t *matched)
{
	if (check->queries == VALIDATION_QUERIES_MAX) {
		*matched = check->matches / check->queries;
		check->facts.changes += *matched;
		row->outcome = OUTCOME_SUCCEEDED; /* not judged */
		return true;
	}
	check->facts.judged_us += monotonic_us();
	bool ok = count_query(check, item, &row->target, matched);
	check->facts.judged_us -= monotonic_us();
	if (!ok)
		return false;
	if (!*matched)
		row->outcome = OUTCOME_UNCHANGED; /* as the batch would have it: nothing to judge */
	return true;
}

/* --- groups ------------------------------------------------------------------- */

/* An item as a chunk would load it; one that can't be read is judged already. */
static bool make_row(struct check *check, const struct item_input *item, int64_t ordinal, const struct event *target,
		     struct item_row *row, int64_t *matched)
{
	*row = (struct item_row){ .ordinal = ordinal, .input = item->text, .client_id = item->client_id, .target = target };
	*matched = 1;
	if (item->is_query && !take_query(check, item, row, matched))
		return false;
	if (item->code != CODE_NONE)
		row->outcome = OUTCOME_FAILED;
	if (item->links) {
		chain_add(&check->chain, check->ctx->arena, item->links);
		check->facts.links += 1 + (int64_t)item->links->count;
	}
	check->facts.items++;
	check->facts.total += *matched ? *matched : 1;
	check->facts.input_bytes += (int64_t)item->len * (*matched ? *matched : 1);
	return true;
}

static bool judge(struct check *check, const struct ingest *ingest)
{
	struct ctx *ctx = &check->group;
	const struct operation *operation = operation_of(ingest->job->type);
	size_t count = ingest->group_count;
	struct item_row *rows = arena_array(ctx->arena, count + 1, sizeof(*rows));
	int64_t *matched = arena_array(ctx->arena, count + 1, sizeof(*matched));
	const struct event **targets = NULL;
	struct slice slice = { .kind = operation->kind, .actor = ctx->actor, .is_linked = true,
			       .reading = check->body.options.normalise ? EVENT_NORMALISE : 0 };
	if (operation->names_events && !targets_find(ctx, ctx->actor->user_id, ingest->group, count, &targets))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!make_row(check, &ingest->group[i], ingest->next_ordinal + (int64_t)i, targets ? targets[i] : NULL, &rows[i],
			      &matched[i]))
			return false;
	slice_init(&slice, ctx, rows, count);
	slice_read(&slice);
	if (!slice_look_up(&slice))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct item_input *input = &ingest->group[i];
		const struct slice_item *item = &slice.items[i];
		if (input->code != CODE_NONE)
			list_one(check, item->ordinal, input->code, input->pointer, input->message);
		else if (!item->was_worked)
			continue;
		else if (item->issues.count)
			list_item(check, item->ordinal, rows[i].client_id, &item->issues);
		else
			count_good(&check->facts, &slice, item, matched[i]);
	}
	return true;
}

static bool take_group(struct ingest *ingest)
{
	struct check *check = ingest->user;
	struct arena *arena = check->group.arena;
	arena_reset(arena);
	check->group = *check->ctx;
	check->group.arena = arena;
	check->facts.judged_groups++;
	check->facts.judged_us -= monotonic_us();
	bool ok = judge(check, ingest);
	check->facts.judged_us += monotonic_us();
	check->ctx->fail = check->group.fail;
	return ok;
}

bool batch_validate(struct ctx *ctx, bool type_known, enum job_type type, const struct batch_options *options,
		    enum ingest_format format, struct byte_source source, struct validation *out)
{
	struct ingest ingest;
	struct job job = { .type = type };
	struct check check = { .ctx = ctx, .out = out, .body = { .type_known = type_known } };
	*out = (struct validation){ .listed = arena_array(ctx->arena, VALIDATION_LISTED_MAX, sizeof(*out->listed)) };
	check.group.arena = arena_new();
	if (!check.group.arena)
		abort();
	if (options)
		check.body.options = *options;
	else
		options_default(ctx->config, &check.body.options);
	ingest_begin(&ingest, ctx, &job, 0);
	ingest.before_first = begin;
	ingest.take_group = take_group;
	ingest.user = &check;
	bool ok = ingest_body(&ingest, format, source) && body_members_read(&ingest, &check.body) &&
		  body_has_type(ctx, &check.body);
	if (ok && !ingest.report.accepted)
		ok = fail_set(&ctx->fail, FAIL_INVALID, CODE_EMPTY_BATCH, "The list of items is empty");
	ingest_free(&ingest);
	arena_free(check.group.arena);
	out->type = job.type;
	out->items = check.facts.items;
	out->total = check.facts.total;
	check.facts.invalid = out->invalid;
	check.facts.stages = check.chain.longest;
	return ok && batch_estimate(ctx, job.type, &check.body.options, &check.facts, &out->estimate);
}
