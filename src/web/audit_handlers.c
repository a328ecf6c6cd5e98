/* Who did what. */
#include "store/audit.h"
#include "web/api_input.h"
#include "web/audit_input.h"
#include "web/handlers.h"

void get_audit(struct request *request, struct response *response)
{
	struct issues issues = no_issues(request);
	struct audit_filter filter;
	struct audit_row *rows;
	struct json_writer w;
	size_t count;
	audit_filter_read(request, &filter, &issues);
	if (issues.count > 0 || !list_params(request, &filter.before_id, &filter.limit) || !audit_list(request->ctx, &filter, &rows, &count)) {
		respond_issues(response, &issues);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		jw_int(&w, "id", rows[i].id);
		jw_time(&w, "at", rows[i].at);
		jw_object(&w, "user");
		jw_int(&w, "id", rows[i].user_id);
		jw_text(&w, "name", rows[i].user_name);
		jw_end_object(&w);
		jw_text(&w, "action", rows[i].action);
		jw_int(&w, "job_id", rows[i].job_id);
		jw_int(&w, "object_id", rows[i].object_id);
		jw_raw(&w, "detail", rows[i].detail);
		jw_end_object(&w);
	}
	list_end(&w, count == (size_t)filter.limit, count ? rows[count - 1].id : 0);
}
