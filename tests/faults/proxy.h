/*
 * A proxy between the program and the database that breaks one thing.
 *
 * It is a process of its own on a Unix socket and knows just enough of the
 * protocol (MySQL Internals, "Client/Server Protocol"): a packet is three
 * bytes of length, one of sequence, and the payload; sequence 0 begins a
 * command.  Commands that run SQL are counted over all connections, also those
 * that are COMMIT, and at the n-th of them the plan's fault happens, once.
 *
 * The plan and the counts stand in shared memory: whoever holds the proxy sets
 * the plan while no connection is open.
 */
#ifndef FAULTS_PROXY_H
#define FAULTS_PROXY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum proxy_fault {
	PROXY_NONE,
	PROXY_CUT_BEFORE, /* the connection ends instead of the command: the server never sees it */
	PROXY_CUT_DURING, /* ... as soon as the command was passed on; nobody waits for the server */
	PROXY_CUT_AFTER,  /* ... when the server has done it, before its reply is passed on */
	PROXY_CUT_HALF,   /* ... after the first half of its reply */
	PROXY_ERROR,      /* `error` is the reply, the server never sees the command */
	PROXY_ROLLED_BACK,/* the same, but the transaction is gone, as after a deadlock */
	PROXY_REFUSE,     /* cut before, and the next connections get `error` as their greeting */
	PROXY_CLOCK,      /* every `at`-th command first steps the session's clock by up to an hour */
};

struct proxy_plan {
	enum proxy_fault fault;
	bool at_commit;     /* count COMMITs, not all commands */
	int64_t at;         /* 1 = the first; 0 = never */
	unsigned error;
	unsigned refusals;  /* connections refused after PROXY_REFUSE */
	uint64_t seed;      /* of PROXY_CLOCK */
};

struct proxy_board {
	struct proxy_plan plan;
	int64_t commands, commits; /* seen since proxy_set() */
	int64_t fired;
};

struct proxy {
	char path[108];            /* connect here */
	volatile struct proxy_board *board;
	pid_t pid;
};

/* Listens at `path`, passes on to the server's socket; ends with its parent. */
void proxy_start(struct proxy *proxy, const char *path, const char *server_path);
void proxy_stop(struct proxy *proxy);
void proxy_set(struct proxy *proxy, const struct proxy_plan *plan);

#endif
