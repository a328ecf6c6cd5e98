/* The pages of restrictions. */
#include "views/page_restrictions.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/place_input.h"
#include "web/restriction_input.h"

#define ROWS_PER_PAGE 50

bool restriction_choices(struct ctx *ctx, int64_t resource_id, const char *alternatives, struct resource_choice **list_out,
			 size_t *count_out, bool *more_out)
{
	struct resource *resources;
	int64_t ids[RESTRICTION_ALTERNATIVES_MAX + 1];
	size_t id_count = restriction_ids(alternatives, ids, RESTRICTION_ALTERNATIVES_MAX);
	ids[id_count] = resource_id;
	if (!places_listed(ctx, ids, id_count + (resource_id > 0), &resources, count_out, more_out))
		return false;
	struct resource_choice *list = arena_array(ctx->arena, *count_out + 1, sizeof(*list));
	for (size_t i = 0; i < *count_out; i++) {
		list[i] = (struct resource_choice){ resources[i].id, resources[i].kind, resources[i].name, false };
		for (size_t a = 0; a < id_count; a++)
			list[i].is_alternative |= ids[a] == resources[i].id;
	}
	*list_out = list;
	return true;
}

/* --- the list -------------------------------------------------------------------- */

static const char *name_of(const struct alternative_ref *list, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].id == id)
			return list[i].name;
	return NULL;
}

/* Names of all alternatives on a page: one statement. */
static bool name_alternatives(struct ctx *ctx, const struct restriction_row *rows, size_t count, struct restriction_view *views)
{
	int64_t *ids = arena_array(ctx->arena, count * RESTRICTION_ALTERNATIVES_MAX + 1, sizeof(*ids));
	size_t id_count = 0, found = 0;
	struct alternative_ref *others = NULL;
	for (size_t i = 0; i < count; i++)
		id_count += restriction_ids(rows[i].alternatives, &ids[id_count], RESTRICTION_ALTERNATIVES_MAX);
	if (id_count && !alternatives_fetch(ctx, ids, id_count, &others, &found))
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t own = restriction_ids(rows[i].alternatives, ids, RESTRICTION_ALTERNATIVES_MAX);
		views[i].alternatives = "";
		for (size_t a = 0; a < own; a++) {
			const char *name = name_of(others, found, ids[a]);
			if (name)
				views[i].alternatives = arena_printf(ctx->arena, "%s%s%s", views[i].alternatives,
								     views[i].alternatives[0] ? ", " : "", name);
		}
	}
	return true;
}

struct restriction_view restriction_view_of(const struct ctx *ctx, const struct restriction_row *row)
{
	return (struct restriction_view){ .rule = row->rule,
					  .resource_name = row->resource_name,
					  .reason = row->reason,
					  .alternatives = "",
					  .row_version = row->row_version,
					  .may_change = restriction_is_permitted(ctx->actor, &row->rule) };
}

static const char *filter_query(struct ctx *ctx, const struct restrictions_page *page)
{
	const char *const names[] = { "resource_id", "from", "to" }, *const values[] = { page->resource_id, page->from, page->to };
	struct str out = STR_INIT;
	for (size_t i = 0; i < 3; i++) {
		if (!values[i][0])
			continue;
		str_addf(&out, "%s%s=", out.len ? "&" : "", names[i]);
		html_url(&out, values[i]);
	}
	const char *query = arena_strdup(ctx->arena, str_text(&out));
	str_free(&out);
	return query;
}

static bool load_rows(struct request *request, struct restriction_filter *filter, struct restrictions_page *page)
{
	struct ctx *ctx = request->ctx;
	struct restriction_row *rows;
	filter->limit = ROWS_PER_PAGE + 1;
	filter->after_id = page->after;
	if (!restrictions_page(ctx, filter, &rows, &page->row_count))
		return false;
	if (page->row_count > ROWS_PER_PAGE) {
		page->row_count = ROWS_PER_PAGE;
		page->next_after = rows[ROWS_PER_PAGE - 1].rule.id;
	}
	struct restriction_view *views = arena_array(ctx->arena, page->row_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->row_count; i++)
		views[i] = restriction_view_of(ctx, &rows[i]);
	page->rows = views;
	return name_alternatives(ctx, rows, page->row_count, views);
}

/* What was just done, and what it meets: said once, after the form. */
static bool load_note(struct request *request, struct restrictions_page *page)
{
	struct ctx *ctx = request->ctx;
	struct restriction_row row;
	struct restriction_touch touch;
	int64_t id;
	if (!param_int(request, "saved", 0, INT64_MAX, 0, &id))
		return false;
	if (param(request, "deleted"))
		page->note = "The restriction is deleted.";
	if (!id || !restriction_get(ctx, id, &row)) {
		fail_clear(&ctx->fail);
		return true;
	}
	if (!restriction_touches(ctx, &row.rule, &touch))
		return false;
	const char *who = row.resource_name ? row.resource_name : "It";
	const char *others = touch.overlapping_count
				     ? arena_printf(ctx->arena, " %zu other restriction%s of %s overlap%s it: all of them count.",
						    touch.overlapping_count, touch.overlapping_count == 1 ? "" : "s", who,
						    touch.overlapping_count == 1 ? "s" : "")
				     : "";
	const char *events = touch.event_count ? arena_printf(ctx->arena, " %s has %s%" PRId64 " event%s at that time already; they stay as they are.",
							      who, touch.event_count >= EVENTS_TOLD_MAX ? "at least " : "",
							      touch.event_count, touch.event_count == 1 ? "" : "s")
					       : "";
	page->note = arena_printf(ctx->arena, "The restriction of %s is saved.%s%s", who, others, events);
	return true;
}

void get_restrictions_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct restriction_filter filter;
	struct resource_choice *choices;
	struct issues issues = page_issues(request);
	struct restrictions_page page = {
		.frame = &frame,
		.issues = &issues,
		.resource_id = param_text(request, "resource_id"),
		.from = param_text(request, "from"),
		.to = param_text(request, "to"),
		.may_add = permitted(ctx->actor, PERMIT_RESOLVE_CONFLICTS),
	};
	restriction_filter_read(request, &filter, &issues);
	page.filter_query = filter_query(ctx, &page);
	if (!param_int(request, "after", 0, INT64_MAX, 0, &page.after) || !load_rows(request, &filter, &page) ||
	    !load_note(request, &page) || !restriction_choices(ctx, filter.resource_id, "", &choices, &page.resource_count, &page.has_more)) {
		respond_fail(response, NULL);
		return;
	}
	page.resources = choices;
	page_frame(request, "Restrictions", NAV_RESTRICTIONS, &frame);
	frame.has_error = issues.count > 0;
	page_restrictions(&response->body, &page);
}
