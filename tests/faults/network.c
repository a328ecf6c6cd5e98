/*
 * What the network and the database may do to a statement: the connection ends
 * before, during or after it, the server refuses it, or its clock steps.  The
 * proxy does it at the n-th statement (or COMMIT), n from 1 until nothing
 * happens any more (in the long run each seed has every fourth of the
 * statements); the client that meets it is the one that goes on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

/* Errors that the program can't tell apart (db/conn.c) take turns. */
struct mishap {
	const char *how;
	struct proxy_plan plan;
	unsigned errors[3];
};

/* Around COMMIT: each of them at each COMMIT, also in the short version. */
static const struct mishap at_commits[] = {
	{ "cut before COMMIT", { .fault = PROXY_CUT_BEFORE, .at_commit = true }, { 0 } },
	{ "cut during COMMIT", { .fault = PROXY_CUT_DURING, .at_commit = true }, { 0 } },
	{ "cut before COMMIT's reply", { .fault = PROXY_CUT_AFTER, .at_commit = true }, { 0 } },
	{ "cut in COMMIT's reply", { .fault = PROXY_CUT_HALF, .at_commit = true }, { 0 } },
};

/* At every statement.  2006 and 2013 are the connector's own words for a lost connection. */
static const struct mishap at_statements[] = {
	{ "1213 deadlock", { .fault = PROXY_ROLLED_BACK }, { 1213 } },
	{ "1205 lock wait, 1020 row changed", { .fault = PROXY_ERROR }, { 1205, 1020 } },
	{ "2006 gone before", { .fault = PROXY_CUT_BEFORE }, { 0 } },
	{ "2013 lost during", { .fault = PROXY_CUT_DURING }, { 0 } },
	{ "2013 lost after", { .fault = PROXY_CUT_AFTER }, { 0 } },
	{ "1040 too many connections", { .fault = PROXY_REFUSE, .refusals = 3 }, { 1040 } },
	{ "1114, 1021, 1030 disk full", { .fault = PROXY_ERROR }, { 1114, 1021, 1030 } },
	{ "1047 not ready, 1927 killed", { .fault = PROXY_ERROR }, { 1047, 1927 } },
};

#define SHORT_STRIDE 12

/* False: there is no such statement any more. */
static bool once(struct trial *trial, struct proxy *proxy, const struct line *line, const char *wanted,
		 const struct mishap *mishap, size_t turn, int64_t at, int64_t *survived)
{
	struct disturbance cut = { .proxy = proxy };
	struct proxy_plan plan = mishap->plan;
	size_t errors = 1;
	while (errors < COUNT_OF(mishap->errors) && mishap->errors[errors])
		errors++;
	plan.error = mishap->errors[turn % errors];
	plan.at = at;
	trial_reset(trial);
	proxy_set(proxy, &plan);
	enum end end = trial_client(trial, line, &cut);
	if (!proxy->board->fired && end == CAME_THROUGH)
		return false;
	const char *when = arena_printf(trial->eyes->arena, "%s, %s %lld", mishap->how,
					plan.at_commit ? "COMMIT" : "statement", (long long)at);
	if (end != CAME_THROUGH)
		printf("%s, %s: the client gave up\n", line->name, when);
	*survived += end == CAME_THROUGH && trial_ends_the_same(trial, line, wanted, true, when);
	return true;
}

/* From the `first` statement or COMMIT on, at each `stride`th. */
static void at_each(struct trial *trial, struct proxy *proxy, const struct line *line, const struct mishap *mishap, int64_t first,
		    int64_t stride)
{
	const char *wanted = trial_undisturbed(trial, line, true);
	int64_t tried = 0, survived = 0;
	for (int64_t at = first; once(trial, proxy, line, wanted, mishap, (size_t)(first + tried), at, &survived); at += stride)
		tried++;
	trial_report(trial, line->name, mishap->how, tried, survived);
}

/* The short version: every `stride`-th statement or COMMIT meets one of a list, in turn. */
static void in_turn(struct trial *trial, struct proxy *proxy, const struct line *line, const struct mishap *list, size_t count,
		    size_t first, int64_t stride)
{
	const char *wanted = trial_undisturbed(trial, line, true);
	int64_t tried = 0, survived = 0, at = 1 + (int64_t)first % stride;
	for (;; at += stride, tried++) {
		size_t turn = (size_t)tried + first;
		if (!once(trial, proxy, line, wanted, &list[turn % count], turn / count, at, &survived))
			break;
	}
	trial_report(trial, line->name, list->plan.at_commit ? "cut at COMMITs in turn" : "errors at statements in turn", tried,
		     survived);
}

/* The server's clock jumps by up to an hour, to and fro, while a client works; then it is right again. */
static void clock_steps(struct trial *trial, struct proxy *proxy, const struct line *line, int rounds, uint64_t seed)
{
	const char *wanted = trial_undisturbed(trial, line, false);
	int64_t tried = 0, survived = 0, steps = 0;
	for (int round = 0; round < rounds; round++) {
		struct disturbance steady = { .proxy = proxy };
		struct proxy_plan plan = { .fault = PROXY_CLOCK, .at = 1 + round % 7, .seed = seed + (uint64_t)round };
		trial_reset(trial);
		proxy_set(proxy, &plan);
		enum end end = trial_client(trial, line, &steady);
		tried++;
		steps += proxy->board->fired;
		survived += end == CAME_THROUGH &&
			    trial_ends_the_same(trial, line, wanted, false,
						arena_printf(trial->eyes->arena, "clock round %d seed %llu", round, (unsigned long long)seed));
	}
	trial_report(trial, line->name, arena_printf(trial->eyes->arena, "clock stepped %lld times", (long long)steps), tried,
		     survived);
}

void try_network(struct trial *trial, const struct line *lines, size_t count, uint64_t seed)
{
	struct proxy proxy;
	proxy_start(&proxy, arena_printf(trial->eyes->arena, "%s.proxy", trial->config->db_socket), trial->config->db_socket);
	for (size_t i = 0; i < count; i++) {
		for (size_t m = 0; m < COUNT_OF(at_commits) && (trial->is_long || i == 0); m++)
			at_each(trial, &proxy, &lines[i], &at_commits[m], 1, 1);
		for (size_t m = 0; m < COUNT_OF(at_statements) && trial->is_long; m++)
			at_each(trial, &proxy, &lines[i], &at_statements[m], 1 + (int64_t)(seed % LONG_SEEDS), LONG_SEEDS);
		if (!trial->is_long && i > 0)
			in_turn(trial, &proxy, &lines[i], at_commits, COUNT_OF(at_commits), i, 2);
		if (!trial->is_long)
			in_turn(trial, &proxy, &lines[i], at_statements, COUNT_OF(at_statements), i, SHORT_STRIDE);
		if (trial->is_long || i == 0)
			clock_steps(trial, &proxy, &lines[i], trial->is_long ? 14 : 6, seed);
	}
	proxy_stop(&proxy);
}
