#include "base/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zone_file.h"

#define NAME_MAX_BYTES 64
#define PATH_BYTES 600
#define SYSTEM_FOLDER "/usr/share/zoneinfo"
#define NEAR_S (26 * 3600) /* wider than any offset */

struct zone {
	char name[NAME_MAX_BYTES + 1];
	struct zone_table table;
};

/* The zones read so far, the one asked for last in front. */
static struct {
	char shipped[512];
	struct zone *zones[ZONES_MAX];
	size_t count;
} cache;

void zone_init(const char *shipped)
{
	zone_shutdown();
	if (shipped && strlen(shipped) < sizeof(cache.shipped))
		memcpy(cache.shipped, shipped, strlen(shipped) + 1);
}

static void zone_free(struct zone *zone)
{
	free(zone->table.changes);
	free(zone);
}

void zone_shutdown(void)
{
	for (size_t i = 0; i < cache.count; i++)
		zone_free(cache.zones[i]);
	memset(&cache, 0, sizeof(cache));
}

/* Zone names begin with a capital letter; what else lies in the folders
 * ("posix/…", "right/…" with leap seconds, "localtime") does not. */
static bool name_is_plain(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_BYTES + 1);

	if (len == 0 || len > NAME_MAX_BYTES || name[0] < 'A' || name[0] > 'Z' || name[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (c == '/' && name[i + 1] == '/')
			return false;
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '+' || c == '-' || c == '/'))
			return false;
	}
	return true;
}

/* The whole file; -1 if there is none, it is no plain file or too large. */
static ssize_t read_file(const char *path, unsigned char *to, size_t size)
{
	struct stat info;
	size_t len = 0;
	ssize_t done = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= (off_t)size) {
		do {
			done = read(fd, to + len, size - len);
			if (done > 0)
				len += (size_t)done;
		} while (done > 0 && len < size);
	}
	close(fd);
	return done < 0 ? -1 : (ssize_t)len;
}

static bool load_from(const char *folder, const char *name, unsigned char *buffer, struct zone_table *table)
{
	char path[PATH_BYTES];
	int wanted = snprintf(path, sizeof(path), "%s/%s", folder, name);
	ssize_t len;

	if (wanted < 0 || (size_t)wanted >= sizeof(path))
		return false;
	len = read_file(path, buffer, ZONE_FILE_BYTES_MAX);
	return len > 0 && zone_table_read(buffer, (size_t)len, table);
}

static struct zone *load(const char *name)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	unsigned char *buffer = malloc(ZONE_FILE_BYTES_MAX);
	bool ok = false;

	if (zone && buffer) {
		memcpy(zone->name, name, strlen(name) + 1);
		ok = (cache.shipped[0] && load_from(cache.shipped, name, buffer, &zone->table)) ||
		     load_from(SYSTEM_FOLDER, name, buffer, &zone->table);
	}
	free(buffer);
	if (ok)
		return zone;
	free(zone);
	return NULL;
}

const struct zone *zone_find(const char *name)
{
	struct zone *zone = NULL;
	size_t at;

	for (at = 0; at < cache.count; at++) {
		if (strcmp(cache.zones[at]->name, name) == 0) {
			zone = cache.zones[at];
			break;
		}
	}
	if (!zone) {
		zone = name_is_plain(name) ? load(name) : NULL;
		if (!zone)
			return NULL;
		if (cache.count < ZONES_MAX)
			cache.count++;
		else
			zone_free(cache.zones[ZONES_MAX - 1]);
		at = cache.count - 1;
	}
	for (; at > 0; at--)
		cache.zones[at] = cache.zones[at - 1];
	cache.zones[0] = zone;
	return zone;
}

/* How many changes lie at or before `utc`. */
static size_t changes_until(const struct zone_table *table, int64_t utc)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->changes[middle].at_utc <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int32_t offset_after(const struct zone_table *table, size_t changes)
{
	return changes ? table->changes[changes - 1].offset_s : table->first_offset_s;
}

int32_t zone_offset_at(const struct zone *zone, int64_t utc)
{
	return offset_after(&zone->table, changes_until(&zone->table, utc));
}

bool zone_next_change(const struct zone *zone, int64_t after_utc, int64_t *at_out, int32_t *offset_out)
{
	size_t next = changes_until(&zone->table, after_utc);
	if (next == zone->table.count)
		return false;
	*at_out = zone->table.changes[next].at_utc;
	*offset_out = zone->table.changes[next].offset_s;
	return true;
}

/* Walks the few periods of constant offset that the wall time can lie in, in
 * the order of time.  A period [from, until) has it if the offset leads back
 * into the period; in a gap no period has it. */
enum zone_flag zone_to_utc(const struct zone *zone, int64_t local, int64_t *utc_out)
{
	const struct zone_table *table = &zone->table;
	size_t at = changes_until(table, local - NEAR_S);
	int64_t in_gap = local - offset_after(table, at);
	int64_t from = INT64_MIN;
	bool found = false;

	for (;; at++) {
		int64_t utc = local - offset_after(table, at);
		int64_t until = at < table->count ? table->changes[at].at_utc : INT64_MAX;

		if (utc >= from && utc < until) {
			if (found)
				return ZONE_FOLD;
			*utc_out = utc;
			found = true;
		} else if (utc >= until) {
			in_gap = utc; /* past this period's end: the offset before a gap */
		}
		if (until > local + NEAR_S)
			break;
		from = until;
	}
	if (found)
		return ZONE_NORMAL;
	*utc_out = in_gap;
	return ZONE_GAP;
}
