#include "web/table_steps.h"

#include "base/clock.h"
#include "base/config.h"
#include "store/jobs.h"
#include "views/page_install.h"
#include "web/page_frame.h"

void table_steps_show(struct request *request, struct response *response, const struct table_steps *steps, const struct migrate_state *state,
		      const struct issues *issues, bool is_running)
{
	char token[CONTINUATION_SIZE];
	struct frame frame;
	page_frame(request, steps->title, NAV_NONE, &frame);
	frame.has_error = issues && issues->count;
	if (is_running) {
		continuation_token(request, TABLE_STEPS, token);
		frame.refresh_path = arena_printf(request->ctx->arena, "%s?go=%s", steps->path, token);
		frame.script = "install.js";
	}
	page_install_tables(&response->body, &(struct tables_page){ .frame = &frame,
								     .issues = issues,
								     .done = state->done,
								     .total = state->total,
								     .is_running = is_running,
								     .is_upgrade = steps->is_upgrade,
								     .open_jobs = steps->is_upgrade ? job_count_runnable(request->ctx) : 0,
								     .action = steps->path });
}

bool table_steps_work(struct request *request, struct response *response, const struct table_steps *steps)
{
	struct ctx *ctx = request->ctx;
	struct migrate_state state = { .done = 0 };
	struct issues issues = page_issues(request);
	bool ok = migrate_steps_then(ctx->db, &shipped_migrations, monotonic_ms() + ctx->config->time_budget_ms, steps->finish, ctx, &state,
				     &ctx->fail);
	if (ok && state.done == state.total)
		return true;
	if (!ok) {
		/* Whoever installs is the one to mend it. */
		const char *mend = arena_printf(ctx->arena, "%s Then press the button: it goes on from where it stopped.",
						code_info(ctx->fail.code)->fix);
		issue_add(&issues, ctx->fail.code, "", mend, "%s: %s", ctx->fail.public_message, ctx->fail.detail);
		response->status = 503;
		fail_clear(&ctx->fail);
		if (!migrate_look(ctx->db, &shipped_migrations, &state, &ctx->fail))
			fail_clear(&ctx->fail);
	}
	table_steps_show(request, response, steps, &state, ok ? NULL : &issues, ok);
	return false;
}
