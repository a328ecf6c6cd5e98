/* Steps of a batch: each is one transition of that very job, or its work. */
#include "batch/states.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/session.h"
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

void post_batch_undo(struct request *request, struct response *response)
{
	step(request, response, batch_undo);
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
	bool rollback = bool_member(body, "rollback", false, &issues);
	if (issues.count == 0 && (rollback ? batch_roll_back : batch_cancel)(ctx, request->path_id, graceful))
		respond_status(response, 202, request->path_id);
	else
		respond_issues(response, &issues);
}

/* {"outcomes": [...]} as a set; absent means all that can be retried. */
static uint32_t outcomes_member(const json_t *body, struct issues *issues)
{
	const json_t *list = json_object_get(body, "outcomes"), *entry;
	uint32_t outcomes = 0;
	size_t i;
	if (!list)
		return RETRYABLE_OUTCOMES;
	json_array_foreach(list, i, entry) {
		enum outcome outcome = OUTCOME_PENDING;
		const char *name = json_string_value(entry);
		if (!name || !outcome_by_name(name, &outcome) || !(OUTCOME_BIT(outcome) & RETRYABLE_OUTCOMES)) {
			issue_add(issues, CODE_INVALID_VALUE, arena_printf(issues->arena, "/outcomes/%zu", i),
				  "Use failed, conflict or unprocessed", "This is not an outcome that can be retried");
			break;
		}
		outcomes |= OUTCOME_BIT(outcome);
	}
	if (!json_is_array(list))
		issue_add(issues, CODE_INVALID_TYPE, "/outcomes", "Write it as [\"failed\"]", "outcomes must be a list");
	else if (!outcomes && !issues->count)
		issue_add(issues, CODE_REQUIRED, "/outcomes", "Leave it out to retry all", "outcomes names nothing to retry");
	return outcomes;
}

void post_batch_retry(struct request *request, struct response *response)
{
	static const char *const members[] = { "outcomes", "epoch", NULL };
	struct issues issues = no_issues(request);
	json_t *body = object_body(request, true);
	if (!body) {
		respond_fail(response, NULL);
		return;
	}
	refuse_unknown(body, members, &issues);
	uint32_t outcomes = outcomes_member(body, &issues);
	int64_t epoch = int_member(body, "epoch", 0, 1, INT32_MAX, &issues);
	if (issues.count == 0 && batch_retry(request->ctx, request->path_id, outcomes, (int32_t)epoch)) {
		locate_job(response, request->path_id);
		respond_status(response, 202, request->path_id);
	} else {
		respond_issues(response, &issues);
	}
}

void post_batch_advance(struct request *request, struct response *response)
{
	struct advance_report report;
	int64_t budget_ms;
	if (param_int(request, "time_budget_ms", 10, 20000, 0, &budget_ms) &&
	    batch_advance(request->ctx, request->path_id, budget_ms, &report) &&
	    (!report.gave_way || session_uncount_request(request)))
		respond_advanced(response, request->path_id, &report);
	else
		respond_fail(response, NULL);
}
