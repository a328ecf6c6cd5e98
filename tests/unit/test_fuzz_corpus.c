/*
 * Every input of tests/fuzz/corpus once more, each a case of its own.  The
 * targets are included rather than linked, because libFuzzer wants the same
 * entry point in each of them.
 */
#include <dirent.h>

#define LLVMFuzzerTestOneInput fuzz_json_scan
#include "../fuzz/fuzz_json_scan.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_event
#include "../fuzz/fuzz_event.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_filter
#include "../fuzz/fuzz_filter.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_config
#include "../fuzz/fuzz_config.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_conditions
#include "../fuzz/fuzz_conditions.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_recurrence
#include "../fuzz/fuzz_recurrence.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_calendar
#include "../fuzz/fuzz_calendar.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_form
#include "../fuzz/fuzz_form.c"
#undef LLVMFuzzerTestOneInput

#define LLVMFuzzerTestOneInput fuzz_csv
#include "../fuzz/fuzz_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_ndjson
#include "../fuzz/fuzz_ndjson.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_cookie
#include "../fuzz/fuzz_cookie.c"
#undef LLVMFuzzerTestOneInput

#define LLVMFuzzerTestOneInput fuzz_output
#include "../fuzz/fuzz_output.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_ical
#include "../fuzz/fuzz_ical.c"
#undef LLVMFuzzerTestOneInput

#define LLVMFuzzerTestOneInput fuzz_url
#include "../fuzz/fuzz_url.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_reply
#include "../fuzz/fuzz_reply.c"
#undef LLVMFuzzerTestOneInput

#include "support.h"

static const struct fuzz_target {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
} targets[] = {
	{ "fuzz_json_scan", fuzz_json_scan },
	{ "fuzz_event", fuzz_event },
	{ "fuzz_calendar", fuzz_calendar },
	{ "fuzz_filter", fuzz_filter },
	{ "fuzz_config", fuzz_config },
	{ "fuzz_conditions", fuzz_conditions },
	{ "fuzz_recurrence", fuzz_recurrence },
	{ "fuzz_form", fuzz_form },
	{ "fuzz_csv", fuzz_csv },
	{ "fuzz_ndjson", fuzz_ndjson },
	{ "fuzz_cookie", fuzz_cookie },
	{ "fuzz_output", fuzz_output },
	{ "fuzz_ical", fuzz_ical },
	{ "fuzz_url", fuzz_url },
	{ "fuzz_reply", fuzz_reply },
};

#define INPUTS_MAX 500

struct input {
	char name[320];
	char path[400];
	const struct fuzz_target *target;
};

static void input_case(void **state)
{
	const struct input *input = *state;
	size_t len;
	char *text = test_file(input->path, &len);
	uint8_t *copy = malloc(len ? len : 1); /* of exactly this size, for ASan */

	assert_non_null(copy);
	memcpy(copy, text, len);
	input->target->run(copy, len);
	free(copy);
	free(text);
}

/* The files of one target's folder; a case for each. */
static int run_corpus(const struct fuzz_target *target)
{
	struct CMUnitTest *tests = calloc(INPUTS_MAX, sizeof(*tests));
	struct input *inputs = calloc(INPUTS_MAX, sizeof(*inputs));
	char folder[64];
	size_t count = 0;
	int failed = 1;
	const struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", target->name);
	dir = opendir(folder);
	while (dir && tests && inputs && count < INPUTS_MAX && (entry = readdir(dir))) {
		struct input *input = &inputs[count];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(input->name, sizeof(input->name), "%s: %s", target->name, entry->d_name);
		snprintf(input->path, sizeof(input->path), "%s/%s", folder, entry->d_name);
		input->target = target;
		tests[count].name = input->name;
		tests[count].test_func = input_case;
		tests[count++].initial_state = input;
	}
	if (dir)
		closedir(dir);
	if (count > 0)
		failed = _cmocka_run_group_tests(target->name, tests, count, NULL, NULL);
	free(tests);
	free(inputs);
	return failed;
}

int main(void)
{
	int failed = 0;

	for (size_t i = 0; i < COUNT(targets); i++)
		failed += run_corpus(&targets[i]);
	zone_shutdown();
	return failed;
}
