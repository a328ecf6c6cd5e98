/*
 * The beginning of an HTTP reply: status, Retry-After, the first bytes of its
 * body.  Whoever answers is a stranger, so the head may be 16 KiB and of the
 * body a few hundred bytes are kept.  Pure; fuzzed in tests/fuzz.
 */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_HEAD_MAX 16384
#define REPLY_BODY_KEPT 512

struct reply {
	int status;
	int64_t retry_after_s;  /* 0 = not said */
	char body[REPLY_BODY_KEPT + 1]; /* UTF-8 without control characters but line ends: fit to be shown */
	size_t body_len;
};

enum reply_reading {
	REPLY_MORE,   /* go on reading */
	REPLY_WHOLE,  /* all that is wanted is there */
	REPLY_BAD,    /* that is no HTTP */
};

/* Reads what has come so far; `is_end`: nothing follows.  `now_utc` is for a
 * Retry-After that names a date.  Interim replies (1xx) are passed over. */
enum reply_reading reply_read(const char *bytes, size_t len, bool is_end, int64_t now_utc, struct reply *reply_out);

#endif
