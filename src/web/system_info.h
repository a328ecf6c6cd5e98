/*
 * The settings that an administrator wants to see, for the API and the page.
 */
#ifndef WEB_SYSTEM_INFO_H
#define WEB_SYSTEM_INFO_H

#include "base/config.h"

struct setting {
	const char *name;       /* key in tranche.conf */
	const char *label;
	const char *unit;       /* "days", "ms", "bytes", "s" or "" */
	const char *if_zero;    /* what 0 means, or NULL */
	size_t offset;          /* of the int64_t in struct config */
};
extern const struct setting settings[];
extern const size_t setting_count;
int64_t setting_value(const struct config *config, const struct setting *setting);

#endif
