#include "base/zone_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define HEADER_BYTES 44
#define TYPE_BYTES 6
#define OFFSET_MAX_S (26 * 3600) /* RFC 8536, 3.2: offsets stay within -25 h and 26 h */
#define FOOTER_MAX 128
#define RULE_FIRST_YEAR 1969
#define RULE_LAST_YEAR 2102 /* TIME_MAX_UTC and a day of margin on either side */

/* The six counts of a header, in the file's order. */
struct counts {
	size_t isut, isstd, leap, time, type, character;
};

struct input {
	const unsigned char *bytes;
	size_t len;
};

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t get64(const unsigned char *p)
{
	return (int64_t)((uint64_t)get32(p) << 32 | get32(p + 4));
}

static bool skip(struct input *in, size_t len)
{
	if (in->len < len)
		return false;
	in->bytes += len;
	in->len -= len;
	return true;
}

static bool read_header(struct input *in, struct counts *counts)
{
	const unsigned char *p = in->bytes;

	if (in->len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	*counts = (struct counts){
		.isut = get32(p + 20), .isstd = get32(p + 24), .leap = get32(p + 28),
		.time = get32(p + 32), .type = get32(p + 36), .character = get32(p + 40),
	};
	/* No count can exceed the file; so their products can't overflow. */
	return counts->isut <= ZONE_FILE_BYTES_MAX && counts->isstd <= ZONE_FILE_BYTES_MAX &&
	       counts->leap <= ZONE_FILE_BYTES_MAX && counts->time <= ZONE_FILE_BYTES_MAX &&
	       counts->type <= 256 && counts->character <= ZONE_FILE_BYTES_MAX && skip(in, HEADER_BYTES);
}

/* Bytes of the data block that follows a header. */
static size_t block_bytes(const struct counts *c, size_t time_bytes)
{
	return c->time * (time_bytes + 1) + c->type * TYPE_BYTES + c->character + c->leap * (time_bytes + 4) +
	       c->isstd + c->isut;
}

/* Appends a change unless the offset stays the same. There is room. */
static void append(struct zone_table *table, int64_t at_utc, int32_t offset_s)
{
	int32_t before = table->count ? table->changes[table->count - 1].offset_s : table->first_offset_s;

	if (offset_s != before)
		table->changes[table->count++] = (struct zone_change){ at_utc, offset_s };
}

/* The 64-bit block's changes; `last_at_out` is the file's last moment, after
 * which the footer counts. */
static bool read_changes(const struct input *in, const struct counts *c, struct zone_table *table,
			 int64_t *last_at_out)
{
	const unsigned char *times = in->bytes, *indexes = times + c->time * 8, *types = indexes + c->time;
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < c->type; i++) {
		int32_t offset = (int32_t)get32(types + i * TYPE_BYTES);

		if (offset > OFFSET_MAX_S || offset < -OFFSET_MAX_S)
			return false;
	}
	table->first_offset_s = (int32_t)get32(types);
	for (size_t i = 0; i < c->time; i++) {
		int64_t at = get64(times + i * 8);

		if (indexes[i] >= c->type || (i > 0 && at <= last))
			return false;
		append(table, at, (int32_t)get32(types + indexes[i] * TYPE_BYTES));
		last = at;
	}
	*last_at_out = last;
	return true;
}

static void append_rule(struct zone_table *table, const struct zone_rule *rule, int64_t after)
{
	/* Without changes in the file the rule holds from the beginning. */
	if (!rule->has_summer) {
		if (table->count == 0)
			table->first_offset_s = rule->standard_s;
		return;
	}
	for (int year = RULE_FIRST_YEAR; year <= RULE_LAST_YEAR; year++) {
		int64_t begin = zone_rule_begin_utc(rule, year), end = zone_rule_end_utc(rule, year);
		struct zone_change changes[2] = { { begin, rule->summer_s }, { end, rule->standard_s } };

		if (end < begin) { /* the southern half of the year */
			changes[0] = (struct zone_change){ end, rule->standard_s };
			changes[1] = (struct zone_change){ begin, rule->summer_s };
		}
		for (int i = 0; i < 2; i++) {
			if (changes[i].at_utc <= after)
				continue;
			/* "Always summer time" ends at the moment it begins again. */
			if (table->count > 0 && table->changes[table->count - 1].at_utc == changes[i].at_utc)
				table->count--;
			append(table, changes[i].at_utc, changes[i].offset_s);
		}
	}
}

/* "\n<rule>\n"; an empty rule is allowed and adds nothing. */
static bool read_footer(const struct input *in, struct zone_table *table, int64_t after)
{
	const char *text = (const char *)in->bytes + 1;
	const char *end;
	struct zone_rule rule;

	if (in->len < 2 || in->bytes[0] != '\n')
		return false;
	end = memchr(text, '\n', in->len - 1);
	if (!end || end - text > FOOTER_MAX)
		return false;
	if (end == text)
		return true;
	if (!zone_rule_parse(text, (size_t)(end - text), &rule))
		return false;
	append_rule(table, &rule, after);
	return true;
}

bool zone_table_read(const unsigned char *bytes, size_t len, struct zone_table *table_out)
{
	struct input in = { bytes, len };
	struct counts counts;
	size_t room, data_bytes;
	int64_t last_at;

	memset(table_out, 0, sizeof(*table_out));
	if (len > ZONE_FILE_BYTES_MAX || !read_header(&in, &counts) || !skip(&in, block_bytes(&counts, 4)) ||
	    !read_header(&in, &counts))
		return false;
	data_bytes = block_bytes(&counts, 8);
	if (counts.type == 0 || counts.leap > 0 || in.len < data_bytes)
		return false;
	room = counts.time + 2 * (RULE_LAST_YEAR - RULE_FIRST_YEAR + 1);
	table_out->changes = calloc(room, sizeof(*table_out->changes));
	if (!table_out->changes)
		return false;
	if (read_changes(&in, &counts, table_out, &last_at) && skip(&in, data_bytes) &&
	    read_footer(&in, table_out, last_at)) {
		size_t used = table_out->count ? table_out->count : 1;
		struct zone_change *smaller = realloc(table_out->changes, used * sizeof(*smaller));

		if (smaller)
			table_out->changes = smaller;
		return true;
	}
	free(table_out->changes);
	memset(table_out, 0, sizeof(*table_out));
	return false;
}
