#include "web/system_info.h"

#define SETTING(key, label, unit, if_zero) { #key, label, unit, if_zero, offsetof(struct config, key) }

const struct setting settings[] = {
	SETTING(retention_days_jobs, "Finished batches are kept", "days", "for ever"),
	SETTING(retention_days_logs, "Logs and errors are kept", "days", "for ever"),
	SETTING(retention_days_history, "Former states of events are kept", "days", "for ever"),
	SETTING(retention_days_occurrences, "Past occurrences are kept", "days", "for ever"),
	SETTING(retention_days_audit, "The audit log is kept", "days", "for ever"),
	SETTING(undo_window_s, "A batch can be undone for", "s", "not at all"),
	SETTING(items_max, "Items in a batch", "", NULL),
	SETTING(item_max_bytes, "Size of an item", "bytes", NULL),
	SETTING(body_max_bytes, "Size of a request", "bytes", NULL),
	SETTING(open_jobs_max, "Open batches of a person", "", NULL),
	SETTING(requests_per_minute, "Requests of a person in a minute", "", "no limit"),
	SETTING(request_limit_ms, "The host ends a request after", "ms", NULL),
	SETTING(time_budget_ms, "Work for one request", "ms", NULL),
	SETTING(afterwork_ms, "Work after a reply", "ms", "off"),
	SETTING(chunk_target_ms, "A chunk should take", "ms", NULL),
	SETTING(session_idle_s, "A session ends when idle for", "s", NULL),
	SETTING(session_max_s, "A session lasts at most", "s", NULL),
	SETTING(conflict_window_s, "Versions of a content are apart by", "s", "nothing"),
};
const size_t setting_count = sizeof(settings) / sizeof(settings[0]);

int64_t setting_value(const struct config *config, const struct setting *setting)
{
	return *(const int64_t *)(const void *)((const char *)config + setting->offset);
}
