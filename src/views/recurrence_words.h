/*
 * A recurrence rule in words: "every 2 weeks on Monday and Wednesday, 12 times".
 */
#ifndef VIEWS_RECURRENCE_WORDS_H
#define VIEWS_RECURRENCE_WORDS_H

#include "base/str.h"

/* Appends the words of a normalised rule, escaped; parts for which there are
 * none are named as they stand in the rule. */
void recurrence_words(struct str *out, const char *rule);

#endif
