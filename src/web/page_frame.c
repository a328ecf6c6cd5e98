#include "web/page_frame.h"

#include "base/config.h"
#include "base/ids.h"
#include "web/idempotency.h"
#include "web/look.h"
#include "web/session.h"
#include "web/send_again.h"

void page_frame(const struct request *request, const char *title, enum nav current, struct frame *frame_out)
{
	const struct actor *actor = request->ctx->actor;
	const bool is_known = request->session.user_id > 0;
	unsigned shown = 1u << NAV_HELP;
	if (is_known)
		shown |= 1u << NAV_JOBS;
	if (is_known && permitted(actor, PERMIT_VIEW_DASHBOARD))
		shown |= 1u << NAV_DASHBOARD;
	if (is_known && permitted(actor, PERMIT_VIEW_SCHEDULED_CONTENT))
		shown |= 1u << NAV_EVENTS | 1u << NAV_CALENDAR | 1u << NAV_RESTRICTIONS;
	if (is_known && permitted(actor, PERMIT_SCHEDULE_CONTENT))
		shown |= 1u << NAV_NEW;
	if (is_known && permitted(actor, PERMIT_VIEW_DASHBOARD) && !permitted_own_only(actor, PERMIT_VIEW_DASHBOARD))
		shown |= 1u << NAV_ERRORS | 1u << NAV_WORKERS;
	if (is_known && permitted(actor, PERMIT_MANAGE_BATCHES))
		shown |= 1u << NAV_WEBHOOKS;
	if (is_known && permitted(actor, PERMIT_MANAGE_USERS))
		shown |= 1u << NAV_PEOPLE | 1u << NAV_AUDIT | 1u << NAV_SYSTEM;
	*frame_out = (struct frame){
		.base = request->base,
		.title = title,
		.user_name = is_known ? request->session.user_name : NULL,
		.csrf = request->session.csrf,
		.form_key = form_key_make(request->ctx->arena),
		.current = current,
		.nav_shown = shown,
		.zone = session_zone(request),
		.zone_name = request->session.timezone,
		.now_utc = (int64_t)time(NULL), /* only for "3 min ago" */
		.look = look_of(request),
		/* The installer has no site yet that could keep a choice. */
		.here = request->method == METHOD_GET && strncmp(request->path, "/install", 8) != 0
				? arena_printf(request->ctx->arena, "%s%s%s", request->path, request->query[0] ? "?" : "", request->query)
				: NULL,
	};
}

bool form_checked(struct request *request, struct response *response)
{
	if (form_read(request) && session_check_form(request))
		return true;
	if (request->ctx->fail.code != CODE_CSRF || !send_again_offered(request, response))
		respond_fail(response, NULL);
	return false;
}

const char *form_text(const struct request *request, const char *name)
{
	const char *value = form_value(request, name);
	return value ? value : "";
}

const char *param_text(const struct request *request, const char *name)
{
	const char *value = param(request, name);
	return value ? value : "";
}

struct issues page_issues(const struct request *request)
{
	return (struct issues){ .arena = request->ctx->arena };
}

void issue_from_fail(struct request *request, struct issues *issues, const char *name)
{
	struct fail *fail = &request->ctx->fail;
	const char *pointer = name ? arena_printf(request->ctx->arena, "/%s", name) : "";
	issue_add(issues, fail->code, pointer, fail->suggestion[0] ? fail->suggestion : NULL, "%s", fail->public_message);
	fail_clear(fail);
}

bool fail_is_for_form(const struct request *request)
{
	enum fail_kind kind = request->ctx->fail.kind;
	return kind == FAIL_INVALID || kind == FAIL_LIMIT || kind == FAIL_CONFLICT;
}

void continuation_token(const struct request *request, int64_t job_id, char out[CONTINUATION_SIZE])
{
	unsigned char tag[DIGEST_BYTES];
	char text[128];
	int len = snprintf(text, sizeof(text), "continue %s %" PRId64, request->session.csrf, job_id);
	mac(request->ctx->config->secret, text, (size_t)len, tag);
	hex_encode(tag, (CONTINUATION_SIZE - 1) / 2, out);
}

bool continuation_is_given(const struct request *request, int64_t job_id)
{
	char token[CONTINUATION_SIZE];
	const char *given = param_text(request, "go");
	continuation_token(request, job_id, token);
	return strlen(given) == strlen(token) && same_bytes(given, token, strlen(token));
}

bool is_prefetch(const struct request *request)
{
	static const char *const names[] = { "HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ", "HTTP_X_PURPOSE" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (request->header(request, names[i]))
			return true;
	return false;
}

void redirect_to_job(struct response *response, int64_t job_id)
{
	char token[CONTINUATION_SIZE];
	continuation_token(response->request, job_id, token);
	response_redirect(response, "/jobs/%" PRId64 "?go=%s", job_id, token);
}
