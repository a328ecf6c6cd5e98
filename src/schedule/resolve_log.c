/* What was done about conflicts, for the audit log: one row a slice and way. */
#include "base/json.h"
#include "base/str.h"
#include "schedule/apply.h"
#include "store/audit.h"

#define NAMED_MAX 100 /* of a slice's items; the results name all */

static bool log_way(const struct slice *slice, enum on_conflict way, const char *action)
{
	struct str out = STR_INIT;
	struct json_writer w;
	int64_t count = 0, user_id = 0, event_id = 0;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	jw_list(&w, slice->job_id ? "ordinals" : "replaced");
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		if (!item->was_worked || item->outcome != OUTCOME_SUCCEEDED || item->resolved.action != way)
			continue;
		user_id = slice_resolver(slice, item)->user_id;
		event_id = item->event_id;
		if (slice->job_id && count < NAMED_MAX)
			jw_int(&w, NULL, item->ordinal);
		for (size_t k = 0; !slice->job_id && k < item->resolved.replaced_count; k++)
			jw_int(&w, NULL, item->resolved.replaced[k]);
		for (size_t k = 0; !slice->job_id && k < item->resolved.taken_count; k++)
			jw_int(&w, NULL, item->resolved.taken[k].event_id);
		count++;
	}
	jw_end_list(&w);
	jw_int(&w, "count", count);
	jw_int(&w, "user_id", user_id);
	if (slice->resolution.reason)
		jw_text(&w, "reason", slice->resolution.reason);
	jw_end_object(&w);
	bool ok = !count || audit_add(slice->ctx, action, slice->job_id, slice->job_id ? 0 : event_id, str_text(&out));
	str_free(&out);
	return ok;
}

bool write_resolutions(const struct slice *slice)
{
	return log_way(slice, ON_CONFLICT_KEEP_BOTH, "conflict.keep_both") && log_way(slice, ON_CONFLICT_REPLACE, "conflict.replace");
}
