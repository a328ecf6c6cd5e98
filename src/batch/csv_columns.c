/* Columns of a CSV. */
#include "batch/csv_columns.h"

#include <string.h>

#include "base/json.h"

#define CREATES (1u << JOB_CREATE | 1u << JOB_EVALUATE)
#define UPDATES (1u << JOB_UPDATE)
#define ALL (CREATES | UPDATES)

/* Which columns there are, and what a cell of each becomes. The last five are
 * those of a results file, which can be corrected and sent again as it is. */
static const struct column columns[] = {
	{ "client_id", COLUMN_TEXT, PLACE_VALUES, CREATES },
	{ "client_id", COLUMN_TEXT, PLACE_SELECTOR, UPDATES },
	{ "event_id", COLUMN_INT, PLACE_SELECTOR, UPDATES },
	{ "event_id", COLUMN_INT, PLACE_TOP, 1u << JOB_EVALUATE },
	{ "event_id", COLUMN_IGNORED, PLACE_VALUES, 1u << JOB_CREATE },
	{ "expected_version", COLUMN_INT, PLACE_TOP, UPDATES },
	{ "id", COLUMN_TEXT, PLACE_TOP, ALL },
	{ "depends_on", COLUMN_KEYS, PLACE_TOP, ALL },
	{ "shift_s", COLUMN_INT, PLACE_VALUES, UPDATES },
	{ "content_id", COLUMN_INT, PLACE_VALUES, ALL },
	{ "version_no", COLUMN_INT, PLACE_VALUES, ALL },
	{ "schedule_type", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "title", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "starts_at", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "ends_at", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "duration_s", COLUMN_INT, PLACE_VALUES, ALL },
	{ "timezone", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "local_start", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "resources", COLUMN_IDS, PLACE_VALUES, ALL },
	{ "assignees", COLUMN_IDS, PLACE_VALUES, ALL },
	{ "priority", COLUMN_INT, PLACE_VALUES, ALL },
	{ "status", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "attributes", COLUMN_JSON, PLACE_VALUES, ALL },
	{ "conditions", COLUMN_JSON, PLACE_VALUES, ALL },
	{ "misfire", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "grace_s", COLUMN_INT, PLACE_VALUES, ALL },
	{ "recurrence", COLUMN_TEXT, PLACE_VALUES, ALL },
	{ "exdates", COLUMN_TIMES, PLACE_VALUES, ALL },
	{ "rdates", COLUMN_TIMES, PLACE_VALUES, ALL },
	{ "overrides", COLUMN_JSON, PLACE_VALUES, ALL },
	{ "scope", COLUMN_TEXT, PLACE_TOP, UPDATES },
	{ "occurrence", COLUMN_TEXT, PLACE_TOP, UPDATES },
	{ "ordinal", COLUMN_IGNORED, PLACE_VALUES, ALL },
	{ "outcome", COLUMN_IGNORED, PLACE_VALUES, ALL },
	{ "error_code", COLUMN_IGNORED, PLACE_VALUES, ALL },
	{ "error_message", COLUMN_IGNORED, PLACE_VALUES, ALL },
	{ "error_suggestion", COLUMN_IGNORED, PLACE_VALUES, ALL },
};

const struct column *csv_column(const char *name, enum job_type type)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (strcmp(columns[i].name, name) == 0 && columns[i].job_types & 1u << type)
			return &columns[i];
	return NULL;
}

static void add_name(struct str *object, const char *name)
{
	if (object->len)
		str_addc(object, ',');
	json_quote(object, name, strlen(name));
	str_addc(object, ':');
}

static void add_int(struct str *object, const char *text, size_t len)
{
	int64_t number;
	if (parse_i64(text, len, &number))
		str_addi(object, number);
	else
		json_quote(object, text, len); /* judged with the item: “invalid_type” at its field */
}

/* "12; 13 14" and the like. */
static void add_ids(struct str *object, const char *text, size_t len)
{
	bool first = true;
	str_addc(object, '[');
	for (size_t at = 0; at < len;) {
		size_t end = at;
		while (end < len && !strchr(";|, ", text[end]))
			end++;
		if (end > at) {
			if (!first)
				str_addc(object, ',');
			first = false;
			add_int(object, text + at, end - at);
		}
		at = end + 1;
	}
	str_addc(object, ']');
}

/* "op-1 op-2|op-3" */
static void add_texts(struct str *object, const char *text, size_t len, const char *between)
{
	bool first = true;
	str_addc(object, '[');
	for (size_t at = 0; at < len;) {
		size_t end = at;
		while (end < len && !strchr(between, text[end]))
			end++;
		if (end > at) {
			if (!first)
				str_addc(object, ',');
			first = false;
			json_quote(object, text + at, end - at);
		}
		at = end + 1;
	}
	str_addc(object, ']');
}

void csv_cell(struct str *object, const struct column *column, const char *text, size_t len)
{
	/* Exports put ' before what a spreadsheet would run as a formula. */
	if (len > 1 && text[0] == '\'' && is_formula(text, len))
		text++, len--;
	if (!len || column->kind == COLUMN_IGNORED)
		return;
	add_name(object, column->name);
	switch (column->kind) {
	case COLUMN_INT:
		add_int(object, text, len);
		break;
	case COLUMN_IDS:
		add_ids(object, text, len);
		break;
	case COLUMN_KEYS:
		add_texts(object, text, len, " |");
		break;
	case COLUMN_TIMES: /* 2026-12-01T09:00 2026-12-08T09:00 */
		add_texts(object, text, len, " |;,");
		break;
	case COLUMN_JSON:
		str_add(object, text, len);
		break;
	case COLUMN_TEXT:
	case COLUMN_IGNORED:
		json_quote(object, text, len);
		break;
	}
}
