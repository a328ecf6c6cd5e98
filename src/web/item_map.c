#include "web/job_map.h"

#define REASONS_SHOWN 8
#define VALUE_SHOWN_CHARS 60

/* The text of a small JSON value, cut; NULL for none. */
static const char *shown(struct ctx *ctx, const json_t *value)
{
	char *cut = arena_alloc(ctx->arena, VALUE_SHOWN_CHARS * 4 + 4);
	const char *text = json_string_value(value);
	if (value && !text)
		text = json_text(ctx->arena, value, NULL);
	if (!text)
		return NULL;
	str_copy(cut, VALUE_SHOWN_CHARS, text);
	if (strlen(cut) < strlen(text))
		memcpy(cut + strlen(cut), "…", sizeof("…"));
	return cut;
}

/* The value at a JSON Pointer (RFC 6901) of plain names and numbers: fields
 * here have no "/" or "~" in their names. */
static const json_t *value_at(const json_t *value, const char *pointer)
{
	while (value && *pointer == '/') {
		char name[64];
		size_t len = strcspn(++pointer, "/");
		if (len >= sizeof(name))
			return NULL;
		memcpy(name, pointer, len);
		name[len] = '\0';
		int64_t index;
		if (json_is_array(value))
			value = parse_i64(name, len, &index) && index >= 0 ? json_array_get(value, (size_t)index) : NULL;
		else
			value = json_object_get(value, name);
		pointer += len;
	}
	return value;
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* What people would call the item: its title, its own id, or what it names. */
static const char *item_name(struct ctx *ctx, const json_t *input)
{
	const json_t *selector = json_object_get(input, "selector");
	const json_t *named = selector ? selector : input;
	const char *name = text_of(input, "title");
	if (!name || !name[0])
		name = text_of(named, "client_id");
	if (name && name[0])
		return name;
	const json_t *event = json_object_get(named, "event_id");
	if (json_is_integer(event))
		return arena_printf(ctx->arena, "Event %" PRId64, (int64_t)json_integer_value(event));
	const json_t *content = json_object_get(named, "content_id");
	if (json_is_integer(content))
		return arena_printf(ctx->arena, "Content %" PRId64, (int64_t)json_integer_value(content));
	return "";
}

static void error_reason(struct ctx *ctx, const json_t *error, const json_t *input, struct reason_view *reason)
{
	const char *pointer = text_of(error, "pointer");
	const char *message = text_of(error, "message");
	*reason = (struct reason_view){
		.code = text_of(error, "code"),
		.message = message ? message : "",
		.suggestion = text_of(error, "suggestion"),
	};
	if (!pointer || pointer[0] != '/')
		return;
	reason->field = pointer + 1;
	reason->value = shown(ctx, value_at(input, pointer));
}

/* A conflict in a sentence. */
static void conflict_reason(struct ctx *ctx, const struct job_view *job, const json_t *conflict,
			    struct reason_view *reason)
{
	const char *kind = text_of(conflict, "kind");
	const struct code_info *info = code_info(code_by_name(kind ? kind : ""));
	const json_t *event = json_object_get(conflict, "event_id");
	const json_t *ordinal = json_object_get(conflict, "ordinal");
	const char *starts = text_of(conflict, "starts_at");
	const char *other = "another event";
	if (json_is_integer(event))
		other = arena_printf(ctx->arena, "event %" PRId64, (int64_t)json_integer_value(event));
	else if (json_is_integer(ordinal))
		other = arena_printf(ctx->arena, "%s %" PRId64 " of this batch", job->is_csv ? "row" : "item",
				     row_number(job, (int64_t)json_integer_value(ordinal)));
	*reason = (struct reason_view){
		.code = kind,
		.message = arena_printf(ctx->arena, "%s: %s%s%s.", info->title, other, starts ? ", which starts " : "",
					starts ? starts : ""),
		.suggestion = info->fix,
	};
}

/* The first conflict of a kind is among the errors as well; the list of
 * conflicts says more about it. */
static bool is_told_below(const json_t *error, const json_t *conflicts)
{
	const char *code = text_of(error, "code");
	for (size_t i = 0; code && i < json_array_size(conflicts); i++) {
		const char *kind = text_of(json_array_get(conflicts, i), "kind");
		if (kind && strcmp(kind, code) == 0)
			return true;
	}
	return false;
}

static bool has_room(struct item_view *view)
{
	if (view->reason_count < REASONS_SHOWN)
		return true;
	view->more_reasons++;
	return false;
}

static void map_reasons(struct ctx *ctx, const struct job_view *job, const json_t *detail, const json_t *input,
			struct item_view *view)
{
	const json_t *errors = json_object_get(detail, "errors");
	const json_t *conflicts = json_object_get(detail, "conflicts");
	view->reasons = arena_array(ctx->arena, REASONS_SHOWN, sizeof(*view->reasons));
	for (size_t i = 0; i < json_array_size(errors); i++)
		if (!is_told_below(json_array_get(errors, i), conflicts) && has_room(view))
			error_reason(ctx, json_array_get(errors, i), input, &view->reasons[view->reason_count++]);
	for (size_t i = 0; i < json_array_size(conflicts); i++)
		if (has_room(view))
			conflict_reason(ctx, job, json_array_get(conflicts, i), &view->reasons[view->reason_count++]);
}

void item_map(struct ctx *ctx, const struct job_view *job, const struct item_result *item, struct item_view *view_out)
{
	json_t *input = item->input ? json_read(ctx->arena, item->input, strlen(item->input), &ctx->fail) : NULL;
	json_t *detail = item->detail ? json_read(ctx->arena, item->detail, strlen(item->detail), &ctx->fail) : NULL;
	fail_clear(&ctx->fail);
	*view_out = (struct item_view){
		.ordinal = item->ordinal,
		.outcome = outcome_name(item->outcome),
		.verdict = item->verdict == VERDICT_NONE ? NULL : verdict_name(item->verdict),
		.what = item_name(ctx, input),
		.event_id = item->event_id,
		.following_id = (int64_t)json_integer_value(json_object_get(detail, "following_event_id")),
	};
	map_reasons(ctx, job, detail, input, view_out);
}
