/* Setting up the second factor. */
#include "store/audit.h"
#include "store/second_factor.h"
#include "store/users.h"
#include "views/page_account.h"
#include "web/guess.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/session.h"

#define KEY_GROUP 4

/* "ABCD EFGH …": as people type it. */
static const char *grouped(struct arena *arena, const char *text)
{
	struct str out = STR_INIT;
	for (size_t i = 0; text[i]; i++) {
		if (i > 0 && i % KEY_GROUP == 0)
			str_addc(&out, ' ');
		str_addc(&out, text[i]);
	}
	const char *whole = arena_strdup(arena, str_text(&out));
	str_free(&out);
	return whole;
}

/* otpauth://totp/Tranche:anna?…: what a link on a phone opens the app with. */
static const char *uri_of(struct request *request, const char *key, const char *name)
{
	const char *host = request->header(request, "HTTP_HOST");
	struct str out = STR_INIT;
	str_adds(&out, "otpauth://totp/Tranche:");
	html_url(&out, name);
	if (host) {
		str_adds(&out, "%40");
		html_url(&out, host);
	}
	str_addf(&out, "?secret=%s&issuer=Tranche&algorithm=SHA1&digits=%d&period=%d", key, TOTP_DIGITS, TOTP_STEP_S);
	const char *uri = arena_strdup(request->ctx->arena, str_text(&out));
	str_free(&out);
	return uri;
}

static bool load(struct request *request, struct factor_page *page)
{
	struct ctx *ctx = request->ctx;
	struct second_factor factor;
	struct login login;
	char key[BASE32_SIZE(TOTP_KEY_BYTES)];
	if (!second_factor_get(ctx, ctx->actor->user_id, &factor) || !user_get_login(ctx, ctx->actor->user_id, &login))
		return false;
	page->is_on = factor.is_on;
	page->is_readable = factor.is_readable;
	page->codes_left = factor.codes_left;
	if (!factor.is_on && factor.is_readable) {
		base32_encode(factor.key, sizeof factor.key, key);
		page->key = grouped(ctx->arena, key);
		page->uri = uri_of(request, key, login.name ? login.name : "");
	}
	return true;
}

static void show(struct request *request, struct response *response, struct issues *issues)
{
	struct frame frame;
	struct factor_page page = { .frame = &frame, .issues = issues };
	if (!load(request, &page)) {
		respond_fail(response, NULL);
		return;
	}
	if (issues->count)
		response->status = 422;
	page_frame(request, "Second factor", NAV_ACCOUNT, &frame);
	frame.has_error = issues->count > 0;
	if (page.key)
		frame.script = "factor.js";
	page_factor(&response->body, &page);
}

/* What can be said on the form is said there. */
static void show_failure(struct request *request, struct response *response, const char *field)
{
	struct issues issues = page_issues(request);
	enum fail_kind kind = request->ctx->fail.kind;
	if (kind != FAIL_DENIED && kind != FAIL_LIMIT && kind != FAIL_CONFLICT && kind != FAIL_INVALID) {
		respond_fail(response, NULL);
		return;
	}
	issue_from_fail(request, &issues, field);
	show(request, response, &issues);
}

void get_second_factor(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show(request, response, &issues);
}

/* Form and password; on false the reply is written. */
static bool is_confirmed(struct request *request, struct response *response)
{
	if (!form_checked(request, response))
		return false;
	if (session_confirm_password(request, form_text(request, "password")))
		return true;
	show_failure(request, response, "password");
	return false;
}

void post_factor_begin(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const int64_t id = ctx->actor->user_id;
	if (!is_confirmed(request, response))
		return;
	if (db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, second_factor_offer(ctx, id), "factor.begin", &id))
		response_redirect(response, "/account/second-factor");
	else
		respond_fail(response, NULL);
}

static void show_codes(struct request *request, struct response *response, char codes[RECOVERY_CODES][RECOVERY_CODE_SIZE])
{
	struct frame frame;
	const char *list[RECOVERY_CODES];
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		list[i] = codes[i];
	page_frame(request, "Recovery codes", NAV_ACCOUNT, &frame);
	page_recovery_codes(&response->body, &frame, list, RECOVERY_CODES);
}

/* The step of the code that was typed; 0 with the failure set. */
static int64_t typed_step(struct request *request)
{
	struct ctx *ctx = request->ctx;
	struct second_factor factor;
	if (!guess_code(request, ctx->actor->user_id) || !second_factor_get(ctx, ctx->actor->user_id, &factor))
		return 0;
	int64_t step = factor.is_readable ? totp_match(factor.key, form_text(request, "code"), factor.now_utc, factor.used_step) : 0;
	if (factor.is_on)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_STALE_VERSION, "The second factor is on already");
	if (!step)
		fail_set(&ctx->fail, FAIL_INVALID, CODE_BAD_CODE, "This code is wrong: look whether the phone's clock is right");
	return step;
}

/* The codes are shown by the reply itself, because they exist nowhere else. */
void post_factor_confirm(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const int64_t id = ctx->actor->user_id;
	char codes[RECOVERY_CODES][RECOVERY_CODE_SIZE];
	if (!form_checked(request, response))
		return;
	int64_t step = typed_step(request);
	if (step && db_begin(ctx->db, &ctx->fail) &&
	    audit_commit(ctx, second_factor_confirm(ctx, id, step) && recovery_codes_make(ctx, id, codes), "factor.on", &id))
		show_codes(request, response, codes);
	else
		show_failure(request, response, "code");
}

void post_factor_codes(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const int64_t id = ctx->actor->user_id;
	struct second_factor factor;
	char codes[RECOVERY_CODES][RECOVERY_CODE_SIZE];
	if (!is_confirmed(request, response))
		return;
	bool is_known = second_factor_get(ctx, id, &factor);
	if (is_known && !factor.is_on)
		response_redirect(response, "/account/second-factor");
	else if (is_known && db_begin(ctx->db, &ctx->fail) &&
		 audit_commit(ctx, recovery_codes_make(ctx, id, codes), "factor.codes", &id))
		show_codes(request, response, codes);
	else
		respond_fail(response, NULL);
}

void post_factor_off(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const int64_t id = ctx->actor->user_id;
	if (!is_confirmed(request, response))
		return;
	if (db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, second_factor_remove(ctx, id), "factor.off", &id))
		response_redirect(response, "/account?done=factor-off");
	else
		respond_fail(response, NULL);
}
