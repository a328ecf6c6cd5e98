/* The installer: tables, first administrator, done. */
#include <unistd.h>

#include "base/ids.h"
#include "install/proof.h"
#include "install/setup.h"
#include "web/cookie.h"
#include "web/install_session.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/password.h"
#include "web/people_change.h"
#include "web/session.h"
#include "web/table_steps.h"

/* Only where this step is due, or an earlier one was: Back and reload lead on. */
static bool may_be_at(struct request *request, struct response *response, enum standing step, struct setup *setup)
{
	if (!setup_may(request, response, setup))
		return false;
	if (setup->standing == step)
		return true;
	setup_redirect(response, setup);
	return false;
}

/* --- tables -------------------------------------------------------------------- */

static const struct table_steps steps = { .title = "The tables", .path = "/install/tables" };

static void work(struct request *request, struct response *response)
{
	if (table_steps_work(request, response, &steps))
		response_redirect(response, "/install/admin");
}

void get_install_tables(struct request *request, struct response *response)
{
	struct setup setup;
	struct migrate_state state;
	struct ctx *ctx = request->ctx;
	if (!may_be_at(request, response, STANDS_TABLES, &setup))
		return;
	if (continuation_is_given(request, TABLE_STEPS) && !is_prefetch(request))
		work(request, response);
	else if (migrate_look(ctx->db, &shipped_migrations, &state, &ctx->fail))
		table_steps_show(request, response, &steps, &state, NULL, false);
	else
		respond_fail(response, NULL);
}

void post_install_tables(struct request *request, struct response *response)
{
	struct setup setup;
	if (may_be_at(request, response, STANDS_TABLES, &setup) && form_checked(request, response))
		work(request, response);
}

/* --- the first administrator ------------------------------------------------------ */

static void show_admin(struct request *request, struct response *response, const struct issues *issues)
{
	struct frame frame;
	page_frame(request, "The administrator", NAV_NONE, &frame);
	frame.has_error = issues && issues->count;
	page_install_admin(&response->body, &(struct admin_page){ .frame = &frame,
								   .issues = issues,
								   .name = form_text(request, "name"),
								   .display_name = form_text(request, "display_name") });
}

void get_install_admin(struct request *request, struct response *response)
{
	struct setup setup;
	if (may_be_at(request, response, STANDS_ADMIN, &setup))
		show_admin(request, response, NULL);
}

static bool check_admin(struct request *request, struct issues *issues)
{
	const char *name = form_text(request, "name"), *shown = form_text(request, "display_name"), *password = form_text(request, "password");
	if (!*name)
		issue_add(issues, CODE_REQUIRED, "/name", NULL, "Choose a user name");
	else if (!person_name_is_plain(name, PERSON_NAME_MAX))
		issue_add(issues, CODE_INVALID_VALUE, "/name", "Leave out blanks at the ends and control characters.",
			  "A user name has at most %d characters", PERSON_NAME_MAX);
	if (*shown && !person_name_is_plain(shown, PERSON_DISPLAY_NAME_MAX))
		issue_add(issues, CODE_INVALID_VALUE, "/display_name", "Leave out blanks at the ends and control characters.",
			  "This name has at most %d characters", PERSON_DISPLAY_NAME_MAX);
	const struct password_about about = { name, shown, request->header(request, "HTTP_HOST") };
	if (password_acceptable(password, &about, "/password", issues) && strcmp(password, form_text(request, "again")) != 0)
		issue_add(issues, CODE_INVALID_VALUE, "/again", "Type the same password twice.", "The two passwords differ");
	return issues->count == 0;
}

static bool make_admin(struct request *request)
{
	struct ctx *ctx = request->ctx;
	const char *name = form_text(request, "name"), *shown = form_text(request, "display_name");
	char hash[PASSWORD_HASH_SIZE];
	if (!password_hash(form_text(request, "password"), hash))
		return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "There is not enough memory to hash the password");
	return setup_first_admin(ctx, name, *shown ? shown : name, hash);
}

/* Signed in at once; if that fails, the login is one click away. */
static void finish(struct request *request, struct response *response, const struct setup *setup)
{
	char guard[sizeof(setup->place.folder) + sizeof("/tranche-guard.conf")];
	const char *step; /* the first administrator has no second factor yet */
	snprintf(guard, sizeof(guard), "%s/tranche-guard.conf", setup->place.folder);
	(void)unlink(guard);
	proof_end(&setup->place);
	cookie_set(request, response, COOKIE_INSTALL, NULL);
	if (!session_login(request, response, form_text(request, "name"), form_text(request, "password"), &step))
		fail_clear(&request->ctx->fail);
	response_redirect(response, "/install/done");
}

void post_install_admin(struct request *request, struct response *response)
{
	struct setup setup;
	struct issues issues = page_issues(request);
	if (!may_be_at(request, response, STANDS_ADMIN, &setup) || !form_checked(request, response))
		return;
	if (check_admin(request, &issues)) {
		if (make_admin(request)) {
			finish(request, response, &setup);
			return;
		}
		if (request->ctx->fail.kind == FAIL_DENIED) { /* sent twice: the other one has made it */
			fail_clear(&request->ctx->fail);
			response_redirect(response, "/install/done");
			return;
		}
		if (request->ctx->fail.kind != FAIL_CONFLICT) {
			respond_fail(response, NULL);
			return;
		}
		fail_clear(&request->ctx->fail);
		issue_add(&issues, CODE_DUPLICATE, "/name", "Choose another one.", "Somebody has this user name already");
	}
	response->status = 422;
	show_admin(request, response, &issues);
}

/* --- done --------------------------------------------------------------------------- */

void get_install_done(struct request *request, struct response *response)
{
	struct setup setup;
	struct frame frame;
	setup_look(request, response, &setup);
	if (setup.standing == STANDS_UNKNOWN) {
		respond_fail(response, NULL);
		return;
	}
	if (setup.standing != STANDS_INSTALLED) {
		setup_redirect(response, &setup);
		return;
	}
	/* A database that was installed before: the proof has served its purpose. */
	if (proof_is_shown(request, &setup.place)) {
		proof_end(&setup.place);
		cookie_set(request, response, COOKIE_INSTALL, NULL);
	}
	if (!session_load(request))
		fail_clear(&request->ctx->fail);
	page_frame(request, "Installed", NAV_NONE, &frame);
	page_install_done(&response->body, &frame, request->session.user_id > 0);
}
