/* Wall times of a series, as text and back. */
#include <string.h>

#include "base/clock.h"
#include "rules/event.h"

void event_dates_write(struct str *out, const int64_t *dates, size_t count)
{
	char text[TIME_TEXT_SIZE];

	str_addc(out, '[');
	for (size_t i = 0; i < count; i++) {
		time_format_local(dates[i], text);
		str_adds(out, i ? ",\"" : "\"");
		str_adds(out, text);
		str_addc(out, '"');
	}
	str_addc(out, ']');
}

size_t event_dates_read(struct arena *arena, const char *text, int64_t **dates_out)
{
	size_t room = 1, count = 0;

	*dates_out = NULL;
	if (!text)
		return 0;
	for (const char *c = text; *c; c++)
		room += *c == ',';
	*dates_out = arena_array(arena, room, sizeof(**dates_out));
	for (const char *open = strchr(text, '"'); open && count < room;) {
		const char *close = strchr(open + 1, '"');

		if (!close)
			break;
		if (time_parse_local(open + 1, (size_t)(close - open - 1), &(*dates_out)[count]))
			count++;
		open = strchr(close + 1, '"');
	}
	return count;
}
