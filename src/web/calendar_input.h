/*
 * What a calendar is asked for, read alike for the API, the file and the page.
 */
#ifndef WEB_CALENDAR_INPUT_H
#define WEB_CALENDAR_INPUT_H

#include "rules/filter.h"
#include "store/timetable.h"
#include "web/http.h"

#define CALENDAR_RANGE_MAX_S (366 * 86400LL)

struct calendar_query {
	struct event_filter filter;    /* with the actor as its viewer */
	const char *zone_name;         /* NULL = UTC */
	const struct zone *zone;
	int64_t from_utc, to_utc;
};

/* The filters among the query parameters, by the field's name, and `timezone`
 * (else the person's own).  Parameters in `others` (NULL ends it) are somebody
 * else's; unknown ones are issues. */
void calendar_read_filter(struct request *request, const char *const *others, struct calendar_query *query_out,
			  struct issues *issues);
/* `from` and `to`: times, or days in the query's zone; a range of a year at most. */
void calendar_read_range(struct request *request, struct calendar_query *query, struct issues *issues);

/* `after` as `next` told it: "START.KIND.ROW.LOCAL". */
MUST_USE bool calendar_read_after(struct request *request, struct timetable_place *after_out);
const char *calendar_cursor(struct arena *arena, const struct timetable_entry *last);

/* The first moment of a day, "2026-12-01", in a zone (NULL = UTC). */
bool day_read(const char *text, const struct zone *zone, int64_t *utc_out);

#endif
