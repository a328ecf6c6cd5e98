#include "web/change_items.h"

#include "base/clock.h"
#include "store/events.h"
#include "web/batch_input.h"

#define EVENTS_PER_SLICE 500

/* --- the form ------------------------------------------------------------ */

static void read_shift(const struct change_view *view, struct change *change, struct issues *issues)
{
	static const struct { const char *name; int64_t seconds; bool keeps_wall_time; } units[] = {
		{ "minutes", 60, false }, { "hours", 3600, false }, { "days", 86400, true }, { "weeks", 7 * 86400, true },
	};
	const char *text = view->shift_by[0] == '+' ? view->shift_by + 1 : view->shift_by;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, view->shift_unit) != 0)
			continue;
		change->shift_unit_s = units[i].seconds;
		change->keeps_wall_time = units[i].keeps_wall_time;
	}
	if (!text[0])
		return;
	if (!parse_i64(text, strlen(text), &change->shift) || change->shift < -100000 || change->shift > 100000 ||
	    change->shift_unit_s == 0)
		issue_add(issues, CODE_INVALID_VALUE, "/shift_by", NULL, "Write a whole number, such as 2 or -1");
}

/* A number where one is given; what is none is left for the rules to refuse. */
static void write_number(struct json_writer *w, const char *name, const char *text)
{
	int64_t number;
	if (parse_i64(text, strlen(text), &number))
		jw_int(w, name, number);
	else
		jw_text(w, name, text);
}

static void write_values(struct json_writer *w, const struct change_view *view)
{
	if (view->status[0])
		jw_text(w, "status", view->status);
	if (view->title[0])
		jw_text(w, "title", view->title);
	if (strcmp(view->version_no, "latest") == 0)
		jw_null(w, "version_no");
	else if (view->version_no[0])
		write_number(w, "version_no", view->version_no);
	if (view->schedule_type[0])
		jw_text(w, "schedule_type", view->schedule_type);
	if (view->priority[0])
		write_number(w, "priority", view->priority);
}

/* The rules of events judge the values here as they will judge each item.
 * Returns whether there are any. */
static bool check_values(struct request *request, const struct change_view *view, struct issues *issues)
{
	struct str text = STR_INIT;
	struct json_writer w;
	struct event event = { 0 };
	jw_begin(&w, &text);
	jw_object(&w, NULL);
	write_values(&w, view);
	jw_end_object(&w);
	json_t *values = json_read(request->ctx->arena, text.data, text.len, &request->ctx->fail);
	bool has_values = json_object_size(values) > 0;
	if (has_values)
		event_read(values, EVENT_VALUES, "", &event, issues);
	str_free(&text);
	return has_values;
}

void change_read(struct request *request, const struct change_view *view, struct change *change_out,
		 struct issues *issues)
{
	change_out->view = view;
	read_shift(view, change_out, issues);
	bool has_values = check_values(request, view, issues);
	if (issues->count == 0 && change_out->shift == 0 && !has_values)
		issue_add(issues, CODE_REQUIRED, "/shift_by", "", "Nothing is to be changed: fill in at least one field");
}

/* --- the items ----------------------------------------------------------- */

static void write_start(struct json_writer *w, const struct change *change, const struct event *event)
{
	char text[TIME_TEXT_SIZE];
	int64_t moved = change->shift * change->shift_unit_s;
	if (change->keeps_wall_time && event->timezone) {
		time_format_local(event->local_start + moved, text);
		jw_text(w, "local_start", text);
	} else {
		jw_time(w, "starts_at", event->starts_at + moved);
	}
}

/* A moved event carries the version that the move was reckoned from. */
static void write_moved(struct json_writer *w, const struct change *change, const struct event *event)
{
	jw_object(w, NULL);
	jw_object(w, "selector");
	jw_int(w, "event_id", event->id);
	jw_end_object(w);
	jw_object(w, "values");
	write_start(w, change, event);
	write_values(w, change->view);
	jw_end_object(w);
	jw_int(w, "expected_version", event->row_version);
	jw_end_object(w);
}

/* The batch as it is being fed. */
struct feed {
	struct ctx *ctx;
	const struct change *change;
	int64_t job_id;
	int64_t sent;
	struct str text;
	struct json_writer w;
};

static void slice_begin(struct feed *feed)
{
	str_clear(&feed->text);
	jw_begin(&feed->w, &feed->text);
	jw_list(&feed->w, NULL);
}

static bool slice_end(struct feed *feed)
{
	struct ingest_report report;
	jw_end_list(&feed->w);
	struct memory_source memory = { feed->text.data, feed->text.len };
	if (!batch_append(feed->ctx, feed->job_id, feed->sent, INGEST_JSON, memory_source(&memory), &report))
		return false;
	feed->sent = report.received;
	return true;
}

static bool feed_query(struct feed *feed)
{
	slice_begin(feed);
	jw_object(&feed->w, NULL);
	jw_object(&feed->w, "selector");
	selection_write_query(&feed->w, "query", &feed->change->selection->filter);
	jw_end_object(&feed->w);
	jw_object(&feed->w, "values");
	write_values(&feed->w, feed->change->view);
	jw_end_object(&feed->w);
	jw_end_object(&feed->w);
	return slice_end(feed);
}

static bool feed_moved_by_filter(struct feed *feed)
{
	struct ctx *ctx = feed->ctx;
	int64_t after = 0;
	for (;;) {
		struct arena_mark mark = arena_mark(ctx->arena);
		struct event *events;
		size_t count;
		if (!events_page(ctx, &feed->change->selection->filter, after, EVENTS_PER_SLICE, &events, &count))
			return false;
		if (count == 0)
			return true;
		slice_begin(feed);
		for (size_t i = 0; i < count; i++)
			write_moved(&feed->w, feed->change, &events[i]);
		after = events[count - 1].id;
		arena_rewind(ctx->arena, mark);
		if (!slice_end(feed))
			return false;
		if (feed->sent > SHIFTED_MAX)
			return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_ITEMS,
					"At most %d events can be moved at once", SHIFTED_MAX);
	}
}

static bool feed_ids(struct feed *feed)
{
	const struct selection *selection = feed->change->selection;
	slice_begin(feed);
	for (size_t i = 0; i < selection->id_count; i++) {
		struct event event = { .id = selection->ids[i] };
		if (feed->change->shift != 0 && !event_get(feed->ctx, event.id, &event))
			return false;
		if (feed->change->shift != 0) {
			write_moved(&feed->w, feed->change, &event);
			continue;
		}
		jw_object(&feed->w, NULL);
		jw_object(&feed->w, "selector");
		jw_int(&feed->w, "event_id", event.id);
		jw_end_object(&feed->w);
		jw_object(&feed->w, "values");
		write_values(&feed->w, feed->change->view);
		jw_end_object(&feed->w);
		jw_end_object(&feed->w);
	}
	return slice_end(feed);
}

bool change_create(struct ctx *ctx, const struct change *change, const struct batch_options *options,
		   struct job *job_out)
{
	struct feed feed = { .ctx = ctx, .change = change, .text = STR_INIT };
	if (!batch_create(ctx, JOB_UPDATE, options, options->label, job_out))
		return false;
	feed.job_id = job_out->id;
	bool ok = !change->selection->by_filter ? feed_ids(&feed)
		  : change->shift == 0		? feed_query(&feed)
						: feed_moved_by_filter(&feed);
	str_free(&feed.text);
	if (ok && batch_start(ctx, job_out->id))
		return true;
	struct fail why = ctx->fail;
	fail_clear(&ctx->fail);
	if (!batch_cancel(ctx, job_out->id, true))
		fail_clear(&ctx->fail); /* it stays as one that never got its items */
	ctx->fail = why;
	return false;
}
