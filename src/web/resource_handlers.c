/* People, venues, teams, equipment. */
#include "base/zone.h"
#include "store/audit.h"
#include "store/resources.h"
#include "web/api_input.h"
#include "web/handlers.h"

static void resource_json(struct json_writer *w, const struct resource *resource)
{
	jw_object(w, NULL);
	jw_int(w, "id", resource->id);
	jw_text(w, "kind", resource->kind);
	jw_text(w, "name", resource->name);
	jw_text(w, "timezone", resource->timezone);
	jw_int(w, "capacity", resource->capacity);
	jw_text(w, "overlap", resource->overlap);
	jw_bool(w, "active", resource->active);
	jw_time(w, "created_at", resource->created_at);
	jw_end_object(w);
}

static void respond_resource(struct response *response, int status, const struct resource *resource)
{
	struct json_writer w;
	response->status = status;
	jw_begin(&w, &response->body);
	resource_json(&w, resource);
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

/* Puts the body's members over `resource`, which holds the defaults. */
static void read_resource(const json_t *body, struct resource *resource, struct issues *issues)
{
	static const char *const members[] = { "kind", "name", "timezone", "capacity", "overlap", "active", NULL };
	static const char *const kinds[] = { "person", "venue", "team", "equipment", NULL };
	static const char *const overlaps[] = { "hard", "soft", NULL };
	refuse_unknown(body, members, issues);
	resource->kind = text_member(body, "kind", resource->kind, 1, 20, issues);
	resource->name = text_member(body, "name", resource->name, 1, 255, issues);
	resource->timezone = text_member(body, "timezone", resource->timezone, 1, 64, issues);
	resource->capacity = int_member(body, "capacity", resource->capacity, 1, RESOURCE_CAPACITY_MAX, issues);
	resource->overlap = text_member(body, "overlap", resource->overlap, 1, 4, issues);
	resource->active = bool_member(body, "active", resource->active, issues);
	if (!is_one_of(resource->kind, kinds))
		issue_add(issues, resource->kind[0] ? CODE_INVALID_VALUE : CODE_REQUIRED, "/kind", NULL,
			  "kind is person, venue, team or equipment");
	if (!resource->name[0])
		issue_add(issues, CODE_REQUIRED, "/name", NULL, "name is missing");
	if (!zone_find(resource->timezone))
		issue_add(issues, CODE_UNKNOWN_TIMEZONE, "/timezone", NULL, "There is no time zone %.64s",
			  resource->timezone);
	if (!is_one_of(resource->overlap, overlaps))
		issue_add(issues, CODE_INVALID_VALUE, "/overlap", NULL, "overlap is hard or soft");
}

void get_resources(struct request *request, struct response *response)
{
	struct resource *resources;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	if (!list_params(request, &after, &limit) ||
	    !resources_page(request->ctx, param(request, "kind"), after, limit, &resources, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		resource_json(&w, &resources[i]);
	list_end(&w, count == (size_t)limit, count ? resources[count - 1].id : 0);
}

void get_resource(struct request *request, struct response *response)
{
	struct resource resource;
	if (resource_get(request->ctx, request->path_id, &resource))
		respond_resource(response, 200, &resource);
	else
		respond_fail(response, NULL);
}

void post_resource(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct resource resource = { .kind = "", .name = "", .timezone = "UTC", .capacity = 1, .overlap = "hard",
				     .active = true };
	json_t *body = object_body(request, false);
	if (body)
		read_resource(body, &resource, &issues);
	if (!body || issues.count > 0 || !db_begin(ctx->db, &ctx->fail) ||
	    !audit_commit(ctx, resource_insert(ctx, &resource), "resource.create", &resource.id) || !resource_get(ctx, resource.id, &resource)) {
		respond_issues(response, &issues);
		return;
	}
	response_header(response, "Location", "%s/api/v1/resources/%lld", request->base, (long long)resource.id);
	respond_resource(response, 201, &resource);
}

void patch_resource(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct resource resource;
	json_t *body = NULL;
	if (resource_get(ctx, request->path_id, &resource))
		body = object_body(request, false);
	if (body)
		read_resource(body, &resource, &issues);
	if (body && issues.count == 0 && db_begin(ctx->db, &ctx->fail) &&
	    audit_commit(ctx, resource_update(ctx, &resource), "resource.change", &resource.id))
		respond_resource(response, 200, &resource);
	else
		respond_issues(response, &issues);
}

void delete_resource(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	if (db_begin(ctx->db, &ctx->fail) &&
	    audit_commit(ctx, resource_delete(ctx, request->path_id), "resource.delete", &request->path_id))
		response->status = 204;
	else
		respond_fail(response, NULL);
}
