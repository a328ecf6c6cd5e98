/* The files of csv-spectrum (npm), which every reader of CSV should take, read as a batch would read them: their
 * columns stand for columns of ours. */
#include <dirent.h>

#include "base/config.h"
#include "batch/ingest.h"
#include "store/items.h"
#include "support.h"

#define FOLDER "node_modules/csv-spectrum/"

static const char *const names[] = { "client_id", "title", "status", "timezone", "misfire" };

struct bytes {
	const char *at;
	size_t left, step;
};

static long read_bytes(void *user, char *buffer, size_t size)
{
	struct bytes *bytes = user;
	size_t n = size < bytes->step ? size : bytes->step;

	n = n < bytes->left ? n : bytes->left;
	memcpy(buffer, bytes->at, n);
	bytes->at += n;
	bytes->left -= n;
	return (long)n;
}

/* Each row of the group against the next of those wanted; an empty cell says nothing. */
static const json_t *wanted;
static size_t seen;

static bool take_rows(struct ingest *ingest)
{
	for (size_t i = 0; i < ingest->group_count; i++, seen++) {
		struct arena *arena = arena_new();
		const json_t *item = test_json(arena, arena_strndup(arena, ingest->group[i].text, ingest->group[i].len)), *value;
		const char *key;
		size_t column = 0;

		assert_int_equal(ingest->group[i].code, CODE_NONE);
		json_object_foreach((json_t *)(uintptr_t)json_array_get(wanted, seen), key, value) {
			const json_t *cell = json_object_get(json_object_get(item, column ? "values" : "selector"), names[column]);

			assert_string_equal(json_string_value(cell) ? json_string_value(cell) : "", json_string_value(value));
			column++;
		}
		assert_true(column > 0);
		arena_free(arena);
	}
	return true;
}

/* The header of the file, in our names. */
static char *with_our_header(const char *csv)
{
	struct str out = STR_INIT;
	size_t header = strcspn(csv, "\r\n"), column = 0;

	str_adds(&out, names[column++]);
	for (size_t i = 0; i < header; i++)
		if (csv[i] == ',')
			str_addf(&out, ",%s", names[column++]);
	str_adds(&out, csv + header);
	return out.data;
}

/* The file beside this one tells another telephone number. */
static const char coordinates[] = "[{\"a\":\"2095257564\",\"b\":\"37\\ufffd36'37.8\\\"N 121\\ufffd2'17.9\\\"W\","
				  "\"c\":\"Modesto\",\"d\":\"Stanislaus\"}]";

static void file_case(void **state)
{
	const char *name = *state;
	char path[300];
	size_t len;

	snprintf(path, sizeof(path), FOLDER "csvs/%s.csv", name);
	char *file = test_file(path, &len), *csv = with_our_header(file);
	snprintf(path, sizeof(path), FOLDER "json/%s.json", name);
	char *json = strcmp(name, "location_coordinates") == 0 ? strdup(coordinates) : test_file(path, &len);
	for (size_t step = 1; step <= 4096; step *= 64) {
		struct config config = { .items_max = 1000, .item_max_bytes = 65536 };
		struct ctx ctx = { .arena = arena_new(), .config = &config };
		struct job job = { .type = JOB_UPDATE };
		struct bytes bytes = { csv, strlen(csv), step };
		struct ingest ingest;

		wanted = test_json(ctx.arena, json);
		seen = 0;
		ingest_begin(&ingest, &ctx, &job, 0);
		ingest.take_group = take_rows;
		bool ok = ingest_body(&ingest, INGEST_CSV, (struct byte_source){ read_bytes, &bytes });
		assert_string_equal(ctx.fail.public_message, "");
		assert_true(ok);
		assert_int_equal(seen, json_array_size(wanted));
		assert_true(seen > 0);
		ingest_free(&ingest);
		arena_free(ctx.arena);
	}
	free(json);
	free(csv);
	free(file);
}

#define FILES_MAX 50

int main(void)
{
	static char file_names[FILES_MAX][64];
	struct CMUnitTest tests[FILES_MAX] = { { NULL, NULL, NULL, NULL, NULL } };
	size_t count = 0;
	DIR *folder = opendir(FOLDER "csvs");
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)) && count < FILES_MAX) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || len >= sizeof(file_names[0]) || strcmp(entry->d_name + len - 4, ".csv") != 0)
			continue;
		memcpy(file_names[count], entry->d_name, len - 4);
		tests[count] = (struct CMUnitTest){ file_names[count], file_case, NULL, NULL, file_names[count] };
		count++;
	}
	if (folder)
		closedir(folder);
	return count >= 12 ? _cmocka_run_group_tests("csv-spectrum", tests, count, NULL, NULL) : 1;
}
