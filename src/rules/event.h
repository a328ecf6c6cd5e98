/*
 * A scheduled event, typed, and the rules of what makes one valid.
 *
 * JSON (from the API, from a CSV row, from a stored item) becomes a struct
 * event here and nowhere else, so a form, a file and a call are judged alike.
 * Pure: no I/O, no clock; whether a content, version or resource exists is
 * checked later, set-based, by schedule/.
 */
#ifndef RULES_EVENT_H
#define RULES_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/issue.h"
#include "base/json.h"
#include "base/zone.h"

#define EVENT_DURATION_MAX_S (31 * 86400)
#define EVENT_TITLE_MAX 255        /* characters */
#define EVENT_CLIENT_ID_MAX 100
#define EVENT_TYPE_MAX 32
#define EVENT_RESOURCES_MAX 50     /* resources, and as many assignees */
#define EVENT_PRIORITY_MAX 1000    /* -1000..1000 */
#define EVENT_DATES_MAX 1000       /* exdates, and as many rdates */
#define EVENT_OVERRIDES_MAX 200
#define EVENT_GRACE_S 3600         /* unless the event says otherwise */
#define EVENT_GRACE_MAX_S (31 * 86400)

/* Which fields an item gave; `values` of an update give some of them. */
enum event_field {
	FIELD_CLIENT_ID = 1u << 0,
	FIELD_CONTENT_ID = 1u << 1,
	FIELD_VERSION_NO = 1u << 2,
	FIELD_SCHEDULE_TYPE = 1u << 3,
	FIELD_TITLE = 1u << 4,
	FIELD_STARTS_AT = 1u << 5,
	FIELD_ENDS_AT = 1u << 6,
	FIELD_DURATION_S = 1u << 7,
	FIELD_TIMEZONE = 1u << 8,
	FIELD_LOCAL_START = 1u << 9,
	FIELD_RESOURCES = 1u << 10,
	FIELD_ASSIGNEES = 1u << 11,
	FIELD_PRIORITY = 1u << 12,
	FIELD_ATTRIBUTES = 1u << 13,
	FIELD_STATUS = 1u << 14, /* new: draft, scheduled; updates also: cancelled, archived */
	FIELD_RECURRENCE = 1u << 15,
	FIELD_EXDATES = 1u << 16,
	FIELD_RDATES = 1u << 17,
	FIELD_OVERRIDES = 1u << 18,
	FIELD_CONDITIONS = 1u << 19,
	FIELD_MISFIRE = 1u << 20,
	FIELD_GRACE_S = 1u << 21,
};

enum event_status {
	EVENT_DRAFT,
	EVENT_SCHEDULED,
	EVENT_PROCESSING,
	EVENT_COMPLETED,
	EVENT_FAILED,
	EVENT_MISSED,
	EVENT_SUPERSEDED,
	EVENT_CANCELLED,
	EVENT_ARCHIVED,
	EVENT_STATUS_COUNT
};
const char *event_status_name(enum event_status status);
bool event_status_by_name(const char *name, enum event_status *status_out);
/* Does an event in this status take part in conflicts? (draft, scheduled, processing;
 * completed: it has begun, and its places are taken until it ends) */
bool event_status_is_busy(enum event_status status);
/* May it still be edited? (draft, scheduled, failed, missed, cancelled) */
bool event_status_is_editable(enum event_status status);

/* What becomes of an event whose moment passed while nobody was there. */
enum misfire {
	MISFIRE_RUN_LATE, /* it happens late, as long as its grace lasts; of a series the latest occurrence */
	MISFIRE_SKIP,     /* it is missed */
	MISFIRE_RUN_ALL,  /* every occurrence that was passed over happens, however late */
	MISFIRE_COUNT
};
const char *misfire_name(enum misfire misfire);
bool misfire_by_name(const char *name, enum misfire *misfire_out);

/* An occurrence of an event that recurs. */
struct occurrence {
	int64_t local_start;        /* its original wall time, which names it */
	int64_t start_utc, end_utc;
	int32_t version_no;
	enum zone_flag flag;
};

struct event {
	uint32_t given;             /* enum event_field bits */
	int64_t id;                 /* 0 = not stored yet */
	const char *client_id;      /* NULL = none */
	int64_t content_id;
	int32_t version_no;         /* 0 = the latest when the moment comes */
	const char *schedule_type;  /* default "publish" */
	const char *title;          /* default "" */
	int64_t starts_at;          /* UTC seconds */
	int64_t ends_at;            /* = starts_at + duration_s once resolved */
	int64_t duration_s;
	const char *timezone;       /* IANA name or NULL */
	int64_t local_start;        /* wall clock seconds; meaningful if timezone != NULL */
	enum zone_flag time_flag;   /* gap or fold of local_start */
	int64_t *resources;         /* sorted, without duplicates */
	size_t resource_count;
	int64_t *assignees;
	size_t assignee_count;
	int32_t priority;
	const char *attributes;     /* JSON object text or NULL */
	enum event_status status;
	const char *recurrence;     /* RRULE, normalised; NULL = happens once */
	int64_t *exdates;           /* wall times left out; sorted, without duplicates */
	size_t exdate_count;
	int64_t *rdates;            /* wall times added, likewise */
	size_t rdate_count;
	const char *overrides;      /* JSON text {"<original wall time>": {fields}} or NULL */
	const char *conditions;     /* JsonLogic text or NULL */
	enum misfire misfire;
	int64_t grace_s;            /* so long after its moment it may still happen */
	int64_t until_at;           /* of a series: end of its last occurrence, UTC; 0 = endless */
	int64_t expanded_through;   /* of a series: its occurrences are known up to here, UTC */
	const struct occurrence *occurrences; /* of a series, sorted by start; NULL = not loaded, or none */
	size_t occurrence_count;
	int64_t superseded_by;      /* stored events: the one that took its place; 0 = none */
	int64_t row_version;        /* stored events: counts changes */
	int64_t created_by;
	int64_t held_by;            /* batch that is all or nothing, has changed it and has not ended; negative: what is
				     * seen of the event is no longer this row; 0 = none */
	bool lends_client;          /* a changed copy that has its stored row's client_id */
	bool normalise;             /* event_read()'s: a start that is no occurrence moves to the first one */
	const char *base;           /* event_read()'s, borrowed: where event_apply() points to */
};

enum event_reading {
	EVENT_NEW = 0,             /* content_id and a start are required; defaults are filled in */
	EVENT_VALUES = 1,          /* every field may be left out; null resets to the default */
	EVENT_NORMALISE = 1 << 1,  /* as if every item said normalise */
	EVENT_MINUTELY = 1 << 2,   /* FREQ=MINUTELY is taken */
};

/* Reads one JSON object into `event`.  `reading`: EVENT_NEW or EVENT_VALUES,
 * with the others added.  Every field is checked and every
 * problem added to `issues` with a pointer below `base` ("" or "/values"; it
 * must outlive the event).  Texts are copied into issues->arena.  True when
 * there was nothing to add.  After EVENT_NEW the times agree with each other;
 * after EVENT_VALUES they are as given, for event_apply().
 * An unknown field is CODE_UNKNOWN_FIELD with the nearest known name as
 * suggestion. */
bool event_read(const json_t *object, unsigned reading, const char *base,
		struct event *event, struct issues *issues);

/* Puts the given fields of `values` over `event` and derives the times again:
 * a new start keeps the duration, a new end changes it, a new timezone keeps
 * the wall time if the event has one, else the instant; a timezone taken away
 * keeps the instant.  A series whose start moves takes its exceptions along, and
 * its end unless that is a day.  Issues as above, below values->base; the event is
 * then not to be used. */
bool event_apply(struct event *event, const struct event *values, struct issues *issues);

/* Moves the event to where its wall time is by the zone data of today.  True when
 * that is another moment; false when it is the same (of a wall time that comes
 * twice either one), it has no zone, or nothing is known of its zone. */
bool event_rederive(struct event *event);

/* Equal in everything a person can give? (for `unchanged` and `duplicate`)
 * What the program does with an event (processing, completed, failed, missed)
 * does not make it another one, nor does the order or spacing of attributes. */
uint64_t event_payload_hash(const struct event *event);

/* Which fields differ (enum event_field bits; times count as FIELD_STARTS_AT /
 * FIELD_DURATION_S / FIELD_TIMEZONE). */
uint32_t event_difference(const struct event *before, const struct event *after);
const char *event_field_name(enum event_field field);

/* Wall times as a JSON list, as the database keeps exdates and rdates; NULL for
 * none.  Appended to `out`. */
void event_dates_write(struct str *out, const int64_t *dates, size_t count);
/* And back: how many; what is no wall time is left out (a row somebody wrote by
 * hand).  `text` may be NULL. */
size_t event_dates_read(struct arena *arena, const char *text, int64_t **dates_out);

/* The event as the API shows it (see api.md), as one JSON object. */
void event_write(struct json_writer *w, const char *key, const struct event *event);

#endif
