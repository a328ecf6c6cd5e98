#include "store/events.h"
#include "views/page_bulk.h"
#include "web/change_items.h"
#include "web/batch_input.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define SAMPLES 5

/* The events that are shown by name, and how many there are in all. */
static bool load_samples(struct request *request, const struct selection *selection, struct change_page *page)
{
	struct ctx *ctx = request->ctx;
	struct event *events = arena_array(ctx->arena, SAMPLES, sizeof(*events));
	page->samples = events;
	page->ids = selection->ids;
	page->id_count = selection->id_count;
	page->filter = selection->view;
	page->match_count = (int64_t)selection->id_count;
	if (selection->by_filter) {
		if (!events_page(ctx, &selection->filter, 0, SAMPLES, &events, &page->sample_count) ||
		    !events_count(ctx, &selection->filter, MATCH_COUNT_CAP + 1, &page->match_count))
			return false;
		page->samples = events;
		page->count_differs = selection->given_count >= 0 && selection->given_count != page->match_count;
		return true;
	}
	for (size_t i = 0; i < selection->id_count && i < SAMPLES; i++)
		if (!event_get(ctx, selection->ids[i], &events[page->sample_count++]))
			return false;
	return true;
}

static void show(struct request *request, struct response *response, const struct change_page *page)
{
	struct frame frame;
	struct change_page shown = *page;
	page_frame(request, "Change events", NAV_EVENTS, &frame);
	frame.has_error = page->issues && page->issues->count > 0;
	shown.frame = &frame;
	page_change(&response->body, &shown);
}

void get_change(struct request *request, struct response *response)
{
	struct selection selection;
	struct issues issues = page_issues(request);
	struct change_page page = { .issues = &issues, .values = { "", "days", "", "", "", "", "", "", "fail" } };
	selection_read(request, request->params, request->param_count, &selection, &issues);
	if (!selection.by_filter && selection.id_count == 0) {
		response_redirect(response, "/events?nothing=1");
		return;
	}
	if (load_samples(request, &selection, &page))
		show(request, response, &page);
	else
		respond_fail(response, NULL);
}

static struct change_view view_of(const struct request *request)
{
	return (struct change_view){
		.shift_by = form_text(request, "shift_by"),
		.shift_unit = form_text(request, "shift_unit"),
		.status = form_text(request, "set_status"),
		.title = form_text(request, "set_title"),
		.version_no = form_text(request, "set_version_no"),
		.schedule_type = form_text(request, "set_schedule_type"),
		.priority = form_text(request, "set_priority"),
		.label = form_text(request, "label"),
		.on_conflict = form_text(request, "on_conflict"),
	};
}

/* True when the batch was made; else the page shows the issues. */
static bool create(struct request *request, const struct selection *selection, const struct change_view *view,
		   struct issues *issues, struct job *job_out)
{
	struct batch_options options;
	struct change change = { .selection = selection };
	options_from_form(request, JOB_UPDATE, &options, issues);
	change_read(request, view, &change, issues);
	if (issues->count > 0)
		return false;
	if (change_create(request, &change, &options, job_out))
		return true;
	if (fail_is_for_form(request))
		issue_from_fail(request, issues, NULL);
	return false;
}

void post_change(struct request *request, struct response *response)
{
	struct job job;
	struct selection selection;
	struct issues issues = page_issues(request);
	struct change_page page = { .issues = &issues };
	if (!form_checked(request, response))
		return;
	selection_read(request, request->form, request->form_count, &selection, &issues);
	page.values = view_of(request);
	if (load_samples(request, &selection, &page) && !page.count_differs &&
	    create(request, &selection, &page.values, &issues, &job)) {
		redirect_to_job(response, job.id);
	} else if (request->ctx->fail.kind != FAIL_NONE) {
		respond_fail(response, NULL);
	} else {
		response->status = page.count_differs ? 409 : 422;
		show(request, response, &page);
	}
}
