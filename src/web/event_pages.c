#include "store/contents.h"
#include "store/events.h"
#include "store/resources.h"
#include "views/page_event.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/selection.h"

#define EVENTS_PER_PAGE 50

static bool load_events(struct request *request, const struct selection *selection, struct events_page *page)
{
	struct event *events;
	if (!param_int(request, "after", 0, INT64_MAX, 0, &page->after) ||
	    !events_page(request->ctx, &selection->filter, page->after, EVENTS_PER_PAGE + 1, &events, &page->event_count) ||
	    !events_count(request->ctx, &selection->filter, MATCH_COUNT_CAP + 1, &page->match_count))
		return false;
	page->events = events;
	page->count_is_capped = page->match_count > MATCH_COUNT_CAP;
	if (page->count_is_capped)
		page->match_count = MATCH_COUNT_CAP;
	if (page->event_count > EVENTS_PER_PAGE) {
		page->event_count = EVENTS_PER_PAGE;
		page->next_after = events[EVENTS_PER_PAGE - 1].id;
	}
	return true;
}

void get_events_page(struct request *request, struct response *response)
{
	struct frame frame;
	struct selection selection;
	struct issues issues = page_issues(request);
	struct events_page page = { .frame = &frame, .issues = &issues };
	selection_read(request, request->params, request->param_count, &selection, &issues);
	if (param(request, "nothing"))
		issue_add(&issues, CODE_REQUIRED, "", "Tick some, or “Select all”.", "No event is selected");
	if (!load_events(request, &selection, &page)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, "Events", NAV_EVENTS, &frame);
	frame.has_error = issues.count > 0;
	page.filter = selection.view;
	page.may_change = permitted(request->ctx->actor, PERMIT_SCHEDULE_CONTENT);
	page_events(&response->body, &page);
}

/* Names are shown where they can be read; a number does where not. */
static const char *const *resource_names(struct ctx *ctx, const int64_t *ids, size_t count)
{
	const char **names = arena_array(ctx->arena, count, sizeof(*names));
	for (size_t i = 0; i < count; i++) {
		struct resource resource;
		if (resource_get(ctx, ids[i], &resource))
			names[i] = resource.name;
		fail_clear(&ctx->fail);
	}
	return names;
}

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

void get_event_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct event event;
	struct content content = { 0 };
	if (!load_event(request, &event)) {
		respond_fail(response, NULL);
		return;
	}
	struct event_page page = { .frame = &frame, .event = &event };
	if (content_get(ctx, event.content_id, &content)) {
		page.content_title = content.title;
		page.latest_version = (int32_t)content.latest_version;
	}
	fail_clear(&ctx->fail);
	page.resource_names = resource_names(ctx, event.resources, event.resource_count);
	page.assignee_names = resource_names(ctx, event.assignees, event.assignee_count);
	page.may_change = event_status_is_editable(event.status) &&
			  permitted_for(ctx->actor, PERMIT_SCHEDULE_CONTENT, event.schedule_type, event.created_by);
	page_frame(request, event.title[0] ? event.title : "Event", NAV_EVENTS, &frame);
	page_event(&response->body, &page);
}
