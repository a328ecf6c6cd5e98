#include "web/place_input.h"

#include "web/page_frame.h"

static bool is_in(const struct resource *list, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].id == id)
			return true;
	return false;
}

bool places_listed(struct ctx *ctx, const int64_t *chosen, size_t chosen_count, struct resource **list_out, size_t *count_out,
		   bool *more_out)
{
	struct resource *first, *others;
	size_t count, other_count = 0, missing = 0;
	int64_t *ids = arena_array(ctx->arena, chosen_count + 1, sizeof(*ids));
	if (!resources_page(ctx, NULL, 0, PLACES_LISTED + 1, &first, &count))
		return false;
	*more_out = count > PLACES_LISTED;
	count = *more_out ? PLACES_LISTED : count;
	for (size_t i = 0; i < chosen_count; i++)
		if (!is_in(first, count, chosen[i]))
			ids[missing++] = chosen[i];
	if (missing && !resources_by_ids(ctx, ids, missing, &others, &other_count))
		return false;
	*list_out = arena_array(ctx->arena, count + other_count + 1, sizeof(**list_out));
	memcpy(*list_out, first, count * sizeof(*first));
	if (other_count)
		memcpy(*list_out + count, others, other_count * sizeof(*others));
	*count_out = count + other_count;
	return true;
}

bool places_named(struct ctx *ctx, const int64_t *ids, size_t count, const char **names_out)
{
	struct resource *list = NULL;
	size_t found = 0;
	if (count && !resources_by_ids(ctx, ids, count, &list, &found))
		return false;
	struct str names = STR_INIT;
	for (size_t i = 0; i < found; i++)
		str_addf(&names, "%s%s", i ? ", " : "", list[i].name);
	*names_out = arena_strdup(ctx->arena, str_text(&names));
	str_free(&names);
	return true;
}

struct typed {
	const char *texts[PLACES_TYPED_MAX];
	int64_t ids[PLACES_TYPED_MAX]; /* 0 = it is a name */
	size_t count;
	bool has_names;
};

static void split(struct arena *arena, const char *text, struct typed *typed)
{
	while (*text && typed->count < PLACES_TYPED_MAX) {
		size_t len = strcspn(text, ","), skip = strspn(text, " ");
		const char *from = text + (skip < len ? skip : len), *end = text + len;
		while (end > from && end[-1] == ' ')
			end--;
		if (end > from) {
			int64_t *id = &typed->ids[typed->count];
			if (!parse_i64(from, (size_t)(end - from), id) || *id < 1)
				*id = 0;
			typed->has_names |= !*id;
			typed->texts[typed->count++] = arena_strndup(arena, from, (size_t)(end - from));
		}
		text += len + (text[len] == ',');
	}
}

/* The one that is meant; NULL and an issue where it is none or several. */
static const struct resource *meant(const struct typed *typed, size_t i, const struct resource *list, size_t count,
				    const char *pointer, struct issues *issues)
{
	const struct resource *found = NULL;
	for (size_t k = 0; k < count; k++) {
		bool fits = typed->ids[i] ? list[k].id == typed->ids[i] : strcasecmp(list[k].name, typed->texts[i]) == 0;
		if (fits && found && found->id != list[k].id) {
			issue_add(issues, CODE_INVALID_VALUE, pointer, "Give the number instead.", "Several are called “%s”: nos. %lld, %lld…",
				  typed->texts[i], (long long)found->id, (long long)list[k].id);
			return NULL;
		}
		if (fits)
			found = &list[k];
	}
	if (!found)
		issue_add(issues, CODE_RESOURCE_NOT_FOUND, pointer, "Give its number, or its whole name.", "Nobody and nothing is called “%s”",
			  typed->texts[i]);
	return found;
}

bool places_typed(struct request *request, const char *field, struct resource **list_out, size_t *count_out, struct issues *issues)
{
	struct ctx *ctx = request->ctx;
	struct typed typed = { .count = 0 };
	struct resource *by_id = NULL, *by_name = NULL;
	size_t id_count = 0, name_count = 0;
	const char *pointer = arena_printf(ctx->arena, "/%s", field);
	*count_out = 0;
	*list_out = NULL;
	split(ctx->arena, form_text(request, field), &typed);
	if (!typed.count)
		return true;
	if (!resources_by_ids(ctx, typed.ids, typed.count, &by_id, &id_count) ||
	    (typed.has_names && !resources_by_names(ctx, typed.texts, typed.count, &by_name, &name_count)))
		return false;
	*list_out = arena_array(ctx->arena, typed.count, sizeof(**list_out));
	for (size_t i = 0; i < typed.count; i++) {
		const struct resource *one = typed.ids[i] ? meant(&typed, i, by_id, id_count, pointer, issues)
							  : meant(&typed, i, by_name, name_count, pointer, issues);
		if (one)
			(*list_out)[(*count_out)++] = *one;
	}
	return true;
}
