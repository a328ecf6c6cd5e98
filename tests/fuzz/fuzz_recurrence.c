/* A rule: what is accepted has one normal form, and expands in order and within its bounds. */
#include "base/clock.h"
#include "base/zone.h"
#include "rules/recurrence.h"
#include "fuzz.h"

#define RECURRENCE_ROOM 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void recurrence_check_form(size_t len, const struct recurrence *rule)
{
	char form[RECURRENCE_TEXT_MAX + 1], again[RECURRENCE_TEXT_MAX + 1];
	struct recurrence_refusal why;
	struct recurrence reread;
	size_t form_len = recurrence_write(rule, form);

	REQUIRE(form_len == strlen(form) && form_len <= len);
	REQUIRE(recurrence_parse(form, form_len, true, &reread, &why));
	REQUIRE(recurrence_write(&reread, again) == form_len && strcmp(form, again) == 0);
}

static void recurrence_check_window(const struct recurrence_series *series, int64_t from, int64_t until, size_t limit)
{
	struct recurrence_instance list[RECURRENCE_ROOM];
	size_t count;
	enum recurrence_outcome outcome = recurrence_expand(series, from, until, list, limit, &count);

	REQUIRE(count <= limit);
	for (size_t i = 0; i < count; i++) {
		REQUIRE(list[i].start_utc >= from && list[i].start_utc < until);
		REQUIRE(list[i].start_utc >= TIME_MIN_UTC && list[i].start_utc <= TIME_MAX_UTC);
		REQUIRE(i == 0 || list[i - 1].start_utc < list[i].start_utc);
		REQUIRE(outcome == RECUR_TOO_EXPENSIVE || recurrence_has(series, list[i].local_start));
	}
	REQUIRE(!series->rule || !series->rule->count ||
		count <= (size_t)series->rule->count + series->rdate_count);
}

/* Eight bytes of the input as a number; zeros when it has no more. */
static int64_t recurrence_number(const uint8_t **data, size_t *size)
{
	uint64_t number = 0;

	for (int i = 0; i < 8 && *size > 0; i++, (*data)++, (*size)--)
		number = number << 8 | **data;
	return (int64_t)number;
}

/* The rule up to a line break, then bytes for the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const zones[] = { "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia" };
	const uint8_t *end = memchr(data, '\n', size), *rest = end ? end + 1 : data + size;
	size_t len = end ? (size_t)(end - data) : size, left = end ? size - len - 1 : 0;
	struct recurrence_refusal why = { .code = CODE_NONE };
	struct recurrence rule;
	struct recurrence_series series = { .rule = &rule };
	int64_t dates[2], start, from, until;

	if (!recurrence_parse((const char *)data, len, true, &rule, &why)) {
		REQUIRE(why.code == CODE_RECURRENCE_INVALID || why.code == CODE_RECURRENCE_AMBIGUOUS ||
			why.code == CODE_RECURRENCE_NOT_SUPPORTED);
		REQUIRE(why.message[0] && why.suggestion[0]);
		return 0;
	}
	recurrence_check_form(len, &rule);
	start = recurrence_number(&rest, &left);
	from = recurrence_number(&rest, &left);
	until = recurrence_number(&rest, &left);
	series.local_start = (start & INT64_MAX) % (TIME_MAX_UTC + 1);
	series.zone = from & 7 ? zone_find(zones[from & 3]) : NULL;
	dates[0] = series.local_start + (until & 0xFFFFFF);
	dates[1] = dates[0] + 86400;
	series.exdates = series.rdates = dates;
	series.exdate_count = (size_t)(start & 1);
	series.rdate_count = (size_t)(start & 2);
	recurrence_check_window(&series, INT64_MIN, INT64_MAX, RECURRENCE_ROOM);
	recurrence_check_window(&series, from, until, 1 + (size_t)(start & 15));
	REQUIRE(recurrence_count_before(&rule, series.local_start, series.local_start, 10) == 0);
	return 0;
}
