#include "web/results_csv.h"

#include "base/json.h"

/* What an event can be given by; a file has its own selection and order. */
static const char *const create_columns[] = {
	"client_id",  "content_id", "version_no",  "schedule_type", "title",	"starts_at",  "ends_at",
	"duration_s", "timezone",   "local_start", "recurrence",	    "exdates",	 "rdates",   "overrides",
	"resources",  "assignees",  "priority",    "attributes",
};
static const char *const evaluate_columns[] = {
	"event_id", "client_id",  "content_id", "version_no",  "schedule_type", "title",     "starts_at",
	"ends_at",  "duration_s", "timezone",	"local_start", "recurrence",	"exdates",   "rdates",	  "overrides",
	"resources", "assignees", "priority",	"attributes",
};
static const char *const update_columns[] = {
	"event_id",  "client_id", "expected_version", "scope",	    "occurrence", "content_id", "version_no",  "schedule_type", "title",	"starts_at",
	"ends_at",   "duration_s", "shift_s",	      "timezone",   "local_start", "recurrence",    "exdates",	"rdates",    "overrides",
	"resources", "assignees", "priority",	      "attributes", "status",
};
/* Of a results file that was sent again. */
static const char *const own_columns[] = { "ordinal", "outcome", "error_code", "error_message", "error_suggestion" };

static bool is_own(const struct job *job, const char *name)
{
	for (size_t i = 0; i < sizeof own_columns / sizeof own_columns[0]; i++)
		if (strcmp(own_columns[i], name) == 0)
			return true;
	return job->type == JOB_CREATE && strcmp(name, "event_id") == 0;
}

static void add_column(struct results_columns *columns, const char *name)
{
	if (columns->count < RESULTS_COLUMNS_MAX)
		columns->names[columns->count++] = name;
	columns->has_event_id |= strcmp(name, "event_id") == 0;
}

void results_columns(struct arena *arena, const struct job *job, struct results_columns *columns_out)
{
	struct fail ignored = { .kind = FAIL_NONE };
	json_t *header = job->csv_header ? json_read(arena, job->csv_header, strlen(job->csv_header), &ignored) : NULL;
	const char *const *names = job->type == JOB_UPDATE     ? update_columns
				   : job->type == JOB_EVALUATE ? evaluate_columns
							       : create_columns;
	size_t count = job->type == JOB_UPDATE	   ? sizeof update_columns / sizeof update_columns[0]
		       : job->type == JOB_EVALUATE ? sizeof evaluate_columns / sizeof evaluate_columns[0]
						   : sizeof create_columns / sizeof create_columns[0];
	*columns_out = (struct results_columns){ .count = 0 };
	for (size_t i = 0; i < json_array_size(header); i++) {
		const char *name = json_string_value(json_array_get(header, i));
		if (name && !is_own(job, name))
			add_column(columns_out, name);
	}
	if (columns_out->count)
		return;
	if (job->linked != LINKED_NOT) {
		add_column(columns_out, "id");
		add_column(columns_out, "depends_on");
	}
	for (size_t i = 0; i < count; i++)
		add_column(columns_out, names[i]);
}

void results_header(struct csv_writer *w, const struct results_columns *columns)
{
	csv_mark_utf8(w);
	for (size_t i = 0; i < columns->count; i++)
		csv_text(w, columns->names[i]);
	csv_text(w, "ordinal");
	csv_text(w, "outcome");
	if (!columns->has_event_id)
		csv_text(w, "event_id");
	csv_text(w, "error_code");
	csv_text(w, "error_message");
	csv_text(w, "error_suggestion");
	csv_end_row(w);
}

/* "12;13" or "a|b" of a list, as the import reads it. */
static const char *joined(struct arena *arena, const json_t *list)
{
	const char *text = "";
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *value = json_array_get(list, i);
		const char *word = json_string_value(value);
		text = arena_printf(arena, "%s%s%s", text, !i ? "" : word ? "|" : ";", word ? word : json_text(arena, value, NULL));
	}
	return text;
}

static void value_cell(struct csv_writer *w, struct arena *arena, const char *name, const json_t *value)
{
	if (!value || json_is_null(value))
		csv_text(w, "");
	else if (json_is_string(value))
		csv_text(w, json_string_value(value));
	else if (json_is_integer(value))
		csv_number(w, json_text(arena, value, NULL));
	else if (json_is_array(value) && strcmp(name, "attributes") != 0)
		csv_text(w, joined(arena, value));
	else
		csv_text(w, json_text(arena, value, NULL));
}

/* Where a column's value stands: in the item, in an update's values, or in its
 * selector. */
static const json_t *value_of(const json_t *input, const char *name)
{
	const json_t *selector = json_object_get(input, "selector");
	bool selects = selector && (strcmp(name, "event_id") == 0 || strcmp(name, "client_id") == 0);
	const json_t *value = selects ? json_object_get(selector, name) : json_object_get(input, name);
	return value ? value : json_object_get(json_object_get(input, "values"), name);
}

/* The first error; the message of an item that can't be split into columns
 * also says what it was. */
static void error_cells(struct csv_writer *w, struct arena *arena, const json_t *input, const char *detail)
{
	struct fail ignored = { .kind = FAIL_NONE };
	json_t *object = detail ? json_read(arena, detail, strlen(detail), &ignored) : NULL;
	const json_t *error = json_array_get(json_object_get(object, "errors"), 0);
	const json_t *conflict = json_array_get(json_object_get(object, "conflicts"), 0);
	const char *code = json_string_value(json_object_get(error ? error : conflict, error ? "code" : "kind"));
	const struct code_info *info = code ? code_info(code_by_name(code)) : NULL;
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *suggestion = json_string_value(json_object_get(error, "suggestion"));
	if (!message && info)
		message = info->cause;
	if (message && json_is_string(input))
		message = arena_printf(arena, "%s: %.500s", message, json_string_value(input));
	csv_text(w, code);
	csv_text(w, message);
	csv_text(w, suggestion || !info ? suggestion : info->fix);
}

void results_row(struct csv_writer *w, struct arena *arena, const struct results_columns *columns,
		 const struct item_result *item)
{
	struct fail ignored = { .kind = FAIL_NONE };
	char number[24];
	const json_t *input = json_read(arena, item->input, strlen(item->input), &ignored);
	for (size_t i = 0; i < columns->count; i++)
		value_cell(w, arena, columns->names[i], value_of(input, columns->names[i]));
	snprintf(number, sizeof number, "%lld", (long long)item->ordinal);
	csv_number(w, number);
	csv_text(w, outcome_name(item->outcome));
	snprintf(number, sizeof number, "%lld", (long long)item->event_id);
	if (!columns->has_event_id)
		csv_number(w, item->event_id > 0 ? number : "");
	error_cells(w, arena, input, item->detail);
	csv_end_row(w);
}
