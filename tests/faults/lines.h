/*
 * The batches of the kill sweep: mixed creates, updates, evaluations, and
 * batches that are paused or cancelled on the way.
 */
#ifndef FAULTS_LINES_H
#define FAULTS_LINES_H

#include "batch/batch.h"

#define SLICES_MAX 4
#define LINES_MAX 32

/* A time budget that is over when the first step has been taken, however quick that was. */
#define ONE_STEP (-1)

/* STEER_UNDO: when it has ended, some of its events are changed by another and it is undone.
 * STEER_RETRY: when it has ended, a content that was missing is there and it is retried.
 * STEER_DECIDE: when it has ended, its conflicts are decided: one is skipped, the others are to be shifted.
 * STEER_GIVE_UP: cancelled when something is written that nobody sees yet. */
enum steering { STEER_NOT, STEER_PAUSE, STEER_CANCEL, STEER_ROLL_BACK, STEER_UNDO, STEER_RETRY, STEER_DECIDE, STEER_GIVE_UP };

struct line {
	const char *name;
	enum job_type type;
	const char *options;
	enum steering steering;
	int goes_on_from;               /* 1 + the line that it is the same as up to there; 0 = none */
	bool is_linked;                 /* items that depend on each other */
	bool is_keyed;                  /* one body with an Idempotency-Key, several groups long */
	bool is_good;                   /* every item can be carried out */
	void (*item)(struct str *out, int i, int kind); /* of what it consists; NULL = as the others say */
	bool in_any_order;              /* whichever chunk comes first makes calendars, and counts those that it found twice */
	bool makes_room;                /* items that want the places of stored events and of each other */
	bool swaps_places;              /* items that take each other's places, which they can within one chunk */
	int items;                      /* 0 = as many as asked for */
	const char *slices[SLICES_MAX]; /* JSON lists; kept until the process ends */
	size_t slice_count;
};

/* Batches of 30 items, or 44 and more of them; the seed chooses the mixture.  How many. */
size_t lines_make(struct line *lines, bool is_long, uint64_t seed);

/* Reads from a text: a byte_source whose `user` is a const char **. */
long line_read(void *user, char *buffer, size_t size);

uint64_t line_random(uint64_t *state);

#endif
