#include "base/zone.h"

#include <dirent.h>
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
#define DEPTH_MAX 3 /* America/Argentina/Buenos_Aires is two down */
#define NEAR_S (26 * 3600) /* wider than any offset */

/* Which file it was, to notice that another has taken its place. */
struct identity {
	dev_t device;
	ino_t inode;
	off_t bytes;
	struct timespec changed;
};

struct zone {
	char name[NAME_MAX_BYTES + 1];
	struct zone_table table;
	struct identity file;
	unsigned looked; /* cache.look when its file was looked at */
};

/* The zones read so far, the one asked for last in front. */
static struct {
	char shipped[512], last[512];
	struct zone *zones[ZONES_MAX];
	size_t count;
	unsigned look;
} cache;

void zone_init(const char *shipped)
{
	zone_shutdown();
	if (shipped && strlen(shipped) < sizeof(cache.shipped))
		memcpy(cache.shipped, shipped, strlen(shipped) + 1);
}

void zone_fall_back(const char *folder)
{
	if (strlen(folder) < sizeof(cache.last))
		memcpy(cache.last, folder, strlen(folder) + 1);
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

/* All zero where there is none. */
static struct identity identify(const char *name)
{
	const char *folders[] = { cache.shipped, SYSTEM_FOLDER };
	char path[PATH_BYTES];
	struct stat info;

	for (size_t i = 0; i < 2; i++) {
		int wanted = snprintf(path, sizeof(path), "%s/%s", folders[i], name);

		if (folders[i][0] && wanted > 0 && (size_t)wanted < sizeof(path) && stat(path, &info) == 0)
			return (struct identity){ info.st_dev, info.st_ino, info.st_size, info.st_ctim };
	}
	return (struct identity){ 0 };
}

static bool is_same_file(const struct identity *a, const struct identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static struct zone *load(const char *name)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	unsigned char *buffer = malloc(ZONE_FILE_BYTES_MAX);
	bool ok = false;

	if (zone && buffer) {
		memcpy(zone->name, name, strlen(name) + 1);
		zone->file = identify(name);
		zone->looked = cache.look;
		ok = (cache.shipped[0] && load_from(cache.shipped, name, buffer, &zone->table)) ||
		     load_from(SYSTEM_FOLDER, name, buffer, &zone->table) ||
		     (cache.last[0] && load_from(cache.last, name, buffer, &zone->table));
	}
	free(buffer);
	if (ok)
		return zone;
	free(zone);
	return NULL;
}

void zone_look_again(void)
{
	cache.look++;
}

/* Once after each zone_look_again(). */
static bool is_outdated(struct zone *zone)
{
	struct identity now;

	if (zone->looked == cache.look)
		return false;
	zone->looked = cache.look;
	now = identify(zone->name);
	return !is_same_file(&now, &zone->file);
}

static void drop(size_t at)
{
	zone_free(cache.zones[at]);
	cache.count--;
	for (; at < cache.count; at++)
		cache.zones[at] = cache.zones[at + 1];
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
	if (zone && is_outdated(zone)) {
		drop(at);
		zone = NULL;
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

/* --- all there is ----------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u; /* FNV-1a */
	return hash;
}

static uint64_t rules_of(const char *name, const struct zone_table *table)
{
	uint64_t hash = mix(0xcbf29ce484222325u, name, strlen(name) + 1);

	hash = mix(hash, &table->first_offset_s, sizeof(table->first_offset_s));
	for (size_t i = 0; i < table->count; i++) {
		hash = mix(hash, &table->changes[i].at_utc, sizeof(table->changes[i].at_utc));
		hash = mix(hash, &table->changes[i].offset_s, sizeof(table->changes[i].offset_s));
	}
	return hash;
}

/* Of all zones below a folder; a sum, so their order does not matter.  `name`
 * is where we are ("" or "America/"). */
static uint64_t rules_below(const char *folder, const char *name, unsigned char *buffer, int depth)
{
	char path[PATH_BYTES], below[2 * NAME_MAX_BYTES];
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *list;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return 0;
	list = opendir(path);
	while (list && (entry = readdir(list)) != NULL) {
		struct zone_table table;
		int len = snprintf(below, sizeof(below), "%s%s", name, entry->d_name);

		if (len < 0 || (size_t)len >= sizeof(below) || !name_is_plain(below))
			continue;
		if (load_from(folder, below, buffer, &table)) {
			sum += rules_of(below, &table);
			free(table.changes);
		} else if (depth < DEPTH_MAX && (size_t)len + 1 < sizeof(below)) {
			memcpy(below + len, "/", 2);
			sum += rules_below(folder, below, buffer, depth + 1);
		}
	}
	if (list)
		closedir(list);
	return sum;
}

uint64_t zone_data_print(void)
{
	unsigned char *buffer = malloc(ZONE_FILE_BYTES_MAX);
	uint64_t sum = 0;

	if (!buffer)
		return 0;
	if (cache.shipped[0])
		sum = 31 * rules_below(cache.shipped, "", buffer, 0);
	sum += rules_below(SYSTEM_FOLDER, "", buffer, 0);
	free(buffer);
	return sum;
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
