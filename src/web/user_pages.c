/* People, for those who manage them. */
#include "views/page_users.h"
#include "web/meanwhile.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/people_change.h"

#define ROWS_PER_PAGE 100

static struct person_view view_of(const struct person *person)
{
	return (struct person_view){ person->id,	   person->name,	 person->display_name,	    person->roles,
				     person->is_active,	   person->password_due, person->has_second_factor, person->sessions,
				     person->created_at };
}

static const char *note_of(const char *done)
{
	static const char *const notes[][2] = {
		{ "saved", "Saved." },
		{ "active", "The person may sign in again." },
		{ "off", "The person is deactivated: all sessions and API tokens have ended." },
		{ "factor", "The second factor is off." },
	};
	for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
		if (strcmp(notes[i][0], done) == 0)
			return notes[i][1];
	return NULL;
}

void get_users_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct users_page page = { .frame = &frame, .note = note_of(param_text(request, "done")) };
	struct person *people;
	if (!param_int(request, "after", 0, INT64_MAX, 0, &page.after) ||
	    !people_page(ctx, page.after, ROWS_PER_PAGE + 1, &people, &page.count)) {
		respond_fail(response, NULL);
		return;
	}
	if (page.count > ROWS_PER_PAGE) {
		page.count = ROWS_PER_PAGE;
		page.next_after = people[ROWS_PER_PAGE - 1].id;
	}
	struct person_view *views = arena_array(ctx->arena, page.count + 1, sizeof *views);
	for (size_t i = 0; i < page.count; i++)
		views[i] = view_of(&people[i]);
	page.people = views;
	page_frame(request, "People", NAV_PEOPLE, &frame);
	page_users(&response->body, &page);
}

/* --- the form ---------------------------------------------------------------- */

static bool is_in(const char *list, const char *name)
{
	size_t len = strlen(name);
	for (const char *at = list; *at;) {
		size_t part = strcspn(at, ",");
		if (part == len && strncmp(at, name, len) == 0)
			return true;
		at += part + (at[part] == ',');
	}
	return false;
}

/* `stored` NULL: a new person; `meanwhile` NULL: nobody else was at it. */
static void show_form(struct response *response, const struct person *stored, const struct person *typed,
		      const struct meanwhile *meanwhile, struct issues *issues)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct person_view view = { 0 };
	struct role *roles;
	struct user_form form = { .frame = &frame, .issues = issues, .name = typed->name, .display_name = typed->display_name,
				  .timezone = typed->timezone, .meanwhile = meanwhile, .row_version = typed->row_version,
				  .note = issues->count ? NULL : note_of(param_text(request, "done")) };
	if (!roles_list(ctx, &roles, &form.role_count)) {
		respond_fail(response, NULL);
		return;
	}
	struct role_choice *choices = arena_array(ctx->arena, form.role_count + 1, sizeof *choices);
	for (size_t i = 0; i < form.role_count; i++)
		choices[i] = (struct role_choice){ roles[i].name, is_in(typed->roles, roles[i].name) };
	form.roles = choices;
	if (stored) {
		view = view_of(stored);
		form.person = &view;
		form.is_self = stored->id == ctx->actor->user_id;
	}
	if (issues->count)
		response->status = 422;
	page_frame(request, stored ? stored->display_name : "Add a person", NAV_PEOPLE, &frame);
	frame.has_error = issues->count > 0;
	page_user_form(&response->body, &form);
}

void get_user_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	show_form(response, NULL,
		  &(struct person){ .name = "", .display_name = "", .timezone = request->session.timezone, .roles = "" }, NULL, &issues);
}

void get_user_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct person person;
	if (person_get(request->ctx, request->path_id, &person))
		show_form(response, &person, &person, NULL, &issues);
	else
		respond_fail(response, NULL);
}

static const char *typed_roles(const struct request *request)
{
	struct str out = STR_INIT;
	for (size_t i = 0; i < request->form_count; i++)
		if (strcmp(request->form[i].name, "role") == 0)
			str_addf(&out, "%s%s", out.len ? "," : "", request->form[i].value);
	const char *roles = arena_strdup(request->ctx->arena, str_text(&out));
	str_free(&out);
	return roles;
}

static void show_password(struct response *response, const struct person *person, const char *password)
{
	struct frame frame;
	page_frame(response->request, "A new password", NAV_PEOPLE, &frame);
	page_given_password(&response->body, &frame, person->id, person->display_name, password);
}

/* A failure as a person can mend it, on the form; else a page of its own. */
static bool to_issue(struct request *request, struct issues *issues)
{
	struct fail *fail = &request->ctx->fail;
	if (fail->kind != FAIL_CONFLICT && fail->kind != FAIL_INVALID && fail->kind != FAIL_DENIED)
		return false;
	issue_from_fail(request, issues, fail->code == CODE_NAME_TAKEN ? "name" : fail->code == CODE_LAST_ADMIN ? "roles" : NULL);
	return true;
}

void post_user_new(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	char password[GIVEN_PASSWORD_SIZE];
	if (!form_checked(request, response))
		return;
	struct person person = { .name = form_text(request, "name"), .display_name = form_text(request, "display_name"),
				 .timezone = form_text(request, "timezone"), .roles = typed_roles(request), .is_active = true };
	bool ok = person_check(ctx, &person, &issues);
	if (ok && !issues.count && person_create(ctx, &person, password, &person.id))
		show_password(response, &person, password);
	else if (issues.count || to_issue(request, &issues))
		show_form(response, NULL, &person, NULL, &issues);
	else
		respond_fail(response, NULL);
}

/* "a,b" as it is read: "a, b". */
static const char *with_blanks(const struct request *request, const char *list)
{
	struct str out = STR_INIT;
	for (const char *at = list; *at; at++)
		str_add(&out, *at == ',' ? ", " : at, *at == ',' ? 2 : 1);
	const char *text = arena_strdup(request->ctx->arena, str_text(&out));
	str_free(&out);
	return text;
}

/* Somebody was first.  If it comes to the same, it is saved. */
static void show_both(struct request *request, struct response *response, struct person *typed, struct issues *issues)
{
	static const char *const actions[] = { "user.change", "user.activate", "user.deactivate", "account.timezone", NULL };
	struct ctx *ctx = request->ctx;
	struct meanwhile meanwhile;
	struct person now;
	const char *path = arena_printf(ctx->arena, "/users/%" PRId64, typed->id);
	if (!meanwhile_begin(request, actions, typed->id, path, &meanwhile) || !person_get(ctx, typed->id, &now)) {
		respond_fail(response, NULL);
		return;
	}
	meanwhile_add(&meanwhile, "Name", now.display_name, typed->display_name);
	meanwhile_add(&meanwhile, "Time zone", now.timezone, typed->timezone);
	meanwhile_add(&meanwhile, "Roles", with_blanks(request, now.roles), with_blanks(request, typed->roles));
	if (!meanwhile.count) {
		response_redirect(response, "/users/%lld?done=saved", (long long)typed->id);
		return;
	}
	meanwhile_tell(&meanwhile, issues);
	typed->row_version = now.row_version;
	show_form(response, &now, typed, &meanwhile, issues);
}

void post_user_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	struct person stored;
	size_t paused;
	if (!form_checked(request, response))
		return;
	if (!person_get(ctx, request->path_id, &stored)) {
		respond_fail(response, NULL);
		return;
	}
	struct person person = stored;
	person.display_name = form_text(request, "display_name");
	person.timezone = form_text(request, "timezone");
	person.roles = typed_roles(request);
	form_row_version(request, &person.row_version);
	bool ok = person_check(ctx, &person, &issues);
	if (ok && !issues.count && person_change(ctx, &person, &paused))
		response_redirect(response, "/users/%lld?done=saved", (long long)person.id);
	else if (!issues.count && was_first(request))
		show_both(request, response, &person, &issues);
	else if (issues.count || to_issue(request, &issues))
		show_form(response, &stored, &person, NULL, &issues);
	else
		respond_fail(response, NULL);
}

/* --- access -------------------------------------------------------------------- */

void get_user_off(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct person person;
	int64_t *ids;
	size_t batches;
	if (!person_get(ctx, request->path_id, &person) || !person_open_batches(ctx, person.id, &ids, &batches)) {
		respond_fail(response, NULL);
		return;
	}
	struct person_view view = view_of(&person);
	page_frame(request, "Deactivate somebody", NAV_PEOPLE, &frame);
	page_user_off(&response->body, &frame, &view, batches);
}

static void set_active(struct request *request, struct response *response, bool is_active)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	struct person person;
	size_t paused;
	if (!form_checked(request, response))
		return;
	if (!person_get(ctx, request->path_id, &person)) {
		respond_fail(response, NULL);
		return;
	}
	struct person wanted = person;
	wanted.is_active = is_active;
	if (person_change(ctx, &wanted, &paused))
		response_redirect(response, "/users/%lld?done=%s", (long long)person.id, is_active ? "active" : "off");
	else if (to_issue(request, &issues))
		show_form(response, &person, &person, NULL, &issues);
	else
		respond_fail(response, NULL);
}

void post_user_off(struct request *request, struct response *response)
{
	set_active(request, response, false);
}

void post_user_on(struct request *request, struct response *response)
{
	set_active(request, response, true);
}

void post_user_password(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	char password[GIVEN_PASSWORD_SIZE];
	struct person person;
	if (!form_checked(request, response))
		return;
	if (person_give_password(ctx, request->path_id, password) && person_get(ctx, request->path_id, &person))
		show_password(response, &person, password);
	else
		respond_fail(response, NULL);
}

void post_user_factor(struct request *request, struct response *response)
{
	if (!form_checked(request, response))
		return;
	if (person_reset_factor(request->ctx, request->path_id))
		response_redirect(response, "/users/%lld?done=factor", (long long)request->path_id);
	else
		respond_fail(response, NULL);
}
