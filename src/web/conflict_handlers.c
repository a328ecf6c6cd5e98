/* Conflicts of a batch: look at them, decide about them. */
#include "base/clock.h"
#include "batch/conflicts.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/status_json.h"

#define PAGE_DEFAULT 50
#define RESOLUTIONS_BODY_BYTES (256 * 1024)

/* --- look ---------------------------------------------------------------------- */

/* The same two moments as a clock in that zone shows them. */
static void local_json(struct json_writer *w, const char *key, const char *timezone, int64_t from, int64_t to)
{
	const struct zone *zone = timezone ? zone_find(timezone) : NULL;
	char text[TIME_TEXT_SIZE];
	if (!zone) {
		jw_null(w, key);
		return;
	}
	jw_object(w, key);
	jw_text(w, "timezone", timezone);
	time_format_local(from + zone_offset_at(zone, from), text);
	jw_text(w, "starts_at", text);
	time_format_local(to + zone_offset_at(zone, to), text);
	jw_text(w, "ends_at", text);
	jw_end_object(w);
}

static void overlap_json(struct json_writer *w, const struct clash *clash, const char *viewer_zone, const char *event_zone)
{
	int64_t apart_s = clash->starts_at - clash->own_starts_at;
	if (clash->calendar_kind == CALENDAR_CONTENT)
		jw_int(w, "apart_s", apart_s < 0 ? -apart_s : apart_s);
	else
		jw_null(w, "apart_s");
	if (clash->overlap_to <= clash->overlap_from) {
		jw_null(w, "overlap");
		return;
	}
	jw_object(w, "overlap");
	jw_time(w, "starts_at", clash->overlap_from);
	jw_time(w, "ends_at", clash->overlap_to);
	jw_int(w, "minutes", (clash->overlap_to - clash->overlap_from + 59) / 60);
	local_json(w, "viewer", viewer_zone, clash->overlap_from, clash->overlap_to);
	local_json(w, "event", event_zone, clash->overlap_from, clash->overlap_to);
	jw_end_object(w);
}

static void id_or_null(struct json_writer *w, const char *key, int64_t id)
{
	if (id > 0)
		jw_int(w, key, id);
	else
		jw_null(w, key);
}

static void theirs_json(struct json_writer *w, const struct clash *clash)
{
	const struct named_event *other = clash->other;
	if (!other) {
		jw_null(w, "theirs");
		return;
	}
	const struct event *event = &other->event;
	jw_object(w, "theirs");
	jw_int(w, "event_id", event->id);
	jw_text(w, "title", event->title ? event->title : "");
	jw_int(w, "content_id", event->content_id);
	id_or_null(w, "version_no", event->version_no);
	jw_text(w, "schedule_type", event->schedule_type);
	jw_time(w, "starts_at", clash->starts_at);
	jw_time(w, "ends_at", clash->ends_at);
	jw_text(w, "timezone", event->timezone);
	jw_text(w, "recurrence", event->recurrence);
	jw_text(w, "status", event_status_name(event->status));
	jw_object(w, "created_by");
	jw_int(w, "id", event->created_by);
	jw_text(w, "name", other->maker_name);
	jw_end_object(w);
	jw_end_object(w);
}

static void clash_json(struct json_writer *w, const struct clash *clash, const struct conflict_item *item, const char *viewer_zone)
{
	bool is_content = clash->calendar_kind == CALENDAR_CONTENT;
	const char *event_zone = item->event.timezone ? item->event.timezone : clash->other ? clash->other->event.timezone : NULL;
	jw_object(w, NULL);
	jw_text(w, "kind", code_info(clash->code)->name);
	jw_text(w, "severity", clash->is_hard ? "hard" : "soft");
	id_or_null(w, "event_id", clash->event_id);
	if (clash->ordinal >= 0)
		jw_int(w, "ordinal", clash->ordinal);
	else
		jw_null(w, "ordinal");
	id_or_null(w, "resource_id", is_content ? 0 : clash->calendar_id);
	id_or_null(w, "content_id", is_content ? clash->calendar_id : 0);
	jw_text(w, "name", clash->calendar_name);
	jw_time(w, "starts_at", clash->starts_at);
	jw_time(w, "ends_at", clash->ends_at);
	jw_time(w, "own_starts_at", clash->own_starts_at);
	jw_time(w, "own_ends_at", clash->own_ends_at);
	id_or_null(w, "existing_version", clash->existing_version);
	id_or_null(w, "requested_version", clash->requested_version);
	overlap_json(w, clash, viewer_zone, event_zone);
	if (clash->reason)
		jw_text(w, "reason", clash->reason);
	jw_bool(w, "still_there", clash->is_still_there);
	theirs_json(w, clash);
	jw_end_object(w);
}

static void decision_json(struct json_writer *w, const struct conflict_row *row)
{
	if (!row->is_decided) {
		jw_null(w, "decision");
		return;
	}
	jw_object(w, "decision");
	jw_text(w, "action", on_conflict_name(row->action));
	jw_text(w, "decided_by", row->decided_by);
	jw_time(w, "decided_at", row->decided_at);
	jw_end_object(w);
}

static void item_json_of_conflict(struct json_writer *w, const struct conflict_item *item, bool may_decide, const char *viewer_zone)
{
	const struct conflict_row *row = item->row;
	jw_object(w, NULL);
	jw_int(w, "ordinal", row->ordinal);
	jw_int(w, "epoch", row->epoch);
	jw_text(w, "kind", row->kind);
	jw_list(w, "actions");
	for (int action = 0; may_decide && action < ON_CONFLICT_COUNT; action++)
		if (item->ways & ON_CONFLICT_BIT(action))
			jw_text(w, NULL, on_conflict_name((enum on_conflict)action));
	jw_end_list(w);
	jw_int(w, "like", item->alike_ordinal);
	jw_int(w, "alike", item->alike);
	event_write(w, "yours", &item->event);
	jw_text(w, "content_title", item->content_title);
	jw_int(w, "conflict_count", item->conflict_count);
	jw_list(w, "conflicts");
	for (size_t i = 0; i < item->clash_count; i++)
		clash_json(w, &item->clashes[i], item, viewer_zone);
	jw_end_list(w);
	decision_json(w, row);
	jw_text(w, "refusal", item->refusal);
	jw_end_object(w);
}

static void groups_json(struct json_writer *w, const struct conflict_page *page)
{
	jw_list(w, "groups");
	for (size_t i = 0; i < page->group_count; i++) {
		const struct conflict_group *group = &page->groups[i];
		bool is_content = group->clash.calendar_kind == CALENDAR_CONTENT;
		jw_object(w, NULL);
		jw_int(w, "like", group->ordinal);
		jw_int(w, "count", group->count);
		jw_text(w, "kind", code_info(group->clash.code)->name);
		jw_text(w, "severity", group->clash.is_hard ? "hard" : "soft");
		id_or_null(w, "resource_id", is_content ? 0 : group->clash.calendar_id);
		id_or_null(w, "content_id", is_content ? group->clash.calendar_id : 0);
		jw_text(w, "name", group->clash.calendar_name);
		jw_end_object(w);
	}
	jw_end_list(w);
}

static bool read_query(struct request *request, struct conflict_query *query)
{
	int64_t limit;
	*query = (struct conflict_query){ .kind = param(request, "kind") };
	if (!param_int(request, "after", -1, INT32_MAX, -1, &query->after_ordinal) ||
	    !param_int(request, "like", 0, INT32_MAX, -1, &query->like_ordinal) ||
	    !param_int(request, "limit", 1, CONFLICTS_PAGE_MAX, PAGE_DEFAULT, &limit))
		return false;
	query->limit = (int32_t)limit;
	return true;
}

void get_batch_conflicts(struct request *request, struct response *response)
{
	struct conflict_query query;
	struct conflict_page page;
	struct json_writer w;
	if (!read_query(request, &query) || !batch_conflicts(request->ctx, request->path_id, &query, &page)) {
		respond_fail(response, NULL);
		return;
	}
	const char *viewer_zone = request->session.timezone;
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_int(&w, "waiting", page.job.type == JOB_EVALUATE ? 0 : page.counts.by_outcome[OUTCOME_CONFLICT]);
	jw_bool(&w, "may_decide", page.may_decide);
	groups_json(&w, &page);
	jw_list(&w, "items");
	for (size_t i = 0; i < page.count; i++)
		item_json_of_conflict(&w, &page.items[i], page.may_decide, viewer_zone);
	list_end(&w, page.next_after >= 0, page.next_after);
	if (page.next_after >= 0)
		response_header(response, "Link", "<%s/api/v1/batch/%lld/conflicts?after=%lld&limit=%d>; rel=\"next\"", request->base,
				(long long)request->path_id, (long long)page.next_after, query.limit);
}

/* --- decide --------------------------------------------------------------------- */

static const char *at_entry(struct issues *issues, const char *base, const char *name)
{
	return arena_printf(issues->arena, "%s/%s", base, name);
}

static int64_t entry_int(const json_t *object, const char *base, const char *name, int64_t min, int64_t fallback,
			 struct issues *issues)
{
	const json_t *value = json_object_get(object, name);
	if (!value && fallback >= 0)
		return fallback;
	if (!value)
		issue_add(issues, CODE_REQUIRED, at_entry(issues, base, name), NULL, "%s is missing", name);
	else if (!json_is_integer(value))
		issue_add(issues, CODE_INVALID_TYPE, at_entry(issues, base, name), "Write it as a number", "%s must be a whole number", name);
	else if (json_integer_value(value) < min || json_integer_value(value) > INT32_MAX)
		issue_add(issues, CODE_OUT_OF_RANGE, at_entry(issues, base, name), NULL, "%s is not one of a batch", name);
	else
		return json_integer_value(value);
	return min;
}

static enum on_conflict entry_action(const json_t *object, const char *base, struct issues *issues)
{
	const json_t *value = json_object_get(object, "action");
	const char *word = json_string_value(value);
	enum on_conflict action = ON_CONFLICT_SKIP;
	if (!value)
		issue_add(issues, CODE_REQUIRED, at_entry(issues, base, "action"), "Use skip, keep_both, replace or shift", "action is missing");
	else if (!word || !on_conflict_by_name(word, &action) || !on_conflict_is_decision(action))
		issue_add(issues, CODE_INVALID_VALUE, at_entry(issues, base, "action"), "Use skip, keep_both, replace or shift",
			  "That is no way to resolve a conflict");
	return action;
}

static enum conflict_scope entry_scope(const json_t *object, const char *base, struct issues *issues)
{
	const json_t *value = json_object_get(object, "scope");
	const char *word = json_string_value(value);
	enum conflict_scope scope = SCOPE_OF_BATCH;
	if (value && (!word || !conflict_scope_by_name(word, &scope)))
		issue_add(issues, CODE_INVALID_VALUE, at_entry(issues, base, "scope"), "Use item or occurrence", "That is no scope");
	return scope;
}

static void read_resolutions(const json_t *list, struct decide_request *order, struct issues *issues)
{
	static const char *const members[] = { "ordinal", "action", "scope", "epoch", NULL };
	struct decide_entry *entries = arena_array(issues->arena, DECIDE_ENTRIES_MAX + 1, sizeof(*entries));
	const json_t *object;
	size_t i;
	if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > DECIDE_ENTRIES_MAX) {
		issue_add(issues, json_is_array(list) ? CODE_OUT_OF_RANGE : CODE_INVALID_TYPE, "/resolutions",
			  "Write it as [{\"ordinal\": 12, \"action\": \"skip\"}]", "resolutions must be a list of 1 to %d decisions",
			  DECIDE_ENTRIES_MAX);
		return;
	}
	json_array_foreach(list, i, object) {
		const char *base = arena_printf(issues->arena, "/resolutions/%zu", i);
		struct issues unknown = { .arena = issues->arena };
		if (!json_is_object(object)) {
			issue_add(issues, CODE_INVALID_TYPE, base, NULL, "A decision must be an object");
			continue;
		}
		refuse_unknown(object, members, &unknown);
		for (size_t u = 0; u < unknown.count; u++)
			issue_add(issues, unknown.list[u].code, arena_printf(issues->arena, "%s%s", base, unknown.list[u].pointer), NULL, "%s",
				  unknown.list[u].message);
		entries[order->count++] = (struct decide_entry){
			.ordinal = entry_int(object, base, "ordinal", 0, -1, issues),
			.action = entry_action(object, base, issues),
			.scope = entry_scope(object, base, issues),
			.epoch = (int32_t)entry_int(object, base, "epoch", 1, order->epoch, issues),
		};
	}
	order->entries = entries;
}

/* "all", {"like": 12} or {"kind": "resource_overlap"}. */
static void read_apply_to(const json_t *value, struct decide_request *order, struct issues *issues)
{
	const char *word = json_string_value(value);
	const char *kind = json_string_value(json_object_get(value, "kind"));
	if (word && strcmp(word, "all") == 0)
		return;
	if (json_object_size(value) == 1 && json_object_get(value, "like")) {
		order->like_ordinal = entry_int(value, "/apply_to", "like", 0, -1, issues);
		return;
	}
	if (json_object_size(value) == 1 && kind && code_by_name(kind) != CODE_INTERNAL) {
		order->alike.kind = kind;
		return;
	}
	issue_add(issues, CODE_INVALID_VALUE, "/apply_to", "Use \"all\", {\"like\": 12} or {\"kind\": \"resource_overlap\"}",
		  "apply_to names no conflicts");
}

static void read_order(const json_t *body, struct decide_request *order, struct issues *issues)
{
	static const char *const members[] = { "resolutions", "apply_to", "action", "scope", "epoch", NULL };
	const json_t *list = json_object_get(body, "resolutions"), *apply_to = json_object_get(body, "apply_to");
	*order = (struct decide_request){ .like_ordinal = -1 };
	refuse_unknown(body, members, issues);
	order->epoch = (int32_t)entry_int(body, "", "epoch", 1, 0, issues);
	if (!list == !apply_to)
		issue_add(issues, CODE_REQUIRED, list ? "/apply_to" : "/resolutions", "Give resolutions, or apply_to with an action",
			  list ? "resolutions and apply_to can't both be given" : "resolutions is missing");
	else if (list)
		read_resolutions(list, order, issues);
	else
		read_apply_to(apply_to, order, issues);
	if (!apply_to)
		return;
	order->alike.action = entry_action(body, "", issues);
	order->alike.scope = entry_scope(body, "", issues);
}

/* Nothing could be decided: the first reason is the call's. */
static bool refuse_all(struct ctx *ctx, const struct decide_report *report)
{
	const struct issue *first = &report->issues.list[0];
	bool is_denied = first->code == CODE_NOT_PERMITTED;
	return fail_set(&ctx->fail, is_denied ? FAIL_DENIED : FAIL_CONFLICT, first->code, "%s", first->message);
}

void post_batch_conflicts(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct decide_request order;
	struct decide_report report;
	json_t *body = json_body(request, RESOLUTIONS_BODY_BYTES);
	if (!json_is_object(body)) {
		if (body)
			fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_TYPE, "The body must be a JSON object");
		respond_fail(response, NULL);
		return;
	}
	read_order(body, &order, &issues);
	if (issues.count || !batch_decide(ctx, request->path_id, &order, &report)) {
		respond_issues(response, &issues);
		return;
	}
	if (report.refused && !report.decided && !report.repeated && !refuse_all(ctx, &report))
		respond_fail(response, &report.issues);
	else
		respond_decided(response, request->path_id, &report);
}
