/*
 * The address of a webhook: an https URL, read strictly.
 *
 * Programs differ in how they read an odd URL, and whoever checks one reading
 * and connects by another has checked nothing: so there is only one spelling of
 * a host here.  Names are letters, digits, dots and dashes; numbers are four
 * decimals or an IPv6 address in brackets.  Refused: other schemes, user@host,
 * 127.1, 0x7f000001, 2130706433, a dot at the end, #fragments, blanks, control
 * characters and whatever is not ASCII.  Pure; fuzzed in tests/fuzz.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>

#include "base/address.h"

#define URL_MAX 500

struct url {
	char host[254];          /* lower case; a number without brackets */
	bool is_address;         /* then: */
	struct address address;
	int port;
	char path[URL_MAX + 2];  /* with the query, "/" at least */
};

/* On false `why_out` says what is wrong, as the end of "The address …". */
bool url_read(const char *text, struct url *url_out, const char **why_out);

#endif
