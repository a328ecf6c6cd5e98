/*
 * CSV out (RFC 4180: CRLF, quotes doubled), safe to open in a spreadsheet.
 *
 * A text that a spreadsheet would run as a formula (is_formula() in base/str.h)
 * gets a ' in front, which the import takes off again.  Numbers are left alone.
 */
#ifndef VIEWS_CSV_H
#define VIEWS_CSV_H

#include "base/str.h"

struct csv_writer {
	struct str *out;
	bool in_row;
};

/* Tells spreadsheets that UTF-8 follows; first thing in a file. */
void csv_mark_utf8(struct csv_writer *w);
/* A cell of text; NULL is empty. */
void csv_text(struct csv_writer *w, const char *text);
/* A cell that is a number, or empty. */
void csv_number(struct csv_writer *w, const char *digits);
void csv_end_row(struct csv_writer *w);

#endif
