/*
 * sweep MODE: kills the program before every single statement it sends, and
 * sees whether going on afterwards ends as if nothing had happened.
 *
 * A line is a batch: what a client does with it (make it, send its slices,
 * start it, work it to the end) is done by a forked child of the fault build
 * that SIGKILLs itself before its n-th statement; then the lease "passes" by
 * SQL and the same client starts over, as one does after a lost connection.
 * n runs from 1 until a child comes through.  `long` also kills the second and
 * third attempt at random, with larger batches and printed seeds.
 *
 * Reads $TRANCHE_CONFIG; wants an empty, migrated database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/log.h"
#include "base/zone.h"
#include "lines.h"
#include "world.h"

static struct config config;
static int passed, failed;

static void done(struct ctx *ctx, bool ok, const char *what)
{
	if (!ok)
		give_up("%s: %s %s", what, ctx->fail.public_message, ctx->fail.detail);
}

/* --- the client ------------------------------------------------------------------ */

static long read_slice(void *user, char *buffer, size_t size)
{
	const char **at = user;
	size_t left = strlen(*at), len = left < size ? left : size;
	memcpy(buffer, *at, len);
	*at += len;
	return (long)len;
}

static int64_t find_or_make(struct ctx *ctx, const struct line *line, struct ctx *eyes)
{
	struct job job;
	struct batch_options options;
	struct issues issues = { .arena = ctx->arena };
	int64_t id = world_job(eyes);
	if (id)
		return id;
	options_default(&config, &options);
	const json_t *object = json_read(ctx->arena, line->options, strlen(line->options), &ctx->fail);
	if (!object || !options_read(object, line->type, &options, &issues))
		give_up("options %s", line->options);
	done(ctx, batch_create(ctx, line->type, &options, "sweep", &job), "create");
	return job.id;
}

static bool is_terminal(struct ctx *eyes)
{
	return world_number(eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE phase IN ('completed', 'failed')") > 0;
}

static int64_t chunks_done(struct ctx *eyes)
{
	return world_number(eyes, "SELECT COUNT(*) FROM {batch_chunks} WHERE state = 'done'");
}

/* One chunk is worked; then the batch is steered. */
static void steer(struct ctx *ctx, const struct line *line, int64_t job, struct ctx *eyes)
{
	struct advance_report report;
	while (!chunks_done(eyes))
		done(ctx, batch_advance(ctx, job, 1, &report), "advance");
	if (is_terminal(eyes))
		return;
	if (line->steering == STEER_CANCEL) {
		done(ctx, batch_cancel(ctx, job, true), "cancel");
		return;
	}
	done(ctx, batch_pause(ctx, job), "pause");
	done(ctx, batch_advance(ctx, job, 1, &report), "advance");
	done(ctx, batch_resume(ctx, job), "resume");
}

/* May be called again at any time, like a client that got no answer. */
static void be_client(struct ctx *ctx, const struct line *line, struct ctx *eyes)
{
	struct advance_report report = { 0 };
	struct batch_status status;
	int64_t offset = 0;
	/* Whoever held a lease is dead, and nobody waits for the clock. */
	world_sql(eyes, "UPDATE {batch_chunks} SET lease_until = '2020-01-01' WHERE state = 'leased'");
	int64_t job = find_or_make(ctx, line, eyes);
	for (size_t i = 0; i < line->slice_count; i++) {
		struct ingest_report received;
		const char *at = line->slices[i];
		done(ctx, batch_append(ctx, job, offset, INGEST_JSON, (struct byte_source){ read_slice, &at }, &received), "append");
		offset += received.accepted;
	}
	if (!is_terminal(eyes) && world_number(eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE status = 'receiving'"))
		done(ctx, batch_start(ctx, job), "start");
	if (line->steering != STEER_NOT && !is_terminal(eyes))
		steer(ctx, line, job, eyes);
	for (int i = 0; i < 1000 && !is_terminal(eyes); i++)
		done(ctx, batch_advance(ctx, job, 20000, &report), "advance");
	done(ctx, batch_status(ctx, job, &status), "status");
	int64_t sum = 0;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		sum += status.counts.by_outcome[i];
	if (sum != status.job.total || !job_state_is_terminal(status.job.state))
		give_up("counts sum to %lld of %lld, the batch is %s", (long long)sum, (long long)status.job.total,
			job_state_name(status.job.state));
}

/* --- killing it -------------------------------------------------------------------- */

enum end { CAME_THROUGH, WAS_KILLED, WENT_WRONG };

/* The client in a child that dies before its n-th statement (0 = lives). */
static enum end client_in_child(const struct line *line, int64_t fault_at)
{
	int status = 0;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct ctx *eyes = world_process(&config);
		setenv("TRANCHE_FAULT_AT", arena_printf(eyes->arena, "%lld", (long long)fault_at), 1);
		be_client(world_process(&config), line, eyes);
		_Exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		give_up("no child");
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? WAS_KILLED
	       : WIFEXITED(status) && WEXITSTATUS(status) == 0	  ? CAME_THROUGH
								  : WENT_WRONG;
}

static void show_difference(const char *wanted, const char *got)
{
	size_t at = 0;
	while (wanted[at] && wanted[at] == got[at])
		at++;
	while (at && wanted[at - 1] != '\n')
		at--;
	printf("    without the fault: %.*s\n    with it:           %.*s\n", (int)strcspn(wanted + at, "\n"), wanted + at,
	       (int)strcspn(got + at, "\n"), got + at);
}

/* After the kills: one client that is left in peace, and the comparison. */
static bool ends_the_same(struct ctx *eyes, const struct line *line, const char *wanted, bool with_bumps, const char *when)
{
	if (client_in_child(line, 0) != CAME_THROUGH) {
		printf("%s, %s: can't go on\n", line->name, when);
		return false;
	}
	const char *broken = world_broken(eyes), *got = world_state(eyes, with_bumps);
	if (!broken && strcmp(wanted, got) == 0)
		return true;
	printf("%s, %s: %s\n", line->name, when, broken ? broken : "ends differently");
	show_difference(wanted, got);
	return false;
}

static const char *undisturbed(struct ctx *eyes, const struct line *line, bool with_bumps)
{
	world_reset(eyes);
	if (client_in_child(line, 0) != CAME_THROUGH)
		give_up("%s does not even run undisturbed", line->name);
	const char *broken = world_broken(eyes);
	if (broken)
		give_up("%s, undisturbed: %s", line->name, broken);
	return strdup(world_state(eyes, with_bumps));
}

static void report(const struct line *line, const char *how, int64_t tried, int64_t survived)
{
	printf("%-28s %-18s tried %5lld survived %5lld\n", line->name, how, (long long)tried, (long long)survived);
	*(tried && tried == survived ? &passed : &failed) += 1;
}

static int64_t sweep(struct ctx *eyes, const struct line *line)
{
	const char *wanted = undisturbed(eyes, line, true);
	int64_t tried = 0, survived = 0, at = 1;
	for (;; at++) {
		arena_reset(eyes->arena);
		world_reset(eyes);
		enum end end = client_in_child(line, at);
		if (end == CAME_THROUGH)
			break;
		tried++;
		survived += end == WAS_KILLED &&
			    ends_the_same(eyes, line, wanted, true, arena_printf(eyes->arena, "killed before statement %lld", (long long)at));
	}
	report(line, "each boundary", tried, survived);
	return at;
}

/* Killed again and again, at random. */
static void storm(struct ctx *eyes, const struct line *line, int64_t boundaries, int rounds, uint64_t seed)
{
	const char *wanted = undisturbed(eyes, line, false);
	int64_t tried = 0, survived = 0;
	printf("%s: seed %llu\n", line->name, (unsigned long long)seed);
	for (int round = 0; round < rounds; round++) {
		arena_reset(eyes->arena);
		world_reset(eyes);
		for (int kill = 0; kill < 4; kill++)
			if (client_in_child(line, 1 + (int64_t)(line_random(&seed) % (uint64_t)boundaries)) != WAS_KILLED)
				break;
		tried++;
		survived += ends_the_same(eyes, line, wanted, false, arena_printf(eyes->arena, "storm %d", round));
	}
	report(line, "up to 4 kills", tried, survived);
}

int main(int argc, char **argv)
{
	struct fail fail = { 0 };
	bool is_long = argc > 1 && strcmp(argv[1], "long") == 0;
	unsetenv("TRANCHE_FAULT_AT");
	if (!ids_init(&fail) || !config_load(&config, &fail))
		give_up("no configuration: %s", fail.public_message);
	zone_init(config.zoneinfo[0] ? config.zoneinfo : NULL);
	struct ctx *eyes = world_process(&config);
	world_make(eyes);
	for (int seed = 1; seed <= (is_long ? 4 : 1); seed++) {
		struct line lines[LINES_MAX];
		size_t count = lines_make(lines, is_long ? 60 : 30, (uint64_t)seed);
		for (size_t i = 0; i < count; i++) {
			int64_t boundaries = sweep(eyes, &lines[i]);
			if (is_long || i == 0)
				storm(eyes, &lines[i], boundaries, is_long ? 200 : 20, (uint64_t)seed);
		}
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
