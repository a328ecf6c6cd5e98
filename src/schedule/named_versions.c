#include "schedule/named_versions.h"

#include "rules/series.h"

int64_t item_content(const struct slice_item *item)
{
	if (item->event.content_id > 0)
		return item->event.content_id;
	return item->target ? item->target->stored.content_id : 0;
}

static bool is_new_content(const struct slice_item *item)
{
	return item->target && item->event.content_id > 0 && item->event.content_id != item->target->stored.content_id;
}

/* The version to be looked up; 0 = none.  A new content must have the one that is kept, too. */
static int32_t own_version(const struct slice_item *item)
{
	if (item->event.given & FIELD_VERSION_NO)
		return item->event.version_no;
	return is_new_content(item) ? item->target->stored.version_no : 0;
}

/* Of single occurrences likewise. */
static size_t versions_of_occurrences(const struct slice_item *item, struct arena *arena, struct override_version **list_out)
{
	const char *given = item->event.given & FIELD_OVERRIDES ? item->event.overrides : NULL;
	bool keeps = is_new_content(item) && !(item->event.given & FIELD_OVERRIDES);
	return override_versions(keeps ? item->target->stored.overrides : given, arena, list_out);
}

static void add(struct version_list *versions, int64_t content_id, int32_t version_no)
{
	versions->list = arena_grow(versions->arena, versions->list, versions->count, &versions->room, 1, sizeof(*versions->list));
	versions->list[versions->count++] = (struct version_ref){ content_id, version_no };
}

void versions_want(const struct slice_item *item, struct version_list *versions)
{
	struct override_version *list;
	int64_t content_id = item_content(item);
	int32_t version_no = own_version(item);
	if (!content_id)
		return;
	if (version_no > 0)
		add(versions, content_id, version_no);
	size_t count = versions_of_occurrences(item, versions->arena, &list);
	for (size_t i = 0; i < count; i++)
		add(versions, content_id, list[i].version_no);
}

static void check(const struct slice *slice, struct slice_item *item, int32_t version_no, const char *field)
{
	struct arena *arena = slice->ctx->arena;
	int32_t latest = item->content->latest_version;
	if (reference_version(&slice->refs, item->content->id, version_no))
		return;
	issue_add(&item->issues, CODE_VERSION_NOT_FOUND, slice_pointer(slice, field),
		  latest ? arena_printf(arena, "Use a version from 1 to %d, or null for the latest", latest) : NULL,
		  "Content %lld has no version %d", (long long)item->content->id, version_no);
}

void versions_check(const struct slice *slice, struct slice_item *item)
{
	struct arena *arena = slice->ctx->arena;
	struct override_version *list;
	int32_t version_no = own_version(item);
	if (version_no > 0)
		check(slice, item, version_no, "version_no");
	else if (item->content->latest_version == 0 && (!item->target || is_new_content(item)))
		issue_add(&item->issues, CODE_VERSION_NOT_FOUND, slice_pointer(slice, "content_id"), "Add a version to the content first",
			  "Content %lld has no version yet", (long long)item->content->id);
	size_t count = versions_of_occurrences(item, arena, &list);
	for (size_t i = 0; i < count; i++)
		check(slice, item, list[i].version_no, arena_printf(arena, "overrides/%s/version_no", list[i].occurrence));
}
