/*
 * Time zones: IANA names to offsets, from TZif data (RFC 8536).
 *
 * Zones are read from the first folder that has them and kept by the
 * process (a few KB each, at most ZONES_MAX).  A name is only ever looked up
 * after it was checked to be a plain zone name: a name can be a path.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#define ZONES_MAX 64 /* cached at once, oldest leaves */

struct zone;

/* Folders searched for zone files: `shipped` (may be NULL) and then
 * /usr/share/zoneinfo. Copied. */
void zone_init(const char *shipped);
/* One more folder, searched last: the zone files that came with the program,
 * for hosts without any. Copied. */
void zone_fall_back(const char *folder);
void zone_shutdown(void);

/* The zone of an IANA name; borrowed, valid until ZONES_MAX further zones were
 * asked for; NULL when there is none. */
const struct zone *zone_find(const char *name);

/* Zone data are replaced while programs run.  After this each zone's file is
 * looked at once more before it is used, and read anew if it is another; zones
 * borrowed before are no longer valid.  For the beginning of a request. */
void zone_look_again(void);

/* A number that is another one when the rules of any zone in the folders are
 * (or a zone comes or goes); how files are laid out and dated does not matter.
 * Reads all of them: some 10 ms. */
uint64_t zone_data_print(void);

enum zone_flag { ZONE_NORMAL, ZONE_GAP, ZONE_FOLD };

/* Wall time (clock.h) to UTC.  The earlier offset if it is self-consistent,
 * then the later; in a gap the offset before it (RFC 5545, 3.3.5). */
enum zone_flag zone_to_utc(const struct zone *zone, int64_t local, int64_t *utc_out);

/* The first change of offset after an instant, and the offset from then on;
 * false when there is none (up to TIME_MAX_UTC). */
bool zone_next_change(const struct zone *zone, int64_t after_utc, int64_t *at_out, int32_t *offset_out);

/* Seconds east of UTC at that instant. */
int32_t zone_offset_at(const struct zone *zone, int64_t utc);

#endif
