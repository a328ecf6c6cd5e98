/*
 * Configuration: tranche.conf, `key = value` lines, `#` comment lines.
 *
 * Looked for at $TRANCHE_CONFIG alone if that is set, else one to three folders
 * above the program, then beside it: tranche.FOLDER.conf, named after the
 * program's folder, or tranche.conf unless that says to be another
 * installation's (site_folder).  A file that others can read or a group
 * can write is refused: it holds the database password.  So is one that
 * belongs neither to this process, nor to the program's owner, nor to root.
 * Read once per process, immutable afterwards.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct config {
	char path[512];            /* the file that was read */
	uint64_t stamp;            /* of that file, for config_is_current() */
	char site_folder[512];     /* of the program whose file it is; "" = whichever finds it */
	/* database; db_hosts is a comma-separated list that fails over */
	char db_hosts[512];
	char db_socket[128];
	int64_t db_port;
	int64_t db_tls;            /* 0; 1: encrypted; 2: and the server's certificate is checked */
	char db_tls_ca[512];       /* certificates to check by; "" = the system's */
	char db_name[72];
	char db_user[72];
	char db_password[256];
	char table_prefix[33];     /* [a-z0-9_]*, default tr_ */
	/* surroundings */
	char log_file[512];
	char log_level[8];
	char site_url[256];        /* "" = from the request */
	char trusted_proxies[512]; /* addresses and networks whose X-Forwarded-… headers count (base/address.h); "" = nobody's */
	char zoneinfo[512];        /* zone files to prefer, "" = the host's, else those beside the program */
	char webhook_allow[512];   /* "10.0.0.5:8443, [fd00::5]:443": what webhooks may reach beside the public net */
	char webhook_ca_file[512]; /* certificates to check webhooks by; "" = the host's */
	unsigned char secret[32];  /* hex in the file: key of CSRF tokens */
	/* limits and budgets, defaults in config.c, each clamped */
	int64_t request_limit_ms;      /* the host kills after this; 30000 */
	int64_t time_budget_ms;        /* 2000, 100..20000 */
	int64_t chunk_target_ms;       /* 175 */
	int64_t transaction_items_max; /* 1,000: larger batches that are all or nothing are held back until they are published */
	int64_t body_max_bytes;        /* 64 MiB */
	int64_t items_max;             /* 1,000,000 */
	int64_t item_max_bytes;        /* 65,536 */
	int64_t open_jobs_max;         /* 20 per user */
	int64_t requests_per_minute;   /* 600 per user, 0 = unlimited */
	int64_t session_idle_s;        /* 1800 */
	int64_t session_max_s;         /* 43200 */
	int64_t conflict_window_s;     /* 3600 */
	int64_t allow_minutely;        /* 0; 1: FREQ=MINUTELY is taken, from 15 minutes up */
	/* days until finished work, logs and the audit log go; 0 = never */
	int64_t retention_days_jobs;   /* 90 */
	int64_t retention_days_logs;   /* 30 */
	int64_t retention_days_audit;  /* 400 */
	int64_t retention_days_occurrences; /* 400: of recurring events, from their start on */
	int64_t retention_days_history; /* 365: former states of events */
	int64_t afterwork_ms;          /* 500, 0 = off */
	int64_t webhook_timeout_ms;    /* 10000: how long a receiver may take */
	int64_t undo_window_s;         /* 86400: how long after its end a batch can be undone */
};

/* Reads a file's text into `config` (defaults first, `path` is kept); unknown
 * keys, keys given twice and bad values are FAIL_INVALID and name the line, but
 * never repeat a value.  db_name, db_user and secret are required; a file that
 * says nothing at all of the database, but names proxies or the site's address,
 * is FAIL_NOT_FOUND: the installer goes by it, and completes it.  A value may
 * stand in double quotes to keep blanks at its ends.  `text` need not be
 * terminated. */
MUST_USE bool config_parse(struct config *config, const char *text, size_t len, struct fail *fail);

/* What holds where nothing is said. */
void config_defaults(struct config *config);

/* What this program's file is or will be called in a folder: tranche.conf, or
 * tranche.FOLDER.conf where that is another installation's.  False when the
 * name is too long. */
MUST_USE bool config_path_in(const char *folder, char *path_out, size_t size);

/* Is the file that was read still there, as it was? */
bool config_is_current(const struct config *config);

/* Is a value fit for a line of the file: short enough for its key, one line,
 * UTF-8?  What config_write() writes config_parse() then reads. */
bool config_value_fits(const char *key, const char *value);

/* Writes a new file, mode 0600, in one step: db_*, table_prefix and secret of
 * `config`, site_folder, site_url and trusted_proxies where they say something, commented. FAIL_INTERNAL with the reason when it can't. */
MUST_USE bool config_write(const struct config *config, const char *path, struct fail *fail);

/* Finds and reads the file.  FAIL_NOT_FOUND: there is none yet (`path` is ""), or
 * none with a database (`path` and the rest are what it says); FAIL_DENIED:
 * its permissions or owner; else as config_parse(). */
MUST_USE bool config_load(struct config *config, struct fail *fail);

#endif
