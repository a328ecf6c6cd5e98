/* The page of one event, and restoring a former state of it. */
#include "base/clock.h"
#include "rules/series.h"
#include "schedule/clashes.h"
#include "schedule/edit.h"
#include "store/contents.h"
#include "store/events.h"
#include "store/resources.h"
#include "store/timetable.h"
#include "views/page_event.h"
#include "web/history_map.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define STATES_SHOWN 20

/* An event that the person may not see is one that does not exist. */
static bool load_event(struct request *request, struct event *event)
{
	struct ctx *ctx = request->ctx;
	if (!event_get(ctx, request->path_id, event))
		return false;
	if (permitted_for(ctx->actor, PERMIT_VIEW_SCHEDULED_CONTENT, event->schedule_type, event->created_by))
		return true;
	return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %" PRId64, request->path_id);
}

static bool may_change(const struct ctx *ctx, const struct event *event)
{
	return event_status_is_editable(event->status) &&
	       permitted_for(ctx->actor, PERMIT_SCHEDULE_CONTENT, event->schedule_type, event->created_by);
}

/* --- names ----------------------------------------------------------------------- */

static const char *const *names_of(struct ctx *ctx, const struct named_list *names, const int64_t *ids, size_t count)
{
	const char **list = arena_array(ctx->arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = name_in(names, ids[i]);
	return list;
}

static bool load_names(struct ctx *ctx, struct event_page *page)
{
	const struct event *event = page->event;
	struct resource *resources;
	size_t found, count = event->resource_count + event->assignee_count;
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = i < event->resource_count ? event->resources[i] : event->assignees[i - event->resource_count];
	if (!resources_by_ids(ctx, ids, count, &resources, &found))
		return false;
	struct named_id *names = arena_array(ctx->arena, found + 1, sizeof(*names));
	for (size_t i = 0; i < found; i++)
		names[i] = (struct named_id){ resources[i].id, resources[i].name };
	page->clash_names = (struct named_list){ names, found };
	page->resource_names = names_of(ctx, &page->clash_names, event->resources, event->resource_count);
	page->assignee_names = names_of(ctx, &page->clash_names, event->assignees, event->assignee_count);
	return true;
}

/* --- what comes next ---------------------------------------------------------------- */

/* Conflicts of all that lies ahead count, not only of what is shown of it. */
static bool load_next(struct ctx *ctx, struct event_page *page)
{
	struct timetable_entry *entries;
	page->is_series = event_recurs(page->event);
	if (!clashes_of_event(ctx, page->event, page->frame->now_utc, &entries, &page->entry_count))
		return false;
	page->entries = entries;
	return true;
}

/* --- what it was --------------------------------------------------------------------- */

static const struct field_view *change_views(struct ctx *ctx, const struct event *before, const struct event *after, size_t *count_out)
{
	struct field_change *changes;
	*count_out = state_changes(ctx->arena, before, after, &changes);
	struct field_view *views = arena_array(ctx->arena, *count_out + 1, sizeof(*views));
	for (size_t i = 0; i < *count_out; i++) {
		bool is_time = strcmp(changes[i].field, event_field_name(FIELD_STARTS_AT)) == 0;
		views[i] = (struct field_view){ .field = changes[i].field,
						 .is_time = is_time,
						 .before_utc = before->starts_at,
						 .after_utc = after->starts_at,
						 .before = json_excerpt(ctx->arena, changes[i].before),
						 .after = json_excerpt(ctx->arena, changes[i].after) };
	}
	return views;
}

static bool load_history(struct request *request, struct event_page *page)
{
	struct ctx *ctx = request->ctx;
	struct event_state *states;
	int64_t before;
	size_t count;
	bool has_more;
	if (!param_int(request, "before", 0, INT32_MAX, 0, &before) ||
	    !history_page(ctx, page->event->id, before, STATES_SHOWN + 1, &states, &count, &has_more))
		return false;
	page->state_count = count > STATES_SHOWN ? STATES_SHOWN : count;
	page->older_than = count > STATES_SHOWN ? states[STATES_SHOWN - 1].event.row_version : 0;
	struct state_view *views = arena_array(ctx->arena, page->state_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->state_count; i++) {
		const struct event *former = state_before(states, count, i);
		views[i] = (struct state_view){ .row_version = states[i].event.row_version,
						.changed_at = states[i].changed_at,
						.who = states[i].changed_by_name,
						.job_id = states[i].job_id,
						.undone_to = states[i].as_version,
						.is_known = former != NULL };
		if (former)
			views[i].changes = change_views(ctx, former, &states[i].event, &views[i].change_count);
	}
	page->states = views;
	return true;
}

static void load_content(struct ctx *ctx, struct event_page *page)
{
	struct content content = { 0 };
	if (content_get(ctx, page->event->content_id, &content)) {
		page->content_title = content.title;
		page->latest_version = (int32_t)content.latest_version;
	}
	fail_clear(&ctx->fail);
}

void get_event_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct event event;
	struct event_page page = { .frame = &frame, .event = &event };
	page_frame(request, "Event", NAV_EVENTS, &frame);
	if (!load_event(request, &event) || !load_names(ctx, &page) || !load_next(ctx, &page) || !load_history(request, &page)) {
		respond_fail(response, NULL);
		return;
	}
	load_content(ctx, &page);
	page.may_change = may_change(ctx, &event);
	if (event.title[0])
		frame.title = event.title;
	page_event(&response->body, &page);
}

/* --- restoring ------------------------------------------------------------------------ */

static void show_restore(struct request *request, struct response *response, struct issues *issues)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct event event;
	struct event_state former;
	struct restore_page page = { .frame = &frame, .event = &event, .issues = issues };
	if (!load_event(request, &event) || !param_int(request, "version", 1, INT32_MAX, 0, &page.row_version) ||
	    !history_get(ctx, event.id, page.row_version, &former)) {
		respond_fail(response, NULL);
		return;
	}
	page.changes = change_views(ctx, &event, &former.event, &page.change_count);
	page_frame(request, "Restore a version", NAV_EVENTS, &frame);
	frame.has_error = issues->count > 0;
	page_restore(&response->body, &page);
}

void get_event_restore(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show_restore(request, response, &issues);
}

void post_event_restore_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	struct edit_result result;
	struct event event;
	int64_t version, known = 0;
	if (!form_checked(request, response))
		return;
	const char *now = form_text(request, "now");
	(void)parse_i64(now, strlen(now), &known);
	if (load_event(request, &event) && param_int(request, "version", 1, INT32_MAX, 0, &version) &&
	    edit_restore(ctx, event.id, version, known, NULL, &result)) {
		response_redirect(response, "/events/%" PRId64 "#history", event.id);
		return;
	}
	if (!fail_is_for_form(request)) {
		respond_fail(response, NULL);
		return;
	}
	issue_from_fail(request, &issues, NULL);
	show_restore(request, response, &issues);
}
