#include "web/meanwhile.h"

#include "store/audit.h"
#include "web/page_frame.h"

void form_row_version(const struct request *request, int64_t *row_version)
{
	const char *text = form_text(request, "now");
	int64_t shown;
	if (parse_i64(text, strlen(text), &shown) && shown > 0)
		*row_version = shown;
}

bool was_first(const struct request *request)
{
	return request->ctx->fail.code == CODE_STALE_VERSION;
}

bool meanwhile_begin(struct request *request, const char *const *actions, int64_t object_id, const char *path,
		     struct meanwhile *meanwhile)
{
	struct audit_row row;
	fail_clear(&request->ctx->fail);
	*meanwhile = (struct meanwhile){ .who = "", .path = path };
	if (!audit_last(request->ctx, actions, object_id, &row))
		return false;
	if (row.id)
		meanwhile_by(request, meanwhile, row.user_id, row.user_name, row.at);
	return true;
}

void meanwhile_by(const struct request *request, struct meanwhile *meanwhile, int64_t user_id, const char *name, int64_t at)
{
	meanwhile->is_self = user_id == request->ctx->actor->user_id;
	meanwhile->who = name;
	meanwhile->at = at;
}

void meanwhile_add(struct meanwhile *meanwhile, const char *label, const char *theirs, const char *yours)
{
	theirs = theirs ? theirs : "";
	yours = yours ? yours : "";
	if (strcmp(theirs, yours) == 0 || meanwhile->count >= MEANWHILE_FIELDS_MAX)
		return;
	meanwhile->fields[meanwhile->count].label = label;
	meanwhile->fields[meanwhile->count].theirs = theirs;
	meanwhile->fields[meanwhile->count++].yours = yours;
}

void meanwhile_tell(const struct meanwhile *meanwhile, struct issues *issues)
{
	static const char kept[] = "Nothing is saved yet; what you typed is kept.";
	if (meanwhile->is_self)
		issue_add(issues, CODE_STALE_VERSION, "/now", kept,
			  "You have changed it since, in another window or before you came back here");
	else
		issue_add(issues, CODE_STALE_VERSION, "/now", kept, "%s has changed it while you had it open",
			  meanwhile->who[0] ? meanwhile->who : "Somebody");
}

void deleted_tell(struct request *request, struct issues *issues)
{
	enum code code = request->ctx->fail.code;
	fail_clear(&request->ctx->fail);
	issue_add(issues, code, "", "What you typed is kept: saved from here it is a new one.", "Somebody has deleted it while you had it open");
}
