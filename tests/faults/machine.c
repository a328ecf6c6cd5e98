/* The reference machine of the random walk. */
#include "machine.h"

#define S(name) (1u << JOB_##name)
#define ENDED (S(SUCCEEDED) | S(PARTIAL) | S(FAILED))
#define BEGUN (S(RUNNING) | S(PAUSING) | S(PAUSED) | S(CANCELLING))
#define BACK (S(ROLLING_BACK) | S(ROLLED_BACK))
#define UNDO (S(UNDOING) | S(UNDONE))

#define K(name) (1u << WALK_##name)
#define ANY (K(PLAIN) | K(BACK_ON_ERROR) | K(CHECKED) | K(WHOLE))
#define PARTS (K(PLAIN) | K(BACK_ON_ERROR) | K(CHECKED)) /* what has been done stays done when it is given up */

const char *walk_op_name(enum walk_op op)
{
	static const char *const names[WALK_OPS] = { "slice",  "start",	 "advance", "pause", "resume",
						     "cancel", "roll back", "retry",   "undo",	"expire" };
	return names[op];
}

const char *walk_kind_name(enum walk_kind kind)
{
	static const char *const names[WALK_KINDS] = { "plain", "rollback_on_error", "checked", "atomic" };
	return names[kind];
}

/* From where an operation is accepted, and where it leads from there; the first row that fits.  What is drained
 * at once (nothing is leased) goes on to its end in the same call. */
static const struct {
	enum walk_op op;
	uint32_t kinds, from, to;
} rules[] = {
	{ WALK_SLICE, ANY, S(RECEIVING), S(RECEIVING) },
	{ WALK_START, ANY, S(RECEIVING), S(QUEUED) },
	{ WALK_START, ANY, S(QUEUED), S(QUEUED) },
	{ WALK_START, ANY, S(RUNNING), S(RUNNING) },
	{ WALK_PAUSE, ANY, S(QUEUED) | S(PAUSED), S(PAUSED) },
	{ WALK_PAUSE, ANY, S(RUNNING) | S(PAUSING), S(PAUSING) | S(PAUSED) },
	{ WALK_RESUME, ANY, S(PAUSING) | S(PAUSED) | S(RUNNING), S(RUNNING) },
	{ WALK_RESUME, ANY, S(QUEUED), S(QUEUED) },
	{ WALK_CANCEL, ANY, S(RECEIVING) | S(QUEUED) | S(CANCELLED), S(CANCELLED) },
	{ WALK_CANCEL, PARTS, BEGUN, S(CANCELLING) | S(CANCELLED) },
	{ WALK_CANCEL, K(WHOLE), BEGUN, S(CANCELLING) | S(CANCELLED) | S(SUCCEEDED) | BACK },
	{ WALK_ROLL_BACK, ANY, S(RECEIVING) | S(QUEUED), S(CANCELLED) },
	{ WALK_ROLL_BACK, ANY, S(CANCELLED), S(UNDOING) },
	{ WALK_ROLL_BACK, ANY, UNDO, UNDO },
	{ WALK_ROLL_BACK, PARTS, BEGUN, S(CANCELLING) | S(CANCELLED) | S(UNDOING) },
	{ WALK_ROLL_BACK, K(WHOLE), BEGUN, S(CANCELLING) | S(CANCELLED) | S(UNDOING) | BACK },
	{ WALK_RETRY, ANY, S(PARTIAL) | S(FAILED) | S(CANCELLED), S(RUNNING) },
	{ WALK_UNDO, ANY, S(SUCCEEDED) | S(PARTIAL) | S(CANCELLED), S(UNDOING) },
	{ WALK_UNDO, ANY, S(UNDOING), UNDO },
	{ WALK_ADVANCE, K(PLAIN) | K(CHECKED), S(QUEUED), S(QUEUED) | S(RUNNING) | ENDED },
	{ WALK_ADVANCE, K(PLAIN) | K(CHECKED), S(RUNNING), S(RUNNING) | ENDED },
	{ WALK_ADVANCE, K(BACK_ON_ERROR), S(QUEUED) | S(RUNNING), S(QUEUED) | S(RUNNING) | ENDED | BACK },
	{ WALK_ADVANCE, K(WHOLE), S(QUEUED) | S(RUNNING), S(QUEUED) | S(RUNNING) | S(PUBLISHING) | S(SUCCEEDED) | BACK },
	{ WALK_ADVANCE, ANY, S(PUBLISHING), S(PUBLISHING) | S(SUCCEEDED) },
	{ WALK_ADVANCE, ANY, S(ROLLING_BACK), BACK },
	{ WALK_ADVANCE, ANY, S(UNDOING), UNDO },
	{ WALK_ADVANCE, ANY, S(PAUSING), S(PAUSING) | S(PAUSED) },
	{ WALK_ADVANCE, PARTS, S(CANCELLING), S(CANCELLING) | S(CANCELLED) | UNDO },
	{ WALK_ADVANCE, K(WHOLE), S(CANCELLING), S(CANCELLING) | S(CANCELLED) | S(SUCCEEDED) | UNDO | BACK },
};

/* What somebody who only looks may make of it. */
static const struct {
	uint32_t kinds, from, to;
} ends[] = {
	{ ANY, S(PAUSING), S(PAUSED) },
	{ ANY, S(CANCELLING), S(CANCELLED) | S(UNDOING) },
	{ K(WHOLE), S(CANCELLING), S(SUCCEEDED) | S(ROLLING_BACK) },
	{ PARTS, S(RUNNING), ENDED },
	{ K(BACK_ON_ERROR), S(RUNNING), S(ROLLING_BACK) },
	{ K(WHOLE), S(RUNNING), S(SUCCEEDED) | S(PUBLISHING) | BACK },
	{ ANY, S(PUBLISHING), S(SUCCEEDED) },
	{ ANY, S(ROLLING_BACK), S(ROLLED_BACK) },
	{ ANY, S(UNDOING), S(UNDONE) },
};

uint32_t walk_by_itself(const struct walk_plan *plan, const struct walk_view *now)
{
	uint32_t states = 1u << now->state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i].kinds & (1u << plan->kind) && ends[i].from & (1u << now->state))
			states |= ends[i].to;
	if (now->state == JOB_CANCELLING && !now->wants_rollback)
		states &= ~S(UNDOING);
	return states;
}

/* Failed and left items; those that could not be read when they came are out of reach, once a chunk has found them. */
static bool can_retry(const struct walk_plan *plan, const struct walk_view *now)
{
	if (now->by_outcome[OUTCOME_UNPROCESSED])
		return true;
	for (int64_t i = 0; i < now->received; i++)
		if (now->items[i] == OUTCOME_PENDING || (now->items[i] == OUTCOME_FAILED && !plan->is_unreadable[i]))
			return true;
	return false;
}

/* Does the operation find anything to act on? */
static bool has_matter(enum walk_op op, const struct walk_plan *plan, const struct walk_view *now)
{
	if (op == WALK_START && now->state == JOB_RECEIVING)
		return now->received > 0;
	if (op == WALK_RETRY)
		return can_retry(plan, now);
	return op != WALK_UNDO || now->state == JOB_UNDOING || now->by_outcome[OUTCOME_SUCCEEDED] > 0;
}

struct walk_rule walk_rule(enum walk_op op, const struct walk_plan *plan, const struct walk_view *now)
{
	uint32_t state = 1u << now->state;
	struct walk_rule stays = { .is_accepted = op == WALK_ADVANCE || op == WALK_EXPIRE, .states = state };
	/* Sent again; and the retry that is running already. */
	stays.is_either = op == WALK_SLICE || (op == WALK_RETRY && state & (S(RUNNING) | S(PAUSING) | S(PAUSED)));
	if (!has_matter(op, plan, now))
		return stays;
	if (op == WALK_ROLL_BACK && now->state == JOB_CANCELLED && !now->by_outcome[OUTCOME_SUCCEEDED])
		return (struct walk_rule){ .is_accepted = true, .states = state };
	/* Cancelled once more it still is rolled back, if that had been asked for. */
	uint32_t also = op == WALK_CANCEL && now->wants_rollback ? S(UNDOING) : 0;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].op == op && rules[i].kinds & (1u << plan->kind) && rules[i].from & state)
			return (struct walk_rule){ .is_accepted = true, .is_either = op == WALK_SLICE, .states = rules[i].to | also };
	return stays;
}

static enum job_state right_end(const struct walk_view *now)
{
	int64_t bad = now->by_outcome[OUTCOME_FAILED] + now->by_outcome[OUTCOME_CONFLICT] + now->by_outcome[OUTCOME_UNPROCESSED];
	int64_t good = now->by_outcome[OUTCOME_SUCCEEDED] + now->by_outcome[OUTCOME_UNCHANGED] + now->by_outcome[OUTCOME_SKIPPED];
	return !bad ? JOB_SUCCEEDED : good ? JOB_PARTIAL : JOB_FAILED;
}

static const char *wrong_items(const struct walk_plan *plan, const struct walk_view *before, const struct walk_view *now)
{
	bool is_undone = (UNDO | BACK) & (1u << now->state);
	for (int64_t i = 0; i < now->received; i++) {
		uint8_t outcome = now->items[i];
		if (outcome != OUTCOME_PENDING && outcome != plan->wanted[i] &&
		    !(is_undone && outcome == OUTCOME_UNDONE && plan->wanted[i] == OUTCOME_SUCCEEDED))
			return "an item has the wrong outcome";
		if (i < before->received && outcome == OUTCOME_PENDING && before->items[i] != OUTCOME_PENDING)
			return "a settled item is pending again";
		if (i < before->received && before->items[i] == OUTCOME_UNDONE && outcome != OUTCOME_UNDONE)
			return "an undone item came back";
	}
	return NULL;
}

static const char *wrong_counts(const struct walk_view *now)
{
	int64_t sum = 0, settled[OUTCOME_COUNT] = { 0 };
	bool is_undoing = now->state == JOB_UNDOING || now->state == JOB_ROLLING_BACK;
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (now->by_outcome[i] < 0)
			return "a count is negative";
		sum += now->by_outcome[i];
	}
	for (int64_t i = 0; i < now->received; i++)
		settled[now->items[i]]++;
	if (sum != now->received)
		return "the counts don't sum to the total";
	if (now->by_outcome[OUTCOME_UNDONE] != settled[OUTCOME_UNDONE])
		return "undone items are counted wrong";
	/* An item that is worked again counts as pending until it is, its row is still what it was. */
	if (is_undoing ? now->by_outcome[OUTCOME_SUCCEEDED] > settled[OUTCOME_SUCCEEDED]
		       : now->by_outcome[OUTCOME_SUCCEEDED] != settled[OUTCOME_SUCCEEDED])
		return "succeeded items are counted wrong";
	return now->by_outcome[OUTCOME_FAILED] > settled[OUTCOME_FAILED] ? "failed items are counted wrong" : NULL;
}

/* What an end has to look like. */
static const char *wrong_end(const struct walk_plan *plan, const struct walk_view *now)
{
	const int64_t *by_outcome = now->by_outcome;
	if (!job_state_is_terminal(now->state))
		return NULL;
	if (by_outcome[OUTCOME_PENDING])
		return "it has ended with pending items";
	if (ENDED & (1u << now->state) && now->state != right_end(now))
		return "it has ended in the wrong state";
	if ((now->state == JOB_UNDONE || now->state == JOB_ROLLED_BACK) && by_outcome[OUTCOME_SUCCEEDED])
		return "it has not been undone as a whole";
	if (plan->kind == WALK_WHOLE && now->state != JOB_SUCCEEDED && by_outcome[OUTCOME_SUCCEEDED])
		return "half of it has been done";
	return NULL;
}

const char *walk_wrong(const struct walk_plan *plan, const struct walk_view *before, const struct walk_view *now)
{
	bool has_passes = plan->kind == WALK_CHECKED || plan->kind == WALK_WHOLE;
	const char *wrong = wrong_items(plan, before, now);
	if (!wrong)
		wrong = wrong_counts(now);
	if (!wrong)
		wrong = wrong_end(plan, now);
	if (wrong)
		return wrong;
	if (now->received < before->received)
		return "items are lost";
	if (now->epoch == before->epoch && now->cursor < before->cursor)
		return "the cursor went back";
	if (now->epoch < before->epoch || now->epoch > before->epoch + (has_passes ? 2 : 1))
		return "the epoch jumped";
	return NULL;
}

bool walk_is_final(enum job_state state)
{
	return (S(UNDONE) | S(UNDO_PARTIAL) | S(ROLLED_BACK)) & (1u << state);
}
