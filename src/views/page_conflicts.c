#include "views/page_conflicts.h"

#include "base/clock.h"

#define DAY_S 86400

/* "1 Jun 2026, 09:00 – 09:45"; the day again only where it is another. */
static void from_to(struct str *out, const struct zone *zone, int64_t from, int64_t to)
{
	int64_t local_from = from + (zone ? zone_offset_at(zone, from) : 0), local_to = to + (zone ? zone_offset_at(zone, to) : 0);
	char text[TIME_TEXT_SIZE], iso[TIME_TEXT_SIZE];
	html_time(out, zone, from);
	if (to <= from)
		return;
	html_raw(out, " – ");
	if (local_from / DAY_S != local_to / DAY_S) {
		html_time(out, zone, to);
		return;
	}
	time_format_utc(to, iso);
	time_format_local(local_to, text);
	text[strlen("2026-06-01T09:45")] = '\0';
	html_f(out, "<time datetime=\"%s\">%s</time>", iso, text + strlen("2026-06-01T"));
}

static void version(struct str *out, int64_t version_no)
{
	if (version_no)
		html_f(out, "version %lld", (long long)version_no);
	else
		html_raw(out, "latest version");
}

/* --- theirs -------------------------------------------------------------------- */

static void where_they_meet(struct str *out, const struct conflicts_page *page, const struct clash_view *clash)
{
	html_raw(out, "<p class=\"meet\">");
	if (clash->is_content) {
		html_raw(out, "Starts ");
		html_duration(out, clash->apart_s);
		html_raw(out, " apart");
	} else if (clash->overlap_to > clash->overlap_from) {
		html_raw(out, "Overlaps by <b>");
		html_duration(out, clash->overlap_to - clash->overlap_from);
		html_raw(out, "</b>: ");
		from_to(out, page->frame->zone, clash->overlap_from, clash->overlap_to);
		if (clash->zone_name) {
			html_f(out, "<br><span class=\"hint\">in %s: ", clash->zone_name);
			from_to(out, clash->zone, clash->overlap_from, clash->overlap_to);
			html_raw(out, "</span>");
		}
	} else {
		html_raw(out, "They don’t overlap any more");
	}
	html_raw(out, "</p>");
}

static void their_event(struct str *out, const struct conflicts_page *page, const struct clash_view *clash)
{
	if (clash->title) {
		html_f(out, "<a href=\"%s/events/%" PRId64 "\">%s</a><br>", page->frame->base, clash->event_id,
		       clash->title[0] ? clash->title : "Event without a title");
	} else if (clash->is_hidden) {
		html_raw(out, "An event that you may not see<br>");
	} else if (clash->ordinal >= 0) {
		html_f(out, "%s %'" PRId64 " of this batch<br>", page->job->is_csv ? "Row" : "Item", row_number(page->job, clash->ordinal));
	} else if (clash->event_id) {
		html_f(out, "Event %" PRId64 ", which is gone<br>", clash->event_id);
	}
	if (clash->starts_at)
		from_to(out, page->frame->zone, clash->starts_at, clash->ends_at);
	if (!clash->title)
		return;
	html_f(out, "<br><span class=\"hint\">%s, ", clash->type);
	version(out, clash->version_no);
	html_f(out, "%s, made by %s</span>", clash->recurs ? ", one of a series" : "", clash->who);
}

static void clash(struct str *out, const struct conflicts_page *page, const struct clash_view *clash)
{
	html_f(out, "<li><p class=\"kind\"><b>%s</b>%s%s <span class=\"pill %s\">", clash->kind->title, clash->place[0] ? ": " : "",
	       clash->place, clash->is_hard ? "bad" : "calm");
	html_icon(out, clash->is_hard ? ICON_STOP : ICON_WARN);
	html_f(out, "%s</span></p><p>", clash->is_hard ? "hard" : "soft");
	their_event(out, page, clash);
	html_raw(out, "</p>");
	if (clash->reason)
		html_f(out, "<p>%s</p>", clash->reason);
	if (clash->instead)
		html_f(out, "<p class=\"hint\">Instead: %s</p>", clash->instead);
	if (clash->starts_at && !clash->reason)
		where_they_meet(out, page, clash);
	if (!clash->is_still_there)
		html_raw(out, "<p class=\"hint\">It has gone or moved since: “Check again” may do.</p>");
	html_raw(out, "</li>");
}

/* --- yours ------------------------------------------------------------------------ */

static void item_name(struct str *out, const struct conflicts_page *page, const struct conflict_view *item)
{
	html_f(out, "%s %'" PRId64, page->job->is_csv ? "Row" : "Item", row_number(page->job, item->ordinal));
	if (item->title[0] || item->content[0])
		html_f(out, ": %s", item->title[0] ? item->title : item->content);
}

static void yours(struct str *out, const struct conflicts_page *page, const struct conflict_view *item)
{
	html_raw(out, "<div><h3>Yours</h3><p>");
	if (item->event_id)
		html_f(out, "<a href=\"%s/events/%" PRId64 "\">Event %" PRId64 "</a>, as changed by this batch<br>", page->frame->base,
		       item->event_id, item->event_id);
	if (item->starts_at)
		from_to(out, page->frame->zone, item->starts_at, item->ends_at);
	html_f(out, "<br><span class=\"hint\">%s%s%s, ", item->content, item->content[0] ? ", " : "", item->type);
	version(out, item->version_no);
	html_f(out, "%s</span></p></div>", item->recurs ? ", a series" : "");
}

static void theirs(struct str *out, const struct conflicts_page *page, const struct conflict_view *item)
{
	html_raw(out, "<div><h3>Theirs</h3><ul class=\"clashes\">");
	for (size_t i = 0; i < item->clash_count; i++)
		clash(out, page, &item->clashes[i]);
	html_raw(out, "</ul>");
	int64_t more = item->conflict_count - (int64_t)item->clash_count;
	if (more > 0)
		html_f(out, "<p class=\"hint\">and %'" PRId64 " more</p>", more);
	html_raw(out, "</div>");
}

/* --- the choice ------------------------------------------------------------------------ */

static void choice(struct str *out, const struct conflict_view *item, const char *value, const char *label, const char *means)
{
	bool is_chosen = strcmp(item->chosen, value) == 0;
	html_f(out, "<label><input type=\"radio\" name=\"d%" PRId64 "\" value=\"%s\"%s><span><b>%s</b> <span class=\"hint\">%s</span></span></label>",
	       item->ordinal, value, is_chosen ? " checked" : "", label, means);
}

static void choose(struct str *out, const struct conflicts_page *page, const struct conflict_view *item)
{
	html_f(out, "<input type=\"hidden\" name=\"e%" PRId64 "\" value=\"%d\"><fieldset class=\"choices\" id=\"f-d%" PRId64 "\"><legend>Decide"
		    "<span class=\"vh\"> about ",
	       item->ordinal, item->epoch, item->ordinal);
	item_name(out, page, item);
	html_raw(out, "</span></legend>");
	choice(out, item, "", "Later", "it goes on waiting");
	for (size_t i = 0; i < DECISION_CHOICES; i++)
		if (item->ways & ON_CONFLICT_BIT(decision_choices[i].action))
			choice(out, item, on_conflict_name(decision_choices[i].action), decision_choices[i].label, decision_choices[i].means);
	if (item->alike > 1) {
		html_f(out, "<button class=\"quiet\" name=\"like\" value=\"%" PRId64 "\">Apply to all %'" PRId64 " like this…<span class=\"vh\"> as ",
		       item->ordinal, item->alike);
		item_name(out, page, item);
		html_raw(out, "</span></button>");
	}
	html_raw(out, "</fieldset>");
}

static void conflict(struct str *out, const struct conflicts_page *page, const struct conflict_view *item)
{
	html_f(out, "<article class=\"panel conflict\" aria-labelledby=\"c%" PRId64 "\"><h2 id=\"c%" PRId64 "\">", item->ordinal, item->ordinal);
	item_name(out, page, item);
	html_raw(out, "</h2>\n");
	if (item->refusal)
		html_f(out, "<p class=\"notice\">The last decision could not be carried out: %s.</p>", item->refusal);
	html_raw(out, "<div class=\"sides\">");
	theirs(out, page, item);
	yours(out, page, item);
	html_raw(out, "</div>");
	if (item->decided_by)
		html_f(out, "<p class=\"notice\">%s has decided: <b>%s</b>. It is carried out when the batch’s present pass is through.</p>",
		       item->decided_by, item->decided);
	else if (page->may_decide && item->ways)
		choose(out, page, item);
	html_raw(out, "</article>\n");
}

/* --- many at once ---------------------------------------------------------------------- */

static void groups(struct str *out, const struct conflicts_page *page)
{
	bool any = false;
	for (size_t i = 0; i < page->group_count; i++)
		any |= page->groups[i].count > 1;
	if (!any || page->like >= 0)
		return;
	html_raw(out, "<section class=\"panel\"><h2 id=\"alike\">Alike</h2><ul class=\"alike\" aria-labelledby=\"alike\">");
	for (size_t i = 0; i < page->group_count; i++) {
		const struct conflict_group_view *group = &page->groups[i];
		if (group->count < 2)
			continue;
		html_f(out, "<li><a href=\"%s/jobs/%" PRId64 "/conflicts?like=%" PRId64 "\"><b>%'" PRId64 " ×</b> %s%s%s</a> (%s)</li>",
		       page->frame->base, page->job->id, group->ordinal, group->count, group->clash.kind->title, group->clash.place[0] ? ": " : "",
		       group->clash.place, group->clash.is_hard ? "hard" : "soft");
	}
	html_raw(out, "</ul></section>\n");
}

static void whole_batch(struct str *out, const struct conflicts_page *page)
{
	if (page->waiting < 2 || page->like >= 0)
		return;
	html_f(out, "<fieldset class=\"whole\"><legend>All %'" PRId64 " of the batch</legend><label>Decide alike, where it is possible "
		    "<select name=\"all_action\" id=\"f-all_action\">",
	       page->waiting);
	for (size_t i = 0; i < DECISION_CHOICES; i++)
		html_f(out, "<option value=\"%s\">%s: %s</option>", on_conflict_name(decision_choices[i].action), decision_choices[i].label, decision_choices[i].means);
	html_f(out, "</select></label><button class=\"quiet\" name=\"all\" value=\"1\">Apply to all %'" PRId64 "…</button></fieldset>", page->waiting);
}

static bool any_choice(const struct conflicts_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		if (!page->items[i].decided_by && page->items[i].ways)
			return page->may_decide;
	return false;
}

static void list(struct str *out, const struct conflicts_page *page)
{
	bool is_form = any_choice(page);
	if (is_form) {
		/* It leads to the question, which has an address of its own: the
		 * browser's Back works. */
		html_f(out, "<form method=\"get\" action=\"%s/jobs/%" PRId64 "/decide\">", page->frame->base, page->job->id);
		html_f(out, "<input type=\"hidden\" name=\"epoch\" value=\"%d\">", page->job->epoch);
		/* What the Enter key presses: not one of those that take in more. */
		html_raw(out, "<button class=\"vh\" tabindex=\"-1\" aria-hidden=\"true\">Go on</button>");
	}
	for (size_t i = 0; i < page->count; i++)
		conflict(out, page, &page->items[i]);
	if (is_form) {
		html_raw(out, "<div class=\"steps decide-bar\"><button>Go on with what is chosen…</button></div>");
		whole_batch(out, page);
		html_raw(out, "</form>\n");
	}
}

static void pager(struct str *out, const struct conflicts_page *page)
{
	char like[48] = "";
	if (page->after < 0 && page->next_after < 0)
		return;
	if (page->like >= 0)
		snprintf(like, sizeof(like), "like=%" PRId64 "&", page->like);
	html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of conflicts\">");
	if (page->after >= 0)
		html_f(out, "<a rel=\"first\" href=\"%s/jobs/%" PRId64 "/conflicts?%s\">« First page</a>", page->frame->base, page->job->id, like);
	if (page->next_after >= 0)
		html_f(out, "<a rel=\"next\" href=\"%s/jobs/%" PRId64 "/conflicts?%safter=%" PRId64 "\">Next page »</a>", page->frame->base,
		       page->job->id, like, page->next_after);
	html_raw(out, "</nav>\n");
}

static void nothing(struct str *out, const struct conflicts_page *page)
{
	if (page->like >= 0 || page->after >= 0)
		html_f(out, "<p class=\"empty\">No conflict matches this. <a href=\"%s/jobs/%" PRId64 "/conflicts\">Show all</a></p>\n",
		       page->frame->base, page->job->id);
	else
		html_raw(out, "<p class=\"empty\">Nothing waits for a decision.</p>\n");
}

void conflicts_crumbs(struct str *out, const struct frame *frame, const struct job_view *job)
{
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/jobs\">Batches</a> › <a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a> › Conflicts</p>",
	       frame->base, frame->base, job->id, job->id);
}

static void check_again(struct str *out, const struct conflicts_page *page)
{
	char path[64];
	if (!page->may_decide || !page->job->is_terminal || page->waiting == 0)
		return;
	snprintf(path, sizeof(path), "/jobs/%" PRId64 "/retry?epoch=%d", page->job->id, (int)page->job->epoch);
	html_raw(out, "<div class=\"steps\">");
	post_button(out, page->frame, &(struct post_button){ path, "Check again whether they still collide", "quiet", "what", "conflict" });
	html_raw(out, "</div>\n");
}

void page_conflicts(struct str *out, const struct conflicts_page *page)
{
	frame_begin(out, page->frame);
	conflicts_crumbs(out, page->frame, page->job);
	html_raw(out, "<h1>");
	if (page->may_decide && page->waiting > 0)
		html_count(out, page->waiting, "conflict needs your decision", "conflicts need your decision");
	else
		html_raw(out, "Conflicts");
	html_f(out, "</h1>\n<p class=\"sub\">%s</p>\n", page->job->label);
	error_summary(out, page->issues);
	if (page->why_not && page->count)
		html_f(out, "<p class=\"notice\">%s</p>\n", page->why_not);
	if (page->like >= 0 && page->count)
		html_f(out, "<p>Only those that are alike. <a href=\"%s/jobs/%" PRId64 "/conflicts\">Show all</a></p>\n", page->frame->base, page->job->id);
	groups(out, page);
	if (page->count)
		list(out, page);
	else
		nothing(out, page);
	pager(out, page);
	check_again(out, page);
	frame_end(out, page->frame);
}
