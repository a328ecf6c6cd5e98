/* Roles, for those who manage people. */
#include "store/roles.h"
#include "views/page_users.h"
#include "views/permission_words.h"
#include "web/meanwhile.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/people_change.h"
#include "web/role_input.h"

static struct role_view view_of(const struct role *role)
{
	return (struct role_view){ role->id, role->name, role->is_standard, role->people, role->grants };
}

void get_roles_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct roles_page page = { .frame = &frame };
	struct role *roles;
	if (!roles_list(ctx, &roles, &page.count)) {
		respond_fail(response, NULL);
		return;
	}
	struct role_view *views = arena_array(ctx->arena, page.count + 1, sizeof *views);
	for (size_t i = 0; i < page.count; i++)
		views[i] = view_of(&roles[i]);
	page.roles = views;
	if (param(request, "done"))
		page.note = strcmp(param_text(request, "done"), "deleted") == 0 ? "The role is deleted." : "The role is saved.";
	page_frame(request, "Roles", NAV_PEOPLE, &frame);
	page_roles(&response->body, &page);
}

/* `meanwhile` NULL: nobody else was at it. */
static void show_form(struct response *response, const struct role *role, const struct meanwhile *meanwhile,
		      const struct issues *issues)
{
	struct frame frame;
	struct role_form form = { .frame = &frame, .issues = issues, .role = view_of(role), .row_version = role->row_version,
				  .meanwhile = meanwhile };
	if (issues->count)
		response->status = 422;
	page_frame(response->request, role->id ? "Change a role" : "New role", NAV_PEOPLE, &frame);
	frame.has_error = issues->count > 0;
	page_role_form(&response->body, &form);
}

static const char *extent_of(struct ctx *ctx, const struct grant *grant)
{
	if (grant->permission == PERMIT_NONE)
		return "no";
	const char *extent = grant->own_only ? "only what they made themselves" : "yes";
	return grant->schedule_types ? arena_printf(ctx->arena, "%s, only of type %s", extent, grant->schedule_types) : extent;
}

/* Somebody was first.  If it comes to the same, it is saved. */
static void show_both(struct request *request, struct response *response, struct role *typed, struct issues *issues)
{
	static const char *const actions[] = { "role.change", NULL };
	struct ctx *ctx = request->ctx;
	struct meanwhile meanwhile;
	struct role now;
	const char *path = arena_printf(ctx->arena, "/roles/%" PRId64, typed->id);
	if (!meanwhile_begin(request, actions, typed->id, path, &meanwhile) || !role_get(ctx, typed->id, &now)) {
		respond_fail(response, NULL);
		return;
	}
	meanwhile_add(&meanwhile, "Name", now.name, typed->name);
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++)
		meanwhile_add(&meanwhile, permission_words((enum permission)i), extent_of(ctx, &now.grants[i]), extent_of(ctx, &typed->grants[i]));
	if (!meanwhile.count) {
		response_redirect(response, "/roles?done=saved");
		return;
	}
	meanwhile_tell(&meanwhile, issues);
	typed->row_version = now.row_version;
	typed->people = now.people;
	show_form(response, typed, &meanwhile, issues);
}

static void save(struct request *request, struct response *response, struct role *role)
{
	struct issues issues = page_issues(request);
	role_read_form(request, role, &issues);
	form_row_version(request, &role->row_version);
	if (!issues.count && role_store(request->ctx, role)) {
		response_redirect(response, "/roles?done=saved");
		return;
	}
	if (!issues.count && was_first(request)) {
		show_both(request, response, role, &issues);
		return;
	}
	if (!issues.count && !fail_is_for_form(request)) {
		respond_fail(response, NULL);
		return;
	}
	if (!issues.count)
		issue_from_fail(request, &issues, request->ctx->fail.code == CODE_NAME_TAKEN ? "name" : NULL);
	show_form(response, role, NULL, &issues);
}

void get_role_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show_form(response, &(struct role){ .name = "" }, NULL, &issues);
}

void post_role_new(struct request *request, struct response *response)
{
	struct role role = { .name = "" };
	if (form_checked(request, response))
		save(request, response, &role);
}

static bool own_role_get(struct ctx *ctx, int64_t role_id, struct role *role)
{
	return role_get(ctx, role_id, role) &&
	       (!role->is_standard ||
		fail_set(&ctx->fail, FAIL_CONFLICT, CODE_STANDARD_ROLE, "The role “%s” is the same on every site", role->name));
}

void get_role_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct role role;
	if (own_role_get(request->ctx, request->path_id, &role))
		show_form(response, &role, NULL, &issues);
	else
		respond_fail(response, NULL);
}

/* Somebody has deleted it meanwhile. */
static void show_deleted(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request), unread = page_issues(request);
	struct role typed = { .name = "" };
	deleted_tell(request, &issues);
	role_read_form(request, &typed, &unread);
	show_form(response, &typed, NULL, &issues);
}

void post_role_page(struct request *request, struct response *response)
{
	struct role role;
	if (!form_checked(request, response))
		return;
	if (own_role_get(request->ctx, request->path_id, &role))
		save(request, response, &role);
	else if (request->ctx->fail.kind == FAIL_NOT_FOUND)
		show_deleted(request, response);
	else
		respond_fail(response, NULL);
}

/* As it is now, beside the failure that there is. */
static bool role_seen_again(struct request *request, struct role *role)
{
	struct ctx *ctx = request->ctx;
	const struct fail failed = ctx->fail;
	fail_clear(&ctx->fail);
	if (!role_get(ctx, role->id, role))
		return false;
	ctx->fail = failed;
	return true;
}

void post_role_delete(struct request *request, struct response *response)
{
	struct role role;
	if (!form_checked(request, response))
		return;
	if (!own_role_get(request->ctx, request->path_id, &role)) {
		respond_fail(response, NULL);
		return;
	}
	form_row_version(request, &role.row_version);
	if (role_remove(request->ctx, &role)) {
		response_redirect(response, "/roles?done=deleted");
	} else if (fail_is_for_form(request) && role_seen_again(request, &role)) {
		struct issues issues = page_issues(request);
		issue_from_fail(request, &issues, NULL);
		show_form(response, &role, NULL, &issues);
	} else {
		respond_fail(response, NULL);
	}
}
