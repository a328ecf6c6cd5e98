/*
 * A slice: up to 1,000 operations that are read, checked, decided and written
 * together, with a constant number of statements.
 *
 * The engine works a chunk as one slice; a single edit is a slice of one.  The
 * steps, in order:
 *
 *     slice_read()      JSON -> typed, every field judged          pure
 *     slice_look_up()   contents, versions, resources, duplicates  one statement
 *     slice_check()     evaluations: probe and sweep, no locks     one statement
 *     -- or, in the caller's transaction --
 *     slice_apply()     lock calendars, probe, decide, write
 *
 * An undo reads what was written instead of what was sent: slice_load_undo()
 * stands in the place of the first two.
 *
 * After them every item has its outcome and slice_detail() tells why.  A slice
 * lives in one arena; nothing of it outlives the chunk.
 */
#ifndef SCHEDULE_SLICE_H
#define SCHEDULE_SLICE_H

#include "base/ctx.h"
#include "rules/condition.h"
#include "rules/conflict.h"
#include "rules/event.h"
#include "rules/event_scope.h"
#include "rules/filter.h"
#include "rules/permission.h"
#include "rules/resolution.h"
#include "store/decisions.h"
#include "store/items.h"
#include "store/calendar_notes.h"
#include "store/calendars.h"
#include "store/references.h"
#include "store/undo.h"

#define SLICE_ITEMS_MAX 1000

enum slice_kind { SLICE_CREATE, SLICE_UPDATE, SLICE_EVALUATE, SLICE_UNDO, SLICE_ACTIVATE };

/* How conflicts are resolved; a single edit uses RESOLUTION_DEFAULT. */
struct resolution {
	enum on_conflict on_conflict;
	enum conflict_scope scope;
	int64_t shift_limit_s;        /* 0 .. SHIFT_LIMIT_MAX_S */
	int64_t shift_grid_s;         /* 1 .. 86,400 */
	const char *reason;           /* kept in the log; NULL = none */
};
#define SHIFT_LIMIT_MAX_S (90LL * 86400)
#define SHIFT_LIMIT_DEFAULT_S (7LL * 86400)
#define SHIFT_GRID_DEFAULT_S 300
#define RESOLUTION_DEFAULT                                                                                             \
	((struct resolution){ .shift_limit_s = SHIFT_LIMIT_DEFAULT_S, .shift_grid_s = SHIFT_GRID_DEFAULT_S })

/* Undo: a date of a series that an item took. */
struct given {
	int64_t date;                 /* by wall time */
	struct slice_item *item;
	bool is_back;
	int64_t taken_by;             /* who has its place, where it can't come back */
};

/* An event that updates of this slice change: as stored, and as it stands
 * after the items decided so far.  Or one that is put back. */
struct target {
	struct event stored;
	struct event current;
	int64_t first_ordinal;        /* of the first item that changed it */
	bool is_changed;
	bool is_moving;               /* its stored intervals are left out of the sweep */
	int64_t shifted_s;            /* moved on so far by items that found their time taken */
	bool may_move;                /* that was so before anything was decided */
	bool is_of_batch;             /* displaced: this batch has made or changed it */
	bool has_lost;                /* displaced: this batch has taken occurrences of it before */
	int64_t *lost;                /* displaced: occurrences, by wall times, that others are to have; NULL = all of it */
	size_t lost_count;
	struct slice_item *taken_by;  /* displaced: who is to have its place; NULL = it stays. Undo: who had it */
	const char *left_why;         /* displaced, undo: why it stays superseded; NULL = it comes back */
	enum code left_code;
	const struct event_change *left_change;
	const struct undo_image *image; /* undo: what it becomes again; NULL = it goes away */
	bool is_rederived;            /* undo: it begins at another moment than its image says */
	struct given *given;          /* undo of what took occurrences: those that may come back */
	size_t given_count;
	const struct occurrence *all; /* … with all of them (undo_dates.c); NULL = not looked at yet */
	size_t all_count;
	int64_t version;              /* … whose state it has */
	int64_t as_version;           /* … and will have; 0 = not such */
	int64_t follows;              /* undo: it carries on from this event, and goes or stays with its change; 0 = none */
};

/* Occurrences of a series that made room, by their wall times. */
struct taken {
	int64_t event_id;
	const int64_t *occurrences;
	size_t count;
};

/* What was done about an item's conflicts. */
struct resolved {
	enum on_conflict action;      /* ON_CONFLICT_FAIL = nothing */
	int64_t from_utc, to_utc;     /* shift: when it was to start, and when it does */
	const int64_t *replaced;      /* replace: events that were superseded */
	size_t replaced_count;
	struct taken *taken;          /* replace: series that gave up occurrences */
	size_t taken_count;
	const int64_t *left_out;      /* skip: occurrences, by their wall times */
	size_t left_out_count;
};

struct slice_item {
	int64_t ordinal;
	const char *input;            /* JSON text */
	const struct item_row *row;   /* as it was loaded */
	enum outcome outcome;         /* PENDING until decided */
	enum verdict verdict;
	bool was_worked;              /* false: keeps the outcome it had before this slice */
	bool is_unreadable;           /* could not be read when it arrived: failed for good */
	int64_t event_id;             /* made or changed */
	struct event event;           /* proposed: complete (create, evaluate) or values (update) */
	struct target *target;        /* update, evaluate of a stored event */
	int64_t expected_version;     /* 0 = any */
	int64_t shift_s;              /* update: moves the start by so much */
	enum edit_scope scope;        /* update: EDIT_ALL, or one occurrence, or those from it on: */
	int64_t occurrence;           /* its original wall time */
	int64_t due_at;               /* activation: when its event was due as it was taken */
	uint64_t payload_hash;
	struct issues issues;
	struct issues warnings;
	struct conflicts *conflicts;  /* NULL = none found */
	struct ruling *rulings;       /* on restrictions that are told about, at most ITEM_RULINGS_MAX */
	size_t ruling_count;
	const struct condition_result *conditions; /* evaluate: NULL = it has none */
	struct resolved resolved;
	bool is_sought;               /* evaluate: with on_conflict shift another time was looked for: */
	const struct event *shifted;  /* the event then; NULL = there is none */
	struct event *next;           /* EDIT_FOLLOWING: the event that carries on; NULL = not decided, or none does */
	const struct content_ref *content;
	struct slice_item *twin;      /* an earlier item of this slice that is the same event */
	const struct decision *decision; /* what a person decided about its conflict; NULL = nothing */
	int64_t intervals;            /* of what recurs: how many, before and after */
	const struct event *expanded; /* update: what the event was to become, with its occurrences; NULL = none yet */
	const struct event_change *change; /* undo_conflict: who stands in the way; NULL = unknown */
};

struct slice {
	struct ctx *ctx;
	enum slice_kind kind;
	const struct actor *actor;    /* with whose rights: the job's creator */
	int64_t job_id;               /* 0 = single edit */
	int32_t epoch;
	unsigned reading;             /* EVENT_NORMALISE, EVENT_MINUTELY (rules/event.h) */
	uint32_t retrying;            /* outcomes worked on again (OUTCOME_BIT, RETRY_DECIDED); 0 = what is pending */
	struct resolution resolution;
	int64_t conflict_window_s;
	size_t conflict_details;      /* listed per item, <= CONFLICTS_LISTED_MAX */
	size_t list_occurrences;      /* evaluate: listed per item that recurs */
	int64_t from_evaluation;      /* what it found ready is made; 0 = no */
	bool all_or_nothing;          /* write nothing if any item fails: the good ones stay pending */
	bool is_unpublished;          /* what is written is held back until the batch is published (store/visible.h) */
	bool dry_run;                 /* decide as if, write only the plan */
	bool use_plan;                /* see busy_plan of this job */
	bool is_check;                /* judged only, what is good stays pending (slice_withdraw) */
	bool conflicts_only;          /* evaluate: nothing but conflicts counts */
	bool rests_on_notes;          /* made from an evaluation: only calendars that moved since are looked at */
	const struct noted_calendars *noted_before; /* an evaluation: tells on which versions its results rest, but for these: */
	const struct calendar_key *noted;
	int64_t *noted_versions;
	size_t noted_count;
	bool check_compliance;        /* restrictions count … */
	bool skip_compliance;         /* … but not for those who may decide conflicts of the event's type */
	bool check_due;               /* evaluate: is its moment there? */
	bool is_linked;               /* items may depend on each other: */
	int32_t stage;                /* only those of this stage are worked */

	struct slice_item *items;     /* consecutive ordinals */
	size_t count;
	struct target *targets;
	size_t target_count;
	struct target *displaced;     /* by event id: what stands in the way of items that replace it */
	size_t displaced_count;
	struct references refs;
	int64_t now_utc;              /* the database's clock when it was looked up */
	int64_t cut_at;               /* from this item on it is too much for one slice: to be worked without; 0 = no */
	int64_t waited_ms;            /* for the calendars' locks */
	struct newer_version *newer;  /* than what is scheduled (versions.h), once they are known: */
	size_t newer_count;
	bool newer_are_known;
	bool has_older;               /* some item may schedule a version that is neither the latest nor older than the live one */
	bool recurs;                  /* one of its events does */
	bool divides;                 /* undo: some of its items divided series */
	int64_t undone_by;            /* undo: who asked for it */
	struct activation *activations; /* activation: as `items` */
};

#define ITEM_RULINGS_MAX CONFLICTS_LISTED_MAX

/* Makes a slice over loaded rows; items that have an outcome keep it unless it
 * is being retried. */
void slice_init(struct slice *slice, struct ctx *ctx, const struct item_row *rows, size_t count);

/* The JSON Pointer of a field of the event that an item proposes: "/starts_at",
 * of an update "/values/starts_at". */
const char *slice_pointer(const struct slice *slice, const char *field);

/* The target with this event id, or NULL. */
struct target *slice_target(const struct slice *slice, int64_t event_id);

/* The same among what is displaced. */
struct target *slice_displaced(const struct slice *slice, int64_t event_id);

/* Reads every pending item by the slice's kind. */
void slice_read(struct slice *slice);
MUST_USE bool slice_look_up(struct slice *slice);
MUST_USE bool slice_check(struct slice *slice);
/* Inside a transaction whose first statement was the fence.  FAIL_RETRY wants
 * the whole transaction again (also a client_id that appeared meanwhile). */
MUST_USE bool slice_apply(struct slice *slice);

/* What the item proposes: the event as it would be; times stay as they were
 * where its values can't be put over the stored ones. */
void slice_proposal(const struct slice *slice, struct slice_item *item, struct event *proposed_out);
/* What is to be done about this item's conflicts, and whose permissions count
 * for it: as the batch's options and maker, or as who decided about it. */
enum on_conflict slice_on_conflict(const struct slice *slice, const struct slice_item *item);
enum conflict_scope slice_conflict_scope(const struct slice *slice, const struct slice_item *item);
const struct actor *slice_resolver(const struct slice *slice, const struct slice_item *item);

/* For an activation, in the place of slice_look_up(): conditions, occurrences
 * that are due and what becomes of them.  Four statements at most. */
MUST_USE bool activation_look_up(struct slice *slice);

/* Did no item fail? */
bool slice_is_good(const struct slice *slice);
/* Leaves what did not fail as it was before: not worked on. */
void slice_withdraw(struct slice *slice);
/* For an undo: the job's items `first` to `last`, what they did and who has
 * changed it since.  `with_images`: they changed events, else they made them.
 * One statement, two where places are to be taken again, three where a retry
 * changed an event out of order. */
MUST_USE bool slice_load_undo(struct slice *slice, struct ctx *ctx, int64_t first, int64_t last, bool with_images);

/* The item's errors, conflicts and warnings as JSON (api.md, "item result"),
 * NULL when there is nothing to tell.  Owned by the arena. */
const char *slice_detail(const struct slice *slice, const struct slice_item *item);
/* The outcomes, for items_write(); owned by the arena. */
struct item_outcome *slice_outcomes(const struct slice *slice);

/* How much a slice may occupy, before and after; one that is a whole batch in one
 * transaction six times as much.  An interval is some 400 bytes while it is worked,
 * with what is stored beside it.  What may be shifted looks at every day of its
 * calendars from its own on, so that of a hot one hundreds are read for each. */
#define SLICE_INTERVALS_MAX 6000
#define SLICE_SHIFTED_INTERVALS_MAX 600
/* Fills in the occurrences of what recurs: of proposals, and of targets as they
 * are stored.  Stops where it becomes too much (cut_at), and then nothing is to
 * be done with the slice.  Part of slice_look_up(). */
MUST_USE bool slice_expand_all(struct slice *slice);
/* Those of one proposal, or an issue. */
MUST_USE bool slice_expand(const struct slice *slice, struct event *event, struct issues *issues);
/* What the event becomes by an update's item, occurrences included; what ends
 * before an occurrence has those it had. */
MUST_USE bool slice_propose(const struct slice *slice, struct slice_item *item, struct event *proposed, struct issues *issues);

/* Does the item divide its event as it is now?  From its first occurrence on it
 * is the whole of it (following.c). */
bool slice_divides(const struct slice_item *item);
/* The event that then carries on; carries_on_out false: none does. */
MUST_USE bool slice_propose_next(const struct slice *slice, struct slice_item *item, struct event *next, bool *carries_on_out,
				 struct issues *issues);
/* Who an event is to name as the one that took its place. */
int64_t slice_successor(const struct slice_item *item);

/* At most so many intervals an event occupies. */
size_t event_interval_count(const struct event *event);
/* They themselves, with the owner given, into a list with room for
 * event_interval_count(); how many there are.  Content first. */
size_t event_intervals(const struct event *event, int64_t owner, struct interval *list);
/* Does the change alter what the event occupies?  Others need no probe and no
 * new rows of busy. */
bool event_moves(const struct event *before, const struct event *after);

#endif
