#include "web/http.h"

#include <stdarg.h>

#include "base/log.h"
#include "store/error_log.h"
#include "views/page_install.h"
#include "views/problem.h"
#include "web/form.h"
#include "web/gateway.h"
#include "web/page_frame.h"

#define HEADER_MAX 1000 /* bytes of a value */

/* --- the request --------------------------------------------------------- */

static const char *find(const struct pair *pairs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(pairs[i].name, name) == 0)
			return pairs[i].value;
	return NULL;
}

const char *param(const struct request *request, const char *name)
{
	return find(request->params, request->param_count, name);
}

const char *form_value(const struct request *request, const char *name)
{
	return find(request->form, request->form_count, name);
}

bool param_int(struct request *request, const char *name, int64_t min, int64_t max, int64_t fallback, int64_t *out)
{
	const char *text = param(request, name);
	*out = fallback;
	if (!text)
		return true;
	if (parse_i64(text, strlen(text), out) && *out >= min && *out <= max)
		return true;
	*out = fallback;
	return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE,
			"The parameter %.40s is a whole number from %lld to %lld", name, (long long)min,
			(long long)max);
}

json_t *json_body(struct request *request, size_t max_bytes)
{
	struct ctx *ctx = request->ctx;
	const char *text;
	size_t len;
	if (strcmp(request->content_type, "application/json") != 0) {
		fail_set(&ctx->fail, FAIL_INVALID, CODE_UNSUPPORTED_MEDIA_TYPE, "The body must be application/json");
		return NULL;
	}
	if (!body_read(request, max_bytes, &text, &len))
		return NULL;
	return json_read(ctx->arena, text, len, &ctx->fail);
}

/* --- the response -------------------------------------------------------- */

/* Control characters end up as spaces, so that no value can begin a header of
 * its own. */
void response_header(struct response *response, const char *name, const char *format, ...)
{
	va_list ap;
	if (response->header_count == sizeof response->headers / sizeof response->headers[0])
		return;
	va_start(ap, format);
	char *value = arena_vprintf(response->request->ctx->arena, format, ap);
	va_end(ap);
	if (strlen(value) > HEADER_MAX)
		value[HEADER_MAX] = '\0';
	for (char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	response->headers[response->header_count++] = (struct pair){ name, value };
}

void response_redirect(struct response *response, const char *path_format, ...)
{
	va_list ap;
	va_start(ap, path_format);
	const char *path = arena_vprintf(response->request->ctx->arena, path_format, ap);
	va_end(ap);
	response->status = 303;
	response_header(response, "Location", "%s%s", response->request->base, path);
}

void response_stream_begin(struct response *response)
{
	gateway_begin_stream(response);
}

void response_stream_write(struct response *response, const char *bytes, size_t len)
{
	gateway_write(response, bytes, len);
}

/* --- failures ------------------------------------------------------------ */

static int invalid_status(enum code code)
{
	if (code == CODE_UNSUPPORTED_MEDIA_TYPE)
		return 415;
	if (code == CODE_METHOD_NOT_ALLOWED)
		return 405;
	bool is_malformed = code == CODE_MALFORMED_JSON || code == CODE_MALFORMED_CSV ||
			    code == CODE_MALFORMED_REQUEST || code == CODE_INVALID_UTF8 ||
			    code == CODE_TRUNCATED_BODY || code == CODE_TOO_DEEP || code == CODE_DUPLICATE_KEY;
	return is_malformed ? 400 : 422;
}

int fail_status(const struct fail *fail)
{
	switch (fail->kind) {
	case FAIL_INVALID:
		return invalid_status(fail->code);
	case FAIL_DENIED:
		return fail->code == CODE_NOT_AUTHENTICATED || fail->code == CODE_BAD_CREDENTIALS || fail->code == CODE_BAD_CODE ? 401 : 403;
	case FAIL_NOT_FOUND:
		return 404;
	case FAIL_CONFLICT:
		return fail->code == CODE_PRECONDITION_FAILED ? 412 : 409;
	case FAIL_LIMIT:
		return fail->code == CODE_TOO_MANY_REQUESTS || fail->code == CODE_TOO_MANY_JOBS ? 429 : 413;
	case FAIL_RETRY:
	case FAIL_UNCERTAIN:
		return 503;
	case FAIL_NONE:
	case FAIL_INTERNAL:
		break;
	}
	return 500;
}

static void log_fail(const struct request *request, int status)
{
	const struct fail *fail = &request->ctx->fail;
	enum log_level level = status == 500 ? LOG_ERROR : status == 503 ? LOG_WARN : LOG_DEBUG;
	if (status == 401 || status == 403 || status == 429)
		level = LOG_INFO;
	log_line(level, request->ctx->reference, "%d %s at %.200s: %s%s%s (error %d)", status,
		 code_info(fail->code)->name, request->path, fail->public_message, fail->detail[0] ? "; " : "",
		 fail->detail, fail->os_or_sql_error);
}

/* Faults of ours are noted for those who keep the site; that this fails too
 * changes nothing for whoever waits for the reply. */
static void note_fault(struct ctx *ctx, int status)
{
	struct fail why = ctx->fail;
	if (status != 500 || !ctx->db || db_is_lost(ctx->db))
		return;
	fail_clear(&ctx->fail);
	(void)!error_log_add(ctx, why.code, 0, -1, why.public_message);
	ctx->fail = why;
}

static void failure_headers(struct response *response, int status)
{
	int wait_s = response->request->retry_after_s;
	enum code code = response->request->ctx->fail.code;
	/* What a person or an hour has to mend is not asked for every few seconds. */
	if (wait_s == 0 && (code == CODE_DATABASE_FULL || code == CODE_DATABASE_READ_ONLY || code == CODE_DATABASE_LIMIT))
		wait_s = 60;
	if (status == 429 || status == 503 || wait_s > 0)
		response_header(response, "Retry-After", "%d", wait_s > 0 ? wait_s : status == 429 ? 60 : 5);
	if (status == 401)
		response_header(response, "WWW-Authenticate", "Bearer realm=\"Tranche\"");
}

static void respond_page(struct response *response, const struct problem *problem)
{
	struct frame frame;
	page_frame(response->request, code_info(problem->fail->code)->title, NAV_NONE, &frame);
	if (problem->fail->code == CODE_SCHEMA_OLDER)
		page_upgrade_wait(&response->body, &frame);
	else
		problem_page(&response->body, &frame, problem);
}

void respond_fail(struct response *response, const struct issues *issues)
{
	respond_problem(response, &(struct problem){ .issues = issues });
}

void respond_problem(struct response *response, const struct problem *given)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	/* A handler that failed without saying why. */
	if (ctx->fail.kind == FAIL_NONE)
		fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "%s", code_info(CODE_INTERNAL)->cause);
	/* Who asked for that check is answered as HTTP has it. */
	if (ctx->fail.code == CODE_STALE_VERSION && request->header(request, "HTTP_IF_MATCH"))
		ctx->fail.code = CODE_PRECONDITION_FAILED;
	struct problem problem = *given;
	problem.status = fail_status(&ctx->fail);
	problem.fail = &ctx->fail;
	if (!problem.issues || !problem.issues->count)
		problem.issues = ctx->fail.issues;
	problem.reference = ctx->reference;
	problem.base = request->base;
	log_fail(request, problem.status);
	note_fault(ctx, problem.status);
	if (gateway_has_begun(response))
		return;
	response->status = problem.status;
	str_clear(&response->body);
	failure_headers(response, problem.status);
	if (strncmp(request->path, "/api/", 5) == 0) {
		response->content_type = "application/problem+json";
		problem_json(&response->body, &problem);
	} else {
		response->content_type = NULL;
		respond_page(response, &problem);
	}
}
