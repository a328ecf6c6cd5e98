#include "views/page_account.h"
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

static bool is_for_form(const struct request *request)
{
	return request->ctx->fail.kind == FAIL_DENIED || request->ctx->fail.kind == FAIL_LIMIT;
}

static void set_failure(struct request *request, struct response *response)
{
	response->status = fail_status(&request->ctx->fail);
	if (response->status == 429)
		response_header(response, "Retry-After", "%d", request->retry_after_s > 0 ? request->retry_after_s : 60);
}

static void ask_for_code(struct request *request, struct response *response, const struct issues *issues, const char *step)
{
	struct frame frame;
	page_frame(request, "Second factor", NAV_NONE, &frame);
	frame.user_name = NULL; /* who is not yet in, even where another session still is */
	frame.nav_shown = 1u << NAV_HELP;
	frame.has_error = issues != NULL;
	page_login_code(&response->body, &frame, issues, step, form_text(request, "next"));
}

/* Forms that come from a page of another session are told so on the form: the
 * person signs in again with one more click. */
void post_login(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	const char *step = NULL;
	if (!form_read(request)) {
		respond_fail(response, NULL);
		return;
	}
	const char *name = form_text(request, "name");
	if (session_check_form(request) && session_login(request, response, name, form_text(request, "password"), &step)) {
		if (step)
			ask_for_code(request, response, NULL, step);
		else
			response_redirect(response, "%s", session_next_path(form_value(request, "next")));
		return;
	}
	if (!is_for_form(request)) {
		respond_fail(response, NULL);
		return;
	}
	set_failure(request, response);
	issue_from_fail(request, &issues, "name");
	show(request, response, &issues, name, form_text(request, "next"));
}

/* The second step.  Where the first is worth nothing any more, it begins again. */
void post_login_code(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	if (!form_read(request)) {
		respond_fail(response, NULL);
		return;
	}
	const char *step = form_text(request, "step");
	if (session_check_form(request) && session_login_code(request, response, step, form_text(request, "code"))) {
		response_redirect(response, "%s", session_next_path(form_value(request, "next")));
		return;
	}
	if (!is_for_form(request)) {
		respond_fail(response, NULL);
		return;
	}
	const enum code code = request->ctx->fail.code;
	set_failure(request, response);
	issue_from_fail(request, &issues, code == CODE_BAD_CODE ? "code" : NULL);
	if (code == CODE_BAD_CODE || code == CODE_TOO_MANY_REQUESTS)
		ask_for_code(request, response, &issues, step);
	else
		show(request, response, &issues, "", form_text(request, "next"));
}

/* Nobody types this address; a reload after the session came about does. */
void get_login_code(struct request *request, struct response *response)
{
	(void)request;
	response_redirect(response, "/login");
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
