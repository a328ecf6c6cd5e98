#include "rules/event_scope.h"

#include <string.h>

#include "rules/event_series.h"
#include "rules/recurrence.h"
#include "rules/sorted.h"

#define OF_ONE (FIELD_STARTS_AT | FIELD_LOCAL_START | FIELD_DURATION_S | FIELD_TITLE | FIELD_VERSION_NO | FIELD_STATUS)

bool edit_scope_by_name(const char *name, enum edit_scope *scope_out)
{
	static const char *const names[] = { [EDIT_ALL] = "all", [EDIT_THIS] = "this", [EDIT_FOLLOWING] = "following" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*scope_out = (enum edit_scope)i;
			return true;
		}
	}
	return false;
}

static int64_t wall_start(const struct event *event)
{
	return event->timezone ? event->local_start : event->starts_at;
}

bool event_begins_with(const struct event *event, int64_t occurrence)
{
	struct recurrence_instance first[4]; /* around a gap the wall clock's order is not that of UTC */
	struct recurrence_series series;
	struct recurrence rule;
	size_t count = 0;
	int64_t start = wall_start(event);

	if (start == occurrence && (event->rdate_count == 0 || event->rdates[0] >= occurrence))
		return true;
	if (start < occurrence && !sorted_has(event->exdates, event->exdate_count, start))
		return false;
	if (event_series_open(event, &rule, &series))
		(void)recurrence_expand(&series, INT64_MIN, INT64_MAX, first, sizeof(first) / sizeof(first[0]), &count);
	for (size_t i = 0; i < count; i++) {
		if (first[i].local_start < occurrence)
			return false;
	}
	return count > 0;
}

/* Has the series that occurrence, left out or not? */
static bool check_occurrence(const struct event *event, int64_t occurrence, struct issues *issues)
{
	struct recurrence rule;
	struct recurrence_series series;
	char name[TIME_TEXT_SIZE];

	time_format_local(occurrence, name);
	if (!event->recurrence && event->rdate_count == 0) {
		issue_add(issues, CODE_NO_SUCH_OCCURRENCE, "/occurrence", "Leave scope and occurrence out.",
			  "the event happens once, it is no series");
		return false;
	}
	if (event_series_open(event, &rule, &series)) {
		series.exdate_count = 0;
		if (recurrence_has(&series, occurrence))
			return true;
	}
	issue_add(issues, CODE_NO_SUCH_OCCURRENCE, "/occurrence", NULL, "the series has no occurrence at %s", name);
	return false;
}

static void set_excluded(struct event *event, int64_t occurrence, bool excluded, struct arena *arena)
{
	size_t at = sorted_below(event->exdates, event->exdate_count, occurrence), rest = event->exdate_count - at;
	bool is = rest > 0 && event->exdates[at] == occurrence;
	int64_t *list;

	if (is == excluded)
		return;
	list = arena_array(arena, event->exdate_count + 2, sizeof(*list));
	if (at > 0)
		memcpy(list, event->exdates, at * sizeof(*list));
	if (excluded)
		list[at] = occurrence;
	if (rest > 0)
		memcpy(list + at + excluded, event->exdates + at + !excluded, (rest - !excluded) * sizeof(*list));
	event->exdates = list;
	event->exdate_count += excluded ? 1 : (size_t)-1;
}

/* --- one occurrence --------------------------------------------------------------- */

static void set_or_remove(json_t *override, const char *name, bool set, json_t *value)
{
	if (set)
		json_object_set_new(override, name, value);
	else
		json_decref(value);
	if (!set)
		json_object_del(override, name);
}

/* Where it now begins: what its override says, or its name. */
static int64_t present_start(const json_t *override, int64_t occurrence)
{
	const json_t *start = json_object_get(override, "local_start");
	int64_t local;

	return json_is_string(start) && time_parse_local(json_string_value(start), json_string_length(start), &local)
		       ? local
		       : occurrence;
}

static int64_t new_start(const struct event *event, const struct event *values, const json_t *override, int64_t occurrence,
			 int64_t shift_s)
{
	const struct zone *zone = event->timezone ? zone_find(event->timezone) : NULL;

	if (values->given & FIELD_LOCAL_START)
		return values->local_start;
	if (values->given & FIELD_STARTS_AT)
		return values->starts_at + (zone ? zone_offset_at(zone, values->starts_at) : 0);
	return present_start(override, occurrence) + shift_s;
}

static void change_override(json_t *override, const struct event *event, const struct event *values, int64_t occurrence,
			    int64_t shift_s)
{
	char text[TIME_TEXT_SIZE];
	uint32_t given = values->given;

	if (given & (FIELD_LOCAL_START | FIELD_STARTS_AT) || shift_s) {
		int64_t start = new_start(event, values, override, occurrence, shift_s);

		time_format_local(start, text);
		set_or_remove(override, "local_start", start != occurrence, json_string(text));
	}
	if (given & FIELD_DURATION_S)
		set_or_remove(override, "duration_s", values->duration_s != event->duration_s, json_integer(values->duration_s));
	if (given & FIELD_TITLE)
		set_or_remove(override, "title", values->title[0] != '\0', json_string(values->title));
	if (given & FIELD_VERSION_NO)
		set_or_remove(override, "version_no", values->version_no != 0, json_integer(values->version_no));
}

/* Reads the overrides, changes one, and writes them in their normal form. */
static void apply_override(struct event *event, const struct event *values, int64_t occurrence, int64_t shift_s,
			   struct reader *r)
{
	struct arena *arena = r->issues->arena;
	struct fail fail = { .kind = FAIL_NONE };
	const char *present = event->overrides ? event->overrides : "{}";
	json_t *all = json_read(arena, present, strlen(present), &fail), *one;
	char name[TIME_TEXT_SIZE];

	time_format_local(occurrence, name);
	one = json_object_get(all, name);
	if (!one) {
		one = json_object();
		json_object_set_new(all, name, one);
	}
	change_override(one, event, values, occurrence, shift_s);
	event->overrides = NULL;
	read_overrides(r, "overrides", all, &event->overrides);
}

static bool check_fields(const struct event *values, int64_t shift_s, struct reader *r)
{
	uint32_t others = values->given & ~(uint32_t)OF_ONE;

	for (uint32_t bit = 1; bit && bit <= others; bit <<= 1) {
		if (others & bit)
			reader_issue(r, CODE_INVALID_VALUE, event_field_name((enum event_field)bit),
				     "Use scope following or all, or change only start, duration_s, title, version_no or status.",
				     "%s is the same for all occurrences of a series", event_field_name((enum event_field)bit));
	}
	if (values->given & FIELD_STATUS && values->status == EVENT_ARCHIVED)
		reader_issue(r, CODE_INVALID_VALUE, "status", "Use cancelled to leave it out, scheduled to have it back.",
			     "one occurrence can't be archived");
	if (values->given == 0 && shift_s == 0)
		reader_issue(r, CODE_REQUIRED, NULL, "Give at least one field.", "nothing is to be changed");
	return !r->bad;
}

/* The last one that is left goes with the event, not as an exception of it. */
static bool check_others_left(const struct event *event, struct reader *r)
{
	struct recurrence_instance first;
	struct recurrence_series series;
	struct recurrence rule;
	size_t count = 0;

	if (!event_series_open(event, &rule, &series) ||
	    recurrence_expand(&series, INT64_MIN, INT64_MAX, &first, 1, &count) == RECUR_TOO_EXPENSIVE || count > 0)
		return true;
	reader_issue(r, CODE_RECURRENCE_EMPTY, "status", "Cancel the event itself: scope all.", "no other occurrence is left");
	return false;
}

bool event_apply_occurrence(struct event *event, int64_t occurrence, const struct event *values, int64_t shift_s,
			    struct issues *issues)
{
	struct reader r = { issues, values->base ? values->base : "", false };

	if (!check_occurrence(event, occurrence, issues) || !check_fields(values, shift_s, &r))
		return false;
	if (values->given & FIELD_STATUS) {
		set_excluded(event, occurrence, values->status == EVENT_CANCELLED, issues->arena);
		if (values->status == EVENT_CANCELLED && !check_others_left(event, &r))
			return false;
	}
	if (values->given & ~(uint32_t)FIELD_STATUS || shift_s)
		apply_override(event, values, occurrence, shift_s, &r);
	if (!r.bad)
		series_settle(event, 0, false, &r);
	return !r.bad;
}

/* --- two halves ------------------------------------------------------------------------ */

static const char *rule_text(const struct recurrence *rule, struct issues *issues)
{
	char text[RECURRENCE_TEXT_MAX + 1];

	if (recurrence_write(rule, text))
		return arena_strdup(issues->arena, text);
	issue_add(issues, CODE_RECURRENCE_NOT_SUPPORTED, "/occurrence", "Use a rule with fewer values.",
		  "with its end the rule is longer than %d bytes", RECURRENCE_TEXT_MAX);
	return NULL;
}

/* The rule's end moves for the first half; the second has what is left of COUNT. */
static bool divide_rule(const struct recurrence *rule, int64_t start, int64_t occurrence, struct event *before,
			struct event *after, struct issues *issues)
{
	struct recurrence first = *rule, second = *rule;

	if (rule->count > 0) {
		first.count = recurrence_count_before(rule, start, occurrence, rule->count);
		second.count = rule->count - first.count;
	} else {
		first.until_kind = RECUR_UNTIL_LOCAL;
		first.until = occurrence - 1;
	}
	before->recurrence = rule_text(&first, issues);
	after->recurrence = rule_text(&second, issues);
	return before->recurrence && after->recurrence;
}

static const char *part_of_overrides(const char *text, int64_t occurrence, bool from_it_on, struct reader *r)
{
	struct fail fail = { .kind = FAIL_NONE };
	json_t *all = text ? json_read(r->issues->arena, text, strlen(text), &fail) : NULL;
	const char *part = NULL, *name;
	json_t *one;
	void *next;

	if (!all)
		return NULL;
	json_object_foreach_safe(all, next, name, one) {
		int64_t local;

		if (time_parse_local(name, strlen(name), &local) && (local >= occurrence) != from_it_on)
			json_object_del(all, name);
	}
	read_overrides(r, "overrides", all, &part);
	return part;
}

static void divide_exceptions(int64_t occurrence, struct event *before, struct event *after, struct reader *r)
{
	size_t exdates = sorted_below(before->exdates, before->exdate_count, occurrence);
	size_t rdates = sorted_below(before->rdates, before->rdate_count, occurrence);

	after->exdates += after->exdates ? exdates : 0;
	after->exdate_count -= exdates;
	after->rdates += after->rdates ? rdates : 0;
	after->rdate_count -= rdates;
	before->exdate_count = exdates;
	before->rdate_count = rdates;
	after->overrides = part_of_overrides(before->overrides, occurrence, true, r);
	before->overrides = part_of_overrides(before->overrides, occurrence, false, r);
}

static void begin_at(struct event *event, int64_t local)
{
	const struct zone *zone = event->timezone ? zone_find(event->timezone) : NULL;

	event->starts_at = event->local_start = local;
	event->time_flag = zone ? zone_to_utc(zone, local, &event->starts_at) : ZONE_NORMAL;
	event->ends_at = event->starts_at + event->duration_s;
}

static bool divide(const struct event *event, int64_t occurrence, struct event *before, struct event *after,
		   struct issues *issues)
{
	struct reader r = { issues, "", false };
	struct recurrence rule;
	struct recurrence_series series;

	*before = *after = *event;
	(void)event_series_open(event, &rule, &series);
	if (event->recurrence && !divide_rule(&rule, wall_start(event), occurrence, before, after, issues))
		return false;
	divide_exceptions(occurrence, before, after, &r);
	begin_at(after, occurrence);
	return !r.bad;
}

static bool refuse_division(int64_t occurrence, struct issues *issues)
{
	char name[TIME_TEXT_SIZE];

	time_format_local(occurrence, name);
	issue_add(issues, CODE_NO_SUCH_OCCURRENCE, "/occurrence", "Use scope this or all.", "the series can't be divided at %s", name);
	return false;
}

/* Has the rule instances on both sides of it?  Added ones have no rule. */
static bool check_divisible(const struct event *event, int64_t occurrence, struct issues *issues)
{
	struct recurrence rule;
	struct recurrence_series series;

	if (!check_occurrence(event, occurrence, issues))
		return false;
	if (!event->recurrence)
		return true;
	(void)event_series_open(event, &rule, &series);
	series.exdate_count = series.rdate_count = 0;
	return (wall_start(event) < occurrence && recurrence_has(&series, occurrence)) || refuse_division(occurrence, issues);
}

bool event_divide(const struct event *event, int64_t occurrence, struct event *before, struct event *after,
		  struct issues *issues)
{
	if (!check_divisible(event, occurrence, issues) ||
	    (event_begins_with(event, occurrence) && !refuse_division(occurrence, issues)) ||
	    !divide(event, occurrence, before, after, issues))
		return false;
	after->id = 0;
	after->client_id = NULL;
	after->row_version = 0;
	return true;
}

bool event_drop_before(struct event *event, int64_t occurrence, struct issues *issues)
{
	struct event before, after;

	if (wall_start(event) == occurrence)
		return true;
	if (!check_divisible(event, occurrence, issues) || !divide(event, occurrence, &before, &after, issues))
		return false;
	*event = after;
	return true;
}
