#include "views/page_bulk.h"
#include "batch/files.h"
#include "web/batch_input.h"
#include "web/idempotency.h"
#include "web/page_frame.h"
#include "web/pages.h"

static void show(struct request *request, struct response *response, const struct bulk_page *page)
{
	struct frame frame;
	struct bulk_page shown = *page;
	page_frame(request, "New batch", NAV_NEW, &frame);
	frame.script = "import.js";
	frame.has_error = page->issues && page->issues->count > 0;
	shown.frame = &frame;
	page_bulk(&response->body, &shown);
}

/* A batch whose upload broke off goes on if it is still receiving. */
static bool load_resumed(struct request *request, struct bulk_page *page)
{
	struct batch_status status;
	if (!param_int(request, "resume", 1, INT64_MAX, 0, &page->resume_id))
		return false;
	if (page->resume_id == 0)
		return true;
	if (!batch_status(request->ctx, page->resume_id, &status))
		return false;
	page->operation = job_type_name(status.job.type);
	page->resume_received = status.job.received;
	if (status.job.state == JOB_RECEIVING)
		return true;
	return fail_set(&request->ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION,
			"The upload of batch %" PRId64 " has ended", page->resume_id);
}

void get_bulk(struct request *request, struct response *response)
{
	enum job_type type;
	const char *operation = param_text(request, "operation");
	struct bulk_page page = {
		.operation = job_type_by_name(operation, &type) ? operation : "create",
		.text = "",
		.label = "",
		.on_conflict = "fail",
	};
	if (load_resumed(request, &page))
		show(request, response, &page);
	else
		respond_fail(response, NULL);
}

/* What the form holds. */
struct order {
	enum job_type type;
	const struct batch_options *options;
	const struct file_input *files; /* several, or the one text */
	size_t count;
	struct issues *issues;
};

/* The chosen files, or else the pasted text.  (Where no file is chosen browsers
 * send one without a name.) */
static size_t find_input(const struct request *request, struct file_input *files)
{
	size_t count = 0;
	for (size_t i = 0; i < request->file_count; i++) {
		const struct file_part *file = &request->files[i];
		if (strcmp(file->field, "file") == 0 && (file->len > 0 || file->name[0]))
			files[count++] = file_input_of(file->name, file->data, file->len);
	}
	const char *text = form_text(request, "text");
	if (count == 0 && text[0])
		files[count++] = file_input_of(NULL, text, strlen(text));
	return count;
}

static bool make(struct request *request, const void *what, struct job *job_out)
{
	const struct order *order = what;
	const struct file_input *file = order->files;
	if (order->count > 1)
		return batch_create_from_files(request->ctx, order->type, order->options, file, order->count, order->issues, "/file", job_out);
	return file_is_text(request->ctx, file->data, file->len) &&
	       batch_create_from_text(request->ctx, order->type, order->options, file, job_out);
}

static bool create(struct request *request, enum job_type type, const struct batch_options *options,
		   struct issues *issues, struct job *job_out)
{
	struct file_input *files = arena_array(request->ctx->arena, request->file_count + 1, sizeof(*files));
	struct issues refused = page_issues(request);
	struct order order = { type, options, files, find_input(request, files), &refused };
	struct digest_state content;
	if (!order.count)
		issue_add(issues, CODE_EMPTY_BATCH, "/file", "", "Choose a file or paste some rows");
	if (issues->count > 0)
		return false;
	digest_begin(&content);
	form_content(&content, job_type_name(type));
	form_content(&content, options_text(request->ctx->arena, type, options));
	form_content(&content, options->label);
	for (size_t i = 0; i < order.count; i++) {
		form_content(&content, order.count > 1 ? files[i].name : "");
		digest_add(&content, files[i].data, files[i].len);
	}
	if (form_make_once(request, &content, make, &order, job_out))
		return true;
	*issues = refused; /* of files of which none was of use */
	if (fail_is_for_form(request))
		issue_from_fail(request, issues, files->name ? "file" : "text");
	return false;
}

void post_bulk(struct request *request, struct response *response)
{
	struct job job;
	struct batch_options options;
	struct issues issues = page_issues(request);
	enum job_type type;
	if (!form_checked(request, response))
		return;
	const char *operation = form_text(request, "operation");
	if (!job_type_by_name(operation, &type)) {
		operation = "create";
		type = JOB_CREATE;
	}
	options_from_form(request, type, &options, &issues);
	if (create(request, type, &options, &issues, &job)) {
		redirect_to_job(response, job.id);
	} else if (issues.count == 0) {
		respond_fail(response, NULL);
	} else {
		response->status = 422;
		show(request, response,
		     &(struct bulk_page){ .issues = &issues,
					  .operation = operation,
					  .text = form_text(request, "text"),
					  .label = options.label,
					  .on_conflict = form_text(request, "on_conflict") });
	}
}
