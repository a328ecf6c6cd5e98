/*
 * The passwords that everybody tries, made by tests/stack/denied.mjs: in lower
 * case, sorted by byte, each ended by a line break.  Those of eight characters
 * and more are the 10,000 most frequent; the shorter ones are there for what is
 * appended to them.
 */
#ifndef WEB_DENIED_H
#define WEB_DENIED_H

#include <stddef.h>

extern const char denied_passwords[];
extern const size_t denied_passwords_len;

#endif
