/*
 * The C library's allocator with a hole: the n-th allocation of this process
 * fails, as at a host's limit.  What the program, the connector and Jansson
 * ask for is counted; what the test itself does is not.
 */
#ifndef FAULTS_MEMORY_H
#define FAULTS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Counts from now on; n = 0: none fails.  `for_good`: all after it fail too. */
void memory_fail_at(int64_t n, bool for_good);
/* Was it reached? */
bool memory_has_failed(void);
/* The test's own doings, in between. */
void memory_exempt(bool exempt);

#endif
