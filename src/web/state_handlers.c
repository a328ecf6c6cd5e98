/* How the program and its database stand. */
#include "store/system.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/system_info.h"
#include "web/version.h"

static void settings_json(struct json_writer *w, const struct config *config)
{
	jw_list(w, "settings");
	for (size_t i = 0; i < setting_count; i++) {
		jw_object(w, NULL);
		jw_text(w, "name", settings[i].name);
		jw_text(w, "label", settings[i].label);
		jw_text(w, "unit", settings[i].unit);
		jw_int(w, "value", setting_value(config, &settings[i]));
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void tables_json(struct json_writer *w, const struct system_state *state)
{
	jw_list(w, "tables");
	for (size_t i = 0; i < state->table_count; i++) {
		jw_object(w, NULL);
		jw_text(w, "name", state->tables[i].name);
		jw_int(w, "rows", state->tables[i].rows);
		jw_int(w, "data_bytes", state->tables[i].data_bytes);
		jw_int(w, "index_bytes", state->tables[i].index_bytes);
		jw_end_object(w);
	}
	jw_end_list(w);
}

void get_system(struct request *request, struct response *response)
{
	struct system_state state;
	struct json_writer w;
	if (!system_state(request->ctx, &state)) {
		respond_fail(response, NULL);
		return;
	}
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_text(&w, "version", TRANCHE_VERSION);
	jw_text(&w, "database_version", state.database_version);
	settings_json(&w, request->ctx->config);
	jw_time(&w, "maintained_at", state.maintained_at);
	jw_int(&w, "removed_rows", state.removed);
	jw_int(&w, "forgotten_batches_left", state.forgotten_left);
	jw_time(&w, "measured_at", state.measured_at);
	tables_json(&w, &state);
	jw_end_object(&w);
}
