/* Batches: create, feed, list, look at, forget. */
#include "base/config.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/idempotency.h"
#include "web/status_json.h"

/* The beginning of a body, held back to see whether it has items. */
struct peeked {
	struct request *request;
	char *bytes;
	size_t len, used;
	bool is_whole;
};

static bool peek(struct request *request, struct peeked *peeked)
{
	*peeked = (struct peeked){ .request = request, .bytes = arena_alloc(request->ctx->arena, SMALL_BODY_BYTES) };
	while (peeked->len < SMALL_BODY_BYTES && !peeked->is_whole) {
		long got = request->read_body(request, peeked->bytes + peeked->len, SMALL_BODY_BYTES - peeked->len);
		if (got < 0)
			return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_TRUNCATED_BODY,
					"The body ended after %zu bytes; more had been announced", peeked->len);
		peeked->len += (size_t)got;
		peeked->is_whole = got == 0;
	}
	return true;
}

static long read_peeked(void *user, char *buffer, size_t size)
{
	struct peeked *peeked = user;
	size_t left = peeked->len - peeked->used;
	if (left == 0)
		return peeked->is_whole ? 0 : peeked->request->read_body(peeked->request, buffer, size);
	size = size < left ? size : left;
	memcpy(buffer, peeked->bytes + peeked->used, size);
	peeked->used += size;
	return (long)size;
}

/* The object of a body without items; NULL when the body is to be streamed. */
static json_t *order_of(struct ctx *ctx, const struct peeked *peeked)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	if (!peeked->is_whole)
		return NULL;
	json_t *body = json_read(ctx->arena, peeked->bytes, peeked->len, &unreadable);
	return json_is_object(body) && !json_object_get(body, "items") ? body : NULL;
}

/* A receiving batch from {"type", "options", "label"}, or with "from_evaluation"
 * one that runs. */
static void create_empty(struct response *response, const json_t *order)
{
	static const char *const members[] = { "type", "options", "label", "from_evaluation", NULL };
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct batch_options options;
	struct job job;
	enum job_type type;
	options_default(ctx->config, &options);
	refuse_unknown(order, members, &issues);
	const char *name = text_member(order, "type", NULL, 1, 40, &issues);
	const char *label = text_member(order, "label", NULL, 0, JOB_LABEL_MAX, &issues);
	const json_t *given = json_object_get(order, "options");
	int64_t evaluation = int_member(order, "from_evaluation", 0, 1, INT64_MAX, &issues);
	if (evaluation && name && strcmp(name, "create") != 0)
		issue_add(&issues, CODE_INVALID_VALUE, "/type", NULL, "from_evaluation makes a batch of type create");
	if (issues.count == 0 && batch_type_read(ctx, name, &type) && (!given || options_read(given, type, &options, &issues)) &&
	    issues.count == 0 &&
	    (evaluation ? batch_create_from_evaluation(ctx, evaluation, &options, label ? label : options.label, &job)
			: batch_create(ctx, type, &options, label ? label : options.label, &job))) {
		locate_job(response, job.id);
		respond_status(response, 201, job.id);
		return;
	}
	respond_issues(response, &issues);
}

static void create_from_json(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct peeked peeked;
	struct job job;
	bool is_read = peek(request, &peeked);
	json_t *order = is_read ? order_of(ctx, &peeked) : NULL;
	if (order) {
		create_empty(response, order);
	} else if (is_read && batch_create_from_body(ctx, false, JOB_CREATE, NULL, NULL, INGEST_JSON,
						     (struct byte_source){ read_peeked, &peeked }, &job)) {
		locate_job(response, job.id);
		respond_status(response, 201, job.id);
	} else {
		respond_fail(response, NULL);
	}
}

/* NDJSON and CSV say everything but the items in the query. */
static void create_from_rows(struct request *request, struct response *response, enum ingest_format format)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct batch_options options;
	struct job job;
	enum job_type type;
	options_default(ctx->config, &options);
	if (batch_type_read(ctx, param(request, "type"), &type) && options_from_query(request, type, &options, &issues) &&
	    batch_create_from_body(ctx, true, type, &options, param(request, "label"), format, body_source(request),
				   &job)) {
		locate_job(response, job.id);
		respond_status(response, 201, job.id);
		return;
	}
	respond_issues(response, &issues);
}

void post_batch(struct request *request, struct response *response)
{
	enum ingest_format format = INGEST_JSON;
	enum key_turn turn = TURN_REFUSE;
	bool is_form = is_multipart(request) || is_urlencoded(request);
	if (is_form || format_of(request, &format))
		turn = key_begin(request, 201);
	if (turn == TURN_TELL) {
		respond_status(response, request->ctx->key->reply_status, request->ctx->key->job_id);
		if (response->status < 400)
			locate_job(response, request->ctx->key->job_id);
	} else if (turn == TURN_REFUSE) {
		respond_fail(response, NULL);
	} else if (is_form) {
		create_from_form(request, response);
	} else if (format == INGEST_JSON) {
		create_from_json(request, response);
	} else {
		create_from_rows(request, response, format);
	}
	key_end(request, response);
}

void post_batch_items(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct ingest_report report;
	enum ingest_format format;
	struct json_writer w;
	int64_t offset;
	if (!format_of(request, &format) || !param_int(request, "offset", 0, ctx->config->items_max, 0, &offset) ||
	    !batch_append(ctx, request->path_id, offset, format, body_source(request), &report)) {
		respond_fail(response, NULL);
		return;
	}
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_int(&w, "received", report.received);
	jw_int(&w, "accepted", report.accepted);
	jw_int(&w, "malformed", report.malformed);
	jw_bool(&w, "repeated", report.was_repeated);
	jw_end_object(&w);
}

static bool phase_is_known(struct ctx *ctx, const char *phase)
{
	for (int state = 0; state < JOB_STATE_COUNT; state++)
		if (strcmp(job_state_phase((enum job_state)state), phase) == 0)
			return true;
	return fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "The parameter phase is pending, processing, completed or failed");
}

/* Those that the program makes itself can be looked for, too. */
static bool type_is_known(struct ctx *ctx, const char *name)
{
	enum job_type type;
	return job_type_by_name(name, &type) || batch_type_read(ctx, name, &type);
}

static bool read_filter(struct request *request, struct job_filter *filter)
{
	int64_t limit;
	*filter = (struct job_filter){ .phase = param(request, "phase"), .type = param(request, "type") };
	if ((filter->phase && !phase_is_known(request->ctx, filter->phase)) ||
	    (filter->type && !type_is_known(request->ctx, filter->type)) || !param_int(request, "user", 1, INT64_MAX, 0, &filter->created_by) ||
	    !param_int(request, "after", 1, INT64_MAX, 0, &filter->before_id) ||
	    !param_int(request, "limit", 1, 200, 50, &limit))
		return false;
	filter->limit = (int32_t)limit;
	return true;
}

void get_batches(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct job_filter filter;
	struct batch_status *list;
	struct json_writer w;
	size_t count;
	if (!read_filter(request, &filter) || !batch_list(ctx, &filter, &list, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		status_json(&w, NULL, &list[i]);
	list_end(&w, count == (size_t)filter.limit, count ? list[count - 1].job.id : 0);
}

void get_batch(struct request *request, struct response *response)
{
	respond_status(response, 200, request->path_id);
}

void delete_batch(struct request *request, struct response *response)
{
	if (batch_delete(request->ctx, request->path_id))
		response->status = 204;
	else
		respond_fail(response, NULL);
}
