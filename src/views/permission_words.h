/* What permissions are called on pages. */
#ifndef VIEWS_PERMISSION_WORDS_H
#define VIEWS_PERMISSION_WORDS_H

#include "rules/permission.h"

/* "Schedule and change events". */
const char *permission_words(enum permission permission);
/* May a role limit it to some schedule types, to what the person made? */
bool permission_has_types(enum permission permission);
bool permission_has_owner(enum permission permission);

#endif
