#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* vsnprintf() that never leaves half a UTF-8 sequence at the cut. */
static void put(char *to, size_t size, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void put(char *to, size_t size, const char *format, va_list ap)
{
	int len = vsnprintf(to, size, format, ap);
	size_t end, lead;

	if (len < 0) {
		to[0] = '\0';
		return;
	}
	if ((size_t)len < size)
		return;
	end = size - 1;
	lead = end;
	while (lead > 0 && ((unsigned char)to[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead > 0 && (unsigned char)to[lead - 1] >= 0xc0) {
		unsigned char first = (unsigned char)to[lead - 1];
		size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

		if (end - (lead - 1) < want)
			end = lead - 1;
	}
	to[end] = '\0';
}

bool fail_set(struct fail *fail, enum fail_kind kind, enum code code, const char *format, ...)
{
	va_list ap;

	if (fail->kind != FAIL_NONE)
		return false;
	fail->kind = kind;
	fail->code = code;
	va_start(ap, format);
	put(fail->public_message, sizeof(fail->public_message), format, ap);
	va_end(ap);
	return false;
}

bool fail_detail(struct fail *fail, const char *format, ...)
{
	size_t used = strlen(fail->detail);
	va_list ap;

	/* Each layer may add what it knows; none overwrites another's. */
	if (used > 0 && used + 2 < sizeof(fail->detail)) {
		memcpy(fail->detail + used, "; ", 3);
		used += 2;
	}
	va_start(ap, format);
	put(fail->detail + used, sizeof(fail->detail) - used, format, ap);
	va_end(ap);
	return false;
}

bool fail_at(struct fail *fail, const char *pointer_format, ...)
{
	va_list ap;

	if (fail->pointer[0])
		return false;
	va_start(ap, pointer_format);
	put(fail->pointer, sizeof(fail->pointer), pointer_format, ap);
	va_end(ap);
	return false;
}

void fail_clear(struct fail *fail)
{
	memset(fail, 0, sizeof(*fail));
}

bool fail_unless_unwritable(struct fail *fail, bool ok)
{
	if (ok || (fail->code != CODE_DATABASE_FULL && fail->code != CODE_DATABASE_READ_ONLY))
		return ok;
	fail_clear(fail);
	return true;
}
