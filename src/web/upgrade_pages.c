/* The update of a database that is older than the program. */
#include "install/proof.h"
#include "store/audit.h"
#include "store/jobs.h"
#include "store/users.h"
#include "web/cookie.h"
#include "web/install_session.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/table_steps.h"

/* What a newer schema has for roles comes with it. */
static bool finish(void *user)
{
	struct ctx *ctx = user;
	return roles_ensure(ctx) && audit_add(ctx, "site.upgrade", 0, 0, NULL);
}

static const struct table_steps steps = { .title = "Update the database", .path = "/upgrade", .is_upgrade = true, .finish = finish };

static void find_place(const struct request *request, struct place *place)
{
	(void)place_find(request->header(request, "DOCUMENT_ROOT"), request->header(request, "SCRIPT_NAME"), place);
}

static bool may_update(const struct request *request, const struct place *place)
{
	return permitted(request->ctx->actor, PERMIT_MANAGE_USERS) || proof_is_shown(request, place);
}

static void show_wait(struct request *request, struct response *response)
{
	struct frame frame;
	page_frame(request, code_info(CODE_SCHEMA_OLDER)->title, NAV_NONE, &frame);
	response->status = 503;
	response_header(response, "Retry-After", "60");
	page_upgrade_wait(&response->body, &frame);
}

static void show_done(struct request *request, struct response *response, const struct place *place)
{
	struct frame frame;
	if (proof_is_shown(request, place)) /* whoever ended it was killed before he could */
		proof_end(place);
	page_frame(request, "Up to date", NAV_NONE, &frame);
	page_upgrade_done(&response->body, &frame, job_count_runnable(request->ctx));
}

static void work(struct request *request, struct response *response, const struct place *place)
{
	if (!table_steps_work(request, response, &steps))
		return;
	proof_end(place);
	response_redirect(response, "/upgrade");
}

void get_upgrade(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct migrate_state state;
	struct place place;
	find_place(request, &place);
	if (!migrate_look(ctx->db, &shipped_migrations, &state, &ctx->fail))
		respond_fail(response, NULL);
	else if (state.done == state.total)
		show_done(request, response, &place);
	else if (!may_update(request, &place) && strcmp(param_text(request, "by"), "code") == 0)
		proof_show(request, response, &place, NULL, "/upgrade?by=code");
	else if (!may_update(request, &place))
		show_wait(request, response);
	else if (continuation_is_given(request, TABLE_STEPS) && !is_prefetch(request))
		work(request, response, &place);
	else
		table_steps_show(request, response, &steps, &state, NULL, false);
}

void post_upgrade(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	struct migrate_state state;
	struct place place;
	find_place(request, &place);
	if (!form_checked(request, response))
		return;
	if (!migrate_look(ctx->db, &shipped_migrations, &state, &ctx->fail))
		respond_fail(response, NULL);
	else if (state.done == state.total)
		response_redirect(response, "/upgrade");
	else if (may_update(request, &place))
		work(request, response, &place);
	else if (!form_value(request, "begin") && !form_value(request, "code"))
		show_wait(request, response);
	else if (!proof_posted(request, response, &place, &issues, "/upgrade?by=code", "/upgrade"))
		proof_show(request, response, &place, &issues, "/upgrade?by=code");
}
