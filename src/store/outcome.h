/*
 * Outcomes of an item and verdicts of an evaluation: numbers in the database,
 * words in the API.
 */
#ifndef STORE_OUTCOME_H
#define STORE_OUTCOME_H

#include <stdbool.h>

enum outcome {
	OUTCOME_PENDING,
	OUTCOME_SUCCEEDED,
	OUTCOME_UNCHANGED,
	OUTCOME_SKIPPED,
	OUTCOME_CONFLICT,
	OUTCOME_FAILED,
	OUTCOME_UNPROCESSED,   /* never stored: a pending item of a job that ended, or that a pass leaves alone */
	OUTCOME_UNDONE,
	OUTCOME_UNDO_CONFLICT,
	OUTCOME_COUNT
};
/* Sets of outcomes: batch_jobs.retrying. */
#define OUTCOME_BIT(outcome) (1u << (outcome))
/* Also in such a set: conflicts that people have decided (store/decisions.h). */
#define RETRY_DECIDED OUTCOME_BIT(OUTCOME_COUNT)
const char *outcome_name(enum outcome outcome);
bool outcome_by_name(const char *name, enum outcome *outcome_out);

enum verdict {
	VERDICT_NONE,
	VERDICT_READY,
	VERDICT_NOT_DUE,
	VERDICT_BLOCKED,
	VERDICT_CONFLICT,
	VERDICT_NOT_PERMITTED,
	VERDICT_INVALID,
	VERDICT_COUNT
};
const char *verdict_name(enum verdict verdict);

#endif
