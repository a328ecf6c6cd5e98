/* What can be done in bulk. */
#include "batch/ops.h"

static const char *const no_columns[] = { NULL };
static const char *const update_columns[] = { "event_id", "expected_version", "shift_s", NULL };
static const char *const evaluate_columns[] = { "event_id", NULL };

static const struct operation operations[JOB_TYPE_COUNT] = {
	[JOB_CREATE] = { JOB_CREATE, SLICE_CREATE, PERMIT_SCHEDULE_CONTENT, "create", no_columns, false, false, false },
	[JOB_UPDATE] = { JOB_UPDATE, SLICE_UPDATE, PERMIT_SCHEDULE_CONTENT, "update", update_columns, true, false, false },
	[JOB_EVALUATE] = { JOB_EVALUATE, SLICE_EVALUATE, PERMIT_VIEW_SCHEDULED_CONTENT, "evaluate",
			   evaluate_columns, true, true, true },
	[JOB_ACTIVATE] = { JOB_ACTIVATE, SLICE_ACTIVATE, PERMIT_MANAGE_BATCHES, "activate", no_columns, true, false, false },
};

const struct operation *operation_of(enum job_type type)
{
	return &operations[type];
}
