#include "rules/filter.h"

#include <string.h>

#include "rules/read.h"

enum field_kind { KIND_ID, KIND_TIME, KIND_STATUS, KIND_RECURRING, KIND_TYPE, KIND_TEXT };

struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
};

static const struct field fields[] = {
	{ "content_id", KIND_ID, offsetof(struct event_filter, content_id) },
	{ "resource_id", KIND_ID, offsetof(struct event_filter, resource_id) },
	{ "assignee_id", KIND_ID, offsetof(struct event_filter, assignee_id) },
	{ "starts_after", KIND_TIME, offsetof(struct event_filter, starts_after) },
	{ "starts_before", KIND_TIME, offsetof(struct event_filter, starts_before) },
	{ "status", KIND_STATUS, offsetof(struct event_filter, status) },
	{ "recurring", KIND_RECURRING, offsetof(struct event_filter, recurring) },
	{ "schedule_type", KIND_TYPE, offsetof(struct event_filter, schedule_type) },
	{ "text", KIND_TEXT, offsetof(struct event_filter, text) },
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static const struct field *find_field(struct reader *r, const char *name)
{
	const char *known[FIELD_COUNT];

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
		known[i] = fields[i].name;
	}
	reader_unknown(r, CODE_UNKNOWN_FIELD, name, known, FIELD_COUNT, "a query");
	return NULL;
}

static void set_id(struct reader *r, const struct field *field, const char *text, size_t len, int64_t *to)
{
	int64_t id;

	if (!parse_i64(text, len, &id))
		reader_issue(r, CODE_INVALID_TYPE, field->name, "Write a whole number.", "“%s” is not a whole number",
			     issue_excerpt(r->issues->arena, text, len));
	else if (id < 1)
		reader_issue(r, CODE_OUT_OF_RANGE, field->name, "Use a whole number from 1 up.", "%lld is out of range",
			     (long long)id);
	else
		*to = id;
}

static void set_status(struct reader *r, const struct field *field, const char *text, size_t len,
		       struct event_filter *filter)
{
	if (event_status_by_name(text, &filter->status))
		filter->has_status = true;
	else
		reader_issue(r, CODE_INVALID_VALUE, field->name,
			     "Use one of: draft, scheduled, processing, completed, failed, missed, superseded, "
			     "cancelled, archived",
			     "“%s” is not a status", issue_excerpt(r->issues->arena, text, len));
}

/* Back to "any". */
static void reset(struct event_filter *filter, const struct field *field)
{
	void *at = (char *)filter + field->offset;

	switch (field->kind) {
	case KIND_ID:
	case KIND_TIME:
		*(int64_t *)at = 0;
		break;
	case KIND_STATUS:
		filter->has_status = false;
		break;
	case KIND_RECURRING:
		filter->recurring = RECURRING_ANY;
		break;
	case KIND_TYPE:
	case KIND_TEXT:
		*(const char **)at = NULL;
		break;
	}
}

static void set(struct reader *r, struct event_filter *filter, const struct field *field, const char *text, size_t len)
{
	void *at = (char *)filter + field->offset;

	if (len == 0) { /* an empty box of a form */
		reset(filter, field);
		return;
	}
	if (!check_text(r, field->name, text, len, EVENT_TITLE_MAX))
		return;
	switch (field->kind) {
	case KIND_ID:
		set_id(r, field, text, len, at);
		break;
	case KIND_TIME:
		read_utc(r, field->name, text, len, at);
		break;
	case KIND_STATUS:
		set_status(r, field, text, len, filter);
		break;
	case KIND_RECURRING:
		if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
			filter->recurring = text[0] == 't' ? RECURRING_ONLY : RECURRING_NOT;
		else
			reader_issue(r, CODE_INVALID_VALUE, field->name, "Use true or false.", "“%s” is neither true nor false",
				     issue_excerpt(r->issues->arena, text, len));
		break;
	case KIND_TYPE:
		if (check_schedule_type(r, field->name, text))
			*(const char **)at = arena_strndup(r->issues->arena, text, len);
		break;
	case KIND_TEXT:
		*(const char **)at = arena_strndup(r->issues->arena, text, len);
		break;
	}
}

bool filter_set(struct event_filter *filter, const char *name, const char *text, const char *base,
		struct issues *issues)
{
	struct reader r = { issues, base, false };
	const struct field *field = find_field(&r, name);

	if (field)
		set(&r, filter, field, text, strlen(text));
	return !r.bad;
}

static void read_member(struct reader *r, const char *name, const json_t *value, struct event_filter *filter)
{
	const struct field *field = find_field(r, name);
	const char *text;

	if (!field)
		return;
	if (json_is_null(value))
		reset(filter, field);
	else if (field->kind == KIND_ID)
		read_integer(r, name, value, 1, INT64_MAX, (int64_t *)(void *)((char *)filter + field->offset));
	else if (field->kind == KIND_RECURRING && json_is_boolean(value))
		filter->recurring = json_is_true(value) ? RECURRING_ONLY : RECURRING_NOT;
	else if (read_text(r, name, value, EVENT_TITLE_MAX, &text))
		set(r, filter, field, text, strlen(text));
}

static bool read_query(struct reader *r, const json_t *object, struct event_filter *filter)
{
	json_t *members = (json_t *)(uintptr_t)object; /* the iterator does not change it */

	memset(filter, 0, sizeof(*filter));
	if (!read_object(r, object))
		return false;
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
		read_member(r, json_object_iter_key(at), json_object_iter_value(at), filter);
	return !r->bad;
}

bool filter_read(const json_t *object, const char *base, struct event_filter *filter, struct issues *issues)
{
	struct reader r = { issues, base, false };

	return read_query(&r, object, filter);
}

/* --- selectors --------------------------------------------------------------- */

static const char *const selector_names[] = {
	[SELECT_EVENT_ID] = "event_id",
	[SELECT_CLIENT_ID] = "client_id",
	[SELECT_QUERY] = "query",
};
#define SELECTOR_NAMES (sizeof(selector_names) / sizeof(selector_names[0]))

static void read_selected(struct reader *r, const json_t *value, struct selector *selector)
{
	struct reader query = *r;

	switch (selector->kind) {
	case SELECT_EVENT_ID:
		read_integer(r, "event_id", value, 1, INT64_MAX, &selector->event_id);
		break;
	case SELECT_CLIENT_ID:
		if (read_text(r, "client_id", value, EVENT_CLIENT_ID_MAX, &selector->client_id) &&
		    selector->client_id[0] == '\0')
			reader_issue(r, CODE_INVALID_VALUE, "client_id", "Give the client_id of an event.",
				     "client_id is empty");
		break;
	case SELECT_QUERY:
		query.base = arena_printf(r->issues->arena, "%s/query", r->base);
		read_query(&query, value, &selector->query);
		r->bad |= query.bad;
		break;
	}
}

bool selector_read(const json_t *object, const char *base, struct selector *selector, struct issues *issues)
{
	struct reader r = { issues, base, false };
	json_t *members = (json_t *)(uintptr_t)object; /* the iterator does not change it */
	const json_t *chosen = NULL;
	size_t count = 0;

	memset(selector, 0, sizeof(*selector));
	if (!read_object(&r, object))
		return false;
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		const char *name = json_object_iter_key(at);
		size_t kind = 0;

		while (kind < SELECTOR_NAMES && strcmp(selector_names[kind], name) != 0)
			kind++;
		if (kind == SELECTOR_NAMES) {
			reader_unknown(&r, CODE_UNKNOWN_FIELD, name, selector_names, SELECTOR_NAMES, "a selector");
			continue;
		}
		count++;
		selector->kind = (enum selector_kind)kind;
		chosen = json_object_iter_value(at);
	}
	if (count == 1)
		read_selected(&r, chosen, selector);
	else if (count > 1)
		reader_issue(&r, CODE_INVALID_VALUE, NULL, "Give exactly one of event_id, client_id, query.",
			     "the selector names its events in %zu ways", count);
	else if (!r.bad)
		reader_issue(&r, CODE_REQUIRED, NULL, "Give exactly one of event_id, client_id, query.",
			     "the selector is empty");
	return !r.bad;
}
