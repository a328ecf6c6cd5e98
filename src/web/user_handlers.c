/* People and roles, for those who manage them. */
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/people_change.h"
#include "web/role_input.h"

static void names_list(struct json_writer *w, const char *name, const char *list)
{
	jw_list(w, name);
	for (const char *at = list; *at;) {
		char one[256];
		size_t len = strcspn(at, ",");
		snprintf(one, sizeof one, "%.*s", (int)len, at);
		jw_text(w, NULL, one);
		at += len + (at[len] == ',');
	}
	jw_end_list(w);
}

static void person_json(struct json_writer *w, const struct person *person, const char *password)
{
	jw_object(w, NULL);
	jw_int(w, "id", person->id);
	jw_text(w, "name", person->name);
	jw_text(w, "display_name", person->display_name);
	jw_text(w, "timezone", person->timezone);
	jw_bool(w, "active", person->is_active);
	jw_bool(w, "password_due", person->password_due);
	jw_bool(w, "second_factor", person->has_second_factor);
	jw_int(w, "sessions", person->sessions);
	names_list(w, "roles", person->roles);
	jw_time(w, "created_at", person->created_at);
	jw_int(w, "row_version", person->row_version);
	if (password)
		jw_text(w, "password", password);
	jw_end_object(w);
}

/* The person as stored; 404 and faults are replied. */
static void reply_person(struct response *response, int64_t id, int status, const char *password)
{
	struct ctx *ctx = response->request->ctx;
	struct person person;
	struct json_writer w;
	if (!person_get(ctx, id, &person)) {
		respond_fail(response, NULL);
		return;
	}
	response->status = status;
	respond_etag(response, person.row_version);
	jw_begin(&w, &response->body);
	person_json(&w, &person, password);
}

void get_users(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct person *people;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	if (!list_params(request, &after, &limit) || !people_page(ctx, after, limit + 1, &people, &count)) {
		respond_fail(response, NULL);
		return;
	}
	size_t shown = count > (size_t)limit ? (size_t)limit : count;
	list_begin(&w, response);
	for (size_t i = 0; i < shown; i++)
		person_json(&w, &people[i], NULL);
	list_end(&w, count > shown, shown ? people[shown - 1].id : 0);
}

void get_user(struct request *request, struct response *response)
{
	reply_person(response, request->path_id, 200, NULL);
}

/* "a,b" from a list of names; absent leaves the present ones. */
static const char *roles_member(const json_t *body, const char *present, struct issues *issues)
{
	const json_t *list = json_object_get(body, "roles"), *element;
	struct str out = STR_INIT;
	size_t i;
	if (!list)
		return present;
	if (!json_is_array(list))
		issue_add(issues, CODE_INVALID_TYPE, "/roles", NULL, "roles is a list of names of roles");
	json_array_foreach(list, i, element) {
		if (!json_is_string(element))
			issue_add(issues, CODE_INVALID_TYPE, arena_printf(issues->arena, "/roles/%zu", i), NULL, "That is not the name of a role");
		else
			str_addf(&out, "%s%s", out.len ? "," : "", json_string_value(element));
	}
	const char *text = arena_strdup(issues->arena, str_text(&out));
	str_free(&out);
	return text;
}

static bool read_person(struct request *request, const json_t *body, struct person *person, struct issues *issues)
{
	person->display_name = text_member(body, "display_name", person->display_name, 1, 150, issues);
	person->timezone = text_member(body, "timezone", person->timezone, 1, 64, issues);
	person->roles = roles_member(body, person->roles, issues);
	return issues->count > 0 || person_check(request->ctx, person, issues);
}

void post_user(struct request *request, struct response *response)
{
	static const char *const members[] = { "name", "display_name", "timezone", "roles", NULL };
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct person person = { .timezone = "UTC", .roles = "", .is_active = true };
	char password[GIVEN_PASSWORD_SIZE];
	json_t *body = object_body(request, false);
	if (body) {
		refuse_unknown(body, members, &issues);
		person.name = text_member(body, "name", "", 1, 100, &issues);
		person.display_name = person.name;
	}
	if (!body || !read_person(request, body, &person, &issues) || issues.count > 0 ||
	    !person_create(ctx, &person, password, &person.id))
		respond_issues(response, &issues);
	else
		reply_person(response, person.id, 201, password);
}

void patch_user(struct request *request, struct response *response)
{
	static const char *const members[] = { "display_name", "timezone", "roles", "active", NULL };
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct person person;
	size_t paused;
	json_t *body = object_body(request, false);
	bool ok = body && person_get(ctx, request->path_id, &person) && if_match_row(request, &person.row_version);
	if (ok) {
		refuse_unknown(body, members, &issues);
		person.is_active = bool_member(body, "active", person.is_active, &issues);
		ok = read_person(request, body, &person, &issues);
	}
	if (ok && !issues.count && person_change(ctx, &person, &paused))
		reply_person(response, person.id, 200, NULL);
	else
		respond_issues(response, &issues);
}

void post_user_new_password(struct request *request, struct response *response)
{
	char password[GIVEN_PASSWORD_SIZE];
	if (person_give_password(request->ctx, request->path_id, password))
		reply_person(response, request->path_id, 200, password);
	else
		respond_fail(response, NULL);
}

void delete_user_factor(struct request *request, struct response *response)
{
	if (person_reset_factor(request->ctx, request->path_id))
		response->status = 204;
	else
		respond_fail(response, NULL);
}

/* --- roles ------------------------------------------------------------------- */

static void role_json(struct json_writer *w, const struct role *role)
{
	jw_object(w, NULL);
	jw_int(w, "id", role->id);
	jw_text(w, "name", role->name);
	jw_bool(w, "standard", role->is_standard);
	jw_int(w, "people", role->people);
	jw_int(w, "row_version", role->row_version);
	jw_list(w, "grants");
	for (size_t i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++) {
		const struct grant *grant = &role->grants[i];
		if (grant->permission == PERMIT_NONE)
			continue;
		jw_object(w, NULL);
		jw_text(w, "permission", permission_name(grant->permission));
		jw_bool(w, "own_only", grant->own_only);
		if (grant->schedule_types)
			names_list(w, "schedule_types", grant->schedule_types);
		else
			jw_text(w, "schedule_types", NULL);
		jw_end_object(w);
	}
	jw_end_list(w);
	jw_end_object(w);
}

static void reply_role(struct response *response, int64_t id, int status)
{
	struct role role;
	struct json_writer w;
	if (!role_get(response->request->ctx, id, &role)) {
		respond_fail(response, NULL);
		return;
	}
	response->status = status;
	respond_etag(response, role.row_version);
	jw_begin(&w, &response->body);
	role_json(&w, &role);
}

void get_roles(struct request *request, struct response *response)
{
	struct role *roles;
	struct json_writer w;
	size_t count;
	if (!roles_list(request->ctx, &roles, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		role_json(&w, &roles[i]);
	list_end(&w, false, 0);
}

void get_role(struct request *request, struct response *response)
{
	reply_role(response, request->path_id, 200);
}

static void save_role(struct request *request, struct response *response, struct role *role, int status)
{
	struct issues issues = no_issues(request);
	json_t *body = object_body(request, false);
	if (body)
		role_read(body, role, &issues);
	if (body && !issues.count && role_store(request->ctx, role))
		reply_role(response, role->id, status);
	else
		respond_issues(response, &issues);
}

void post_role(struct request *request, struct response *response)
{
	struct role role = { .name = "" };
	save_role(request, response, &role, 201);
}

void patch_role(struct request *request, struct response *response)
{
	struct role role;
	if (role_get(request->ctx, request->path_id, &role) && if_match_row(request, &role.row_version))
		save_role(request, response, &role, 200);
	else
		respond_fail(response, NULL);
}

void delete_role(struct request *request, struct response *response)
{
	struct role role;
	if (role_get(request->ctx, request->path_id, &role) && if_match_row(request, &role.row_version) &&
	    role_remove(request->ctx, &role))
		response->status = 204;
	else
		respond_fail(response, NULL);
}
