/*
 * One trial: a client does a line's batch in a child process, something
 * happens to it, a client that is left in peace goes on, and the world must be
 * as if nothing had happened.
 */
#ifndef FAULTS_TRIAL_H
#define FAULTS_TRIAL_H

#include "lines.h"
#include "proxy.h"
#include "world.h"

/* Each of so many seeds of the long run tries another share of the statements; together they try each. */
#define LONG_SEEDS 4

/* What happens to the child.  All zero: nothing. */
struct disturbance {
	int64_t fault_at;     /* the program's fault point: at its n-th statement ... */
	int fault_signal;     /* ... it gets this signal (0 = SIGKILL) */
	struct proxy *proxy;  /* between it and the database */
	int64_t memory_at;    /* its n-th allocation fails ... */
	bool memory_for_good; /* ... and all after it */
	bool is_beside;       /* it runs at the same time as others, so it can't have the test's own connection */
};

enum end {
	CAME_THROUGH,
	WAS_KILLED,  /* SIGKILL */
	WAS_STOPPED, /* SIGSTOP; not over yet */
	DIED,        /* out of memory: aborted, or gave up */
	NOT_REACHED, /* came through before the memory failed */
	WENT_WRONG,
};

/* The process of those that are left in peace; it lives on, as FastCGI's do. */
struct peaceful {
	pid_t pid;                /* 0 = none */
	const struct line *line;
	int ask, answer;          /* pipes */
};

struct trial {
	const struct config *config;
	struct ctx *eyes;         /* the test's own connection; children that run alone use it, too */
	struct peaceful peaceful;
	bool is_long;
	int passed, failed;   /* reports */
	int differences;
};

/* A client in a child, and what becomes of it. */
pid_t trial_begin(struct trial *trial, const struct line *line, const struct disturbance *disturbance);
enum end trial_wait(pid_t child);
enum end trial_client(struct trial *trial, const struct line *line, const struct disturbance *disturbance);

/* The world after an undisturbed run; kept until the process ends. */
const char *trial_undisturbed(struct trial *trial, const struct line *line, bool with_bumps);
/* A client that is left in peace, and the comparison; tells what differs. */
bool trial_ends_the_same(struct trial *trial, const struct line *line, const char *wanted, bool with_bumps, const char *when);
/* Its process has to go before what it knows does. */
void trial_end_peaceful(struct trial *trial);
/* An empty world again. */
void trial_reset(struct trial *trial);
/* A line of the report. */
void trial_report(struct trial *trial, const char *line, const char *how, int64_t tried, int64_t survived);

/* --- what is tried (one file each) ------------------------------------------------------ */

void try_kills(struct trial *trial, const struct line *lines, size_t count, uint64_t seed);   /* kills.c */
void try_network(struct trial *trial, const struct line *lines, size_t count, uint64_t seed); /* network.c */
void try_stops(struct trial *trial, const struct line *lines, size_t count, uint64_t seed);   /* stops.c */
void try_memory(struct trial *trial, const struct line *lines, size_t count, uint64_t seed);  /* memory.c */
void try_walk(struct trial *trial, const struct line *lines, size_t count, uint64_t seed);    /* walk.c */
void try_activations(struct trial *trial, const struct line *lines, size_t count, uint64_t seed); /* activations.c */
void try_cluster(struct trial *trial);                                                        /* cluster.c */

#endif
