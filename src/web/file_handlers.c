/* Files of a batch: begun, taken back, listed; and several in one request. */
#include "batch/files.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/status_json.h"

static void file_json(struct json_writer *w, const struct upload_file *file)
{
	jw_object(w, NULL);
	jw_int(w, "file_no", file->file_no);
	jw_text(w, "name", file->name);
	jw_int(w, "bytes", file->bytes);
	jw_text(w, "state", upload_state_name(file->state));
	jw_int(w, "first_ordinal", file->first_ordinal);
	jw_int(w, "items", file->items);
	jw_text(w, "code", file->code);
	jw_text(w, "message", file->message);
	jw_end_object(w);
}

void get_batch_files(struct request *request, struct response *response)
{
	struct json_writer w;
	struct upload_file *list;
	size_t count;
	if (!batch_files(request->ctx, request->path_id, NULL, &list, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		file_json(&w, &list[i]);
	list_end(&w, false, 0);
}

void post_batch_file(struct request *request, struct response *response)
{
	static const char *const members[] = { "file_no", "name", "bytes", NULL };
	struct issues issues = no_issues(request);
	struct upload_file file;
	struct json_writer w;
	const json_t *body = object_body(request, false);
	if (!body) {
		respond_fail(response, NULL);
		return;
	}
	refuse_unknown(body, members, &issues);
	int64_t file_no = int_member(body, "file_no", 0, 1, UPLOAD_FILES_MAX, &issues);
	const char *name = text_member(body, "name", NULL, 1, UPLOAD_NAME_MAX, &issues);
	int64_t bytes = int_member(body, "bytes", 0, 0, INT64_MAX, &issues);
	if (!issues.count && !file_no)
		issue_add(&issues, CODE_REQUIRED, "/file_no", NULL, "file_no is missing");
	if (!issues.count && !name)
		issue_add(&issues, CODE_REQUIRED, "/name", NULL, "name is missing");
	if (issues.count || !batch_file_begin(request->ctx, request->path_id, (int32_t)file_no, name, bytes, &file)) {
		respond_issues(response, &issues);
		return;
	}
	jw_begin(&w, &response->body);
	file_json(&w, &file);
}

void post_batch_file_drop(struct request *request, struct response *response)
{
	static const char *const members[] = { "file_no", "state", "code", "message", NULL };
	struct issues issues = no_issues(request);
	struct json_writer w;
	enum upload_state state = UPLOAD_CANCELLED;
	bool done = false;
	const json_t *body = object_body(request, false);
	if (!body) {
		respond_fail(response, NULL);
		return;
	}
	refuse_unknown(body, members, &issues);
	int64_t file_no = int_member(body, "file_no", 0, 1, UPLOAD_FILES_MAX, &issues);
	const char *word = text_member(body, "state", "cancelled", 1, 20, &issues);
	const char *code = text_member(body, "code", NULL, 0, 40, &issues);
	const char *message = text_member(body, "message", NULL, 0, UPLOAD_MESSAGE_MAX, &issues);
	if (!issues.count && !file_no)
		issue_add(&issues, CODE_REQUIRED, "/file_no", NULL, "file_no is missing");
	if (!issues.count && (!upload_state_by_name(word, &state) || state == UPLOAD_TAKEN))
		issue_add(&issues, CODE_INVALID_VALUE, "/state", "Use cancelled or refused", "This is no reason to take a file back");
	if (state != UPLOAD_REFUSED)
		code = message = NULL;
	else if (code)
		code = code_info(code_by_name(code))->name;
	if (issues.count || !batch_file_drop(request->ctx, request->path_id, (int32_t)file_no, state, code, message, &done)) {
		respond_issues(response, &issues);
		return;
	}
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_bool(&w, "done", done);
	jw_end_object(&w);
}

/* --- forms ------------------------------------------------------------------- */

static bool read_order(struct request *request, enum job_type *type, struct batch_options *options, struct issues *issues)
{
	struct ctx *ctx = request->ctx;
	const char *text = form_value(request, "options"), *label = form_value(request, "label");
	options_default(ctx->config, options);
	if (!batch_type_read(ctx, form_value(request, "type"), type))
		return false;
	const json_t *given = text && text[0] ? json_read(ctx->arena, text, strlen(text), &ctx->fail) : NULL;
	if (text && text[0] && !given)
		return fail_at(&ctx->fail, "/options");
	if (given && !options_read(given, *type, options, issues))
		return false;
	if (label && label[0])
		options->label = label;
	if (!request->file_count && is_multipart(request))
		issue_add(issues, CODE_EMPTY_BATCH, "/files", NULL, "The form holds no file");
	return issues->count == 0;
}

static bool make_of_files(struct request *request, enum job_type type, const struct batch_options *options, struct issues *refused,
			  struct job *job)
{
	struct file_input *files = arena_array(request->ctx->arena, request->file_count, sizeof(*files));
	for (size_t i = 0; i < request->file_count; i++) {
		const struct file_part *file = &request->files[i];
		files[i] = file_input_of(file->name, file->data, file->len);
	}
	return batch_create_from_files(request->ctx, type, options, files, request->file_count, refused, "/files", job);
}

/* `items` is a text as it could be in a file; without it the batch waits for slices. */
static bool make_of_fields(struct request *request, enum job_type type, const struct batch_options *options, struct job *job)
{
	const char *items = form_value(request, "items");
	if (!items || !items[0])
		return batch_create(request->ctx, type, options, options->label, job);
	struct file_input text = file_input_of(NULL, items, strlen(items));
	return batch_create_from_text(request->ctx, type, options, &text, job);
}

/* What became of each file stands in the list of files. */
static void tell(struct response *response, int64_t job_id)
{
	const struct request *request = response->request;
	locate_job(response, job_id);
	if (request->file_count)
		response_header(response, "Link", "<%s/api/v1/batch/%lld/files>; rel=\"related\"", request->base, (long long)job_id);
	respond_status(response, 201, job_id);
}

void create_from_form(struct request *request, struct response *response)
{
	struct issues issues = no_issues(request);
	struct issues refused = no_issues(request);
	struct batch_options options;
	struct job job;
	enum job_type type;
	if (!form_read(request) || !read_order(request, &type, &options, &issues)) {
		respond_issues(response, &issues);
		return;
	}
	if (request->file_count ? make_of_files(request, type, &options, &refused, &job) : make_of_fields(request, type, &options, &job))
		tell(response, job.id);
	else
		respond_issues(response, &refused);
}
