/* The text of tranche.conf; where it is found is in config_find.c. */
#include "base/config.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/ids.h"
#include "base/str.h"

enum key_kind { KEY_TEXT, KEY_NUMBER, KEY_PORT, KEY_PREFIX, KEY_LEVEL, KEY_PROXIES, KEY_ENDPOINTS, KEY_SECRET };

struct key {
	const char *name;
	enum key_kind kind;
	bool required;
	size_t offset;
	size_t size;      /* of a text's field */
	int64_t min, max; /* a number beyond them is clamped */
};

#define TEXT(field, must) { #field, KEY_TEXT, must, offsetof(struct config, field), sizeof(((struct config *)0)->field), 0, 0 }
#define OTHER(field, kind, must) { #field, kind, must, offsetof(struct config, field), sizeof(((struct config *)0)->field), 0, 0 }
#define NUMBER(field, min, max) { #field, KEY_NUMBER, false, offsetof(struct config, field), 0, min, max }

static const struct key keys[] = {
	TEXT(site_folder, false),
	TEXT(db_hosts, false),
	TEXT(db_socket, false),
	OTHER(db_port, KEY_PORT, false),
	NUMBER(db_tls, 0, 2),
	TEXT(db_tls_ca, false),
	TEXT(db_name, true),
	TEXT(db_user, true),
	TEXT(db_password, false),
	OTHER(table_prefix, KEY_PREFIX, false),
	TEXT(log_file, false),
	OTHER(log_level, KEY_LEVEL, false),
	TEXT(site_url, false),
	OTHER(trusted_proxies, KEY_PROXIES, false),
	TEXT(zoneinfo, false),
	OTHER(webhook_allow, KEY_ENDPOINTS, false),
	TEXT(webhook_ca_file, false),
	NUMBER(webhook_timeout_ms, 200, 20000),
	OTHER(secret, KEY_SECRET, true),
	NUMBER(request_limit_ms, 1000, 3600000),
	NUMBER(time_budget_ms, 100, 20000),
	NUMBER(chunk_target_ms, 10, 5000),
	NUMBER(transaction_items_max, 1, 1000),
	NUMBER(body_max_bytes, 1024, 1LL << 32),
	NUMBER(items_max, 1, 1000000),
	NUMBER(item_max_bytes, 256, 1 << 20),
	NUMBER(open_jobs_max, 1, 10000),
	NUMBER(requests_per_minute, 0, 1000000),
	NUMBER(session_idle_s, 60, 86400),
	NUMBER(session_max_s, 300, 30 * 86400),
	NUMBER(conflict_window_s, 0, 31 * 86400),
	NUMBER(allow_minutely, 0, 1),
	NUMBER(retention_days_jobs, 0, 3650),
	NUMBER(retention_days_logs, 0, 3650),
	NUMBER(retention_days_audit, 0, 3650),
	NUMBER(retention_days_history, 0, 3650),
	NUMBER(retention_days_occurrences, 0, 3650),
	NUMBER(afterwork_ms, 0, 5000),
	NUMBER(undo_window_s, 0, 366 * 86400),
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEY_COUNT <= 64, "`seen` is a 64-bit set");

static const struct config defaults = {
	.db_hosts = "localhost",
	.db_port = 3306,
	.table_prefix = "tr_",
	.log_level = "info",
	.request_limit_ms = 30000,
	.time_budget_ms = 2000,
	.chunk_target_ms = 175,
	.transaction_items_max = 1000,
	.body_max_bytes = 64 << 20,
	.items_max = 1000000,
	.item_max_bytes = 65536,
	.open_jobs_max = 20,
	.requests_per_minute = 600,
	.session_idle_s = 1800,
	.session_max_s = 43200,
	.conflict_window_s = 3600,
	.retention_days_jobs = 90,
	.retention_days_logs = 30,
	.retention_days_audit = 400,
	.retention_days_history = 365,
	.retention_days_occurrences = 400,
	.afterwork_ms = 500,
	.webhook_timeout_ms = 10000,
	.undo_window_s = 86400,
};

/* One line's value and where errors are told. Values are never repeated in a
 * message: the value may be the password, on whatever line it landed. */
struct line {
	int number;
	const char *key, *value;
	size_t key_len, value_len;
	struct fail *fail;
};

static bool bad(const struct line *line, enum code code, const char *what)
{
	return fail_set(line->fail, FAIL_INVALID, code, "tranche.conf, line %d: %.*s %s", line->number,
			(int)line->key_len, line->key, what);
}

static bool only(const char *text, size_t len, const char *allowed)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr(allowed, text[i]))
			return false;
	}
	return true;
}

static bool set_text(const struct key *key, const struct line *line, char *to)
{
	if (line->value_len >= key->size) {
		char what[64];

		snprintf(what, sizeof(what), "is longer than %zu bytes", key->size - 1);
		return bad(line, CODE_TOO_LONG, what);
	}
	memcpy(to, line->value, line->value_len);
	to[line->value_len] = '\0';
	return true;
}

static bool set_number(const struct key *key, const struct line *line, int64_t *to)
{
	int64_t number;

	if (!parse_i64(line->value, line->value_len, &number))
		return bad(line, CODE_INVALID_TYPE, "must be a whole number");
	if (key->kind == KEY_PORT) {
		if (number < 1 || number > 65535)
			return bad(line, CODE_OUT_OF_RANGE, "must be from 1 to 65535");
	} else {
		number = number < key->min ? key->min : number > key->max ? key->max : number;
	}
	*to = number;
	return true;
}

static bool set_level(const struct key *key, const struct line *line, char *to)
{
	static const char *const levels[] = { "error", "warn", "info", "debug" };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strlen(levels[i]) == line->value_len && memcmp(levels[i], line->value, line->value_len) == 0)
			return set_text(key, line, to);
	}
	return bad(line, CODE_INVALID_VALUE, "must be error, warn, info or debug");
}

static bool set_secret(const struct line *line, unsigned char secret[32])
{
	static const unsigned char zeros[32];
	char hex[65];

	if (line->value_len == 64) {
		memcpy(hex, line->value, 64);
		hex[64] = '\0';
		if (hex_decode(hex, secret, 32) && memcmp(secret, zeros, sizeof(zeros)) != 0)
			return true;
	}
	return bad(line, CODE_INVALID_VALUE, "must be 64 random hexadecimal digits");
}

static bool set_key(struct config *config, const struct key *key, const struct line *line)
{
	unsigned char *field = (unsigned char *)config + key->offset;

	switch (key->kind) {
	case KEY_TEXT:
		break;
	case KEY_NUMBER:
	case KEY_PORT:
		return set_number(key, line, (int64_t *)(void *)field);
	case KEY_PREFIX:
		if (!only(line->value, line->value_len, "abcdefghijklmnopqrstuvwxyz0123456789_"))
			return bad(line, CODE_INVALID_VALUE, "may hold only a-z, 0-9 and _");
		break;
	case KEY_PROXIES:
		if (line->value_len && !address_list_valid(line->value, line->value_len))
			return bad(line, CODE_INVALID_VALUE, "may hold addresses and networks only, such as 10.1.2.3, 192.0.2.0/24");
		break;
	case KEY_ENDPOINTS:
		if (line->value_len && !endpoint_list_valid(line->value, line->value_len))
			return bad(line, CODE_INVALID_VALUE, "may hold addresses with their ports only, such as 10.0.0.5:8443, [fd00::5]:443");
		break;
	case KEY_LEVEL:
		return set_level(key, line, (char *)field);
	case KEY_SECRET:
		return set_secret(line, field);
	}
	return set_text(key, line, (char *)field);
}

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && strchr(" \t\r", (*text)[*len - 1]))
		(*len)--;
}

/* Divides `key = value`; a value in double quotes keeps its blanks. */
static bool split(const char *text, size_t len, struct line *line)
{
	const char *equals = memchr(text, '=', len);
	size_t bad_at;

	line->key = "the line";
	line->key_len = strlen(line->key);
	if (!utf8_valid(text, len, &bad_at))
		return bad(line, CODE_INVALID_UTF8, "is not UTF-8");
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 && text[i] != '\t')
			return bad(line, CODE_INVALID_VALUE, "holds a control character");
	}
	if (!equals)
		return bad(line, CODE_INVALID_VALUE, "must read: key = value");
	line->key = text;
	line->key_len = (size_t)(equals - text);
	line->value = equals + 1;
	line->value_len = len - line->key_len - 1;
	trim(&line->key, &line->key_len);
	trim(&line->value, &line->value_len);
	if (line->value_len >= 2 && line->value[0] == '"' && line->value[line->value_len - 1] == '"') {
		line->value++;
		line->value_len -= 2;
	}
	return true;
}

static bool read_line(struct config *config, const char *text, size_t len, struct line *line, uint64_t *seen)
{
	trim(&text, &len);
	if (len == 0 || text[0] == '#')
		return true;
	if (!split(text, len, line))
		return false;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		uint64_t bit = (uint64_t)1 << i;

		if (strlen(keys[i].name) != line->key_len || memcmp(keys[i].name, line->key, line->key_len) != 0)
			continue;
		if (*seen & bit)
			return bad(line, CODE_DUPLICATE_KEY, "stands twice");
		*seen |= bit;
		return set_key(config, &keys[i], line);
	}
	if (line->key_len > 40) { /* a pasted secret, not a misspelt name */
		line->key = "the key";
		line->key_len = strlen(line->key);
	}
	return bad(line, CODE_UNKNOWN_OPTION, "is not a known key");
}

/* Nothing of a database, but something of what the installer needs before. */
static bool is_preliminary(const struct config *config, uint64_t seen)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if ((seen & (uint64_t)1 << i) && (keys[i].required || strncmp(keys[i].name, "db_", 3) == 0))
			return false;
	}
	return config->trusted_proxies[0] || config->site_url[0];
}

static bool complete(struct config *config, uint64_t seen, struct fail *fail)
{
	if (is_preliminary(config, seen))
		return fail_set(fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "tranche.conf names no database yet");
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (keys[i].required && !(seen & (uint64_t)1 << i))
			return fail_set(fail, FAIL_INVALID, CODE_REQUIRED, "tranche.conf: %s is missing", keys[i].name);
	}
	if (!config->db_name[0] || !config->db_user[0])
		return fail_set(fail, FAIL_INVALID, CODE_REQUIRED, "tranche.conf: %s is empty",
				config->db_name[0] ? "db_user" : "db_name");
	if (!config->db_hosts[0] && !config->db_socket[0])
		return fail_set(fail, FAIL_INVALID, CODE_REQUIRED, "tranche.conf: db_hosts is empty");
	/* A request must end well before the host kills it. */
	if (config->time_budget_ms > config->request_limit_ms / 2)
		config->time_budget_ms = config->request_limit_ms / 2;
	return true;
}

void config_defaults(struct config *config)
{
	*config = defaults;
}

bool config_value_fits(const char *key, const char *value)
{
	for (const char *c = value; *c; c++) {
		if ((unsigned char)*c < 0x20)
			return false;
	}
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].name, key) == 0)
			return strlen(value) < keys[i].size && utf8_valid(value, strlen(value), NULL);
	}
	return false;
}

bool config_parse(struct config *config, const char *text, size_t len, struct fail *fail)
{
	struct line line = { .key = "", .value = "", .fail = fail };
	uint64_t seen = 0, stamp = config->stamp;
	char path[sizeof(config->path)];

	memcpy(path, config->path, sizeof(path));
	*config = defaults;
	memcpy(config->path, path, sizeof(path));
	config->stamp = stamp;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* Windows editors put it there */
		text += 3;
		len -= 3;
	}
	while (len > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t line_len = newline ? (size_t)(newline - text) : len;

		line.number++;
		if (!read_line(config, text, line_len, &line, &seen))
			return false;
		text += newline ? line_len + 1 : line_len;
		len -= newline ? line_len + 1 : line_len;
	}
	return complete(config, seen, fail);
}
