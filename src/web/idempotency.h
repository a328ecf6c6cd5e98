/*
 * The header Idempotency-Key, and the one-time keys of forms: a request that
 * makes something, sent twice, makes it once (draft-ietf-httpapi-idempotency-
 * key-header; store/idempotency.h has the protocol).
 *
 * A handler begins before it reads the body and ends with its reply written.
 * In between ctx->key is set, and what the handler makes binds itself to it.
 */
#ifndef WEB_IDEMPOTENCY_H
#define WEB_IDEMPOTENCY_H

#include "store/idempotency.h"
#include "store/jobs.h"
#include "web/http.h"

enum key_turn {
	TURN_MAKE,    /* make it now; key_end() when the reply is written */
	TURN_TELL,    /* it has been made: ctx->key has job_id or event_id, and how it was answered */
	TURN_REFUSE,  /* ctx->fail says why */
};

/* `status` is what a success is answered with.  Without the header: TURN_MAKE. */
MUST_USE enum key_turn key_begin(struct request *request, int status);
/* A failure leaves the key free; a repeated reply says so in its header
 * Idempotency-Replayed. */
void key_end(struct request *request, struct response *response);

/* A key for a form that is shown. */
const char *form_key_make(struct arena *arena);

/* Makes a batch of what a form holds, once for the form's key (its hidden field
 * form_key): the same form sent again leads to the same batch, with other
 * content it is another request.  Waits while the first is at work.
 * `content` is a digest that the caller has begun with all that the form
 * says. */
typedef bool form_maker(struct request *request, const void *what, struct job *job_out);
MUST_USE bool form_make_once(struct request *request, struct digest_state *content, form_maker *make, const void *what,
			     struct job *job_out);
/* Adds a text and its end to such a digest. */
void form_content(struct digest_state *content, const char *text);

#endif
