/*
 * Options of a batch: read, checked, defaulted, written (api.md, "Options").
 */
#ifndef BATCH_OPTIONS_H
#define BATCH_OPTIONS_H

#include "base/ctx.h"
#include "base/json.h"
#include "base/issue.h"
#include "schedule/slice.h"
#include "store/jobs.h"

#define DEPENDS_ON_MAX 20

struct batch_options {
	int32_t chunk_size;          /* 0 = adaptive, else 1..1000 */
	int64_t time_budget_ms;      /* 0 = the site's, else 100..20000 */
	int32_t max_concurrency;     /* 1..8, default 3 */
	bool stop_on_error;
	bool atomic;                 /* all or nothing */
	bool rollback_on_error;
	bool validate_before_execute; /* nothing is written unless every item can be */
	bool dry_run;
	bool ordered;
	int32_t retry_attempts;      /* 0..10, default 3 */
	int64_t retry_backoff_ms;    /* 100..300000, default 1000 */
	struct resolution resolution; /* on_conflict, conflict_scope, shift_limit_s, shift_grid_s, reason */
	int64_t conflict_window_s;   /* 0..2,592,000; default the site's */
	bool check_compliance;
	bool normalise;              /* a start that is no occurrence of its series moves to the first one */
	int32_t priority;            /* -10..10 */
	bool check_due;              /* evaluate: what starts later is not_due */
	int32_t list_occurrences;    /* evaluate: 0..1000 */
	int32_t conflict_details;    /* evaluate: 0..20, default 20 */
	bool conflicts_only;         /* set by POST /schedules/conflicts, not an option by name */
	int64_t from_evaluation;     /* set by batch_create_from_evaluation(), not an option by name; 0 = none */
	int64_t notify_webhook;      /* notify.webhook_id; 0 = none */
	const char *label;           /* NULL = none */
	struct id_list depends_on;   /* batches to wait for, at most DEPENDS_ON_MAX, each once */
};

void options_default(const struct config *config, struct batch_options *options);

/* What some options say about others; options_read() does it by itself. */
void options_settle(struct batch_options *options, bool is_order_given);

/* Reads an object over the defaults; unknown names and values out of range are
 * issues at /options/NAME.  Table-driven. */
MUST_USE bool options_read(const json_t *object, enum job_type type, struct batch_options *options,
			   struct issues *issues);
/* The stored and shown form: every option with its value. */
char *options_text(struct arena *arena, enum job_type type, const struct batch_options *options);
/* Reads back what options_text wrote. */
MUST_USE bool options_load(const struct config *config, struct arena *arena, enum job_type type,
			   const char *text, struct batch_options *options);
/* The options of a stored job; FAIL_INTERNAL when they can't be read. */
MUST_USE bool job_options(struct ctx *ctx, const struct job *job, struct batch_options *options_out);

#endif
