#include "views/page_job.h"

static bool makes_events(const struct job_view *job)
{
	return strcmp(job->type, "create") == 0;
}

/* What an undo will do to so many items. */
static void promise(struct str *out, const struct job_view *job)
{
	html_raw(out, "<p>");
	if (makes_events(job)) {
		html_count(out, job->counts.succeeded, "event that this batch created", "events that this batch created");
		html_raw(out, " will be deleted.");
	} else {
		html_count(out, job->counts.succeeded, "change that this batch made", "changes that this batch made");
		html_raw(out, " will be taken back: each event becomes what it was before, with its times, resources and people.");
	}
	html_raw(out, " The latest items go first.</p>\n<p>What somebody has changed since is left alone, and so is an event whose "
		      "old place has been taken: nothing is booked twice. The result names each of them, who it was, and when.</p>\n");
}

void page_job_undo(struct str *out, const struct frame *frame, const struct job_view *job, const char *refusal)
{
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/jobs\">Batches</a> › <a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a></p>",
	       frame->base, frame->base, job->id, job->id);
	if (refusal) {
		html_f(out, "<h1>This batch can't be undone</h1>\n<div class=\"panel\"><p>%s.</p><div class=\"steps\">", refusal);
		html_f(out, "<a class=\"button quiet\" href=\"%s/jobs/%" PRId64 "\">Back to the batch</a></div></div>\n", frame->base,
		       job->id);
		frame_end(out, frame);
		return;
	}
	html_f(out, "<h1>Undo this batch and %s ", makes_events(job) ? "delete" : "take back");
	html_count(out, job->counts.succeeded, makes_events(job) ? "event" : "change", makes_events(job) ? "events" : "changes");
	html_raw(out, "?</h1>\n<div class=\"panel\">");
	promise(out, job);
	html_raw(out, "<p>This is possible until <b>");
	html_time(out, frame->zone, job->undo_until);
	html_raw(out, "</b>. An undo can't be undone.</p><div class=\"steps\">");
	char path[64];
	snprintf(path, sizeof(path), "/jobs/%" PRId64 "/undo", job->id);
	post_button(out, frame, &(struct post_button){ path, "Yes, undo the batch", "danger", NULL, NULL });
	html_f(out, "<a class=\"button quiet\" href=\"%s/jobs/%" PRId64 "\">No, leave it as it is</a></div></div>\n", frame->base,
	       job->id);
	frame_end(out, frame);
}

static void left_alone(struct str *out, const struct frame *frame, const struct job_view *job)
{
	if (!job->counts.undo_conflict)
		return;
	html_f(out, " <a href=\"%s/jobs/%" PRId64 "?outcome=undo_conflict#results\">", frame->base, job->id);
	html_count(out, job->counts.undo_conflict, "item was", "items were");
	html_f(out, " left alone</a>, because somebody has changed %s since or %s old place is taken; the list says who and when.",
	       job->counts.undo_conflict == 1 ? "it" : "them", job->counts.undo_conflict == 1 ? "its" : "their");
}

void job_undo_note(struct str *out, const struct frame *frame, const struct job_view *job)
{
	if (!job->is_undo)
		return;
	bool is_rollback = strcmp(job->status, "rolling_back") == 0 || strcmp(job->status, "rolled_back") == 0;
	html_raw(out, "<div class=\"notice\"><p><b>");
	if (is_rollback)
		html_raw(out, "An item failed, so the batch stopped. ");
	html_f(out, "What it had done %s.",
	       !job->is_terminal ? "is being undone, the latest items first"
	       : job->counts.undo_conflict ? "has been undone in part"
					   : "has been undone");
	html_raw(out, "</b>");
	if (job->is_terminal && job->counts.undone > 0) {
		html_raw(out, " ");
		html_count(out, job->counts.undone, makes_events(job) ? "event is" : "change is",
			   makes_events(job) ? "events are" : "changes are");
		html_f(out, " %s.", makes_events(job) ? "deleted again" : "taken back");
	}
	left_alone(out, frame, job);
	html_raw(out, "</p></div>\n");
}
