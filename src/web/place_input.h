/*
 * Resources and people in forms.  A list holds the first PLACES_LISTED and those
 * that are chosen already; whoever is not in it is typed, by number or name.
 */
#ifndef WEB_PLACE_INPUT_H
#define WEB_PLACE_INPUT_H

#include "store/resources.h"
#include "web/http.h"

#define PLACES_LISTED 500
#define PLACES_TYPED_MAX 20 /* names and numbers in one field */

/* `more_out`: there are others.  Two statements at most. */
MUST_USE bool places_listed(struct ctx *ctx, const int64_t *chosen, size_t chosen_count, struct resource **list_out,
			    size_t *count_out, bool *more_out);

/* Their names as one text, "Hall 3, Ada"; "" for none.  One statement. */
MUST_USE bool places_named(struct ctx *ctx, const int64_t *ids, size_t count, const char **names_out);

/* What a field names, "12, Hall 3": numbers or whole names, comma-separated.  What
 * nobody is called, or several are, is an issue at the field.  Two statements at
 * most; false when the database can't be asked. */
MUST_USE bool places_typed(struct request *request, const char *field, struct resource **list_out, size_t *count_out,
			   struct issues *issues);

#endif
