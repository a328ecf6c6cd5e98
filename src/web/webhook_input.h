/*
 * Webhooks as they come from programs and forms, and what both then do with
 * them.
 */
#ifndef WEB_WEBHOOK_INPUT_H
#define WEB_WEBHOOK_INPUT_H

#include "base/json.h"
#include "store/deliveries.h"
#include "web/http.h"

/* A new one, before anything is read. */
struct webhook webhook_blank(const struct ctx *ctx);
/* Reads members over what `webhook` holds. */
void webhook_read(struct ctx *ctx, const json_t *object, struct webhook *webhook, struct issues *issues);
/* Reads label, url, takes, event (several), active. */
void webhook_read_form(const struct request *request, struct webhook *webhook, struct issues *issues);

/* Each with its row in the audit log. */
MUST_USE bool webhook_make(struct ctx *ctx, struct webhook *webhook, char secret_out[WEBHOOK_SECRET_SIZE]);
MUST_USE bool webhook_change(struct ctx *ctx, const struct webhook *webhook);
MUST_USE bool webhook_rotate(struct ctx *ctx, int64_t id, char secret_out[WEBHOOK_SECRET_SIZE]);
MUST_USE bool webhook_remove(struct ctx *ctx, const struct webhook *webhook);
/* Sends a test, or again what failed, at once, and waits for what comes of it
 * (net/courier.h: 16 seconds at most).  FAIL_CONFLICT webhook_off when it is. */
MUST_USE bool webhook_send_test(struct ctx *ctx, const struct webhook *webhook, struct delivery_row *delivery_out);
MUST_USE bool webhook_send_again(struct ctx *ctx, const struct webhook *webhook, int64_t delivery_id, struct delivery_row *delivery_out);
/* The number in …/deliveries/{delivery}/…; FAIL_NOT_FOUND unless it is one. */
MUST_USE bool webhook_delivery_id(struct request *request, int64_t *id_out);

#endif
