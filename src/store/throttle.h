/*
 * Rows of throttle: counters of limited things, in windows of fixed length.
 * A window begins with the first hit, not by the clock: ten guesses in a quarter
 * of an hour are not twenty at the turn of two.
 */
#ifndef STORE_THROTTLE_H
#define STORE_THROTTLE_H

#include "base/ctx.h"
#include "base/ids.h"
#include "db/db.h"

/* SQL: is the window that began at `start` still open?  One that began in the
 * future is not: the clock was put back. */
#define THROTTLE_IS_OPEN(start, window_s) "UNIX_TIMESTAMP() - " start " BETWEEN 0 AND " window_s " - 1"

/* And the seconds until it ends. */
#define THROTTLE_LEFT_S(start, window_s) start " + " window_s " - UNIX_TIMESTAMP()"

/* The bucket of a thing, e.g. ("login", "anna 192.0.2.1"): SHA-256 of
 * "login:anna 192.0.2.1".  users.h computes the same of "requests". */
void throttle_bucket(const char *what, const char *whom, unsigned char bucket_out[DIGEST_BYTES]);

/* Adds `hits` to the window that is open, or begins one. */
MUST_USE bool throttle_add(struct ctx *ctx, const unsigned char bucket[DIGEST_BYTES], int64_t window_s, int64_t hits);
/* Hits of the window that is open, and the seconds until it ends. */
MUST_USE bool throttle_read(struct ctx *ctx, const unsigned char bucket[DIGEST_BYTES], int64_t window_s,
			    int64_t *hits_out, int64_t *left_s_out);
MUST_USE bool throttle_clear(struct ctx *ctx, const unsigned char bucket[DIGEST_BYTES]);
/* Removes some buckets older than a day. */
MUST_USE bool throttle_purge(struct ctx *ctx);

#endif
