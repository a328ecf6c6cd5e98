/* Deciding about the conflicts of a batch, as pages. */
#include "batch/conflicts.h"
#include "views/page_conflicts.h"
#include "web/job_map.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define CONFLICTS_PER_PAGE 25

/* --- from the engine's structs ---------------------------------------------------- */

static void map_zone(const struct request *request, const struct event *mine, const struct clash *from, struct clash_view *to)
{
	const char *name = mine->timezone ? mine->timezone : from->other ? from->other->event.timezone : NULL;
	const char *own = request->session.timezone;
	if (!name || (own && strcmp(own, name) == 0))
		return;
	to->zone = zone_find(name);
	to->zone_name = to->zone ? name : NULL;
}

static void map_clash(const struct request *request, const struct event *mine, const struct clash *from, struct clash_view *to)
{
	int64_t apart_s = from->starts_at - from->own_starts_at;
	*to = (struct clash_view){
		.kind = code_info(from->code),
		.is_hard = from->is_hard,
		.is_content = from->calendar_kind == CALENDAR_CONTENT,
		.place = from->calendar_name,
		.event_id = from->event_id,
		.ordinal = from->ordinal,
		.is_hidden = from->is_hidden,
		.is_still_there = from->is_still_there,
		.reason = from->reason,
		.instead = from->instead,
		.starts_at = from->starts_at,
		.ends_at = from->ends_at,
		.overlap_from = from->overlap_from,
		.overlap_to = from->overlap_to,
		.apart_s = apart_s < 0 ? -apart_s : apart_s,
	};
	if (mine)
		map_zone(request, mine, from, to);
	if (!from->other)
		return;
	const struct event *other = &from->other->event;
	to->title = other->title ? other->title : "";
	to->who = from->other->maker_name;
	to->type = other->schedule_type;
	to->version_no = other->version_no;
	to->recurs = other->recurrence != NULL;
}

/* The question asks by its address what the form after it says. */
static const char *given(const struct request *request, const char *name)
{
	return request->method == METHOD_POST ? form_text(request, name) : param_text(request, name);
}

/* What was chosen for an item; "" = nothing. */
static const char *chosen_action(const struct request *request, int64_t ordinal)
{
	char name[24];
	snprintf(name, sizeof(name), "d%" PRId64, ordinal);
	return given(request, name);
}

static void map_item(const struct request *request, const struct conflict_item *from, struct conflict_view *to)
{
	const struct event *event = &from->event;
	*to = (struct conflict_view){
		.ordinal = from->row->ordinal,
		.epoch = from->row->epoch,
		.title = event->title ? event->title : "",
		.content = from->content_title,
		.type = event->schedule_type ? event->schedule_type : "",
		.version_no = event->version_no,
		.starts_at = event->starts_at,
		.ends_at = event->ends_at,
		.recurs = event->recurrence != NULL,
		.event_id = from->row->target_id,
		.ways = from->ways,
		.clash_count = from->clash_count,
		.conflict_count = from->conflict_count,
		.alike = from->alike,
		.decided_by = from->row->is_decided ? from->row->decided_by : NULL,
		.decided = from->row->is_decided ? decision_label(on_conflict_name(from->row->action)) : NULL,
		.refusal = from->refusal,
		.chosen = chosen_action(request, from->row->ordinal),
	};
	struct clash_view *clashes = arena_array(request->ctx->arena, from->clash_count + 1, sizeof(*clashes));
	for (size_t i = 0; i < from->clash_count; i++)
		map_clash(request, event, &from->clashes[i], &clashes[i]);
	to->clashes = clashes;
}

static const char *why_not(const struct request *request, const struct job *job)
{
	if (job->type == JOB_EVALUATE || job->is_dry_run)
		return "This batch only looked: nothing has been changed, so there is nothing to decide.";
	if (!permitted(request->ctx->actor, PERMIT_RESOLVE_CONFLICTS))
		return "Your role does not allow you to resolve conflicts; somebody whose role does has to decide.";
	return "In its present state nothing can be decided about this batch.";
}

/* --- the list ------------------------------------------------------------------------ */

static bool read_query(struct request *request, struct conflict_query *query)
{
	*query = (struct conflict_query){ .limit = CONFLICTS_PER_PAGE, .after_ordinal = -1, .like_ordinal = -1 };
	size_t len = strlen(request->path), end = strlen("/conflicts");
	if (len < end || strcmp(request->path + len - end, "/conflicts") != 0)
		return true; /* after a mistake: the question's own parameters mean something else */
	return param_int(request, "after", -1, INT32_MAX, -1, &query->after_ordinal) &&
	       param_int(request, "like", 0, INT32_MAX, -1, &query->like_ordinal);
}

static bool load_page(struct request *request, const struct conflict_query *query, struct conflicts_page *page, struct job_view *job)
{
	struct ctx *ctx = request->ctx;
	struct batch_status status;
	struct conflict_page found;
	if (!batch_status(ctx, request->path_id, &status) || !batch_conflicts(ctx, request->path_id, query, &found))
		return false;
	job_map(ctx, &status, job);
	struct conflict_view *items = arena_array(ctx->arena, found.count + 1, sizeof(*items));
	struct conflict_group_view *groups = arena_array(ctx->arena, found.group_count + 1, sizeof(*groups));
	for (size_t i = 0; i < found.count; i++)
		map_item(request, &found.items[i], &items[i]);
	for (size_t i = 0; i < found.group_count; i++) {
		groups[i] = (struct conflict_group_view){ .ordinal = found.groups[i].ordinal, .count = found.groups[i].count };
		map_clash(request, NULL, &found.groups[i].clash, &groups[i].clash);
	}
	page->job = job;
	page->items = items;
	page->count = found.count;
	page->groups = groups;
	page->group_count = found.group_count;
	page->waiting = found.job.type == JOB_EVALUATE ? 0 : found.counts.by_outcome[OUTCOME_CONFLICT];
	page->may_decide = found.may_decide;
	page->why_not = found.may_decide ? NULL : why_not(request, &found.job);
	page->like = query->like_ordinal;
	page->after = query->after_ordinal;
	page->next_after = found.next_after;
	return true;
}

static void show(struct request *request, struct response *response, const struct issues *issues)
{
	struct frame frame;
	struct job_view job;
	struct conflict_query query;
	struct conflicts_page page = { .frame = &frame, .issues = issues };
	if (!read_query(request, &query) || !load_page(request, &query, &page, &job)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, arena_printf(request->ctx->arena, "Conflicts of batch %" PRId64, job.id), NAV_JOBS, &frame);
	frame.has_error = issues->count > 0;
	page_conflicts(&response->body, &page);
}

void get_job_conflicts(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show(request, response, &issues);
}

/* --- deciding --------------------------------------------------------------------------- */

static int64_t given_number(const struct request *request, const char *name, int64_t fallback)
{
	const char *text = given(request, name);
	int64_t number;
	return text[0] && parse_i64(text, strlen(text), &number) && number >= 0 && number <= INT32_MAX ? number : fallback;
}

static bool is_way(const char *word, enum on_conflict *action)
{
	return on_conflict_by_name(word, action) && on_conflict_is_decision(*action);
}

/* What the form chose one by one: d12=skip, e12=3 (the conflict that was seen). */
static void read_entries(const struct request *request, struct decide_request *order)
{
	bool is_post = request->method == METHOD_POST;
	const struct pair *pairs = is_post ? request->form : request->params;
	size_t count = is_post ? request->form_count : request->param_count;
	struct decide_entry *entries = arena_array(request->ctx->arena, count + 1, sizeof(*entries));
	char name[24];
	for (size_t i = 0; i < count && order->count < DECIDE_ENTRIES_MAX; i++) {
		const struct pair *pair = &pairs[i];
		enum on_conflict action;
		int64_t ordinal;
		if (pair->name[0] != 'd' || !parse_i64(pair->name + 1, strlen(pair->name + 1), &ordinal) || ordinal < 0 ||
		    ordinal > INT32_MAX || !is_way(pair->value, &action))
			continue;
		snprintf(name, sizeof(name), "e%" PRId64, ordinal);
		entries[order->count++] = (struct decide_entry){ ordinal, action, SCOPE_OF_BATCH, (int32_t)given_number(request, name, 0) };
	}
	order->entries = entries;
}

/* A button that takes in more than what was chosen one by one says how. */
static bool read_alike(const struct request *request, struct decide_request *order, struct issues *issues)
{
	const char *word = given(request, "all_action");
	order->like_ordinal = given_number(request, "like", -1);
	order->epoch = (int32_t)given_number(request, "epoch", 0);
	order->alike.scope = SCOPE_OF_BATCH;
	if (order->like_ordinal < 0 && !given(request, "all")[0])
		return false;
	if (order->like_ordinal >= 0 && request->method != METHOD_POST)
		word = chosen_action(request, order->like_ordinal);
	if (!is_way(word, &order->alike.action))
		issue_add(issues, CODE_REQUIRED, arena_printf(issues->arena, "/d%" PRId64, order->like_ordinal), NULL,
			  "Choose first what to do with this one; then it can be applied to all that are like it");
	return true;
}

static const char *title_of(const struct request *request, const struct conflicts_page *page, int64_t ordinal)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->items[i].ordinal == ordinal && page->items[i].title[0])
			return page->items[i].title;
	return arena_printf(request->ctx->arena, "%s %" PRId64, page->job->is_csv ? "row" : "item", row_number(page->job, ordinal));
}

static void describe_alike(struct request *request, const struct conflicts_page *page, struct decide_question *question)
{
	question->alike = page->waiting;
	question->what = "";
	if (question->like < 0 || page->count == 0)
		return;
	question->alike = page->items[0].alike;
	if (page->items[0].clash_count)
		question->what = arena_printf(request->ctx->arena, "%s%s%s", page->items[0].clashes[0].kind->title,
					      page->items[0].clashes[0].place[0] ? ": " : "", page->items[0].clashes[0].place);
}

/* Names the number and the consequence before anything is done. */
static void ask(struct request *request, struct response *response, const struct decide_request *order)
{
	struct frame frame;
	struct job_view job;
	struct conflicts_page page = { .frame = &frame };
	int64_t first = order->count ? order->entries[0].ordinal - 1 : -1;
	struct conflict_query query = { .limit = CONFLICTS_PER_PAGE, .after_ordinal = first, .like_ordinal = order->like_ordinal };
	if (!load_page(request, &query, &page, &job)) {
		respond_fail(response, NULL);
		return;
	}
	struct decided_view *items = arena_array(request->ctx->arena, order->count + 1, sizeof(*items));
	for (size_t i = 0; i < order->count; i++)
		items[i] = (struct decided_view){ order->entries[i].ordinal, order->entries[i].epoch, on_conflict_name(order->entries[i].action),
						  title_of(request, &page, order->entries[i].ordinal) };
	struct decide_question question = { .frame = &frame, .job = &job, .items = items, .count = order->count, .like = order->like_ordinal,
					    .action = on_conflict_name(order->alike.action), .epoch = order->epoch, .what = "" };
	if (!order->count)
		describe_alike(request, &page, &question);
	page_frame(request, "Decide?", NAV_JOBS, &frame);
	page_decide(&response->body, &question);
}

/* Each refusal is told at its item; what could be decided has been. */
static void tell_refusals(const struct decide_request *order, const struct decide_report *report, struct issues *issues)
{
	for (size_t i = 0; i < report->issues.count; i++) {
		const struct issue *issue = &report->issues.list[i];
		char *end = NULL;
		unsigned long entry = strtoul(issue->pointer + strlen("/resolutions/"), &end, 10);
		const char *pointer = entry < order->count ? arena_printf(issues->arena, "/d%" PRId64, order->entries[entry].ordinal) : "";
		issue_add(issues, issue->code, pointer, issue->suggestion, "%s", issue->message);
	}
}

static void decide(struct request *request, struct response *response, const struct decide_request *order)
{
	struct issues issues = page_issues(request);
	struct decide_report report;
	if (!batch_decide(request->ctx, request->path_id, order, &report)) {
		if (!fail_is_for_form(request)) {
			respond_fail(response, NULL);
			return;
		}
		issue_from_fail(request, &issues, NULL);
		show(request, response, &issues);
	} else if (report.refused) {
		tell_refusals(order, &report, &issues);
		show(request, response, &issues);
	} else {
		redirect_to_job(response, request->path_id);
	}
}

static bool read_decisions(struct request *request, struct decide_request *order, struct issues *issues)
{
	*order = (struct decide_request){ .like_ordinal = -1 };
	if (!read_alike(request, order, issues)) {
		read_entries(request, order);
		if (!order->count)
			issue_add(issues, CODE_REQUIRED, "", "“Later” leaves it as it is.", "Choose for at least one conflict what to do");
	}
	return issues->count == 0;
}

void get_job_decide(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct decide_request order;
	if (read_decisions(request, &order, &issues))
		ask(request, response, &order);
	else
		show(request, response, &issues);
}

void post_job_conflicts(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct decide_request order;
	if (!form_checked(request, response))
		return;
	if (read_decisions(request, &order, &issues))
		decide(request, response, &order);
	else
		show(request, response, &issues);
}
