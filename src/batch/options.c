/* Options of a batch, by one table. */
#include "batch/options.h"

#include <stddef.h>

#include "base/config.h"

enum option_type { OPTION_BOOL, OPTION_INT32, OPTION_INT64, OPTION_ON_CONFLICT, OPTION_SCOPE, OPTION_TEXT, OPTION_IDS, OPTION_NOTIFY };

#define ANY (1u << JOB_CREATE | 1u << JOB_UPDATE | 1u << JOB_EVALUATE)
#define WRITES (1u << JOB_CREATE | 1u << JOB_UPDATE)
#define LOOKS (1u << JOB_EVALUATE)

static const struct option_rule {
	const char *name;
	size_t offset;
	int64_t min, max;
	enum option_type type;
	unsigned job_types;
} option_rules[] = {
	{ "chunk_size", offsetof(struct batch_options, chunk_size), 1, 1000, OPTION_INT32, ANY },
	{ "time_budget_ms", offsetof(struct batch_options, time_budget_ms), 10, 20000, OPTION_INT64, ANY },
	{ "max_concurrency", offsetof(struct batch_options, max_concurrency), 1, 8, OPTION_INT32, ANY },
	{ "stop_on_error", offsetof(struct batch_options, stop_on_error), 0, 1, OPTION_BOOL, ANY },
	{ "rollback_on_error", offsetof(struct batch_options, rollback_on_error), 0, 1, OPTION_BOOL, WRITES },
	{ "atomic", offsetof(struct batch_options, atomic), 0, 1, OPTION_BOOL, WRITES },
	{ "validate_before_execute", offsetof(struct batch_options, validate_before_execute), 0, 1, OPTION_BOOL, WRITES },
	{ "dry_run", offsetof(struct batch_options, dry_run), 0, 1, OPTION_BOOL, WRITES },
	{ "ordered", offsetof(struct batch_options, ordered), 0, 1, OPTION_BOOL, ANY },
	{ "retry_attempts", offsetof(struct batch_options, retry_attempts), 0, 10, OPTION_INT32, ANY },
	{ "retry_backoff_ms", offsetof(struct batch_options, retry_backoff_ms), 100, 300000, OPTION_INT64, ANY },
	{ "on_conflict", offsetof(struct batch_options, resolution.on_conflict), 0, 0, OPTION_ON_CONFLICT, ANY },
	{ "conflict_scope", offsetof(struct batch_options, resolution.scope), 0, 0, OPTION_SCOPE, ANY },
	{ "shift_limit_s", offsetof(struct batch_options, resolution.shift_limit_s), 0, SHIFT_LIMIT_MAX_S, OPTION_INT64, ANY },
	{ "shift_grid_s", offsetof(struct batch_options, resolution.shift_grid_s), 1, 86400, OPTION_INT64, ANY },
	{ "reason", offsetof(struct batch_options, resolution.reason), 0, 500, OPTION_TEXT, WRITES },
	{ "conflict_window_s", offsetof(struct batch_options, conflict_window_s), 0, 2592000, OPTION_INT64, ANY },
	{ "check_compliance", offsetof(struct batch_options, check_compliance), 0, 1, OPTION_BOOL, ANY },
	{ "normalise", offsetof(struct batch_options, normalise), 0, 1, OPTION_BOOL, ANY },
	{ "priority", offsetof(struct batch_options, priority), -10, 10, OPTION_INT32, ANY },
	{ "check_due", offsetof(struct batch_options, check_due), 0, 1, OPTION_BOOL, LOOKS },
	{ "list_occurrences", offsetof(struct batch_options, list_occurrences), 0, 1000, OPTION_INT32, LOOKS },
	{ "conflict_details", offsetof(struct batch_options, conflict_details), 0, 20, OPTION_INT32, LOOKS },
	{ "depends_on", offsetof(struct batch_options, depends_on), 1, DEPENDS_ON_MAX, OPTION_IDS, ANY },
	{ "label", offsetof(struct batch_options, label), 0, JOB_LABEL_MAX, OPTION_TEXT, ANY },
	{ "notify", offsetof(struct batch_options, notify_webhook), 1, 0, OPTION_NOTIFY, ANY },
};
#define OPTION_COUNT (sizeof(option_rules) / sizeof(option_rules[0]))

void options_default(const struct config *config, struct batch_options *options)
{
	*options = (struct batch_options){
		.max_concurrency = 3,
		.retry_attempts = 3,
		.retry_backoff_ms = 1000,
		.resolution = RESOLUTION_DEFAULT,
		.conflict_window_s = config->conflict_window_s,
		.check_compliance = true,
		.conflict_details = 20,
		.list_occurrences = 10,
	};
}

static const struct option_rule *rule_of(const char *name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strcmp(option_rules[i].name, name) == 0)
			return &option_rules[i];
	return NULL;
}

static bool makes_room(enum on_conflict on_conflict)
{
	return on_conflict == ON_CONFLICT_REPLACE || on_conflict == ON_CONFLICT_SHIFT;
}

static void read_on_conflict(const json_t *value, const char *pointer, enum on_conflict *out, struct issues *issues)
{
	const char *word = json_string_value(value);
	if (word && on_conflict_by_name(word, out))
		return;
	issue_add(issues, CODE_INVALID_VALUE, pointer, "Use fail, skip, keep_both, replace, shift or ask",
		  "on_conflict can't be “%.30s”", word ? word : "(not a text)");
}

static void read_scope(const json_t *value, const char *pointer, enum conflict_scope *out, struct issues *issues)
{
	const char *word = json_string_value(value);
	if (!word || !conflict_scope_by_name(word, out))
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Use item or occurrence", "conflict_scope can't be “%.30s”",
			  word ? word : "(not a text)");
}

static void read_int(const struct option_rule *rule, const json_t *value, const char *pointer, void *field,
		     struct issues *issues)
{
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value))
		issue_add(issues, CODE_INVALID_TYPE, pointer, NULL, "%s must be a whole number", rule->name);
	else if (number < rule->min || number > rule->max)
		issue_add(issues, CODE_OUT_OF_RANGE, pointer, NULL, "%s is %lld; it must be from %lld to %lld", rule->name,
			  (long long)number, (long long)rule->min, (long long)rule->max);
	else if (rule->type == OPTION_INT32)
		*(int32_t *)field = (int32_t)number;
	else
		*(int64_t *)field = number;
}

static void read_text(const struct option_rule *rule, const json_t *value, const char *pointer, const char **field,
		      struct issues *issues)
{
	const char *text = json_string_value(value);
	if (!text)
		issue_add(issues, CODE_INVALID_TYPE, pointer, NULL, "%s must be a text", rule->name);
	else if (utf8_length(text, strlen(text)) > (size_t)rule->max)
		issue_add(issues, CODE_TOO_LONG, pointer, NULL, "%s may have %lld characters", rule->name, (long long)rule->max);
	else
		*field = arena_strdup(issues->arena, text);
}

static bool is_listed(const struct id_list *list, int64_t id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->ids[i] == id)
			return true;
	return false;
}

static void read_ids(const struct option_rule *rule, const json_t *value, const char *pointer, struct id_list *field,
		     struct issues *issues)
{
	const json_t *element;
	size_t i;
	if (!json_is_array(value) || json_array_size(value) > (size_t)rule->max) {
		issue_add(issues, json_is_array(value) ? CODE_OUT_OF_RANGE : CODE_INVALID_TYPE, pointer, "Write it as [17, 18]",
			  "%s must be a list of at most %lld ids of batches", rule->name, (long long)rule->max);
		return;
	}
	int64_t *ids = arena_array(issues->arena, json_array_size(value) + 1, sizeof(*ids));
	struct id_list list = { ids, 0 };
	json_array_foreach(value, i, element) {
		json_int_t id = json_integer_value(element);
		if (id < 1)
			issue_add(issues, CODE_INVALID_TYPE, arena_printf(issues->arena, "%s/%zu", pointer, i), NULL,
				  "That is not the id of a batch");
		else if (!is_listed(&list, id))
			ids[list.count++] = id;
	}
	*field = list;
}

/* {"webhook_id": 7} */
static void read_notify(const json_t *value, const char *pointer, int64_t *field, struct issues *issues)
{
	const json_t *id = json_object_get(value, "webhook_id");
	if (!json_is_object(value) || json_object_size(value) != (id ? 1 : 0))
		issue_add(issues, CODE_INVALID_TYPE, pointer, "Write it as {\"webhook_id\": 7}", "notify names a webhook and nothing else");
	else if (json_integer_value(id) < 1)
		issue_add(issues, CODE_INVALID_TYPE, arena_printf(issues->arena, "%s/webhook_id", pointer), NULL,
			  "That is not the id of a webhook");
	else
		*field = json_integer_value(id);
}

static void read_option(const char *name, const json_t *value, enum job_type type, struct batch_options *options,
			struct issues *issues)
{
	const struct option_rule *rule = rule_of(name);
	const char *pointer = arena_printf(issues->arena, "/options/%.60s", name);
	if (!rule || !(rule->job_types & 1u << type)) {
		issue_add(issues, CODE_UNKNOWN_OPTION, pointer, NULL, "“%.60s” is not an option of %s", name, job_type_name(type));
		return;
	}
	void *field = (char *)options + rule->offset;
	switch (rule->type) {
	case OPTION_BOOL:
		if (json_is_boolean(value))
			*(bool *)field = json_is_true(value);
		else
			issue_add(issues, CODE_INVALID_TYPE, pointer, NULL, "%s must be true or false", name);
		break;
	case OPTION_INT32:
	case OPTION_INT64:
		read_int(rule, value, pointer, field, issues);
		break;
	case OPTION_ON_CONFLICT:
		read_on_conflict(value, pointer, field, issues);
		break;
	case OPTION_SCOPE:
		read_scope(value, pointer, field, issues);
		break;
	case OPTION_TEXT:
		read_text(rule, value, pointer, field, issues);
		break;
	case OPTION_IDS:
		read_ids(rule, value, pointer, field, issues);
		break;
	case OPTION_NOTIFY:
		read_notify(value, pointer, field, issues);
		break;
	}
}

void options_settle(struct batch_options *options, bool is_order_given)
{
	/* A dry run shows what the real one would do in input order; and what
	 * makes room for itself does it in that order, unless told otherwise. */
	options->ordered |= options->dry_run || (!is_order_given && makes_room(options->resolution.on_conflict));
	/* All or nothing says already what becomes of the rest. */
	options->stop_on_error &= !options->atomic;
	options->rollback_on_error &= !options->atomic;
}

bool options_read(const json_t *object, enum job_type type, struct batch_options *options, struct issues *issues)
{
	const char *name;
	json_t *value;
	size_t before = issues->count;
	if (!json_is_object(object)) {
		issue_add(issues, CODE_INVALID_TYPE, "/options", NULL, "options must be an object");
		return false;
	}
	/* The iterator is not const-correct; it only reads. */
	json_object_foreach((json_t *)(uintptr_t)object, name, value) {
		if (!json_is_null(value))
			read_option(name, value, type, options, issues);
	}
	options_settle(options, json_object_get(object, "ordered") != NULL);
	if (options->atomic && options->resolution.on_conflict == ON_CONFLICT_ASK)
		issue_add(issues, CODE_ATOMIC_CANNOT_ASK, "/options/on_conflict",
			  "Evaluate first and decide by that, choose another way, or leave out atomic",
			  "A batch that is all or nothing can't wait for decisions");
	return issues->count == before;
}

static void write_option(struct json_writer *w, const struct option_rule *rule, const struct batch_options *options)
{
	const void *field = (const char *)options + rule->offset;
	switch (rule->type) {
	case OPTION_BOOL:
		jw_bool(w, rule->name, *(const bool *)field);
		break;
	case OPTION_INT32:
		if (*(const int32_t *)field || rule->min <= 0)
			jw_int(w, rule->name, *(const int32_t *)field);
		break;
	case OPTION_INT64:
		if (*(const int64_t *)field || rule->min <= 0)
			jw_int(w, rule->name, *(const int64_t *)field);
		break;
	case OPTION_ON_CONFLICT:
		jw_text(w, rule->name, on_conflict_name(*(const enum on_conflict *)field));
		break;
	case OPTION_SCOPE:
		jw_text(w, rule->name, conflict_scope_name(*(const enum conflict_scope *)field));
		break;
	case OPTION_IDS:
		if (((const struct id_list *)field)->count)
			jw_ids(w, rule->name, ((const struct id_list *)field)->ids, ((const struct id_list *)field)->count);
		break;
	case OPTION_TEXT:
		/* The label stands in the batch's row. */
		if (rule->offset != offsetof(struct batch_options, label) && *(const char *const *)field)
			jw_text(w, rule->name, *(const char *const *)field);
		break;
	case OPTION_NOTIFY:
		if (!*(const int64_t *)field)
			break;
		jw_object(w, rule->name);
		jw_int(w, "webhook_id", *(const int64_t *)field);
		jw_end_object(w);
		break;
	}
}

#define CONFLICTS_ONLY "conflicts_only"
#define FROM_EVALUATION "from_evaluation"

char *options_text(struct arena *arena, enum job_type type, const struct batch_options *options)
{
	struct str out = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_rules[i].job_types & 1u << type)
			write_option(&w, &option_rules[i], options);
	if (options->conflicts_only)
		jw_bool(&w, CONFLICTS_ONLY, true);
	if (options->from_evaluation)
		jw_int(&w, FROM_EVALUATION, options->from_evaluation);
	jw_end_object(&w);
	char *text = arena_strdup(arena, str_text(&out));
	str_free(&out);
	return text;
}

bool options_load(const struct config *config, struct arena *arena, enum job_type type, const char *text,
		  struct batch_options *options)
{
	struct fail fail = { 0 };
	struct issues issues = { .arena = arena };
	options_default(config, options);
	json_t *object = json_read(arena, text, strlen(text), &fail);
	if (!object)
		return false;
	options->conflicts_only = json_is_true(json_object_get(object, CONFLICTS_ONLY));
	json_object_del(object, CONFLICTS_ONLY);
	options->from_evaluation = json_integer_value(json_object_get(object, FROM_EVALUATION));
	json_object_del(object, FROM_EVALUATION);
	return options_read(object, type, options, &issues);
}

bool job_options(struct ctx *ctx, const struct job *job, struct batch_options *options)
{
	return options_load(ctx->config, ctx->arena, job->type, job->options, options) ||
	       fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The batch's options can't be read");
}
