#include "web/restriction_input.h"

#include "base/clock.h"
#include "rules/read.h"
#include "store/resources.h"
#include "web/api_input.h"
#include "web/calendar_input.h"
#include "web/session.h"

static void problem(struct issues *issues, enum code code, const char *name, const char *suggestion, const char *message)
{
	issue_add(issues, code, arena_printf(issues->arena, "/%s", name), suggestion, "%s", message);
}

static void read_time(const json_t *object, const char *name, int64_t *out, struct issues *issues)
{
	const json_t *value = json_object_get(object, name);
	struct reader reader = { .issues = issues, .base = "" };
	if (!value || json_is_null(value))
		return;
	*out = 0;
	if (!json_is_string(value))
		problem(issues, CODE_INVALID_TYPE, name, "Write it as 2026-12-01T09:00:00Z", "That is not a time");
	else
		(void)read_utc(&reader, name, json_string_value(value), json_string_length(value), out);
}

static bool is_in(const struct str *list, const char *name)
{
	return list->len && compliance_names(str_text(list), name);
}

/* A list of names becomes one text, comma-separated; NULL when it is empty. */
static const char *read_names(const json_t *object, const char *name, bool are_types, const char *present, struct issues *issues)
{
	const json_t *value = json_object_get(object, name), *element;
	struct reader reader = { .issues = issues, .base = "" };
	struct str out = STR_INIT;
	size_t i;
	if (!value)
		return present;
	if (!json_is_null(value) && (!json_is_array(value) || json_array_size(value) > RESTRICTION_NAMES_MAX)) {
		issue_add(issues, json_is_array(value) ? CODE_OUT_OF_RANGE : CODE_INVALID_TYPE, arena_printf(issues->arena, "/%s", name),
			  NULL, "%s is a list of at most %d texts", name, RESTRICTION_NAMES_MAX);
		return present;
	}
	json_array_foreach(value, i, element) {
		const char *text, *at = arena_printf(issues->arena, "%s/%zu", name, i);
		if (!json_is_string(element)) {
			reader_issue(&reader, CODE_INVALID_TYPE, at, "Write it as a text", "That is not a text");
		} else if (are_types) {
			if (!check_schedule_type(&reader, at, json_string_value(element)))
				continue;
		} else if (!read_text(&reader, at, element, RESTRICTION_TAG_MAX, &text)) {
			continue;
		} else if (!*text || strchr(text, ',')) {
			reader_issue(&reader, CODE_INVALID_VALUE, at, NULL, "A tag is not empty and has no comma");
		}
		if (json_is_string(element) && !is_in(&out, json_string_value(element)))
			str_addf(&out, "%s%s", out.len ? "," : "", json_string_value(element));
	}
	const char *names = out.len ? arena_strdup(issues->arena, str_text(&out)) : NULL;
	str_free(&out);
	return names;
}

/* Ids become one text; that they exist is asked later. */
static const char *read_alternatives(const json_t *object, const char *present, struct issues *issues)
{
	const json_t *value = json_object_get(object, "alternatives"), *element;
	struct str out = STR_INIT;
	size_t i;
	if (!value)
		return present;
	if (!json_is_null(value) && (!json_is_array(value) || json_array_size(value) > RESTRICTION_ALTERNATIVES_MAX)) {
		issue_add(issues, json_is_array(value) ? CODE_OUT_OF_RANGE : CODE_INVALID_TYPE, "/alternatives", "Write it as [8, 9]",
			  "alternatives is a list of at most %d ids of resources", RESTRICTION_ALTERNATIVES_MAX);
		return present;
	}
	json_array_foreach(value, i, element) {
		char id[24];
		snprintf(id, sizeof(id), "%lld", (long long)json_integer_value(element));
		if (json_integer_value(element) < 1)
			issue_add(issues, CODE_INVALID_TYPE, arena_printf(issues->arena, "/alternatives/%zu", i), NULL,
				  "That is not the id of a resource");
		else if (!is_in(&out, id))
			str_addf(&out, "%s%s", out.len ? "," : "", id);
	}
	const char *ids = arena_strdup(issues->arena, str_text(&out));
	str_free(&out);
	return ids;
}

static void read_level(const json_t *object, struct restriction *rule, struct issues *issues)
{
	const char *level = text_member(object, "level", rule->is_hard ? "hard" : "advisory", 1, 8, issues);
	rule->is_hard = strcmp(level, "hard") == 0;
	if (!rule->is_hard && strcmp(level, "advisory") != 0)
		problem(issues, CODE_INVALID_VALUE, "level", NULL, "level is hard or advisory");
}

static bool has_issue(const struct issues *issues, const char *pointer)
{
	for (size_t i = 0; i < issues->count; i++)
		if (strcmp(issues->list[i].pointer, pointer) == 0)
			return true;
	return false;
}

static void check_times(const struct restriction *rule, struct issues *issues)
{
	if (!rule->from_utc && !has_issue(issues, "/from"))
		problem(issues, CODE_REQUIRED, "from", "Write it as 2026-12-01T09:00:00Z", "from is missing");
	if (!rule->to_utc && !has_issue(issues, "/to"))
		problem(issues, CODE_REQUIRED, "to", "Write it as 2026-12-01T09:00:00Z", "to is missing");
	else if (rule->from_utc && rule->to_utc && rule->to_utc <= rule->from_utc)
		problem(issues, CODE_ENDS_BEFORE_START, "to", "Swap the two or correct one.", "to is not after from");
}

/* The resource and its alternatives exist, and are not the same. */
static bool check_resources(struct ctx *ctx, const struct restriction_row *row, struct issues *issues)
{
	int64_t ids[RESTRICTION_ALTERNATIVES_MAX], self = row->rule.resource_id;
	size_t count = restriction_ids(row->alternatives, ids, RESTRICTION_ALTERNATIVES_MAX), found = 0;
	struct alternative_ref *others = NULL;
	struct resource resource;
	if (self && !resource_get(ctx, self, &resource)) {
		if (ctx->fail.kind != FAIL_NOT_FOUND)
			return false;
		fail_clear(&ctx->fail);
		issue_add(issues, CODE_RESOURCE_NOT_FOUND, "/resource_id", "Check the id; /resources lists them.",
			  "There is no resource %lld", (long long)self);
	}
	if (count && !alternatives_fetch(ctx, ids, count, &others, &found))
		return false;
	for (size_t i = 0; i < count; i++) {
		bool exists = false;
		for (size_t f = 0; f < found; f++)
			exists |= others[f].id == ids[i];
		if (ids[i] == self)
			issue_add(issues, CODE_INVALID_VALUE, "/alternatives", "Leave it out.", "Resource %lld can't stand in for itself",
				  (long long)ids[i]);
		else if (!exists)
			issue_add(issues, CODE_RESOURCE_NOT_FOUND, "/alternatives", "Check the id; /resources lists them.",
				  "There is no resource %lld", (long long)ids[i]);
	}
	return true;
}

bool restriction_read(struct request *request, const json_t *object, struct restriction_row *row, struct issues *issues)
{
	static const char *const members[] = { "resource_id",	 "from", "to",	   "level",	   "schedule_types",
					       "tags", "reason", "alternatives", NULL };
	struct restriction *rule = &row->rule;
	refuse_unknown(object, members, issues);
	rule->resource_id = int_member(object, "resource_id", rule->resource_id, 1, INT64_MAX, issues);
	if (!rule->resource_id && !has_issue(issues, "/resource_id"))
		problem(issues, CODE_REQUIRED, "resource_id", NULL, "resource_id is missing: who or what is restricted");
	read_time(object, "from", &rule->from_utc, issues);
	read_time(object, "to", &rule->to_utc, issues);
	check_times(rule, issues);
	read_level(object, rule, issues);
	rule->schedule_types = read_names(object, "schedule_types", true, rule->schedule_types, issues);
	rule->tags = read_names(object, "tags", false, rule->tags, issues);
	row->reason = text_member(object, "reason", row->reason, 1, RESTRICTION_REASON_MAX, issues);
	if (!row->reason[strspn(row->reason, " \t\r\n")] && !has_issue(issues, "/reason"))
		problem(issues, CODE_REQUIRED, "reason", NULL, "reason is missing: whoever schedules is told it");
	row->alternatives = read_alternatives(object, row->alternatives, issues);
	return check_resources(request->ctx, row, issues);
}

/* --- permission ---------------------------------------------------------------- */

/* No type has this name: only a grant for all types gives it. */
#define EVERY_TYPE "*"

bool restriction_is_permitted(const struct actor *actor, const struct restriction *rule)
{
	char type[EVENT_TYPE_MAX + 1];
	const char *at = rule->schedule_types;
	if (!at || !*at || (rule->tags && *rule->tags))
		return permitted_for(actor, PERMIT_RESOLVE_CONFLICTS, EVERY_TYPE, 0);
	while (*at) {
		size_t len = strcspn(at, ",");
		if (len > EVENT_TYPE_MAX)
			return false;
		memcpy(type, at, len);
		type[len] = '\0';
		if (!permitted_for(actor, PERMIT_RESOLVE_CONFLICTS, type, 0))
			return false;
		at += len + (at[len] == ',');
	}
	return true;
}

bool restriction_permit(struct ctx *ctx, const struct restriction *rule)
{
	return restriction_is_permitted(ctx->actor, rule) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your role does not allow restrictions for %s",
			rule->schedule_types && *rule->schedule_types && !(rule->tags && *rule->tags) ? rule->schedule_types
												     : "all types");
}

/* --- filters --------------------------------------------------------------------- */

static int64_t time_param(struct request *request, const char *name, struct issues *issues)
{
	const char *text = param(request, name);
	struct reader reader = { .issues = issues, .base = "" };
	int64_t utc = 0;
	if (!text || !*text || day_read(text, session_zone(request), &utc))
		return utc;
	(void)read_utc(&reader, name, text, strlen(text), &utc);
	return utc;
}

void restriction_filter_read(struct request *request, struct restriction_filter *filter, struct issues *issues)
{
	const char *resource = param(request, "resource_id");
	*filter = (struct restriction_filter){ .from_utc = time_param(request, "from", issues), .to_utc = time_param(request, "to", issues) };
	if (resource && *resource && (!parse_i64(resource, strlen(resource), &filter->resource_id) || filter->resource_id < 1))
		problem(issues, CODE_INVALID_VALUE, "resource_id", NULL, "resource_id is not the id of a resource");
	if (filter->from_utc && filter->to_utc && filter->to_utc <= filter->from_utc)
		problem(issues, CODE_ENDS_BEFORE_START, "to", "Swap the two or correct one.", "to is not after from");
}
