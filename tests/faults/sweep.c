/*
 * sweep MODE [PART…] [seed=N] [line=TEXT]: breaks the program at every point where it can break,
 * and sees whether going on afterwards ends as if nothing had happened.
 *
 * A line is a batch: what a client does with it (make it, send its slices,
 * start it, work it to the end) is done by a forked child of the fault build;
 * something happens to that child; then the lease "passes" by SQL and the same
 * client starts over, as one does after a lost connection.  `long` has larger
 * batches, more seeds (printed; seed=N is that one alone) and every combination,
 * of which each seed has its share.  line=TEXT takes the batch of that name, or
 * those whose names have it.
 *
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
} parts[] = {
	{ "kills", try_kills },
	{ "network", try_network },
	{ "stops", try_stops },
	{ "memory", try_memory },
	{ "walk", try_walk },
	{ "activations", try_activations },
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

/* 0 = all seeds. */
static uint64_t wanted_seed(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (strncmp(argv[i], SEED_IS, strlen(SEED_IS)) == 0)
			return strtoull(argv[i] + strlen(SEED_IS), NULL, 10);
	return 0;
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
	uint64_t only = wanted_seed(argc, argv);
	for (uint64_t seed = only ? only : 1; seed <= (only ? only : trial->is_long ? LONG_SEEDS : 1); seed++) {
		struct line lines[LINES_MAX];
		size_t count = choose(lines, lines_make(lines, trial->is_long, seed), argc, argv);
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
			if (is_wanted(argc, argv, parts[i].name))
				parts[i].run(trial, lines, count, seed);
		trial_end_peaceful(trial);
	}
}

int main(int argc, char **argv)
{
	static struct config config;
	struct fail fail = { 0 };
	struct trial trial = { .config = &config, .is_long = argc > 1 && strcmp(argv[1], "long") == 0 };
	json_init();
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
