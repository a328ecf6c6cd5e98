/* What a request says about its batch beside the items, typed. */
#include "batch/body.h"

#include <string.h>

static long read_memory(void *user, char *buffer, size_t size)
{
	struct memory_source *memory = user;
	size_t len = memory->left < size ? memory->left : size;
	memcpy(buffer, memory->at, len);
	memory->at += len;
	memory->left -= len;
	return (long)len;
}

struct byte_source memory_source(struct memory_source *memory)
{
	return (struct byte_source){ read_memory, memory };
}

bool batch_type_read(struct ctx *ctx, const char *name, enum job_type *type_out)
{
	static const char *const later[] = { "delete", "assign", "schedule", "duplicate", "template", "import",
					     "export", "validate", "attribute", "undo" };
	if (!name)
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_REQUIRED, "type is missing: create, update or evaluate") ||
		       fail_at(&ctx->fail, "/type");
	if (job_type_by_name(name, type_out) && *type_out != JOB_ACTIVATE) /* those the program makes itself */
		return true;
	for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
		if (strcmp(name, later[i]) == 0)
			return fail_set(&ctx->fail, FAIL_INVALID, CODE_NOT_AVAILABLE,
					"Batches of type %s are not available in this version", name) ||
			       fail_at(&ctx->fail, "/type");
	return fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE,
			"There is no batch type %.40s; create, update and evaluate are", name) ||
	       fail_at(&ctx->fail, "/type");
}

bool label_fits(struct ctx *ctx, const char *label)
{
	if (!label || utf8_length(label, strlen(label)) <= JOB_LABEL_MAX)
		return true;
	(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_TOO_LONG, "label may have %d characters", JOB_LABEL_MAX);
	return fail_at(&ctx->fail, "/label");
}

/* NULL, with the reason, when it is no text. */
static const char *text_of(struct ctx *ctx, const char *member, const char *name)
{
	json_t *text = json_read(ctx->arena, member, strlen(member), &ctx->fail);
	if (text && !json_is_string(text))
		(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_TYPE, "%s must be a text", name);
	if (!json_is_string(text))
		(void)fail_at(&ctx->fail, "/%s", name);
	return json_string_value(text);
}

/* Where the address says the type already, the body may repeat it. */
static bool type_member_read(struct ctx *ctx, const char *member, struct job *job, struct body *body)
{
	enum job_type type = job->type;
	const char *name = text_of(ctx, member, "type");
	if (!name || !batch_type_read(ctx, name, &type))
		return false;
	if (body->type_known && type != job->type) {
		(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "This address makes batches of type %s",
			       job_type_name(job->type));
		return fail_at(&ctx->fail, "/type");
	}
	job->type = type;
	body->type_known = true;
	return true;
}

static bool options_member_read(struct ctx *ctx, const char *member, enum job_type type, struct batch_options *options)
{
	struct issues *issues = arena_alloc(ctx->arena, sizeof(*issues));
	const json_t *object = json_read(ctx->arena, member, strlen(member), &ctx->fail);
	*issues = (struct issues){ .arena = ctx->arena };
	if (!object)
		return false;
	if (options_read(object, type, options, issues))
		return true;
	if (issues->count > 1)
		return issues_fail(&ctx->fail, issues);
	(void)fail_set(&ctx->fail, FAIL_INVALID, issues->list[0].code, "%s", issues->list[0].message);
	str_copy(ctx->fail.suggestion, sizeof(ctx->fail.suggestion), issues->list[0].suggestion);
	return fail_at(&ctx->fail, "%s", issues->list[0].pointer);
}

bool body_members_read(struct ingest *ingest, struct body *body)
{
	struct ctx *ctx = ingest->ctx;
	const struct body_members *members = &ingest->members;
	if (members->type && !type_member_read(ctx, members->type, ingest->job, body))
		return false;
	if (members->label) {
		body->label = text_of(ctx, members->label, "label");
		if (!body->label || !label_fits(ctx, body->label))
			return false;
	}
	if (members->options && body->type_known && !body->options_known) {
		body->options_known = true;
		return options_member_read(ctx, members->options, ingest->job->type, &body->options);
	}
	return true;
}

bool body_has_type(struct ctx *ctx, const struct body *body)
{
	if (body->type_known)
		return true;
	(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_REQUIRED, "type is missing, or stands behind too many items");
	return fail_at(&ctx->fail, "/type");
}
