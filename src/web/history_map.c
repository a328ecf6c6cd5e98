#include "web/history_map.h"

#define FIELD_BITS 22

static const json_t *as_json(struct arena *arena, const struct event *event)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	struct str text = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &text);
	event_write(&w, NULL, event);
	const json_t *json = json_read(arena, str_text(&text), text.len, &unreadable);
	str_free(&text);
	return json;
}

size_t state_changes(struct arena *arena, const struct event *before, const struct event *after, struct field_change **changes_out)
{
	size_t count = 0;
	uint32_t different = event_difference(before, after);
	const json_t *was = as_json(arena, before), *is = as_json(arena, after);
	struct field_change *changes = arena_array(arena, FIELD_BITS + 1, sizeof(*changes));
	for (uint32_t bit = 0; bit < FIELD_BITS; bit++) {
		/* A client_id is not part of a state: it names the event. */
		if (!(different & (1u << bit)) || 1u << bit == FIELD_CLIENT_ID)
			continue;
		const char *name = event_field_name((enum event_field)(1u << bit));
		changes[count++] = (struct field_change){ name, json_object_get(was, name), json_object_get(is, name) };
	}
	*changes_out = changes;
	return count;
}

const struct event *state_before(const struct event_state *states, size_t count, size_t i)
{
	bool is_next = i + 1 < count && states[i + 1].event.row_version == states[i].event.row_version - 1;
	return is_next ? &states[i + 1].event : NULL;
}
