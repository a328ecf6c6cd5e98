#include "web/calendar_input.h"

#include <stdlib.h>

#include "base/clock.h"

bool day_read(const char *text, const struct zone *zone, int64_t *utc_out)
{
	char buffer[TIME_TEXT_SIZE];
	int64_t local;
	if (strlen(text) != 10)
		return false;
	snprintf(buffer, sizeof(buffer), "%sT00:00:00", text);
	if (!time_parse_local(buffer, strlen(buffer), &local))
		return false;
	*utc_out = local;
	if (zone)
		zone_to_utc(zone, local, utc_out);
	return true;
}

static bool is_in(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void read_zone(struct request *request, struct calendar_query *query, struct issues *issues)
{
	const char *own = request->session.timezone, *given = param(request, "timezone");
	if (given && given[0]) {
		query->zone = zone_find(given);
		query->zone_name = query->zone ? given : NULL;
		if (query->zone)
			return;
		issue_add(issues, CODE_UNKNOWN_TIMEZONE, "/timezone", NULL, "There is no time zone “%s”",
			  issue_excerpt(issues->arena, given, strlen(given)));
	}
	query->zone = own ? zone_find(own) : NULL;
	query->zone_name = query->zone ? own : NULL;
}

void calendar_read_filter(struct request *request, const char *const *others, struct calendar_query *query,
			  struct issues *issues)
{
	/* What a filter of /events also has, and a calendar says by its range. */
	static const char *const times[] = { "starts_after", "starts_before", NULL };
	*query = (struct calendar_query){ .filter = { .viewer = request->ctx->actor } };
	read_zone(request, query, issues);
	for (size_t i = 0; i < request->param_count; i++) {
		const struct pair *pair = &request->params[i];
		if (strcmp(pair->name, "timezone") == 0 || is_in(pair->name, others))
			continue;
		if (is_in(pair->name, times))
			issue_add(issues, CODE_UNKNOWN_FIELD, arena_printf(issues->arena, "/%s", pair->name),
				  "Use from and to.", "A calendar has no %s", pair->name);
		else
			filter_set(&query->filter, pair->name, pair->value, "", issues);
	}
}

static bool read_moment(struct request *request, const struct calendar_query *query, const char *name, int64_t *utc_out,
			struct issues *issues)
{
	const char *text = param(request, name), *pointer = arena_printf(issues->arena, "/%s", name);
	if (!text || !text[0])
		issue_add(issues, CODE_REQUIRED, pointer, "Give from and to: times, or days as 2026-12-01.", "%s is missing", name);
	else if (!day_read(text, query->zone, utc_out) && !time_parse_utc(text, strlen(text), utc_out))
		issue_add(issues, CODE_INVALID_TIME, pointer, "Write it as 2026-12-01 or 2026-12-01T09:00:00Z.",
			  "“%s” is not a time", issue_excerpt(issues->arena, text, strlen(text)));
	else
		return true;
	return false;
}

void calendar_read_range(struct request *request, struct calendar_query *query, struct issues *issues)
{
	bool has_from = read_moment(request, query, "from", &query->from_utc, issues);
	bool has_to = read_moment(request, query, "to", &query->to_utc, issues);
	if (!has_from || !has_to)
		return;
	if (query->to_utc <= query->from_utc)
		issue_add(issues, CODE_INVALID_VALUE, "/to", "Choose a time after from.", "to is not after from");
	else if (query->to_utc - query->from_utc > CALENDAR_RANGE_MAX_S)
		issue_add(issues, CODE_OUT_OF_RANGE, "/to", "Ask for a year at most.", "from and to are more than a year apart");
}

/* Four whole numbers with points between them. */
bool calendar_read_after(struct request *request, struct timetable_place *after)
{
	const char *text = param(request, "after");
	int64_t numbers[4] = { 0 };
	bool ok = true;
	*after = (struct timetable_place){ 0 };
	if (!text || !text[0])
		return true;
	for (size_t i = 0; i < 4 && ok; i++) {
		size_t len = strcspn(text, ".");
		ok = parse_i64(text, len, &numbers[i]) && (text[len] == '.') == (i < 3);
		text += len + (text[len] == '.');
	}
	*after = (struct timetable_place){ numbers[0], numbers[1] != 0, numbers[2], numbers[3] };
	return (ok && numbers[0] >= 0 && numbers[0] <= TIME_MAX_UTC) ||
	       fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "after is not what a page of this list gave as next") ||
	       fail_at(&request->ctx->fail, "/after");
}

const char *calendar_cursor(struct arena *arena, const struct timetable_entry *last)
{
	struct timetable_place place = timetable_place_of(last);
	return arena_printf(arena, "%lld.%d.%lld.%lld", (long long)place.starts_at, place.is_recurring, (long long)place.row_id,
			    (long long)place.local_start);
}
