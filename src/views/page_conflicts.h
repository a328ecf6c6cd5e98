/*
 * The page on which a person decides about the conflicts of a batch, and the
 * question before it is done.
 */
#ifndef VIEWS_PAGE_CONFLICTS_H
#define VIEWS_PAGE_CONFLICTS_H

#include "rules/resolution.h"
#include "views/job_view.h"

/* One thing that an item collides with. */
struct clash_view {
	const struct code_info *kind;
	bool is_hard;
	bool is_content;             /* versions of one content too close, not an overlap */
	const char *place;           /* the resource, person or content; "" = gone */
	int64_t event_id;            /* 0 = none */
	int64_t ordinal;             /* that item of this batch; -1 = none */
	const char *title;           /* of the other event; NULL = gone, or not to be seen */
	const char *who;             /* who made it */
	const char *type;
	int64_t version_no;          /* 0 = the latest */
	bool recurs;
	bool is_hidden;
	bool is_still_there;
	const char *reason;          /* of a restriction; NULL = it is none */
	const char *instead;         /* who could do it, or NULL */
	int64_t starts_at, ends_at;
	int64_t overlap_from, overlap_to;
	int64_t apart_s;
	const struct zone *zone;     /* the event's, where it has one … */
	const char *zone_name;       /* … that is not the person's own; else NULL */
};

struct conflict_view {
	int64_t ordinal;
	int32_t epoch;
	const char *title;           /* "" = none */
	const char *content;
	const char *type;
	int64_t version_no;
	int64_t starts_at, ends_at;
	bool recurs;
	int64_t event_id;            /* that it changes; 0 = it would be new */
	uint32_t ways;               /* ON_CONFLICT_BIT of what this person may choose */
	const struct clash_view *clashes;
	size_t clash_count;
	int64_t conflict_count;      /* all of them */
	int64_t alike;
	const char *decided_by;      /* NULL = nobody yet */
	const char *decided;         /* "skip" … */
	const char *refusal;         /* why the last decision was in vain, or NULL */
	const char *chosen;          /* in this form: "skip" …, "" = nothing */
};

struct conflict_group_view {
	int64_t ordinal, count;
	struct clash_view clash;
};

struct conflicts_page {
	const struct frame *frame;
	const struct job_view *job;
	const struct issues *issues;
	const struct conflict_view *items;
	size_t count;
	const struct conflict_group_view *groups;
	size_t group_count;
	int64_t waiting;             /* undecided ones of the batch */
	bool may_decide;
	const char *why_not;         /* a sentence, where not */
	int64_t like;                /* only those like this item; -1 = all */
	int64_t after, next_after;   /* -1 = the first page; no more */
};
void page_conflicts(struct str *out, const struct conflicts_page *page);

/* What is about to be decided, in numbers. */
struct decided_view {
	int64_t ordinal;
	int32_t epoch;
	const char *action;
	const char *title;
};
struct decide_question {
	const struct frame *frame;
	const struct job_view *job;
	const struct decided_view *items; /* one by one; or count 0: */
	size_t count;
	int64_t like;                /* all like this one; -1 = all of the batch */
	const char *action;          /* … and what is done with them */
	int64_t alike;               /* how many those are */
	const char *what;            /* "Room 1: the resource is taken"; "" = all */
	int64_t epoch;
};
void page_decide(struct str *out, const struct decide_question *question);

/* What a person can choose, in the order in which it is offered. */
struct decision_choice {
	enum on_conflict action;
	const char *label;           /* "Theirs", "Yours", "Both", "Shift" */
	const char *means;
};
#define DECISION_CHOICES 4
extern const struct decision_choice decision_choices[DECISION_CHOICES];
/* The label of "skip" …; a word that is none of them as it is. */
const char *decision_label(const char *action);
/* Where both pages are. */
void conflicts_crumbs(struct str *out, const struct frame *frame, const struct job_view *job);

#endif
