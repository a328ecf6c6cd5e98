/* The update of a database that is older than the program. */
#include "base/clock.h"
#include "base/config.h"
#include "db/migrate.h"
#include "db/text.h"
#include "install/proof.h"
#include "store/audit.h"
#include "store/users.h"
#include "web/cookie.h"
#include "web/install_session.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define UPGRADE 0 /* in place of a batch's id, for links that do work */

/* Batches that wait meanwhile; on tables that can't be asked so: none is told. */
static int64_t count_open_jobs(struct ctx *ctx)
{
	struct fail ignored = { .kind = FAIL_NONE };
	struct db_rows rows;
	if (!db_text_query(db_text_begin(ctx->db, "SELECT COUNT(*) FROM {batch_jobs} WHERE runnable = 1"), "i", ctx->arena, &rows, &ignored))
		return 0;
	return db_int(&rows, 0, 0);
}

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

static void show_done(struct request *request, struct response *response)
{
	struct frame frame;
	page_frame(request, "Up to date", NAV_NONE, &frame);
	page_upgrade_done(&response->body, &frame, count_open_jobs(request->ctx));
}

static void show_steps(struct request *request, struct response *response, const struct migrate_state *state, const struct issues *issues,
		       bool is_running)
{
	char token[CONTINUATION_SIZE];
	struct frame frame;
	page_frame(request, "Update the database", NAV_NONE, &frame);
	frame.has_error = issues && issues->count;
	if (is_running) {
		continuation_token(request, UPGRADE, token);
		frame.refresh_path = arena_printf(request->ctx->arena, "/upgrade?go=%s", token);
		frame.script = "install.js";
	}
	page_install_tables(&response->body, &(struct tables_page){ .frame = &frame,
								     .issues = issues,
								     .done = state->done,
								     .total = state->total,
								     .is_running = is_running,
								     .is_upgrade = true,
								     .open_jobs = count_open_jobs(request->ctx),
								     .action = "/upgrade" });
}

/* What a newer schema has for roles comes with it. */
static bool finish(struct request *request, const struct place *place)
{
	struct ctx *ctx = request->ctx;
	proof_end(place);
	return roles_ensure(ctx) && audit_add(ctx, "site.upgrade", 0, 0, NULL);
}

static void work(struct request *request, struct response *response, const struct place *place)
{
	struct ctx *ctx = request->ctx;
	struct migrate_state state = { .done = 0 };
	struct issues issues = page_issues(request);
	bool ok = migrate_steps(ctx->db, &shipped_migrations, monotonic_ms() + ctx->config->time_budget_ms, &state, &ctx->fail);
	if (ok && state.done == state.total) {
		if (finish(request, place))
			response_redirect(response, "/upgrade");
		else
			respond_fail(response, NULL);
		return;
	}
	if (!ok) {
		issue_add(&issues, ctx->fail.code, "", "Press “Continue” to try it again from where it stopped.", "%s: %s",
			  ctx->fail.public_message, ctx->fail.detail);
		response->status = 503;
		fail_clear(&ctx->fail);
		if (!migrate_look(ctx->db, &shipped_migrations, &state, &ctx->fail))
			fail_clear(&ctx->fail);
	}
	show_steps(request, response, &state, ok ? NULL : &issues, ok);
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
		show_done(request, response);
	else if (!may_update(request, &place) && strcmp(param_text(request, "by"), "code") == 0)
		proof_show(request, response, &place, NULL, "/upgrade?by=code");
	else if (!may_update(request, &place))
		show_wait(request, response);
	else if (continuation_is_given(request, UPGRADE) && !is_prefetch(request))
		work(request, response, &place);
	else
		show_steps(request, response, &state, NULL, false);
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
