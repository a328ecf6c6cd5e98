/* What is told about an item, as JSON (api.md, "item result"). */
#include "base/clock.h"
#include "rules/series.h"
#include "schedule/compliance.h"

static void write_issues(struct json_writer *w, const char *key, const struct issues *issues)
{
	jw_list(w, key);
	for (size_t i = 0; i < issues->count; i++) {
		const struct issue *issue = &issues->list[i];
		const struct code_info *info = code_info(issue->code);
		jw_object(w, NULL);
		jw_text(w, "code", info->name);
		jw_text(w, "message", issue->message);
		jw_text(w, "pointer", issue->pointer);
		jw_text(w, "suggestion", issue->suggestion);
		jw_bool(w, "recoverable", info->recoverable);
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void write_ruling(struct json_writer *w, const struct ruling *ruling)
{
	const struct violation *violation = ruling->violation;
	jw_text(w, "reason", ruling->reason ? ruling->reason : "");
	jw_int(w, "occurrences", violation->count);
	jw_list(w, "alternatives");
	for (size_t i = 0; i < ruling->alternative_count; i++) {
		const struct alternative *alternative = &ruling->alternatives[i];
		jw_object(w, NULL);
		jw_int(w, "id", alternative->id);
		jw_text(w, "name", alternative->name);
		if (alternative->is_known)
			jw_bool(w, "free", alternative->is_free);
		else
			jw_null(w, "free");
		jw_end_object(w);
	}
	jw_end_list(w);
}

/* A broken restriction: a conflict when it is hard, advice else. */
static void write_restriction(struct json_writer *w, const struct slice_item *item, const struct violation *violation)
{
	const struct restriction *restriction = violation->restriction;
	const struct ruling *ruling = item_ruling(item, restriction->id);
	jw_object(w, NULL);
	jw_text(w, "kind", code_info(CODE_COMPLIANCE)->name);
	jw_text(w, "severity", restriction->is_hard ? "hard" : "advisory");
	jw_int(w, "restriction_id", restriction->id);
	jw_int(w, "resource_id", restriction->resource_id);
	jw_time(w, "starts_at", restriction->from_utc);
	jw_time(w, "ends_at", restriction->to_utc);
	jw_time(w, "own_starts_at", violation->start_utc);
	jw_time(w, "own_ends_at", violation->end_utc);
	if (ruling)
		write_ruling(w, ruling);
	jw_end_object(w);
}

static void write_advisories(struct json_writer *w, const struct slice_item *item)
{
	bool any = false;
	for (size_t i = 0; i < item->ruling_count; i++) {
		const struct violation *violation = item->rulings[i].violation;
		if (violation->restriction->is_hard)
			continue;
		if (!any)
			jw_list(w, "advisories");
		any = true;
		write_restriction(w, item, violation);
	}
	if (any)
		jw_end_list(w);
}

static void write_local(struct json_writer *w, const char *key, int64_t local)
{
	char text[TIME_TEXT_SIZE];
	time_format_local(local, text);
	jw_text(w, key, text);
}

static void write_conflict(struct json_writer *w, const struct slice_item *item, const struct conflict *conflict)
{
	if (conflict->violation) {
		write_restriction(w, item, conflict->violation);
		return;
	}
	jw_object(w, NULL);
	jw_text(w, "kind", code_info(conflict->code)->name);
	jw_text(w, "severity", conflict->hard ? "hard" : "soft");
	if (conflict->owner > 0)
		jw_int(w, "event_id", conflict->owner);
	else if (conflict->owner < 0)
		jw_int(w, "ordinal", -1 - conflict->owner);
	jw_time(w, "starts_at", conflict->start_utc);
	jw_time(w, "ends_at", conflict->end_utc);
	jw_time(w, "own_starts_at", conflict->own_start_utc);
	jw_time(w, "own_ends_at", conflict->own_end_utc);
	if (item->conflicts->of_series)
		write_local(w, "occurrence", conflict->own_local_start);
	if (conflict->code == CODE_VERSION_WINDOW) {
		jw_int(w, "content_id", conflict->calendar_id);
		jw_id(w, "existing_version", conflict->existing_version);
		jw_id(w, "requested_version", conflict->requested_version);
	} else if (conflict->code != CODE_SELF_OVERLAP) {
		jw_int(w, "resource_id", conflict->calendar_id);
	}
	jw_end_object(w);
}

/* A wall time that does not exist, or exists twice, is worth a word. */
static const char *time_flag_text(const struct event *event)
{
	switch (event->time_flag) {
	case ZONE_GAP:
		return "time_gap";
	case ZONE_FOLD:
		return "time_fold";
	case ZONE_NORMAL:
		break;
	}
	return NULL;
}

static void write_warnings(struct json_writer *w, const struct slice_item *item)
{
	const struct event *event = item->next ? item->next : &item->event;
	const char *flag = item->issues.count ? NULL : time_flag_text(event);
	if (!item->warnings.count && !flag)
		return;
	jw_list(w, "warnings");
	for (size_t i = 0; i < item->warnings.count; i++) {
		jw_object(w, NULL);
		jw_text(w, "code", code_info(item->warnings.list[i].code)->name);
		jw_text(w, "message", item->warnings.list[i].message);
		jw_end_object(w);
	}
	if (flag) {
		jw_object(w, NULL);
		jw_text(w, "code", flag);
		jw_text(w, "message", event->time_flag == ZONE_GAP
					      ? "The clocks are put forward over this time; the event starts as if they had not been"
					      : "The clocks are put back over this time; the first of the two is meant");
		jw_end_object(w);
	}
	jw_end_list(w);
}

/* What was done about the conflicts: the events as the person knows them. */
static void write_resolved(struct json_writer *w, const struct slice *slice, const struct resolved *resolved)
{
	jw_object(w, "resolution");
	jw_text(w, "action", on_conflict_name(resolved->action));
	if (resolved->action == ON_CONFLICT_SHIFT) {
		jw_time(w, "from", resolved->from_utc);
		jw_time(w, "to", resolved->to_utc);
	}
	if (resolved->replaced_count) {
		jw_list(w, "replaced");
		for (size_t i = 0; i < resolved->replaced_count; i++)
			jw_int(w, NULL, resolved->replaced[i]);
		jw_end_list(w);
	}
	if (resolved->taken_count) {
		jw_list(w, "replaced_occurrences");
		for (size_t i = 0; i < resolved->taken_count; i++) {
			jw_object(w, NULL);
			jw_int(w, "event_id", resolved->taken[i].event_id);
			jw_list(w, "occurrences");
			for (size_t k = 0; k < resolved->taken[i].count; k++)
				write_local(w, NULL, resolved->taken[i].occurrences[k]);
			jw_end_list(w);
			jw_end_object(w);
		}
		jw_end_list(w);
	}
	if (resolved->left_out_count) {
		jw_list(w, "left_out");
		for (size_t i = 0; i < resolved->left_out_count; i++)
			write_local(w, NULL, resolved->left_out[i]);
		jw_end_list(w);
	}
	if (slice->resolution.reason)
		jw_text(w, "reason", slice->resolution.reason);
	jw_end_object(w);
}

/* Who stands in the way of an undo, and since when. */
static void write_change(struct json_writer *w, const struct event_change *change)
{
	jw_object(w, "changed_by");
	jw_int(w, "id", change->user_id);
	jw_text(w, "name", change->user_name);
	jw_end_object(w);
	jw_time(w, "changed_at", change->at_utc);
	jw_id(w, "changed_in_batch", change->job_id);
}

/* What a series comes to, as far as it is known. */
static void write_occurrences(struct json_writer *w, const struct slice *slice, const struct event *event)
{
	static const char *const flags[] = { [ZONE_NORMAL] = NULL, [ZONE_GAP] = "gap", [ZONE_FOLD] = "fold" };
	jw_object(w, "occurrences");
	jw_int(w, "count", (int64_t)event->occurrence_count);
	jw_bool(w, "truncated", event->expanded_through != 0);
	jw_list(w, "list");
	for (size_t i = 0; i < event->occurrence_count && i < slice->list_occurrences; i++) {
		const struct occurrence *occurrence = &event->occurrences[i];
		jw_object(w, NULL);
		jw_time(w, "starts_at", occurrence->start_utc);
		write_local(w, "local_start", occurrence->local_start);
		jw_text(w, "flag", flags[occurrence->flag]);
		jw_end_object(w);
	}
	jw_end_list(w);
	jw_end_object(w);
}

const char *slice_detail(const struct slice *slice, const struct slice_item *item)
{
	struct str out = STR_INIT;
	struct json_writer w;
	bool is_blocked = item->conditions && !item->conditions->holds;
	bool is_series = slice->kind == SLICE_EVALUATE && event_recurs(&item->event);
	bool is_divided = item->next && item->next->id && item->outcome == OUTCOME_SUCCEEDED;
	if (!is_divided && !item->issues.count && !item->warnings.count && !item->conflicts && !is_blocked && !is_series && item->event.time_flag == ZONE_NORMAL)
		return NULL;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	write_issues(&w, "errors", &item->issues);
	if (item->conflicts) {
		jw_int(&w, "conflict_count", item->conflicts->count);
		if (item->conflicts->truncated)
			jw_bool(&w, "truncated", true);
		jw_list(&w, "conflicts");
		for (size_t i = 0; i < item->conflicts->listed && i < slice->conflict_details; i++)
			write_conflict(&w, item, &item->conflicts->list[i]);
		jw_end_list(&w);
	}
	if (is_series)
		write_occurrences(&w, slice, &item->event);
	write_advisories(&w, item);
	write_warnings(&w, item);
	if (is_blocked) {
		jw_object(&w, "conditions");
		jw_bool(&w, "result", false);
		jw_raw(&w, "failed", item->conditions->failed);
		jw_end_object(&w);
	}
	if (item->resolved.action != ON_CONFLICT_FAIL && !item->issues.count)
		write_resolved(&w, slice, &item->resolved);
	if (item->is_sought && item->shifted)
		jw_time(&w, "proposed_starts_at", item->shifted->starts_at);
	else if (item->is_sought)
		jw_null(&w, "proposed_starts_at");
	if (is_divided)
		jw_int(&w, "following_event_id", item->next->id);
	if (item->change)
		write_change(&w, item->change);
	jw_end_object(&w);
	const char *detail = arena_strndup(slice->ctx->arena, str_text(&out), out.len);
	str_free(&out);
	return detail;
}

static enum code first_code(const struct slice_item *item)
{
	if (item->issues.count)
		return item->issues.list[0].code;
	if (item->conflicts && item->resolved.action == ON_CONFLICT_FAIL)
		return item->conflicts->list[0].code;
	return item->warnings.count ? item->warnings.list[0].code : CODE_NONE;
}

struct item_outcome *slice_outcomes(const struct slice *slice)
{
	struct item_outcome *list = arena_array(slice->ctx->arena, slice->count + 1, sizeof(*list));
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		list[i] = (struct item_outcome){
			.ordinal = item->ordinal,
			.outcome = item->outcome == OUTCOME_UNPROCESSED ? OUTCOME_PENDING : item->outcome,
			.verdict = item->verdict,
			.was_worked = item->was_worked,
			.event_id = item->event_id,
			.code = first_code(item),
			.detail = item->was_worked ? slice_detail(slice, item) : NULL,
		};
		if (item->conflicts && item->outcome == OUTCOME_CONFLICT)
			list[i].ways = conflicts_resolvable_by(item->conflicts);
		if (item->conflicts && (item->outcome == OUTCOME_CONFLICT || item->verdict == VERDICT_CONFLICT))
			list[i].likeness = conflicts_likeness(item->conflicts);
	}
	return list;
}
