#include "base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

#define DAY_S 86400

/* Years are counted from March, so that the leap day is a year's last day and
 * the months' lengths follow one formula; eras of 400 years repeat exactly. */
int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int *year_out, int *month_out, int *day_out)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153; /* 0 = March */

	*day_out = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	*month_out = (int)(month < 10 ? month + 3 : month - 9);
	*year_out = (int)(year_of_era + era * 400 + (month >= 10));
}

/* A text that is read from the left; `at` never passes `len`. */
struct cursor {
	const char *text;
	size_t len;
	size_t at;
};

/* The next `count` digits as a number, or -1. */
static int digits(struct cursor *c, size_t count)
{
	int value = 0;

	if (c->len - c->at < count)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int digit = c->text[c->at + i] - '0';

		if (digit < 0 || digit > 9)
			return -1;
		value = value * 10 + digit;
	}
	c->at += count;
	return value;
}

/* Takes the next byte if it is `a` or `b`. */
static bool take(struct cursor *c, char a, char b)
{
	if (c->at == c->len || (c->text[c->at] != a && c->text[c->at] != b))
		return false;
	c->at++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const signed char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[month - 1] + (month == 2 && leap);
}

/* YYYY-MM-DD, `separator`, HH:MM[:SS[.f+]] as seconds of that wall clock. */
static enum time_reading read_wall(struct cursor *c, char separator, char separator2, bool seconds_required,
				   int64_t *wall_out)
{
	int year, month, day, hour, minute, second = 0;

	if ((year = digits(c, 4)) < 0 || !take(c, '-', '-') || (month = digits(c, 2)) < 0 ||
	    !take(c, '-', '-') || (day = digits(c, 2)) < 0 || !take(c, separator, separator2) ||
	    (hour = digits(c, 2)) < 0 || !take(c, ':', ':') || (minute = digits(c, 2)) < 0)
		return TIME_MALFORMED;
	if (take(c, ':', ':')) {
		if ((second = digits(c, 2)) < 0)
			return TIME_MALFORMED;
		if (take(c, '.', '.')) {
			if (digits(c, 1) < 0)
				return TIME_MALFORMED;
			while (digits(c, 1) >= 0)
				;
		}
	} else if (seconds_required) {
		return TIME_MALFORMED;
	}
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return TIME_NO_SUCH_DAY;
	if (hour > 23 || minute > 59 || second > 60)
		return TIME_NO_SUCH_HOUR;
	if (second == 60)
		second = 59;
	*wall_out = days_from_civil(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
	return TIME_OK;
}

static enum time_reading in_range(int64_t seconds, int64_t *out)
{
	if (seconds < TIME_MIN_UTC || seconds > TIME_MAX_UTC)
		return TIME_OUT_OF_RANGE;
	*out = seconds;
	return TIME_OK;
}

enum time_reading time_read_utc(const char *text, size_t len, int64_t *utc_out)
{
	struct cursor c = { text, len, 0 };
	int64_t wall = 0;
	int sign, hours, minutes;
	enum time_reading reading = read_wall(&c, 'T', 't', true, &wall);

	if (reading == TIME_MALFORMED)
		return reading;
	if (c.at == c.len)
		return reading == TIME_OK ? TIME_NO_OFFSET : reading;
	if (take(&c, 'Z', 'z')) {
		if (c.at != c.len)
			return TIME_MALFORMED;
		return reading == TIME_OK ? in_range(wall, utc_out) : reading;
	}
	sign = c.text[c.at] == '-' ? -1 : 1;
	if (!take(&c, '+', '-') || (hours = digits(&c, 2)) < 0 || !take(&c, ':', ':') ||
	    (minutes = digits(&c, 2)) < 0 || c.at != c.len || hours > 23 || minutes > 59)
		return TIME_MALFORMED;
	return reading == TIME_OK ? in_range(wall - sign * (hours * 3600 + minutes * 60), utc_out) : reading;
}

enum time_reading time_read_local(const char *text, size_t len, int64_t *local_out)
{
	struct cursor c = { text, len, 0 };
	int64_t wall = 0;
	enum time_reading reading = read_wall(&c, 'T', 't', false, &wall);

	if (c.at != c.len)
		return TIME_MALFORMED;
	return reading == TIME_OK ? in_range(wall, local_out) : reading;
}

bool time_parse_utc(const char *text, size_t len, int64_t *utc_out)
{
	return time_read_utc(text, len, utc_out) == TIME_OK;
}

bool time_parse_local(const char *text, size_t len, int64_t *local_out)
{
	return time_read_local(text, len, local_out) == TIME_OK;
}

bool time_parse_sql(const char *text, int64_t *utc_out)
{
	struct cursor c = { text, strlen(text), 0 };
	int64_t wall = 0;

	return read_wall(&c, ' ', 'T', true, &wall) == TIME_OK && c.at == c.len && in_range(wall, utc_out) == TIME_OK;
}

static char *put_digits(char *to, int value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		to[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return to + count;
}

/* Outside the years 0 to 9999 nothing can be written in this form; the nearest
 * moment that can stands for it. */
static void format(int64_t seconds, char separator, const char *end, char out[TIME_TEXT_SIZE])
{
	const int64_t first = -62167219200, last = 253402300799;
	int year, month, day, rest;
	int64_t days;
	char *to = out;

	seconds = seconds < first ? first : seconds > last ? last : seconds;
	days = seconds / DAY_S;
	if (seconds % DAY_S < 0)
		days--;
	rest = (int)(seconds - days * DAY_S);
	civil_from_days(days, &year, &month, &day);
	to = put_digits(to, year, 4);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	to = put_digits(to, day, 2);
	*to++ = separator;
	to = put_digits(to, rest / 3600, 2);
	*to++ = ':';
	to = put_digits(to, rest / 60 % 60, 2);
	*to++ = ':';
	to = put_digits(to, rest % 60, 2);
	memcpy(to, end, strlen(end) + 1);
}

void time_format_utc(int64_t utc, char out[TIME_TEXT_SIZE])
{
	format(utc, 'T', "Z", out);
}

void time_format_local(int64_t local, char out[TIME_TEXT_SIZE])
{
	format(local, 'T', "", out);
}

void time_format_sql(int64_t utc, char out[TIME_TEXT_SIZE])
{
	format(utc, ' ', "", out);
}

int64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t monotonic_ms(void)
{
	return monotonic_us() / 1000;
}

int64_t resident_kib(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t len;
	const char *begin;
	size_t digits_len;
	int64_t pages = 0;

	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	begin = strchr(text, ' '); /* the second number is the resident pages */
	if (!begin)
		return 0;
	begin++;
	digits_len = strspn(begin, "0123456789");
	if (!parse_i64(begin, digits_len, &pages))
		return 0;
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}
