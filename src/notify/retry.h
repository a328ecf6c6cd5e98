/*
 * When a delivery that failed is tried again.  Pure.
 */
#ifndef NOTIFY_RETRY_H
#define NOTIFY_RETRY_H

#include <stdint.h>

#define ATTEMPTS_MAX 10 /* over three days and a few hours */

/* Seconds until the next attempt after so many (1 = the first has failed), by
 * the schedule that Standard Webhooks recommends; `random` (any number) moves
 * it by up to a tenth either way.  A Retry-After of the receiver counts if it is
 * later, up to a day.  -1: that was the last. */
int64_t retry_delay_s(int32_t attempts, int64_t retry_after_s, uint32_t random);

#endif
