/* What can be done in bulk. */
#include "batch/ops.h"

static const char *const no_columns[] = { NULL };
static const char *const update_columns[] = { "event_id", "expected_version", "shift_s", NULL };
static const char *const evaluate_columns[] = { "event_id", NULL };

static const struct operation operations[JOB_TYPE_COUNT] = {
	[JOB_CREATE] = { "create", no_columns, JOB_CREATE, SLICE_CREATE, PERMIT_SCHEDULE_CONTENT, false, false, false },
	[JOB_UPDATE] = { "update", update_columns, JOB_UPDATE, SLICE_UPDATE, PERMIT_SCHEDULE_CONTENT, true, false, false },
	[JOB_EVALUATE] = { "evaluate", evaluate_columns, JOB_EVALUATE, SLICE_EVALUATE, PERMIT_VIEW_SCHEDULED_CONTENT, true, true,
			   true },
	[JOB_ACTIVATE] = { "activate", no_columns, JOB_ACTIVATE, SLICE_ACTIVATE, PERMIT_MANAGE_BATCHES, true, false, false },
};

const struct operation *operation_of(enum job_type type)
{
	return &operations[type];
}
