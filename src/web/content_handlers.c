/* Contents and their versions. */
#include "store/audit.h"
#include "store/contents.h"
#include "web/api_input.h"
#include "web/handlers.h"

#define BODY_BYTES 1048576 /* of one version */

static void content_json(struct json_writer *w, const struct content *content)
{
	jw_object(w, NULL);
	jw_int(w, "id", content->id);
	jw_text(w, "title", content->title);
	jw_text(w, "schedule_type", content->schedule_type);
	jw_id(w, "owner_id", content->owner_id);
	jw_int(w, "latest_version", content->latest_version);
	jw_id(w, "live_version", content->live_version);
	jw_time(w, "created_at", content->created_at);
	jw_end_object(w);
}

/* A content that the actor may `permission`; otherwise there is none.  What is
 * everybody's is his own as well, but of its type all the same. */
static bool find(struct request *request, enum permission permission, struct content *content)
{
	struct ctx *ctx = request->ctx;
	return content_get(ctx, request->path_id, content) &&
	       (permitted_for(ctx->actor, permission, content->schedule_type,
			      content->owner_id ? content->owner_id : ctx->actor->user_id) ||
		fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_CONTENT_NOT_FOUND, "There is no content %lld",
			 (long long)request->path_id));
}

void get_contents(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct content *contents;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	if (!list_params(request, &after, &limit) ||
	    !contents_page(ctx, ctx->actor, after, limit, &contents, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		content_json(&w, &contents[i]);
	list_end(&w, count == (size_t)limit, count ? contents[count - 1].id : 0);
}

void get_content(struct request *request, struct response *response)
{
	struct content content;
	struct json_writer w;
	if (!find(request, PERMIT_VIEW_CONTENT_VERSIONS, &content)) {
		respond_fail(response, NULL);
		return;
	}
	jw_begin(&w, &response->body);
	content_json(&w, &content);
}

static bool is_type_name(const char *text)
{
	return text[0] && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

/* Whose grant is limited to some types makes contents of those. */
static bool may_own(struct ctx *ctx, const char *type)
{
	return permitted_for(ctx->actor, PERMIT_SCHEDULE_CONTENT, type, ctx->actor->user_id) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your role does not let you schedule the type “%s”", type);
}

void post_content(struct request *request, struct response *response)
{
	static const char *const members[] = { "title", "schedule_type", NULL };
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct content content;
	struct json_writer w;
	json_t *body = object_body(request, false);
	if (body)
		refuse_unknown(body, members, &issues);
	const char *title = text_member(body, "title", NULL, 1, CONTENT_TITLE_MAX, &issues);
	const char *type = text_member(body, "schedule_type", "publish", 1, 32, &issues);
	if (body && issues.count == 0 && !title)
		issue_add(&issues, CODE_REQUIRED, "/title", NULL, "title is missing");
	if (!is_type_name(type))
		issue_add(&issues, CODE_INVALID_VALUE, "/schedule_type", NULL,
			  "schedule_type is of lower-case letters, digits, - and _");
	if (!body || issues.count > 0 || !may_own(ctx, type) || !db_begin(ctx->db, &ctx->fail) ||
	    !audit_commit(ctx, content_insert(ctx, title, type, &content.id), "content.create", &content.id) || !content_get(ctx, content.id, &content)) {
		respond_issues(response, &issues);
		return;
	}
	response->status = 201;
	response_header(response, "Location", "%s/api/v1/contents/%lld", request->base, (long long)content.id);
	jw_begin(&w, &response->body);
	content_json(&w, &content);
}

void get_content_versions(struct request *request, struct response *response)
{
	struct content content;
	struct content_version *versions;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	if (!list_params(request, &after, &limit) ||
	    !find(request, PERMIT_VIEW_CONTENT_VERSIONS, &content) ||
	    !content_versions_page(request->ctx, content.id, after, limit, &versions, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		jw_int(&w, "version_no", versions[i].version_no);
		jw_raw(&w, "body", versions[i].body);
		jw_int(&w, "created_by", versions[i].created_by);
		jw_time(&w, "created_at", versions[i].created_at);
		jw_end_object(&w);
	}
	list_end(&w, count == (size_t)limit, count ? versions[count - 1].version_no : 0);
}

/* The JSON text of member "body", an object; NULL with the reason told. */
static const char *version_body(struct request *request, struct issues *issues)
{
	static const char *const members[] = { "body", NULL };
	json_t *object = json_body(request, BODY_BYTES);
	const json_t *body = json_object_get(object, "body");
	if (!object)
		return NULL;
	refuse_unknown(object, members, issues);
	if (!json_is_object(body))
		issue_add(issues, body ? CODE_INVALID_TYPE : CODE_REQUIRED, "/body", NULL, "body must be a JSON object");
	return issues->count == 0 ? json_text(request->ctx->arena, body, NULL) : NULL;
}

void post_content_version(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct content content;
	struct json_writer w;
	int64_t version_no;
	const char *body = NULL;
	if (find(request, PERMIT_SCHEDULE_CONTENT, &content))
		body = version_body(request, &issues);
	if (!body || !db_begin(ctx->db, &ctx->fail) ||
	    !audit_commit(ctx, content_add_version(ctx, content.id, body, &version_no), "content.version", &content.id)) {
		respond_issues(response, &issues);
		return;
	}
	response->status = 201;
	response_header(response, "Location", "%s/api/v1/contents/%lld/versions", request->base, (long long)content.id);
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_int(&w, "content_id", content.id);
	jw_int(&w, "version_no", version_no);
	jw_end_object(&w);
}
