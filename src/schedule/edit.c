/* Single edits: a slice of one. */
#include "schedule/edit.h"

#include "base/config.h"
#include "db/db.h"
#include "schedule/slice.h"
#include "store/audit.h"
#include "store/events.h"
#include "store/history.h"
#include "store/idempotency.h"

#define REPLAYS_MAX 5

/* The item's result as the call's failure. */
static bool refuse(struct ctx *ctx, const struct slice *slice, struct edit_result *result)
{
	const struct slice_item *item = &slice->items[0];
	const struct issue *issue = item->issues.count ? &item->issues.list[0] : NULL;
	enum code code = issue ? issue->code : CODE_INTERNAL;
	enum fail_kind kind = item->conflicts || code == CODE_DUPLICATE || code == CODE_NOT_EDITABLE || code == CODE_EVENT_LOCKED ? FAIL_CONFLICT
			      : code == CODE_STALE_VERSION						? FAIL_CONFLICT
			      : code == CODE_NOT_PERMITTED						? FAIL_DENIED
			      : code == CODE_EVENT_NOT_FOUND						? FAIL_NOT_FOUND
														: FAIL_INVALID;
	result->detail = slice_detail(slice, item);
	result->ways = item->conflicts ? conflicts_resolvable_by(item->conflicts) : 0;
	(void)fail_set(&ctx->fail, kind, code, "%s", issue ? issue->message : code_info(code)->title);
	if (issue) {
		str_copy(ctx->fail.suggestion, sizeof(ctx->fail.suggestion), issue->suggestion);
		(void)fail_at(&ctx->fail, "%s", issue->pointer);
	}
	return false;
}

/* A request's Idempotency-Key is kept with what it made, or found made. */
static bool keep_key(struct ctx *ctx, const struct slice_item *item)
{
	bool is_done = item->outcome == OUTCOME_SUCCEEDED || item->outcome == OUTCOME_UNCHANGED;
	if (ctx->key && item->outcome == OUTCOME_UNCHANGED)
		ctx->key->reply_status = 200;
	return !is_done || idempotency_keep(ctx, 0, item->event_id);
}

/* What the audit log says of an edit. */
struct deed {
	const char *action;
	const char *detail; /* JSON or NULL */
};

static bool tell_audit(struct ctx *ctx, const struct slice_item *item, const struct deed *deed)
{
	return item->outcome != OUTCOME_SUCCEEDED ||
	       (audit_add(ctx, deed->action, 0, item->event_id, deed->detail) &&
		(!item->next || audit_add(ctx, "event.create", 0, item->next->id, NULL)));
}

static bool apply_once(struct ctx *ctx, struct slice *slice, const struct deed *deed)
{
	const struct slice_item *item = &slice->items[0];
	if (db_begin(ctx->db, &ctx->fail) && slice_apply(slice) && tell_audit(ctx, item, deed) && keep_key(ctx, item) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* Somebody who edits one event is there to decide himself. */
static bool read_how(struct ctx *ctx, const struct edit_how *how, struct resolution *out)
{
	*out = RESOLUTION_DEFAULT;
	if (how->on_conflict && (!on_conflict_by_name(how->on_conflict, &out->on_conflict) || out->on_conflict == ON_CONFLICT_ASK))
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE,
				"on_conflict must be fail, skip, keep_both, replace or shift");
	return !how->skip_compliance || permitted(ctx->actor, PERMIT_RESOLVE_CONFLICTS) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your role may not leave out the check of restrictions");
}

/* Everything that needs no lock.  `stored`: the event an update names, or NULL. */
static bool prepare(struct ctx *ctx, enum slice_kind kind, const char *input, const struct event *stored,
		    const struct edit_how *how, struct slice *slice)
{
	struct item_row *row = arena_alloc(ctx->arena, sizeof(*row));
	struct resolution resolution;
	*row = (struct item_row){ .input = input, .target = stored };
	if (!read_how(ctx, how, &resolution))
		return false;
	*slice = (struct slice){
		.kind = kind,
		.actor = ctx->actor,
		.resolution = resolution,
		.conflict_window_s = ctx->config->conflict_window_s,
		.conflict_details = CONFLICTS_LISTED_MAX,
		.check_compliance = true,
		.skip_compliance = how->skip_compliance,
	};
	slice_init(slice, ctx, row, 1);
	slice_read(slice);
	return slice_look_up(slice);
}

static bool is_worth_another_try(struct ctx *ctx, int replay)
{
	return ctx->fail.kind == FAIL_RETRY && replay < REPLAYS_MAX && !db_is_lost(ctx->db);
}

/* Builds the slice anew for every replay: what was loaded may have moved. */
static bool run_slice(struct ctx *ctx, enum slice_kind kind, const char *input, int64_t event_id,
		      const struct edit_how *how, const struct deed *deed, struct slice *slice)
{
	static const struct edit_how nothing = { 0 };
	for (int replay = 0;; replay++) {
		struct event stored;
		fail_clear(&ctx->fail);
		if (event_id && !event_get(ctx, event_id, &stored))
			return false;
		if (!prepare(ctx, kind, input, event_id ? &stored : NULL, how ? how : &nothing, slice))
			return false;
		if (slice->items[0].outcome != OUTCOME_PENDING)
			return keep_key(ctx, &slice->items[0]);
		if (apply_once(ctx, slice, deed))
			return true;
		if (!is_worth_another_try(ctx, replay))
			return false;
	}
}

static bool finish(struct ctx *ctx, const struct slice *slice, struct edit_result *result)
{
	const struct slice_item *item = &slice->items[0];
	result->unchanged = item->outcome == OUTCOME_UNCHANGED;
	if (item->outcome != OUTCOME_SUCCEEDED && !result->unchanged)
		return refuse(ctx, slice, result);
	result->detail = slice_detail(slice, item);
	return event_get(ctx, slice_successor(item), &result->event);
}

bool edit_create(struct ctx *ctx, const json_t *object, const struct edit_how *how, struct edit_result *result)
{
	static const struct deed deed = { "event.create", NULL };
	struct slice slice;
	*result = (struct edit_result){ 0 };
	return run_slice(ctx, SLICE_CREATE, json_text(ctx->arena, object, NULL), 0, how, &deed, &slice) &&
	       finish(ctx, &slice, result);
}

/* The item of a batch that would do the same. */
static const char *update_item(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t expected_version)
{
	const char *selector = arena_printf(ctx->arena, "{\"selector\":{\"event_id\":%lld},", (long long)event_id);
	const char *expected =
		expected_version ? arena_printf(ctx->arena, "\"expected_version\":%lld,", (long long)expected_version) : "";
	return arena_printf(ctx->arena, "%s%s\"values\":%s}", selector, expected, json_text(ctx->arena, values, NULL));
}

static bool update(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t expected_version,
		   const struct edit_how *how, const struct deed *deed, struct edit_result *result)
{
	struct slice slice;
	*result = (struct edit_result){ 0 };
	return run_slice(ctx, SLICE_UPDATE, update_item(ctx, event_id, values, expected_version), event_id, how, deed, &slice) &&
	       finish(ctx, &slice, result);
}

bool edit_update(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t expected_version,
		 const struct edit_how *how, struct edit_result *result)
{
	static const struct deed deed = { "event.update", NULL };
	return update(ctx, event_id, values, expected_version, how, &deed, result);
}

/* All that a person could have given to make the event what it is.  What the
 * program does with events (completed, missed) is not given. */
static json_t *values_of(struct ctx *ctx, const struct event *event)
{
	static const char *const names[] = { "content_id", "version_no", "schedule_type", "title",  "duration_s", "timezone",
					     "recurrence", "exdates",	 "rdates",	  "overrides", "resources", "assignees",
					     "priority",   "conditions", "misfire",	  "grace_s", "attributes" };
	struct str text = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &text);
	event_write(&w, NULL, event);
	const json_t *all = json_read(ctx->arena, str_text(&text), text.len, &ctx->fail);
	json_t *values = json_object();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set(values, names[i], json_object_get(all, names[i]));
	const char *start = event->timezone ? "local_start" : "starts_at";
	json_object_set(values, start, json_object_get(all, start));
	if (event->status == EVENT_DRAFT || event->status == EVENT_SCHEDULED || event->status == EVENT_CANCELLED ||
	    event->status == EVENT_ARCHIVED)
		json_object_set(values, "status", json_object_get(all, "status"));
	str_free(&text);
	return values;
}

bool edit_restore(struct ctx *ctx, int64_t event_id, int64_t row_version, int64_t expected_version,
		  const struct edit_how *how, struct edit_result *result)
{
	struct event_state former;
	*result = (struct edit_result){ 0 };
	if (!history_get(ctx, event_id, row_version, &former))
		return false;
	struct deed deed = { "event.restore", arena_printf(ctx->arena, "{\"row_version\":%lld}", (long long)row_version) };
	json_t *values = values_of(ctx, &former.event);
	bool ok = update(ctx, event_id, values, expected_version, how, &deed, result);
	json_decref(values);
	return ok;
}

bool edit_cancel(struct ctx *ctx, int64_t event_id, int64_t expected_version, struct edit_result *result)
{
	json_t *values = json_pack("{s:s}", "status", "cancelled");
	bool ok = edit_update(ctx, event_id, values, expected_version, NULL, result);
	json_decref(values);
	return ok;
}
