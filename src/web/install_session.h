/*
 * How far the installation is, and whether this browser may go on with it.
 * Shared by the installer's handlers and the upgrade's.
 */
#ifndef WEB_INSTALL_SESSION_H
#define WEB_INSTALL_SESSION_H

#include "install/place.h"
#include "views/page_install.h"
#include "web/http.h"

enum standing {
	STANDS_BARE,      /* no configuration */
	STANDS_UNKNOWN,   /* a configuration, but its database can't be asked: ctx->fail says why */
	STANDS_TABLES,    /* tables are missing */
	STANDS_ADMIN,     /* an administrator is missing */
	STANDS_INSTALLED, /* closed for good */
};

struct setup {
	struct place place;
	enum standing standing;
	bool is_ours;     /* this browser has shown the code */
};

/* Looks, and gives forms their token. */
void setup_look(struct request *request, struct response *response, struct setup *setup_out);
/* For the steps behind the proof: true if this browser may be there, else the
 * reply is written (to the proof, to the step that is due, or a failure). */
MUST_USE bool setup_may(struct request *request, struct response *response, struct setup *setup_out);
/* 303 to where the installation goes on. */
void setup_redirect(struct response *response, const struct setup *setup);

/* Has this browser shown the code of this place? */
bool proof_is_shown(const struct request *request, const struct place *place);
/* The form of the proof was posted (and checked): writes a code, or compares
 * one and sets the cookie.  True: `next` was sent to; false: the page is to be
 * shown again, with the reason in `issues` if any. */
bool proof_posted(struct request *request, struct response *response, const struct place *place, struct issues *issues, const char *path,
		  const char *next);
void proof_show(struct request *request, struct response *response, const struct place *place, struct issues *issues, const char *path);

#endif
