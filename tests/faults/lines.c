/* The batches of the kill sweep. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SHORT_ITEMS 30
#define LONG_ITEMS 44 /* some update one event twice; the last chunk is a short one */
#define LINKED_ITEMS 12
#define DAY_ONE 1893456000LL /* 2030-01-01 */

uint64_t line_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u); /* splitmix64 */
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

long line_read(void *user, char *buffer, size_t size)
{
	const char **at = user;
	size_t left = strlen(*at), len = left < size ? left : size;
	memcpy(buffer, *at, len);
	*at += len;
	return (long)len;
}

static int below(uint64_t *seed, int bound)
{
	return (int)(line_random(seed) % (uint64_t)bound);
}

static void event(struct str *out, int content, int version, int half_hour, int venue, const char *client, int number)
{
	char when[TIME_TEXT_SIZE];
	time_format_utc(DAY_ONE + half_hour * 1800, when);
	str_addf(out, "{\"content_id\":%d,\"version_no\":%d,\"starts_at\":\"%s\",\"duration_s\":1800,\"title\":\"Event %d\","
		      "\"resources\":[%d],\"assignees\":[%d]",
		 content, version, when, number, venue, 11 + number % 8);
	if (client)
		str_addf(out, ",\"client_id\":\"%s\"", client);
	str_addc(out, '}');
}

/* Each kind of item once in ten; which comes where is the seed's choice.  `i` is unique, so what is meant to be
 * free is free; venue 7 at half hour 9999 is what all conflicts want. */
static void create_item(struct str *out, int i, int kind)
{
	char client[32];
	snprintf(client, sizeof client, "c-%d", i);
	switch (kind) {
	case 0: /* the first wins, all later ones collide */
		event(out, 1 + i % 40, 1, 9999, 7, NULL, i);
		break;
	case 1:
		str_adds(out, "{\"content_id\":tru}");
		break;
	case 2:
		event(out, 99, 1, i, 1 + i % 6, NULL, i);
		break;
	case 3: /* the same once more: unchanged, or a duplicate */
		event(out, 1, 1, 20000, 6, "twice", 3);
		break;
	case 4: /* stored event 5 has this place */
		event(out, 6, 1, 59 * 48 + 5, 8, NULL, i);
		break;
	case 5: /* another content, the same key */
		event(out, 1 + i % 40, 1, 21000 + i * 3, 5, "key", i);
		break;
	default:
		event(out, 1 + i % 40, 1 + i % 3, 100 + i * 100, 1 + i % 6, client, i);
		if (i % 4 == 1) { /* on the next day again */
			out->len--;
			str_adds(out, ",\"recurrence\":\"FREQ=DAILY;COUNT=2\"}");
		}
	}
}

/* On the places of stored events, on those of the batch's own, and a few elsewhere. */
static void crowding_item(struct str *out, int i, int kind)
{
	int half_hour = kind < 6 ? 59 * 48 + 1 + i : kind < 8 ? 59 * 48 + i : 100 + i * 100;
	event(out, 1 + (i + 7) % 40, 1, half_hour, 8, NULL, i);
}

static void update_item(struct str *out, int i, int kind)
{
	int id = 1 + i % 40;
	switch (kind) {
	case 0:
		str_addf(out, "{\"selector\":{\"client_id\":\"s-%d\"},\"values\":{\"title\":\"By client %d\"}}", id, i);
		break;
	case 1:
		str_addf(out, "{\"selector\":{\"event_id\":%d},\"expected_version\":7,\"values\":{\"title\":\"x\"}}", id);
		break;
	case 2:
		str_addf(out, "{\"selector\":{\"event_id\":%d},\"values\":{\"title\":\"x\"}}", 100000 + i);
		break;
	case 3: /* onto its neighbour's place */
		str_addf(out, "{\"selector\":{\"event_id\":%d},\"values\":{\"shift_s\":1800}}", id);
		break;
	case 4:
		str_addf(out, "{\"selector\":{\"event_id\":%d},\"values\":{\"status\":\"cancelled\"}}", id);
		break;
	case 5:
		str_addf(out, "{\"selector\":{\"query\":{\"content_id\":%d}},\"values\":{\"priority\":%d}}", id, i);
		break;
	case 6:
		str_addf(out, "{\"selector\":{\"event_id\":%d},\"values\":{\"resources\":[%d]}}", id, 1 + i % 6);
		break;
	default:
		str_addf(out, "{\"selector\":{\"event_id\":%d},\"values\":{\"shift_s\":%d,\"title\":\"Moved %d\"}}", id, 86400 * (1 + i), i);
	}
}

/* Changes that can be made together, for batches that are all or nothing. */
static void good_update_item(struct str *out, int i, int kind)
{
	update_item(out, i, kind < 3 ? 6 : 9);
}

static void good_create_item(struct str *out, int i, int kind)
{
	(void)kind;
	create_item(out, i, 6);
}

static void evaluate_item(struct str *out, int i, int kind)
{
	if (kind == 9)
		str_addf(out, "{\"event_id\":%d}", 1 + i % 60);
	else
		create_item(out, i, kind);
}

/* Chains, an id twice, one that is nobody's and a cycle; over both slices. */
static void linked_item(struct str *out, int i, int kind)
{
	static const char *const links[] = {
		"\"id\":\"a\",\"depends_on\":[\"k\"]", "\"id\":\"b\",\"depends_on\":[\"a\",\"d\"]", "\"depends_on\":[\"b\"]",
		"\"id\":\"d\"", "\"id\":\"x\",\"depends_on\":[\"y\"]", "\"depends_on\":[\"nobody\"]", "\"id\":\"a\"",
		"\"id\":\"y\",\"depends_on\":[\"x\",\"d\"]", "\"depends_on\":[\"x\",\"k\"]", NULL, "\"id\":\"k\"", "\"depends_on\":[\"d\",\"a\"]",
	};
	const char *link = links[i % (int)(sizeof links / sizeof links[0])];
	(void)kind;
	str_adds(out, "{");
	if (link)
		str_addf(out, "%s,", link);
	str_addf(out, "\"content_id\":%d,\"version_no\":1,\"starts_at\":\"2030-02-%02dT09:00:00Z\",\"duration_s\":600}", 1 + i % 40, 1 + i);
}

/* The same without anything wrong: four stages, named in both directions. */
static void good_linked_item(struct str *out, int i, int kind)
{
	static const char *const links[] = {
		"\"id\":\"a\",\"depends_on\":[\"k\"]", "\"id\":\"b\",\"depends_on\":[\"a\",\"d\"]", "\"depends_on\":[\"b\"]", "\"id\":\"d\"",
		NULL, "\"attributes\":{\"after\":{\"$ref\":\"d\"}}", NULL, "\"id\":\"y\",\"depends_on\":[\"d\"]",
		"\"depends_on\":[\"k\"]", NULL, "\"id\":\"k\"", "\"depends_on\":[\"d\",\"a\"]",
	};
	const char *link = links[i % (int)(sizeof links / sizeof links[0])];
	(void)kind;
	str_addf(out, "{%s%s\"content_id\":%d,\"version_no\":1,\"starts_at\":\"2030-02-%02dT09:00:00Z\",\"duration_s\":600}",
		 link ? link : "", link ? "," : "", 1 + i % 40, 1 + i);
}

/* Series that end before one of their days, while another carries on: the same series several times. */
static void dividing_item(struct str *out, int i, int kind)
{
	static const char *const values[] = { "\"title\":\"On\"", "\"shift_s\":14400", "\"resources\":[3],\"priority\":2", "\"status\":\"cancelled\"",
					      "\"shift_s\":28800" };
	char when[TIME_TEXT_SIZE];
	int number = 1 + i % 8;
	time_format_utc(DAY_ONE + (90 + 5 - i / 8 % 5) * 86400LL + number * 1800, when);
	when[19] = '\0';
	str_addf(out, "{\"selector\":{\"event_id\":%d},\"scope\":\"following\",\"occurrence\":\"%s\",\"values\":{%s}}", 40 + number, when,
		 values[kind % 5]);
}

/* On the days of stored series, of each several; some would have the same. */
static void dates_item(struct str *out, int i, int kind)
{
	int number = 1 + i % 8, day = kind < 8 ? i / 8 : 0;
	event(out, 1 + i % 30, 1, (90 + day) * 48 + number, 9, NULL, i);
}

static void good_dates_item(struct str *out, int i, int kind)
{
	(void)kind;
	dates_item(out, i, 0);
}

/* White space makes the items so large that a few of them are a group of their own at ingest. */
static const char *one_body(const struct line *line, size_t padding)
{
	struct str out = STR_INIT;
	for (size_t s = 0; s < line->slice_count; s++) {
		for (const char *c = line->slices[s]; *c; c++) {
			if (*c == '[' && c == line->slices[s] && s)
				continue;
			str_addc(&out, *c == ']' && !c[1] && s + 1 < line->slice_count ? ',' : *c);
			if (*c == '{' && (c == line->slices[s] + 1 || c[-1] == ','))
				for (size_t i = 0; i < padding; i++)
					str_addc(&out, ' ');
		}
	}
	const char *body = strdup(str_text(&out));
	str_free(&out);
	return body;
}

static void fill(struct line *line, int items, uint64_t seed, void (*item)(struct str *, int, int))
{
	int slices = 2;
	for (int s = 0; s < slices; s++) {
		struct str out = STR_INIT;
		int first = items * s / slices, end = items * (s + 1) / slices;
		for (int i = first; i < end; i++) {
			str_addc(&out, i == first ? '[' : ',');
			item(&out, i, below(&seed, 10));
		}
		str_addc(&out, ']');
		line->slices[line->slice_count++] = strdup(str_text(&out));
		str_free(&out);
	}
}

#define LONG_ONLY 9

size_t lines_make(struct line *lines, bool is_long, uint64_t seed)
{
	/* Ordered, so that which of two colliding items wins does not depend on who comes first. */
	static const struct line plain[] = {
		{ .name = "create", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"ordered\":true}" },
		{ .name = "update", .type = JOB_UPDATE, .options = "{\"chunk_size\":10,\"ordered\":true}" },
		{ .name = "evaluate", .type = JOB_EVALUATE, .options = "{\"chunk_size\":10}", .item = create_item },
		{ .name = "create, paused on the way", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"ordered\":true}",
		  .steering = STEER_PAUSE },
		{ .name = "create, cancelled", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"ordered\":true}",
		  .steering = STEER_CANCEL },
		{ .name = "create, undone", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"ordered\":true}",
		  .steering = STEER_UNDO, .goes_on_from = 1 },
		{ .name = "update, undone", .type = JOB_UPDATE, .options = "{\"chunk_size\":10,\"ordered\":true}",
		  .steering = STEER_UNDO, .goes_on_from = 2 },
		{ .name = "create, retried", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"ordered\":true}",
		  .steering = STEER_RETRY, .goes_on_from = 1 },
		{ .name = "create, asked and decided", .type = JOB_CREATE,
		  .options = "{\"chunk_size\":10,\"ordered\":true,\"on_conflict\":\"ask\"}", .steering = STEER_DECIDE, .goes_on_from = 1 },
		{ .name = "create, with a key", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"ordered\":true}", .is_keyed = true },
		/* All or nothing: with sweep.c's transaction_items_max, all but the first are held back. */
		{ .name = "create, in one", .type = JOB_CREATE, .options = "{\"atomic\":true}", .items = 10, .is_good = true },
		{ .name = "update, held back", .type = JOB_UPDATE, .options = "{\"chunk_size\":10,\"atomic\":true,\"ordered\":true}", .is_good = true },
		{ .name = "update, held back, given up", .type = JOB_UPDATE, .options = "{\"chunk_size\":10,\"atomic\":true,\"ordered\":true}",
		  .steering = STEER_GIVE_UP, .is_good = true },
		{ .name = "create, linked", .type = JOB_CREATE, .options = "{\"chunk_size\":6,\"ordered\":true}", .items = LINKED_ITEMS,
		  .is_linked = true },
		{ .name = "create, replacing, undone", .type = JOB_CREATE, .makes_room = true, .steering = STEER_UNDO,
		  .options = "{\"chunk_size\":10,\"on_conflict\":\"replace\"}" },
		{ .name = "create, shifting", .type = JOB_CREATE, .makes_room = true, .items = 20,
		  .options = "{\"chunk_size\":10,\"on_conflict\":\"shift\"}" },
		{ .name = "update, dividing, undone", .type = JOB_UPDATE, .item = dividing_item, .steering = STEER_UNDO, .items = 20,
		  .options = "{\"chunk_size\":8,\"ordered\":true}" }, /* each series once in a chunk, which may be cut */
		{ .name = "create, replacing dates, undone", .type = JOB_CREATE, .item = dates_item, .steering = STEER_UNDO, .items = 20,
		  .options = "{\"chunk_size\":8,\"on_conflict\":\"replace\",\"conflict_scope\":\"occurrence\"}" },
		/* Not in the short run. */
		{ .name = "evaluate, with what is stored", .type = JOB_EVALUATE, .options = "{\"chunk_size\":10}" },
		{ .name = "update, replacing, undone", .type = JOB_UPDATE, .steering = STEER_UNDO,
		  .options = "{\"chunk_size\":10,\"on_conflict\":\"replace\"}" },
		{ .name = "create, cancelled and rolled back", .type = JOB_CREATE,
		  .options = "{\"chunk_size\":10,\"ordered\":true}", .steering = STEER_ROLL_BACK },
		{ .name = "update, rolled back on error", .type = JOB_UPDATE,
		  .options = "{\"chunk_size\":3,\"ordered\":true,\"rollback_on_error\":true}" },
		{ .name = "create, held back", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"atomic\":true}", .is_good = true,
		  .in_any_order = true },
		{ .name = "create, held back, given up", .type = JOB_CREATE, .options = "{\"chunk_size\":10,\"atomic\":true,\"ordered\":true}",
		  .steering = STEER_GIVE_UP, .is_good = true },
		{ .name = "create, checked in vain", .type = JOB_CREATE,
		  .options = "{\"chunk_size\":10,\"validate_before_execute\":true}", .items = 20 },
		{ .name = "create, replacing dates, held back", .type = JOB_CREATE, .item = good_dates_item, .is_good = true,
		  .items = 20,
		  .options = "{\"chunk_size\":8,\"atomic\":true,\"on_conflict\":\"replace\",\"conflict_scope\":\"occurrence\"}" },
		{ .name = "create, linked, held back", .type = JOB_CREATE, .options = "{\"chunk_size\":6,\"atomic\":true}",
		  .items = LINKED_ITEMS, .is_linked = true, .is_good = true },
	};
	size_t count = sizeof plain / sizeof plain[0] - (is_long ? 0 : LONG_ONLY);
	_Static_assert(sizeof plain / sizeof plain[0] <= LINES_MAX, "there is room for all");
	memcpy(lines, plain, sizeof plain);
	for (size_t i = 0; i < count; i++)
		fill(&lines[i], lines[i].items ? lines[i].items : is_long ? LONG_ITEMS : SHORT_ITEMS,
		     seed + (lines[i].goes_on_from ? (uint64_t)lines[i].goes_on_from - 1 : i),
		     lines[i].item		   ? lines[i].item
		     : lines[i].makes_room	   ? crowding_item
		     : lines[i].is_linked	   ? (lines[i].is_good ? good_linked_item : linked_item)
		     : lines[i].type == JOB_CREATE ? (lines[i].is_good ? good_create_item : create_item)
		     : lines[i].type == JOB_UPDATE ? (lines[i].is_good ? good_update_item : update_item)
						   : evaluate_item);
	for (size_t i = 0; i < count; i++)
		lines[i].swaps_places = lines[i].type == JOB_UPDATE && !lines[i].is_good;
	for (size_t i = 0; i < count; i++) {
		if (!lines[i].is_keyed)
			continue;
		lines[i].slices[0] = one_body(&lines[i], 50000);
		lines[i].slice_count = 1;
	}
	return count;
}
