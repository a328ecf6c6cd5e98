/*
 * Webhooks: the list, one of them with what it was told, its form, its secret.
 */
#ifndef VIEWS_PAGE_WEBHOOKS_H
#define VIEWS_PAGE_WEBHOOKS_H

#include "views/meanwhile.h"

struct webhook_view {
	int64_t id;                 /* 0 = a new one */
	const char *label, *url;
	const char *takes;          /* "own", "all", "named" */
	const char *owner;
	bool is_active, is_gone;    /* the receiver switched it off (410) */
	int64_t waiting, delivered_at;
	const char *last_problem;   /* "" = none */
	int64_t row_version;
};

struct delivery_view {
	int64_t id, job_id;         /* job_id 0 = a test */
	const char *event, *state;  /* "waiting", "sending", "delivered", "failed" */
	const char *detail, *reply, *message_id;
	int32_t attempts;
	int64_t created_at, tried_at, next_at;
};

struct webhooks_page {
	const struct frame *frame;
	const char *note;           /* what was just done, or NULL */
	const struct webhook_view *rows;
	size_t count;
};
/* What the ends of a batch are called. */
const char *webhook_event_words(const char *name);
const char *webhook_takes_words(const char *takes);
void page_webhooks(struct str *out, const struct webhooks_page *page);

struct event_choice {
	const char *name;           /* batch.completed */
	bool is_chosen;
};

struct webhook_form {
	const struct frame *frame;
	const struct issues *issues;
	struct webhook_view webhook;
	const struct event_choice *events;
	size_t event_count;
	const struct meanwhile *meanwhile; /* NULL = nobody else was at it */
};
void page_webhook_form(struct str *out, const struct webhook_form *form);

struct webhook_page {
	struct webhook_form form;
	const char *note;
	bool is_bad;                /* the note tells of a failure */
	const struct delivery_view *deliveries;
	size_t delivery_count;
	int64_t next_after;         /* 0 = none */
	bool is_first;              /* page of deliveries */
};
void page_webhook(struct str *out, const struct webhook_page *page);

/* The secret, shown once. */
void page_webhook_secret(struct str *out, const struct frame *frame, const struct webhook_view *webhook, const char *secret, bool is_new);
void page_webhook_rotate(struct str *out, const struct frame *frame, const struct webhook_view *webhook);
void page_webhook_delete(struct str *out, const struct frame *frame, const struct webhook_view *webhook);

#endif
