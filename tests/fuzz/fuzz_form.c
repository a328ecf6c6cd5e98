/* Urlencoded pairs, and multipart bodies: the first line is what follows
 * "multipart/form-data;", the rest is the body. */
#include "web/form.h"
#include "web/multipart.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pairs(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		REQUIRE(utf8_valid(pairs[i].name, strlen(pairs[i].name), NULL));
		REQUIRE(utf8_valid(pairs[i].value, strlen(pairs[i].value), NULL));
	}
}

static void check_parts(const struct multipart *parts, const char *body, size_t len)
{
	REQUIRE(parts->field_count + parts->file_count <= MULTIPART_PARTS_MAX);
	check_pairs(parts->fields, parts->field_count);
	for (size_t i = 0; i < parts->file_count; i++) {
		const struct file_part *file = &parts->files[i];
		REQUIRE(file->data >= body && file->data + file->len <= body + len);
		REQUIRE(file->name && file->content_type && utf8_valid(file->name, strlen(file->name), NULL));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = (const char *)data, *line = size ? memchr(text, '\n', size) : NULL;
	struct fail f = { 0 }, g = { 0 };
	struct multipart parts;
	struct pair *pairs;
	size_t count;

	if (form_decode(arena, text, size, &pairs, &count, &f))
		check_pairs(pairs, count);
	if (line) {
		const char *params = arena_strndup(arena, text, (size_t)(line - text));
		size_t len = size - (size_t)(line + 1 - text);
		if (multipart_read(arena, params, line + 1, len, &parts, &g))
			check_parts(&parts, line + 1, len);
	}
	arena_free(arena);
	return 0;
}
