/*
 * The world of the kill sweep: a small domain that is the same before every
 * run, and its state afterwards as one text in which ids that depend on the
 * run don't occur.
 */
#ifndef FAULTS_WORLD_H
#define FAULTS_WORLD_H

#include "base/config.h"
#include "base/ctx.h"
#include "batch/batch.h"
#include "db/db.h"

/* Prints and exits: the sweep itself is broken, not the program. */
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A process of the program, not connected yet. */
struct ctx *world_ctx(const struct config *config);
/* The same with a connection. */
struct ctx *world_process(const struct config *config);
/* Contents, venues, people: once. */
void world_make(struct ctx *ctx);
/* No batch, 40 stored events: before every run. */
void world_reset(struct ctx *ctx);

void world_sql(struct ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t world_number(struct ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* All leases have run out, all waits after an error are over. */
void world_release(struct ctx *ctx);
/* Is somebody within a transaction on the batch, or (of one with a key) on its items or its key? */
bool world_is_locked(struct ctx *ctx, bool with_key);
/* The id of the batch under test, 0 before there is one. */
int64_t world_job(struct ctx *ctx);

/* Everything that must not depend on faults, in the arena of `ctx`.  How often
 * a calendar was written does depend on them where a chunk's holders died
 * twice: it is then worked item by item, which `with_bumps` false allows. */
const char *world_state(struct ctx *ctx, bool with_bumps);
/* The invariants of engine.md; NULL, or which one is broken.  `is_ended`: also
 * those that hold once all batches have ended. */
const char *world_broken(struct ctx *ctx, bool is_ended);

#endif
