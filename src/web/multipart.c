#include "web/multipart.h"

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define HEAD_BYTES 8192 /* of one part */

struct slice {
	const char *text;
	size_t len;
};

static const char *find(const char *in, size_t in_len, const char *what, size_t what_len)
{
	const char *end = in + in_len;
	while ((size_t)(end - in) >= what_len) {
		const char *first = memchr(in, what[0], (size_t)(end - in) - what_len + 1);
		if (!first)
			return NULL;
		if (memcmp(first, what, what_len) == 0)
			return first;
		in = first + 1;
	}
	return NULL;
}

/* Is `name` here, in any case, followed by `after`? */
static bool names(const char *at, size_t left, const char *name, char after)
{
	size_t len = strlen(name);
	if (left <= len || at[len] != after)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((at[i] | 0x20) != name[i])
			return false;
	return true;
}

/* The value of parameter `name` in "form-data; name="a"; filename="b"": a
 * token, or a quoted string in which only \" is an escape, as browsers have
 * it (they send a backslash as it is).  NULL if absent. */
static const char *header_param(struct arena *arena, struct slice header, const char *name)
{
	const char *at = header.text;
	const char *end = at + header.len;
	for (bool in_quotes = false; at < end; at++) {
		if (*at == '"' && (at == header.text || at[-1] != '\\'))
			in_quotes = !in_quotes;
		if (in_quotes || *at != ';')
			continue;
		const char *word = at + 1;
		while (word < end && (*word == ' ' || *word == '\t'))
			word++;
		if (!names(word, (size_t)(end - word), name, '='))
			continue;
		word += strlen(name) + 1;
		bool quoted = word < end && *word == '"';
		char *value = arena_alloc(arena, (size_t)(end - word) + 1);
		size_t len = 0;
		for (word += quoted; word < end; word++) {
			if (quoted ? *word == '"' : *word == ';' || *word == ' ')
				break;
			if (quoted && *word == '\\' && word + 1 < end && word[1] == '"')
				word++;
			value[len++] = *word;
		}
		return value;
	}
	return NULL;
}

/* The value of a header line of one part. */
static bool part_header(struct slice head, const char *name, struct slice *value_out)
{
	const char *at = head.text;
	const char *end = at + head.len;
	while (at < end) {
		const char *stop = find(at, (size_t)(end - at), "\r\n", 2);
		if (!stop)
			stop = end;
		if (names(at, (size_t)(stop - at), name, ':')) {
			at += strlen(name) + 1;
			while (at < stop && (*at == ' ' || *at == '\t'))
				at++;
			*value_out = (struct slice){ at, (size_t)(stop - at) };
			return true;
		}
		at = stop + 2 <= end ? stop + 2 : end;
	}
	return false;
}

static bool malformed(struct fail *fail, const char *why)
{
	return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_REQUEST, "The form can't be read: %s", why);
}

static bool add_part(struct arena *arena, struct multipart *out, struct slice part, struct fail *fail)
{
	const char *blank = find(part.text, part.len < HEAD_BYTES ? part.len : HEAD_BYTES, "\r\n\r\n", 4);
	struct slice disposition, type;
	if (!blank)
		return malformed(fail, "a part's head has no end or is too long");
	struct slice head = { part.text, (size_t)(blank - part.text) };
	struct slice body = { blank + 4, part.len - head.len - 4 };
	const char *name = NULL;
	if (part_header(head, "content-disposition", &disposition))
		name = header_param(arena, disposition, "name");
	if (!name || !utf8_valid(name, strlen(name), NULL))
		return malformed(fail, "a part has no name");
	const char *file = header_param(arena, disposition, "filename");
	if (!file) {
		if (!utf8_valid(body.text, body.len, NULL))
			return fail_set(fail, FAIL_INVALID, CODE_INVALID_UTF8, "The field is not UTF-8 text");
		out->fields[out->field_count++] =
			(struct pair){ name, arena_strndup(arena, body.text, body.len) };
		return true;
	}
	if (!utf8_valid(file, strlen(file), NULL))
		return malformed(fail, "a file's name is not UTF-8");
	bool typed = part_header(head, "content-type", &type);
	out->files[out->file_count++] = (struct file_part){
		.field = name,
		.name = file,
		.content_type = typed ? arena_strndup(arena, type.text, type.len) : "application/octet-stream",
		.data = body.text,
		.len = body.len,
	};
	return true;
}

bool multipart_read(struct arena *arena, const char *params, const char *body, size_t len, struct multipart *out,
		    struct fail *fail)
{
	/* header_param() looks behind semicolons; `params` begins behind one. */
	const char *text = arena_printf(arena, ";%s", params);
	const char *boundary = header_param(arena, (struct slice){ text, strlen(text) }, "boundary");
	if (!boundary || !boundary[0] || strlen(boundary) > BOUNDARY_MAX)
		return malformed(fail, "it names no boundary");
	const char *mark = arena_printf(arena, "\r\n--%s", boundary);
	size_t mark_len = strlen(mark);
	*out = (struct multipart){
		.fields = arena_array(arena, MULTIPART_PARTS_MAX + 1, sizeof(struct pair)),
		.files = arena_array(arena, MULTIPART_PARTS_MAX + 1, sizeof(struct file_part)),
	};
	/* The first boundary has no line break before it when nothing precedes it. */
	const char *end = body + len;
	const char *at = len >= mark_len - 2 && memcmp(body, mark + 2, mark_len - 2) == 0
				 ? body + mark_len - 2
				 : find(body, len, mark, mark_len);
	if (!at)
		return malformed(fail, "its boundary does not occur");
	if (at != body + mark_len - 2)
		at += mark_len;
	for (size_t parts = 0; end - at < 2 || memcmp(at, "--", 2) != 0; parts++) {
		const char *line = find(at, (size_t)(end - at), "\r\n", 2);
		const char *stop = line ? find(line, (size_t)(end - line), mark, mark_len) : NULL;
		if (!stop)
			return fail_set(fail, FAIL_INVALID, CODE_TRUNCATED_BODY, "The form's end is missing");
		if (parts == MULTIPART_PARTS_MAX)
			return malformed(fail, "it has too many parts");
		struct slice part = { line + 2, stop > line + 2 ? (size_t)(stop - line - 2) : 0 };
		if (!add_part(arena, out, part, fail))
			return false;
		at = stop + mark_len;
	}
	return true;
}
