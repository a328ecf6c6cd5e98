#include "rules/condition.h"
#include "rules/read.h"

#include <string.h>

#define EVENTS_PREFIX "events."

bool condition_read(struct reader *r, const char *name, const json_t *value, const char **text_out)
{
	struct arena *arena = r->issues->arena;
	size_t before = r->issues->count;
	struct condition_names names = { .event_count = 0 };

	*text_out = NULL;
	if (json_is_object(value) && json_object_size(value) == 0)
		return true;
	if (jsonlogic_check(value, arena_printf(arena, "%s/%s", r->base, name), r->issues)) {
		condition_names(arena, value, &names);
		if (names.named_count > CONDITION_EVENTS_MAX)
			reader_issue(r, CODE_OUT_OF_RANGE, name,
				     arena_printf(arena, "Name at most %d other events.", CONDITION_EVENTS_MAX),
				     "the conditions name %zu other events", names.named_count);
		else
			*text_out = json_text(arena, value, NULL);
	}
	if (!*text_out || r->issues->count != before)
		r->bad = true;
	return *text_out != NULL;
}

/* --- what it names -------------------------------------------------------- */

struct naming {
	struct arena *arena;
	struct condition_names *names;
};

static void note_path(void *context, const char *path)
{
	const struct naming *naming = context;
	struct condition_names *names = naming->names;
	const char *key = path + strlen(EVENTS_PREFIX);
	size_t len;

	names->body |= strcmp(path, "version") == 0 || strncmp(path, "version.body", 12) == 0;
	if (strncmp(path, EVENTS_PREFIX, strlen(EVENTS_PREFIX)) != 0 || !*key)
		return;
	len = strcspn(key, ".");
	for (size_t i = 0; i < names->event_count; i++) {
		if (strlen(names->events[i]) == len && memcmp(names->events[i], key, len) == 0)
			return;
	}
	names->named_count++;
	if (names->event_count < CONDITION_EVENTS_MAX)
		names->events[names->event_count++] = arena_strndup(naming->arena, key, len);
}

void condition_names(struct arena *arena, const json_t *rule, struct condition_names *names_out)
{
	struct naming naming = { arena, names_out };

	*names_out = (struct condition_names){ .event_count = 0 };
	jsonlogic_paths(rule, note_path, &naming);
}

/* --- what it looks at ------------------------------------------------------- */

static void write_content(struct json_writer *w, const struct content_facts *content)
{
	jw_object(w, "content");
	jw_id(w, "id", content->id);
	jw_text(w, "title", content->title);
	jw_text(w, "schedule_type", content->schedule_type);
	/* Numbers, so that comparisons mean something: 0 = none. */
	jw_int(w, "live_version", content->live_version);
	jw_int(w, "latest_version", content->latest_version);
	jw_end_object(w);
	jw_object(w, "version");
	jw_int(w, "no", content->version_no);
	jw_bool(w, "is_latest", content->version_no > 0 && content->version_no == content->latest_version);
	jw_bool(w, "is_live", content->version_no > 0 && content->version_no == content->live_version);
	jw_time(w, "created_at", content->version_at);
	jw_raw(w, "body", content->body);
	jw_end_object(w);
}

static void write_other(struct json_writer *w, const char *key, const struct event_facts *event)
{
	jw_object(w, key);
	jw_int(w, "id", event->id);
	jw_text(w, "client_id", event->client_id);
	jw_int(w, "content_id", event->content_id);
	jw_id(w, "version_no", event->version_no);
	jw_text(w, "schedule_type", event->schedule_type);
	jw_text(w, "title", event->title);
	jw_text(w, "status", event->status);
	jw_time(w, "starts_at", event->starts_at);
	jw_time(w, "ends_at", event->ends_at);
	jw_end_object(w);
}

const json_t *condition_data(struct arena *arena, const struct event *event, const struct content_facts *content,
			     int64_t now_utc, const struct condition_names *names, const struct event_facts *const *events)
{
	struct str out = STR_INIT;
	struct json_writer w;
	json_t *data;

	jw_begin(&w, &out);
	jw_object(&w, NULL);
	event_write(&w, "event", event);
	write_content(&w, content);
	jw_time(&w, "now", now_utc);
	jw_raw(&w, "attributes", event->attributes ? event->attributes : "{}");
	jw_object(&w, "events");
	for (size_t i = 0; i < names->event_count; i++) {
		if (events[i])
			write_other(&w, names->events[i], events[i]);
	}
	jw_end_object(&w);
	jw_end_object(&w);
	data = json_loadb(out.data, out.len, 0, NULL);
	str_free(&out);
	if (data)
		(void)json_keep(arena, data);
	return data;
}

#define SUMMARY_BYTES 400

/* "content.live_version ≥ 3 (content.live_version is 2); not event.title (…)" */
static const char *summarise(struct arena *arena, const char *failed)
{
	json_t *list = json_loads(failed, 0, NULL), *part, *value;
	struct str out = STR_INIT;
	char *cut = arena_alloc(arena, SUMMARY_BYTES);
	const char *path;
	size_t i;

	json_array_foreach(list, i, part) {
		const char *separator = " (";

		str_addf(&out, "%s%s", i ? "; " : "", json_string_value(json_object_get(part, "text")));
		json_object_foreach(json_object_get(part, "values"), path, value) {
			str_addf(&out, "%s%s is %s", separator, path, json_excerpt(arena, value));
			separator = ", ";
		}
		if (separator[0] == ',')
			str_addc(&out, ')');
	}
	str_copy(cut, SUMMARY_BYTES, str_text(&out));
	str_free(&out);
	json_decref(list);
	return cut;
}

struct condition_result condition_judge(struct arena *arena, const json_t *rule, const json_t *data)
{
	struct arena_mark mark = arena_mark(arena);
	struct jsonlogic_value value = jsonlogic_apply(arena, rule, data);
	struct condition_result result = { value.code == CODE_NONE && value.truth, "[]", "" };
	struct str failed = STR_INIT;

	if (value.code != CODE_NONE) {
		str_addf(&failed, "[{\"pointer\":\"/conditions\",\"code\":\"%s\",\"text\":", code_info(value.code)->name);
		json_quote(&failed, code_info(value.code)->title, strlen(code_info(value.code)->title));
		str_adds(&failed, ",\"rule\":null,\"values\":{}}]");
	} else if (!value.truth) {
		str_adds(&failed, jsonlogic_explain(arena, rule, "/conditions", data));
	}
	arena_rewind(arena, mark);
	if (failed.len) {
		result.failed = arena_strndup(arena, str_text(&failed), failed.len);
		result.summary = summarise(arena, result.failed);
	}
	str_free(&failed);
	return result;
}
