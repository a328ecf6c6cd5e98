#include "store/events.h"
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
