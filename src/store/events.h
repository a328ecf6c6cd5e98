/*
 * Rows of scheduled_events, with their resources; reads for people and the
 * set-based writes of the engine.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "base/ctx.h"
#include "db/db.h"
#include "rules/event.h"
#include "rules/filter.h"
#include "store/sql_time.h"
#include "store/visible.h"

/* One event with resources and assignees.  Events of unpublished atomic
 * batches do not exist for readers.  FAIL_NOT_FOUND (event_not_found). */
MUST_USE bool event_get(struct ctx *ctx, int64_t id, struct event *event_out);

/* Events that match, by id after `after_id`, at most `limit` (1..500). */
MUST_USE bool events_page(struct ctx *ctx, const struct event_filter *filter, int64_t after_id, int32_t limit,
			  struct event **events_out, size_t *count_out);
/* Where a walk over matching events stands: by id, or by start from the
 * earliest (1) or the latest (-1) on. */
struct event_order {
	int32_t direction;
	int64_t after_utc;
	int64_t after_id;      /* 0 = before the first */
};
/* The ids after that place in that order; the place moves to the last of them. */
MUST_USE bool events_ids(struct ctx *ctx, const struct event_filter *filter, struct event_order *order, int32_t limit,
			 int64_t **ids_out, size_t *count_out);
/* What permissions are asked about, of these events; sorted by id, without
 * those that are not there. */
struct event_kind {
	int64_t id;
	const char *schedule_type;
	int64_t created_by;
};
/* Events by id, with the names of who made them; sorted, those that are there
 * and no batch holds back. */
struct named_event {
	struct event event;
	const char *maker_name;
};
MUST_USE bool events_by_ids(struct ctx *ctx, const int64_t *ids, size_t count, struct named_event **list_out, size_t *count_out);
/* Those of these events that readers see, as they see them, by id. */
MUST_USE bool events_seen(struct ctx *ctx, const int64_t *ids, size_t count, struct event **events_out, size_t *count_out);
MUST_USE bool events_kinds(struct ctx *ctx, const int64_t *ids, size_t count, struct event_kind **kinds_out, size_t *count_out);
/* How many match, counted up to `cap` (so that a count never scans a table). */
MUST_USE bool events_count(struct ctx *ctx, const struct event_filter *filter, int64_t cap, int64_t *count_out);

/* --- for the engine ------------------------------------------------------- */

/* The select list of a whole event, of table alias e, and its types. */
#define EVENT_COLUMNS                                                                                                  \
	EVENT_ID("e") ", e.client_id, e.content_id, e.version_no, e.schedule_type, e.title, "                           \
	SQL_SECONDS("e.starts_at") ", " SQL_SECONDS("e.ends_at") ", e.duration_s, e.timezone, "                          \
	SQL_SECONDS("e.local_start") ", e.attributes, e.priority, e.status, e.row_version, e.created_by,"          \
	" e.recurrence, e.exdates, e.rdates, e.overrides, " SQL_SECONDS("e.until_at") ", "                               \
	SQL_SECONDS("e.expanded_through") ", e.conditions, e.misfire, e.grace_s, e.superseded_by,"                       \
	" (SELECT GROUP_CONCAT(CONCAT(LEFT(r.role, 1), r.resource_id) ORDER BY r.resource_id)"                          \
	" FROM {event_resources} r WHERE r.event_id = " EVENT_PLACES("e") "), " EVENT_HELD_BY("e")
#define EVENT_TYPES "isiissiiisisisiissssiissiisi"
#define EVENT_COLUMN_COUNT 28

/* SET list: e gets all that a person gives from the row `s` (a literal alias). */
#define EVENT_COPY(s)                                                                                                  \
	"e.client_id = " s ".client_id, e.content_id = " s ".content_id, e.version_no = " s ".version_no,"               \
	" e.schedule_type = " s ".schedule_type, e.title = " s ".title, e.starts_at = " s ".starts_at,"                  \
	" e.ends_at = " s ".ends_at, e.duration_s = " s ".duration_s, e.timezone = " s ".timezone,"                      \
	" e.local_start = " s ".local_start, e.recurrence = " s ".recurrence, e.until_at = " s ".until_at,"              \
	" e.exdates = " s ".exdates, e.rdates = " s ".rdates, e.overrides = " s ".overrides,"                            \
	" e.expanded_through = " s ".expanded_through, e.conditions = " s ".conditions,"                                 \
	" e.attributes = " s ".attributes, e.priority = " s ".priority, e.status = " s ".status,"                        \
	" e.misfire = " s ".misfire, e.grace_s = " s ".grace_s, e.superseded_by = " s ".superseded_by,"                  \
	" e.payload_hash = " s ".payload_hash"

/* Reads those columns, the first of which is number `column`. False when the
 * row has no event (outer join). */
bool event_from_row(struct ctx *ctx, const struct db_rows *rows, size_t row, size_t column, struct event *event_out);

/* "r12,a13,r14", NULL = none: the resources and assignees of an event. */
void event_read_places(struct arena *arena, const char *text, struct event *event);

/* One event to be written. */
struct event_write {
	const struct event *event;
	int64_t ordinal;       /* origin_ordinal of a new one */
	uint64_t payload_hash;
	int64_t id;            /* of a new one; events_insert() fills it in */
	const struct event *before; /* of a changed one: as it is stored; NULL = unknown */
};

/* Who makes new events: a batch (0 = a single edit, count 1), for its creator;
 * is_unpublished: nobody sees them before the batch is published. */
struct event_maker {
	int64_t job_id;
	int64_t created_by;
	bool is_unpublished;
};
/* Inserts new events,
 * in ordinal order.  Their ids are what the server says, never computed: a
 * cluster steps them.  A client_id that exists is FAIL_CONFLICT (duplicate_key). */
MUST_USE bool events_insert(struct ctx *ctx, struct event_maker maker, struct event_write *list, size_t count);
/* Writes changed events over what is there: a person's columns (those of which
 * none is used before or after may be left alone), row_version and who did it. */
MUST_USE bool events_update(struct ctx *ctx, int64_t updated_by, const struct event_write *list, size_t count);
/* Copies events as they are now into undo_rows; `list` is sorted by event_id
 * without duplicates.  `same_out` false: one of them is no longer at its
 * row_version.  The change that follows sets row_version + 1. */
struct event_undo {
	int64_t event_id;
	int64_t ordinal;
	int64_t row_version;
};
MUST_USE bool events_save_undo(struct ctx *ctx, int64_t job_id, int32_t epoch, const struct event_undo *list, size_t count,
			       bool *same_out);
/* The same into event_history, for what no undo puts back: single edits (job_id
 * 0) and undos themselves.  The ordinals are not looked at. */
MUST_USE bool events_keep_state(struct ctx *ctx, int64_t job_id, const struct event_undo *list, size_t count, bool *same_out);
/* Deletes the rows of event_resources of these events. */
MUST_USE bool events_clear_resources(struct ctx *ctx, const int64_t *event_ids, size_t count);
/* Inserts the rows of event_resources. */
MUST_USE bool events_insert_resources(struct ctx *ctx, const struct event *const *events, size_t count);

#endif
