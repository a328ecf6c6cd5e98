/* CSV (RFC 4180, by libcsv) to items: the header row names the fields. */
#include <csv.h>

#include "base/config.h"
#include "batch/csv_columns.h"
#include "batch/ingest.h"
#include "batch/ops.h"

#define READ_BYTES 16384
#define COLUMNS_MAX 64

struct csv_reader {
	struct ingest *ingest;
	bool failed;
	const struct column *header[COLUMNS_MAX];
	size_t header_count;
	bool has_header;
	size_t cell;              /* in the row that is open */
	int64_t row;              /* from 1; the header is 1 */
	enum code row_code;       /* why the row can't be an item */
	struct str values, selector, top; /* members of the three objects of an item */
	struct str raw;           /* the row again, for one that can't be read */
	struct str header_names;  /* JSON list */
	bool is_repeated_header;  /* so far the row equals the header */
};

/* --- header ----------------------------------------------------------------- */

static void fail_csv(struct csv_reader *reader, enum code code, const char *message)
{
	reader->failed = true;
	(void)fail_set(&reader->ingest->ctx->fail, FAIL_INVALID, code, "%s", message);
}

static void header_cell(struct csv_reader *reader, const char *cell, size_t len)
{
	char name[64];
	struct arena *arena = reader->ingest->ctx->arena;
	while (len && (*cell == ' ' || *cell == '\t'))
		cell++, len--;
	while (len && (cell[len - 1] == ' ' || cell[len - 1] == '\t'))
		len--;
	if (len >= sizeof(name) || reader->header_count == COLUMNS_MAX) {
		fail_csv(reader, CODE_UNKNOWN_COLUMN, "The header row has too many or too long names");
		return;
	}
	memcpy(name, cell, len);
	name[len] = '\0';
	for (char *c = name; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	const struct column *column = csv_column(name, reader->ingest->job->type);
	if (!column) {
		fail_csv(reader, CODE_UNKNOWN_COLUMN,
			 arena_printf(arena, "The column “%s” is not known for %s", issue_excerpt(arena, name, strlen(name)),
				      job_type_name(reader->ingest->job->type)));
		return;
	}
	for (size_t i = 0; i < reader->header_count; i++)
		if (reader->header[i] == column)
			fail_csv(reader, CODE_DUPLICATE_KEY, arena_printf(arena, "The column “%s” stands twice", name));
	if (reader->header_count)
		str_addc(&reader->header_names, ',');
	json_quote(&reader->header_names, name, strlen(name));
	reader->header[reader->header_count++] = column;
}

static bool has_column(const struct csv_reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->header_count; i++)
		if (strcmp(reader->header[i]->name, name) == 0)
			return true;
	return false;
}

/* Without these no row could ever be valid, so the file is refused at once. */
static void check_header(struct csv_reader *reader)
{
	bool by_event = has_column(reader, "event_id");
	if (reader->ingest->job->type == JOB_UPDATE) {
		if (!by_event && !has_column(reader, "client_id"))
			fail_csv(reader, CODE_MISSING_COLUMN, "The column “event_id” (or “client_id”) is missing");
	} else if (!(by_event && reader->ingest->job->type == JOB_EVALUATE)) {
		if (!has_column(reader, "content_id"))
			fail_csv(reader, CODE_MISSING_COLUMN, "The column “content_id” is missing");
		else if (!has_column(reader, "starts_at") && !has_column(reader, "local_start"))
			fail_csv(reader, CODE_MISSING_COLUMN, "The column “starts_at” (or “local_start” with “timezone”) is missing");
	}
}

/* A later slice continues the file whose header the job knows. */
static bool adopt_header(struct csv_reader *reader)
{
	struct ctx *ctx = reader->ingest->ctx;
	const char *stored = reader->ingest->job->csv_header;
	const json_t *name;
	size_t i;
	if (!stored)
		return true;
	json_t *names = json_read(ctx->arena, stored, strlen(stored), &ctx->fail);
	if (!names)
		return false;
	json_array_foreach(names, i, name) {
		header_cell(reader, json_string_value(name), json_string_length(name));
	}
	reader->has_header = true;
	return !reader->failed;
}

/* --- rows --------------------------------------------------------------------- */

static void add_cell(struct csv_reader *reader, const struct column *column, const char *text, size_t len)
{
	struct str *const objects[] = {
		[PLACE_VALUES] = &reader->values,
		[PLACE_SELECTOR] = &reader->selector,
		[PLACE_TOP] = &reader->top,
	};
	csv_cell(objects[column->place], column, text, len);
}

static void on_cell(void *data, size_t len, void *user)
{
	struct csv_reader *reader = user;
	const char *text = data ? data : "";
	if (reader->failed)
		return;
	if (!reader->has_header) {
		header_cell(reader, text, len);
		return;
	}
	if (reader->cell)
		str_addc(&reader->raw, ',');
	if (reader->raw.len < 4096)
		str_add(&reader->raw, text, len);
	if (reader->cell >= reader->header_count) {
		if (len)
			reader->row_code = CODE_MALFORMED_CSV;
	} else {
		const char *name = reader->header[reader->cell]->name;
		reader->is_repeated_header &= strlen(name) == len && strncasecmp(name, text, len) == 0;
		if (!utf8_valid(text, len, NULL))
			reader->row_code = CODE_INVALID_UTF8;
		else
			add_cell(reader, reader->header[reader->cell], text, len);
	}
	reader->cell++;
}

static bool store_row(struct csv_reader *reader)
{
	struct ingest *ingest = reader->ingest;
	if (reader->row_code != CODE_NONE) {
		const char *message = arena_printf(ingest->texts, "Row %lld: %s", (long long)reader->row,
						   reader->row_code == CODE_MALFORMED_CSV
							   ? "it has more cells than the header"
							   : code_info(reader->row_code)->title);
		return ingest_unusable(ingest, str_text(&reader->raw), reader->raw.len, reader->row_code, message);
	}
	struct str item = STR_INIT;
	bool is_update = ingest->job->type == JOB_UPDATE;
	str_addc(&item, '{');
	if (is_update)
		str_addf(&item, "\"selector\":{%s},\"values\":{%s}%s%s", str_text(&reader->selector), str_text(&reader->values),
			 reader->top.len ? "," : "", str_text(&reader->top));
	else
		str_addf(&item, "%s%s%s", str_text(&reader->top), reader->top.len && reader->values.len ? "," : "",
			 str_text(&reader->values));
	str_addc(&item, '}');
	struct json_element element = { .text = str_text(&item), .len = item.len, .line = reader->row };
	if (item.len > (size_t)ingest->ctx->config->item_max_bytes)
		element.code = CODE_ITEM_TOO_LARGE;
	bool ok = ingest_element(ingest, &element, &ingest->ctx->fail);
	str_free(&item);
	return ok;
}

static void on_row(int terminator, void *user)
{
	struct csv_reader *reader = user;
	(void)terminator;
	if (reader->failed)
		return;
	reader->row++;
	if (!reader->has_header) {
		reader->has_header = true;
		check_header(reader);
	} else if (!(reader->is_repeated_header && reader->cell == reader->header_count) && !store_row(reader)) {
		reader->failed = true;
	}
	reader->cell = 0;
	reader->row_code = CODE_NONE;
	reader->is_repeated_header = true;
	str_clear(&reader->values);
	str_clear(&reader->selector);
	str_clear(&reader->top);
	str_clear(&reader->raw);
}

/* --- the stream ------------------------------------------------------------------ */

static unsigned char delimiter_of(const char *line, size_t len)
{
	size_t commas = 0, semicolons = 0, tabs = 0;
	for (size_t i = 0; i < len && line[i] != '\n' && line[i] != '\r'; i++) {
		commas += line[i] == ',';
		semicolons += line[i] == ';';
		tabs += line[i] == '\t';
	}
	if (semicolons > commas && semicolons >= tabs)
		return ';';
	return tabs > commas ? '\t' : ',';
}

/* Reads until the first line is complete, so that its delimiter can be seen. */
static long read_first(struct ingest *ingest, struct byte_source source, char *buffer, size_t size)
{
	size_t len = 0;
	while (len < size && !memchr(buffer, '\n', len)) {
		long got = source.read(source.user, buffer + len, size - len);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	digest_add(&ingest->digest, buffer, len);
	return (long)len;
}

static bool feed_all(struct csv_reader *reader, struct csv_parser *parser, struct byte_source source)
{
	struct ingest *ingest = reader->ingest;
	struct fail *fail = &ingest->ctx->fail;
	char buffer[READ_BYTES];
	long got = read_first(ingest, source, buffer, sizeof(buffer));
	size_t skip = got >= 3 && memcmp(buffer, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	if (got > 0)
		csv_set_delim(parser, delimiter_of(buffer + skip, (size_t)got - skip));
	for (; got > 0 && !reader->failed; skip = 0) {
		if (csv_parse(parser, buffer + skip, (size_t)got - skip, on_cell, on_row, reader) != (size_t)got - skip)
			return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_CSV, "Row %lld: %s", (long long)reader->row + 1,
					csv_strerror(csv_error(parser)));
		/* An unclosed quote would make one cell of all that follows. */
		if (csv_get_buffer_size(parser) > (size_t)ingest->ctx->config->item_max_bytes + READ_BYTES)
			return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_CSV, "Row %lld: a cell is too long or its quote is not closed",
					(long long)reader->row + 1);
		got = source.read(source.user, buffer, sizeof(buffer));
		if (got > 0)
			digest_add(&ingest->digest, buffer, (size_t)got);
	}
	if (reader->failed)
		return false;
	if (got < 0)
		return fail_set(fail, FAIL_INVALID, CODE_TRUNCATED_BODY, "The body broke off; nothing of it was kept");
	/* Lenient about quotes within a cell, strict about one that never closes. */
	csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
	if (csv_fini(parser, on_cell, on_row, reader) != 0)
		return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_CSV, "Row %lld: a quote is not closed", (long long)reader->row + 1);
	return !reader->failed;
}

bool ingest_csv(struct ingest *ingest, struct byte_source source)
{
	struct csv_reader reader = { .ingest = ingest, .is_repeated_header = true };
	struct csv_parser parser;
	if (csv_init(&parser, CSV_STRICT_FINI | CSV_APPEND_NULL))
		abort();
	bool ok = adopt_header(&reader) && feed_all(&reader, &parser, source);
	ingest->report.saw_items = true;
	ok = ok && ingest_end(ingest);
	if (ok && !ingest->job->csv_header && reader.header_count && ingest->job->id)
		ok = job_set_csv_header(ingest->ctx, ingest->job->id,
					arena_printf(ingest->ctx->arena, "[%s]", str_text(&reader.header_names)));
	csv_free(&parser);
	str_free(&reader.values);
	str_free(&reader.selector);
	str_free(&reader.top);
	str_free(&reader.raw);
	str_free(&reader.header_names);
	return ok;
}
