#include "store/facts.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"
#include "store/visible.h"

/* Rows of the UNION say what they are in their first column. */
enum { WHAT_NOW = 1, WHAT_CONTENT, WHAT_EVENT };
#define ROW_TYPES "iiiiiiissss"

int content_key_order(const void *left, const void *right)
{
	const struct content_key *a = left, *b = right;
	if (a->content_id != b->content_id)
		return a->content_id < b->content_id ? -1 : 1;
	return (a->version_no > b->version_no) - (a->version_no < b->version_no);
}

/* p: contents and versions; q: owners and their own keys.  Neither is empty. */
static void lists(struct db_text *text, const struct facts_keys *keys)
{
	db_text_lit(text, "WITH p (i, c, n, b) AS (");
	db_text_values(text);
	for (size_t i = 0; i < keys->content_count || i == 0; i++) {
		const struct content_key *key = keys->content_count ? &keys->contents[i] : &(struct content_key){ 0 };
		db_text_row(text);
		db_text_i64(text, (int64_t)i);
		db_text_i64(text, key->content_id);
		db_text_i64(text, key->version_no);
		db_text_i64(text, key->body);
		db_text_end_row(text);
	}
	db_text_lit(text, "), q (o, k) AS (");
	db_text_values(text);
	for (size_t i = 0; i < keys->client_count || i == 0; i++) {
		db_text_row(text);
		db_text_i64(text, keys->client_count ? keys->clients[i].owner_id : 0);
		db_text_str(text, keys->client_count ? keys->clients[i].client_id : "");
		db_text_end_row(text);
	}
	db_text_lit(text, ") ");
}

#define BODY                                                                                                           \
	"CASE WHEN p.b = 1 AND LENGTH(v.body) <= 65536 THEN CAST(v.body AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin END"
#define EVENT_FACTS(e)                                                                                                 \
	"SELECT 3, " EVENT_ID(e) ", ABS(" e ".created_by), " e ".content_id, " e ".version_no, "                        \
	SQL_SECONDS(e ".starts_at") ", " SQL_SECONDS(e ".ends_at") ", " e ".client_id, "                                \
	e ".schedule_type COLLATE utf8mb4_bin, " e ".title COLLATE utf8mb4_bin, " e ".status COLLATE utf8mb4_bin"
/* The event itself, or the changed copy that is what is seen of it now. */
#define SEEN_EVENTS(from, e)                                                                                           \
	" UNION ALL (" EVENT_FACTS("e") from " WHERE " EVENT_IS_STORED("e") " AND " EVENT_VISIBLE("e")
#define SEEN_COPIES(from, e)                                                                                           \
	" UNION ALL (" EVENT_FACTS("s") from " JOIN {scheduled_events} s ON s.shadow_of = e.id WHERE " EVENT_VISIBLE("s")

#define BY_ID " FROM {scheduled_events} e"
#define BY_CLIENT                                                                                                      \
	" FROM q STRAIGHT_JOIN {scheduled_events} e ON e.created_by = q.o AND e.client_id = q.k COLLATE utf8mb4_bin"

static void select_events(struct db_text *text, const struct facts_keys *keys)
{
	if (keys->event_count) {
		db_text_lit(text, SEEN_EVENTS(BY_ID, "e") " AND e.id IN ");
		db_text_list(text, keys->events, keys->event_count);
		db_text_lit(text, ")" SEEN_COPIES(BY_ID, "e") " AND e.id IN ");
		db_text_list(text, keys->events, keys->event_count);
		db_text_lit(text, ")");
	}
	if (keys->client_count)
		db_text_lit(text, SEEN_EVENTS(BY_CLIENT, "e") ")" SEEN_COPIES(BY_CLIENT, "e") ")");
}

static const char *keep(struct arena *arena, const struct db_rows *rows, size_t row, size_t column)
{
	return arena_strdup(arena, db_str(rows, row, column));
}

/* The columns of the UNION that hold texts hold this number as one. */
static int64_t number_at(const struct db_rows *rows, size_t row, size_t column)
{
	const char *text = db_str(rows, row, column);
	int64_t number = 0;
	return text && parse_i64(text, strlen(text), &number) ? number : 0;
}

static void take_row(struct arena *arena, const struct db_rows *rows, size_t row, struct facts *facts)
{
	int64_t id = db_int(rows, row, 1), a = db_int(rows, row, 2), b = db_int(rows, row, 3), c = db_int(rows, row, 4);
	int64_t d = db_int(rows, row, 5), e = db_int(rows, row, 6);
	switch (db_int(rows, row, 0)) {
	case WHAT_NOW:
		facts->now_utc = id;
		break;
	case WHAT_CONTENT:
		facts->contents[id] = (struct content_facts){ a, keep(arena, rows, row, 7), keep(arena, rows, row, 8),
							      b, c, d, e, keep(arena, rows, row, 9), number_at(rows, row, 10) };
		break;
	default:
		facts->events[facts->event_count++] = (struct event_facts){
			.id = id,
			.created_by = a,
			.client_id = keep(arena, rows, row, 7),
			.content_id = b,
			.version_no = c,
			.schedule_type = keep(arena, rows, row, 8),
			.title = keep(arena, rows, row, 9),
			.status = keep(arena, rows, row, 10),
			.starts_at = d,
			.ends_at = e,
		};
		break;
	}
}

static int by_id(const void *left, const void *right)
{
	const struct event_facts *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

static int by_client(const void *left, const void *right)
{
	const struct event_facts *a = *(struct event_facts *const *)left, *b = *(struct event_facts *const *)right;
	if (a->created_by != b->created_by)
		return a->created_by < b->created_by ? -1 : 1;
	return strcmp(a->client_id ? a->client_id : "", b->client_id ? b->client_id : "");
}

static void sort_events(struct arena *arena, struct facts *facts)
{
	facts->by_client = arena_array(arena, facts->event_count + 1, sizeof(struct event_facts *));
	if (facts->event_count > 1)
		qsort(facts->events, facts->event_count, sizeof(*facts->events), by_id);
	for (size_t i = 0; i < facts->event_count; i++)
		facts->by_client[i] = &facts->events[i];
	if (facts->event_count > 1)
		qsort(facts->by_client, facts->event_count, sizeof(struct event_facts *), by_client);
}

const struct event_facts *facts_event(const struct facts *facts, int64_t id)
{
	struct event_facts key = { .id = id };
	return facts->event_count ? bsearch(&key, facts->events, facts->event_count, sizeof(key), by_id) : NULL;
}

const struct event_facts *facts_event_of(const struct facts *facts, int64_t owner_id, const char *client_id)
{
	struct event_facts wanted = { .created_by = owner_id, .client_id = client_id };
	const struct event_facts *key = &wanted;
	struct event_facts *const *found =
		facts->event_count ? bsearch(&key, facts->by_client, facts->event_count, sizeof(struct event_facts *), by_client) : NULL;
	return found ? *found : NULL;
}

bool facts_fetch(struct ctx *ctx, const struct facts_keys *keys, struct facts *facts)
{
	struct db_rows rows;
	struct arena *fetched = arena_new();
	if (!fetched)
		abort();
	struct db_text *text = db_text_begin(ctx->db, "");
	lists(text, keys);
	db_text_lit(text, "(SELECT 1, UNIX_TIMESTAMP(), 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL)"
		    " UNION ALL (SELECT 2, p.i, c.id, c.live_version, c.latest_version, COALESCE(v.version_no, 0),"
		    " COALESCE(" SQL_SECONDS("v.created_at") ", 0), c.title COLLATE utf8mb4_bin,"
		    " c.schedule_type COLLATE utf8mb4_bin, " BODY ", CAST(c.owner_id AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin FROM p STRAIGHT_JOIN {contents} c ON c.id = p.c"
		    " LEFT JOIN {content_versions} v ON v.content_id = c.id"
		    " AND v.version_no = CASE p.n WHEN 0 THEN c.latest_version ELSE p.n END)");
	select_events(text, keys);
	bool ok = db_text_query(text, ROW_TYPES, fetched, &rows, &ctx->fail);
	if (ok) {
		*facts = (struct facts){
			.contents = arena_array(ctx->arena, keys->content_count + 1, sizeof(struct content_facts)),
			.events = arena_array(ctx->arena, rows.count + 1, sizeof(struct event_facts)),
		};
		for (size_t i = 0; i < rows.count; i++)
			take_row(ctx->arena, &rows, i, facts);
		sort_events(ctx->arena, facts);
	}
	arena_free(fetched);
	return ok;
}
