#include "base/finding.h"

#include <stdarg.h>

void finding_add(struct findings *findings, enum finding_state state, const char *name, const char *mend, const char *format, ...)
{
	va_list ap;

	if (findings->count == FINDINGS_MAX)
		return;
	va_start(ap, format);
	findings->list[findings->count++] =
		(struct finding){ .state = state, .name = name, .text = arena_vprintf(findings->arena, format, ap), .mend = mend ? mend : "" };
	va_end(ap);
}

bool findings_stop(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->list[i].state == FINDING_BAD)
			return true;
	}
	return false;
}
