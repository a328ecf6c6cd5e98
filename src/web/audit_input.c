#include "web/audit_input.h"

#include "base/clock.h"

#define ACTION_MAX 60

static int64_t time_param(struct request *request, const char *name, struct issues *issues)
{
	const char *text = param(request, name);
	int64_t utc = 0;
	if (!text || !text[0])
		return 0;
	const char *whole = strlen(text) == 10 ? arena_printf(request->ctx->arena, "%sT00:00:00Z", text) : text;
	if (!time_parse_utc(whole, strlen(whole), &utc))
		issue_add(issues, CODE_INVALID_TIME, arena_printf(request->ctx->arena, "/%s", name), NULL,
			  "“%s” is not a time", issue_excerpt(request->ctx->arena, text, strlen(text)));
	return utc;
}

static const char *action_param(struct request *request, struct issues *issues)
{
	const char *action = param(request, "action");
	if (!action || !action[0])
		return NULL;
	if (strlen(action) <= ACTION_MAX && action[strspn(action, "abcdefghijklmnopqrstuvwxyz_.")] == '\0')
		return action;
	issue_add(issues, CODE_INVALID_VALUE, "/action", "Write it as job.cancel, or job. for all of them.",
		  "“%s” is not an action", issue_excerpt(request->ctx->arena, action, strlen(action)));
	return NULL;
}

static int64_t number_param(struct request *request, const char *name, struct issues *issues)
{
	const char *text = param(request, name);
	int64_t number = 0;
	if (!text || !text[0])
		return 0;
	if (!parse_i64(text, strlen(text), &number) || number < 0)
		issue_add(issues, CODE_INVALID_VALUE, arena_printf(request->ctx->arena, "/%s", name), NULL,
			  "“%s” is not a number", issue_excerpt(request->ctx->arena, text, strlen(text)));
	return number < 0 ? 0 : number;
}

void audit_filter_read(struct request *request, struct audit_filter *filter, struct issues *issues)
{
	*filter = (struct audit_filter){
		.user_id = number_param(request, "user", issues),
		.action = action_param(request, issues),
		.job_id = number_param(request, "job", issues),
		.from = time_param(request, "from", issues),
		.before = time_param(request, "before", issues),
	};
}
