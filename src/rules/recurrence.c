#include "rules/recurrence.h"

#include <string.h>

#include "base/clock.h"
#include "rules/recurrence_walk.h"

/* Wider than any zone's offset and any gap (a day was left out at the date
 * line) together. */
#define NEAR_S (52 * 3600)

/* The rule's instances and the added ones, less the excluded ones. */
struct source {
	const struct recurrence_series *series;
	struct recurrence_walk walk;
	bool rule_left;
	int64_t rule_local; /* the rule's next one */
	size_t next_added, next_excluded;
};

static void pull_rule(struct source *source)
{
	if (source->rule_left)
		source->rule_left = recurrence_walk_next(&source->walk, &source->rule_local);
}

static void source_begin(struct source *source, const struct recurrence_series *series, int64_t from_local)
{
	source->series = series;
	source->next_added = source->next_excluded = 0;
	source->rule_left = true;
	source->walk.exhausted = false;
	if (!series->rule) {
		source->rule_local = series->local_start;
		return;
	}
	recurrence_walk_begin(&source->walk, series->rule, series->local_start, from_local);
	pull_rule(source);
}

/* The next wall time of both; one that both have comes once. */
static bool source_pull(struct source *source, int64_t *local_out)
{
	const struct recurrence_series *series = source->series;
	bool added = source->next_added < series->rdate_count;
	int64_t added_local = added ? series->rdates[source->next_added] : 0;

	if (!source->rule_left && !added)
		return false;
	if (added && (!source->rule_left || added_local <= source->rule_local)) {
		*local_out = added_local;
		source->next_added++;
		if (!source->rule_left || added_local < source->rule_local)
			return true;
	} else {
		*local_out = source->rule_local;
	}
	if (series->rule)
		pull_rule(source);
	else
		source->rule_left = false;
	return true;
}

static bool source_next(struct source *source, int64_t *local_out)
{
	const struct recurrence_series *series = source->series;

	while (source_pull(source, local_out)) {
		while (source->next_excluded < series->exdate_count &&
		       series->exdates[source->next_excluded] < *local_out)
			source->next_excluded++;
		if (source->next_excluded == series->exdate_count || series->exdates[source->next_excluded] != *local_out)
			return true;
	}
	return false;
}

/* What is given out: sorted, capped. */
struct output {
	struct recurrence_instance *list;
	size_t count, limit;
	int64_t until_utc;
	bool more; /* something was left out */
};

/* Puts it in its place.  Only a wall time that does not exist can come after
 * its place in UTC, so there is hardly anything to move.  Of two at one moment
 * the one whose wall time exists stays. */
static void output_add(struct output *output, const struct recurrence_instance *instance)
{
	size_t at = output->count;

	while (at > 0 && output->list[at - 1].start_utc > instance->start_utc)
		at--;
	if (at > 0 && output->list[at - 1].start_utc == instance->start_utc) {
		if (output->list[at - 1].flag == ZONE_GAP && instance->flag != ZONE_GAP)
			output->list[at - 1] = *instance;
		return;
	}
	if (at == output->limit) {
		output->more = true;
		return;
	}
	if (output->count == output->limit) {
		output->more = true;
		output->count--;
	}
	memmove(&output->list[at + 1], &output->list[at], (output->count - at) * sizeof(output->list[0]));
	output->list[at] = *instance;
	output->count++;
}

/* Can nothing that comes later still be given out?  After a wall time that
 * exists, everything is later in UTC too. */
static bool output_closed(const struct output *output, const struct recurrence_instance *last)
{
	if (last->flag == ZONE_GAP)
		return false;
	return last->start_utc >= output->until_utc ||
	       (output->count == output->limit &&
		(output->limit == 0 || last->start_utc > output->list[output->limit - 1].start_utc));
}

static void convert(const struct recurrence_series *series, struct recurrence_instance *instance)
{
	instance->flag = ZONE_NORMAL;
	instance->start_utc = instance->local_start;
	if (series->zone)
		instance->flag = zone_to_utc(series->zone, instance->local_start, &instance->start_utc);
}

/* UNTIL in UTC cuts the rule, not what RDATE adds. */
static bool after_until(const struct source *source, const struct recurrence_instance *instance)
{
	const struct recurrence *rule = source->series->rule;

	if (!rule || rule->until_kind != RECUR_UNTIL_UTC || instance->start_utc <= rule->until)
		return false;
	for (size_t i = source->next_added; i > 0 && source->series->rdates[i - 1] >= instance->local_start; i--) {
		if (source->series->rdates[i - 1] == instance->local_start)
			return false;
	}
	return true;
}

enum recurrence_outcome recurrence_expand(const struct recurrence_series *series, int64_t from_utc,
					  int64_t until_utc, struct recurrence_instance *out, size_t limit,
					  size_t *count_out)
{
	struct output output = { out, 0, limit, until_utc, false };
	struct recurrence_instance instance;
	struct source source;

	source_begin(&source, series, from_utc > INT64_MIN + NEAR_S ? from_utc - NEAR_S : from_utc);
	while (source_next(&source, &instance.local_start)) {
		convert(series, &instance);
		if (after_until(&source, &instance)) {
			if (instance.flag != ZONE_GAP)
				source.rule_left = false;
			continue;
		}
		if (instance.start_utc < from_utc || instance.start_utc < TIME_MIN_UTC ||
		    instance.start_utc > TIME_MAX_UTC)
			continue;
		if (instance.start_utc >= until_utc)
			output.more = true;
		else
			output_add(&output, &instance);
		if (output.more && output_closed(&output, &instance))
			break;
	}
	*count_out = output.count;
	if (output.more)
		return RECUR_TRUNCATED;
	if (!series->rule || !source.walk.exhausted)
		return RECUR_ALL;
	/* Whether more comes after what was asked for is not worth more work: say so, to be safe. */
	return output.count == limit || recurrence_walk_local(&source.walk) - NEAR_S >= until_utc ? RECUR_TRUNCATED
												    : RECUR_TOO_EXPENSIVE;
}

bool recurrence_has(const struct recurrence_series *series, int64_t local)
{
	struct source source;
	int64_t next;

	source_begin(&source, series, local);
	while (source_next(&source, &next)) {
		struct recurrence_instance instance = { .local_start = next };

		convert(series, &instance);
		if (next > local)
			return false;
		if (next == local)
			return !after_until(&source, &instance);
	}
	return false;
}

int32_t recurrence_count_before(const struct recurrence *rule, int64_t local_start, int64_t before_local, int32_t limit)
{
	struct recurrence_walk walk;
	int32_t count = 0;
	int64_t local;

	recurrence_walk_begin(&walk, rule, local_start, local_start);
	while (count < limit && recurrence_walk_next(&walk, &local) && local < before_local)
		count++;
	return count;
}
