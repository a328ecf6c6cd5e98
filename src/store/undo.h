/*
 * What an undo reads and writes: before-images (undo_rows), the events that a
 * batch made or changed, and who changed them since.
 *
 * Versions: row_version only ever grows, so that nobody's If-Match fits again
 * by accident.  An event that an undo has brought back also carries
 * as_version, the row_version whose state that is; what counts for an undo is
 * this one where there is one.  So undoing the later of two batches makes the
 * earlier one undoable again.
 */
#ifndef STORE_UNDO_H
#define STORE_UNDO_H

#include "rules/event.h"
#include "store/jobs.h"

/* SQL: undo_rows as `alias`, where a statement looks for those of an event for each
 * of many.  The server has to be told: on a new site it takes the table for empty
 * and reads all of it each time (an undo of 12,000 took 97 s, and takes 2). */
#define IMAGES_BY_EVENT(alias) "{undo_rows} " alias " FORCE INDEX (event_id)"

/* An event as it was before the batch changed it. */
struct undo_image {
	int64_t epoch, ordinal;      /* its key in undo_rows */
	int64_t written_version;     /* what the batch made of it */
	int64_t before_version;      /* whose state this is */
	int64_t client_taken_by;     /* another event has its client_id now; 0 = none */
	struct event event;
};

/* Who changed an event last, and when. */
struct event_change {
	int64_t event_id;
	int64_t user_id;
	const char *user_name;       /* "" = unknown */
	int64_t at_utc;
	int64_t job_id;              /* the batch whose work its state is; 0 = a single edit, or unknown */
};

/* An event that items of the chunk made or changed. */
struct undo_event {
	int64_t id;
	bool is_there;
	struct event stored;         /* only if it is there, like the next two */
	int64_t version;             /* whose state it has */
	struct event_change change;
	struct undo_image **images;  /* latest written first; none for what the batch made */
	size_t image_count;
};

struct undo_item {
	int64_t ordinal;
	enum outcome outcome;
	enum verdict verdict;
	int64_t event_id;
	struct undo_event *event;    /* NULL: this item did nothing */
	struct undo_image *image;    /* its own, or where several items of a chunk changed
	                                one event, the first one's; NULL = none (any more) */
};

struct undo_chunk {
	struct undo_item *items;     /* in ordinal order */
	size_t item_count;
	struct undo_event *events;   /* by id */
	size_t event_count;
	int64_t undone_by;           /* who asked for it */
	bool has_made;               /* of a batch that changes events: it has made some, too */
};

/* A chunk's items with all that undoing them needs to know: one statement.
 * `with_images` for batches that change events. */
MUST_USE bool undo_load(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, bool with_images,
			struct undo_chunk *chunk_out);
/* An event that made room for the one of an item. */
struct undo_displaced {
	int64_t ordinal;
	struct undo_event event;     /* without images */
	struct undo_image *image;
};
/* Those of the chunk's items that succeeded, by event id; one statement. */
MUST_USE bool undo_load_displaced(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct undo_displaced **list_out,
				  size_t *count_out);
/* What an item that succeeded took of series, as its result tells it: a JSON
 * list of {"event_id", "occurrences": [wall times]}. */
struct undo_taking {
	int64_t ordinal;
	const char *text;
};
/* By ordinal; one statement. */
MUST_USE bool undo_load_takings(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct undo_taking **list_out,
				size_t *count_out);
/* Events as they are now, those that exist, by id; without images.  One statement. */
MUST_USE bool undo_load_events(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, struct undo_event **list_out,
			       size_t *count_out);
/* An event that an item made beside the one it changed (a series divided). */
struct undo_made {
	int64_t ended_id;            /* the one it changed */
	int64_t before_version;      /* … and whose state that had before */
	struct undo_event event;     /* without images */
};
/* Those of items that succeeded, by event id; one statement. */
MUST_USE bool undo_load_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct undo_made **list_out,
			     size_t *count_out);
/* Adds the batch's other images of events that it changed in several chunks,
 * not in the order of their ordinals (a retry does); at most UNDO_CHAIN_MAX. */
#define UNDO_CHAIN_MAX 10000
MUST_USE bool undo_load_chains(struct ctx *ctx, int64_t job_id, struct undo_event *const *events, size_t count);
/* Who made or changed these events last. */
MUST_USE bool undo_changes(struct ctx *ctx, const int64_t *event_ids, size_t count, struct event_change **changes_out,
			   size_t *count_out);

/* --- in the chunk's transaction, with the calendars locked ------------------ */

/* An event to be deleted or restored; lists are sorted by event_id. */
struct undo_write {
	int64_t event_id;
	int64_t row_version;         /* as it was loaded */
	int64_t epoch, ordinal;      /* restore: of its image */
};
/* Deletes events that the batch made, without their places.  `same_out` false:
 * one of them is no longer at its row_version. */
MUST_USE bool undo_delete_events(struct ctx *ctx, int64_t job_id, const struct undo_write *list, size_t count, bool *same_out);
/* Puts the images over the events; the server copies the columns itself. */
MUST_USE bool undo_restore_events(struct ctx *ctx, int64_t job_id, int64_t undone_by, const struct undo_write *list,
				  size_t count, bool *same_out);
/* Takes the client_ids away from events that are about to get others, so that
 * two may exchange theirs. */
MUST_USE bool undo_free_client_ids(struct ctx *ctx, const int64_t *event_ids, size_t count);
/* The moments of events whose wall times are elsewhere by the zone data of today
 * than they were when their images were taken. */
struct undo_moment {
	int64_t event_id, starts_at;
};
MUST_USE bool undo_set_moments(struct ctx *ctx, const struct undo_moment *list, size_t count);
/* Of events whose last change was none of what people gave them (other zone
 * data): they still have the state of the version before, also for an undo. */
MUST_USE bool undo_same_states(struct ctx *ctx, const int64_t *event_ids, size_t count);
/* Says whose state (row_version of the list) these events have. */
MUST_USE bool undo_set_versions(struct ctx *ctx, const struct undo_write *list, size_t count);
/* --- of a batch ------------------------------------------------------------- */

/* Notes who asked for the undo; the job's row is held. */
MUST_USE bool undo_set_asker(struct ctx *ctx, int64_t job_id, int64_t user_id);
/* Moves at most `rows` before-images that no undo can use any more to the
 * history: of batches whose time for an undo is over, that have been undone, or that are
 * gone.  `more_out`: there may be others. */
MUST_USE bool undo_purge(struct ctx *ctx, int64_t rows, bool *more_out);

#endif
