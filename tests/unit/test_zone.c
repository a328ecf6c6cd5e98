#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/zone.h"
#include "base/zone_file.h"
#include "support.h"

/* --- the public vectors ---------------------------------------------------- */

/* "20380314T023000" in seconds of its wall clock. */
static int64_t compact(const char *text)
{
	char spread[32];
	int64_t seconds = -1;

	snprintf(spread, sizeof(spread), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s", text, text + 4, text + 6, text + 9, text + 11,
		 text + 13);
	assert_true(time_parse_local(spread, strlen(spread), &seconds));
	return seconds;
}

static enum zone_flag flag_of(const char *kind)
{
	return strncmp(kind, "gap", 3) == 0 ? ZONE_GAP : strncmp(kind, "fold", 4) == 0 ? ZONE_FOLD : ZONE_NORMAL;
}

static void every_public_vector_is_met(void **state)
{
	char *text = test_file("tests/vectors/tz_local_to_utc.tsv", NULL);
	char *rest = text, *line;
	int cases = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		const char *name = strsep(&line, "\t"), *local = strsep(&line, "\t");
		const char *kind = strsep(&line, "\t"), *want = strsep(&line, "\t");
		const struct zone *zone = zone_find(name);
		enum zone_flag flag;
		int64_t utc;

		assert_non_null(zone);
		flag = zone_to_utc(zone, compact(local), &utc);
		if (utc != compact(want) || (strncmp(kind, "edge", 4) != 0 && flag != flag_of(kind)))
			fail_msg("%s %s %s: flag %d, off by %lld s", name, local, kind, (int)flag,
				 (long long)(utc - compact(want)));
		cases++;
	}
	free(text);
	assert_int_equal(cases, 8521);
}

static void utc_and_back_is_the_same(void **state)
{
	static const char *const names[] = { "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe",
					     "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "Etc/UTC" };
	uint64_t seed = 11;

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct zone *zone = zone_find(names[i]);

		assert_non_null(zone);
		for (int k = 0; k < 20000; k++) {
			int64_t utc = test_below(&seed, TIME_MAX_UTC), back;
			int64_t local = utc + zone_offset_at(zone, utc);
			enum zone_flag flag = zone_to_utc(zone, local, &back);

			/* Of a fold's two moments the earlier one is chosen. */
			assert_true(flag != ZONE_GAP && (back == utc || (flag == ZONE_FOLD && back < utc)));
			assert_true(back + zone_offset_at(zone, back) == local);
		}
	}
}

/* --- names -------------------------------------------------------------------- */

static const struct name_row {
	const char *name;
	bool found;
	const char *zone; /* if it can't stand in a report */
} name_rows[] = {
	{ "Europe/Stockholm", true, NULL },
	{ "America/Argentina/Buenos_Aires", true, NULL },
	{ "America/Port-au-Prince", true, NULL },
	{ "Etc/GMT+12", true, NULL },
	{ "UTC", true, NULL },
	{ "empty", false, "" },
	{ "Europe", false, NULL }, /* a folder */
	{ "Europe/Nowhere", false, NULL },
	{ "europe/stockholm", false, NULL },
	{ "Europe/Stockholm/", false, NULL },
	{ "Europe//Stockholm", false, NULL },
	{ "/Europe/Stockholm", false, NULL },
	{ "/usr/share/zoneinfo/Europe/Stockholm", false, NULL },
	{ "../zoneinfo/UTC", false, NULL },
	{ "Europe/../UTC", false, NULL },
	{ "Europe/./Stockholm", false, NULL },
	{ "localtime", false, NULL },
	{ "posixrules", false, NULL },
	{ "posix/Europe/Stockholm", false, NULL },
	{ "right/Europe/Stockholm", false, NULL },
	{ "zone.tab", false, NULL },
	{ "tzdata.zi", false, NULL },
	{ "with a blank", false, "Europe/Stockholm " },
	{ "with a line break", false, "Europe/Stock\nholm" },
	{ "Europe/Stockholm%00", false, NULL },
	{ "Europe\\Stockholm", false, NULL },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", false, NULL },
	{ "A23456789012345678901234567890123456789012345678901234567890123456789", false, NULL },
};

static void name_case(void **state)
{
	const struct name_row *row = *state;

	assert_int_equal(zone_find(row->zone ? row->zone : row->name) != NULL, row->found);
}

static void more_zones_than_the_cache_holds_work(void **state)
{
	static const char *const areas[] = { "Africa/Abidjan", "Asia/Tokyo", "America/Lima", "Europe/Moscow" };
	char *text = test_file("tests/vectors/tz_local_to_utc.tsv", NULL), *rest = text, *line;
	char name[32];
	int asked = 0;

	while ((line = strsep(&rest, "\n")) && *line && asked < 3000) {
		assert_non_null(zone_find(strsep(&line, "\t")));
		asked++;
		snprintf(name, sizeof(name), "Etc/GMT%c%d", asked % 2 ? '+' : '-', asked % 13);
		assert_int_equal(zone_offset_at(zone_find(name), 0), (asked % 2 ? -3600 : 3600) * (asked % 13));
		assert_non_null(zone_find(areas[asked % 4]));
	}
	free(text);
}

/* --- rules ------------------------------------------------------------------------ */

static const struct rule_row {
	const char *name; /* the rule */
	bool valid;
	int32_t standard_s, summer_s;
} rule_rows[] = {
	{ "UTC0", true, 0, 0 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 3600, 7200 },
	{ "EST5EDT,M3.2.0,M11.1.0", true, -18000, -14400 },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", true, 3600, 0 },
	{ "<+0330>-3:30", true, 12600, 0 },
	{ "<-03>3<-02>,M3.5.0/-1,M10.5.0/0", true, -10800, -7200 },
	{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", true, 37800, 39600 },
	{ "EET-2EEST,M3.4.4/50,M10.4.4/50", true, 7200, 10800 },
	{ "XXX3EDT4,0/0,J365/23", true, -10800, -14400 },
	{ "AAA+5:30:15", true, -19815, 0 },
	{ "", false, 0, 0 },
	{ "CET", false, 0, 0 },
	{ "CE-1", false, 0, 0 },
	{ "<CET-1", false, 0, 0 },
	{ "CET-25", false, 0, 0 },
	{ "CET-1CEST", false, 0, 0 }, /* when? */
	{ "CET-1CEST,M3.5.0", false, 0, 0 },
	{ "CET-1CEST,M13.5.0,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,M3.6.0,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,M3.0.0,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,M3.5.7,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,J0,J365", false, 0, 0 },
	{ "CET-1CEST,J366,J365", false, 0, 0 },
	{ "CET-1CEST,366,1", false, 0, 0 },
	{ "CET-1CEST,M3.5.0/168,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,M3.5.0,M10.5.0 ", false, 0, 0 },
	{ "CET-1CEST,M3.5.0,M10.5.0,", false, 0, 0 },
	{ "CET-99999999999", false, 0, 0 },
};

static void rule_case(void **state)
{
	const struct rule_row *row = *state;
	struct zone_rule rule;

	assert_int_equal(zone_rule_parse(row->name, strlen(row->name), &rule), row->valid);
	if (!row->valid)
		return;
	assert_int_equal(rule.standard_s, row->standard_s);
	if (rule.has_summer)
		assert_int_equal(rule.summer_s, row->summer_s);
}

/* --- files -------------------------------------------------------------------------- */

/* A version 2 file without changes, one type, and `footer`. */
static size_t small_file(unsigned char *to, int32_t offset, const char *footer)
{
	unsigned char header[44] = "TZif2";
	unsigned char type[6] = { 0 };
	size_t len = 0;

	for (int i = 0; i < 4; i++)
		type[i] = (unsigned char)((uint32_t)offset >> (24 - 8 * i));
	header[39] = 1; /* one type */
	header[43] = 4; /* four characters */
	for (int block = 0; block < 2; block++) {
		memcpy(to + len, header, sizeof(header));
		len += sizeof(header);
		memcpy(to + len, type, sizeof(type));
		len += sizeof(type);
		memcpy(to + len, "ABC", 4);
		len += 4;
	}
	to[len++] = '\n';
	memcpy(to + len, footer, strlen(footer));
	len += strlen(footer);
	to[len++] = '\n';
	return len;
}

static void a_file_with_only_a_rule_is_read(void **state)
{
	unsigned char bytes[512];
	struct zone_table table;

	assert_true(zone_table_read(bytes, small_file(bytes, 3600, "CET-1CEST,M3.5.0,M10.5.0/3"), &table));
	assert_true(table.count > 260);
	for (size_t i = 0; i < table.count; i++) {
		if (table.changes[i].at_utc == 1774746000) { /* 2026-03-29T01:00:00Z */
			assert_int_equal(table.changes[i].offset_s, 7200);
			free(table.changes);
			return;
		}
	}
	fail_msg("no change on 2026-03-29");
}

static void always_summer_time_has_one_offset(void **state)
{
	unsigned char bytes[512];
	struct zone_table table;

	/* RFC 8536, 3.3.1: begins at the moment it ends. */
	assert_true(zone_table_read(bytes, small_file(bytes, -10800, "XXX3EDT4,0/0,J365/23"), &table));
	for (size_t i = 1; i + 1 < table.count; i++)
		assert_int_equal(table.changes[i].offset_s, -14400);
	free(table.changes);
}

static void a_bad_footer_is_refused(void **state)
{
	unsigned char bytes[512];
	struct zone_table table;

	assert_true(zone_table_read(bytes, small_file(bytes, 0, ""), &table));
	free(table.changes);
	assert_false(zone_table_read(bytes, small_file(bytes, 0, "nonsense"), &table));
	assert_false(zone_table_read(bytes, small_file(bytes, 0, "UTC0") - 1, &table));
}

static void an_offset_of_many_hours_is_refused(void **state)
{
	unsigned char bytes[512];
	struct zone_table table;

	assert_false(zone_table_read(bytes, small_file(bytes, 27 * 3600, "UTC0"), &table));
	assert_false(zone_table_read(bytes, small_file(bytes, INT32_MIN, "UTC0"), &table));
}

static void a_cut_file_is_refused_at_every_length(void **state)
{
	size_t len;
	char *bytes = test_file("/usr/share/zoneinfo/Europe/Stockholm", &len);
	struct zone_table table;

	for (size_t cut = 0; cut < len; cut++) {
		unsigned char *copy = malloc(cut ? cut : 1); /* so that ASan sees one byte too many */

		assert_non_null(copy);
		memcpy(copy, bytes, cut);
		assert_false(zone_table_read(copy, cut, &table));
		free(copy);
	}
	assert_true(zone_table_read((unsigned char *)bytes, len, &table));
	free(table.changes);
	free(bytes);
}

static void a_damaged_file_does_no_harm(void **state)
{
	size_t len;
	char *bytes = test_file("/usr/share/zoneinfo/America/New_York", &len);
	uint64_t seed = 3;
	struct zone_table table;

	for (int i = 0; i < 20000; i++) {
		unsigned char *copy = malloc(len);

		assert_non_null(copy);
		memcpy(copy, bytes, len);
		for (int64_t flips = test_below(&seed, 4) + 1; flips > 0; flips--) {
			/* Every other time in the headers, where it matters most. */
			int64_t at = test_below(&seed, i % 2 ? (int64_t)len : 44);

			copy[at] = (unsigned char)test_random(&seed);
		}
		if (zone_table_read(copy, len, &table))
			free(table.changes);
		free(copy);
	}
	free(bytes);
}

static void shipped_zones_come_first(void **state)
{
	char folder[] = "/tmp/tranche-zones-XXXXXX", path[64];
	unsigned char bytes[512];
	size_t len = small_file(bytes, 1234, "XYZ-0:20:34");
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Iceland", folder);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	zone_init(folder);
	assert_int_equal(zone_offset_at(zone_find("Iceland"), 1796115600), 1234);
	assert_int_equal(zone_offset_at(zone_find("Europe/Rome"), 1796115600), 3600);
	zone_init(NULL);
	assert_int_equal(zone_offset_at(zone_find("Iceland"), 1796115600), 0);
	unlink(path);
	rmdir(folder);
}

/* The data are replaced while the program runs. */
static void a_file_that_was_replaced_is_read_anew(void **state)
{
	char folder[] = "/tmp/tranche-zones-XXXXXX", path[64];
	uint64_t without, before;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Testland", folder);
	zone_init(folder);
	without = zone_data_print();
	assert_int_equal(symlink("/usr/share/zoneinfo/Etc/GMT-1", path), 0);
	assert_int_equal(zone_offset_at(zone_find("Testland"), 0), 3600);
	before = zone_data_print();
	assert_true(before != without && before == zone_data_print());
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/usr/share/zoneinfo/Etc/GMT-2", path), 0);
	assert_int_equal(zone_offset_at(zone_find("Testland"), 0), 3600); /* for the rest of this request */
	zone_look_again();
	assert_int_equal(zone_offset_at(zone_find("Testland"), 0), 7200);
	assert_true(zone_data_print() != before);
	/* Another zone's file is no change of this one. */
	const struct zone *zone = zone_find("Europe/Rome");
	zone_look_again();
	assert_ptr_equal(zone_find("Europe/Rome"), zone);
	assert_int_equal(unlink(path), 0);
	zone_look_again();
	assert_null(zone_find("Testland"));
	zone_init(NULL);
	assert_int_equal(rmdir(folder), 0);
}

static void a_fifo_is_no_zone(void **state)
{
	char folder[] = "/tmp/tranche-zones-XXXXXX", path[64];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	zone_init(folder);
	assert_null(zone_find("Fifo")); /* and does not wait for a writer */
	zone_init(NULL);
	unlink(path);
	rmdir(folder);
}

static int shutdown(void **state)
{
	zone_shutdown();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_public_vector_is_met),
		cmocka_unit_test(utc_and_back_is_the_same),
		cmocka_unit_test(more_zones_than_the_cache_holds_work),
		cmocka_unit_test(a_file_with_only_a_rule_is_read),
		cmocka_unit_test(always_summer_time_has_one_offset),
		cmocka_unit_test(a_bad_footer_is_refused),
		cmocka_unit_test(an_offset_of_many_hours_is_refused),
		cmocka_unit_test(a_cut_file_is_refused_at_every_length),
		cmocka_unit_test(a_damaged_file_does_no_harm),
		cmocka_unit_test(shipped_zones_come_first),
		cmocka_unit_test(a_file_that_was_replaced_is_read_anew),
		cmocka_unit_test(a_fifo_is_no_zone),
	};
	int failed = cmocka_run_group_tests_name("zone", tests, NULL, shutdown);

	failed += TABLE_CASES(name_rows, name_case) + TABLE_CASES(rule_rows, rule_case);
	zone_shutdown();
	return failed;
}
