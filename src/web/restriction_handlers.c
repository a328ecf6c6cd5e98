/* Restrictions: when and for what somebody may not be scheduled. */
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/restriction_input.h"

static void names_json(struct json_writer *w, const char *key, const char *names)
{
	jw_list(w, key);
	for (const char *at = names ? names : ""; *at;) {
		size_t len = strcspn(at, ",");
		char name[4 * RESTRICTION_TAG_MAX + 1];
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		jw_text(w, NULL, name);
		at += len + (at[len] == ',');
	}
	jw_end_list(w);
}

static void members_json(struct json_writer *w, const struct restriction_row *row)
{
	int64_t ids[RESTRICTION_ALTERNATIVES_MAX];
	size_t count = restriction_ids(row->alternatives, ids, RESTRICTION_ALTERNATIVES_MAX);
	jw_int(w, "id", row->rule.id);
	jw_int(w, "resource_id", row->rule.resource_id);
	jw_text(w, "resource_name", row->resource_name);
	jw_time(w, "from", row->rule.from_utc);
	jw_time(w, "to", row->rule.to_utc);
	jw_text(w, "level", row->rule.is_hard ? "hard" : "advisory");
	names_json(w, "schedule_types", row->rule.schedule_types);
	names_json(w, "tags", row->rule.tags);
	jw_text(w, "reason", row->reason);
	jw_ids(w, "alternatives", ids, count);
	jw_int(w, "row_version", row->row_version);
}

/* With what it meets, so that nobody need look for it. */
static void respond_restriction(struct response *response, int status, int64_t id)
{
	struct ctx *ctx = response->request->ctx;
	struct restriction_row row;
	struct restriction_touch touch;
	struct json_writer w;
	if (!restriction_get(ctx, id, &row) || !restriction_touches(ctx, &row.rule, &touch)) {
		respond_fail(response, NULL);
		return;
	}
	response->status = status;
	respond_etag(response, row.row_version);
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	members_json(&w, &row);
	jw_list(&w, "overlapping");
	for (size_t i = 0; i < touch.overlapping_count; i++)
		jw_int(&w, NULL, touch.overlapping[i]);
	jw_end_list(&w);
	jw_int(&w, "event_count", touch.event_count);
	jw_end_object(&w);
}

void get_restrictions(struct request *request, struct response *response)
{
	struct issues issues = no_issues(request);
	struct restriction_filter filter;
	struct restriction_row *rows;
	struct json_writer w;
	size_t count;
	restriction_filter_read(request, &filter, &issues);
	if (issues.count || !list_params(request, &filter.after_id, &filter.limit) ||
	    !restrictions_page(request->ctx, &filter, &rows, &count)) {
		respond_issues(response, &issues);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		members_json(&w, &rows[i]);
		jw_end_object(&w);
	}
	list_end(&w, count == (size_t)filter.limit, count ? rows[count - 1].rule.id : 0);
}

void get_restriction(struct request *request, struct response *response)
{
	respond_restriction(response, 200, request->path_id);
}

void post_restriction(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct restriction_row row = { .rule = { .is_hard = true }, .reason = "", .alternatives = "" };
	json_t *body = object_body(request, false);
	if (!body || !restriction_read(request, body, &row, &issues) || issues.count || !restriction_permit(ctx, &row.rule) ||
	    !restriction_insert(ctx, &row)) {
		respond_issues(response, &issues);
		return;
	}
	response_header(response, "Location", "%s/api/v1/restrictions/%lld", request->base, (long long)row.rule.id);
	respond_restriction(response, 201, row.rule.id);
}

void patch_restriction(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct restriction_row row;
	json_t *body = NULL;
	if (restriction_get(ctx, request->path_id, &row) && restriction_permit(ctx, &row.rule))
		body = object_body(request, false);
	int64_t old_resource_id = body ? row.rule.resource_id : 0;
	if (body && if_match_row(request, &row.row_version) && restriction_read(request, body, &row, &issues) && !issues.count &&
	    restriction_permit(ctx, &row.rule) && restriction_update(ctx, &row, old_resource_id))
		respond_restriction(response, 200, row.rule.id);
	else
		respond_issues(response, &issues);
}

void delete_restriction(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct restriction_row row;
	if (restriction_get(ctx, request->path_id, &row) && restriction_permit(ctx, &row.rule) && if_match_row(request, &row.row_version) &&
	    restriction_delete(ctx, &row))
		response->status = 204;
	else
		respond_fail(response, NULL);
}
