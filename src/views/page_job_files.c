#include "views/page_job.h"

static void outcome(struct str *out, const struct frame *frame, const struct job_view *job, const struct file_view *file, bool is_last)
{
	if (file->is_refused) {
		html_raw(out, "<span class=\"pill bad\">");
		html_icon(out, ICON_CROSS);
		html_f(out, "Not taken</span> %s. <span class=\"fix\">Correct it and send it as <a href=\"%s/bulk/new?operation=%s\">a batch of "
			    "its own</a>.</span>",
		       file->message ? file->message : "It could not be read", frame->base, job->type);
	} else if (file->is_cancelled) {
		html_raw(out, "<span class=\"pill calm\">");
		html_icon(out, ICON_STOP);
		html_raw(out, "Cancelled</span> Nothing of it was kept.");
	} else if (is_last && strcmp(job->status, "receiving") == 0) {
		html_raw(out, "<span class=\"pill calm\">");
		html_icon(out, ICON_INBOX);
		html_raw(out, "Arriving</span>");
	} else {
		html_raw(out, "<span class=\"pill good\">");
		html_icon(out, ICON_CHECK);
		html_raw(out, "Taken</span>");
	}
}

void job_files(struct str *out, const struct frame *frame, const struct job_view *job)
{
	int64_t refused = 0;
	if (!job->file_count)
		return;
	for (size_t i = 0; i < job->file_count; i++)
		refused += job->files[i].is_refused;
	html_raw(out, "<section><h2 id=\"files\">");
	html_count(out, (int64_t)job->file_count, "file", "files");
	if (refused)
		html_f(out, ", %'" PRId64 " not taken", refused);
	html_raw(out, "</h2><div class=\"scroll\" role=\"region\" aria-labelledby=\"files\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">File</th><th scope=\"col\" class=\"num\">Size</th><th scope=\"col\" class=\"num\">Items</th>"
		      "<th scope=\"col\">What became of it</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < job->file_count; i++) {
		const struct file_view *file = &job->files[i];
		html_f(out, "<tr><th scope=\"row\" class=\"file\">%s</th><td class=\"num\">", file->name);
		html_bytes(out, file->bytes);
		html_f(out, "</td><td class=\"num\" data-label=\"Items\">%'" PRId64 "</td><td class=\"wide\">", file->items);
		outcome(out, frame, job, file, i + 1 == job->file_count);
		html_raw(out, "</td></tr>\n");
	}
	html_raw(out, "</tbody></table></div></section>\n");
}
