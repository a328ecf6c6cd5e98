/*
 * What a batch that is all or nothing holds until it is published (visible.h):
 * events nobody sees yet, and shadows, the changed copies of stored events.
 *
 * Every function is a constant number of statements for a list of events, in
 * the caller's transaction.  Lists of ids are sorted and without duplicates;
 * busy rows are the caller's (their keys are known from the events).
 */
#ifndef STORE_SHADOWS_H
#define STORE_SHADOWS_H

#include "store/events.h"

/* Marks stored events as held by a batch; same_out false: one of them already
 * is held, or is gone. */
MUST_USE bool events_hold(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, bool *same_out);
MUST_USE bool events_release(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count);

/* events_save_undo() where the event as it stands is a shadow of this batch. */
MUST_USE bool shadows_save_undo(struct ctx *ctx, int64_t job_id, int32_t epoch, const struct event_undo *list, size_t count,
				bool *same_out);
/* A changed copy to be written; the event's own client_id is kept for the stored row. */
struct shadow_write {
	struct event_write write;
	bool moves;            /* has places of its own: the caller writes them */
	bool is_new_client;    /* client_id is not the stored one: it is taken from now on */
};
/* A client_id that exists is FAIL_CONFLICT (duplicate_key). */
MUST_USE bool shadows_insert(struct ctx *ctx, int64_t job_id, int64_t updated_by, const struct shadow_write *list, size_t count);
/* Of shadows that were written as if their client_id were the stored one: those
 * that have another take it from now on.  Fails like shadows_insert(). */
MUST_USE bool shadows_take_clients(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count);
/* Deletes shadows and their resources. */
MUST_USE bool shadows_delete(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count);

/* The shadows of these events, locked; event->id is the event's. */
struct shadow {
	struct event event;
	bool moves;            /* has places of its own */
};
MUST_USE bool shadows_load(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, struct shadow **list_out,
			   size_t *count_out);
/* Those stored events that the batch holds. */
MUST_USE bool events_load_held(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, struct event **list_out,
			       size_t *count_out);
/* Puts the shadows in the place of their events: `moved` of them with their
 * resources. */
MUST_USE bool shadows_fold(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, const int64_t *moved,
			   size_t moved_count);

/* The events that have before-images in an ordinal range, sorted, each once. */
MUST_USE bool undo_rows_events(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, int64_t **ids_out, size_t *count_out);
/* The before-images of a change that never was. */
MUST_USE bool undo_rows_forget(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last);

/* What a batch has made in an ordinal range and nobody sees yet: told, shown, deleted. */
MUST_USE bool events_load_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct event **list_out,
			       size_t *count_out);
MUST_USE bool events_show_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last);
MUST_USE bool events_delete_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, const int64_t *ids, size_t count);

#endif
