/* "This and following": a series divided, in one transaction. */
#include "base/clock.h"
#include "base/config.h"
#include "db/db.h"
#include "schedule/edit_run.h"
#include "store/audit.h"
#include "store/events.h"


/* The two items: what ends the series, and the event that carries on. */
struct division {
	const char *end;
	const char *begin; /* NULL = nothing does */
	struct event stored;
	const struct edit_how *how;
	struct slice ending, beginning;
};

static bool fail_issues(struct ctx *ctx, const struct issues *issues)
{
	const struct issue *issue = &issues->list[0];
	(void)fail_set(&ctx->fail, FAIL_INVALID, issue->code, "%s", issue->message);
	str_copy(ctx->fail.suggestion, sizeof(ctx->fail.suggestion), issue->suggestion);
	return fail_at(&ctx->fail, "%s", issue->pointer);
}

static const char *end_item(struct ctx *ctx, const struct event *before, int64_t expected_version)
{
	static const char *const names[] = { "recurrence", "exdates", "rdates", "overrides" };
	json_t *all = edit_values_of(ctx, before), *values = json_object();
	json_t *item = json_pack("{s:{s:I}}", "selector", "event_id", (json_int_t)before->id);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set(values, names[i], json_object_get(all, names[i]));
	json_object_set_new(item, "values", values);
	if (expected_version)
		json_object_set_new(item, "expected_version", json_integer(expected_version));
	const char *text = json_text(ctx->arena, item, NULL);
	json_decref(item);
	json_decref(all);
	return text;
}

static const char *begin_item(struct ctx *ctx, const struct event *after)
{
	json_t *values = edit_values_of(ctx, after);
	const char *text = json_text(ctx->arena, values, NULL);
	json_decref(values);
	return text;
}

/* What is to be done, from the event as it is now. */
static bool divide(struct ctx *ctx, const json_t *values, int64_t occurrence, int64_t expected_version,
		   struct division *division)
{
	struct issues issues = { .arena = ctx->arena };
	struct event before, after, changes;
	unsigned reading = EVENT_VALUES | (ctx->config->allow_minutely ? (unsigned)EVENT_MINUTELY : 0);
	if (!event_divide(&division->stored, occurrence, &before, &after, &issues) ||
	    !event_read(values, reading, "", &changes, &issues))
		return fail_issues(ctx, &issues);
	division->end = end_item(ctx, &before, expected_version);
	division->begin = NULL;
	if (changes.given & FIELD_STATUS && changes.status == EVENT_CANCELLED)
		return true;
	if (!event_apply(&after, &changes, &issues))
		return fail_issues(ctx, &issues);
	division->begin = begin_item(ctx, &after);
	return true;
}

static bool is_done(const struct slice *slice)
{
	return slice->items[0].outcome == OUTCOME_SUCCEEDED;
}

/* One slice of the transaction; false also when its item is refused. */
static bool apply(struct ctx *ctx, struct slice *slice, const char *action)
{
	return slice_apply(slice) && is_done(slice) && audit_add(ctx, action, 0, slice->items[0].event_id, NULL);
}

static bool prepare_both(struct ctx *ctx, struct division *division)
{
	return edit_prepare(ctx, SLICE_UPDATE, division->end, &division->stored, division->how, &division->ending) &&
	       (!division->begin ||
		edit_prepare(ctx, SLICE_CREATE, division->begin, NULL, division->how, &division->beginning));
}

/* The slice that tells how it went: the one that was refused, else the last. */
static const struct slice *teller(const struct division *division)
{
	enum outcome ended = division->ending.items[0].outcome;
	bool is_refused = ended != OUTCOME_SUCCEEDED && ended != OUTCOME_PENDING;
	return division->begin && !is_refused ? &division->beginning : &division->ending;
}

static bool apply_both(struct ctx *ctx, struct division *division)
{
	const struct slice *last = division->begin ? &division->beginning : &division->ending;
	if (division->ending.items[0].outcome == OUTCOME_PENDING &&
	    (!division->begin || division->beginning.items[0].outcome == OUTCOME_PENDING) && db_begin(ctx->db, &ctx->fail) &&
	    apply(ctx, &division->ending, "event.update") &&
	    (!division->begin || apply(ctx, &division->beginning, "event.create")) && edit_keep_key(ctx, &last->items[0]) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

static bool run(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t occurrence, int64_t expected_version,
		struct division *division, struct edit_result *result)
{
	for (int replay = 0;; replay++) {
		fail_clear(&ctx->fail);
		if (!event_get(ctx, event_id, &division->stored))
			return false;
		if (!permitted_for(ctx->actor, PERMIT_VIEW_SCHEDULED_CONTENT, division->stored.schedule_type,
				   division->stored.created_by))
			return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %lld",
					(long long)event_id);
		if (!divide(ctx, values, occurrence, expected_version, division) || !prepare_both(ctx, division))
			return false;
		if (apply_both(ctx, division) || ctx->fail.kind == FAIL_NONE)
			return edit_finish(ctx, teller(division), result);
		if (!edit_is_worth_another_try(ctx, replay))
			return false;
	}
}

bool edit_following(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t expected_version,
		    const struct edit_how *how, struct edit_result *result)
{
	static const struct edit_how nothing = { 0 };
	const json_t *name = json_object_get(values, "occurrence");
	struct division division = { .how = how ? how : &nothing };
	int64_t occurrence;
	*result = (struct edit_result){ 0 };
	if (!json_is_string(name) || !time_parse_local(json_string_value(name), json_string_length(name), &occurrence)) {
		(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_TIME, "occurrence says no wall time");
		return fail_at(&ctx->fail, "/occurrence");
	}
	if (!event_get(ctx, event_id, &division.stored))
		return false;
	json_t *plain = json_copy((json_t *)(uintptr_t)values); /* of the object itself: its members are shared */
	json_object_del(plain, "scope");
	json_object_del(plain, "occurrence");
	bool ok = event_begins_with(&division.stored, occurrence)
			  ? edit_update(ctx, event_id, plain, expected_version, how, result)
			  : run(ctx, event_id, plain, occurrence, expected_version, &division, result);
	json_decref(plain);
	return ok;
}
