/* Roles, for those who manage people. */
#include "store/roles.h"
#include "views/page_users.h"
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

static void show_form(struct response *response, const struct role *role, const struct issues *issues)
{
	struct frame frame;
	struct role_form form = { .frame = &frame, .issues = issues, .role = view_of(role) };
	if (issues->count)
		response->status = 422;
	page_frame(response->request, role->id ? "Change a role" : "New role", NAV_PEOPLE, &frame);
	frame.has_error = issues->count > 0;
	page_role_form(&response->body, &form);
}

static void save(struct request *request, struct response *response, struct role *role)
{
	struct issues issues = page_issues(request);
	role_read_form(request, role, &issues);
	if (!issues.count && role_store(request->ctx, role)) {
		response_redirect(response, "/roles?done=saved");
		return;
	}
	if (!issues.count && !fail_is_for_form(request)) {
		respond_fail(response, NULL);
		return;
	}
	if (!issues.count)
		issue_from_fail(request, &issues, request->ctx->fail.code == CODE_NAME_TAKEN ? "name" : NULL);
	show_form(response, role, &issues);
}

void get_role_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show_form(response, &(struct role){ .name = "" }, &issues);
}

void post_role_new(struct request *request, struct response *response)
{
	struct role role = { .name = "" };
	if (form_checked(request, response))
		save(request, response, &role);
}

static bool load_own(struct request *request, struct response *response, struct role *role)
{
	struct ctx *ctx = request->ctx;
	if (role_get(ctx, request->path_id, role) &&
	    (!role->is_standard ||
	     fail_set(&ctx->fail, FAIL_CONFLICT, CODE_STANDARD_ROLE, "The role “%s” is the same on every site", role->name)))
		return true;
	respond_fail(response, NULL);
	return false;
}

void get_role_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct role role;
	if (load_own(request, response, &role))
		show_form(response, &role, &issues);
}

void post_role_page(struct request *request, struct response *response)
{
	struct role role;
	if (form_checked(request, response) && load_own(request, response, &role))
		save(request, response, &role);
}

void post_role_delete(struct request *request, struct response *response)
{
	struct role role;
	if (!form_checked(request, response) || !load_own(request, response, &role))
		return;
	if (role_remove(request->ctx, &role))
		response_redirect(response, "/roles?done=deleted");
	else
		respond_fail(response, NULL);
}
