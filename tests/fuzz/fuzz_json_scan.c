/* The scanner and the reader behind it: any pieces, the same elements. The
 * first byte chooses the shape, the limit and how the input is cut up. */
#include "base/json.h"
#include "base/json_scan.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct scan_record {
	struct arena *arena;
	struct str text;
};

static bool scan_item(void *user, const struct json_element *element, struct fail *f)
{
	struct scan_record *record = user;
	struct fail reading = { 0 };

	str_addf(&record->text, "%lld %d ", (long long)element->line, (int)element->code);
	str_add(&record->text, element->text, element->len);
	str_addc(&record->text, '\n');
	if (element->code == CODE_NONE && record->arena) {
		const json_t *value = json_read(record->arena, element->text, element->len, &reading);

		REQUIRE((value != NULL) == (reading.kind == FAIL_NONE));
		if (value) {
			const char *text = json_text(record->arena, value, NULL);

			REQUIRE(json_equal(value, json_read(record->arena, text, strlen(text), &reading)));
		}
	}
	return f->kind == FAIL_NONE;
}

static bool scan_member(void *user, const char *key, const struct json_element *element, struct fail *f)
{
	struct scan_record *record = user;

	str_adds(&record->text, key);
	return scan_item(user, element, f);
}

static void scan_in_pieces(const char *text, size_t size, unsigned choice, size_t step, struct scan_record *record)
{
	struct json_scan_handler handler = { scan_item, choice & 2 ? scan_member : NULL, record };
	struct json_scan scan;
	struct fail f = { 0 };
	bool ok = true;

	json_scan_begin(&scan, choice & 1 ? JSON_LINES : JSON_LIST_OR_OBJECT, choice & 4 ? 16 : 4096, handler);
	for (size_t at = 0; ok && at < size; at += step)
		ok = json_scan_feed(&scan, text + at, size - at < step ? size - at : step, &f);
	ok = ok && json_scan_end(&scan, &f);
	str_adds(&record->text, ok ? "ok" : f.public_message);
	json_scan_free(&scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_record whole = { .text = STR_INIT }, pieces = { .text = STR_INIT };
	unsigned choice;

	if (size == 0)
		return 0;
	choice = data[0];
	whole.arena = arena_new();
	scan_in_pieces((const char *)data + 1, size - 1, choice, size, &whole);
	scan_in_pieces((const char *)data + 1, size - 1, choice, 1 + choice / 8, &pieces);
	REQUIRE(strcmp(str_text(&whole.text), str_text(&pieces.text)) == 0);
	str_free(&whole.text);
	str_free(&pieces.text);
	arena_free(whole.arena);
	return 0;
}
