/* Words of outcomes and verdicts. */
#include "store/outcome.h"

#include <string.h>

static const char *const outcome_names[OUTCOME_COUNT] = {
	[OUTCOME_PENDING] = "pending",         [OUTCOME_SUCCEEDED] = "succeeded",
	[OUTCOME_UNCHANGED] = "unchanged",     [OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_CONFLICT] = "conflict",       [OUTCOME_FAILED] = "failed",
	[OUTCOME_UNPROCESSED] = "unprocessed", [OUTCOME_UNDONE] = "undone",
	[OUTCOME_UNDO_CONFLICT] = "undo_conflict",
};

static const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_NONE] = NULL,
	[VERDICT_READY] = "ready",
	[VERDICT_NOT_DUE] = "not_due",
	[VERDICT_BLOCKED] = "blocked",
	[VERDICT_CONFLICT] = "conflict",
	[VERDICT_NOT_PERMITTED] = "not_permitted",
	[VERDICT_INVALID] = "invalid",
};

const char *outcome_name(enum outcome outcome)
{
	return outcome < OUTCOME_COUNT ? outcome_names[outcome] : "pending";
}

bool outcome_by_name(const char *name, enum outcome *outcome_out)
{
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (strcmp(outcome_names[i], name) == 0) {
			*outcome_out = (enum outcome)i;
			return true;
		}
	}
	return false;
}

const char *verdict_name(enum verdict verdict)
{
	return verdict < VERDICT_COUNT ? verdict_names[verdict] : NULL;
}
