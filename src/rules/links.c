/* How items of a batch name each other. */
#include "rules/links.h"

#include <string.h>

#define REFERENCE "$ref"

/* --- finding references -------------------------------------------------------------- */

/* Called for each reference; what it returns takes the reference's place, NULL
 * leaves it. */
struct visit {
	json_t *(*found)(struct visit *visit, const char *key, const char *pointer, bool is_target);
	struct arena *arena;       /* for pointers; NULL when nobody asks */
	struct item_links *links;
	const int64_t *event_ids;
	struct issues *issues;
};

static const char *reference_in(const json_t *value)
{
	return json_object_size(value) == 1 ? json_string_value(json_object_get(value, REFERENCE)) : NULL;
}

static const char *below(const struct visit *visit, const char *pointer, const char *name)
{
	return visit->arena ? arena_printf(visit->arena, "%s/%.60s", pointer, name) : "";
}

static void visit_list(struct visit *visit, json_t *list, const char *pointer);

/* json_read() has bounded the depth. */
static void visit_member(struct visit *visit, json_t *object, const char *name, const char *pointer, bool is_target);

static void visit_object(struct visit *visit, json_t *object, const char *pointer)
{
	const char *name;
	void *next;
	json_t *value;
	json_object_foreach_safe(object, next, name, value) {
		(void)value;
		visit_member(visit, object, name, below(visit, pointer, name), false);
	}
}

static void visit_member(struct visit *visit, json_t *object, const char *name, const char *pointer, bool is_target)
{
	json_t *value = json_object_get(object, name);
	const char *key = reference_in(value);
	if (key) {
		json_t *instead = visit->found(visit, key, pointer, is_target);
		if (instead)
			json_object_set_new(object, name, instead);
	} else if (is_target) {
		return; /* an id, or a mistake: judged with the item */
	} else if (json_is_object(value)) {
		visit_object(visit, value, pointer);
	} else if (json_is_array(value)) {
		visit_list(visit, value, pointer);
	}
}

static void visit_list(struct visit *visit, json_t *list, const char *pointer)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *value = json_array_get(list, i);
		const char *at = visit->arena ? arena_printf(visit->arena, "%s/%zu", pointer, i) : "";
		const char *key = reference_in(value);
		if (key) {
			json_t *instead = visit->found(visit, key, at, false);
			if (instead)
				json_array_set_new(list, i, instead);
		} else if (json_is_object(value)) {
			visit_object(visit, value, at);
		} else if (json_is_array(value)) {
			visit_list(visit, value, at);
		}
	}
}

/* All places that may hold one. */
static void visit_item(struct visit *visit, json_t *item)
{
	json_t *selector = json_object_get(item, "selector"), *values = json_object_get(item, "values");
	visit_member(visit, selector, "event_id", "/selector/event_id", true);
	visit_member(visit, item, "event_id", "/event_id", true);
	visit_member(visit, item, "attributes", "/attributes", false);
	visit_member(visit, values, "attributes", "/values/attributes", false);
}

/* --- reading --------------------------------------------------------------------------- */

static bool key_is_good(const char *key, size_t len, const char *pointer, struct issues *issues)
{
	if (len && len <= ITEM_KEY_MAX && strlen(key) == len)
		return true;
	issue_add(issues, len ? CODE_TOO_LONG : CODE_REQUIRED, pointer, NULL, "An id must have 1 to %d bytes", ITEM_KEY_MAX);
	return false;
}

static void add_link(struct item_links *links, const char *key, const char *pointer, bool is_reference, bool is_target,
		     struct issues *issues)
{
	struct item_link *link = links->list;
	if (!key_is_good(key, strlen(key), pointer, issues))
		return;
	while (link < links->list + links->count && strcmp(link->key, key) != 0)
		link++;
	if (link == links->list + ITEM_LINKS_MAX) {
		issue_add(issues, CODE_OUT_OF_RANGE, pointer, NULL, "An item may depend on %d others", ITEM_LINKS_MAX);
		return;
	}
	if (link == links->list + links->count) {
		links->count++;
		*link = (struct item_link){ .key = arena_strdup(issues->arena, key), .pointer = arena_strdup(issues->arena, pointer) };
	}
	link->is_reference |= is_reference;
	link->is_target |= is_target;
}

static json_t *note_reference(struct visit *visit, const char *key, const char *pointer, bool is_target)
{
	add_link(visit->links, key, pointer, true, is_target, visit->issues);
	return NULL;
}

static void read_depends_on(const json_t *list, struct item_links *links, struct issues *issues)
{
	const json_t *value;
	size_t i;
	if (!list || json_is_null(list))
		return;
	if (!json_is_array(list))
		issue_add(issues, CODE_INVALID_TYPE, "/depends_on", "Write it as [\"op-1\", \"op-2\"]",
			  "depends_on must be a list of ids of items");
	json_array_foreach(list, i, value) {
		const char *pointer = arena_printf(issues->arena, "/depends_on/%zu", i);
		if (json_is_string(value))
			add_link(links, json_string_value(value), pointer, false, false, issues);
		else
			issue_add(issues, CODE_INVALID_TYPE, pointer, NULL, "The id of an item must be a text");
		if (i > ITEM_LINKS_MAX)
			break;
	}
}

bool item_has_links(const json_t *item, const char *text, size_t len)
{
	return json_object_get(item, "id") || json_object_get(item, "depends_on") ||
	       memmem(text, len, "\"" REFERENCE "\"", sizeof(REFERENCE) + 1);
}

bool item_links_read(const json_t *item, struct item_links *links, struct issues *issues)
{
	const json_t *id = json_object_get(item, "id");
	size_t before = issues->count;
	*links = (struct item_links){ .key = NULL };
	if (json_is_string(id) && key_is_good(json_string_value(id), json_string_length(id), "/id", issues))
		links->key = arena_strdup(issues->arena, json_string_value(id));
	else if (id && !json_is_string(id) && !json_is_null(id))
		issue_add(issues, CODE_INVALID_TYPE, "/id", "Write it as \"op-1\"", "The id of an item must be a text");
	read_depends_on(json_object_get(item, "depends_on"), links, issues);
	struct visit visit = { .found = note_reference, .arena = issues->arena, .links = links, .issues = issues };
	/* The walk only changes what its visitor replaces. */
	visit_item(&visit, (json_t *)(uintptr_t)item);
	if (json_object_get(json_object_get(item, "selector"), "query"))
		issue_add(issues, CODE_INVALID_VALUE, "/selector/query", "Name one event, or leave out id, depends_on and $ref",
			  "A query stands for many items, which can't have one id or depend on others");
	return issues->count == before;
}

/* --- resolving --------------------------------------------------------------------------- */

static json_t *event_of(struct visit *visit, const char *key, const char *pointer, bool is_target)
{
	(void)pointer, (void)is_target;
	for (size_t i = 0; i < visit->links->count; i++)
		if (strcmp(visit->links->list[i].key, key) == 0)
			return json_integer(visit->event_ids[i]);
	return NULL;
}

void item_links_resolve(json_t *item, const struct item_links *links, const int64_t *event_ids)
{
	struct item_links list = *links;
	struct visit visit = { .found = event_of, .links = &list, .event_ids = event_ids };
	visit_item(&visit, item);
}

void item_links_strip(json_t *item)
{
	json_object_del(item, "id");
	json_object_del(item, "depends_on");
}
