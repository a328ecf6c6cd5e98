#include "web/role_input.h"

#include "views/permission_words.h"
#include "web/api_input.h"
#include "web/page_frame.h"

#define NAME_MAX_CHARS 50
#define TYPE_MAX 32
#define TYPES_MAX_BYTES 255

/* "a, b c" into "a,b,c"; NULL when there is none. */
static const char *read_types(const char *text, const char *pointer, struct issues *issues)
{
	struct str out = STR_INIT;
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, ", ");
		if (len > TYPE_MAX || strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-_") < len)
			issue_add(issues, CODE_INVALID_VALUE, pointer, "Write them as training, booking",
				  "“%s” is not a schedule type: lower-case letters, digits, - and _", issue_excerpt(issues->arena, at, len));
		else if (len)
			str_addf(&out, "%s%.*s", out.len ? "," : "", (int)len, at);
		at += len + (at[len] != '\0');
	}
	if (out.len > TYPES_MAX_BYTES)
		issue_add(issues, CODE_TOO_LONG, pointer, NULL, "That are too many types");
	const char *types = out.len && out.len <= TYPES_MAX_BYTES ? arena_strdup(issues->arena, str_text(&out)) : NULL;
	str_free(&out);
	return types;
}

/* Limits that nobody would look at are refused: they would promise too much. */
static void check_limits(const struct grant *grant, const char *own_pointer, const char *types_pointer, struct issues *issues)
{
	const char *name = permission_name(grant->permission);
	if (grant->own_only && !permission_has_owner(grant->permission))
		issue_add(issues, CODE_INVALID_VALUE, own_pointer, NULL, "%s can't be limited to what the person made", name);
	if (grant->schedule_types && !permission_has_types(grant->permission))
		issue_add(issues, CODE_INVALID_VALUE, types_pointer, NULL, "%s can't be limited to schedule types", name);
}

static void check_name(const char *name, struct issues *issues)
{
	size_t len = strlen(name);
	if (!len || utf8_length(name, len) > NAME_MAX_CHARS || strpbrk(name, ",\t\r\n") || name[0] == ' ' || name[len - 1] == ' ')
		issue_add(issues, CODE_INVALID_VALUE, "/name", NULL,
			  "A role's name has 1 to %d characters, no comma, and no blank at the ends", NAME_MAX_CHARS);
}

/* --- JSON -------------------------------------------------------------------- */

static const char *join(const json_t *list, const char *pointer, struct issues *issues)
{
	struct str out = STR_INIT;
	const json_t *element;
	size_t i;
	if (list && !json_is_null(list) && !json_is_array(list))
		issue_add(issues, CODE_INVALID_TYPE, pointer, NULL, "schedule_types is a list of types, or null for all");
	json_array_foreach(list, i, element) {
		const char *type = json_string_value(element);
		if (!type || !type[0] || strpbrk(type, ", "))
			issue_add(issues, CODE_INVALID_TYPE, arena_printf(issues->arena, "%s/%zu", pointer, i), NULL, "That is not a schedule type");
		else
			str_addf(&out, "%s%s", out.len ? "," : "", type);
	}
	if (json_is_array(list) && json_array_size(list) == 0)
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Leave it out, or write null, for all types.", "An empty list permits nothing");
	const char *text = arena_strdup(issues->arena, str_text(&out));
	str_free(&out);
	return text;
}

static void read_grant(const json_t *object, size_t i, struct role *role, struct issues *issues)
{
	const char *at = arena_printf(issues->arena, "/grants/%zu", i);
	const char *name = json_string_value(json_object_get(object, "permission"));
	const json_t *own = json_object_get(object, "own_only");
	enum permission permission = name ? permission_by_name(name) : PERMIT_NONE;
	const char *types_at = arena_printf(issues->arena, "%s/schedule_types", at);
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
		if (strcmp(key, "permission") != 0 && strcmp(key, "own_only") != 0 && strcmp(key, "schedule_types") != 0)
			issue_add(issues, CODE_UNKNOWN_FIELD, arena_printf(issues->arena, "%s/%.40s", at, key), NULL, "There is no such field");
	if (permission == PERMIT_NONE || role->grants[permission].permission != PERMIT_NONE) {
		issue_add(issues, CODE_INVALID_VALUE, arena_printf(issues->arena, "%s/permission", at), NULL,
			  permission == PERMIT_NONE ? "There is no such permission" : "This permission stands there twice");
		return;
	}
	if (own && !json_is_boolean(own))
		issue_add(issues, CODE_INVALID_TYPE, arena_printf(issues->arena, "%s/own_only", at), NULL, "own_only is true or false");
	struct grant grant = { permission, json_is_true(own),
			       read_types(join(json_object_get(object, "schedule_types"), types_at, issues), types_at, issues) };
	check_limits(&grant, arena_printf(issues->arena, "%s/own_only", at), types_at, issues);
	role->grants[permission] = grant;
}

void role_read(const json_t *object, struct role *role, struct issues *issues)
{
	static const char *const members[] = { "name", "grants", NULL };
	const json_t *grants = json_object_get(object, "grants"), *element;
	size_t i;
	refuse_unknown(object, members, issues);
	role->name = text_member(object, "name", role->name, 0, NAME_MAX_CHARS, issues);
	check_name(role->name, issues);
	if (!grants)
		return;
	if (!json_is_array(grants))
		issue_add(issues, CODE_INVALID_TYPE, "/grants", NULL, "grants is a list");
	memset(role->grants, 0, sizeof role->grants);
	json_array_foreach(grants, i, element) {
		read_grant(element, i, role, issues);
	}
}

/* --- a form ------------------------------------------------------------------ */

void role_read_form(const struct request *request, struct role *role, struct issues *issues)
{
	role->name = form_text(request, "name");
	check_name(role->name, issues);
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++) {
		enum permission permission = (enum permission)i;
		const char *p = arena_printf(issues->arena, "p_%s", permission_name(permission));
		const char *t = arena_printf(issues->arena, "t_%s", permission_name(permission));
		const char *extent = form_text(request, p), *at = arena_printf(issues->arena, "/%s", t);
		const char *types = read_types(form_text(request, t), at, issues);
		role->grants[i] = (struct grant){ .permission = PERMIT_NONE };
		if (strcmp(extent, "all") != 0 && strcmp(extent, "own") != 0)
			continue;
		role->grants[i] = (struct grant){ permission, strcmp(extent, "own") == 0, types };
		check_limits(&role->grants[i], arena_printf(issues->arena, "/%s", p), at, issues);
	}
}
