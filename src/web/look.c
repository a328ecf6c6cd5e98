#include "web/look.h"

#include "web/cookie.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/session.h"

static enum look look_by_name(const char *name)
{
	for (int look = LOOK_DEVICE; name && look < LOOK_COUNT; look++)
		if (strcmp(name, look_name((enum look)look)) == 0)
			return (enum look)look;
	return LOOK_DEVICE;
}

enum look look_of(const struct request *request)
{
	return look_by_name(cookie_get(request, COOKIE_LOOK));
}

void post_look(struct request *request, struct response *response)
{
	if (!form_checked(request, response))
		return;
	enum look look = look_by_name(form_text(request, "look"));
	cookie_set(request, response, COOKIE_LOOK, look == LOOK_DEVICE ? NULL : look_name(look));
	response_redirect(response, "%s", session_next_path(form_text(request, "next")));
}

/* What the help's files link in place of light.css or dark.css: they are files,
 * and can't look at a cookie. */
void get_look_css(struct request *request, struct response *response)
{
	enum look look = look_of(request);
	response->content_type = "text/css; charset=utf-8";
	if (look != LOOK_DEVICE)
		str_addf(&response->body, "@import \"assets/%s.css\";\n", look_name(look));
}
