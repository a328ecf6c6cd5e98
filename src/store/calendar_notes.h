/*
 * Rows of batch_calendars: on which version of which calendar the results of an
 * evaluation rest; so the batch that creates what was ready looks again only
 * where somebody has been since (data-model.md, "Evaluation").
 *
 * An evaluation notes the lowest version that any of its chunks has read.  The
 * batch made from it has the notes as its own and takes its own writes into
 * them, under the calendars' locks; a calendar that anybody else has bumped
 * stays behind for good and is probed every time.
 */
#ifndef STORE_CALENDAR_NOTES_H
#define STORE_CALENDAR_NOTES_H

#include "store/calendars.h"

/* Instead of a version: noted before, as it was then, so there is no need to note it again. */
#define CALENDAR_NOTED (-1)

/* Which calendars one process has noted for one evaluation, as far as it
 * remembers: of what it has forgotten it looks up the version again, which costs
 * three times the rest of that look-up (2.4 us), and notes it in vain. */
#define NOTED_BITS 12
struct noted_calendars {
	int64_t keys[1 << NOTED_BITS];
};
bool calendar_is_noted(const struct noted_calendars *noted, enum calendar_kind kind, int64_t id);
/* After the commit of calendars_note(). */
void calendars_remember(struct noted_calendars *noted, const struct calendar_key *list, size_t count);

/* Notes the versions that were read of these calendars (sorted), but for those
 * that are CALENDAR_NOTED: one statement, none when all are. */
MUST_USE bool calendars_note(struct ctx *ctx, int64_t job_id, const struct calendar_key *list, const int64_t *versions, size_t count);

/* Where a copy of notes stands; begin with zeros. */
struct note_copy {
	int32_t kind;
	int64_t ref_id;
	bool is_done;
};
/* Copies at most `limit` notes to another batch, in key order: one step. */
MUST_USE bool calendars_copy_notes(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t limit, struct note_copy *copy);

/* Which of these calendars, locked and bumped `bumps` times by this
 * transaction, are as the batch's notes say; those are noted as they are now.
 * Two statements. */
MUST_USE bool calendars_unmoved(struct ctx *ctx, int64_t job_id, const struct calendar_key *list, size_t count, int64_t bumps,
				bool *unmoved_out);

#endif
