/* The calendar's page. */
#include "base/clock.h"
#include "schedule/clashes.h"
#include "store/resources.h"
#include "views/page_calendar.h"
#include "web/calendar_input.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define LIST_ROWS 100
#define LIST_DAYS 31
#define LIST_DAYS_MAX 366
#define CHOICES_MAX 300 /* names to choose from; where there are more, a number is asked for */
#define WEEK_BLOCKS (7 * BLOCKS_PER_DAY)

static const char *const own_parameters[] = { "view", "date", "days", "after", NULL };

static enum calendar_view read_view(const struct request *request)
{
	const char *given = param_text(request, "view");
	for (enum calendar_view view = 0; view < CALENDAR_VIEW_COUNT; view++)
		if (strcmp(calendar_view_name(view), given) == 0)
			return view;
	return CALENDAR_MONTH;
}

static int64_t read_date(struct request *request, int64_t today, struct issues *issues)
{
	const char *given = param_text(request, "date");
	int64_t midnight;
	if (!given[0])
		return today;
	if (day_read(given, NULL, &midnight))
		return midnight / 86400;
	issue_add(issues, CODE_INVALID_TIME, "/date", "Write it as 2026-12-01.", "“%s” is not a day",
		  issue_excerpt(issues->arena, given, strlen(given)));
	return today;
}

static void set_days(struct ctx *ctx, struct calendar_page *page, int64_t first, size_t count)
{
	struct day_span *days = arena_array(ctx->arena, count, sizeof(*days));
	for (size_t i = 0; i < count; i++)
		days[i] = day_span(page->frame->zone, first + (int64_t)i);
	page->days = days;
	page->day_count = count;
}

/* --- what is shown ------------------------------------------------------------- */

/* The windows of a grid: its first one also has what goes on when it begins. */
static bool load_grid(struct ctx *ctx, const struct event_filter *filter, const struct timetable_window *windows, size_t count,
		      int32_t shown, struct calendar_page *page)
{
	struct timetable_entry *entries;
	int64_t *counts = arena_array(ctx->arena, count, sizeof(*counts));
	if (!timetable_read(ctx, filter, windows, count, NULL, shown, &entries, &page->entry_count) ||
	    !timetable_count(ctx, filter, windows, count, COUNT_CAP, counts) || !clashes_find(ctx, entries, page->entry_count))
		return false;
	page->entries = entries;
	page->counts = counts;
	return true;
}

static bool load_month(struct ctx *ctx, const struct event_filter *filter, struct calendar_page *page)
{
	struct timetable_window windows[GRID_DAYS_MAX];
	int64_t first = month_begin(page->date), end = month_step(page->date, 1);
	first -= day_weekday(first);
	set_days(ctx, page, first, (size_t)((end - first + 6) / 7 * 7));
	for (size_t i = 0; i < page->day_count; i++)
		windows[i] = (struct timetable_window){ page->days[i].from_utc, page->days[i].to_utc, i == 0 };
	return load_grid(ctx, filter, windows, page->day_count, MONTH_SHOWN, page);
}

static bool load_week(struct ctx *ctx, const struct event_filter *filter, struct calendar_page *page)
{
	struct timetable_window windows[WEEK_BLOCKS];
	set_days(ctx, page, page->date - day_weekday(page->date), 7);
	for (int i = 0; i < WEEK_BLOCKS; i++) {
		int64_t day = page->days[i / BLOCKS_PER_DAY].day;
		int hour = i % BLOCKS_PER_DAY * BLOCK_HOURS;
		windows[i] = (struct timetable_window){ day_hour_utc(page->frame->zone, day, hour),
							day_hour_utc(page->frame->zone, day, hour + BLOCK_HOURS), i == 0 };
	}
	return load_grid(ctx, filter, windows, WEEK_BLOCKS, BLOCK_SHOWN, page);
}

static bool load_list(struct request *request, const struct event_filter *filter, struct calendar_page *page)
{
	struct ctx *ctx = request->ctx;
	struct timetable_entry *entries;
	struct timetable_place after;
	int64_t days;
	size_t count;
	if (!param_int(request, "days", 1, LIST_DAYS_MAX, LIST_DAYS, &days) || !calendar_read_after(request, &after))
		return false;
	set_days(ctx, page, page->date, (size_t)days);
	struct timetable_window window = { page->days[0].from_utc, page->days[days - 1].to_utc, true };
	if (!timetable_read(ctx, filter, &window, 1, &after, LIST_ROWS + 1, &entries, &count))
		return false;
	page->is_first = after.row_id == 0;
	page->next = count > LIST_ROWS ? calendar_cursor(ctx->arena, &entries[LIST_ROWS - 1]) : NULL;
	page->entries = entries;
	page->entry_count = count > LIST_ROWS ? LIST_ROWS : count;
	return clashes_find(ctx, entries, page->entry_count);
}

/* --- names ---------------------------------------------------------------------- */

static void add_name(struct named_id *list, size_t *count, const struct resource *resource)
{
	list[(*count)++] = (struct named_id){ resource->id, resource->name };
}

static bool load_choices(struct ctx *ctx, struct calendar_page *page)
{
	struct resource *resources;
	size_t count;
	if (!resources_page(ctx, NULL, 0, CHOICES_MAX + 1, &resources, &count))
		return false;
	if (count > CHOICES_MAX)
		return true;
	struct named_id *venues = arena_array(ctx->arena, count + 1, sizeof(*venues));
	struct named_id *people = arena_array(ctx->arena, count + 1, sizeof(*people));
	for (size_t i = 0; i < count; i++) {
		bool is_person = strcmp(resources[i].kind, "person") == 0;
		add_name(is_person ? people : venues, is_person ? &page->people.count : &page->venues.count, &resources[i]);
	}
	page->venues.list = venues;
	page->people.list = people;
	return true;
}

static bool load_names(struct ctx *ctx, struct calendar_page *page)
{
	size_t room = 0, id_count = 0, found;
	struct resource *resources;
	for (size_t i = 0; i < page->entry_count; i++)
		room += page->entries[i].resource_count + page->entries[i].assignee_count;
	int64_t *ids = arena_array(ctx->arena, room + 1, sizeof(*ids));
	for (size_t i = 0; i < page->entry_count; i++) {
		const struct timetable_entry *entry = &page->entries[i];
		for (size_t k = 0; k < entry->resource_count; k++)
			ids[id_count++] = entry->resources[k];
		for (size_t k = 0; k < entry->assignee_count; k++)
			ids[id_count++] = entry->assignees[k];
	}
	if (!resources_by_ids(ctx, ids, id_count, &resources, &found))
		return false;
	struct named_id *names = arena_array(ctx->arena, found + 1, sizeof(*names));
	for (size_t i = 0; i < found; i++)
		add_name(names, &page->names.count, &resources[i]);
	page->names.list = names;
	return true;
}

static bool load(struct request *request, const struct event_filter *filter, struct calendar_page *page)
{
	struct ctx *ctx = request->ctx;
	bool ok = page->view == CALENDAR_MONTH	 ? load_month(ctx, filter, page)
		  : page->view == CALENDAR_WEEK ? load_week(ctx, filter, page)
						 : load_list(request, filter, page);
	return ok && load_choices(ctx, page) && (page->view != CALENDAR_LIST || load_names(ctx, page));
}

void get_calendar_page(struct request *request, struct response *response)
{
	struct frame frame;
	struct calendar_query query;
	struct issues issues = page_issues(request);
	struct calendar_page page = {
		.frame = &frame,
		.view = read_view(request),
		.filter = { param_text(request, "text"), param_text(request, "status"), param_text(request, "schedule_type"),
			    param_text(request, "content_id"), param_text(request, "resource_id"), param_text(request, "assignee_id"),
			    param_text(request, "timezone") },
		.issues = &issues,
	};
	calendar_read_filter(request, own_parameters, &query, &issues);
	page_frame(request, "Calendar", NAV_CALENDAR, &frame);
	frame.zone = query.zone;
	frame.zone_name = query.zone_name;
	page.today = day_of(frame.zone, frame.now_utc);
	page.date = read_date(request, page.today, &issues);
	frame.has_error = issues.count > 0;
	if (load(request, &query.filter, &page))
		page_calendar(&response->body, &page);
	else
		respond_fail(response, NULL);
}
