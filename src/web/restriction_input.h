/*
 * Restrictions as requests have them: read, judged, told.  The page turns its
 * form into the object that the API takes, so both are judged alike.
 */
#ifndef WEB_RESTRICTION_INPUT_H
#define WEB_RESTRICTION_INPUT_H

#include "store/restrictions.h"
#include "views/page_restrictions.h"
#include "web/http.h"

/* Puts the members of an object over `row`, which holds the defaults or what is
 * stored, and checks the whole: issues at /resource_id, /from, /to, /level,
 * /schedule_types, /tags, /reason, /alternatives.  Three statements at most.
 * False when the database can't be asked. */
MUST_USE bool restriction_read(struct request *request, const json_t *object, struct restriction_row *row, struct issues *issues);

/* Whoever may decide conflicts may say what is one: for the types that the
 * restriction names; one for all types, or for tags, needs all types.  Grants
 * that are limited to the person's own give nothing here. */
bool restriction_is_permitted(const struct actor *actor, const struct restriction *rule);
/* FAIL_DENIED where it is not. */
MUST_USE bool restriction_permit(struct ctx *ctx, const struct restriction *rule);

/* Of a list: resource_id, from, to (RFC 3339; a day is its first moment in the
 * person's zone). */
void restriction_filter_read(struct request *request, struct restriction_filter *filter, struct issues *issues);

/* Between the pages' files: a row as it is shown, and whom the form offers
 * (place_input.h; `alternatives` are marked). */
struct restriction_view restriction_view_of(const struct ctx *ctx, const struct restriction_row *row);
MUST_USE bool restriction_choices(struct ctx *ctx, int64_t resource_id, const char *alternatives, struct resource_choice **list_out,
				  size_t *count_out, bool *more_out);

#endif
