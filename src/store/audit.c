#include "store/audit.h"

#include "rules/permission.h"

enum { AUDIT_ADD };

static const struct db_stmt statements[] = {
	[AUDIT_ADD] = { "audit.add",
			"INSERT INTO {audit_log} (at, user_id, action, job_id, object_id, detail)"
			" VALUES (UTC_TIMESTAMP(3), ?, ?, ?, ?, ?)",
			"isiis", "" },
};
const struct db_stmt_table audit_statements = { "audit.c", statements, sizeof statements / sizeof statements[0] };

bool audit_add(struct ctx *ctx, const char *action, int64_t job_id, int64_t object_id, const char *detail)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[AUDIT_ADD], ctx->actor->user_id, action, job_id, object_id,
		       detail);
}
