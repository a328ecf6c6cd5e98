/*
 * SIGKILL before every single statement that the program sends, n from 1 until
 * a child comes through (in the short run for some batches before every eighth,
 * in the long one for all seeds but the first before every fourth); then up to
 * four kills in a row, at random.
 */
#include <stdio.h>

#include "trial.h"

#define LOOKS_AT_THE_END 4 /* statements of the client's last look at the batch */
#define WHOLE_LINES 3      /* in the short run; the others are tried at every eighth statement */
#define SHORT_STRIDE 8

/* From the `first` statement on, each `stride`th; the first that was not reached any more. */
static int64_t sweep(struct trial *trial, const struct line *line, int64_t first, int64_t stride)
{
	const char *wanted = trial_undisturbed(trial, line, true);
	int64_t tried = 0, survived = 0, at = first;
	for (;; at += stride) {
		struct disturbance kill = { .fault_at = at };
		trial_reset(trial);
		enum end end = trial_client(trial, line, &kill);
		if (end == CAME_THROUGH)
			break;
		tried++;
		survived += end == WAS_KILLED &&
			    trial_ends_the_same(trial, line, wanted, true,
						arena_printf(trial->eyes->arena, "killed before statement %lld", (long long)at));
	}
	trial_report(trial, line->name,
		     stride == 1 ? "killed at each statement"
				 : arena_printf(trial->eyes->arena, "killed at each %lldth statement", (long long)stride),
		     tried, survived);
	return at;
}

static void storm(struct trial *trial, const struct line *line, int64_t boundaries, int rounds, uint64_t seed)
{
	const char *wanted = trial_undisturbed(trial, line, false);
	int64_t tried = 0, survived = 0;
	printf("%s: seed %llu\n", line->name, (unsigned long long)seed);
	for (int round = 0; round < rounds; round++) {
		trial_reset(trial);
		for (int i = 0; i < 4; i++) {
			struct disturbance kill = { .fault_at = 1 + (int64_t)(line_random(&seed) % (uint64_t)boundaries) };
			if (trial_client(trial, line, &kill) != WAS_KILLED)
				break;
		}
		tried++;
		survived += trial_ends_the_same(trial, line, wanted, false,
						arena_printf(trial->eyes->arena, "storm %d", round));
	}
	trial_report(trial, line->name, "killed up to 4 times", tried, survived);
}

void try_kills(struct trial *trial, const struct line *lines, size_t count, uint64_t seed)
{
	int64_t ends[LINES_MAX];
	for (size_t i = 0; i < count; i++) {
		/* Its beginning has been tried already; the last look at the end may differ. */
		int begins = lines[i].goes_on_from;
		int64_t first = begins && ends[begins - 1] > LOOKS_AT_THE_END ? ends[begins - 1] - LOOKS_AT_THE_END : 1;
		bool is_whole = trial->is_long ? seed == 1 : i < WHOLE_LINES;
		int64_t stride = is_whole ? 1 : trial->is_long ? LONG_SEEDS : SHORT_STRIDE;
		/* Which of them is the seed's choice. */
		if (trial->is_long)
			first += (int64_t)seed % stride;
		else if (!is_whole)
			first += (int64_t)(line_random(&seed) % SHORT_STRIDE);
		int64_t boundaries = ends[i] = sweep(trial, &lines[i], first, stride);
		if (trial->is_long || i == 0)
			storm(trial, &lines[i], boundaries, trial->is_long ? 50 : 20, seed);
	}
}
