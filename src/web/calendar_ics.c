/* The calendar as a file. */
#include "base/config.h"
#include "base/ids.h"
#include "rules/series.h"
#include "store/events.h"
#include "store/resources.h"
#include "store/timetable.h"
#include "views/ical.h"
#include "web/api_input.h"
#include "web/calendar_input.h"
#include "web/handlers.h"

#define EVENTS_MAX 10000
#define ROWS_AT_ONCE 500
#define ZONES_NAMED_MAX 64
#define PAST_S (31 * 86400LL)
#define AHEAD_S (334 * 86400LL)
#define ZONE_AHEAD_S (20 * 366 * 86400LL) /* series go on behind what is listed */

/* What was written already: series come again with each occurrence. */
struct written {
	int64_t *series;
	size_t series_count, event_count;
	char zones[ZONES_NAMED_MAX][65];
	size_t zone_count;
};

static bool is_written(const struct written *written, int64_t id)
{
	for (size_t i = written->series_count; i-- > 0;)
		if (written->series[i] == id)
			return true;
	return false;
}

/* The events of a page that are not in the file yet. */
static size_t new_ids(const struct timetable_entry *entries, size_t count, struct written *written, int64_t *ids)
{
	size_t found = 0;
	for (size_t i = 0; i < count && written->event_count < EVENTS_MAX; i++) {
		if (entries[i].is_recurring && is_written(written, entries[i].event_id))
			continue;
		if (entries[i].is_recurring)
			written->series[written->series_count++] = entries[i].event_id;
		ids[found++] = entries[i].event_id;
		written->event_count++;
	}
	return found;
}

static void name_zone(const struct ical *ical, struct written *written, const struct event *event)
{
	const struct zone *zone = event->timezone && event_recurs(event) ? zone_find(event->timezone) : NULL;
	for (size_t i = 0; i < written->zone_count; i++)
		if (!zone || strcmp(written->zones[i], event->timezone) == 0)
			return;
	if (!zone)
		return;
	if (written->zone_count < ZONES_NAMED_MAX)
		str_copy(written->zones[written->zone_count++], sizeof(written->zones[0]), event->timezone);
	ical_zone(ical, zone, event->timezone, ical->now_utc + ZONE_AHEAD_S);
}

static const struct resource *find_resource(const struct resource *resources, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (resources[i].id == id)
			return &resources[i];
	return NULL;
}

static const char *location_of(struct arena *arena, const struct event *event, const struct resource *resources, size_t count)
{
	const char *text = "";
	for (size_t i = 0; i < event->resource_count; i++) {
		const struct resource *resource = find_resource(resources, count, event->resources[i]);
		if (resource)
			text = arena_printf(arena, "%s%s%s", text, text[0] ? ", " : "", resource->name);
	}
	return text;
}

static bool write_events(struct ctx *ctx, const struct ical *ical, struct written *written, const int64_t *ids, size_t count)
{
	struct event *events;
	struct resource *resources;
	size_t event_count, resource_count, place_count = 0, room = 1;
	if (!events_seen(ctx, ids, count, &events, &event_count))
		return false;
	for (size_t i = 0; i < event_count; i++)
		room += events[i].resource_count;
	int64_t *places = arena_array(ctx->arena, room, sizeof(*places));
	for (size_t i = 0; i < event_count; i++)
		for (size_t k = 0; k < events[i].resource_count; k++)
			places[place_count++] = events[i].resources[k];
	if (!resources_by_ids(ctx, places, place_count, &resources, &resource_count))
		return false;
	for (size_t i = 0; i < event_count; i++) {
		name_zone(ical, written, &events[i]);
		ical_event(ical, &events[i], location_of(ctx->arena, &events[i], resources, resource_count));
	}
	return true;
}

static void begin(struct response *response, const struct ical *ical)
{
	response->content_type = "text/calendar; charset=utf-8";
	response_header(response, "Content-Disposition", "inline; filename=\"calendar.ics\"");
	response_stream_begin(response);
	ical_begin(ical, "Tranche");
}

/* Page after page by key: memory holds one page, whatever the file's length. */
static void stream(struct response *response, const struct calendar_query *query, struct ical *ical)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct written *written = arena_alloc(ctx->arena, sizeof(*written));
	struct timetable_window window = { query->from_utc, query->to_utc, true };
	struct timetable_place after = { 0 };
	bool ok = true, is_first = true;
	int64_t *ids = arena_array(ctx->arena, ROWS_AT_ONCE, sizeof(*ids));
	written->series = arena_array(ctx->arena, EVENTS_MAX, sizeof(*written->series));
	struct arena_mark start = arena_mark(ctx->arena);
	for (size_t count = ROWS_AT_ONCE; ok && count == ROWS_AT_ONCE && written->event_count < EVENTS_MAX;) {
		struct timetable_entry *entries;
		ok = timetable_read(ctx, &query->filter, &window, 1, &after, ROWS_AT_ONCE, &entries, &count);
		if (!ok)
			break;
		if (is_first) {
			begin(response, ical);
			is_first = false;
			if (request->method == METHOD_HEAD)
				return;
		}
		if (count)
			after = timetable_place_of(&entries[count - 1]);
		ok = write_events(ctx, ical, written, ids, new_ids(entries, count, written, ids));
		response_stream_write(response, str_text(ical->out), ical->out->len);
		str_clear(ical->out);
		arena_rewind(ctx->arena, start);
	}
	if (!ok)
		respond_fail(response, NULL); /* once begun, it only logs: the file lacks its end */
	if (!ok)
		return;
	ical_end(ical, written->event_count >= EVENTS_MAX);
	response_stream_write(response, str_text(ical->out), ical->out->len);
}

void get_calendar_ics(struct request *request, struct response *response)
{
	static const char *const others[] = { "from", "to", NULL };
	struct issues issues = no_issues(request);
	struct calendar_query query;
	struct str out = STR_INIT;
	unsigned char tag[DIGEST_BYTES];
	char site[13];
	int64_t now = (int64_t)time(NULL);
	calendar_read_filter(request, others, &query, &issues);
	if (param(request, "from") || param(request, "to")) {
		calendar_read_range(request, &query, &issues);
	} else {
		query.from_utc = now / 86400 * 86400 - PAST_S;
		query.to_utc = now / 86400 * 86400 + AHEAD_S;
	}
	if (issues.count) {
		respond_issues(response, &issues);
		return;
	}
	mac(request->ctx->config->secret, "icalendar", 9, tag);
	hex_encode(tag, 6, site);
	struct ical ical = { &out, request->ctx->arena, site, now };
	stream(response, &query, &ical);
	str_free(&out);
}
