/* Files of a batch: begun, taken back, or taken all at once. */
#include "batch/files.h"

#include "base/clock.h"
#include "base/config.h"
#include "batch/access.h"
#include "batch/body.h"
#include "batch/ingest.h"
#include "batch/states.h"
#include "db/db.h"
#include "store/idempotency.h"

#define REWIND_STEP 2000 /* items to a transaction */
#define SNIFFED_BYTES 1024

/* --- what a file is ------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);
	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Two objects on lines of their own: NDJSON, whatever the file is called. */
static bool looks_like_lines(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	if (!end)
		return false;
	const char *last = end;
	while (last > text && (last[-1] == '\r' || last[-1] == ' '))
		last--;
	return last > text && last[-1] == '}' && end + 1 < text + len && end[1] == '{';
}

/* By its first character, and by a name that says NDJSON. */
static enum ingest_format format_of(const char *text, size_t len, const char *name)
{
	size_t at = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
		at++;
	if (name && (ends_with(name, ".ndjson") || ends_with(name, ".jsonl")))
		return INGEST_NDJSON;
	if (at < len && text[at] == '[')
		return INGEST_JSON;
	if (at < len && text[at] == '{')
		return looks_like_lines(text + at, len - at) ? INGEST_NDJSON : INGEST_JSON;
	return INGEST_CSV;
}

struct file_input file_input_of(const char *name, const char *data, size_t len)
{
	return (struct file_input){ name, data, len, format_of(data, len, name) };
}

bool file_is_text(struct ctx *ctx, const char *text, size_t len)
{
	size_t head = len < SNIFFED_BYTES ? len : SNIFFED_BYTES;
	if (len == 0)
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_EMPTY_BATCH, "The selected file is empty");
	if (memchr(text, '\0', head) || (head >= 4 && (!memcmp(text, "PK\3\4", 4) || !memcmp(text, "%PDF", 4))))
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_UNSUPPORTED_MEDIA_TYPE,
				"The selected file must be a CSV, JSON or NDJSON file: save a spreadsheet as “CSV UTF-8” first");
	return true;
}

/* --- one by one ------------------------------------------------------------- */

static bool is_receiving(struct ctx *ctx, const struct job *job)
{
	return job->state == JOB_RECEIVING || job_refuse_because(ctx, job, " and takes no more files");
}

bool batch_files(struct ctx *ctx, int64_t job_id, struct job *job_out, struct upload_file **list_out, size_t *count_out)
{
	struct job job;
	if (!access_job(ctx, job_id, &job) || !upload_files_list(ctx, &job, list_out, count_out))
		return false;
	if (job_out)
		*job_out = job;
	return true;
}

/* A longer name is cut at a character's end. */
static const char *short_name(struct ctx *ctx, const char *name)
{
	size_t at = 0;
	for (size_t characters = 0; name[at]; at++)
		if (((unsigned char)name[at] & 0xc0) != 0x80 && characters++ == UPLOAD_NAME_MAX)
			break;
	return arena_strndup(ctx->arena, name, at);
}

static bool begin(struct ctx *ctx, const struct job *job, const struct upload_file *wanted, struct upload_file *file_out)
{
	struct upload_file *list;
	size_t count;
	if (!upload_files_list(ctx, job, &list, &count))
		return false;
	if (wanted->file_no <= (int32_t)count && strcmp(list[wanted->file_no - 1].name, wanted->name) == 0) {
		*file_out = list[wanted->file_no - 1];
		return true;
	}
	if (!is_receiving(ctx, job))
		return false;
	if (count >= UPLOAD_FILES_MAX)
		return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_ITEMS, "A batch takes at most %d files", UPLOAD_FILES_MAX);
	if (wanted->file_no != (int32_t)count + 1 || (count == 0 && job->received > 0))
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_OFFSET_MISMATCH, "%zu files have begun; the next one is number %zu", count,
				count + 1);
	*file_out = *wanted;
	file_out->first_ordinal = job->received;
	return upload_file_insert(ctx, job, wanted);
}

bool batch_file_begin(struct ctx *ctx, int64_t job_id, int32_t file_no, const char *name, int64_t bytes, struct upload_file *file_out)
{
	struct job job;
	struct upload_file wanted = { .file_no = file_no, .name = short_name(ctx, name), .bytes = bytes };
	if (db_begin(ctx->db, &ctx->fail) && access_job_to_fill(ctx, job_id, &job) && begin(ctx, &job, &wanted, file_out) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* One step: at most REWIND_STEP items from the end. */
static bool drop_step(struct ctx *ctx, int64_t job_id, int32_t file_no, bool *more)
{
	struct job job;
	struct upload_file *list;
	size_t count;
	if (!access_job_to_fill(ctx, job_id, &job) || !upload_files_list(ctx, &job, &list, &count))
		return false;
	if (file_no < 1 || file_no > (int32_t)count)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "Batch %lld has no file %d", (long long)job_id, (int)file_no);
	const struct upload_file *file = &list[file_no - 1];
	*more = false;
	if (file->state != UPLOAD_TAKEN && file->items == 0)
		return true;
	if (!is_receiving(ctx, &job))
		return false;
	if (file_no != (int32_t)count)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "Another file has begun since: only the last one can be taken back");
	*more = file->items > REWIND_STEP;
	int64_t cut = *more ? job.received - REWIND_STEP : file->first_ordinal;
	return file->items == 0 || upload_rewind(ctx, &job, cut);
}

bool batch_file_drop(struct ctx *ctx, int64_t job_id, int32_t file_no, enum upload_state state, const char *code, const char *message,
		     bool *done_out)
{
	int64_t until_ms = monotonic_ms() + ctx->config->time_budget_ms;
	bool more = true;
	while (more && monotonic_ms() < until_ms) {
		if (!db_begin(ctx->db, &ctx->fail) || !drop_step(ctx, job_id, file_no, &more) ||
		    !upload_file_set_state(ctx, job_id, file_no, state, code, message) || !db_commit(ctx->db, &ctx->fail)) {
			db_rollback(ctx->db);
			return false;
		}
	}
	*done_out = !more;
	return true;
}

/* --- all at once -------------------------------------------------------------- */

/* One file's items, a group to a transaction. */
static bool take(struct ctx *ctx, struct job *job, const struct file_input *input)
{
	struct ingest ingest;
	struct memory_source memory = { input->data, input->len };
	if (!file_is_text(ctx, input->data, input->len))
		return false;
	ingest_begin(&ingest, ctx, job, job->received);
	bool ok = ingest_body(&ingest, input->format, memory_source(&memory));
	bool has_members = ingest.members.type || ingest.members.options || ingest.members.label;
	ok = ok && (!has_members || fail_set(&ctx->fail, FAIL_INVALID, CODE_UNKNOWN_FIELD,
					     "A file among several holds events alone: options are chosen in the form"));
	ok = ok && (ingest.report.accepted ||
		    fail_set(&ctx->fail, FAIL_INVALID, CODE_EMPTY_BATCH, "There is no event in it"));
	ingest_free(&ingest);
	return ok;
}

/* What is the file's own fault; the rest ends the request. */
static bool is_refusal(const struct fail *fail)
{
	return fail->kind == FAIL_INVALID || (fail->kind == FAIL_LIMIT && fail->code == CODE_TOO_MANY_ITEMS);
}

/* The file's name and the reason, once as an issue and once in its row. */
static bool refuse(struct ctx *ctx, const struct job *job, const struct upload_file *file, struct issues *issues, const char *pointer)
{
	struct fail why = ctx->fail;
	const struct code_info *info = code_info(why.code);
	bool done = false;
	fail_clear(&ctx->fail);
	issue_add(issues, why.code, pointer, NULL, "%s: %s", file->name, why.public_message);
	while (!done)
		if (!batch_file_drop(ctx, job->id, file->file_no, UPLOAD_REFUSED, info->name, why.public_message, &done))
			return false;
	return true;
}

static bool take_all(struct ctx *ctx, struct job *job, const struct file_input *files, size_t count, struct issues *issues, const char *pointer)
{
	struct upload_file file;
	for (size_t i = 0; i < count; i++) {
		if (!batch_file_begin(ctx, job->id, (int32_t)i + 1, files[i].name, (int64_t)files[i].len, &file) ||
		    !job_get(ctx, job->id, job))
			return false;
		if (take(ctx, job, &files[i]))
			continue;
		if (!is_refusal(&ctx->fail) || !refuse(ctx, job, &file, issues, pointer))
			return false;
	}
	return job_get(ctx, job->id, job);
}

bool batch_create_from_text(struct ctx *ctx, enum job_type type, const struct batch_options *options, const struct file_input *text,
			    struct job *job)
{
	struct memory_source memory = { text->data, text->len };
	return batch_create_from_body(ctx, true, type, options, options->label, text->format, memory_source(&memory), job);
}

bool batch_create_from_files(struct ctx *ctx, enum job_type type, const struct batch_options *options, const struct file_input *files,
			     size_t count, struct issues *issues, const char *pointer, struct job *job)
{
	if (count > UPLOAD_FILES_MAX)
		return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_ITEMS, "A batch takes at most %d files", UPLOAD_FILES_MAX);
	if (!job_make(ctx, type, options, options->label, false, job))
		return false;
	bool ok = take_all(ctx, job, files, count, issues, pointer);
	if (ok && job->received > 0 && batch_start(ctx, job->id))
		return job_get(ctx, job->id, job);
	bool is_empty = ok && job->received == 0;
	job_give_up(ctx, job);
	/* Nothing of it is worth a line in the list. */
	(void)(is_empty && batch_delete(ctx, job->id));
	return false;
}
