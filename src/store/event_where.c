#include "store/event_where.h"

#include <string.h>

#include "base/str.h"
#include "store/viewable.h"

static void and_number(struct db_text *text, const char *column, int64_t number)
{
	if (!number)
		return;
	db_text_lit(text, " AND ");
	db_text_lit(text, column);
	db_text_lit(text, " = ");
	db_text_i64(text, number);
}

static void and_place(struct db_text *text, const char *places, int64_t resource_id, const char *role)
{
	if (!resource_id)
		return;
	db_text_lit(text, " AND EXISTS (SELECT 1 FROM {event_resources} p WHERE p.event_id = ");
	db_text_lit(text, places);
	db_text_lit(text, " AND p.resource_id = ");
	db_text_i64(text, resource_id);
	db_text_lit(text, " AND p.role = ");
	db_text_str(text, role);
	db_text_lit(text, ")");
}

/* Part of a title: the user's % and _ mean themselves. */
static void and_text(struct db_text *text, const char *part)
{
	struct str pattern = STR_INIT;
	str_addc(&pattern, '%');
	for (; *part; part++) {
		if (*part == '%' || *part == '_' || *part == '|')
			str_addc(&pattern, '|');
		str_addc(&pattern, *part);
	}
	str_addc(&pattern, '%');
	db_text_lit(text, " AND e.title LIKE ");
	db_text_str(text, str_text(&pattern));
	db_text_lit(text, " ESCAPE '|'");
	str_free(&pattern);
}

void event_where(struct db_text *text, const struct event_alias *alias, const struct event_filter *filter)
{
	and_number(text, "e.content_id", filter->content_id);
	and_number(text, alias->creator, filter->created_by);
	if (filter->has_status) {
		db_text_lit(text, " AND ");
		db_text_lit(text, alias->status);
		db_text_lit(text, " = ");
		db_text_str(text, event_status_name(filter->status));
	}
	if (filter->recurring)
		db_text_lit(text, filter->recurring == RECURRING_ONLY
					  ? " AND (e.recurrence IS NOT NULL OR JSON_LENGTH(e.rdates) > 0)"
					  : " AND e.recurrence IS NULL AND COALESCE(JSON_LENGTH(e.rdates), 0) = 0");
	if (filter->schedule_type) {
		db_text_lit(text, " AND e.schedule_type = ");
		db_text_str(text, filter->schedule_type);
	}
	and_place(text, alias->places, filter->resource_id, "resource");
	and_place(text, alias->places, filter->assignee_id, "assignee");
	if (filter->text)
		and_text(text, filter->text);
	if (filter->viewer)
		and_viewable(text, &(struct viewable){ PERMIT_VIEW_SCHEDULED_CONTENT, "e.schedule_type", alias->creator, false },
			     filter->viewer);
}
