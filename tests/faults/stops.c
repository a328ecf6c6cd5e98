/*
 * Leases that run out mid-work: a client's process is stopped before its n-th
 * statement, another one takes over and finishes, and then the first wakes up
 * and goes on, as a virtual machine does that slept.  And two tabs: two
 * clients at once that take each other's leases away.
 */
#include <signal.h>
#include <stdio.h>

#include "trial.h"

#define SHORT_STRIDE 5

static const struct disturbance none, beside = { .is_beside = true };

/* Whoever is within a transaction holds its rows: nobody can take over before the server ends it.
 * With a key the items and the key, too: the client clears away what others had begun, and lets the key's lease pass. */
static bool can_be_overtaken(struct trial *trial, const struct line *line)
{
	return world_job(trial->eyes) && !world_is_locked(trial->eyes, line->is_keyed);
}

/* False: the client came through without being stopped. */
static bool overtaken(struct trial *trial, const struct line *line, const char *wanted, int64_t at, int64_t *tried, int64_t *survived)
{
	struct disturbance stop = { .fault_at = at, .fault_signal = SIGSTOP };
	trial_reset(trial);
	pid_t sleeper = trial_begin(trial, line, &stop);
	enum end end = trial_wait(sleeper);
	if (end != WAS_STOPPED)
		return false;
	bool possible = can_be_overtaken(trial, line);
	enum end other = possible ? trial_client(trial, line, &none) : CAME_THROUGH;
	kill(sleeper, SIGCONT);
	end = trial_wait(sleeper);
	if (!possible)
		return true;
	*tried += 1;
	const char *when = arena_printf(trial->eyes->arena, "overtaken before statement %lld", (long long)at);
	if (end != CAME_THROUGH || other != CAME_THROUGH)
		printf("%s, %s: %s gave up\n", line->name, when, end == CAME_THROUGH ? "the other" : "the sleeper");
	else
		*survived += trial_ends_the_same(trial, line, wanted, false, when);
	return true;
}

/* From the `first` statement on, at each `stride`th. */
static void sleepers(struct trial *trial, const struct line *line, int64_t first, int64_t stride)
{
	const char *wanted = trial_undisturbed(trial, line, false);
	int64_t tried = 0, survived = 0;
	for (int64_t at = first; overtaken(trial, line, wanted, at, &tried, &survived);)
		at += stride;
	trial_report(trial, line->name, "lease ran out, woke up later", tried, survived);
}

/* The first is held until there is a batch, so that both have the same. */
static void two_tabs(struct trial *trial, const struct line *line, int rounds, uint64_t seed)
{
	const char *wanted = trial_undisturbed(trial, line, false);
	int64_t tried = 0, survived = 0;
	for (int round = 0; round < rounds; round++) {
		struct disturbance stop = { .fault_at = 12 + (int64_t)(line_random(&seed) % 30), .fault_signal = SIGSTOP,
					    .is_beside = true };
		trial_reset(trial);
		pid_t one = trial_begin(trial, line, &stop);
		if (trial_wait(one) != WAS_STOPPED)
			give_up("%s: the first tab was not stopped", line->name);
		if (!world_job(trial->eyes))
			give_up("%s: no batch before statement %lld", line->name, (long long)stop.fault_at);
		kill(one, SIGCONT);
		enum end other = trial_client(trial, line, &beside), end = trial_wait(one);
		tried++;
		survived += end == CAME_THROUGH && other == CAME_THROUGH &&
			    trial_ends_the_same(trial, line, wanted, false, arena_printf(trial->eyes->arena, "two tabs, round %d", round));
	}
	trial_report(trial, line->name, "two tabs", tried, survived);
}

void try_stops(struct trial *trial, const struct line *lines, size_t count, uint64_t seed)
{
	for (size_t i = 0; i < count; i++) {
		if (lines[i].steering != STEER_NOT)
			continue; /* two that steer the same batch have two wills */
		if (lines[i].is_linked)
			continue; /* who sleeps in a step of staging holds its rows: all wait until he wakes or his connection ends */
		if (trial->is_long) /* each of the seeds has another share */
			sleepers(trial, &lines[i], 1 + (int64_t)(seed % LONG_SEEDS), LONG_SEEDS);
		else
			sleepers(trial, &lines[i], 1, SHORT_STRIDE);
		/* A client of ours releases a key that is held, which no living tab does. */
		if (!lines[i].is_keyed)
			two_tabs(trial, &lines[i], trial->is_long ? 25 : 5, seed);
	}
}
