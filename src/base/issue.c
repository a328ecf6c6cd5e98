#include "base/issue.h"

#include <stdarg.h>
#include <string.h>

#define FIRST_ROOM 4
#define EXCERPT_BYTES 60

/* A list grows by doubling; in an arena that costs one copy of a few rows. */
static struct issue *next_row(struct issues *issues)
{
	size_t count = issues->count;
	bool full = count == 0 || (count >= FIRST_ROOM && (count & (count - 1)) == 0);

	if (full) {
		size_t room = count == 0 ? FIRST_ROOM : count * 2;
		struct issue *list = arena_array(issues->arena, room, sizeof(*list));

		if (count)
			memcpy(list, issues->list, count * sizeof(*list));
		issues->list = list;
	}
	return &issues->list[issues->count++];
}

bool issues_fail(struct fail *fail, const struct issues *issues)
{
	if (fail->kind == FAIL_NONE)
		fail->issues = issues;
	return fail_set(fail, FAIL_INVALID, CODE_VALIDATION_FAILED,
			issues->count == 1 ? "%zu field needs your attention" : "%zu fields need your attention", issues->count);
}

bool issues_have(const struct issues *issues, enum code code)
{
	for (size_t i = 0; i < issues->count; i++)
		if (issues->list[i].code == code)
			return true;
	return false;
}

void issue_add(struct issues *issues, enum code code, const char *pointer, const char *suggestion,
	       const char *format, ...)
{
	struct issue *issue;
	va_list ap;

	if (issues->count >= ISSUES_MAX)
		return;
	issue = next_row(issues);
	issue->code = code;
	issue->pointer = arena_strdup(issues->arena, pointer ? pointer : "");
	/* The table's own text is static. */
	issue->suggestion = suggestion ? arena_strdup(issues->arena, suggestion) : code_info(code)->fix;
	va_start(ap, format);
	issue->message = arena_vprintf(issues->arena, format, ap);
	va_end(ap);
}

const char *issue_excerpt(struct arena *arena, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char *out = arena_alloc(arena, EXCERPT_BYTES * 4 + 4);
	size_t cut = len, used = 0;

	if (cut > EXCERPT_BYTES) {
		cut = EXCERPT_BYTES;
		while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80)
			cut--;
	}
	for (size_t i = 0; i < cut; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool c1 = byte == 0xc2 && i + 1 < cut && (unsigned char)text[i + 1] < 0xa0;

		if (byte >= 0x20 && byte != 0x7f && !c1) {
			out[used++] = text[i];
			continue;
		}
		out[used++] = '\\';
		if (byte == '\n' || byte == '\r' || byte == '\t') {
			out[used++] = byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't';
			continue;
		}
		if (c1) /* U+0080 to U+009F: the second byte is the number */
			byte = (unsigned char)text[++i];
		out[used++] = 'x';
		out[used++] = hex[byte >> 4];
		out[used++] = hex[byte & 15];
	}
	if (cut < len) {
		memcpy(out + used, "…", 3);
		used += 3;
	}
	out[used] = '\0';
	return out;
}
