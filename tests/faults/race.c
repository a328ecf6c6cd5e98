/*
 * Two programs at once, each on a node of its own of a Galera cluster, want the
 * same few places: row locks are per node there, so what keeps them apart is
 * that both write the calendar.  However it ends, no two events have one place,
 * whoever lost has lost to somebody, and each item is there once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cluster.h"
#include "db/text.h"
#include "schedule/edit.h"

#define ITEMS 240 /* of each program */
#define VENUES 3
#define PEOPLE 4
#define HALF_HOURS 24 /* those that are wanted, of each venue */
#define ROUNDS 3      /* of each way */
#define FROM 1901232000LL /* 2030-04-01 */
#define GIVE_UP_MS 60000
#define BY_EDITS "by single edits"

static const struct way {
	const char *name;
	const char *on_conflict[2]; /* of each program's batch; BY_EDITS: it makes none */
	bool share;                 /* both work both batches */
	int succeeds;               /* 1, 2: all of that program's do, for there is room */
	bool losers_met_a_winner;   /* of who lost, nobody has given way since */
} ways[] = {
	{ "fail", { "fail", "fail" }, .losers_met_a_winner = true },
	{ "fail, each works both", { "fail", "fail" }, .share = true, .losers_met_a_winner = true },
	{ "skip", { "skip", "skip" }, .share = true, .losers_met_a_winner = true },
	{ "shift", { "shift", "shift" }, .succeeds = 1 | 2 },
	{ "replace", { "replace", "replace" }, .succeeds = 0 }, /* never what is the batch's own */
	{ "shift against replace", { "shift", "replace" }, .succeeds = 1 },
	{ "fail against single edits", { "fail", BY_EDITS }, .losers_met_a_winner = true },
};

struct proposal {
	int venue, person; /* resources; person 0 = none */
	int64_t start, end;
};

/* Shared by the programs. */
struct course {
	int64_t jobs[2]; /* 0 = not made yet, or none */
	int ready;
	int64_t errors[2], chunks[2];
};

static struct proposal proposal(uint64_t seed, int program, int i)
{
	uint64_t state = seed * 1000003 + (uint64_t)(program * ITEMS + i);
	uint64_t luck = line_random(&state);
	struct proposal out = { .venue = 1 + (int)(luck % VENUES), .start = FROM + (int64_t)(luck / 8 % HALF_HOURS) * 1800 };
	out.person = luck / 1024 % 3 ? 0 : 11 + (int)(luck / 4096 % PEOPLE);
	out.end = out.start + (luck / 65536 % 3 ? 1800 : 3600);
	return out;
}

static void add_proposal(struct str *out, uint64_t seed, int program, int i)
{
	char when[TIME_TEXT_SIZE], person[16] = "";
	struct proposal p = proposal(seed, program, i);
	time_format_utc(p.start, when);
	if (p.person)
		snprintf(person, sizeof person, "%d", p.person);
	str_addf(out, "{\"client_id\":\"p%d-%d\",\"content_id\":%d,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":%lld,"
		      "\"resources\":[%d],\"assignees\":[%s]}",
		 program, i, 1 + (program * ITEMS + i) % 40, when, (long long)(p.end - p.start), p.venue, person);
}

/* --- a program ------------------------------------------------------------------------ */

struct program {
	struct ctx *ctx;
	struct course *course;
	const struct way *way;
	uint64_t seed;
	int number; /* 0 or 1 */
};

/* The next try, after what any client tries again. */
static void again(struct program *program)
{
	struct ctx *ctx = program->ctx;
	if (ctx->fail.kind != FAIL_NONE) {
		program->course->errors[program->number]++;
		if (ctx->fail.kind != FAIL_RETRY && ctx->fail.kind != FAIL_UNCERTAIN)
			give_up("%s (%s)", ctx->fail.public_message, ctx->fail.detail);
	}
	fail_clear(&ctx->fail);
	arena_reset(ctx->arena);
	if (!db_ensure(ctx->db, &ctx->fail))
		give_up("%s", ctx->fail.detail);
}

static void make_batch(struct program *program)
{
	struct ctx *ctx = program->ctx;
	struct str body = STR_INIT;
	struct batch_options options;
	struct issues issues = { .arena = ctx->arena };
	struct ingest_report received;
	struct job job = { .id = 0 };
	const char *text = arena_printf(ctx->arena, "{\"chunk_size\":12,\"on_conflict\":\"%s\"}", program->way->on_conflict[program->number]);
	const json_t *object = json_read(ctx->arena, text, strlen(text), &ctx->fail);
	options_default(ctx->config, &options);
	if (!object || !options_read(object, JOB_CREATE, &options, &issues))
		give_up("options %s", text);
	for (int i = 0; i < ITEMS; i++) {
		str_addc(&body, i ? ',' : '[');
		add_proposal(&body, program->seed, program->number, i);
	}
	str_addc(&body, ']');
	const char *at = str_text(&body);
	while (!batch_create(ctx, JOB_CREATE, &options, "race", &job))
		again(program);
	while (!batch_append(ctx, job.id, 0, INGEST_JSON, (struct byte_source){ line_read, &at }, &received)) {
		at = str_text(&body);
		again(program);
	}
	while (!batch_start(ctx, job.id))
		again(program);
	str_free(&body);
	__atomic_store_n(&program->course->jobs[program->number], job.id, __ATOMIC_SEQ_CST);
}

/* Both begin at once. */
static void line_up(struct course *course)
{
	struct timespec moment = { .tv_nsec = 500000 };
	int64_t until_ms = monotonic_ms() + GIVE_UP_MS;
	__atomic_add_fetch(&course->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&course->ready, __ATOMIC_SEQ_CST) < 2) {
		if (monotonic_ms() > until_ms)
			give_up("the other program does not come");
		nanosleep(&moment, NULL);
	}
}

static void work_batches(struct program *program)
{
	struct course *course = program->course;
	bool is_over[2] = { false, false };
	int64_t until_ms = monotonic_ms() + GIVE_UP_MS;
	for (int turn = program->number; !is_over[0] || !is_over[1]; turn = 1 - turn) {
		struct advance_report report = { 0 };
		if ((turn != program->number && !program->way->share) || !course->jobs[turn]) {
			is_over[turn] = true;
			continue;
		}
		if (monotonic_ms() > until_ms)
			give_up("a batch has no end");
		again(program);
		if (!batch_advance(program->ctx, course->jobs[turn], 100, &report))
			continue;
		is_over[turn] = report.is_terminal;
		course->chunks[program->number] += report.chunks;
	}
}

/* A key of the client's own makes it safe to send an edit again. */
static void make_edits(struct program *program)
{
	struct ctx *ctx = program->ctx;
	for (int i = 0; i < ITEMS; i++) {
		struct edit_result result;
		struct str body = STR_INIT;
		add_proposal(&body, program->seed, program->number, i);
		do {
			again(program);
			const json_t *object = json_read(ctx->arena, str_text(&body), body.len, &ctx->fail);
			if (!object)
				give_up("not JSON: %s", str_text(&body));
			if (!edit_create(ctx, object, NULL, &result) && ctx->fail.kind == FAIL_CONFLICT)
				fail_clear(&ctx->fail);
		} while (ctx->fail.kind != FAIL_NONE);
		program->course->chunks[program->number]++;
		str_free(&body);
	}
}

static _Noreturn void be_program(struct program *program, const struct config *config)
{
	bool edits = strcmp(program->way->on_conflict[program->number], BY_EDITS) == 0;
	program->ctx = world_process(config);
	if (!edits)
		make_batch(program);
	line_up(program->course);
	if (edits)
		make_edits(program);
	else
		work_batches(program);
	_Exit(EXIT_SUCCESS);
}

/* --- how it ended --------------------------------------------------------------------- */

/* Has somebody the place, or the person, that this one wanted? */
static bool is_taken(const struct db_rows *busy, const struct proposal *p)
{
	for (size_t i = 0; i < busy->count; i++)
		if ((db_int(busy, i, 0) == p->venue || db_int(busy, i, 0) == p->person) && db_int(busy, i, 1) < p->end && p->start < db_int(busy, i, 2))
			return true;
	return false;
}

/* Of a program: by ordinal or the number in its client_id, 1 where there is an event. */
static const char *lost_to_nobody(struct ctx *eyes, uint64_t seed, int program)
{
	struct db_rows busy, events;
	bool won[ITEMS] = { false };
	const char *events_text = arena_printf(eyes->arena, "SELECT CAST(SUBSTR(client_id, 4) AS SIGNED) FROM {scheduled_events} WHERE client_id LIKE 'p%d-%%'",
					       program);
	if (!db_text_query(db_text_begin(eyes->db, "SELECT calendar_id, start_utc, end_utc FROM {busy} WHERE calendar_kind = 2"), "iii", eyes->arena,
			   &busy, &eyes->fail) ||
	    !db_text_query(db_text_begin(eyes->db, events_text), "i", eyes->arena, &events, &eyes->fail))
		give_up("%s", eyes->fail.detail);
	for (size_t i = 0; i < events.count; i++)
		won[db_int(&events, i, 0)] = true;
	for (int i = 0; i < ITEMS; i++) {
		struct proposal p = proposal(seed, program, i);
		if (!won[i] && !is_taken(&busy, &p))
			return arena_printf(eyes->arena, "proposal %d of program %d lost to nobody", i, program + 1);
	}
	return NULL;
}

/* Returns what is wrong, or NULL. */
static const char *judge(struct ctx *eyes, const struct way *way, uint64_t seed)
{
	static const struct {
		const char *what, *count;
	} rules[] = {
		{ "two events hold a person or a place at once",
		  "SELECT COUNT(*) FROM {busy} a JOIN {busy} b ON a.calendar_kind = b.calendar_kind AND a.calendar_id = b.calendar_id"
		  " AND a.hard = 1 AND b.hard = 1 AND a.event_id <> b.event_id AND a.start_utc < b.end_utc AND b.start_utc < a.end_utc"
		  " AND a.calendar_kind = 2" },
		{ "an event is not busy where it takes place",
		  "SELECT COUNT(*) FROM {scheduled_events} e WHERE (e.status = 'scheduled') * (1 + (SELECT COUNT(*) FROM {event_resources} r"
		  " WHERE r.event_id = e.id)) * CASE WHEN e.recurrence IS NULL THEN 1 ELSE (SELECT COUNT(*) FROM {event_occurrences} o"
		  " WHERE o.event_id = e.id) END <> (SELECT COUNT(*) FROM {busy} b WHERE b.event_id = e.id)" },
		{ "a key of a client is there twice",
		  "SELECT COUNT(*) - COUNT(DISTINCT client_id) FROM {scheduled_events}" },
		{ "an event gave way to nobody",
		  "SELECT COUNT(*) FROM {scheduled_events} e LEFT JOIN {scheduled_events} s ON s.id = e.superseded_by"
		  " WHERE e.status = 'superseded' AND s.id IS NULL" },
	};
	const char *broken = world_broken(eyes, true);
	for (size_t i = 0; !broken && i < sizeof rules / sizeof rules[0]; i++)
		if (world_number(eyes, "%s", rules[i].count) != 0)
			broken = rules[i].what;
	for (int program = 0; !broken && way->losers_met_a_winner && program < 2; program++)
		broken = lost_to_nobody(eyes, seed, program);
	for (int program = 0; !broken && program < 2; program++)
		if (way->succeeds & (1 << program) &&
		    world_number(eyes, "SELECT COUNT(*) FROM {scheduled_events} WHERE client_id LIKE 'p%d-%%'", program) != ITEMS)
			broken = "there was room for all, but some did not get any";
	return broken;
}

/* Write sets that met another node's, so far. */
static int64_t collisions(struct ctx *const nodes[2])
{
	int64_t sum = 0;
	for (int i = 0; i < 2; i++) {
		struct db_rows rows;
		struct ctx *ctx = nodes[i];
		if (!db_text_query(db_text_begin(ctx->db, "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_cert_failures',"
							  " 'wsrep_local_bf_aborts')"), "si", ctx->arena, &rows, &ctx->fail))
			give_up("%s", ctx->fail.detail);
		for (size_t row = 0; row < rows.count; row++)
			sum += db_int(&rows, row, 1);
	}
	return sum;
}

static const char *run_race(struct trial *trial, const struct config configs[2], const struct way *way, uint64_t seed, struct course *course)
{
	pid_t children[2];
	enum end ends[2];
	trial_reset(trial);
	*course = (struct course){ 0 };
	for (int i = 0; i < 2; i++) {
		struct program program = { .course = course, .way = way, .seed = seed, .number = i };
		fflush(NULL);
		children[i] = fork();
		if (children[i] == 0)
			be_program(&program, &configs[i]);
	}
	for (int i = 0; i < 2; i++)
		ends[i] = trial_wait(children[i]);
	if (ends[0] != CAME_THROUGH || ends[1] != CAME_THROUGH)
		return "a program gave up";
	return judge(trial->eyes, way, seed);
}

static void tell(struct trial *trial, const struct way *way, int64_t met, int64_t winners, const char *wrong)
{
	printf("race, %s: %d times %d items of two programs for %d places, %lld hold theirs, %lld collisions of the nodes: %s\n", way->name, ROUNDS,
	       2 * ITEMS, VENUES * HALF_HOURS, (long long)winners, (long long)met, wrong ? wrong : "0 double, 0 lost");
	fflush(stdout);
	*(wrong ? &trial->failed : &trial->passed) += 1;
}

void try_race(struct trial *trial, const struct cluster *cluster)
{
	static struct config configs[2];
	struct ctx *nodes[2];
	struct course *course = mmap(NULL, sizeof *course, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (course == MAP_FAILED)
		give_up("no memory");
	for (int i = 0; i < 2; i++) {
		configs[i] = *trial->config;
		cluster_order_hosts(&configs[i], cluster, i);
		nodes[i] = world_process(&configs[i]);
	}
	for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
		const char *wrong = NULL;
		int64_t before = collisions(nodes), winners = 0;
		for (uint64_t round = 1; !wrong && round <= ROUNDS; round++) {
			wrong = run_race(trial, configs, &ways[w], w * ROUNDS + round, course);
			winners += world_number(trial->eyes, "SELECT COUNT(*) FROM {scheduled_events} WHERE id > 40 AND status = 'scheduled'");
		}
		int64_t met = collisions(nodes) - before;
		if (!wrong && !met)
			wrong = "the nodes never met: nothing is shown";
		tell(trial, &ways[w], met, winners, wrong);
	}
	for (int i = 0; i < 2; i++)
		db_free(nodes[i]->db);
}
