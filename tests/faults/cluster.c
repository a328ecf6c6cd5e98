/*
 * Two processes of the program work one batch on a Galera cluster, each with a
 * node of its own first in its list; that of the first is killed in the
 * middle.  Prints how long each was without progress.  Between the two runs
 * they want the same places (race.c).
 *
 * $CLUSTER_VICTIM is the server to kill, $CLUSTER_HOSTS "1 2 3" the addresses
 * of its node, of the second process's and of the test's own.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cluster.h"

#define CLUSTER_ITEMS 6000
#define SLICE_ITEMS 500
#define GIVE_UP_MS 120000

/* What a process has met; shared with its parent. */
struct diary {
	int64_t errors, longest_gap_ms, items;
};

void cluster_order_hosts(struct config *config, const struct cluster *cluster, int first)
{
	const char *const *hosts = cluster->hosts;
	snprintf(config->db_hosts, sizeof config->db_hosts, "%s, %s, %s", hosts[first], hosts[(first + 1) % CLUSTER_NODES],
		 hosts[(first + 2) % CLUSTER_NODES]);
}

static _Noreturn void work(const struct config *config, int64_t job, struct diary *diary)
{
	struct ctx *ctx = world_ctx(config);
	struct advance_report report = { 0 };
	int64_t last_ms = monotonic_ms(), until_ms = last_ms + GIVE_UP_MS;
	while (!report.is_terminal && monotonic_ms() < until_ms) {
		fail_clear(&ctx->fail);
		arena_reset(ctx->arena);
		if (!db_ensure(ctx->db, &ctx->fail) || !batch_advance(ctx, job, 200, &report)) {
			diary->errors++;
			if (ctx->fail.kind != FAIL_RETRY && ctx->fail.kind != FAIL_UNCERTAIN)
				give_up("%s (%s)", ctx->fail.public_message, ctx->fail.detail);
			continue;
		}
		int64_t now_ms = monotonic_ms();
		if (!report.chunks)
			continue;
		diary->longest_gap_ms = now_ms - last_ms > diary->longest_gap_ms ? now_ms - last_ms : diary->longest_gap_ms;
		diary->items += report.items;
		last_ms = now_ms;
	}
	_Exit(report.is_terminal ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void add_slice(struct ctx *ctx, int64_t job, int64_t first)
{
	struct str body = STR_INIT;
	struct ingest_report received;
	for (int64_t i = first; i < first + SLICE_ITEMS; i++) {
		char when[TIME_TEXT_SIZE];
		time_format_utc(1896134400 + i / 6 * 1800, when); /* from 2030-02-01 on, side by side on six venues */
		str_addf(&body, "%s{\"content_id\":%lld,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":1800,\"resources\":[%lld]}",
			 i == first ? "[" : ",", (long long)(1 + i % 40), when, (long long)(1 + i % 6));
	}
	str_addc(&body, ']');
	const char *at = str_text(&body);
	if (!batch_append(ctx, job, first, INGEST_JSON, (struct byte_source){ line_read, &at }, &received))
		give_up("%s", ctx->fail.detail);
	str_free(&body);
}

static int64_t make_batch(struct ctx *ctx)
{
	struct job job;
	struct batch_options options;
	options_default(ctx->config, &options);
	options.chunk_size = 100;
	if (!batch_create(ctx, JOB_CREATE, &options, "cluster", &job))
		give_up("%s", ctx->fail.detail);
	for (int64_t first = 0; first < CLUSTER_ITEMS; first += SLICE_ITEMS)
		add_slice(ctx, job.id, first);
	if (!batch_start(ctx, job.id))
		give_up("%s", ctx->fail.detail);
	return job.id;
}

static void wait_for(struct ctx *eyes, int64_t items)
{
	struct timespec moment = { .tv_nsec = 20000000 };
	int64_t until_ms = monotonic_ms() + GIVE_UP_MS;
	while (world_number(eyes, "SELECT COALESCE(SUM(last_ordinal - first_ordinal + 1), 0) FROM {batch_chunks} WHERE state = 'done'") < items &&
	       monotonic_ms() < until_ms) {
		arena_reset(eyes->arena);
		nanosleep(&moment, NULL);
	}
}

/* Returns what is wrong, or NULL. */
static const char *run_batch(struct trial *trial, const struct cluster *cluster, pid_t victim, struct diary *diaries, int64_t *ms_out)
{
	pid_t children[2];
	trial_reset(trial);
	int64_t job = make_batch(trial->eyes), began_ms = monotonic_ms();
	for (int i = 0; i < 2; i++) {
		static struct config config;
		config = *trial->config;
		cluster_order_hosts(&config, cluster, i);
		diaries[i] = (struct diary){ 0 };
		fflush(NULL);
		children[i] = fork();
		if (children[i] == 0)
			work(&config, job, &diaries[i]);
	}
	if (victim) {
		wait_for(trial->eyes, CLUSTER_ITEMS / 3);
		kill(victim, SIGKILL);
	}
	enum end one = trial_wait(children[0]), two = trial_wait(children[1]);
	*ms_out = monotonic_ms() - began_ms;
	if (one != CAME_THROUGH || two != CAME_THROUGH)
		return "a process gave up";
	int64_t stored = world_number(trial->eyes, "SELECT COUNT(*) FROM {scheduled_events} WHERE origin_job_id = %lld", (long long)job);
	if (stored != CLUSTER_ITEMS)
		return arena_printf(trial->eyes->arena, "%lld of %d events", (long long)stored, CLUSTER_ITEMS);
	return world_broken(trial->eyes, true);
}

static void tell(struct trial *trial, const char *how, const char *wrong, const struct diary *diaries, int64_t ms)
{
	printf("%s: %d items by two processes (%lld + %lld) in %.1f s, %lld errors met, longest without progress %.1f s and %.1f s: %s\n", how,
	       CLUSTER_ITEMS, (long long)diaries[0].items, (long long)diaries[1].items, (double)ms / 1000,
	       (long long)(diaries[0].errors + diaries[1].errors), (double)diaries[0].longest_gap_ms / 1000,
	       (double)diaries[1].longest_gap_ms / 1000, wrong ? wrong : "0 lost, 0 twice");
	fflush(stdout);
	*(wrong ? &trial->failed : &trial->passed) += 1;
}

void try_cluster(struct trial *trial)
{
	static char list[256];
	struct cluster cluster = { 0 };
	const char *given = getenv("CLUSTER_HOSTS"), *victim = getenv("CLUSTER_VICTIM");
	char *rest = list;
	int64_t ms;
	struct diary *diaries = mmap(NULL, 2 * sizeof *diaries, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!given || !victim || diaries == MAP_FAILED)
		give_up("CLUSTER_HOSTS and CLUSTER_VICTIM are wanted");
	snprintf(list, sizeof list, "%s", given);
	for (int i = 0; i < CLUSTER_NODES; i++)
		cluster.hosts[i] = strtok_r(rest, " ", &rest);
	if (!cluster.hosts[CLUSTER_NODES - 1])
		give_up("three hosts are wanted, not \"%s\"", given);
	const char *wrong = run_batch(trial, &cluster, 0, diaries, &ms);
	tell(trial, "undisturbed", wrong, diaries, ms);
	try_race(trial, &cluster);
	wrong = run_batch(trial, &cluster, (pid_t)strtol(victim, NULL, 10), diaries, &ms);
	tell(trial, "a node killed at one third", wrong, diaries, ms);
}
