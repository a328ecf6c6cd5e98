/*
 * A random walk over everything that can be done to a batch, by two processes
 * and by children that are killed at a random statement, next to a reference
 * machine that says after each step what may have become of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/text.h"
#include "machine.h"
#include "trial.h"

#define STEPS_A_LIFE 60
#define STEPS_TO_END_MAX 200
#define SLICES 3
#define STEPS_AFTER_ALL 4 /* when nothing more can become of a batch */
#define WALK_GOOD_ITEM 7

enum how { BY_ONE, BY_TWO, BY_VICTIM }; /* a process, the other one, a child that dies of it */

struct walk {
	struct trial *trial;
	struct ctx *eyes, *one, *two;
	uint64_t seed, random;
	int64_t job, steps, lives, crashes, refusals;
	char *slices[SLICES];
	int64_t ends[SLICES];              /* ordinals after each slice */
	size_t sent;                       /* slices that have arrived */
	struct walk_plan plan;
	bool only_good;                    /* no item of this batch fails */
	struct walk_view view;
	enum walk_op op;
	enum how how;
};

static int64_t below(struct walk *walk, int64_t bound)
{
	return (int64_t)(line_random(&walk->random) % (uint64_t)bound);
}

/* --- a batch of a life ------------------------------------------------------------------ */

/* What becomes of an item does not depend on when it is worked. */
static void add_item(struct walk *walk, struct str *out, int64_t i)
{
	walk->plan.is_unreadable[i] = false;
	walk->plan.wanted[i] = OUTCOME_FAILED;
	switch (walk->only_good ? WALK_GOOD_ITEM : below(walk, WALK_GOOD_ITEM + 1)) {
	case 0:
		str_adds(out, "{\"content_id\":tru}");
		walk->plan.is_unreadable[i] = true;
		return;
	case 1: /* no such content */
		str_addf(out, "{\"content_id\":99,\"version_no\":1,\"starts_at\":\"2030-01-05T00:00:00Z\",\"duration_s\":1800}");
		return;
	case 2: /* stored event 5 is there */
		str_addf(out, "{\"content_id\":6,\"version_no\":1,\"starts_at\":\"2030-03-01T02:30:00Z\",\"duration_s\":1800,\"resources\":[8]}");
		return;
	default:
		str_addf(out, "{\"content_id\":%lld,\"version_no\":1,\"starts_at\":\"2030-02-%02lldT%02lld:00:00Z\",\"duration_s\":1800,"
			      "\"resources\":[%lld]}",
			 (long long)(1 + i % 40), (long long)(1 + i / 20), (long long)(i % 20), (long long)(1 + i % 6));
		walk->plan.wanted[i] = OUTCOME_SUCCEEDED;
	}
}

static void make_slices(struct walk *walk)
{
	int64_t ordinal = 0;
	for (size_t s = 0; s < SLICES; s++) {
		struct str out = STR_INIT;
		int64_t end = ordinal + 1 + below(walk, WALK_ITEMS_MAX / SLICES);
		for (; ordinal < end; ordinal++) {
			str_addc(&out, out.len ? ',' : '[');
			add_item(walk, &out, ordinal);
		}
		str_addc(&out, ']');
		free(walk->slices[s]);
		walk->slices[s] = strdup(str_text(&out));
		walk->ends[s] = end;
		str_free(&out);
	}
}

static void new_life(struct walk *walk)
{
	struct job job;
	struct batch_options options;
	trial_reset(walk->trial);
	/* Every other batch is a plain one; of the rest, half get through. */
	walk->plan.kind = below(walk, 2) ? WALK_PLAIN : (enum walk_kind)(1 + below(walk, WALK_KINDS - 1));
	walk->only_good = walk->plan.kind != WALK_PLAIN && below(walk, 2);
	make_slices(walk);
	options_default(walk->one->config, &options);
	options.chunk_size = (int32_t)(1 + below(walk, 6));
	options.ordered = below(walk, 3) == 0;
	options.rollback_on_error = walk->plan.kind == WALK_BACK_ON_ERROR;
	options.validate_before_execute = walk->plan.kind == WALK_CHECKED;
	options.atomic = walk->plan.kind == WALK_WHOLE;
	fail_clear(&walk->one->fail);
	if (!db_ensure(walk->one->db, &walk->one->fail) || !batch_create(walk->one, JOB_CREATE, &options, "walk", &job))
		give_up("seed %llu: no batch: %s", (unsigned long long)walk->seed, walk->one->fail.detail);
	walk->job = job.id;
	walk->sent = 0;
	walk->view = (struct walk_view){ .state = JOB_RECEIVING, .epoch = job.epoch };
	walk->lives++;
}

/* --- doing --------------------------------------------------------------------------------- */

static bool send_slice(struct walk *walk, struct ctx *ctx, size_t slice)
{
	struct ingest_report report;
	const char *at = walk->slices[slice];
	return batch_append(ctx, walk->job, slice ? walk->ends[slice - 1] : 0, INGEST_JSON, (struct byte_source){ line_read, &at }, &report);
}

static bool advance(struct ctx *ctx, int64_t job, int64_t times)
{
	struct advance_report report;
	for (int64_t i = 0; i < times; i++)
		if (!batch_advance(ctx, job, ONE_STEP, &report))
			return false;
	return true;
}

/* `luck` chooses among an operation's variants. */
static bool operate(struct walk *walk, struct ctx *ctx, uint64_t luck)
{
	switch (walk->op) {
	case WALK_SLICE:
		return send_slice(walk, ctx, walk->sent < SLICES && (luck & 3 || !walk->sent) ? walk->sent : walk->sent - 1);
	case WALK_START: return batch_start(ctx, walk->job);
	case WALK_ADVANCE: return advance(ctx, walk->job, 1 + (int64_t)(luck & 3));
	case WALK_PAUSE: return batch_pause(ctx, walk->job);
	case WALK_RESUME: return batch_resume(ctx, walk->job);
	case WALK_CANCEL: return batch_cancel(ctx, walk->job, luck & 1);
	case WALK_ROLL_BACK: return batch_roll_back(ctx, walk->job, luck & 1);
	case WALK_UNDO: return batch_undo(ctx, walk->job);
	case WALK_RETRY: return batch_retry(ctx, walk->job, RETRYABLE_OUTCOMES, 0);
	case WALK_EXPIRE: world_release(walk->eyes); return true;
	case WALK_OPS: break;
	}
	return false;
}

enum answer { ACCEPTED, REFUSED, TRY_AGAIN, NO_ANSWER };
static const char *const answers[] = { "accepted", "refused", "told to try again", "left without an answer" };

static enum answer answer_of(struct walk *walk, struct ctx *ctx, uint64_t luck)
{
	fail_clear(&ctx->fail);
	arena_reset(ctx->arena);
	if (db_ensure(ctx->db, &ctx->fail) && operate(walk, ctx, luck))
		return ACCEPTED;
	if (ctx->fail.kind == FAIL_RETRY || ctx->fail.kind == FAIL_UNCERTAIN)
		return TRY_AGAIN;
	if (ctx->fail.kind != FAIL_CONFLICT && ctx->fail.kind != FAIL_INVALID)
		give_up("seed %llu, step %lld, %s: %s (%s)", (unsigned long long)walk->seed, (long long)walk->steps, walk_op_name(walk->op),
			ctx->fail.public_message, ctx->fail.detail);
	return REFUSED;
}

/* A process of its own, killed before one of its statements if it lives so long. */
static enum answer by_victim(struct walk *walk, uint64_t luck)
{
	char at[24];
	snprintf(at, sizeof at, "%lld", (long long)(4 + below(walk, 24)));
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		setenv("TRANCHE_FAULT_AT", at, 1);
		_Exit(answer_of(walk, world_ctx(walk->trial->config), luck) == ACCEPTED ? 0 : 3);
	}
	switch (trial_wait(child)) {
	case CAME_THROUGH: return ACCEPTED;
	case DIED: return REFUSED; /* exit status 3 */
	case WAS_KILLED: walk->crashes++; return NO_ANSWER;
	case WAS_STOPPED:
	case NOT_REACHED:
	case WENT_WRONG: break;
	}
	give_up("seed %llu, step %lld: the victim went wrong", (unsigned long long)walk->seed, (long long)walk->steps);
}

/* --- looking --------------------------------------------------------------------------------- */

static void look(struct walk *walk, struct walk_view *view)
{
	struct batch_status status;
	struct db_rows rows;
	struct ctx *eyes = walk->eyes;
	/* From the eyes' own connection; a status ends what can be ended, as it does for everybody. */
	if (!batch_status(eyes, walk->job, &status))
		give_up("no status: %s", eyes->fail.detail);
	*view = (struct walk_view){ .state = status.job.state, .epoch = status.job.epoch, .received = status.job.received,
				    .wants_rollback = status.job.wants_rollback, .cursor = status.counts.cursor };
	memcpy(view->by_outcome, status.counts.by_outcome, sizeof view->by_outcome);
	struct db_text *text = db_text_begin(eyes->db, "SELECT outcome FROM {batch_job_items} WHERE job_id = ");
	db_text_i64(text, walk->job);
	db_text_lit(text, " ORDER BY ordinal");
	if (!db_text_query(text, "i", eyes->arena, &rows, &eyes->fail))
		give_up("no items: %s", eyes->fail.detail);
	if ((int64_t)rows.count != view->received || rows.count > WALK_ITEMS_MAX)
		give_up("seed %llu, step %lld: %zu items are stored, %lld received", (unsigned long long)walk->seed,
			(long long)walk->steps, rows.count, (long long)view->received);
	for (size_t i = 0; i < rows.count; i++)
		view->items[i] = (uint8_t)db_int(&rows, i, 0);
}

static bool wrong(struct walk *walk, const struct walk_view *now, enum answer answer, const char *what)
{
	static const char *const hows[] = { "by one", "by the other", "by a victim" };
	printf("seed %llu, step %lld, %s %s, %s: %s (%s batch %lld, was %s, is %s, epoch %d)\n", (unsigned long long)walk->seed,
	       (long long)walk->steps, walk_op_name(walk->op), hows[walk->how], answers[answer], what, walk_kind_name(walk->plan.kind),
	       (long long)walk->job, job_state_name(walk->view.state), job_state_name(now->state), (int)now->epoch);
	return false;
}

/* A lost process may have done all, nothing, or the part that makes sense by itself. */
static bool is_right(struct walk *walk, const struct walk_view *now, enum answer answer)
{
	struct walk_rule rule = walk_rule(walk->op, &walk->plan, &walk->view);
	uint32_t bit = 1u << now->state, stayed = walk_by_itself(&walk->plan, &walk->view);
	const char *found = walk_wrong(&walk->plan, &walk->view, now);
	if (found)
		return wrong(walk, now, answer, found);
	/* What was accepted and changes nothing leaves the batch to its own ways. */
	bool is_idle = walk->op == WALK_EXPIRE || !rule.is_accepted;
	if (answer == ACCEPTED && !(bit & rule.states) && !(is_idle && bit & stayed))
		return wrong(walk, now, answer, "that is not a way the machine knows");
	if (answer == ACCEPTED && !rule.is_accepted && !rule.is_either)
		return wrong(walk, now, answer, "it should have been refused");
	if (answer == REFUSED && rule.is_accepted && !rule.is_either)
		return wrong(walk, now, answer, "it should have been accepted");
	if (answer != ACCEPTED && !(bit & (stayed | (answer == REFUSED ? 0 : rule.states))))
		return wrong(walk, now, answer, "that is not a way the machine knows");
	found = world_broken(walk->eyes, job_state_is_terminal(now->state));
	return !found || wrong(walk, now, answer, found);
}

/* --- steps ------------------------------------------------------------------------------------ */

static bool step(struct walk *walk, enum walk_op op, enum how how)
{
	struct walk_view now;
	uint64_t luck = line_random(&walk->random);
	walk->op = op;
	walk->how = how;
	walk->steps++;
	arena_reset(walk->eyes->arena);
	enum answer answer = how == BY_VICTIM ? by_victim(walk, luck) : answer_of(walk, how == BY_ONE ? walk->one : walk->two, luck);
	look(walk, &now);
	walk->refusals += answer == REFUSED;
	if (!is_right(walk, &now, answer))
		return false;
	while (walk->sent < SLICES && now.received >= walk->ends[walk->sent])
		walk->sent++;
	walk->view = now;
	return true;
}

static enum walk_op choose(struct walk *walk)
{
	/* Weights: most of a batch's life it is advanced. */
	static const uint8_t table[] = { WALK_SLICE, WALK_SLICE,  WALK_SLICE,  WALK_START,  WALK_ADVANCE,   WALK_ADVANCE,
					 WALK_ADVANCE, WALK_ADVANCE, WALK_PAUSE, WALK_RESUME, WALK_RESUME, WALK_CANCEL,
					 WALK_ROLL_BACK, WALK_RETRY, WALK_UNDO,   WALK_EXPIRE };
	enum walk_op op = table[below(walk, sizeof table)];
	bool gives_up = op == WALK_CANCEL || op == WALK_ROLL_BACK;
	/* Not given up in half of the lives, not cancelled with rollback in three quarters. */
	return gives_up && (walk->lives % 2 || (op == WALK_ROLL_BACK && walk->lives % 4)) ? WALK_ADVANCE : op;
}

/* Whatever happened: left alone with a client, it ends. */
static bool settle(struct walk *walk)
{
	for (int i = 0; i < STEPS_TO_END_MAX && !job_state_is_terminal(walk->view.state); i++) {
		enum walk_op op = walk->view.state == JOB_RECEIVING ? (walk->view.received ? WALK_START : WALK_SLICE)
				  : walk->view.state == JOB_PAUSED || walk->view.state == JOB_PAUSING ? WALK_RESUME
				  : i % 3 == 0							      ? WALK_EXPIRE
												      : WALK_ADVANCE;
		if (!step(walk, op, BY_ONE))
			return false;
	}
	return job_state_is_terminal(walk->view.state) || wrong(walk, &walk->view, ACCEPTED, "it does not end");
}

static bool life(struct walk *walk, int64_t steps)
{
	new_life(walk);
	for (int64_t i = 0; i < steps; i++) {
		if (!step(walk, choose(walk), (enum how)below(walk, 3)))
			return false;
		if (walk_is_final(walk->view.state) && steps > i + STEPS_AFTER_ALL)
			steps = i + STEPS_AFTER_ALL;
	}
	return settle(walk);
}

static bool walk_seed(struct trial *trial, uint64_t seed, int64_t steps, struct walk *walk)
{
	*walk = (struct walk){ .trial = trial, .eyes = trial->eyes, .one = world_process(trial->config), .two = world_process(trial->config),
			       .seed = seed, .random = seed * 7919 };
	bool ok = true;
	while (ok && walk->steps < steps)
		ok = life(walk, 1 + below(walk, STEPS_A_LIFE));
	db_free(walk->one->db);
	db_free(walk->two->db);
	return ok;
}

void try_walk(struct trial *trial, const struct line *lines, size_t count, uint64_t seed)
{
	uint64_t seeds = trial->is_long ? 5 : 2; /* of each of the sweep's seeds */
	int64_t steps = trial->is_long ? 10000 : 400;
	(void)lines;
	(void)count;
	for (uint64_t i = 0; i < seeds; i++) {
		struct walk walk;
		uint64_t own = (seed - 1) * seeds + i + 1;
		bool ok = walk_seed(trial, own, steps, &walk);
		char what[80];
		snprintf(what, sizeof what, "%lld lives, %lld crashes", (long long)walk.lives, (long long)walk.crashes);
		char name[40];
		snprintf(name, sizeof name, "walk, seed %llu", (unsigned long long)own);
		trial_report(trial, name, what, walk.steps, ok ? walk.steps : walk.steps - 1);
	}
}
