/* What a calendar is asked for, as a query string: filters, range and cursor. */
#include "base/clock.h"
#include "web/calendar_input.h"
#include "web/form.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(struct request *request, struct issues *issues)
{
	static const char *const others[] = { "from", "to", "after", "limit", NULL };
	struct calendar_query query;
	calendar_read_filter(request, others, &query, issues);
	REQUIRE(!query.zone_name == !query.zone);
	REQUIRE(query.filter.viewer == request->ctx->actor && !query.filter.starts_after && !query.filter.starts_before);
	REQUIRE(query.filter.content_id >= 0 && query.filter.resource_id >= 0 && query.filter.assignee_id >= 0);
	calendar_read_range(request, &query, issues);
	if (issues->count)
		return;
	REQUIRE(query.from_utc < query.to_utc && query.to_utc - query.from_utc <= CALENDAR_RANGE_MAX_S);
	/* The zone's day may begin before the year 1970 did in UTC. */
	REQUIRE(query.from_utc >= -2 * 86400 && query.to_utc <= TIME_MAX_UTC + 2 * 86400);
}

/* A cursor that is taken is told again as it was understood. */
static void check_cursor(struct request *request)
{
	struct timetable_place place, again;
	if (!calendar_read_after(request, &place)) {
		REQUIRE(request->ctx->fail.kind == FAIL_INVALID);
		return;
	}
	REQUIRE(place.starts_at >= 0 && place.starts_at <= TIME_MAX_UTC);
	struct timetable_entry entry = { .starts_at = place.starts_at, .is_recurring = place.is_recurring, .row_id = place.row_id,
					 .local_start = place.local_start };
	struct pair pair = { "after", calendar_cursor(request->ctx->arena, &entry) };
	struct request next = { .ctx = request->ctx, .params = &pair, .param_count = 1 };
	REQUIRE(calendar_read_after(&next, &again));
	REQUIRE(again.starts_at == place.starts_at && again.is_recurring == place.is_recurring && again.row_id == place.row_id &&
		again.local_start == place.local_start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct actor somebody = { .user_id = 7 };
	struct arena *arena = arena_new();
	struct ctx ctx = { .arena = arena, .actor = &somebody };
	struct request request = { .ctx = &ctx };
	struct issues issues = { .arena = arena };

	if (form_decode(arena, (const char *)data, size, &request.params, &request.param_count, &ctx.fail)) {
		check_query(&request, &issues);
		check_cursor(&request);
	}
	arena_free(arena);
	return 0;
}
