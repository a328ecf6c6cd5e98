/* Occurrences in a stretch of time. */
#include "base/clock.h"
#include "schedule/clashes.h"
#include "web/api_input.h"
#include "web/calendar_input.h"
#include "web/event_reply.h"
#include "web/handlers.h"

static void write_entry(struct json_writer *w, const struct timetable_entry *entry)
{
	char local[TIME_TEXT_SIZE];
	time_format_local(entry->local_start, local);
	jw_object(w, NULL);
	jw_int(w, "event_id", entry->event_id);
	jw_bool(w, "recurring", entry->is_recurring);
	jw_text(w, "local_start", local);
	jw_moment(w, "starts_at", entry->starts_at);
	jw_moment(w, "ends_at", entry->ends_at);
	jw_text(w, "timezone", entry->timezone);
	jw_text(w, "flag", entry->flag == ZONE_GAP ? "gap" : entry->flag == ZONE_FOLD ? "fold" : NULL);
	jw_text(w, "title", entry->title);
	jw_text(w, "schedule_type", entry->schedule_type);
	jw_int(w, "content_id", entry->content_id);
	jw_id(w, "version_no", entry->version_no);
	jw_ids(w, "resources", entry->resources, entry->resource_count);
	jw_ids(w, "assignees", entry->assignees, entry->assignee_count);
	jw_text(w, "status", event_status_name(entry->status));
	jw_int(w, "row_version", entry->row_version);
	jw_int(w, "conflict_count", entry->conflict_count);
	jw_list(w, "conflicts");
	for (size_t i = 0; i < entry->clash_count; i++)
		clash_write(w, &entry->clashes[i], 0);
	jw_end_list(w);
	jw_end_object(w);
}

void get_calendar(struct request *request, struct response *response)
{
	static const char *const others[] = { "from", "to", "after", "limit", NULL };
	struct issues issues = no_issues(request);
	struct ctx *ctx = request->ctx;
	struct calendar_query query;
	struct timetable_place after;
	struct timetable_entry *entries;
	struct json_writer w;
	int64_t limit;
	size_t count;
	calendar_read_filter(request, others, &query, &issues);
	calendar_read_range(request, &query, &issues);
	struct timetable_window window = { query.from_utc, query.to_utc, true };
	if (issues.count) {
		respond_issues(response, &issues);
		return;
	}
	/* One more than asked for tells whether there is another page. */
	if (!calendar_read_after(request, &after) || !param_int(request, "limit", 1, 500, 100, &limit) ||
	    !timetable_read(ctx, &query.filter, &window, 1, &after, (int32_t)limit + 1, &entries, &count) ||
	    !clashes_find(ctx, entries, count < (size_t)limit ? count : (size_t)limit)) {
		respond_fail(response, NULL);
		return;
	}
	bool has_more = count > (size_t)limit;
	list_begin(&w, response);
	for (size_t i = 0; i < count - has_more; i++)
		write_entry(&w, &entries[i]);
	jw_end_list(&w);
	jw_text(&w, "next", has_more ? calendar_cursor(ctx->arena, &entries[limit - 1]) : NULL);
	jw_end_object(&w);
}
