/*
 * Civil time: RFC 3339 texts and seconds since the epoch, and the monotonic
 * clock for time budgets.
 *
 * Pure arithmetic over the proleptic Gregorian calendar; no locale, no TZ
 * variable, no mktime.  The wall clock that decides anything is the
 * database's; this file only converts.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_MIN_UTC 0LL           /* 1970-01-01T00:00:00Z */
#define TIME_MAX_UTC 4133980799LL  /* 2100-12-31T23:59:59Z */
#define TIME_TEXT_SIZE 32

/* Days since 1970-01-01 of a civil date, and back. */
int64_t days_from_civil(int year, int month, int day);
void civil_from_days(int64_t days, int *year_out, int *month_out, int *day_out);

/* How reading a time went; the others say what is wrong with it. */
enum time_reading {
	TIME_OK,
	TIME_MALFORMED,
	TIME_NO_OFFSET,    /* well-formed, but without Z or +hh:mm */
	TIME_NO_SUCH_DAY,  /* 2026-02-30 */
	TIME_NO_SUCH_HOUR, /* 24:00:00, 09:61:00 */
	TIME_OUT_OF_RANGE, /* outside TIME_MIN_UTC … TIME_MAX_UTC */
};
enum time_reading time_read_utc(const char *text, size_t len, int64_t *utc_out);
enum time_reading time_read_local(const char *text, size_t len, int64_t *local_out);

/* RFC 3339 with an offset ("2026-12-01T09:00:00Z", "…+01:00", lower case t/z
 * and fractions allowed, fractions dropped).  False for anything else: missing
 * offset, 2026-02-30, hour 24, years outside 1970–2100.  A leap second :60 is
 * read as :59. */
bool time_parse_utc(const char *text, size_t len, int64_t *utc_out);

/* Local time without an offset ("2026-12-01T09:00:00", seconds may be left
 * out), as seconds since 1970-01-01T00:00:00 of that wall clock. */
bool time_parse_local(const char *text, size_t len, int64_t *local_out);

/* "2026-12-01T09:00:00Z", "2026-12-01T09:00:00" and MySQL's
 * "2026-12-01 09:00:00". */
void time_format_utc(int64_t utc, char out[TIME_TEXT_SIZE]);
void time_format_local(int64_t local, char out[TIME_TEXT_SIZE]);
void time_format_sql(int64_t utc, char out[TIME_TEXT_SIZE]);
/* Reads MySQL's DATETIME text, fractions dropped. */
bool time_parse_sql(const char *text, int64_t *utc_out);

/* A clock that never steps; only differences mean anything. */
int64_t monotonic_ms(void);
int64_t monotonic_us(void);
/* Memory the process holds now, for figures; 0 if unknown. */
int64_t resident_kib(void);

#endif
