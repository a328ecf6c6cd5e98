/*
 * Batches that are all or nothing, and those that are checked before anything
 * is written (engine.md, "Atomic jobs"): which passes they take, and when one
 * follows another.  Between the files of the engine.
 *
 *     check ──► do                              validate_before_execute
 *     do, in one transaction                    atomic, up to transaction_items_max items
 *     check ──► do, held back ──► publish       atomic, more items, or items that depend on each other
 *                     └─────────► withdraw
 *
 * Where items depend on each other, checking and doing go through the stages.
 *
 * What is held back is the matter of schedule/hold.h and store/visible.h.
 */
#ifndef BATCH_ATOMIC_H
#define BATCH_ATOMIC_H

#include "batch/work.h"

/* Is the whole batch one chunk, and so one transaction? */
bool atomic_in_one(const struct job *job);
/* Are its items judged before any is carried out? */
bool atomic_is_checked(const struct job *job, const struct batch_options *options);
/* What its first pass does; before anything is planned also decides which of
 * the three it is, by its size. */
enum job_work atomic_first_work(const struct config *config, struct job *job, const struct batch_options *options);
/* The outcomes that a retry of `outcomes` works on: a batch that wrote nothing
 * begins from the start. */
uint32_t atomic_retrying(const struct job *job, const struct batch_options *options, uint32_t outcomes);

/* How a chunk of the present pass sees its items: sets the slice's flags. */
void atomic_prepare(const struct worker *worker, struct slice *slice);
/* With which events the items are loaded. */
enum items_with atomic_items_with(const struct worker *worker);
/* After the slice was applied: a check leaves what is good as it was. */
void atomic_judge(const struct worker *worker, struct slice *slice);

/* Does the present pass put in place or withdraw what is held back?  Then a
 * chunk of it is worked by atomic_fold(), in the finishing transaction. */
bool atomic_is_fold(const struct job *job);
MUST_USE bool atomic_fold(struct worker *worker, const struct chunk *chunk, int64_t began_ms);

/* May another pass follow this one?  Asked before the next one. */
bool atomic_may_follow(const struct job *job);
/* If the present pass is through, or in vain, begins the next or ends the job;
 * moved_out: the job's row is another now.  Repeating it is harmless. */
MUST_USE bool atomic_follow(struct ctx *ctx, const struct job *job, bool *moved_out);

#endif
