/* The reference machine of the random walk. */
#include "machine.h"

#define S(name) (1u << JOB_##name)
#define ENDED (S(SUCCEEDED) | S(PARTIAL) | S(FAILED))

const char *walk_op_name(enum walk_op op)
{
	static const char *const names[WALK_OPS] = { "slice", "start", "advance", "pause", "resume", "cancel", "retry", "expire" };
	return names[op];
}

/* From where an operation is accepted, and where it leads from there; the first row that fits.  What is drained
 * at once (nothing is leased) goes on to its end in the same call. */
static const struct {
	enum walk_op op;
	uint32_t from, to;
} rules[] = {
	{ WALK_SLICE, S(RECEIVING), S(RECEIVING) },
	{ WALK_START, S(RECEIVING), S(QUEUED) },
	{ WALK_START, S(QUEUED), S(QUEUED) },
	{ WALK_START, S(RUNNING), S(RUNNING) },
	{ WALK_PAUSE, S(QUEUED) | S(PAUSED), S(PAUSED) },
	{ WALK_PAUSE, S(RUNNING) | S(PAUSING), S(PAUSING) | S(PAUSED) },
	{ WALK_RESUME, S(PAUSING) | S(PAUSED) | S(RUNNING), S(RUNNING) },
	{ WALK_RESUME, S(QUEUED), S(QUEUED) },
	{ WALK_CANCEL, S(RECEIVING) | S(QUEUED) | S(CANCELLED), S(CANCELLED) },
	{ WALK_CANCEL, S(RUNNING) | S(PAUSING) | S(PAUSED) | S(CANCELLING), S(CANCELLING) | S(CANCELLED) },
	{ WALK_RETRY, S(PARTIAL) | S(FAILED) | S(CANCELLED), S(RUNNING) },
	{ WALK_ADVANCE, S(QUEUED), S(QUEUED) | S(RUNNING) | ENDED },
	{ WALK_ADVANCE, S(RUNNING), S(RUNNING) | ENDED },
	{ WALK_ADVANCE, S(PAUSING), S(PAUSING) | S(PAUSED) },
	{ WALK_ADVANCE, S(CANCELLING), S(CANCELLING) | S(CANCELLED) },
};

/* Failed and left items; those that could not be read when they came are out of reach. */
static bool can_retry(const struct walk_view *now)
{
	return now->by_outcome[OUTCOME_FAILED] + now->by_outcome[OUTCOME_UNPROCESSED] > 0;
}

struct walk_rule walk_rule(enum walk_op op, const struct walk_view *now)
{
	struct walk_rule stays = { .is_accepted = op == WALK_ADVANCE || op == WALK_EXPIRE, .states = 1u << now->state };
	if ((op == WALK_START && now->state == JOB_RECEIVING && !now->received) || (op == WALK_RETRY && !can_retry(now)))
		return stays;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].op == op && rules[i].from & (1u << now->state))
			return (struct walk_rule){ .is_accepted = true, .states = rules[i].to };
	return stays;
}

static enum job_state right_end(const struct walk_view *now)
{
	int64_t bad = now->by_outcome[OUTCOME_FAILED] + now->by_outcome[OUTCOME_CONFLICT] + now->by_outcome[OUTCOME_UNPROCESSED];
	int64_t good = now->by_outcome[OUTCOME_SUCCEEDED] + now->by_outcome[OUTCOME_UNCHANGED] + now->by_outcome[OUTCOME_SKIPPED];
	return !bad ? JOB_SUCCEEDED : good ? JOB_PARTIAL : JOB_FAILED;
}

static const char *wrong_items(const struct walk_view *before, const struct walk_view *now, const uint8_t *wanted)
{
	for (int64_t i = 0; i < now->received; i++) {
		uint8_t outcome = now->items[i];
		if (outcome != OUTCOME_PENDING && outcome != wanted[i])
			return "an item has the wrong outcome";
		if (i < before->received && outcome == OUTCOME_PENDING && before->items[i] != OUTCOME_PENDING)
			return "a settled item is pending again";
	}
	return NULL;
}

static const char *wrong_counts(const struct walk_view *now, int64_t total)
{
	int64_t sum = 0, settled[OUTCOME_COUNT] = { 0 };
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (now->by_outcome[i] < 0)
			return "a count is negative";
		sum += now->by_outcome[i];
	}
	for (int64_t i = 0; i < now->received; i++)
		settled[now->items[i]]++;
	if (sum != total)
		return "the counts don't sum to the total";
	/* A retried item counts as pending until it is worked, its row is still what it was. */
	if (now->by_outcome[OUTCOME_SUCCEEDED] != settled[OUTCOME_SUCCEEDED])
		return "succeeded items are counted wrong";
	return now->by_outcome[OUTCOME_FAILED] > settled[OUTCOME_FAILED] ? "failed items are counted wrong" : NULL;
}

const char *walk_wrong(const struct walk_view *before, const struct walk_view *now, const uint8_t *wanted, int64_t total)
{
	const char *wrong = wrong_items(before, now, wanted);
	if (!wrong)
		wrong = wrong_counts(now, total);
	if (wrong)
		return wrong;
	if (now->received < before->received)
		return "items are lost";
	if (now->epoch == before->epoch && now->cursor < before->cursor)
		return "the cursor went back";
	if (now->epoch != before->epoch && now->epoch != before->epoch + 1)
		return "the epoch jumped";
	if (ENDED & (1u << now->state)) {
		if (now->by_outcome[OUTCOME_PENDING])
			return "it has ended with pending items";
		if (now->state != right_end(now))
			return "it has ended in the wrong state";
	}
	return NULL;
}
