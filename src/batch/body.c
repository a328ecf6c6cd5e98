/* The members of a one-body request, typed. */
#include "batch/body.h"

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

bool body_members_read(struct ingest *ingest, struct body *body)
{
	struct ctx *ctx = ingest->ctx;
	const struct body_members *members = &ingest->members;
	if (members->type && !body->type_known) {
		json_t *word = json_read(ctx->arena, members->type, strlen(members->type), &ctx->fail);
		if (!json_is_string(word) || !job_type_by_name(json_string_value(word), &ingest->job->type) ||
		    ingest->job->type == JOB_ACTIVATE) {
			fail_clear(&ctx->fail);
			(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "type must be create, update or evaluate");
			return fail_at(&ctx->fail, "/type");
		}
		body->type_known = true;
	}
	if (members->label) {
		json_t *label = json_read(ctx->arena, members->label, strlen(members->label), &ctx->fail);
		if (!json_is_string(label) || json_string_length(label) > 150) {
			fail_clear(&ctx->fail);
			(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_TYPE, "label must be a text of at most 150 bytes");
			return fail_at(&ctx->fail, "/label");
		}
		body->label = json_string_value(label);
	}
	if (members->options && body->type_known && !body->options_known) {
		json_t *object = json_read(ctx->arena, members->options, strlen(members->options), &ctx->fail);
		if (!object)
			return false;
		struct issues issues = { .arena = ctx->arena };
		body->options_known = true;
		if (!options_read(object, ingest->job->type, &body->options, &issues)) {
			(void)fail_set(&ctx->fail, FAIL_INVALID, issues.list[0].code, "%s", issues.list[0].message);
			return fail_at(&ctx->fail, "%s", issues.list[0].pointer);
		}
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
