#include "web/send_again.h"

#include "base/log.h"
#include "views/page_again.h"
#include "web/page_frame.h"
#include "web/session.h"

#define KEPT_BYTES_MAX 262144 /* nobody has shown yet who he is */

static bool is_from_our_page(const struct request *request)
{
	return (request->header(request, "HTTP_ORIGIN") || request->header(request, "HTTP_SEC_FETCH_SITE")) && session_same_origin(request);
}

/* Passwords and codes, whatever they are called: their pages, and their names. */
static bool is_about_secrets(const struct request *request)
{
	static const char *const paths[] = { "/login", "/logout", "/account", "/install", "/upgrade", "/look" };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (strncmp(request->path, paths[i], strlen(paths[i])) == 0)
			return true;
	for (size_t i = 0; i < request->form_count; i++)
		if (strstr(request->form[i].name, "password") || strstr(request->form[i].name, "secret"))
			return true;
	return false;
}

bool send_again_offered(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct fail why = ctx->fail;
	struct frame frame;
	bool is_in = request->session.user_id != 0;
	if (request->method != METHOD_POST || !is_from_our_page(request) || request->content_length < 0 ||
	    request->content_length > KEPT_BYTES_MAX)
		return false;
	fail_clear(&ctx->fail);
	if (!form_read(request) || is_about_secrets(request)) {
		ctx->fail = why;
		return false;
	}
	struct again_field *fields = arena_array(ctx->arena, request->form_count + 1, sizeof(*fields));
	size_t count = 0;
	for (size_t i = 0; i < request->form_count; i++)
		if (strcmp(request->form[i].name, "csrf") != 0)
			fields[count++] = (struct again_field){ request->form[i].name, request->form[i].value };
	bool has_file = false;
	for (size_t i = 0; i < request->file_count; i++)
		has_file |= request->files[i].len > 0;
	page_frame(request, is_in ? "Send it once more?" : "Your session has ended", NAV_NONE, &frame);
	response->status = is_in ? 403 : 401;
	const char *address = arena_printf(ctx->arena, "%s%s%s", request->path, request->query[0] ? "?" : "", request->query);
	page_again(&response->body, &(struct again_page){ &frame, address, fields, count, is_in, has_file,
							  is_multipart(request) });
	log_line(LOG_INFO, ctx->reference, "a form for %s came %s", request->path, is_in ? "from an earlier session" : "without a session");
	return true;
}
