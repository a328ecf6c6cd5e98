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
};

/* Returns when the batch is at its end; gives up on an error that no client
 * should see. */
void client_run(struct client *client);

#endif
