#include "views/job_view.h"

void job_title(struct str *out, const struct job_view *job)
{
	if (job->is_dry_run)
		html_raw(out, "Check: ");
	if (strcmp(job->type, "create") == 0)
		str_adds(out, job->is_dry_run ? "create events" : "Create events");
	else if (strcmp(job->type, "update") == 0)
		str_adds(out, job->is_dry_run ? "change events" : "Change events");
	else if (strcmp(job->type, "evaluate") == 0)
		html_raw(out, "Evaluate");
	else if (strcmp(job->type, "activate") == 0)
		html_raw(out, "Events whose moment has come");
	else
		html_text(out, job->type);
}

const char *outcome_word(const struct job_view *job, const char *outcome)
{
	bool is_update = strcmp(job->type, "update") == 0;
	if (strcmp(outcome, "succeeded") == 0) {
		if (strcmp(job->type, "evaluate") == 0)
			return "evaluated";
		if (strcmp(job->type, "activate") == 0)
			return "carried out";
		if (job->is_dry_run)
			return is_update ? "would be changed" : "would be created";
		return is_update ? "changed" : "created";
	}
	if (strcmp(outcome, "conflict") == 0)
		return "in conflict";
	if (strcmp(outcome, "unchanged") == 0)
		return "unchanged";
	if (strcmp(outcome, "skipped") == 0 && strcmp(job->type, "activate") == 0)
		return "waiting or no longer due";
	if (strcmp(outcome, "failed") == 0 && strcmp(job->type, "activate") == 0)
		return "missed or failed";
	if (strcmp(outcome, "skipped") == 0)
		return job->is_dry_run ? "would be skipped" : "skipped";
	if (strcmp(outcome, "failed") == 0)
		return job->is_dry_run ? "would fail" : "failed";
	if (strcmp(outcome, "unprocessed") == 0)
		return "not processed";
	if (strcmp(outcome, "undone") == 0)
		return "undone";
	if (strcmp(outcome, "undo_conflict") == 0)
		return "left alone";
	return "waiting";
}

const struct file_view *file_of(const struct job_view *job, int64_t ordinal)
{
	for (size_t i = 0; i < job->file_count; i++) {
		const struct file_view *file = &job->files[i];
		if (ordinal >= file->first_ordinal && ordinal < file->first_ordinal + file->items)
			return file;
	}
	return NULL;
}

int64_t row_number(const struct job_view *job, int64_t ordinal)
{
	const struct file_view *file = file_of(job, ordinal);
	if (file)
		return ordinal - file->first_ordinal + (file->is_csv ? 2 : 1);
	return ordinal + (job->is_csv ? 2 : 1);
}

struct pill {
	const char *name;
	const char *label;
	const char *css_class;
	enum icon icon;
};

static void add_pill(struct str *out, const struct pill *list, size_t count, const char *name, const char *label)
{
	struct pill plain = { name, name, "calm", ICON_CLOCK };
	const struct pill *pill = &plain;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			pill = &list[i];
	html_f(out, "<span class=\"pill %s\">", pill->css_class);
	html_icon(out, pill->icon);
	html_f(out, "%s</span>", label ? label : pill->label);
}

void state_pill(struct str *out, const char *status)
{
	static const struct pill states[] = {
		{ "receiving", "Receiving", "calm", ICON_INBOX },
		{ "queued", "Queued", "calm", ICON_CLOCK },
		{ "running", "Running", "busy", ICON_RUN },
		{ "pausing", "Pausing", "calm", ICON_PAUSE },
		{ "paused", "Paused", "calm", ICON_PAUSE },
		{ "cancelling", "Cancelling", "calm", ICON_STOP },
		{ "cancelled", "Cancelled", "calm", ICON_STOP },
		{ "succeeded", "Completed", "good", ICON_CHECK },
		{ "partial", "Completed with errors", "warn", ICON_WARN },
		{ "failed", "Failed", "bad", ICON_CROSS },
		{ "publishing", "Publishing", "busy", ICON_RUN },
		{ "undoing", "Undoing", "busy", ICON_RUN },
		{ "undone", "Undone", "good", ICON_CHECK },
		{ "undo_partial", "Undone in part", "warn", ICON_WARN },
		{ "rolling_back", "Rolling back", "busy", ICON_RUN },
		{ "rolled_back", "Rolled back", "bad", ICON_CROSS },
	};
	add_pill(out, states, sizeof(states) / sizeof(states[0]), status, NULL);
}

void job_pill(struct str *out, const struct job_view *job)
{
	static const struct pill needs = { "", "Needs decision", "warn", ICON_CLASH };
	if (job->may.decide && job->is_terminal)
		add_pill(out, &needs, 1, "", NULL);
	else
		state_pill(out, job->status);
}

void outcome_pill(struct str *out, const struct job_view *job, const char *outcome)
{
	static const struct pill outcomes[] = {
		{ "pending", "", "calm", ICON_CLOCK },
		{ "succeeded", "", "good", ICON_CHECK },
		{ "unchanged", "", "calm", ICON_EQUAL },
		{ "skipped", "", "calm", ICON_SKIP },
		{ "conflict", "", "warn", ICON_CLASH },
		{ "failed", "", "bad", ICON_CROSS },
		{ "unprocessed", "", "calm", ICON_STOP },
		{ "undone", "", "good", ICON_CHECK },
		{ "undo_conflict", "", "warn", ICON_CLASH },
	};
	add_pill(out, outcomes, sizeof(outcomes) / sizeof(outcomes[0]), outcome, outcome_word(job, outcome));
}

void verdict_pill(struct str *out, const char *verdict)
{
	static const struct pill verdicts[] = {
		{ "ready", "ready", "good", ICON_CHECK },
		{ "not_due", "not due", "calm", ICON_CLOCK },
		{ "blocked", "blocked", "warn", ICON_STOP },
		{ "conflict", "in conflict", "warn", ICON_CLASH },
		{ "not_permitted", "not permitted", "bad", ICON_CROSS },
		{ "invalid", "invalid", "bad", ICON_CROSS },
	};
	add_pill(out, verdicts, sizeof(verdicts) / sizeof(verdicts[0]), verdict, NULL);
}

int64_t job_done(const struct job_view *job)
{
	const struct job_numbers *c = &job->counts;
	return c->succeeded + c->unchanged + c->skipped + c->conflict + c->failed + c->undone + c->undo_conflict;
}

void job_numbers_line(struct str *out, const struct job_view *job)
{
	if (strcmp(job->status, "receiving") == 0) {
		html_count(out, job->received, "item received", "items received");
		return;
	}
	html_f(out, "%'" PRId64 " of %'" PRId64, job_done(job), job->goal);
	if (job->counts.failed > 0)
		html_f(out, " · %'" PRId64 " %s", job->counts.failed, outcome_word(job, "failed"));
	if (job->counts.conflict > 0)
		html_f(out, job->may.decide ? " · %'" PRId64 " to decide" : " · %'" PRId64 " in conflict", job->counts.conflict);
	if (job->counts.undo_conflict > 0)
		html_f(out, " · %'" PRId64 " left alone", job->counts.undo_conflict);
}

void job_progress(struct str *out, const struct job_view *job, const char *id)
{
	html_raw(out, "<progress max=\"100\"");
	if (id)
		html_f(out, " id=\"%s\" aria-labelledby=\"%s-label\"", id, id);
	else
		html_f(out, " aria-label=\"Progress of batch %" PRId64 "\"", job->id);
	html_f(out, " value=\"%d\">%d %%</progress>", job->percent, job->percent);
}
