#include "web/selection.h"

#include "base/clock.h"
#include "web/calendar_input.h"
#include "web/session.h"

static bool has_name(const struct pair *pair, const char *name)
{
	return strcmp(pair->name, name) == 0;
}

/* A day, "2026-12-01" as date fields send it, is its first moment in the
 * person's zone; anything else is left as it is. */
static const char *day_as_time(const struct request *request, const char *text)
{
	int64_t moment;
	if (!day_read(text, session_zone(request), &moment))
		return text;
	char *utc = arena_alloc(request->ctx->arena, TIME_TEXT_SIZE);
	time_format_utc(moment, utc);
	return utc;
}

static void read_filter(struct request *request, const struct pair *pair, struct selection *selection, struct issues *issues)
{
	struct filter_view *view = &selection->view;
	const struct { const char *name; const char **shown; } fields[] = {
		{ "text", &view->text },
		{ "status", &view->status },
		{ "schedule_type", &view->schedule_type },
		{ "content_id", &view->content_id },
		{ "recurring", &view->recurring },
		{ "starts_after", &view->starts_after },
		{ "starts_before", &view->starts_before },
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!has_name(pair, fields[i].name) || !pair->value[0])
			continue;
		*fields[i].shown = pair->value;
		filter_set(&selection->filter, pair->name,
			   i >= 5 ? day_as_time(request, pair->value) : pair->value, "", issues);
	}
}

static void read_id(struct selection *selection, const char *text, struct issues *issues)
{
	int64_t id;
	if (selection->id_count == SELECTION_MAX)
		return;
	if (parse_i64(text, strlen(text), &id) && id > 0)
		selection->ids[selection->id_count++] = id;
	else
		issue_add(issues, CODE_INVALID_VALUE, "", NULL, "An event's number is not a number");
}

void selection_read(struct request *request, const struct pair *pairs, size_t count, struct selection *selection_out,
		    struct issues *issues)
{
	*selection_out = (struct selection){
		.view = { "", "", "", "", "", "", "" }, .given_count = -1, .filter = { .viewer = request->ctx->actor } };
	selection_out->ids = arena_array(request->ctx->arena, SELECTION_MAX, sizeof(int64_t));
	for (size_t i = 0; i < count; i++) {
		if (has_name(&pairs[i], "event_id"))
			read_id(selection_out, pairs[i].value, issues);
		else if (has_name(&pairs[i], "scope"))
			selection_out->by_filter = strcmp(pairs[i].value, "filter") == 0;
		else if (has_name(&pairs[i], "count") &&
			 !parse_i64(pairs[i].value, strlen(pairs[i].value), &selection_out->given_count))
			selection_out->given_count = -1;
		else
			read_filter(request, &pairs[i], selection_out, issues);
	}
	if (selection_out->by_filter)
		selection_out->id_count = 0;
}

void selection_write_query(struct json_writer *w, const char *key, const struct event_filter *filter)
{
	jw_object(w, key);
	if (filter->content_id != 0)
		jw_int(w, "content_id", filter->content_id);
	if (filter->has_status)
		jw_text(w, "status", event_status_name(filter->status));
	if (filter->starts_after != 0)
		jw_time(w, "starts_after", filter->starts_after);
	if (filter->starts_before != 0)
		jw_time(w, "starts_before", filter->starts_before);
	if (filter->recurring)
		jw_bool(w, "recurring", filter->recurring == RECURRING_ONLY);
	if (filter->schedule_type)
		jw_text(w, "schedule_type", filter->schedule_type);
	if (filter->text)
		jw_text(w, "text", filter->text);
	jw_end_object(w);
}
