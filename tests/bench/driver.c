/*
 * The engine without a web server: ingests a file of items and times only the
 * work on them, one lane.
 *
 *     driver create|update|evaluate FILE.ndjson
 *     driver undo BATCH
 *
 * $TRANCHE_CONFIG as for the program, $DB_PID for the server's CPU time,
 * $CHUNK_SIZE (1000; 0 = adaptive). Prints one JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/ids.h"
#include "base/zone.h"
#include "batch/batch.h"
#include "db/text.h"
#include "store/users.h"

#define ADVANCE_MS 2000 /* as a web request would */

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double own_cpu_s(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* utime + stime of a process, proc(5). */
static double cpu_s_of(const char *pid)
{
	char path[64], line[1024];
	unsigned long user = 0, system = 0;
	snprintf(path, sizeof path, "/proc/%s/stat", pid ? pid : "-");
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	if (fgets(line, sizeof line, file)) {
		const char *rest = strrchr(line, ')');
		if (!rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
			user = system = 0;
	}
	fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long read_file(void *user, char *buffer, size_t size)
{
	FILE *file = user;
	return (long)fread(buffer, 1, size, file);
}

/* What is counted around the work. */
struct reading {
	double wall_s, own_s, server_s;
	int64_t statements, redo_bytes, syncs, log_writes;
};

static bool read_counters(struct ctx *ctx, struct reading *reading)
{
	struct db_rows rows;
	int64_t *const places[] = { &reading->redo_bytes, &reading->syncs, &reading->log_writes };
	const char *sql = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN"
			  " ('Innodb_os_log_written', 'Innodb_data_fsyncs', 'Innodb_log_writes')"
			  " ORDER BY FIELD(VARIABLE_NAME, 'Innodb_os_log_written', 'Innodb_data_fsyncs', 'Innodb_log_writes')";
	if (!db_text_query(db_text_begin(ctx->db, sql), "i", ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < rows.count && i < 3; i++)
		*places[i] = db_int(&rows, i, 0);
	reading->statements = db_statements(ctx->db);
	reading->own_s = own_cpu_s();
	reading->server_s = cpu_s_of(getenv("DB_PID"));
	reading->wall_s = now_s();
	return true;
}

static bool work(struct ctx *ctx, int64_t job_id, int64_t *chunks_out)
{
	struct advance_report report = { .is_terminal = false };
	while (!report.is_terminal) {
		struct arena_mark mark = arena_mark(ctx->arena);
		bool ok = batch_advance(ctx, job_id, ADVANCE_MS, &report);
		arena_rewind(ctx->arena, mark);
		if (!ok)
			return false;
		*chunks_out += report.chunks;
	}
	return true;
}

static void print(const struct batch_status *status, double ingest_s, const struct reading *a, const struct reading *b,
		  int64_t chunks)
{
	printf("{\"job\":%lld,\"items\":%lld,\"seconds\":%.4f,\"own_cpu\":%.3f,\"server_cpu\":%.3f,\"ingest\":%.4f,"
	       "\"chunks\":%lld,\"statements\":%lld,\"redo\":%lld,\"syncs\":%lld,\"log_writes\":%lld,",
	       (long long)status->job.id, (long long)status->job.total, b->wall_s - a->wall_s, b->own_s - a->own_s,
	       b->server_s - a->server_s, ingest_s, (long long)chunks, (long long)(b->statements - a->statements),
	       (long long)(b->redo_bytes - a->redo_bytes), (long long)(b->syncs - a->syncs),
	       (long long)(b->log_writes - a->log_writes));
	printf("\"succeeded\":%lld,\"conflict\":%lld,\"failed\":%lld,\"unchanged\":%lld,\"rss_kib\":%lld}\n",
	       (long long)status->counts.by_outcome[OUTCOME_SUCCEEDED],
	       (long long)status->counts.by_outcome[OUTCOME_CONFLICT], (long long)status->counts.by_outcome[OUTCOME_FAILED],
	       (long long)status->counts.by_outcome[OUTCOME_UNCHANGED], (long long)resident_kib());
}

/* A batch that is ready to be worked: made of the file's items, or one that was worked, to be undone. */
static bool prepare(struct ctx *ctx, const char *type_name, const char *what, struct job *job)
{
	struct batch_options options;
	enum job_type type;
	const char *size = getenv("CHUNK_SIZE");
	if (strcmp(type_name, "undo") == 0) {
		job->id = atoll(what);
		return batch_undo(ctx, job->id);
	}
	FILE *file = fopen(what, "r");
	if (!file || !job_type_by_name(type_name, &type))
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_NOT_FOUND, "There is no file %s, or no operation %s", what, type_name);
	options_default(ctx->config, &options);
	options.chunk_size = size ? atoi(size) : 1000;
	bool ok = batch_create_from_body(ctx, true, type, &options, "bench", INGEST_NDJSON, (struct byte_source){ read_file, file }, job);
	fclose(file);
	return ok;
}

static bool run(struct ctx *ctx, const char *type_name, const char *what)
{
	struct batch_status status;
	struct reading before = { 0 }, after = { 0 };
	struct job job;
	int64_t chunks = 0;
	double began_s = now_s();
	if (!prepare(ctx, type_name, what, &job))
		return false;
	double ingest_s = now_s() - began_s;
	if (!read_counters(ctx, &before) || !work(ctx, job.id, &chunks) || !read_counters(ctx, &after) ||
	    !batch_status(ctx, job.id, &status))
		return false;
	print(&status, ingest_s, &before, &after, chunks);
	return true;
}

static bool become_admin(struct ctx *ctx, struct actor *actor)
{
	struct identity identity;
	if (!user_identity(ctx, "admin", &identity))
		return false;
	*actor = (struct actor){ .user_id = identity.user_id,
				 .name = identity.display_name,
				 .grants = identity.grants,
				 .grant_count = identity.grant_count };
	ctx->actor = actor;
	return true;
}

int main(int argc, char **argv)
{
	static struct config config;
	struct actor actor = { .name = "" };
	struct ctx ctx = { .arena = arena_new(),
			   .config = &config,
			   .actor = &actor,
			   .reference = "bench",
			   .worker_uuid = "00000000-0000-4000-8000-0000000000be",
			   .worker_type = "tick",
			   .started_ms = monotonic_ms(),
			   .deadline_ms = INT64_MAX };
	if (argc != 3 || !ctx.arena) {
		fprintf(stderr, "usage: driver create|update|evaluate FILE.ndjson | undo BATCH\n");
		return EXIT_FAILURE;
	}
	bool ok = ids_init(&ctx.fail) && config_load(&config, &ctx.fail);
	if (ok) {
		zone_init(config.zoneinfo[0] ? config.zoneinfo : NULL);
		ctx.db = db_new(&config);
		ok = db_ensure(ctx.db, &ctx.fail) && become_admin(&ctx, &actor) && run(&ctx, argv[1], argv[2]);
	}
	if (!ok)
		fprintf(stderr, "driver: %s %s\n", ctx.fail.public_message, ctx.fail.detail);
	db_free(ctx.db);
	zone_shutdown();
	arena_free(ctx.arena);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
