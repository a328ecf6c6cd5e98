/* What the fields of a series must agree on. */
#include "rules/event_series.h"

#include <string.h>


bool event_series_open(const struct event *event, struct recurrence *rule, struct recurrence_series *series_out)
{
	struct recurrence_refusal why;

	*series_out = (struct recurrence_series){
		.local_start = event->timezone ? event->local_start : event->starts_at,
		.zone = event->timezone ? zone_find(event->timezone) : NULL,
		.exdates = event->exdates,
		.exdate_count = event->exdate_count,
		.rdates = event->rdates,
		.rdate_count = event->rdate_count,
	};
	if (!event->recurrence)
		return true;
	series_out->rule = rule;
	return recurrence_parse(event->recurrence, strlen(event->recurrence), true, rule, &why);
}

/* The first instances of the rule alone, or with its exceptions. */
static bool first_instance(const struct recurrence_series *series, bool exceptions, struct recurrence_instance *first,
			   struct reader *r)
{
	struct recurrence_series bare = *series;
	size_t count;

	if (!exceptions)
		bare.exdate_count = bare.rdate_count = 0;
	if (recurrence_expand(&bare, INT64_MIN, INT64_MAX, first, 1, &count) == RECUR_TOO_EXPENSIVE) {
		reader_issue(r, CODE_RECURRENCE_TOO_EXPENSIVE, "recurrence", NULL,
			     "no occurrence was found within the work that a rule may make");
		return false;
	}
	if (count > 0)
		return true;
	if (exceptions)
		reader_issue(r, CODE_RECURRENCE_EMPTY, "exdates", "Leave at least one occurrence.",
			     "every occurrence is excluded");
	else
		reader_issue(r, CODE_RECURRENCE_EMPTY, "recurrence", NULL, "no day from the start up to 2100 fits the rule");
	return false;
}

/* RFC 5545 leaves open what a start means that its rule does not have. */
static void settle_start(struct event *event, const struct recurrence_instance *first, uint32_t given, bool normalise,
			 struct reader *r)
{
	int64_t local = event->timezone ? event->local_start : event->starts_at;
	bool is_local = event->timezone != NULL && !(given & FIELD_STARTS_AT);
	char is[TIME_TEXT_SIZE], right[TIME_TEXT_SIZE];
	const char *suggestion;

	if (first->local_start == local && first->start_utc == event->starts_at)
		return;
	if (normalise) {
		event->starts_at = first->start_utc;
		event->ends_at = first->start_utc + event->duration_s;
		event->time_flag = first->flag;
		if (event->timezone)
			event->local_start = first->local_start;
		return;
	}
	if (is_local) {
		time_format_local(local, is);
		time_format_local(first->local_start, right);
	} else {
		time_format_utc(event->starts_at, is);
		time_format_utc(first->start_utc, right);
	}
	suggestion = arena_printf(r->issues->arena, "Start at %s, or set normalise to true.", right);
	if (first->local_start == local)
		reader_issue(r, CODE_START_NOT_IN_RECURRENCE, "starts_at", suggestion,
			     "%s is the second time that the clock shows this; a series takes the first", is);
	else
		reader_issue(r, CODE_START_NOT_IN_RECURRENCE, is_local ? "local_start" : "starts_at", suggestion,
			     "%s is not an occurrence of %s", is, event->recurrence);
}

/* An override of what is no occurrence would never be seen. */
static void settle_overrides(struct event *event, const struct recurrence_series *series, bool given, struct reader *r)
{
	struct arena *arena = r->issues->arena;
	struct fail fail = { .kind = FAIL_NONE };
	struct recurrence_series all = *series;
	json_t *value;
	void *iter, *next;

	if (!event->overrides)
		return;
	all.exdate_count = 0; /* one that is left out may come back */
	value = json_read(arena, event->overrides, strlen(event->overrides), &fail);
	for (iter = json_object_iter(value); iter; iter = next) {
		const char *key = json_object_iter_key(iter);
		int64_t local;

		next = json_object_iter_next(value, iter);
		if (time_parse_local(key, strlen(key), &local) && recurrence_has(&all, local))
			continue;
		if (given)
			reader_issue(r, CODE_NO_SUCH_OCCURRENCE, arena_printf(arena, "overrides/%s", key), NULL,
				     "the series has no occurrence at %s", issue_excerpt(arena, key, strlen(key)));
		else
			json_object_del(value, key);
	}
	if (!given)
		event->overrides = json_object_size(value) ? json_text(arena, value, NULL) : NULL;
}

/* Exceptions of what happens once: a mistake when given, else what is left of
 * the series that it was. */
static void settle_single(struct event *event, uint32_t given, struct reader *r)
{
	const char *name = given & FIELD_EXDATES && event->exdate_count ? "exdates"
			   : given & FIELD_OVERRIDES && event->overrides ? "overrides"
									    : NULL;

	if (name)
		reader_issue(r, CODE_INVALID_VALUE, name, "Add recurrence, or leave it out.",
			     "%s is given without recurrence or rdates", name);
	event->exdates = NULL;
	event->exdate_count = 0;
	event->overrides = NULL;
}

void series_settle(struct event *event, uint32_t given, bool normalise, struct reader *r)
{
	struct recurrence_instance first;
	struct recurrence_series series;
	struct recurrence rule;

	if (!event->recurrence && event->rdate_count == 0) {
		settle_single(event, given, r);
		return;
	}
	if (!event_series_open(event, &rule, &series)) {
		reader_issue(r, CODE_RECURRENCE_INVALID, "recurrence", NULL, "the rule can't be read");
		return;
	}
	if (!first_instance(&series, false, &first, r))
		return;
	settle_start(event, &first, given, normalise, r);
	series.local_start = first.local_start;
	if (r->bad || !first_instance(&series, true, &first, r))
		return;
	settle_overrides(event, &series, (given & FIELD_OVERRIDES) != 0, r);
}
