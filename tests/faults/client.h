/*
 * What a client does with a batch: makes it, sends its slices, starts it,
 * works it to the end; after an error it does the same again.
 */
#ifndef FAULTS_CLIENT_H
#define FAULTS_CLIENT_H

#include "lines.h"

struct client {
	struct ctx *ctx;          /* the process of the program that serves it */
	struct ctx *eyes;         /* the test's own connection */
	const struct line *line;
	bool is_starved;          /* out of memory: any 5xx is an answer, and it may have no end */
};

/* Returns when the batch is at its end, or false when a starved program has
 * only errors; gives up on an error that no client should see. */
bool client_run(struct client *client);

#endif
