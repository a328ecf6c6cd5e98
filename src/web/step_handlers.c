/* Steps of a batch: each is one transition of that very job, or its work. */
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/status_json.h"

typedef bool transition(struct ctx *ctx, int64_t job_id);

static void step(struct request *request, struct response *response, transition *move)
{
	if (move(request->ctx, request->path_id))
		respond_status(response, 202, request->path_id);
	else
		respond_fail(response, NULL);
}

void post_batch_start(struct request *request, struct response *response)
{
	step(request, response, batch_start);
}

void post_batch_pause(struct request *request, struct response *response)
{
	step(request, response, batch_pause);
}

void post_batch_resume(struct request *request, struct response *response)
{
	step(request, response, batch_resume);
}

void post_batch_cancel(struct request *request, struct response *response)
{
	static const char *const members[] = { "graceful", "rollback", NULL };
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	json_t *body = object_body(request, true);
	if (!body) {
		respond_fail(response, NULL);
		return;
	}
	refuse_unknown(body, members, &issues);
	bool graceful = bool_member(body, "graceful", true, &issues);
	if (bool_member(body, "rollback", false, &issues))
		issue_add(&issues, CODE_NOT_AVAILABLE, "/rollback", NULL,
			  "Cancelling with rollback is not available in this version");
	if (issues.count == 0 && batch_cancel(ctx, request->path_id, graceful))
		respond_status(response, 202, request->path_id);
	else
		respond_issues(response, &issues);
}

void post_batch_advance(struct request *request, struct response *response)
{
	struct advance_report report;
	int64_t budget_ms;
	if (param_int(request, "time_budget_ms", 100, 20000, 0, &budget_ms) &&
	    batch_advance(request->ctx, request->path_id, budget_ms, &report))
		respond_advanced(response, request->path_id, &report);
	else
		respond_fail(response, NULL);
}
