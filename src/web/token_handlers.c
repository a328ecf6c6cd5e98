/* The person who asks, and the API tokens of that person. */
#include "store/audit.h"
#include "store/tokens.h"
#include "web/api_input.h"
#include "web/handlers.h"

#define TOKEN_DAYS_DEFAULT 90

void get_me(struct request *request, struct response *response)
{
	const struct actor *actor = request->ctx->actor;
	struct json_writer w;
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_int(&w, "id", actor->user_id);
	jw_text(&w, "name", actor->name);
	jw_text(&w, "timezone", request->session.timezone);
	jw_bool(&w, "by_token", actor->by_token);
	jw_text(&w, "csrf", actor->by_token ? NULL : request->session.csrf);
	jw_list(&w, "permissions");
	for (size_t i = 0; i < actor->grant_count; i++) {
		const struct grant *grant = &actor->grants[i];
		jw_object(&w, NULL);
		jw_text(&w, "permission", permission_name(grant->permission));
		jw_bool(&w, "own_only", grant->own_only);
		jw_text(&w, "schedule_types", grant->schedule_types);
		jw_end_object(&w);
	}
	jw_end_list(&w);
	jw_end_object(&w);
}

/* `secret` is NULL but in the reply that makes the token. */
static void token_json(struct json_writer *w, const struct api_token *token, const char *secret)
{
	jw_object(w, NULL);
	jw_int(w, "id", token->id);
	jw_text(w, "label", token->label);
	jw_list(w, "permissions");
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++) {
		const char *name = permission_name((enum permission)i);
		if (token_in_scope(token->permissions, name))
			jw_text(w, NULL, name);
	}
	jw_end_list(w);
	jw_time(w, "created_at", token->created_at);
	jw_time(w, "expires_at", token->expires_at);
	jw_time(w, "used_at", token->used_at);
	if (secret)
		jw_text(w, "token", secret);
	jw_end_object(w);
}

/* One that is limited reaches no other, else losing it would mean losing all. */
static bool may_see_tokens(struct ctx *ctx)
{
	return !ctx->actor->scope ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "A token that is limited neither sees nor revokes tokens");
}

void get_tokens(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct api_token *tokens;
	struct json_writer w;
	size_t count;
	if (!may_see_tokens(ctx) || !tokens_list(ctx, ctx->actor->user_id, &tokens, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		token_json(&w, &tokens[i], NULL);
	list_end(&w, false, 0);
}

/* "a,b" from a list of permissions that the actor has himself; NULL = all. */
static const char *read_scope(const struct actor *actor, const json_t *list, struct issues *issues)
{
	struct str scope = STR_INIT;
	size_t i;
	json_t *entry;
	if (!list || json_is_null(list))
		return NULL;
	if (!json_is_array(list) || json_array_size(list) == 0)
		issue_add(issues, CODE_INVALID_TYPE, "/permissions", NULL, "permissions is a list of permissions");
	json_array_foreach((json_t *)(uintptr_t)list, i, entry) {
		const char *name = json_string_value(entry);
		enum permission permission = name ? permission_by_name(name) : PERMIT_NONE;
		const char *pointer = arena_printf(issues->arena, "/permissions/%zu", i);
		if (permission == PERMIT_NONE)
			issue_add(issues, CODE_INVALID_VALUE, pointer, NULL, "There is no such permission");
		else if (!permitted(actor, permission))
			issue_add(issues, CODE_NOT_PERMITTED, pointer, NULL, "You do not have the permission %s", name);
		else
			str_addf(&scope, "%s%s", scope.len ? "," : "", name);
	}
	const char *text = arena_strdup(issues->arena, str_text(&scope));
	str_free(&scope);
	return text;
}

void post_token(struct request *request, struct response *response)
{
	static const char *const members[] = { "label", "permissions", "expires_in_days", NULL };
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	char secret[TOKEN_TEXT_SIZE];
	struct api_token token;
	struct json_writer w;
	json_t *body = NULL;
	/* Else a token could outlive itself, or reach beyond its scope. */
	if (ctx->actor->by_token)
		fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Tokens are made by people who are signed in");
	else
		body = object_body(request, false);
	if (body)
		refuse_unknown(body, members, &issues);
	const char *label = text_member(body, "label", "", 0, 100, &issues);
	const char *scope = read_scope(ctx->actor, json_object_get(body, "permissions"), &issues);
	int64_t days = int_member(body, "expires_in_days", TOKEN_DAYS_DEFAULT, 1, TOKEN_DAYS_MAX, &issues);
	if (!body || issues.count > 0 ||
	    !db_begin(ctx->db, &ctx->fail) ||
	    !audit_commit(ctx, token_create(ctx, ctx->actor->user_id, label, scope, days, &token, secret), "token.create", &token.id)) {
		respond_issues(response, &issues);
		return;
	}
	response->status = 201;
	jw_begin(&w, &response->body);
	token_json(&w, &token, secret);
}

void delete_token(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	if (may_see_tokens(ctx) && db_begin(ctx->db, &ctx->fail) &&
	    audit_commit(ctx, token_delete(ctx, ctx->actor->user_id, request->path_id), "token.delete", &request->path_id))
		response->status = 204;
	else
		respond_fail(response, NULL);
}
