#include "views/csv.h"

static void separate(struct csv_writer *w)
{
	if (w->in_row)
		str_addc(w->out, ',');
	w->in_row = true;
}

void csv_mark_utf8(struct csv_writer *w)
{
	str_adds(w->out, "\xEF\xBB\xBF");
}

void csv_text(struct csv_writer *w, const char *text)
{
	separate(w);
	if (!text || !*text)
		return;
	bool is_run = is_formula(text, strlen(text));
	if (!is_run && !text[strcspn(text, ",;\"\r\n\t ")]) {
		str_adds(w->out, text);
		return;
	}
	str_addc(w->out, '"');
	if (is_run)
		str_addc(w->out, '\'');
	for (; *text; text++) {
		if (*text == '"')
			str_addc(w->out, '"');
		str_addc(w->out, *text);
	}
	str_addc(w->out, '"');
}

void csv_number(struct csv_writer *w, const char *digits)
{
	separate(w);
	str_adds(w->out, digits);
}

void csv_end_row(struct csv_writer *w)
{
	str_adds(w->out, "\r\n");
	w->in_row = false;
}
