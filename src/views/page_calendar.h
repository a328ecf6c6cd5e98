/*
 * The calendar: a month, a week, a list; real tables that need no script.
 */
#ifndef VIEWS_PAGE_CALENDAR_H
#define VIEWS_PAGE_CALENDAR_H

#include "rules/timetable.h"
#include "views/day_grid.h"
#include "views/layout.h"

enum calendar_view { CALENDAR_MONTH, CALENDAR_WEEK, CALENDAR_LIST, CALENDAR_VIEW_COUNT };
const char *calendar_view_name(enum calendar_view view);

/* A week has rows of so many hours. */
#define BLOCK_HOURS 3
#define BLOCKS_PER_DAY 8
/* Shown of a day of a month, and of a block of a week. */
#define MONTH_SHOWN 4
#define BLOCK_SHOWN 6
#define COUNT_CAP 1000 /* "more than 1,000" */

/* As the person gave it; "" where nothing. */
struct calendar_filter {
	const char *text, *status, *schedule_type, *content_id, *resource_id, *assignee_id, *timezone;
};

struct named_id {
	int64_t id;
	const char *name;
};
struct named_list {
	const struct named_id *list;  /* by id */
	size_t count;
};
const char *name_in(const struct named_list *names, int64_t id); /* NULL = unknown */

struct calendar_page {
	const struct frame *frame;    /* with the zone that is shown */
	enum calendar_view view;
	int64_t date;                 /* the day it is about */
	int64_t today;
	struct calendar_filter filter;
	const struct day_span *days;
	size_t day_count;
	const struct timetable_entry *entries; /* by start */
	size_t entry_count;
	const int64_t *counts;        /* how many begin in each day of a month or block of a week, up to COUNT_CAP */
	const char *next;             /* list: where the next page begins, or NULL */
	bool is_first;                /* list: this is its first page */
	struct named_list venues, people; /* to choose from; none = there are too many, numbers are asked for */
	struct named_list names;      /* of the resources and people that the entries have */
	const struct issues *issues;
};
void page_calendar(struct str *out, const struct calendar_page *page);

/* --- parts (calendar_parts.c) ------------------------------------------------ */

/* "/calendar?view=…&date=…" with the filter; `days` 0 = as the view has it. */
void calendar_link(struct str *out, const struct calendar_page *page, enum calendar_view view, int64_t day, int days);
/* "&amp;status=…" for every part of the filter. */
void calendar_filter_query(struct str *out, const struct calendar_filter *filter);
/* "09:00", with the offset where the clock shows it twice. */
void calendar_clock(struct str *out, const struct zone *zone, int64_t utc);
/* An occurrence as an item of a cell; on `day` it begins or goes on. */
void calendar_item(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry,
		   const struct day_span *day);
void calendar_title(struct str *out, const struct timetable_entry *entry);
/* The conflicts as icon and text, linked to what they are with; nothing where there are none. */
void calendar_conflicts(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry);
const char *clash_words(enum code code);
/* "+12 more", linked to the day's list. */
void calendar_more(struct str *out, const struct calendar_page *page, const struct day_span *day, int64_t count, bool is_capped);
/* What a day's heading says beside its name: today, a change of the clocks. */
void calendar_day_notes(struct str *out, const struct calendar_page *page, const struct day_span *day);

/* --- views (calendar_month.c, calendar_week.c, calendar_list.c) ---------------- */

void calendar_month(struct str *out, const struct calendar_page *page);
void calendar_week(struct str *out, const struct calendar_page *page);
void calendar_list(struct str *out, const struct calendar_page *page);

/* Does it begin on that day, or go on into it? */
static inline bool begins_in(const struct timetable_entry *entry, int64_t from_utc, int64_t to_utc)
{
	return entry->starts_at >= from_utc && entry->starts_at < to_utc;
}
static inline bool goes_on_in(const struct timetable_entry *entry, const struct day_span *day)
{
	return entry->starts_at < day->from_utc && entry->ends_at > day->from_utc;
}

#endif
