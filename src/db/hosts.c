/* Which of the configured servers to connect to. */
#include "db/internal.h"

#include "base/clock.h"
#include "base/log.h"

/* A host that did not answer costs up to the connect timeout; for so long it
 * is asked only when no other one answers. */
#define LEFT_ALONE_MS 30000

/* "a, b, c" into its names; how many. */
static size_t split(char *list, char *names[HOSTS_MAX])
{
	size_t count = 0;
	for (char *name = list; name && count < HOSTS_MAX;) {
		char *comma = strchr(name, ',');
		if (comma)
			*comma = '\0';
		while (*name == ' ')
			name++;
		for (size_t len = strlen(name); len && name[len - 1] == ' '; len--)
			name[len - 1] = '\0';
		names[count++] = name;
		name = comma ? comma + 1 : NULL;
	}
	return count;
}

/* Those of the set (bit i: host i). */
static bool try_hosts(struct db *db, char *const names[], size_t count, unsigned set, struct fail *fail)
{
	for (size_t i = 0; i < count; i++) {
		if (!(set & 1u << i))
			continue;
		const char *host = names[i][0] ? names[i] : NULL;
		fail_clear(fail);
		if (db_connect(db, host, fail)) {
			db->down_until_ms[i] = 0;
			return true;
		}
		db->down_until_ms[i] = monotonic_ms() + LEFT_ALONE_MS;
		log_line(LOG_WARN, NULL, "database %s: %s", host ? host : "(socket)", fail->detail);
	}
	return false;
}

bool db_connect_any(struct db *db, struct fail *fail)
{
	char list[sizeof(db->config->db_hosts)];
	char *names[HOSTS_MAX];
	unsigned up = 0;
	str_copy(list, sizeof(list), db->config->db_hosts);
	size_t count = split(list, names);
	for (size_t i = 0; i < count; i++)
		up |= (unsigned)(db->down_until_ms[i] <= monotonic_ms()) << i;
	return try_hosts(db, names, count, up, fail) || try_hosts(db, names, count, ~up, fail);
}
