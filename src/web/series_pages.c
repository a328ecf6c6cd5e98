/* The page of a series: its occurrences one by one, and its rule. */
#include "base/clock.h"
#include "rules/recurrence.h"
#include "schedule/edit.h"
#include "store/events.h"
#include "views/page_series.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define ROWS_PER_PAGE 25

static bool load_event(struct request *request, struct event *event)
{
	struct ctx *ctx = request->ctx;
	if (!event_get(ctx, request->path_id, event))
		return false;
	return permitted_for(ctx->actor, PERMIT_VIEW_SCHEDULED_CONTENT, event->schedule_type, event->created_by) ||
	       fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %" PRId64, request->path_id);
}

/* --- occurrences ------------------------------------------------------------------ */

static bool is_in(const int64_t *dates, size_t count, int64_t date)
{
	for (size_t i = 0; i < count; i++)
		if (dates[i] == date)
			return true;
	return false;
}

static struct occurrence_view view_of(const struct event *event, const json_t *overrides, const struct recurrence_instance *instance)
{
	struct occurrence_view view = {
		.local_start = instance->local_start,
		.now_local = instance->local_start,
		.duration_s = event->duration_s,
		.flag = instance->flag,
		.is_left_out = is_in(event->exdates, event->exdate_count, instance->local_start),
		.is_added = is_in(event->rdates, event->rdate_count, instance->local_start),
	};
	char name[TIME_TEXT_SIZE];
	time_format_local(instance->local_start, name);
	const json_t *own = json_object_get(overrides, name), *start = json_object_get(own, "local_start");
	if (json_is_string(start))
		(void)time_parse_local(json_string_value(start), json_string_length(start), &view.now_local);
	if (json_object_get(own, "duration_s"))
		view.duration_s = json_integer_value(json_object_get(own, "duration_s"));
	view.title = json_string_value(json_object_get(own, "title"));
	view.version_no = json_integer_value(json_object_get(own, "version_no"));
	return view;
}

/* The occurrences from a wall time on, also those that are left out; one more
 * than a page has, where there is one. */
static size_t list_from(struct ctx *ctx, const struct event *event, int64_t from_local, size_t limit, struct occurrence_view *list)
{
	struct recurrence_instance found[ROWS_PER_PAGE + 1];
	struct recurrence_refusal why;
	struct recurrence rule;
	struct recurrence_series series = {
		.local_start = event->timezone ? event->local_start : event->starts_at,
		.zone = event->timezone ? zone_find(event->timezone) : NULL,
		.rdates = event->rdates,
		.rdate_count = event->rdate_count,
	};
	const char *overrides = event->overrides ? event->overrides : "{}";
	const json_t *own = json_read(ctx->arena, overrides, strlen(overrides), &ctx->fail);
	int64_t from_utc = from_local;
	size_t count = 0;
	if (event->recurrence) {
		if (!recurrence_parse(event->recurrence, strlen(event->recurrence), true, &rule, &why))
			return 0;
		series.rule = &rule;
	}
	if (series.zone)
		(void)zone_to_utc(series.zone, from_local, &from_utc);
	(void)recurrence_expand(&series, from_utc, INT64_MAX, found, limit, &count);
	for (size_t i = 0; i < count; i++)
		list[i] = view_of(event, own, &found[i]);
	return count;
}

static const char *wall_text(struct ctx *ctx, int64_t local)
{
	char *text = arena_alloc(ctx->arena, TIME_TEXT_SIZE);
	time_format_local(local, text);
	return text;
}

static void load_list(struct request *request, const char *from, const char *chosen, struct series_page *page)
{
	struct ctx *ctx = request->ctx;
	const struct event *event = page->event;
	struct occurrence_view *list = arena_array(ctx->arena, ROWS_PER_PAGE + 1, sizeof(*list));
	struct occurrence_view *one = arena_alloc(ctx->arena, sizeof(*one));
	int64_t from_local = page->frame->now_utc - page->frame->now_utc % 86400, local;
	(void)time_parse_local(from, strlen(from), &from_local);
	page->list = list;
	page->count = list_from(ctx, event, from_local, ROWS_PER_PAGE + 1, list);
	if (page->count > ROWS_PER_PAGE) {
		page->count = ROWS_PER_PAGE;
		page->next_from = wall_text(ctx, list[ROWS_PER_PAGE].local_start);
	}
	if (time_parse_local(chosen, strlen(chosen), &local) && list_from(ctx, event, local, 1, one) == 1 && one->local_start == local)
		page->chosen = one;
}

/* --- the rule as a form -------------------------------------------------------------- */

/* A rule that the simple fields can say; others stand as text. */
static bool is_simple(const struct recurrence *rule)
{
	uint64_t others = rule->months | rule->month_days | rule->month_days_back | rule->hours | rule->minutes | rule->weeks |
			  rule->weeks_back | rule->nth_count | rule->position_count;
	for (size_t i = 0; i < sizeof(rule->year_days) / sizeof(rule->year_days[0]); i++)
		others |= rule->year_days[i] | rule->year_days_back[i];
	return !others && rule->freq <= RECUR_DAILY && (!rule->weekdays || rule->freq == RECUR_WEEKLY) && !rule->week_start &&
	       (rule->until_kind == RECUR_UNTIL_NONE || rule->until_kind == RECUR_UNTIL_DATE);
}

static void rule_of_event(struct ctx *ctx, const struct event *event, struct rule_view *view)
{
	static const char *const names[] = { "yearly", "monthly", "weekly", "daily" };
	struct recurrence_refusal why;
	struct recurrence rule;
	*view = (struct rule_view){ "", "1", "10", "", event->recurrence ? event->recurrence : "", { false }, "never" };
	if (!event->recurrence || !recurrence_parse(event->recurrence, strlen(event->recurrence), true, &rule, &why))
		return;
	view->repeat = is_simple(&rule) ? names[rule.freq] : "rule";
	view->interval = arena_printf(ctx->arena, "%d", rule.interval);
	for (int day = 0; day < 7; day++)
		view->days[day] = (rule.weekdays >> day) & 1;
	if (rule.count) {
		view->ends = "count";
		view->count = arena_printf(ctx->arena, "%d", rule.count);
	} else if (rule.until_kind == RECUR_UNTIL_DATE) {
		view->ends = "until";
		view->until = arena_printf(ctx->arena, "%.10s", wall_text(ctx, rule.until));
	}
}

static void rule_of_form(const struct request *request, struct rule_view *view)
{
	static const char *const codes[7] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
	*view = (struct rule_view){ .repeat = form_text(request, "repeat"),
				    .interval = form_text(request, "interval"),
				    .count = form_text(request, "count"),
				    .until = form_text(request, "until"),
				    .rule = form_text(request, "recurrence"),
				    .ends = form_text(request, "ends") };
	for (size_t i = 0; i < request->form_count; i++)
		for (int day = 0; day < 7; day++)
			view->days[day] |= strcmp(request->form[i].name, "day") == 0 && strcmp(request->form[i].value, codes[day]) == 0;
}

/* The rule that the fields say; what is wrong with them the parser says. NULL =
 * happens once. */
static const char *rule_text(struct ctx *ctx, const struct rule_view *view)
{
	static const char *const codes[7] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
	struct str text = STR_INIT;
	bool any = false;
	if (!view->repeat[0])
		return NULL;
	if (strcmp(view->repeat, "rule") == 0)
		return view->rule;
	str_addf(&text, "FREQ=%s", view->repeat);
	if (view->interval[0])
		str_addf(&text, ";INTERVAL=%s", view->interval);
	if (strcmp(view->ends, "count") == 0)
		str_addf(&text, ";COUNT=%s", view->count);
	if (strcmp(view->ends, "until") == 0)
		str_addf(&text, ";UNTIL=%.4s%.2s%.2s", view->until, strlen(view->until) > 5 ? view->until + 5 : "",
			 strlen(view->until) > 8 ? view->until + 8 : "");
	for (int day = 0; day < 7 && strcmp(view->repeat, "weekly") == 0; day++) {
		if (!view->days[day])
			continue;
		str_addf(&text, "%s%s", any ? "," : ";BYDAY=", codes[day]);
		any = true;
	}
	const char *kept = arena_strdup(ctx->arena, str_text(&text));
	str_free(&text);
	return kept;
}

/* --- the page -------------------------------------------------------------------------- */

static void show(struct request *request, struct response *response, struct issues *issues, bool is_form)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct event event;
	struct series_page page = { .frame = &frame, .event = &event, .issues = issues };
	const char *(*text)(const struct request *, const char *) = is_form ? form_text : param_text;
	if (!load_event(request, &event)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, "Occurrences", NAV_EVENTS, &frame);
	frame.has_error = issues->count > 0;
	page.from = text(request, "from");
	page.may_change = event_status_is_editable(event.status) &&
			  permitted_for(ctx->actor, PERMIT_SCHEDULE_CONTENT, event.schedule_type, event.created_by);
	page.note = param(request, "saved") ? "Saved." : NULL;
	load_list(request, page.from, text(request, "occurrence"), &page);
	if (is_form && strcmp(form_text(request, "action"), "rule") == 0)
		rule_of_form(request, &page.rule);
	else
		rule_of_event(ctx, &event, &page.rule);
	page_series(&response->body, &page);
}

void get_series_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show(request, response, &issues, false);
}

/* --- what is to be done ------------------------------------------------------------------ */

/* The fields that differ from what is shown, so that nothing else is touched. */
static void add_changes(struct request *request, const struct event *event, json_t *values)
{
	struct occurrence_view view;
	const char *name = form_text(request, "occurrence"), *start = form_text(request, "local_start");
	const char *title = form_text(request, "title"), *minutes = form_text(request, "minutes");
	int64_t local, number;
	if (!time_parse_local(name, strlen(name), &local) || list_from(request->ctx, event, local, 1, &view) != 1)
		return;
	bool is_time = time_parse_local(start, strlen(start), &local);
	if (!is_time || local != view.now_local)
		json_object_set_new(values, event->timezone ? "local_start" : "starts_at",
				    json_sprintf("%s%s", start, event->timezone ? "" : ":00Z"));
	if (strcmp(title, view.title ? view.title : event->title) != 0)
		json_object_set_new(values, "title", json_string(title));
	if (!parse_i64(minutes, strlen(minutes), &number))
		json_object_set_new(values, "duration_s", json_string(minutes));
	else if (number != view.duration_s / 60)
		json_object_set_new(values, "duration_s", json_integer(number > INT32_MAX || number < 0 ? -1 : number * 60));
}

static json_t *values_of(struct request *request, const struct event *event)
{
	const char *action = form_text(request, "action");
	json_t *values = json_object();
	if (strcmp(action, "rule") == 0) {
		struct rule_view view;
		rule_of_form(request, &view);
		const char *rule = rule_text(request->ctx, &view);
		json_object_set_new(values, "recurrence", rule ? json_string(rule) : json_null());
		if (form_text(request, "normalise")[0])
			json_object_set_new(values, "normalise", json_true());
		return values;
	}
	json_object_set_new(values, "occurrence", json_string(form_text(request, "occurrence")));
	json_object_set_new(values, "scope", json_string("this"));
	if (strcmp(action, "change") == 0) {
		if (strcmp(form_text(request, "scope"), "following") == 0)
			json_object_set_new(values, "scope", json_string("following"));
		add_changes(request, event, values);
	} else {
		json_object_set_new(values, "status", json_string(strcmp(action, "bring_back") == 0 ? "scheduled" : "cancelled"));
	}
	return values;
}

/* The field of the form that a pointer such as /values/recurrence means. */
static const char *field_of(const struct ctx *ctx)
{
	static const char *const names[][2] = {
		{ "recurrence", "recurrence" }, { "local_start", "local_start" }, { "starts_at", "local_start" },
		{ "duration_s", "minutes" },	{ "title", "title" },
	};
	const char *last = strrchr(ctx->fail.pointer, '/');
	for (size_t i = 0; last && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(last + 1, names[i][0]) == 0)
			return names[i][1];
	return NULL;
}

void post_series_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	struct edit_result result;
	struct event event;
	int64_t known = 0;
	if (!form_checked(request, response))
		return;
	if (!load_event(request, &event)) {
		respond_fail(response, NULL);
		return;
	}
	const char *now = form_text(request, "now");
	(void)parse_i64(now, strlen(now), &known);
	json_t *values = values_of(request, &event);
	bool ok = edit_update(ctx, event.id, values, known, NULL, &result);
	json_decref(values);
	if (ok) {
		struct str from = STR_INIT;
		html_url(&from, form_text(request, "from"));
		response_redirect(response, "/events/%" PRId64 "/series?from=%s&saved=1", result.event.id, str_text(&from));
		str_free(&from);
	} else if (fail_is_for_form(request)) {
		issue_from_fail(request, &issues, field_of(ctx));
		show(request, response, &issues, true);
	} else {
		respond_fail(response, NULL);
	}
}
