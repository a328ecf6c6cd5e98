/* Step one: JSON becomes typed operations, every field judged.  Pure. */
#include "base/clock.h"
#include "base/config.h"
#include "rules/read.h"
#include "schedule/apply.h"
#include "schedule/links.h"
#include "schedule/slice.h"

#define SHIFT_MAX_S (366LL * 86400)

/* Update items name stored events; each event is one target, however many
 * items change it. */
static int by_event_id(const void *left, const void *right)
{
	const struct target *a = left, *b = right;
	return (a->stored.id > b->stored.id) - (a->stored.id < b->stored.id);
}

static int id_and_target(const void *left, const void *right)
{
	int64_t id = *(const int64_t *)left;
	const struct target *target = right;
	return (id > target->stored.id) - (id < target->stored.id);
}

struct target *slice_target(const struct slice *slice, int64_t event_id)
{
	if (!slice->target_count)
		return NULL;
	return bsearch(&event_id, slice->targets, slice->target_count, sizeof(*slice->targets), id_and_target);
}

struct target *slice_displaced(const struct slice *slice, int64_t event_id)
{
	if (!slice->displaced_count)
		return NULL;
	return bsearch(&event_id, slice->displaced, slice->displaced_count, sizeof(*slice->displaced), id_and_target);
}

static void collect_targets(struct slice *slice, const struct item_row *rows, size_t count)
{
	struct arena *arena = slice->ctx->arena;
	size_t named = 0;
	for (size_t i = 0; i < count; i++)
		named += rows[i].target != NULL;
	slice->targets = arena_array(arena, named + 1, sizeof(*slice->targets));
	for (size_t i = 0; i < count; i++)
		if (rows[i].target)
			slice->targets[slice->target_count++] = (struct target){ .stored = *rows[i].target,
										  .current = *rows[i].target };
	if (slice->target_count > 1)
		qsort(slice->targets, slice->target_count, sizeof(*slice->targets), by_event_id);
	size_t kept = 0;
	for (size_t i = 0; i < slice->target_count; i++)
		if (!kept || slice->targets[kept - 1].stored.id != slice->targets[i].stored.id)
			slice->targets[kept++] = slice->targets[i];
	slice->target_count = kept;
	for (size_t i = 0; i < count; i++)
		if (rows[i].target)
			slice->items[i].target = slice_target(slice, rows[i].target->id);
}

/* Is this item worked on in the present pass? */
static bool is_worked(const struct slice *slice, const struct slice_item *item)
{
	if (slice->is_linked && item->row->stage != slice->stage)
		return false;
	if (item->outcome == OUTCOME_PENDING)
		return !slice->retrying || slice->retrying & OUTCOME_BIT(OUTCOME_UNPROCESSED);
	if (slice->retrying & RETRY_DECIDED && item->outcome == OUTCOME_CONFLICT && item->decision)
		return true;
	return slice->retrying & OUTCOME_BIT(item->outcome) && !item->is_unreadable;
}

void slice_init(struct slice *slice, struct ctx *ctx, const struct item_row *rows, size_t count)
{
	slice->ctx = ctx;
	slice->count = count;
	slice->items = arena_array(ctx->arena, count + 1, sizeof(*slice->items));
	for (size_t i = 0; i < count; i++) {
		struct slice_item *item = &slice->items[i];
		item->ordinal = rows[i].ordinal;
		item->input = rows[i].input;
		item->row = &rows[i];
		item->outcome = rows[i].outcome;
		item->verdict = rows[i].verdict;
		item->event_id = rows[i].event_id;
		item->decision = rows[i].decision;
		item->is_unreadable = rows[i].outcome == OUTCOME_FAILED && !rows[i].attempts;
		item->was_worked = is_worked(slice, item);
		if (item->was_worked) {
			item->outcome = OUTCOME_PENDING;
			item->verdict = VERDICT_NONE;
			item->event_id = 0;
		} else if (item->outcome == OUTCOME_PENDING) {
			item->outcome = OUTCOME_UNPROCESSED; /* by this pass; stored as pending */
		}
		item->issues.arena = ctx->arena;
		item->warnings.arena = ctx->arena;
	}
	collect_targets(slice, rows, count);
}

const char *slice_pointer(const struct slice *slice, const char *field)
{
	return arena_printf(slice->ctx->arena, "%s/%s", slice->kind == SLICE_UPDATE ? "/values" : "", field);
}

static void refuse_others(const json_t *object, const char *const *known, struct issues *issues)
{
	struct reader reader = { issues, "", false };
	size_t count = 0;
	const char *key;
	json_t *value;
	while (known[count])
		count++;
	/* The iterator is not const-correct; it only reads. */
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		bool is_known = false;
		for (size_t i = 0; i < count; i++)
			is_known |= strcmp(known[i], key) == 0;
		if (!is_known)
			reader_unknown(&reader, CODE_UNKNOWN_FIELD, key, known, count, "this operation");
	}
}

static bool read_int(const json_t *object, const char *name, const char *pointer, int64_t min, int64_t max,
		     int64_t *out, struct issues *issues)
{
	const json_t *value = json_object_get(object, name);
	*out = 0;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value))
		issue_add(issues, CODE_INVALID_TYPE, pointer, "Write it as a whole number without quotes", "%s is not a whole number", name);
	else if (json_integer_value(value) < min || json_integer_value(value) > max)
		issue_add(issues, CODE_OUT_OF_RANGE, pointer, NULL, "%s is %lld; it must be from %lld to %lld", name,
			  (long long)json_integer_value(value), (long long)min, (long long)max);
	else {
		*out = json_integer_value(value);
		return true;
	}
	return false;
}

/* An instruction beside the values, or among them, where a single edit has it. */
static const char *instruction(const struct slice_item *item, const json_t *object, const char *name, bool *given_out)
{
	const json_t *values = json_object_get(object, "values"), *value = json_object_get(object, name);
	if (!value)
		value = json_object_get(values, name);
	*given_out = value && !json_is_null(value);
	return json_is_string(value) ? arena_strdup(item->issues.arena, json_string_value(value)) : NULL;
}

/* Which part of a series is meant. */
static void read_scope(struct slice_item *item, const json_t *object)
{
	bool has_scope, has_occurrence;
	const char *scope = instruction(item, object, "scope", &has_scope);
	const char *occurrence = instruction(item, object, "occurrence", &has_occurrence);
	if (has_scope && (!scope || !edit_scope_by_name(scope, &item->scope)))
		issue_add(&item->issues, CODE_INVALID_VALUE, "/scope", "Use this, following or all.", "“%s” is no part of a series",
			  scope ? issue_excerpt(item->issues.arena, scope, strlen(scope)) : "(not a text)");
	if (item->scope != EDIT_ALL && (!occurrence || !time_parse_local(occurrence, strlen(occurrence), &item->occurrence)))
		issue_add(&item->issues, has_occurrence ? CODE_INVALID_TIME : CODE_REQUIRED, "/occurrence",
			  "Write it as \"2026-12-01T09:00:00\", the local_start of the occurrence", "occurrence says no wall time");
	json_object_del(json_object_get(object, "values"), "scope");
	json_object_del(json_object_get(object, "values"), "occurrence");
}

static void read_update(struct slice_item *item, const json_t *object, unsigned reading)
{
	static const char *const known[] = { "selector", "values", "expected_version", "scope", "occurrence", NULL };
	json_t *values = json_object_get(object, "values");
	struct selector selector;

	refuse_others(object, known, &item->issues);
	if (selector_read(json_object_get(object, "selector"), "/selector", &selector, &item->issues) && !item->target)
		issue_add(&item->issues, CODE_EVENT_NOT_FOUND, "/selector", NULL, "No event of yours is named by this selector");
	(void)read_int(object, "expected_version", "/expected_version", 1, INT32_MAX, &item->expected_version, &item->issues);
	read_scope(item, object);
	if (!json_is_object(values)) {
		issue_add(&item->issues, CODE_REQUIRED, "/values", "Write it as {\"values\": {\"title\": \"…\"}}",
			  "values must be an object with the fields to change");
		return;
	}
	/* shift_s is an instruction, not a field of an event. */
	(void)read_int(values, "shift_s", "/values/shift_s", -SHIFT_MAX_S, SHIFT_MAX_S, &item->shift_s, &item->issues);
	json_object_del(values, "shift_s");
	if (event_read(values, EVENT_VALUES | reading, "/values", &item->event, &item->issues) && item->shift_s &&
	    item->event.given & (FIELD_STARTS_AT | FIELD_LOCAL_START))
		issue_add(&item->issues, CODE_TIME_TWICE, "/values/shift_s", "Keep one of the two",
			  "shift_s can't stand beside a new start");
}

/* A stored event as an update names it: by its id, its client_id, or as one of
 * those that a query found. */
static void evaluate_selected(struct slice_item *item, const json_t *object)
{
	static const char *const known[] = { "selector", NULL };
	struct selector selector;

	refuse_others(object, known, &item->issues);
	if (!selector_read(json_object_get(object, "selector"), "/selector", &selector, &item->issues))
		return;
	if (item->target)
		item->event = item->target->stored;
	else
		issue_add(&item->issues, CODE_EVENT_NOT_FOUND, "/selector", NULL, "No event of yours is named by this selector");
}

static void read_evaluate(struct slice_item *item, const json_t *object, unsigned reading)
{
	static const char *const known[] = { "event_id", NULL };
	int64_t event_id = 0;

	if (json_object_get(object, "selector")) {
		evaluate_selected(item, object);
		return;
	}
	if (!json_object_get(object, "event_id")) {
		(void)event_read(object, EVENT_NEW | reading, "", &item->event, &item->issues);
		return;
	}
	refuse_others(object, known, &item->issues);
	if (!read_int(object, "event_id", "/event_id", 1, INT64_MAX, &event_id, &item->issues))
		return;
	if (item->target)
		item->event = item->target->stored;
	else
		issue_add(&item->issues, CODE_EVENT_NOT_FOUND, "/event_id", NULL, "No event has the id %lld", (long long)event_id);
}

static void read_create(struct slice_item *item, const json_t *object, unsigned reading)
{
	(void)event_read(object, EVENT_NEW | reading, "", &item->event, &item->issues);
}

static void read_activation(struct slice_item *item, const json_t *object, unsigned reading)
{
	(void)reading;
	activation_read(item, object);
}

void slice_read(struct slice *slice)
{
	static void (*const readers[])(struct slice_item *, const json_t *, unsigned) = {
		[SLICE_CREATE] = read_create,
		[SLICE_UPDATE] = read_update,
		[SLICE_EVALUATE] = read_evaluate,
		[SLICE_ACTIVATE] = read_activation,
	};
	unsigned reading = slice->reading | (slice->ctx->config->allow_minutely ? (unsigned)EVENT_MINUTELY : 0);
	/* What is parsed goes away item by item; what is kept is copied into the
	 * slice's arena. */
	struct arena *scratch = arena_new();
	if (!scratch)
		abort();
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		struct fail fail = { 0 };
		if (item->outcome != OUTCOME_PENDING)
			continue;
		json_t *object = json_read(scratch, item->input, strlen(item->input), &fail);
		if (json_is_object(object) && slice_read_links(slice, item, object))
			readers[slice->kind](item, object, reading);
		else if (!json_is_object(object))
			issue_add(&item->issues, object ? CODE_INVALID_TYPE : fail.code, "", NULL, "%s",
				  object ? "An item must be a JSON object" : fail.public_message);
		arena_reset(scratch);
	}
	arena_free(scratch);
}
