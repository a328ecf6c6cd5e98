#include "views/page_conflicts.h"

const struct decision_choice decision_choices[DECISION_CHOICES] = {
	{ ON_CONFLICT_SKIP, "Theirs", "yours is left out" },
	{ ON_CONFLICT_REPLACE, "Yours", "theirs is superseded" },
	{ ON_CONFLICT_KEEP_BOTH, "Both", "they stand side by side" },
	{ ON_CONFLICT_SHIFT, "Shift", "yours moves to the next free time" },
};

const char *decision_label(const char *action)
{
	for (size_t i = 0; i < DECISION_CHOICES; i++)
		if (strcmp(on_conflict_name(decision_choices[i].action), action) == 0)
			return decision_choices[i].label;
	return action;
}

static const char *consequence(const char *action, bool is_one)
{
	if (strcmp(action, "skip") == 0)
		return is_one ? "is left out: nothing is written for it" : "are left out: nothing is written for them";
	if (strcmp(action, "replace") == 0)
		return is_one ? "takes the place of what it collides with, which becomes superseded (it is kept, and can be restored)"
			      : "take the place of what they collide with, which becomes superseded (it is kept, and can be restored)";
	if (strcmp(action, "keep_both") == 0)
		return is_one ? "is written beside what it collides with" : "are written beside what they collide with";
	return is_one ? "moves to the next free time" : "move to the next free times";
}

static void consequences(struct str *out, const struct decide_question *question)
{
	html_raw(out, "<ul>");
	for (size_t c = 0; c < DECISION_CHOICES; c++) {
		const char *action = on_conflict_name(decision_choices[c].action);
		int64_t count = 0;
		const struct decided_view *only = NULL;
		for (size_t i = 0; i < question->count; i++) {
			if (strcmp(question->items[i].action, action) != 0)
				continue;
			only = &question->items[i];
			count++;
		}
		if (!count)
			continue;
		html_f(out, "<li><b>%s</b>: ", decision_choices[c].label);
		html_count(out, count, "item", "items");
		if (count == 1)
			html_f(out, " (%s)", only->title);
		html_f(out, " %s.</li>", consequence(action, count == 1));
	}
	html_raw(out, "</ul>");
}

static void hidden_number(struct str *out, const char *name, int64_t number)
{
	html_f(out, "<input type=\"hidden\" name=\"%s\" value=\"%" PRId64 "\">", name, number);
}

static void hidden_fields(struct str *out, const struct decide_question *question)
{
	html_csrf(out, question->frame);
	hidden_number(out, "epoch", question->epoch);
	for (size_t i = 0; i < question->count; i++) {
		const struct decided_view *item = &question->items[i];
		html_f(out, "<input type=\"hidden\" name=\"d%" PRId64 "\" value=\"%s\"><input type=\"hidden\" name=\"e%" PRId64 "\" value=\"%d\">",
		       item->ordinal, item->action, item->ordinal, item->epoch);
	}
	if (question->count)
		return;
	html_f(out, "<input type=\"hidden\" name=\"all_action\" value=\"%s\">", question->action);
	if (question->like >= 0)
		hidden_number(out, "like", question->like);
	else
		hidden_number(out, "all", 1);
}

void page_decide(struct str *out, const struct decide_question *question)
{
	int64_t count = question->count ? (int64_t)question->count : question->alike;
	frame_begin(out, question->frame);
	conflicts_crumbs(out, question->frame, question->job);
	html_raw(out, "<h1>Decide ");
	html_count(out, count, "conflict", "conflicts");
	html_raw(out, "?</h1>\n<div class=\"panel\">");
	if (question->count) {
		consequences(out, question);
	} else {
		html_f(out, "<p><b>%s</b> for ", decision_label(question->action));
		html_count(out, count, "conflict", "conflicts");
		html_f(out, "%s%s: %s %s.</p>", question->what[0] ? " – " : " of this batch", question->what, count == 1 ? "it" : "they",
		       consequence(question->action, count == 1));
		if (question->like < 0)
			html_raw(out, "<p>Those for which that is not possible go on waiting.</p>");
	}
	html_raw(out, "<p>What meets something else by then goes on waiting. The first decision stands; afterwards the whole batch can be "
		      "undone for 24 hours.</p>");
	html_f(out, "<form method=\"post\" action=\"%s/jobs/%" PRId64 "/conflicts\"><div class=\"steps\">", question->frame->base, question->job->id);
	hidden_fields(out, question);
	html_raw(out, "<button>Yes, do it</button>");
	html_f(out, "<a class=\"button quiet\" href=\"%s/jobs/%" PRId64 "/conflicts\">No, back to the list</a></div></form></div>\n",
	       question->frame->base, question->job->id);
	frame_end(out, question->frame);
}
