/*
 * How items of a batch name each other: "id", "depends_on" and {"$ref": id}.
 *
 * A reference may stand wherever an item names an event by its id (event_id of
 * a selector or of an evaluation) and anywhere inside attributes; it means the
 * event that the item of that id made or changed, and makes the one depend on
 * the other.  Pure; what the ids lead to is found by batch/staging.c.
 */
#ifndef RULES_LINKS_H
#define RULES_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/issue.h"
#include "base/json.h"

#define ITEM_KEY_MAX 100  /* bytes */
#define ITEM_LINKS_MAX 20 /* depends_on and references together, each id once */

struct item_link {
	const char *key;      /* the id of the item it depends on */
	const char *pointer;  /* where that is said first */
	bool is_reference;    /* by a {"$ref"}: that item must have an event */
	bool is_target;       /* by the one that names the event to change or evaluate */
};

struct item_links {
	const char *key;      /* the item's own id, NULL = none */
	struct item_link list[ITEM_LINKS_MAX];
	size_t count;
};

/* Does the item take part at all, rightly or wrongly? `text` is its JSON. */
bool item_has_links(const json_t *item, const char *text, size_t len);

/* Reads and judges them; false when there are issues.  Texts are copied into
 * the arena of `issues`.  What can be read is there even then. */
bool item_links_read(const json_t *item, struct item_links *links, struct issues *issues);

/* Puts the event of each link (`event_ids` in the order of the list) in the
 * place of the references to it. */
void item_links_resolve(json_t *item, const struct item_links *links, const int64_t *event_ids);

/* Takes "id" and "depends_on" away: what is left is the operation. */
void item_links_strip(json_t *item);

#endif
