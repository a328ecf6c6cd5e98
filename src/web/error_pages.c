/* The pages of the error log. */
#include "views/page_watch.h"
#include "web/error_log_map.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define ERRORS_PER_PAGE 50

/* Whoever may not see other people's batches gets no example from them. */
static void map_error(const struct ctx *ctx, const struct error_entry *entry, struct error_kind_view *view)
{
	bool may_see = permitted(ctx->actor, PERMIT_MANAGE_BATCHES);
	*view = (struct error_kind_view){
		.id = entry->id,
		.info = code_info(code_by_name(entry->code)),
		.context = entry->context,
		.state = error_entry_state(entry),
		.count = entry->occurrences,
		.first_seen = entry->first_seen,
		.last_seen = entry->last_seen,
		.resolved_at = entry->resolved_at,
		.reopened_at = entry->reopened_at,
		.job_id = may_see ? entry->job_id : 0,
		.ordinal = entry->ordinal,
		.detail = may_see ? entry->detail : "",
		.reference = entry->reference,
	};
}

static bool load_errors(struct request *request, struct errors_page *page)
{
	struct ctx *ctx = request->ctx;
	struct error_entry *list;
	const char *show = param_text(request, "show");
	enum error_filter filter = strcmp(show, "all") == 0	    ? ERRORS_ALL
				   : strcmp(show, "resolved") == 0 ? ERRORS_RESOLVED
								   : ERRORS_OPEN;
	page->show = filter == ERRORS_OPEN ? "open" : show;
	if (!param_int(request, "after", 0, INT64_MAX, 0, &page->after) ||
	    !error_log_list(ctx, filter, page->after, ERRORS_PER_PAGE + 1, &list, &page->error_count))
		return false;
	if (page->error_count > ERRORS_PER_PAGE) {
		page->error_count = ERRORS_PER_PAGE;
		page->next_after = list[ERRORS_PER_PAGE - 1].id;
	}
	struct error_kind_view *views = arena_array(ctx->arena, page->error_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->error_count; i++)
		map_error(ctx, &list[i], &views[i]);
	page->errors = views;
	return true;
}

void get_errors_page(struct request *request, struct response *response)
{
	struct frame frame;
	struct errors_page page = { .frame = &frame };
	if (!may_see_errors(request->ctx) || !load_errors(request, &page)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, "Errors", NAV_ERRORS, &frame);
	page_errors(&response->body, &page);
}

static void show_error(struct response *response, const struct issues *issues, const char *typed)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct error_entry entry;
	struct error_resolution *notes;
	struct error_kind_view view;
	struct frame frame;
	struct error_page page = { .frame = &frame, .error = &view, .issues = issues, .typed = typed };
	if (!error_log_get(ctx, request->path_id, &entry) || !error_resolutions(ctx, entry.id, &notes, &page.resolution_count)) {
		respond_fail(response, NULL);
		return;
	}
	map_error(ctx, &entry, &view);
	struct resolution_view *views = arena_array(ctx->arena, page.resolution_count + 1, sizeof(*views));
	for (size_t i = 0; i < page.resolution_count; i++)
		views[i] = (struct resolution_view){ notes[i].at, notes[i].occurrences, notes[i].user_name, notes[i].resolution };
	page.resolutions = views;
	page.may_resolve = permitted(ctx->actor, PERMIT_MANAGE_BATCHES);
	page_frame(request, view.info->title, NAV_ERRORS, &frame);
	frame.has_error = issues->count > 0;
	page_error(&response->body, &page);
}

void get_error_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	if (may_see_errors(request->ctx))
		show_error(response, &issues, "");
	else
		respond_fail(response, NULL);
}

void post_error_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	if (!form_checked(request, response))
		return;
	const char *text = form_text(request, "resolution");
	size_t blank = strspn(text, " \t\r\n");
	if (text[blank] == '\0')
		issue_add(&issues, CODE_REQUIRED, "/resolution", NULL, "Say what was done about it");
	else if (utf8_length(text, strlen(text)) > RESOLUTION_MAX)
		issue_add(&issues, CODE_TOO_LONG, "/resolution", NULL, "A note has %d characters at most", RESOLUTION_MAX);
	if (issues.count > 0) {
		response->status = 422;
		show_error(response, &issues, text);
	} else if (resolve_error(request->ctx, request->path_id, text)) {
		response_redirect(response, "/errors/%" PRId64, request->path_id);
	} else {
		respond_fail(response, NULL);
	}
}
