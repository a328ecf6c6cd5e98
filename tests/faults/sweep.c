/*
 * sweep MODE [PART…] [seed=N] [line=TEXT]: breaks the program at every point where it can break,
 * and sees whether going on afterwards ends as if nothing had happened.
 *
 * A line is a batch: what a client does with it (make it, send its slices,
 * start it, work it to the end) is done by a forked child of the fault build;
 * something happens to that child; then the lease "passes" by SQL and the same
 * client starts over, as one does after a lost connection.  `long` has larger
 * batches and every combination; errors that the program can't tell apart take
 * turns, and each seed (1, if none is named) gives a statement another of them.
 * line=TEXT takes the batch of that name, or those whose names have it.
 *
 * `sweep jobs seed=N` prints what `long` consists of: each line has the arguments of
 * a sweep that can run on a database of its own.
 * `sweep cluster` is another matter: see cluster.c.
 *
 * Reads $TRANCHE_CONFIG, and $FAULTS_KEEP: a folder for the rows of trials that
 * end differently.  Wants an empty, migrated database.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/json.h"
#include "base/log.h"
#include "base/zone.h"
#include "trial.h"

static const struct {
	const char *name;
	void (*run)(struct trial *trial, const struct line *lines, size_t count, uint64_t seed);
	bool has_lines;
} parts[] = {
	{ "kills", try_kills, true },	{ "network", try_network, true }, { "stops", try_stops, true },
	{ "memory", try_memory, true }, { "walk", try_walk, false },	  { "activations", try_activations, false },
};

#define SEED_IS "seed="
#define LINE_IS "line="

/* Those named after MODE; all, if none is. */
static bool is_wanted(int argc, char **argv, const char *name)
{
	bool any = false;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
		any |= !strchr(argv[i], '=');
	}
	return !any;
}

static uint64_t wanted_seed(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (strncmp(argv[i], SEED_IS, strlen(SEED_IS)) == 0)
			return strtoull(argv[i] + strlen(SEED_IS), NULL, 10);
	return 1;
}

/* Keeps the lines that are wanted; how many. */
static size_t choose(struct line *lines, size_t count, int argc, char **argv)
{
	size_t kept = 0;
	const char *part = NULL;
	for (int i = 2; i < argc; i++)
		if (strncmp(argv[i], LINE_IS, strlen(LINE_IS)) == 0)
			part = argv[i] + strlen(LINE_IS);
	if (!part)
		return count;
	bool is_name = false;
	for (size_t i = 0; i < count; i++)
		is_name |= strcmp(lines[i].name, part) == 0;
	for (size_t i = 0; i < count; i++) {
		if (is_name ? strcmp(lines[i].name, part) != 0 : !strstr(lines[i].name, part))
			continue;
		lines[kept] = lines[i];
		lines[kept++].goes_on_from = 0;
	}
	return kept;
}

static void try_parts(struct trial *trial, int argc, char **argv)
{
	uint64_t seed = wanted_seed(argc, argv);
	struct line lines[LINES_MAX];
	size_t count = choose(lines, lines_make(lines, trial->is_long, seed), argc, argv);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (is_wanted(argc, argv, parts[i].name))
			parts[i].run(trial, lines, count, seed);
	trial_end_peaceful(trial);
}

/* The walk takes as many seeds of its own as there are shares. */
static void print_jobs(uint64_t seed)
{
	struct line lines[LINES_MAX];
	size_t count = lines_make(lines, true, seed);
	for (uint64_t share = 0; share < LONG_SEEDS; share++)
		printf("walk seed=%llu\n", (unsigned long long)((seed - 1) * LONG_SEEDS + share + 1));
	printf("activations\n");
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
			if (parts[k].has_lines)
				printf("%s ", parts[k].name);
		printf("seed=%llu line=%s\n", (unsigned long long)seed, lines[i].name);
	}
}

int main(int argc, char **argv)
{
	static struct config config;
	struct fail fail = { 0 };
	struct trial trial = { .config = &config, .is_long = argc > 1 && strcmp(argv[1], "long") == 0 };
	json_init();
	if (argc > 1 && strcmp(argv[1], "jobs") == 0) {
		print_jobs(wanted_seed(argc, argv));
		return EXIT_SUCCESS;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* as the program does; a client that is gone is found out by asking */
	unsetenv("TRANCHE_FAULT_AT");
	if (!ids_init(&fail) || !config_load(&config, &fail))
		give_up("no configuration: %s", fail.public_message);
	config.transaction_items_max = 12; /* small batches go the way of large ones */
	zone_init(config.zoneinfo[0] ? config.zoneinfo : NULL);
	trial.eyes = world_process(&config);
	world_make(trial.eyes);
	if (argc > 1 && strcmp(argv[1], "cluster") == 0)
		try_cluster(&trial);
	else
		try_parts(&trial, argc, argv);
	printf("%d passed, %d failed\n", trial.passed, trial.failed);
	return trial.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
