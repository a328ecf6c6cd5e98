/* The page of the system. */
#include "store/system.h"
#include "views/page_watch.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/system_info.h"
#include "web/version.h"

static void map_tables(struct ctx *ctx, const struct system_state *state, struct system_page *page)
{
	struct table_view *views = arena_array(ctx->arena, state->table_count + 1, sizeof(*views));
	for (size_t i = 0; i < state->table_count; i++)
		views[i] = (struct table_view){ state->tables[i].name, state->tables[i].rows, state->tables[i].data_bytes,
						state->tables[i].index_bytes };
	page->tables = views;
	page->table_count = state->table_count;
}

static void map_settings(struct ctx *ctx, struct system_page *page)
{
	struct setting_view *views = arena_array(ctx->arena, setting_count, sizeof(*views));
	for (size_t i = 0; i < setting_count; i++)
		views[i] = (struct setting_view){ settings[i].name, settings[i].label, settings[i].unit, settings[i].if_zero,
						  setting_value(ctx->config, &settings[i]) };
	page->settings = views;
	page->setting_count = setting_count;
}

void get_system_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct system_state state;
	if (!system_state(ctx, &state)) {
		respond_fail(response, NULL);
		return;
	}
	struct system_page page = {
		.frame = &frame,
		.version = TRANCHE_VERSION,
		.database_version = state.database_version,
		.bytes = state.bytes,
		.measured_at = state.measured_at,
		.maintained_at = state.maintained_at,
		.removed = state.removed,
		.forgotten_left = state.forgotten_left,
	};
	map_tables(ctx, &state, &page);
	map_settings(ctx, &page);
	page_frame(request, "System", NAV_SYSTEM, &frame);
	page_system(&response->body, &page);
}
