#include "views/page_job.h"

static bool is_waiting(const struct job_view *job)
{
	return !job->is_terminal && strcmp(job->status, "paused") != 0 && strcmp(job->status, "receiving") != 0;
}

static void headline(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/jobs\">Batches</a> › Batch %" PRId64 "</p><h1>", page->frame->base,
	       job->id);
	if (job->label[0])
		html_text(out, job->label);
	else
		job_title(out, job);
	html_raw(out, "</h1>\n<p class=\"sub\">");
	if (job->label[0]) {
		job_title(out, job);
		html_raw(out, " · ");
	}
	html_f(out, "started by %s, ", job->created_by);
	html_time(out, page->frame->zone, job->created_at);
	html_raw(out, "</p>\n");
}

/* "340 of 1,000 · 3 failed · about 2 min left" */
static void progress_line(struct str *out, const struct job_view *job)
{
	html_raw(out, "<p class=\"numbers\">");
	job_numbers_line(out, job);
	if (is_waiting(job) && job->eta_s >= 0) {
		html_raw(out, " · ");
		html_eta(out, job->eta_s);
	}
	html_raw(out, "</p>");
}

/* The batches that have to succeed first, each with its state. */
static void waiting_list(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	if (!job->waiting_for_count)
		return;
	html_raw(out, "<p>Batches it depends on:</p><ul>");
	for (size_t i = 0; i < job->waiting_for_count; i++) {
		const struct other_job *other = &job->waiting_for[i];
		html_raw(out, "<li>");
		if (other->status) {
			html_f(out, "<a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a> ", page->frame->base, other->id, other->id);
			html_text(out, other->label);
			html_raw(out, " ");
			state_pill(out, other->status);
		} else {
			html_f(out, "Batch %" PRId64 ", deleted", other->id);
		}
		html_raw(out, "</li>");
	}
	html_raw(out, "</ul>");
}

static void progress_panel(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	html_raw(out, "<div class=\"panel-head\">");
	job_pill(out, job);
	html_f(out, "<span class=\"percent\">%d %%</span></div>", job->percent);
	html_f(out, "<span class=\"vh\" id=\"progress-label\">Progress of batch %" PRId64 "</span>", job->id);
	job_progress(out, job, "progress");
	progress_line(out, job);
	if (job->message)
		html_f(out, "<p class=\"notice\">%s</p>", job->message);
	waiting_list(out, page);
}

static void count_tile(struct str *out, const struct job_view *job, const char *outcome, int64_t count)
{
	if (count == 0 && strcmp(outcome, "succeeded") != 0 && strcmp(outcome, "failed") != 0)
		return;
	html_f(out, "<li class=\"%s\"><b>%'" PRId64 "</b> %s</li>", outcome, count, outcome_word(job, outcome));
}

static void counts(struct str *out, const struct job_view *job)
{
	html_raw(out, "<ul class=\"tiles\">");
	count_tile(out, job, "undone", job->counts.undone);
	count_tile(out, job, "undo_conflict", job->counts.undo_conflict);
	count_tile(out, job, "succeeded", job->counts.succeeded);
	count_tile(out, job, "unchanged", job->counts.unchanged);
	count_tile(out, job, "skipped", job->counts.skipped);
	count_tile(out, job, "conflict", job->counts.conflict);
	count_tile(out, job, "failed", job->counts.failed);
	count_tile(out, job, "unprocessed", job->counts.unprocessed);
	count_tile(out, job, "pending", job->counts.pending);
	html_raw(out, "</ul>\n");
}

static void facts(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	html_raw(out, "<dl class=\"facts\">");
	if (job->throughput_per_s >= 1)
		html_f(out, "<div><dt>Speed</dt><dd>%'" PRId64 " items/s</dd></div>", (int64_t)job->throughput_per_s);
	if (job->started_at != 0) {
		html_raw(out, "<div><dt>Time</dt><dd>");
		if (job->elapsed_ms < 1000)
			html_raw(out, "under 1 s");
		else
			html_duration(out, job->elapsed_ms / 1000);
		html_raw(out, "</dd></div>");
	}
	if (!job->is_terminal)
		html_f(out, "<div><dt>Working now</dt><dd>%d of %d lanes</dd></div>", job->lanes, job->max_lanes);
	if (job->finished_at != 0) {
		html_raw(out, "<div><dt>Finished</dt><dd>");
		html_time(out, page->frame->zone, job->finished_at);
		html_raw(out, "</dd></div>");
	}
	if (job->may.undo) {
		html_raw(out, "<div><dt>Can be undone until</dt><dd>");
		html_time(out, page->frame->zone, job->undo_until);
		html_raw(out, "</dd></div>");
	}
	if (strcmp(job->type, "evaluate") != 0 && strcmp(job->type, "activate") != 0)
		html_f(out, "<div><dt>On conflict</dt><dd>%s</dd></div>", job->on_conflict);
	html_raw(out, "</dl>\n");
}

static void step_button(struct str *out, const struct job_page *page, const char *step, const char *label,
			const char *css_class)
{
	char path[64];
	snprintf(path, sizeof(path), "/jobs/%" PRId64 "/%s", page->job->id, step);
	post_button(out, page->frame, &(struct post_button){ path, label, css_class, "form_key", page->frame->form_key });
}

/* Without JavaScript: who works on it, and how to make this page do so. */
static void without_script(struct str *out, const struct job_page *page)
{
	if (!is_waiting(page->job))
		return;
	html_raw(out, "<noscript><div class=\"notice\">");
	if (page->is_continued) {
		html_raw(out, "<p>This page works on the batch and reloads by itself. You may close it: nothing is lost, "
			      "and the batch goes on from here when you come back.</p>");
	} else {
		html_raw(out, "<p>This page only shows the batch. “Continue now” lets it do the work.</p>");
	}
	step_button(out, page, "continue", "Continue now", "");
	html_raw(out, "</div></noscript>");
}

static void receiving_note(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	html_raw(out, "<div class=\"notice\"><p>The upload has not ended: ");
	html_count(out, job->received, "item has", "items have");
	html_raw(out, " arrived and are kept. ");
	html_f(out, "To send the rest, <a href=\"%s/bulk/new?operation=%s&amp;resume=%" PRId64 "\">choose the same %s again</a>.</p></div>",
	       page->frame->base, job->type, job->id, job->file_count ? "files" : "file");
}

/* "Retry 3 failed items": a further pass of this batch.  The page's epoch makes
 * a double click harmless. */
static void retry_button(struct str *out, const struct job_page *page, const char *verb, const char *what, int64_t count)
{
	char path[64];
	struct str label = STR_INIT;
	if (count <= 0)
		return;
	html_f(&label, "%s %'" PRId64 " %s %s", verb, count, what, count == 1 ? "item" : "items");
	snprintf(path, sizeof(path), "/jobs/%" PRId64 "/retry?epoch=%d", page->job->id, (int)page->job->epoch);
	post_button(out, page->frame, &(struct post_button){ path, str_text(&label), page->job->is_dry_run ? "quiet" : "", "what", what });
	str_free(&label);
}

/* What a retry would not help. */
static void unreadable_note(struct str *out, const struct job_view *job)
{
	if (!job->is_terminal || !job->unreadable)
		return;
	html_raw(out, "<p class=\"hint\">");
	html_count(out, job->unreadable, "item could not be read", "items could not be read");
	html_f(out, ": a retry leaves %s alone. Correct and send %s as a new batch.</p>\n", job->unreadable == 1 ? "it" : "them",
	       job->unreadable == 1 ? "it" : "them");
}

static void steps(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	html_raw(out, "<div class=\"steps\">");
	if (job->may.run_for_real)
		step_button(out, page, "run", "Run it for real", "");
	if (job->may.create_ready)
		step_button(out, page, "run", "Create what was ready", "");
	if (job->may.start && job->received > 0)
		step_button(out, page, "start", "Start with what has arrived", "");
	if (job->may.resume)
		step_button(out, page, "resume", "Resume", "");
	if (job->may.decide) {
		html_f(out, "<a class=\"button\" href=\"%s/jobs/%" PRId64 "/conflicts\">", page->frame->base, job->id);
		html_count(out, job->may.decide, "conflict needs", "conflicts need");
		html_raw(out, " a decision…</a>");
	}
	retry_button(out, page, "Retry", "failed", job->may.retry_failed);
	retry_button(out, page, "Go on with", "unprocessed", job->may.retry_unprocessed);
	if (job->may.pause)
		step_button(out, page, "pause", "Pause", "quiet");
	if (job->may.cancel)
		html_f(out, "<a class=\"button danger\" href=\"%s/jobs/%" PRId64 "/cancel\">Cancel…</a>", page->frame->base,
		       job->id);
	if (job->may.undo)
		html_f(out, "<a class=\"button quiet\" href=\"%s/jobs/%" PRId64 "/undo\">Undo…</a>", page->frame->base, job->id);
	if (job->is_terminal)
		html_f(out, "<a class=\"button quiet\" href=\"%s/bulk/new\">New batch</a>", page->frame->base);
	html_raw(out, "</div>\n");
}

/* What a finished check means, in one sentence. */
static void check_note(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	if (!job->is_dry_run || !job->is_terminal)
		return;
	int64_t bad = job->counts.failed + job->counts.conflict + job->counts.skipped;
	html_raw(out, "<div class=\"notice\"><p><b>This was a check: nothing has been changed.</b> ");
	html_count(out, job->counts.succeeded, "item", "items");
	html_f(out, " %s", outcome_word(job, "succeeded"));
	if (bad > 0) {
		html_raw(out, "; ");
		html_count(out, bad, "has a problem, which is", "have problems, which are");
		html_raw(out, " listed below. You can run the batch as it is, and correct and send the rest later.");
	} else {
		html_raw(out, ". No problems were found.");
	}
	html_raw(out, "</p>");
	if (page->run.rows) {
		html_raw(out, "<p>To run it takes ");
		if (page->run.seconds < 1) {
			html_raw(out, "less than a second");
		} else {
			html_raw(out, "about ");
			html_duration(out, (int64_t)(page->run.seconds + 0.5));
		}
		html_raw(out, " of work in about ");
		html_count(out, page->run.requests, "request", "requests");
		html_f(out, ", and adds about %'" PRId64 " rows to the database.</p>", page->run.rows);
	}
	html_raw(out, "</div>\n");
}

static void error_groups(struct str *out, const struct job_page *page)
{
	if (page->error_count == 0)
		return;
	html_raw(out, "<section><h2>Problems by kind</h2><ul class=\"groups\">");
	for (size_t i = 0; i < page->error_count; i++) {
		const struct error_view *error = &page->errors[i];
		html_f(out,
		       "<li><h3><span class=\"count\">%'" PRId64
		       " ×</span> %s</h3><p>%s</p><p class=\"fix\"><b>What to do:</b> %s ",
		       error->count, error->info->title, error->info->cause, error->info->fix);
		html_f(out, "<a href=\"%s/help/errors#%s\">More<span class=\"vh\"> about: %s</span></a></p>",
		       page->frame->base, error->info->name, error->info->title);
		const struct file_view *file = file_of(page->job, error->example_ordinal);
		html_f(out, "<p class=\"hint\">First seen in %s %'" PRId64, (file ? file->is_csv : page->job->is_csv) ? "row" : "item",
		       row_number(page->job, error->example_ordinal));
		html_f(out, "%s%s</p></li>", file ? " of " : "", file ? file->name : "");
	}
	html_raw(out, "</ul></section>\n");
}

/* What app.js needs: the address of the work, how many lanes, whether to go on. */
static void live_begin(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	html_f(out, "<div id=\"live\" data-job=\"%" PRId64 "\" data-status=\"%s\" data-lanes=\"%d\" data-percent=\"%d\"",
	       job->id, job->status, job->max_lanes, job->percent);
	html_f(out, " data-failed=\"%" PRId64 "\" data-done=\"%" PRId64 "\" data-total=\"%" PRId64 "\"", job->counts.failed,
	       job_done(job), job->goal);
	if (is_waiting(job))
		html_raw(out, " data-waiting");
	html_raw(out, ">\n");
}

void page_job(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	frame_begin(out, page->frame);
	headline(out, page);
	error_summary(out, page->issues);
	html_raw(out, "<div class=\"js-only live-bar\" hidden id=\"live-bar\"><label><input type=\"checkbox\" "
		      "id=\"live-switch\" checked> "
		      "Live updates</label><span id=\"live-note\"></span></div>"
		      "<p class=\"vh\" role=\"status\" id=\"announce\"></p>"
		      "<div id=\"trouble\" role=\"alert\"></div>\n");
	live_begin(out, page);
	html_raw(out, "<section class=\"panel\" aria-label=\"Progress\">");
	progress_panel(out, page);
	if (strcmp(job->status, "receiving") == 0) {
		receiving_note(out, page);
	} else {
		counts(out, job);
		facts(out, page);
	}
	without_script(out, page);
	check_note(out, page);
	job_undo_note(out, page->frame, job);
	unreadable_note(out, job);
	steps(out, page);
	html_raw(out, "</section>\n");
	job_files(out, page->frame, job);
	error_groups(out, page);
	if (strcmp(job->status, "receiving") != 0)
		job_results(out, page);
	html_raw(out, "</div>\n");
	frame_end(out, page->frame);
}

void page_job_cancel(struct str *out, const struct frame *frame, const struct job_view *job)
{
	int64_t open = job->goal - job_done(job);
	bool writes = !job->is_dry_run && strcmp(job->type, "evaluate") != 0;
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a></p>", frame->base, job->id,
	       job->id);
	html_raw(out, "<h1>Cancel this batch with ");
	html_count(out, open > 0 ? open : 0, "item", "items");
	html_raw(out, " to go?</h1>\n<div class=\"panel\"><p>");
	html_f(out, "%s will not be processed. ", open == 1 ? "It" : "They");
	if (writes && job->counts.succeeded > 0) {
		html_count(out, job->counts.succeeded, "event that has", "events that have");
		html_f(out, " already been %s will stay as %s now, unless you undo %s as well.", outcome_word(job, "succeeded"),
		       job->counts.succeeded == 1 ? "it is" : "they are", job->counts.succeeded == 1 ? "it" : "them");
	} else {
		html_raw(out, "Nothing has been changed by the batch.");
	}
	html_raw(out, " A cancelled batch can't be resumed.</p><div class=\"steps\">");
	char path[64];
	snprintf(path, sizeof(path), "/jobs/%" PRId64 "/cancel", job->id);
	post_button(out, frame, &(struct post_button){ path, "Yes, cancel the batch", "danger", NULL, NULL });
	if (writes && job->counts.succeeded > 0 && !job->is_undo)
		post_button(out, frame, &(struct post_button){ path, "Cancel and undo what was done", "danger", "rollback", "1" });
	html_f(out, "<a class=\"button quiet\" href=\"%s/jobs/%" PRId64 "\">No, keep it going</a></div></div>\n",
	       frame->base, job->id);
	frame_end(out, frame);
}
