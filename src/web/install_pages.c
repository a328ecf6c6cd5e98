/* The installer: proof of ownership, what the host is like. */
#include <fcntl.h>
#include <unistd.h>

#include "install/host.h"
#include "web/cookie.h"
#include "web/gateway.h"
#include "web/install_session.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/proxy.h"

#define GUARD_NAME "tranche-guard.conf"
#define GUARD_TEXT "must not be served"

void get_install(struct request *request, struct response *response)
{
	struct setup setup;
	setup_look(request, response, &setup);
	if (setup.is_ours || setup.standing == STANDS_INSTALLED)
		setup_redirect(response, &setup);
	else if (setup.standing == STANDS_UNKNOWN)
		respond_fail(response, NULL);
	else
		proof_show(request, response, &setup.place, NULL, "/install");
}

void post_install(struct request *request, struct response *response)
{
	struct setup setup;
	struct issues issues = page_issues(request);
	setup_look(request, response, &setup);
	if (setup.standing == STANDS_INSTALLED) {
		setup_redirect(response, &setup);
		return;
	}
	if (setup.standing == STANDS_UNKNOWN) {
		respond_fail(response, NULL);
		return;
	}
	if (form_checked(request, response) &&
	    !proof_posted(request, response, &setup.place, &issues, "/install", "/install/host"))
		proof_show(request, response, &setup.place, &issues, "/install");
}

/* --- the host ---------------------------------------------------------------- */

/* A file like the configuration, where that will be: it must not be served. */
static bool write_guard(const struct place *place)
{
	char path[sizeof(place->folder) + sizeof("/" GUARD_NAME)];
	if (!place->is_served || !place->is_writable)
		return false;
	snprintf(path, sizeof(path), "%s/" GUARD_NAME, place->folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool ok = write(fd, GUARD_TEXT, sizeof(GUARD_TEXT) - 1) == (ssize_t)sizeof(GUARD_TEXT) - 1;
	close(fd);
	return ok;
}

void get_install_host(struct request *request, struct response *response)
{
	struct setup setup;
	struct frame frame;
	struct findings found = { .arena = request->ctx->arena };
	if (!setup_may(request, response, &setup))
		return;
	fail_clear(&request->ctx->fail);
	const char *uri = request->header(request, "REQUEST_URI"), *software = request->header(request, "SERVER_SOFTWARE");
	host_look(&setup.place,
		  &(struct host_facts){
			  .is_safe = cookie_is_safe(request),
			  .proxy = proxy_guess(request) == PROXY_NONE ? NULL : request->remote_addr,
			  .is_cgi = gateway_is_cgi(),
			  .is_rewritten = !uri || !strstr(uri, "tranche.fcgi"),
			  .software = software ? software : "",
		  },
		  &found);
	page_frame(request, "Your host", NAV_NONE, &frame);
	frame.script = "install.js";
	page_install_host(&response->body, &(struct host_page){ .frame = &frame,
								 .found = &found,
								 .guard = write_guard(&setup.place) ? GUARD_NAME : NULL,
								 .guard_text = GUARD_TEXT });
}

/* What of a request has arrived, for install.js. */
void any_install_test(struct request *request, struct response *response)
{
	struct setup setup;
	struct json_writer w;
	char buffer[4096];
	int64_t bytes = 0;
	if (!setup_may(request, response, &setup))
		return;
	fail_clear(&request->ctx->fail);
	for (long got; (got = request->read_body(request, buffer, sizeof(buffer))) > 0;)
		bytes += got;
	response->content_type = "application/json";
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_bool(&w, "authorization", request->header(request, "HTTP_AUTHORIZATION") != NULL);
	jw_int(&w, "bytes", bytes);
	jw_end_object(&w);
}
