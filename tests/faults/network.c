/*
 * What the network and the database may do to a statement: the connection ends
 * before, during or after it, the server refuses it, or its clock steps.  The
 * proxy does it at the n-th statement (or COMMIT), n from 1 until nothing
 * happens any more; the client that meets it is the one that goes on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"

struct mishap {
	const char *how;
	struct proxy_plan plan;
};

/* Around COMMIT: each of them at each COMMIT, also in the short version. */
static const struct mishap at_commits[] = {
	{ "cut before COMMIT", { .fault = PROXY_CUT_BEFORE, .at_commit = true } },
	{ "cut during COMMIT", { .fault = PROXY_CUT_DURING, .at_commit = true } },
	{ "cut before COMMIT's reply", { .fault = PROXY_CUT_AFTER, .at_commit = true } },
	{ "cut in COMMIT's reply", { .fault = PROXY_CUT_HALF, .at_commit = true } },
};

/* At every statement.  2006 and 2013 are the connector's own words for a lost connection. */
static const struct mishap at_statements[] = {
	{ "1213 deadlock", { .fault = PROXY_ROLLED_BACK, .error = 1213 } },
	{ "1205 lock wait", { .fault = PROXY_ERROR, .error = 1205 } },
	{ "1020 row has changed", { .fault = PROXY_ERROR, .error = 1020 } },
	{ "2006 gone before", { .fault = PROXY_CUT_BEFORE } },
	{ "2013 lost during", { .fault = PROXY_CUT_DURING } },
	{ "2013 lost after", { .fault = PROXY_CUT_AFTER } },
	{ "1040 too many connections", { .fault = PROXY_REFUSE, .error = 1040, .refusals = 3 } },
	{ "1114 table full", { .fault = PROXY_ERROR, .error = 1114 } },
	{ "1021 disk full", { .fault = PROXY_ERROR, .error = 1021 } },
	{ "1030 error 28 of the storage", { .fault = PROXY_ERROR, .error = 1030 } },
	{ "1047 node is not ready", { .fault = PROXY_ERROR, .error = 1047 } },
	{ "1927 connection killed", { .fault = PROXY_ERROR, .error = 1927 } },
};

#define SHORT_STRIDE 8
#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

/* False: there is no such statement any more. */
static bool once(struct trial *trial, struct proxy *proxy, const struct line *line, const char *wanted,
		 const struct mishap *mishap, int64_t at, int64_t *survived)
{
	struct disturbance cut = { .proxy = proxy };
	struct proxy_plan plan = mishap->plan;
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

static void at_each(struct trial *trial, struct proxy *proxy, const struct line *line, const struct mishap *mishap)
{
	const char *wanted = trial_undisturbed(trial, line, true);
	int64_t tried = 0, survived = 0;
	while (once(trial, proxy, line, wanted, mishap, tried + 1, &survived))
		tried++;
	trial_report(trial, line->name, mishap->how, tried, survived);
}

/* The short version: every `stride`-th statement or COMMIT meets one of a list, in turn. */
static void in_turn(struct trial *trial, struct proxy *proxy, const struct line *line, const struct mishap *list, size_t count,
		    size_t first, int64_t stride)
{
	const char *wanted = trial_undisturbed(trial, line, true);
	int64_t tried = 0, survived = 0, at = 1 + (int64_t)first % stride;
	for (; once(trial, proxy, line, wanted, &list[((size_t)tried + first) % count], at, &survived); at += stride)
		tried++;
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
			at_each(trial, &proxy, &lines[i], &at_commits[m]);
		for (size_t m = 0; m < COUNT_OF(at_statements) && trial->is_long; m++)
			at_each(trial, &proxy, &lines[i], &at_statements[m]);
		if (!trial->is_long && i > 0)
			in_turn(trial, &proxy, &lines[i], at_commits, COUNT_OF(at_commits), i, 2);
		if (!trial->is_long)
			in_turn(trial, &proxy, &lines[i], at_statements, COUNT_OF(at_statements), i, SHORT_STRIDE);
		if (trial->is_long || i == 0)
			clock_steps(trial, &proxy, &lines[i], trial->is_long ? 50 : 6, seed);
	}
	proxy_stop(&proxy);
}
