#include "base/codes.h"

#include <stddef.h>
#include <string.h>

static const struct code_info rows[CODE_COUNT] = {
#define X(id, name, recoverable, title, cause, fix) [CODE_##id] = { name, recoverable, title, cause, fix },
	CODE_LIST(X)
#undef X
};

const struct code_info *code_info(enum code code)
{
	if ((unsigned)code >= CODE_COUNT)
		return &rows[CODE_INTERNAL];
	return &rows[code];
}

enum code code_by_name(const char *name)
{
	for (size_t i = 0; i < CODE_COUNT; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return (enum code)i;
	}
	return CODE_INTERNAL;
}
