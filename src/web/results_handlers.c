/* Results of a batch: a page of them, or all of them streamed. */
#include "web/handlers.h"
#include "web/results_csv.h"
#include "web/status_json.h"

#define STREAM_PAGE 200

void get_batch_items(struct request *request, struct response *response)
{
	respond_results(response, request->path_id, false);
}

/* Writes one item in some form; `state` is the form's own. */
struct stream_form {
	const char *content_type;
	const char *extension;
	void (*begin)(struct str *out, struct arena *arena, const struct job *job, void *state);
	void (*item)(struct str *out, struct arena *arena, const struct job *job, const struct item_result *item,
		     void *state);
	/* A list that breaks off says so: it must not look whole. */
	void (*broken)(struct str *out, const struct fail *fail);
	void *state;
};

static bool read_outcome(struct request *request, int *outcome_out)
{
	const char *name = param(request, "outcome");
	enum outcome outcome = OUTCOME_PENDING;
	if (name && !outcome_by_name(name, &outcome))
		return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE,
				"There is no outcome %.40s; succeeded, failed, conflict… are", name);
	*outcome_out = name ? (int)outcome : -1;
	return true;
}

static void stream_head(struct response *response, const struct stream_form *form, int64_t job_id, int outcome)
{
	response->content_type = form->content_type;
	response_header(response, "Content-Disposition", "attachment; filename=\"batch-%lld%s%s.%s\"",
			(long long)job_id, outcome < 0 ? "" : "-",
			outcome < 0 ? "" : outcome_name((enum outcome)outcome), form->extension);
	response_stream_begin(response);
}

/* Page after page by key, so that memory holds one page. */
static void stream(struct response *response, const struct stream_form *form)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct arena_mark start = arena_mark(ctx->arena);
	struct str out = STR_INIT;
	struct item_result *items;
	struct job job;
	int64_t after = -1;
	size_t count = STREAM_PAGE;
	int outcome = -1;
	bool ok = read_outcome(request, &outcome);
	for (bool is_first = true; ok && count == STREAM_PAGE; is_first = false) {
		ok = batch_results(ctx, request->path_id, outcome, after, STREAM_PAGE, &job, &items, &count);
		if (!ok)
			break;
		if (is_first) {
			stream_head(response, form, job.id, outcome);
			if (form->begin)
				form->begin(&out, ctx->arena, &job, form->state);
			start = arena_mark(ctx->arena);
			if (request->method == METHOD_HEAD)
				break;
		}
		for (size_t i = 0; i < count; i++) {
			struct arena_mark mark = arena_mark(ctx->arena);
			form->item(&out, ctx->arena, &job, &items[i], form->state);
			arena_rewind(ctx->arena, mark);
		}
		after = count ? items[count - 1].ordinal : after;
		response_stream_write(response, str_text(&out), out.len);
		str_clear(&out);
		arena_rewind(ctx->arena, start);
	}
	if (!ok) {
		form->broken(&out, &ctx->fail);
		respond_fail(response, NULL);
		if (after >= 0)
			response_stream_write(response, str_text(&out), out.len);
	}
	str_free(&out);
}

/* --- CSV ----------------------------------------------------------------- */

static void csv_begin(struct str *out, struct arena *arena, const struct job *job, void *state)
{
	struct csv_writer w = { .out = out };
	results_columns(arena, job, state);
	results_header(&w, state);
}

static void csv_item(struct str *out, struct arena *arena, const struct job *job, const struct item_result *item,
		     void *state)
{
	struct csv_writer w = { .out = out };
	(void)job;
	results_row(&w, arena, state, item);
}

static void csv_broken(struct str *out, const struct fail *fail)
{
	struct csv_writer w = { .out = out };
	csv_text(&w, "This list is incomplete");
	csv_text(&w, fail->public_message);
	csv_end_row(&w);
}

void get_results_csv(struct request *request, struct response *response)
{
	struct results_columns columns;
	(void)request;
	stream(response, &(struct stream_form){ "text/csv; charset=utf-8", "csv", csv_begin, csv_item, csv_broken,
						&columns });
}

/* --- NDJSON -------------------------------------------------------------- */

static void ndjson_item(struct str *out, struct arena *arena, const struct job *job, const struct item_result *item,
			void *state)
{
	struct json_writer w;
	(void)state;
	jw_begin(&w, out);
	item_json(&w, arena, job, item);
	str_addc(out, '\n');
}

static void ndjson_broken(struct str *out, const struct fail *fail)
{
	struct json_writer w;
	jw_begin(&w, out);
	jw_object(&w, NULL);
	jw_text(&w, "incomplete", fail->public_message);
	jw_end_object(&w);
	str_addc(out, '\n');
}

void get_results_ndjson(struct request *request, struct response *response)
{
	(void)request;
	stream(response, &(struct stream_form){ "application/x-ndjson", "ndjson", NULL, ndjson_item, ndjson_broken,
						NULL });
}
