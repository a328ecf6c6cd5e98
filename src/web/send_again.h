/*
 * A form that arrives after its session has ended, or with the token of an
 * earlier one: what was typed is shown to come back for and sent again, rather
 * than lost.
 *
 * Only what a page of ours has sent is given back, as the browser itself says
 * it (Origin or Sec-Fetch-Site), and only by a button: whoever leads somebody
 * here from another site gets nothing done.  Passwords and codes are never
 * given back.
 */
#ifndef WEB_SEND_AGAIN_H
#define WEB_SEND_AGAIN_H

#include "web/http.h"

/* For a POST of a page.  True: the reply is written (401 when nobody is signed
 * in, else 403) and ctx->fail is clear. */
bool send_again_offered(struct request *request, struct response *response);

#endif
