#include "web/error_log_map.h"

#include "store/audit.h"

const char *error_entry_state(const struct error_entry *entry)
{
	return entry->resolved_at ? "resolved" : entry->reopened_at ? "reopened" : "open";
}

bool may_see_errors(struct ctx *ctx)
{
	return (permitted(ctx->actor, PERMIT_VIEW_DASHBOARD) && !permitted_own_only(ctx->actor, PERMIT_VIEW_DASHBOARD)) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED,
			"The error log spans everybody's batches; this needs all of %s",
			permission_name(PERMIT_VIEW_DASHBOARD));
}

bool resolve_error(struct ctx *ctx, int64_t error_id, const char *resolution)
{
	return db_begin(ctx->db, &ctx->fail) &&
	       audit_commit(ctx, error_log_resolve(ctx, error_id, resolution), "error.resolve", &error_id);
}
