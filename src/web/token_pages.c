/* API tokens of the person who is signed in. */
#include "store/audit.h"
#include "store/tokens.h"
#include "web/account_views.h"
#include "web/page_frame.h"
#include "web/pages.h"

static void show_form(struct request *request, struct response *response, const struct issues *issues, const struct token_form *typed)
{
	struct frame frame;
	struct token_form form = *typed;
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++)
		form.offered[i] = permitted(request->ctx->actor, (enum permission)i);
	page_frame(request, "New API token", NAV_ACCOUNT, &frame);
	frame.has_error = issues->count > 0;
	form.frame = &frame;
	form.issues = issues;
	page_token_form(&response->body, &form);
}

void get_token_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct token_form form = { .label = "", .days = 90 };
	show_form(request, response, &issues, &form);
}

/* "a,b" of those that are ticked and that the person has. */
static const char *read_scope(const struct request *request, struct token_form *form, struct issues *issues)
{
	struct str scope = STR_INIT;
	for (size_t i = 0; i < request->form_count; i++) {
		enum permission permission =
			strcmp(request->form[i].name, "permission") == 0 ? permission_by_name(request->form[i].value) : PERMIT_NONE;
		if (permission == PERMIT_NONE || form->chosen[permission] || !permitted(request->ctx->actor, permission))
			continue;
		form->chosen[permission] = true;
		str_addf(&scope, "%s%s", scope.len ? "," : "", permission_name(permission));
	}
	if (!scope.len)
		issue_add(issues, CODE_REQUIRED, "/permissions", NULL, "Choose what the token may");
	const char *text = arena_strdup(issues->arena, str_text(&scope));
	str_free(&scope);
	return text;
}

/* A form that is sent twice must not leave a token that nobody knows of: names
 * are unique among those of one person. */
static bool read_label(struct request *request, struct issues *issues)
{
	struct ctx *ctx = request->ctx;
	const char *label = form_text(request, "label");
	struct api_token *tokens;
	size_t count;
	if (!label[0])
		issue_add(issues, CODE_REQUIRED, "/label", NULL, "Give the token a name");
	else if (utf8_length(label, strlen(label)) > 100)
		issue_add(issues, CODE_TOO_LONG, "/label", NULL, "A name has at most 100 characters");
	if (!tokens_list(ctx, ctx->actor->user_id, &tokens, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(tokens[i].label, label) == 0 && label[0])
			issue_add(issues, CODE_NAME_TAKEN, "/label", "If you did not see its text, revoke it and make another.",
				  "You have a token “%s” already", label);
	return true;
}

void post_token_new(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	char secret[TOKEN_TEXT_SIZE];
	struct api_token token;
	struct frame frame;
	if (!form_checked(request, response))
		return;
	struct token_form form = { .label = form_text(request, "label") };
	const char *scope = read_scope(request, &form, &issues), *days = form_text(request, "expires_in_days");
	if (!parse_i64(days, strlen(days), &form.days) || form.days < 1 || form.days > TOKEN_DAYS_MAX)
		issue_add(&issues, CODE_OUT_OF_RANGE, "/expires_in_days", NULL, "A token works for 1 to %d days", TOKEN_DAYS_MAX);
	bool is_read = read_label(request, &issues);
	if (is_read && issues.count) {
		response->status = 422;
		show_form(request, response, &issues, &form);
	} else if (!is_read || !db_begin(ctx->db, &ctx->fail) ||
		   !audit_commit(ctx, token_create(ctx, ctx->actor->user_id, form.label, scope, form.days, &token, secret), "token.create",
				 &token.id)) {
		respond_fail(response, NULL);
	} else {
		struct token_view view = token_view_of(&token);
		page_frame(request, "A new API token", NAV_ACCOUNT, &frame);
		page_token_made(&response->body, &frame, &view, secret);
	}
}

void get_token_delete(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct api_token token;
	struct frame frame;
	if (!token_get(ctx, ctx->actor->user_id, request->path_id, &token)) {
		respond_fail(response, NULL);
		return;
	}
	struct token_view view = token_view_of(&token);
	page_frame(request, "Revoke a token", NAV_ACCOUNT, &frame);
	page_token_delete(&response->body, &frame, &view);
}

void post_token_delete(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	if (!form_checked(request, response))
		return;
	bool ok = db_begin(ctx->db, &ctx->fail) &&
		  audit_commit(ctx, token_delete(ctx, ctx->actor->user_id, request->path_id), "token.delete", &request->path_id);
	if (ok || ctx->fail.kind == FAIL_NOT_FOUND) /* gone is gone */
		response_redirect(response, "/account?done=token");
	else
		respond_fail(response, NULL);
}
