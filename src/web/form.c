#include "web/form.h"

#include "base/config.h"
#include "web/multipart.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One name or value; NULL when it is not well-formed. */
static char *decode(struct arena *arena, const char *text, size_t len)
{
	char *out = arena_alloc(arena, len + 1);
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '+') {
			out[used++] = ' ';
		} else if (text[i] == '%') {
			int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
			int low = len - i > 2 ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			out[used++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[used++] = text[i];
		}
	}
	return utf8_valid(out, used, NULL) ? out : NULL;
}

static size_t count_pairs(const char *text, size_t len)
{
	size_t count = len > 0;
	for (size_t i = 0; i < len; i++)
		count += text[i] == '&';
	return count;
}

bool form_decode(struct arena *arena, const char *text, size_t len, struct pair **pairs_out, size_t *count_out,
		 struct fail *fail)
{
	size_t max = count_pairs(text, len);
	*count_out = 0;
	if (max > PAIRS_MAX)
		return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_REQUEST, "More than %d fields in one form", PAIRS_MAX);
	struct pair *pairs = arena_array(arena, max + 1, sizeof *pairs);
	const char *end = text + len;
	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		const char *stop = amp ? amp : end;
		const char *equals = memchr(text, '=', (size_t)(stop - text));
		const char *name_end = equals ? equals : stop;
		const char *value = equals ? equals + 1 : stop;
		struct pair *pair = &pairs[*count_out];
		pair->name = decode(arena, text, (size_t)(name_end - text));
		pair->value = decode(arena, value, (size_t)(stop - value));
		if (!pair->name || !pair->value)
			return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_REQUEST,
					"A form field or query parameter is not well-formed UTF-8 or escapes");
		*count_out += stop > text;
		text = stop + 1;
	}
	*pairs_out = pairs;
	return true;
}

bool body_read(struct request *request, size_t max_bytes, const char **bytes_out, size_t *len_out)
{
	struct arena *arena = request->ctx->arena;
	size_t cap = request->content_length >= 0 ? (size_t)request->content_length + 1 : 16384;
	size_t len = 0;
	if (cap > max_bytes + 1)
		cap = max_bytes + 1;
	char *bytes = arena_alloc(arena, cap + 1);
	for (;;) {
		long got = request->read_body(request, bytes + len, cap - len);
		if (got < 0)
			return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_TRUNCATED_BODY,
					"The body ended after %zu bytes; more had been announced", len);
		len += (size_t)got;
		if (len > max_bytes)
			return fail_set(&request->ctx->fail, FAIL_LIMIT, CODE_BODY_TOO_LARGE,
					"The body is larger than the %zu bytes taken here", max_bytes);
		if (got == 0)
			break;
		if (len == cap) {
			char *larger = arena_alloc(arena, cap * 2 + 1);
			memcpy(larger, bytes, len);
			bytes = larger;
			cap *= 2;
		}
	}
	bytes[len] = '\0';
	*bytes_out = bytes;
	*len_out = len;
	return true;
}

bool is_multipart(const struct request *request)
{
	return strcmp(request->content_type, "multipart/form-data") == 0;
}

bool is_urlencoded(const struct request *request)
{
	return strcmp(request->content_type, "application/x-www-form-urlencoded") == 0;
}

bool form_read(struct request *request)
{
	struct ctx *ctx = request->ctx;
	const char *body = NULL;
	size_t len = 0;
	if (request->form)
		return true;
	/* A form without fields may come without a type. */
	if (request->content_type[0] && !is_multipart(request) && !is_urlencoded(request))
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_UNSUPPORTED_MEDIA_TYPE,
				"A form is application/x-www-form-urlencoded or multipart/form-data");
	if (!body_read(request, (size_t)ctx->config->body_max_bytes, &body, &len))
		return false;
	if (!is_multipart(request))
		return form_decode(ctx->arena, body, len, &request->form, &request->form_count, &ctx->fail);
	struct multipart multipart;
	if (!multipart_read(ctx->arena, request->content_params, body, len, &multipart, &ctx->fail))
		return false;
	request->form = multipart.fields;
	request->form_count = multipart.field_count;
	request->files = multipart.files;
	request->file_count = multipart.file_count;
	return true;
}
