/*
 * Which rows of scheduled_events exist for readers (engine.md, "Atomic jobs").
 *
 * A batch that is all or nothing writes rows nobody sees (job_unpublished = J)
 * and, for a stored event it changes, a changed copy, the shadow (shadow_of =
 * the event, job_unpublished = J), while the stored row stays as it is
 * (job_unpublished = -J).  One update of the job's row turns all of them
 * around; after that the shadows are folded into their events in chunks.  So
 * at every moment a reader sees each event exactly once, by this one condition.
 * `e` is a literal: the table's alias.
 */
#ifndef STORE_VISIBLE_H
#define STORE_VISIBLE_H

#define EVENT_PUBLISHED(e)                                                                                             \
	"COALESCE((SELECT pj.published FROM {batch_jobs} pj WHERE pj.id = ABS(" e ".job_unpublished)), 0)"
#define EVENT_VISIBLE(e)                                                                                               \
	"(" e ".job_unpublished = 0 OR (" e ".job_unpublished > 0) = " EVENT_PUBLISHED(e) ")"

/* A stored row, not a shadow.  Spelt so that no key on shadow_of is chosen:
 * nearly every row is one. */
#define EVENT_IS_STORED(e) "COALESCE(" e ".shadow_of, 0) = 0"
/* Readers know a shadow by its event's id. */
#define EVENT_ID(e) "COALESCE(" e ".shadow_of, " e ".id)"
/* event_resources.event_id of a row's places. */
#define EVENT_PLACES(e)                                                                                                \
	"CASE WHEN " e ".shadow_moves THEN -" e ".shadow_of ELSE " EVENT_ID(e) " END"
/* struct event's held_by: the batch that holds it, negative where its copy is what is seen. */
#define EVENT_HELD_BY(e)                                                                                               \
	"CASE WHEN " e ".job_unpublished = 0 THEN 0 WHEN " EVENT_VISIBLE(e) " THEN ABS(" e ".job_unpublished)"           \
	" ELSE -ABS(" e ".job_unpublished) END"

#endif
