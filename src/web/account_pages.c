/* The account: what the person who is signed in may see and change of it. */
#include "store/audit.h"
#include "store/second_factor.h"
#include "store/sessions.h"
#include "store/tokens.h"
#include "web/account_views.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/password.h"
#include "web/session.h"

/* --- the page -------------------------------------------------------------- */

struct token_view token_view_of(const struct api_token *token)
{
	return (struct token_view){ token->id,	       token->label,	  token->permissions,
				    token->created_at, token->expires_at, token->used_at };
}

static bool load_sessions(struct request *request, struct account_page *page)
{
	struct ctx *ctx = request->ctx;
	struct session_row *rows;
	unsigned char own[DIGEST_BYTES];
	char own_hex[2 * DIGEST_BYTES + 1] = "";
	if (!sessions_list(ctx, ctx->actor->user_id, &rows, &page->session_count))
		return false;
	if (session_own_hash(request, own))
		hex_encode(own, sizeof own, own_hex);
	struct session_view *views = arena_array(ctx->arena, page->session_count + 1, sizeof *views);
	for (size_t i = 0; i < page->session_count; i++)
		views[i] = (struct session_view){ rows[i].hex,	  rows[i].created_at, rows[i].seen_at,
						  rows[i].address, rows[i].agent,     strcmp(rows[i].hex, own_hex) == 0 };
	page->sessions = views;
	return true;
}

static bool load_tokens(struct ctx *ctx, struct account_page *page)
{
	struct api_token *rows;
	if (!tokens_list(ctx, ctx->actor->user_id, &rows, &page->token_count))
		return false;
	struct token_view *views = arena_array(ctx->arena, page->token_count + 1, sizeof *views);
	for (size_t i = 0; i < page->token_count; i++)
		views[i] = token_view_of(&rows[i]);
	page->tokens = views;
	return true;
}

static const char *note_of(const char *done)
{
	static const char *const notes[][2] = {
		{ "password", "The password is changed. All other browsers are signed out." },
		{ "timezone", "Times are shown in your time zone from now on." },
		{ "session", "That session has ended." },
		{ "sessions", "All your other sessions have ended." },
		{ "token", "The token is revoked." },
		{ "factor-off", "The second factor is off: the password alone signs you in." },
	};
	for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
		if (strcmp(notes[i][0], done) == 0)
			return notes[i][1];
	return NULL;
}

static void show_account(struct request *request, struct response *response, struct issues *issues, const char *timezone)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct second_factor factor;
	struct login login;
	struct account_page page = { .frame = &frame, .issues = issues, .timezone = timezone,
				     .note = issues->count ? NULL : note_of(param_text(request, "done")) };
	if (!user_get_login(ctx, ctx->actor->user_id, &login) || !second_factor_get(ctx, ctx->actor->user_id, &factor) ||
	    !load_sessions(request, &page) || !load_tokens(ctx, &page)) {
		respond_fail(response, NULL);
		return;
	}
	page.name = login.name;
	page.has_second_factor = factor.is_on;
	page.codes_left = factor.codes_left;
	page_frame(request, "Your account", NAV_ACCOUNT, &frame);
	frame.has_error = issues->count > 0;
	page_account(&response->body, &page);
}

void get_account(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show_account(request, response, &issues, request->session.timezone);
}

void post_account_timezone(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	const int64_t id = ctx->actor->user_id;
	if (!form_checked(request, response))
		return;
	const char *timezone = form_text(request, "timezone");
	if (strlen(timezone) > 64 || !zone_find(timezone)) {
		issue_add(&issues, CODE_UNKNOWN_TIMEZONE, "/timezone", NULL, "There is no time zone of this name");
		response->status = 422;
		show_account(request, response, &issues, timezone);
	} else if (db_begin(ctx->db, &ctx->fail) &&
		   audit_commit(ctx, user_set_timezone(ctx, id, timezone), "account.timezone", &id)) {
		response_redirect(response, "/account?done=timezone");
	} else {
		respond_fail(response, NULL);
	}
}

/* One session by its name, or "others". */
void post_account_sessions(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const int64_t id = ctx->actor->user_id;
	unsigned char own[DIGEST_BYTES];
	if (!form_checked(request, response))
		return;
	const char *which = form_text(request, "session");
	bool others = strcmp(which, "others") == 0;
	if ((others && !session_own_hash(request, own)) || !db_begin(ctx->db, &ctx->fail)) {
		respond_fail(response, NULL);
		return;
	}
	bool ok = others ? sessions_end(ctx, id, own) : session_end(ctx, id, which);
	if (audit_commit(ctx, ok, "session.revoke", &id))
		response_redirect(response, others ? "/account?done=sessions" : "/account?done=session");
	else if (ctx->fail.kind == FAIL_NOT_FOUND) /* a second click, or it ended by itself */
		response_redirect(response, "/account?done=session");
	else
		respond_fail(response, NULL);
}

/* --- the password ------------------------------------------------------------ */

static void show_password(struct request *request, struct response *response, struct issues *issues)
{
	struct frame frame;
	page_frame(request, "Change the password", NAV_ACCOUNT, &frame);
	if (request->session.password_due)
		frame.nav_shown = 1u << NAV_HELP;
	frame.has_error = issues->count > 0;
	page_password(&response->body, &frame, issues, request->session.password_due);
}

void get_account_password(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show_password(request, response, &issues);
}

/* What is typed once only must be what was meant. */
static bool read_new_password(struct request *request, struct issues *issues)
{
	const char *password = form_text(request, "new");
	struct login login;
	if (!user_get_login(request->ctx, request->ctx->actor->user_id, &login))
		return false;
	const struct password_about about = { login.name, login.display_name, request->header(request, "HTTP_HOST") };
	if (!password_acceptable(password, &about, "/new", issues))
		return true;
	if (strcmp(password, form_text(request, "again")) != 0)
		issue_add(issues, CODE_INVALID_VALUE, "/again", NULL, "The two new passwords differ");
	else if (request->session.password_due && strcmp(password, form_text(request, "password")) == 0)
		issue_add(issues, CODE_INVALID_VALUE, "/new", NULL, "This is the password that somebody else gave you");
	return true;
}

/* Every other session ends, and this one is another from now on. */
static bool set_password(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const int64_t id = ctx->actor->user_id;
	char hash[PASSWORD_HASH_SIZE];
	if (!password_hash(form_text(request, "new"), hash))
		return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The password can't be stored: there is too little memory");
	if (!db_begin(ctx->db, &ctx->fail))
		return false;
	bool ok = user_set_password(ctx, id, hash, false) && sessions_end(ctx, id, NULL) &&
		  (strcmp(form_text(request, "tokens"), "revoke") != 0 || tokens_delete(ctx, id)) && session_open(request, response, id);
	return audit_commit(ctx, ok, "account.password", &id);
}

void post_account_password(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	const bool was_due = request->session.password_due;
	if (!form_checked(request, response))
		return;
	if (!read_new_password(request, &issues)) {
		respond_fail(response, NULL);
		return;
	}
	if (!issues.count && !session_confirm_password(request, form_text(request, "password"))) {
		if (request->ctx->fail.kind != FAIL_DENIED && request->ctx->fail.kind != FAIL_LIMIT) {
			respond_fail(response, NULL);
			return;
		}
		issue_from_fail(request, &issues, "password");
	}
	if (issues.count) {
		response->status = 422;
		show_password(request, response, &issues);
	} else if (set_password(request, response)) {
		response_redirect(response, was_due ? "/" : "/account?done=password");
	} else {
		respond_fail(response, NULL);
	}
}
