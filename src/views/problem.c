#include "views/problem.h"

void issue_json(struct json_writer *w, const struct issue *issue)
{
	const struct code_info *info = code_info(issue->code);
	jw_object(w, NULL);
	jw_text(w, "pointer", issue->pointer);
	jw_text(w, "code", info->name);
	jw_text(w, "message", issue->message);
	jw_text(w, "suggestion", issue->suggestion);
	jw_bool(w, "recoverable", info->recoverable);
	jw_end_object(w);
}

/* A failure that names a place is a list of one. */
static void fail_as_issue(struct json_writer *w, const struct fail *fail, const char *suggestion)
{
	struct issue issue = { .code = fail->code,
			       .pointer = fail->pointer,
			       .message = fail->public_message,
			       .suggestion = suggestion };
	issue_json(w, &issue);
}

static void errors_json(struct json_writer *w, const struct problem *problem, const char *suggestion)
{
	if (problem->errors) {
		jw_raw(w, "errors", problem->errors);
		return;
	}
	jw_list(w, "errors");
	if (problem->issues && problem->issues->count > 0) {
		for (size_t i = 0; i < problem->issues->count; i++)
			issue_json(w, &problem->issues->list[i]);
	} else if (problem->fail->pointer[0]) {
		fail_as_issue(w, problem->fail, suggestion);
	}
	jw_end_list(w);
}

void problem_json(struct str *out, const struct problem *problem)
{
	const struct fail *fail = problem->fail;
	const struct code_info *info = code_info(fail->code);
	const char *suggestion = fail->suggestion[0] ? fail->suggestion : info->fix;
	struct str type = STR_INIT;
	struct json_writer w;
	str_addf(&type, "%s/help/errors#%s", problem->base, info->name);
	jw_begin(&w, out);
	jw_object(&w, NULL);
	jw_text(&w, "type", str_text(&type));
	jw_text(&w, "title", info->title);
	jw_int(&w, "status", problem->status);
	jw_text(&w, "code", info->name);
	jw_text(&w, "detail", fail->public_message);
	jw_text(&w, "suggestion", suggestion);
	jw_bool(&w, "recoverable", info->recoverable);
	jw_text(&w, "reference", problem->reference);
	errors_json(&w, problem, suggestion);
	if (problem->conflicts)
		jw_raw(&w, "conflicts", problem->conflicts);
	jw_end_object(&w);
	str_free(&type);
}

/* What was asked for can be asked again; what was sent has to be sent again. */
static void try_again(struct str *out, const struct frame *frame)
{
	if (frame->here)
		html_f(out, "<p><a class=\"button\" href=\"%s%s\">Try again</a></p>\n", frame->base, frame->here);
	else
		html_raw(out, "<p>What you sent may not have been stored. Go back in your browser and send it again in a moment: "
			      "nothing is done twice.</p>\n");
}

void problem_page(struct str *out, const struct frame *frame, const struct problem *problem)
{
	const struct fail *fail = problem->fail;
	const struct code_info *info = code_info(fail->code);
	frame_begin(out, frame);
	/* Some messages only repeat the title. */
	bool is_title = strcmp(fail->public_message, info->title) == 0;
	html_f(out, "<h1>%s</h1>\n<p>%s</p>\n<p>%s</p>\n", info->title, is_title ? info->cause : fail->public_message,
	       fail->suggestion[0] ? fail->suggestion : info->fix);
	error_summary(out, problem->issues);
	if (problem->status == 503)
		try_again(out, frame);
	if (problem->status >= 500)
		html_f(out, "<p>Reference for the site's owner: <code>%s</code></p>\n", problem->reference);
	html_f(out, "<p><a href=\"%s/\">Back to the start page</a></p>\n", frame->base);
	frame_end(out, frame);
}
