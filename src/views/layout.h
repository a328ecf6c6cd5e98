/*
 * The frame around every page: head, navigation, footer; and the pieces that
 * several pages share (error summary, pager, state pill, hidden token).
 *
 * A page is frame_begin(), its own markup, frame_end().  Links are base +
 * path, so the program works in any folder of a site.
 */
#ifndef VIEWS_LAYOUT_H
#define VIEWS_LAYOUT_H

#include <stddef.h>

#include "base/issue.h"
#include "views/html.h"

/* Where the person is, and which entries the navigation shows. */
enum nav {
	NAV_DASHBOARD,
	NAV_EVENTS,
	NAV_CALENDAR,
	NAV_NEW,
	NAV_JOBS,
	NAV_RESTRICTIONS, /* from here on under “Site” */
	NAV_WORKERS,
	NAV_ERRORS,
	NAV_WEBHOOKS,
	NAV_PEOPLE,
	NAV_AUDIT,
	NAV_SYSTEM,
	NAV_HELP,
	NAV_ACCOUNT, /* at the person's name */
	NAV_COUNT,
	NAV_NONE
};

/* Light or dark: as the device has it, or as the person chose. */
enum look { LOOK_DEVICE, LOOK_LIGHT, LOOK_DARK, LOOK_COUNT };
const char *look_name(enum look look); /* "device", "light", "dark" */

struct frame {
	const char *base;          /* "" or "/sub/folder" */
	const char *title;         /* of the page, without the site's name */
	const char *user_name;     /* NULL = not signed in */
	const char *csrf;          /* for every form */
	const char *form_key;      /* for forms that make something: once, however often they are sent */
	enum nav current;
	unsigned nav_shown;        /* bits 1 << enum nav */
	const char *script;        /* a module beside app.js, e.g. "import.js", or NULL */
	const char *refresh_path;  /* without JavaScript go here at once, or NULL */
	bool has_error;            /* the title begins with "Error: " */
	const struct zone *zone;   /* times are shown in it; NULL = UTC */
	const char *zone_name;
	int64_t now_utc;
	enum look look;
	const char *here;          /* path and query of this page, to come back to; NULL = it was a form's answer */
};

void frame_begin(struct str *out, const struct frame *frame);
void frame_end(struct str *out, const struct frame *frame);

/* The hidden field that proves that a form is ours. */
void html_csrf(struct str *out, const struct frame *frame);
/* The hidden field by which a form that is sent twice makes one thing.  (Not of
 * type hidden: such a field can't tell a browser not to restore an old key.) */
void html_form_key(struct str *out, const struct frame *frame);

/* "There is a problem": a focused summary that links to the fields (#f-NAME
 * for the pointer "/NAME") or, without a pointer, just says what is wrong.
 * Nothing for an empty list. */
void error_summary(struct str *out, const struct issues *issues);
/* The message of a field, to stand beside it with id "e-NAME"; nothing if the
 * field has none.  Returns whether there was one. */
bool field_error(struct str *out, const struct issues *issues, const char *name);
/* aria-invalid and aria-describedby of a field with an error; `hint_id` (may
 * be NULL) is always named. */
void field_state(struct str *out, const struct issues *issues, const char *name, const char *hint_id);
/* A labelled <input> of a filter, with its error.  `attributes` is literal markup. */
void filter_field(struct str *out, const struct issues *issues, const char *name, const char *label, const char *attributes,
		const char *value);

/* A button that posts nothing but the token: a form of its own. */
struct post_button {
	const char *path;       /* below base */
	const char *label;
	const char *css_class;  /* "", "quiet" or "danger" */
	const char *name;       /* a further hidden field, or NULL */
	const char *value;
};
void post_button(struct str *out, const struct frame *frame, const struct post_button *button);

#endif
