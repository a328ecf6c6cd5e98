#include "web/status_json.h"

#include "base/clock.h"
#include "base/ids.h"
#include "rules/links.h"
#include "views/problem.h"

#define RESULTS_DEFAULT 100
#define RESULTS_MAX 1000
#define RETRY_RUNNING_S 1
#define RETRY_WAITING_S 5  /* for a person: receiving, paused */

static void counts_json(struct json_writer *w, const struct job_counts *counts)
{
	static const enum outcome shown[] = { OUTCOME_PENDING,	OUTCOME_SUCCEEDED, OUTCOME_UNCHANGED,  OUTCOME_SKIPPED,
					      OUTCOME_CONFLICT, OUTCOME_FAILED,	   OUTCOME_UNPROCESSED,
					      OUTCOME_UNDONE,	OUTCOME_UNDO_CONFLICT };
	jw_object(w, "counts");
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		jw_int(w, outcome_name(shown[i]), counts->by_outcome[shown[i]]);
	jw_end_object(w);
}

static void progress_json(struct json_writer *w, const struct batch_status *status)
{
	const struct job *job = &status->job;
	const struct job_counts *counts = &status->counts;
	jw_object(w, "progress");
	jw_real(w, "throughput_per_s", status->throughput_per_s, 1);
	if (status->eta_s < 0)
		jw_null(w, "eta_s");
	else
		jw_real(w, "eta_s", status->eta_s, 1);
	jw_int(w, "elapsed_ms", job->elapsed_ms);
	jw_int(w, "active_ms", counts->active_ms);
	jw_int(w, "lanes", counts->lanes);
	jw_int(w, "chunk_size", job->chunk_size);
	jw_int(w, "failed_attempts", counts->errors);
	jw_int(w, "expired_leases", counts->expiries);
	jw_int(w, "memory_kib", resident_kib());
	if (counts->current_first < 0) {
		jw_null(w, "current");
	} else {
		struct str current = STR_INIT;
		str_addf(&current, "%s %lld–%lld",  job->work == WORK_UNDO ? job_work_name(WORK_UNDO) : job_type_name(job->type),
			 (long long)counts->current_first + 1,
			 (long long)counts->current_last + 1);
		jw_text(w, "current", str_text(&current));
		str_free(&current);
	}
	jw_end_object(w);
}

static void errors_json(struct json_writer *w, const struct batch_status *status)
{
	jw_list(w, "errors");
	for (size_t i = 0; i < status->error_count; i++) {
		const struct error_group *group = &status->errors[i];
		jw_object(w, NULL);
		jw_text(w, "code", group->code);
		jw_int(w, "count", group->count);
		jw_text(w, "suggestion", code_info(code_by_name(group->code))->fix);
		jw_int(w, "example_ordinal", group->example_ordinal);
		jw_end_object(w);
	}
	jw_end_list(w);
}

/* Batches that have to succeed before this one begins. */
static void waiting_json(struct json_writer *w, const struct batch_status *status)
{
	jw_list(w, "waiting_for");
	for (size_t i = 0; i < status->waiting_for_count; i++) {
		const struct dependency *other = &status->waiting_for[i];
		jw_object(w, NULL);
		jw_int(w, "id", other->id);
		jw_text(w, "label", other->label);
		jw_text(w, "status", other->is_gone ? NULL : job_state_name(other->state));
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void status_members(struct json_writer *w, const struct batch_status *status)
{
	const struct job *job = &status->job;
	jw_int(w, "id", job->id);
	jw_text(w, "type", job_type_name(job->type));
	jw_text(w, "label", job->label ? job->label : "");
	jw_text(w, "status", job_state_name(job->state));
	jw_text(w, "phase", job_state_phase(job->state));
	jw_int(w, "epoch", job->epoch);
	jw_int(w, "total", job->total);
	jw_int(w, "received", job->received);
	jw_int(w, "cursor", status->counts.cursor);
	jw_int(w, "percent", status->percent);
	counts_json(w, &status->counts);
	jw_int(w, "retryable", status->retryable);
	progress_json(w, status);
	errors_json(w, status);
	jw_text(w, "message", status->message);
	waiting_json(w, status);
	jw_raw(w, "options", job->options);
	jw_list(w, "allowed");
	for (size_t i = 0; i < status->allowed_count; i++)
		jw_text(w, NULL, status->allowed[i]);
	jw_end_list(w);
	jw_time(w, "undo_until", job_state_is_terminal(job->state) ? job->undo_until : 0);
	jw_time(w, "created_at", job->created_at);
	jw_time(w, "started_at", job->started_at);
	jw_time(w, "finished_at", job->finished_at);
	jw_object(w, "created_by");
	jw_int(w, "id", job->created_by);
	jw_text(w, "name", job->created_by_name);
	jw_end_object(w);
}

void status_json(struct json_writer *w, const char *key, const struct batch_status *status)
{
	jw_object(w, key);
	status_members(w, status);
	jw_end_object(w);
}

/* --- items --------------------------------------------------------------- */

static const char *client_id_of(const json_t *input)
{
	const json_t *selector = json_object_get(input, "selector");
	return json_string_value(json_object_get(selector ? selector : input, "client_id"));
}

/* errors, conflicts and warnings are always there; an evaluation has more. */
static void detail_json(struct json_writer *w, struct arena *arena, const char *detail)
{
	static const char *const lists[] = { "errors", "conflicts", "warnings" };
	struct fail ignored = { .kind = FAIL_NONE };
	json_t *object = detail ? json_read(arena, detail, strlen(detail), &ignored) : NULL;
	const char *key;
	json_t *value;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		value = json_object_get(object, lists[i]);
		jw_raw(w, lists[i], value ? json_text(arena, value, NULL) : "[]");
	}
	json_object_foreach(object, key, value)
		if (strcmp(key, "errors") != 0 && strcmp(key, "conflicts") != 0 && strcmp(key, "warnings") != 0)
			jw_raw(w, key, json_text(arena, value, NULL));
}

/* The wall time and what is odd about it. */
static void local_json(struct json_writer *w, const struct event *event)
{
	static const char *const flags[] = { [ZONE_NORMAL] = NULL, [ZONE_GAP] = "gap", [ZONE_FOLD] = "fold" };
	char local[TIME_TEXT_SIZE];
	time_format_local(event->local_start, local);
	jw_text(w, "local_start", event->timezone ? local : NULL);
	jw_text(w, "flag", flags[event->time_flag]);
}

/* What an evaluation tells beside its reasons.  What happens once is one
 * occurrence; those of a series stand in the detail. */
static void evaluation_json(struct json_writer *w, struct arena *arena, const json_t *input, const struct item_result *item,
			    bool has_conflicts, bool is_blocked, bool is_series)
{
	struct issues ignored = { .arena = arena };
	struct event event;
	jw_text(w, "verdict", verdict_name(item->verdict));
	if (!has_conflicts)
		jw_int(w, "conflict_count", 0);
	if (!is_blocked) /* else the detail says why */
		jw_raw(w, "conditions", "{\"result\":true,\"failed\":[]}");
	if (is_series)
		return; /* the detail has them */
	jw_object(w, "occurrences");
	jw_int(w, "count", item->verdict == VERDICT_INVALID ? 0 : 1);
	jw_bool(w, "truncated", false);
	jw_list(w, "list");
	if (item->verdict != VERDICT_INVALID && event_read(input, EVENT_NEW | EVENT_NORMALISE | EVENT_MINUTELY, "", &event, &ignored)) {
		jw_object(w, NULL);
		jw_time(w, "starts_at", event.starts_at);
		local_json(w, &event);
		jw_end_object(w);
	}
	jw_end_list(w);
	jw_end_object(w);
}

static void item_members(struct json_writer *w, struct arena *arena, const struct job *job, const struct item_result *item)
{
	struct fail ignored = { .kind = FAIL_NONE };
	json_t *input = json_read(arena, item->input, strlen(item->input), &ignored);
	jw_int(w, "ordinal", item->ordinal);
	jw_text(w, "client_id", client_id_of(input));
	jw_text(w, "operation", job_type_name(job->type));
	jw_text(w, "outcome", outcome_name(item->outcome));
	if (item->event_id > 0)
		jw_int(w, "event_id", item->event_id);
	else
		jw_null(w, "event_id");
	jw_int(w, "attempts", item->attempts);
	item_links_strip(input);
	if (item->verdict != VERDICT_NONE)
		evaluation_json(w, arena, input, item, item->detail && strstr(item->detail, "\"conflict_count\""),
				item->detail && strstr(item->detail, "\"conditions\""),
				item->detail && strstr(item->detail, "\"occurrences\":{"));
	detail_json(w, arena, item->detail);
	jw_raw(w, "input", item->input);
}

void item_json(struct json_writer *w, struct arena *arena, const struct job *job, const struct item_result *item)
{
	/* A page may have a thousand items: what is parsed goes away one by one. */
	struct arena_mark mark = arena_mark(arena);
	jw_object(w, NULL);
	item_members(w, arena, job, item);
	jw_end_object(w);
	arena_rewind(arena, mark);
}

/* --- replies ------------------------------------------------------------- */

/* Names what a reader would call a change; weak, because figures such as the
 * throughput move all the time. */
static const char *etag_of(struct arena *arena, const struct batch_status *status)
{
	const struct job *job = &status->job;
	struct str text = STR_INIT;
	str_addf(&text, "%lld %d %d %d %lld %lld %lld %d %s", (long long)job->id, (int)job->state, job->epoch,
		 status->counts.lanes, (long long)job->received, (long long)job->total, (long long)status->counts.cursor,
		 status->percent, status->message ? status->message : "");
	for (int i = 0; i < OUTCOME_COUNT; i++)
		str_addf(&text, " %lld", (long long)status->counts.by_outcome[i]);
	for (size_t i = 0; i < status->allowed_count; i++) /* some end with the clock */
		str_addf(&text, " %s", status->allowed[i]);
	const char *etag = arena_printf(arena, "W/\"%016llx\"", (unsigned long long)hash64(text.data, text.len));
	str_free(&text);
	return etag;
}

static void status_headers(struct response *response, const struct batch_status *status)
{
	enum job_state state = status->job.state;
	bool waits = state == JOB_RECEIVING || state == JOB_PAUSED;
	if (!job_state_is_terminal(state))
		response_header(response, "Retry-After", "%d", waits ? RETRY_WAITING_S : RETRY_RUNNING_S);
	response_header(response, "ETag", "%s", etag_of(response->request->ctx->arena, status));
}

static bool is_known_to_client(const struct request *request, const struct batch_status *status)
{
	const char *known = request->header(request, "HTTP_IF_NONE_MATCH");
	bool is_read = request->method == METHOD_GET || request->method == METHOD_HEAD;
	return is_read && known && (strcmp(known, "*") == 0 || strstr(known, etag_of(request->ctx->arena, status)));
}

/* With the headers that tell of it; on false the reply is written. */
static bool status_found(struct response *response, int64_t job_id, struct batch_status *status_out)
{
	if (!batch_status(response->request->ctx, job_id, status_out)) {
		respond_fail(response, NULL);
		return false;
	}
	status_headers(response, status_out);
	return true;
}

void respond_status(struct response *response, int http_status, int64_t job_id)
{
	struct batch_status status;
	struct json_writer w;
	if (!status_found(response, job_id, &status))
		return;
	if (is_known_to_client(response->request, &status)) {
		response->status = 304;
		return;
	}
	response->status = http_status;
	jw_begin(&w, &response->body);
	status_json(&w, NULL, &status);
}

void respond_advanced(struct response *response, int64_t job_id, const struct advance_report *report)
{
	struct batch_status status;
	struct json_writer w;
	if (!status_found(response, job_id, &status))
		return;
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	status_members(&w, &status);
	jw_object(&w, "advanced");
	jw_int(&w, "chunks", report->chunks);
	jw_int(&w, "items", report->items);
	jw_int(&w, "time_budget_ms", report->budget_ms);
	jw_bool(&w, "nothing_due", report->found_nothing);
	jw_end_object(&w);
	jw_end_object(&w);
}

void respond_decided(struct response *response, int64_t job_id, const struct decide_report *report)
{
	struct batch_status status;
	struct json_writer w;
	if (!status_found(response, job_id, &status))
		return;
	response->status = 202;
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	status_members(&w, &status);
	jw_object(&w, "decisions");
	jw_int(&w, "decided", report->decided);
	jw_int(&w, "repeated", report->repeated);
	jw_int(&w, "refused", report->refused);
	jw_list(&w, "errors");
	for (size_t i = 0; i < report->issues.count; i++)
		issue_json(&w, &report->issues.list[i]);
	jw_end_list(&w);
	jw_end_object(&w);
	jw_end_object(&w);
}

void locate_job(struct response *response, int64_t job_id)
{
	response_header(response, "Location", "%s/api/v1/batch/%lld", response->request->base, (long long)job_id);
}

struct page {
	int outcome;        /* < 0 = all */
	int64_t after;
	int64_t limit;
};

static bool read_page(struct request *request, struct page *page)
{
	const char *name = param(request, "outcome");
	enum outcome outcome = OUTCOME_PENDING;
	if (name && !outcome_by_name(name, &outcome))
		return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE,
				"There is no outcome %.40s; succeeded, failed, conflict… are", name);
	page->outcome = name ? (int)outcome : -1;
	return param_int(request, "after", -1, INT32_MAX, -1, &page->after) &&
	       param_int(request, "limit", 1, RESULTS_MAX, RESULTS_DEFAULT, &page->limit);
}

static void link_next(struct response *response, const struct page *page, int64_t job_id, int64_t next)
{
	const struct request *request = response->request;
	const char *outcome = page->outcome < 0 ? NULL : outcome_name((enum outcome)page->outcome);
	response_header(response, "Link", "<%s/api/v1/batch/%lld/items?%s%s%safter=%lld&limit=%lld>; rel=\"next\"",
			request->base, (long long)job_id, outcome ? "outcome=" : "", outcome ? outcome : "",
			outcome ? "&" : "", (long long)next, (long long)page->limit);
}

void respond_results(struct response *response, int64_t job_id, bool with_status)
{
	struct ctx *ctx = response->request->ctx;
	struct batch_status status;
	struct page page = { .limit = 0 };
	struct job job;
	struct item_result *items;
	struct json_writer w;
	size_t count;
	if (!read_page(response->request, &page) || (with_status && !batch_status(ctx, job_id, &status)) ||
	    !batch_results(ctx, job_id, page.outcome, page.after, (int32_t)page.limit + 1, &job, &items, &count)) {
		respond_fail(response, NULL);
		return;
	}
	bool has_more = count > (size_t)page.limit; /* one more than was asked for tells */
	count -= has_more;
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	if (with_status)
		status_members(&w, &status);
	jw_list(&w, "items");
	for (size_t i = 0; i < count; i++)
		item_json(&w, ctx->arena, &job, &items[i]);
	jw_end_list(&w);
	if (has_more) {
		jw_int(&w, "next", items[count - 1].ordinal);
		link_next(response, &page, job_id, items[count - 1].ordinal);
	} else {
		jw_null(&w, "next");
	}
	jw_end_object(&w);
}
