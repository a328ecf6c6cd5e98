/* The form of a restriction, and the question before one goes. */
#include "base/clock.h"
#include "views/page_restrictions.h"
#include "web/meanwhile.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/place_input.h"
#include "web/restriction_input.h"
#include "web/session.h"

/* --- the form -------------------------------------------------------------------- */

/* "2026-12-01T09:00" as a field of times shows it. */
static const char *local_text(const struct request *request, int64_t utc)
{
	char *text = arena_alloc(request->ctx->arena, TIME_TEXT_SIZE);
	const struct zone *zone = session_zone(request);
	if (!utc)
		return "";
	time_format_local(utc + (zone ? zone_offset_at(zone, utc) : 0), text);
	text[16] = '\0';
	return text;
}

/* What is no wall time is left as it is: the reader says so. */
static const char *utc_text(const struct request *request, const char *local)
{
	char *text = arena_alloc(request->ctx->arena, TIME_TEXT_SIZE);
	const struct zone *zone = session_zone(request);
	int64_t wall, utc;
	if (!time_parse_local(local, strlen(local), &wall))
		return local;
	utc = wall;
	if (zone)
		(void)zone_to_utc(zone, wall, &utc);
	time_format_utc(utc, text);
	return text;
}

static json_t *list_of_names(const char *text)
{
	json_t *list = json_array();
	while (*text) {
		size_t len = strcspn(text, ","), skip = strspn(text, " ");
		const char *end = text + len;
		const char *from = skip < len ? text + skip : end;
		while (end > from && end[-1] == ' ')
			end--;
		if (end > from)
			json_array_append_new(list, json_stringn(from, (size_t)(end - from)));
		text += len + (text[len] == ',');
	}
	return list;
}

static json_t *number_of(const char *text)
{
	int64_t number;
	return parse_i64(text, strlen(text), &number) ? json_integer(number) : json_null();
}

/* Those who were typed; false when the database can't be asked. */
struct typed {
	struct resource *who, *others;
	size_t who_count, other_count;
};
static bool read_typed(struct request *request, struct typed *typed, struct issues *issues)
{
	if (!places_typed(request, "resource_other", &typed->who, &typed->who_count, issues) ||
	    !places_typed(request, "alternatives_other", &typed->others, &typed->other_count, issues))
		return false;
	if (typed->who_count > 1)
		issue_add(issues, CODE_INVALID_VALUE, "/resource_other", "Make one for each.", "A restriction is of one person or thing");
	return true;
}

/* The form as the object that the API takes; owned by the arena. */
static json_t *form_object(const struct request *request, const struct typed *typed)
{
	json_t *object = json_object(), *alternatives = json_array();
	const char *from = form_text(request, "from"), *to = form_text(request, "to");
	for (size_t i = 0; i < request->form_count; i++)
		if (strcmp(request->form[i].name, "alternatives") == 0)
			json_array_append_new(alternatives, number_of(request->form[i].value));
	for (size_t i = 0; i < typed->other_count; i++)
		json_array_append_new(alternatives, json_integer(typed->others[i].id));
	json_object_set_new(object, "resource_id",
			    typed->who_count ? json_integer(typed->who[0].id) : number_of(form_text(request, "resource_id")));
	json_object_set_new(object, "from", *from ? json_string(utc_text(request, from)) : json_null());
	json_object_set_new(object, "to", *to ? json_string(utc_text(request, to)) : json_null());
	json_object_set_new(object, "level", json_string(form_text(request, "level")));
	json_object_set_new(object, "schedule_types", list_of_names(form_text(request, "schedule_types")));
	json_object_set_new(object, "tags", list_of_names(form_text(request, "tags")));
	json_object_set_new(object, "reason", json_string(form_text(request, "reason")));
	json_object_set_new(object, "alternatives", alternatives);
	(void)json_keep(request->ctx->arena, object);
	return object;
}

/* A field of the form holds a whole list: "/tags/2" is said of "/tags". */
static void point_at_fields(struct issues *issues)
{
	for (size_t i = 0; i < issues->count; i++) {
		const char *pointer = issues->list[i].pointer, *rest = *pointer ? strchr(pointer + 1, '/') : NULL;
		if (rest)
			issues->list[i].pointer = arena_strndup(issues->arena, pointer, (size_t)(rest - pointer));
	}
}

static void show_form(struct response *response, const struct restriction_form *form, const char *alternatives)
{
	struct request *request = response->request;
	struct frame frame;
	struct resource_choice *choices;
	struct restriction_form shown = *form;
	int64_t resource_id = 0;
	(void)parse_i64(form->resource_id, strlen(form->resource_id), &resource_id);
	if (!restriction_choices(request->ctx, resource_id, alternatives, &choices, &shown.resource_count, &shown.has_more)) {
		respond_fail(response, NULL);
		return;
	}
	shown.resources = choices;
	shown.frame = &frame;
	page_frame(request, form->id ? "Change a restriction" : "New restriction", NAV_RESTRICTIONS, &frame);
	frame.has_error = form->issues->count > 0;
	page_restriction_form(&response->body, &shown);
}

static void show_row(struct response *response, const struct restriction_row *row, const struct issues *issues)
{
	struct request *request = response->request;
	const char *resource = row->rule.resource_id ? arena_printf(request->ctx->arena, "%" PRId64, row->rule.resource_id) : "";
	show_form(response,
		  &(struct restriction_form){
			  .issues = issues,
			  .id = row->rule.id,
			  .row_version = row->row_version,
			  .resource_id = resource,
			  .from = local_text(request, row->rule.from_utc),
			  .to = local_text(request, row->rule.to_utc),
			  .is_hard = row->rule.is_hard,
			  .schedule_types = row->rule.schedule_types ? row->rule.schedule_types : "",
			  .tags = row->rule.tags ? row->rule.tags : "",
			  .reason = row->reason,
			  .resource_other = "",
			  .alternatives_other = "",
		  },
		  row->alternatives);
}

/* As it was typed. */
static void show_typed(struct response *response, const struct restriction_row *row, const struct meanwhile *meanwhile,
		       const struct issues *issues)
{
	struct request *request = response->request;
	response->status = 422;
	show_form(response,
		  &(struct restriction_form){
			  .issues = issues,
			  .id = row->rule.id,
			  .row_version = row->row_version,
			  .meanwhile = meanwhile,
			  .resource_id = form_text(request, "resource_id"),
			  .from = form_text(request, "from"),
			  .to = form_text(request, "to"),
			  .is_hard = strcmp(form_text(request, "level"), "advisory") != 0,
			  .schedule_types = form_text(request, "schedule_types"),
			  .tags = form_text(request, "tags"),
			  .reason = form_text(request, "reason"),
			  .resource_other = form_text(request, "resource_other"),
			  .alternatives_other = form_text(request, "alternatives_other"),
		  },
		  row->alternatives);
}

void get_restriction_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct restriction_row row = { .rule = { .is_hard = true }, .reason = "", .alternatives = "" };
	if (param_int(request, "resource_id", 0, INT64_MAX, 0, &row.rule.resource_id))
		show_row(response, &row, &issues);
	else
		respond_fail(response, NULL);
}

static const char *spaced(const struct request *request, const char *time)
{
	char *text = arena_strdup(request->ctx->arena, time);
	if (strlen(text) > 10)
		text[10] = ' ';
	return text;
}

/* "7,9" as names; one statement. */
static bool name_them(struct ctx *ctx, const char *ids_text, const char **names_out)
{
	int64_t ids[RESTRICTION_ALTERNATIVES_MAX];
	return places_named(ctx, ids, restriction_ids(ids_text, ids, RESTRICTION_ALTERNATIVES_MAX), names_out);
}

/* What stands now beside what was typed (`typed`: as it was read). */
static bool compare(struct request *request, const struct restriction_row *now, const struct restriction_row *typed,
		    struct meanwhile *meanwhile)
{
	static const char *const levels[] = { "It warns", "It blocks" };
	struct ctx *ctx = request->ctx;
	const char *who_now, *who, *others_now, *others;
	if (!places_named(ctx, &now->rule.resource_id, 1, &who_now) || !places_named(ctx, &typed->rule.resource_id, 1, &who) ||
	    !name_them(ctx, now->alternatives, &others_now) ||
	    !name_them(ctx, typed->alternatives, &others))
		return false;
	meanwhile_add(meanwhile, "Who or what", who_now, who);
	meanwhile_add(meanwhile, "From", spaced(request, local_text(request, now->rule.from_utc)),
		      spaced(request, local_text(request, typed->rule.from_utc)));
	meanwhile_add(meanwhile, "To", spaced(request, local_text(request, now->rule.to_utc)),
		      spaced(request, local_text(request, typed->rule.to_utc)));
	meanwhile_add(meanwhile, "What it does", levels[now->rule.is_hard], levels[typed->rule.is_hard]);
	meanwhile_add(meanwhile, "Forbidden types", now->rule.schedule_types, typed->rule.schedule_types);
	meanwhile_add(meanwhile, "Forbidden tags", now->rule.tags, typed->rule.tags);
	meanwhile_add(meanwhile, "Reason", now->reason, typed->reason);
	meanwhile_add(meanwhile, "Instead", others_now, others);
	return true;
}

/* Somebody was first.  If it comes to the same, it is saved. */
static void show_both(struct request *request, struct response *response, struct restriction_row *typed, struct issues *issues)
{
	static const char *const actions[] = { "restriction.change", NULL };
	struct ctx *ctx = request->ctx;
	struct meanwhile meanwhile;
	struct restriction_row now;
	const char *path = arena_printf(ctx->arena, "/restrictions/%" PRId64, typed->rule.id);
	if (!meanwhile_begin(request, actions, typed->rule.id, path, &meanwhile) || !restriction_get(ctx, typed->rule.id, &now) ||
	    !compare(request, &now, typed, &meanwhile)) {
		respond_fail(response, NULL);
		return;
	}
	if (!meanwhile.count) {
		response_redirect(response, "/restrictions?saved=%" PRId64, typed->rule.id);
		return;
	}
	meanwhile_tell(&meanwhile, issues);
	typed->row_version = now.row_version;
	show_typed(response, typed, &meanwhile, issues);
}

/* Reads the form over `row` (an empty one, or what is stored) and saves it. */
static void save(struct request *request, struct response *response, struct restriction_row *row)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	int64_t id = row->rule.id, old_resource_id = row->rule.resource_id;
	row->rule.resource_id = 0; /* a field that was emptied is missing */
	row->rule.from_utc = row->rule.to_utc = 0;
	row->reason = "";
	form_row_version(request, &row->row_version);
	struct typed typed;
	if (!read_typed(request, &typed, &issues) || !restriction_read(request, form_object(request, &typed), row, &issues)) {
		respond_fail(response, NULL);
		return;
	}
	bool ok = !issues.count && restriction_permit(ctx, &row->rule) &&
		  (id ? restriction_update(ctx, row, old_resource_id) : restriction_insert(ctx, row));
	if (ok) {
		response_redirect(response, "/restrictions?saved=%" PRId64, row->rule.id);
		return;
	}
	if (!issues.count && was_first(request)) {
		show_both(request, response, row, &issues);
		return;
	}
	if (!issues.count && !fail_is_for_form(request) && ctx->fail.kind != FAIL_DENIED) {
		respond_fail(response, NULL);
		return;
	}
	if (!issues.count)
		issue_from_fail(request, &issues, ctx->fail.kind == FAIL_DENIED ? "schedule_types" : NULL);
	point_at_fields(&issues);
	show_typed(response, row, NULL, &issues);
}

void post_restriction_new(struct request *request, struct response *response)
{
	struct restriction_row row = { .rule = { .is_hard = true }, .reason = "", .alternatives = "", .once = true };
	if (form_checked(request, response))
		save(request, response, &row); /* sent twice, by a double click or after Back, it is one */
}

static bool load_own(struct request *request, struct restriction_row *row)
{
	return restriction_get(request->ctx, request->path_id, row) && restriction_permit(request->ctx, &row->rule);
}

void get_restriction_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct restriction_row row;
	if (load_own(request, &row))
		show_row(response, &row, &issues);
	else
		respond_fail(response, NULL);
}

/* Somebody has deleted it: what was typed stands in the form of a new one. */
static void give_back(struct request *request, struct response *response)
{
	struct restriction_row row = { .rule = { .is_hard = true }, .reason = "", .alternatives = "" };
	struct issues issues = page_issues(request), unread = page_issues(request);
	struct typed typed;
	deleted_tell(request, &issues);
	if (read_typed(request, &typed, &unread) && restriction_read(request, form_object(request, &typed), &row, &unread))
		show_typed(response, &row, NULL, &issues);
	else
		respond_fail(response, NULL);
}

void post_restriction_page(struct request *request, struct response *response)
{
	struct restriction_row row;
	if (!form_checked(request, response))
		return;
	if (load_own(request, &row))
		save(request, response, &row);
	else if (request->ctx->fail.code == CODE_RESTRICTION_NOT_FOUND)
		give_back(request, response);
	else
		respond_fail(response, NULL);
}

static void ask_delete(struct request *request, struct response *response, bool has_changed)
{
	struct restriction_row row;
	struct frame frame;
	if (!load_own(request, &row)) {
		respond_fail(response, NULL);
		return;
	}
	struct restriction_view view = restriction_view_of(request->ctx, &row);
	page_frame(request, "Delete a restriction", NAV_RESTRICTIONS, &frame);
	page_restriction_delete(&response->body, &frame, &view, has_changed);
}

void get_restriction_delete(struct request *request, struct response *response)
{
	ask_delete(request, response, false);
}

void post_restriction_delete(struct request *request, struct response *response)
{
	struct restriction_row row;
	if (!form_checked(request, response))
		return;
	bool ok = load_own(request, &row);
	form_row_version(request, &row.row_version);
	if (ok && restriction_delete(request->ctx, &row)) {
		response_redirect(response, "/restrictions?deleted=1");
	} else if (was_first(request)) {
		fail_clear(&request->ctx->fail);
		response->status = 409;
		ask_delete(request, response, true);
	} else {
		respond_fail(response, NULL);
	}
}
