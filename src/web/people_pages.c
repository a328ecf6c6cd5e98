#include "views/page_home.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/session.h"

static void show(struct request *request, struct response *response, struct issues *issues, const char *name,
		 const char *next)
{
	struct frame frame;
	session_for_forms(request, response);
	page_frame(request, "Sign in", NAV_NONE, &frame);
	frame.has_error = issues != NULL;
	page_login(&response->body,
		   &(struct login_page){ .frame = &frame, .issues = issues, .name = name, .next = next });
}

void get_login(struct request *request, struct response *response)
{
	const char *next = param_text(request, "next");
	if (request->session.user_id > 0)
		response_redirect(response, "%s", session_next_path(next));
	else
		show(request, response, NULL, "", next);
}

/* Forms that come from a page of another session are told so on the form: the
 * person signs in again with one more click. */
void post_login(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	if (!form_read(request)) {
		respond_fail(response, NULL);
		return;
	}
	const char *name = form_text(request, "name");
	if (session_check_form(request) && session_login(request, response, name, form_text(request, "password"))) {
		response_redirect(response, "%s", session_next_path(form_value(request, "next")));
		return;
	}
	if (request->ctx->fail.kind != FAIL_DENIED && request->ctx->fail.kind != FAIL_LIMIT) {
		respond_fail(response, NULL);
		return;
	}
	response->status = fail_status(&request->ctx->fail);
	if (response->status == 429)
		response_header(response, "Retry-After", "%d", request->retry_after_s > 0 ? request->retry_after_s : 60);
	issue_from_fail(request, &issues, "name");
	show(request, response, &issues, name, form_text(request, "next"));
}

void post_logout(struct request *request, struct response *response)
{
	if (!form_checked(request, response))
		return;
	if (session_logout(request, response))
		response_redirect(response, "/login");
	else
		respond_fail(response, NULL);
}
