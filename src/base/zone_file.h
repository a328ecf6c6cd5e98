/*
 * TZif files (RFC 8536) as a table of offset changes.
 *
 * Private to base/zone*.c.  The reader trusts nothing in a file: sizes, counts,
 * indexes and order are checked, and a file that breaks a rule is no zone.  What
 * the POSIX rule in the footer says is written out to the end of TIME_MAX_UTC,
 * so that everything later is one binary search.
 */
#ifndef BASE_ZONE_FILE_H
#define BASE_ZONE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_FILE_BYTES_MAX (64 * 1024)

/* From `at_utc` on the offset is `offset_s` seconds east of UTC. */
struct zone_change {
	int64_t at_utc;
	int32_t offset_s;
};

struct zone_table {
	int32_t first_offset_s;      /* before the first change */
	struct zone_change *changes; /* ascending, malloc */
	size_t count;
};

/* Reads a whole file.  False, with nothing to free, when it is not a valid
 * TZif file of version 2 or later without leap seconds. */
bool zone_table_read(const unsigned char *bytes, size_t len, struct zone_table *table_out);

/* --- the footer (zone_rule.c) -------------------------------------------- */

/* The day of a rule: Jn (1-365, never Feb 29), n (0-365) or Mm.w.d. */
struct zone_rule_day {
	enum { DAY_JULIAN, DAY_OF_YEAR, DAY_OF_MONTH_WEEK } kind;
	int day, month, week;
	int32_t time_s; /* of the wall clock, -167 h to 167 h */
};

struct zone_rule {
	int32_t standard_s; /* east of UTC */
	bool has_summer;
	int32_t summer_s;
	struct zone_rule_day begin, end; /* of the summer offset */
};

/* Reads a POSIX TZ text such as "CET-1CEST,M3.5.0,M10.5.0/3". */
bool zone_rule_parse(const char *text, size_t len, struct zone_rule *rule_out);

/* When the rule's changes happen in a year. */
int64_t zone_rule_begin_utc(const struct zone_rule *rule, int year);
int64_t zone_rule_end_utc(const struct zone_rule *rule, int year);

#endif
