#include "web/change_items.h"

#include "batch/files.h"
#include "web/batch_input.h"
#include "web/idempotency.h"

#define SHIFT_MAX_S (366LL * 86400)

/* --- the form ------------------------------------------------------------ */

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

static void read_shift(const struct change_view *view, struct change *change, struct issues *issues)
{
	static const struct { const char *name; int64_t seconds; } units[] = {
		{ "minutes", 60 }, { "hours", 3600 }, { "days", 86400 }, { "weeks", 7 * 86400 },
	};
	const char *text = view->shift_by[0] == '+' ? view->shift_by + 1 : view->shift_by;
	int64_t unit_s = 0, count;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, view->shift_unit) == 0)
			unit_s = units[i].seconds;
	if (!text[0])
		return;
	if (!parse_i64(text, strlen(text), &count) || unit_s == 0)
		issue_add(issues, CODE_INVALID_VALUE, "/shift_by", NULL, "Write a whole number, such as 2 or -1");
	else if (count < -SHIFT_MAX_S / unit_s || count > SHIFT_MAX_S / unit_s)
		issue_add(issues, CODE_OUT_OF_RANGE, "/shift_by", NULL, "Events can be moved by 366 days at most");
	else
		change->shift_s = count * unit_s;
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
	if (issues->count == 0 && change_out->shift_s == 0 && !has_values)
		issue_add(issues, CODE_REQUIRED, "/shift_by", "", "Nothing is to be changed: fill in at least one field");
}

/* --- the items ----------------------------------------------------------- */

/* `id` 0: the item names its events by the filter. */
static void write_item(struct json_writer *w, const struct change *change, int64_t id)
{
	jw_object(w, NULL);
	jw_object(w, "selector");
	if (id != 0)
		jw_int(w, "event_id", id);
	else
		selection_write_query(w, "query", &change->selection->filter);
	jw_end_object(w);
	jw_object(w, "values");
	if (change->shift_s != 0)
		jw_int(w, "shift_s", change->shift_s);
	write_values(w, change->view);
	jw_end_object(w);
	jw_end_object(w);
}

struct order {
	const struct batch_options *options;
	const char *items;
	size_t len;
};

static bool make(struct request *request, const void *what, struct job *job_out)
{
	const struct order *order = what;
	const struct file_input text = { .data = order->items, .len = order->len, .format = INGEST_JSON };
	return batch_create_from_text(request->ctx, JOB_UPDATE, order->options, &text, job_out);
}

bool change_create(struct request *request, const struct change *change, const struct batch_options *options,
		   struct job *job_out)
{
	const struct selection *selection = change->selection;
	struct str text = STR_INIT;
	struct json_writer w;
	struct digest_state content;
	jw_begin(&w, &text);
	jw_list(&w, NULL);
	if (selection->by_filter)
		write_item(&w, change, 0);
	for (size_t i = 0; i < selection->id_count; i++)
		write_item(&w, change, selection->ids[i]);
	jw_end_list(&w);
	digest_begin(&content);
	form_content(&content, options_text(request->ctx->arena, JOB_UPDATE, options));
	form_content(&content, options->label);
	form_content(&content, str_text(&text));
	bool ok = form_make_once(request, &content, make, &(struct order){ options, text.data, text.len }, job_out);
	str_free(&text);
	return ok;
}
