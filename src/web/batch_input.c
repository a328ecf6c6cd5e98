#include "web/batch_input.h"

#include "web/page_frame.h"

#define LABEL_MAX 150 /* characters */

static long read_memory(void *user, char *buffer, size_t size)
{
	struct memory_source *memory = user;
	size_t len = memory->left < size ? memory->left : size;
	memcpy(buffer, memory->at, len);
	memory->at += len;
	memory->left -= len;
	return (long)len;
}

struct byte_source memory_source(struct memory_source *memory)
{
	return (struct byte_source){ read_memory, memory };
}

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

enum ingest_format guess_format(const char *text, size_t len, const char *file_name)
{
	size_t at = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
		at++;
	if (file_name && (ends_with(file_name, ".ndjson") || ends_with(file_name, ".jsonl")))
		return INGEST_NDJSON;
	if (at < len && text[at] == '[')
		return INGEST_JSON;
	if (at < len && text[at] == '{')
		return looks_like_lines(text + at, len - at) ? INGEST_NDJSON : INGEST_JSON;
	return INGEST_CSV;
}

static size_t characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

void options_from_form(struct request *request, enum job_type type, struct batch_options *options,
		       struct issues *issues)
{
	const char *on_conflict = form_text(request, "on_conflict");
	options_default(request->ctx->config, options);
	if (on_conflict[0] && !on_conflict_by_name(on_conflict, &options->resolution.on_conflict))
		issue_add(issues, CODE_INVALID_VALUE, "/on_conflict", NULL, "Choose one of the ways listed");
	options->label = form_text(request, "label");
	if (characters(options->label) > LABEL_MAX)
		issue_add(issues, CODE_TOO_LONG, "/label", NULL, "The name may have %d characters", LABEL_MAX);
	options->atomic = type != JOB_EVALUATE && form_text(request, "atomic")[0] != '\0';
	if (options->atomic && options->resolution.on_conflict == ON_CONFLICT_ASK)
		issue_add(issues, CODE_ATOMIC_CANNOT_ASK, "/on_conflict", NULL,
			  "A batch that is all or nothing can't wait for decisions: choose another way, or don't ask for all or nothing");
	options->dry_run = type != JOB_EVALUATE && strcmp(form_text(request, "run"), "now") != 0;
	options_settle(options, false);
}
