/* The page of the audit log. */
#include "views/page_watch.h"
#include "web/audit_input.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define ROWS_PER_PAGE 50

/* Most details only say where from. */
static const char *address_of(struct ctx *ctx, const char *detail)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	return detail ? json_string_value(json_object_get(json_read(ctx->arena, detail, strlen(detail), &unreadable), "address"))
		      : NULL;
}

static bool load_rows(struct ctx *ctx, struct audit_filter *filter, struct audit_page *page)
{
	struct audit_row *rows;
	filter->limit = ROWS_PER_PAGE + 1;
	if (!audit_list(ctx, filter, &rows, &page->row_count))
		return false;
	if (page->row_count > ROWS_PER_PAGE) {
		page->row_count = ROWS_PER_PAGE;
		page->next_after = rows[ROWS_PER_PAGE - 1].id;
	}
	struct audit_view *views = arena_array(ctx->arena, page->row_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->row_count; i++)
		views[i] = (struct audit_view){ .at = rows[i].at,
						.user_id = rows[i].user_id,
						.job_id = rows[i].job_id,
						.object_id = rows[i].object_id,
						.user_name = rows[i].user_name,
						.action = rows[i].action,
						.address = address_of(ctx, rows[i].detail),
						.detail = rows[i].detail };
	page->rows = views;
	return true;
}

void get_audit_page(struct request *request, struct response *response)
{
	struct frame frame;
	struct audit_filter filter;
	struct issues issues = page_issues(request);
	struct audit_page page = {
		.frame = &frame,
		.action = param_text(request, "action"),
		.job = param_text(request, "job"),
		.from = param_text(request, "from"),
		.before = param_text(request, "before"),
		.user = param_text(request, "user"),
		.issues = &issues,
	};
	audit_filter_read(request, &filter, &issues);
	if (!param_int(request, "after", 0, INT64_MAX, 0, &filter.before_id) || !load_rows(request->ctx, &filter, &page)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, "Audit log", NAV_AUDIT, &frame);
	frame.has_error = issues.count > 0;
	page_audit(&response->body, &page);
}
