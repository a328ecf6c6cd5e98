/*
 * A process of its own for one POST.
 *
 * Asking a name server blocks (the C library's resolver takes no deadline and
 * can't be interrupted, least of all in a static program), and a stranger's
 * server may dawdle: so a child does both, and tells what came of it through a
 * pipe.  Its parent looks now and then and serves visitors meanwhile.  The
 * child has no database and no socket of its parent's; an alarm ends it
 * whatever happens.  Should the parent die, the message may arrive though
 * nobody notes it: it is sent again then, under the same webhook-id.
 */
#ifndef NET_COURIER_H
#define NET_COURIER_H

#include <sys/types.h>

#include "net/https.h"

struct courier {
	pid_t pid; /* 0 = none is under way */
	int pipe;
	int64_t began_ms, until_ms;
};

/* Sends somebody off.  Where the host allows no further process the result
 * says so at the next courier_look(). */
void courier_start(struct courier *courier, const struct https_request *request);
/* Has it come back?  Waits at most so long.  True with the result, or when it
 * was lost or took longer than it may (HTTPS_TIMEOUT). */
bool courier_look(struct courier *courier, int wait_ms, struct https_result *result_out);

#endif
