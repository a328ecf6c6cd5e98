/*
 * tranchectl: what a private stack needs done from outside of a request.
 *
 *   tranchectl migrate      apply the schema
 *   tranchectl demo         users of each role, contents, resources, events
 *   tranchectl token        print a fresh API token of the admin
 *   tranchectl tick-token   print a token that may nothing but tick, and its cron line
 *   tranchectl statements   prepare every statement against the schema
 *
 * Reads $TRANCHE_CONFIG as the program does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/ids.h"
#include "base/zone.h"
#include "batch/batch.h"
#include "db/migrate.h"
#include "db/text.h"
#include "store/statements.h"
#include "store/tokens.h"
#include "web/password.h"

#define DEMO_CONTENTS 200
#define DEMO_VERSIONS 3
#define DEMO_EVENTS 5000
#define DEMO_VENUES 8
#define DEMO_PEOPLE 24
#define DEMO_OTHERS 8 /* teams and equipment */
#define ADVANCE_MS 2000

static const struct {
	const char *name;
	const char *display_name;
	const char *role;
	const char *password;
	const char *may;
} people[] = {
	{ "admin", "Ada Admin", "admin", "tranche-demo-admin", "everything" },
	{ "editor", "Edda Editor", "editor", "tranche-demo-editor", "schedules, sees and decides everything" },
	{ "author", "Arne Author", "author", "tranche-demo-author", "schedules what is his own" },
};
#define PEOPLE (sizeof people / sizeof people[0])

static bool become(struct ctx *ctx, const char *name)
{
	struct identity identity;
	struct actor *actor = arena_alloc(ctx->arena, sizeof *actor);
	if (!user_identity(ctx, name, &identity))
		return false;
	if (identity.user_id == 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no user %s", name);
	*actor = (struct actor){ .user_id = identity.user_id,
				 .name = identity.display_name,
				 .grants = identity.grants,
				 .grant_count = identity.grant_count };
	ctx->actor = actor;
	return true;
}

/* --- migrate, statements, token -------------------------------------------- */

static bool do_migrate(struct ctx *ctx)
{
	struct migrate_state state;
	if (!migrate_steps(ctx->db, &shipped_migrations, INT64_MAX, &state, &ctx->fail) || !roles_ensure(ctx))
		return false;
	printf("the schema has version %d\n", state.version);
	return true;
}

static bool do_statements(struct ctx *ctx)
{
	size_t count = 0;
	for (size_t i = 0; i < all_statements_count; i++) {
		if (!db_check_table(ctx->db, all_statements[i], &ctx->fail))
			return false;
		count += all_statements[i]->count;
	}
	printf("%zu statements fit the schema\n", count);
	return true;
}

static bool do_token(struct ctx *ctx)
{
	char secret[TOKEN_TEXT_SIZE];
	struct api_token token;
	if (!become(ctx, "admin") || !token_create(ctx, ctx->actor->user_id, "make token", NULL, 30, &token, secret))
		return false;
	puts(secret);
	return true;
}

/* The address is what a cron page or a pinger wants. */
static bool do_tick_token(struct ctx *ctx)
{
	char secret[TOKEN_TEXT_SIZE];
	struct api_token token;
	if (!become(ctx, "admin") ||
	    !token_create(ctx, ctx->actor->user_id, "tick", permission_name(PERMIT_TICK), 366, &token, secret))
		return false;
	printf("%s\n* * * * * curl -fsS -m 25 '%s/api/v1/tick?token=%s' >/dev/null\n", secret, ctx->config->site_url, secret);
	return true;
}

/* --- demo ------------------------------------------------------------------ */

static bool add_people(struct ctx *ctx)
{
	char hash[PASSWORD_HASH_SIZE];
	int64_t id;
	for (size_t i = 0; i < PEOPLE; i++) {
		struct issues issues = { .arena = ctx->arena };
		if (!password_acceptable(people[i].password, &(struct password_about){ people[i].name, NULL, NULL }, "", &issues) ||
		    !password_hash(people[i].password, hash))
			return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The password of %s can't be set",
					people[i].name);
		if (!user_insert(ctx, people[i].name, people[i].display_name, hash, people[i].role, &id))
			return false;
	}
	return true;
}

static const char *const kinds_of_content[] = { "Newsletter", "Yoga class", "Training plan", "Course unit", "Concert",
						"Guided tour", "Workshop", "Product page", "Press release", "Match" };
static const char *const types[] = { "publish", "booking", "training", "training", "booking",
				     "booking", "training", "publish", "publish", "booking" };
#define KINDS (sizeof types / sizeof types[0])

static bool add_contents(struct ctx *ctx, int64_t now)
{
	struct db_text *text =
		db_text_begin(ctx->db, "INSERT INTO {contents} (title, schedule_type, latest_version, created_at) VALUES ");
	for (size_t i = 0; i < DEMO_CONTENTS; i++) {
		db_text_row(text);
		db_text_str(text, arena_printf(ctx->arena, "%s %zu", kinds_of_content[i % KINDS], i / KINDS + 1));
		db_text_str(text, types[i % KINDS]);
		db_text_i64(text, DEMO_VERSIONS);
		db_text_time(text, now);
		db_text_end_row(text);
	}
	if (!db_text_exec(text, NULL, &ctx->fail))
		return false;
	text = db_text_begin(ctx->db, "INSERT INTO {content_versions} (content_id, version_no, body, created_at)"
				      " SELECT c.id, n.no, JSON_OBJECT('text', CONCAT(c.title, ', version ', n.no)), c.created_at"
				      " FROM {contents} c JOIN (SELECT 1 AS no UNION SELECT 2 UNION SELECT 3) n");
	return db_text_exec(text, NULL, &ctx->fail);
}

static void add_resource(struct db_text *text, const char *kind, const char *name, int64_t now)
{
	db_text_row(text);
	db_text_str(text, kind);
	db_text_str(text, name);
	db_text_str(text, "Europe/Stockholm");
	db_text_time(text, now);
	db_text_end_row(text);
}

static bool add_resources(struct ctx *ctx, int64_t now)
{
	static const char *const first[] = { "Alva", "Bo", "Cleo", "Dag", "Elsa", "Finn", "Gry", "Hugo" };
	static const char *const last[] = { "Berg", "Lund", "Strand" };
	static const char *const venues[] = { "Main hall", "Small hall", "Studio A", "Studio B",
					      "Garden", "Library", "Pool", "Stage" };
	static const char *const others[] = { "Red team", "Blue team", "Green team", "Night team",
					      "Projector", "Van", "Camera", "Sound system" };
	struct db_text *text =
		db_text_begin(ctx->db, "INSERT INTO {resources} (kind, name, timezone, created_at) VALUES ");
	for (size_t i = 0; i < DEMO_VENUES; i++)
		add_resource(text, "venue", venues[i], now);
	for (size_t i = 0; i < DEMO_PEOPLE; i++)
		add_resource(text, "person", arena_printf(ctx->arena, "%s %s", first[i % 8], last[i / 8]), now);
	for (size_t i = 0; i < DEMO_OTHERS; i++)
		add_resource(text, i < DEMO_OTHERS / 2 ? "team" : "equipment", others[i], now);
	return db_text_exec(text, NULL, &ctx->fail);
}

/* The demo's events as NDJSON, one at a time: 25 days with 200 events each; a
 * day has 25 slots of half an hour, in each of which 8 venues and 8 people are
 * busy, so nothing collides. */
struct demo_source {
	struct ctx *ctx;
	struct db_rows contents, venues, persons;
	int64_t first_day;
	int next;
	struct str pending;
	size_t sent;
};

static void write_event(struct demo_source *source, int number)
{
	int content = number % DEMO_CONTENTS, day = number / DEMO_CONTENTS;
	int slot = content / DEMO_VENUES;
	int64_t wall = source->first_day + day * 86400LL + (6 * 60 + slot * 30) * 60LL;
	char when[TIME_TEXT_SIZE];
	struct json_writer w;
	jw_begin(&w, &source->pending);
	jw_object(&w, NULL);
	jw_text(&w, "client_id", arena_printf(source->ctx->arena, "demo-%d", number + 1));
	jw_int(&w, "content_id", db_int(&source->contents, (size_t)content, 0));
	jw_int(&w, "version_no", 1 + day % DEMO_VERSIONS);
	jw_text(&w, "schedule_type", types[(size_t)content % KINDS]);
	jw_text(&w, "title", arena_printf(source->ctx->arena, "%s, day %d", kinds_of_content[(size_t)content % KINDS], day + 1));
	jw_int(&w, "duration_s", 1800);
	if (strcmp(types[(size_t)content % KINDS], "publish") == 0) {
		jw_time(&w, "starts_at", wall);
	} else {
		time_format_local(wall, when);
		jw_text(&w, "local_start", when);
		jw_text(&w, "timezone", "Europe/Stockholm");
		jw_list(&w, "resources");
		jw_int(&w, NULL, db_int(&source->venues, (size_t)(content % DEMO_VENUES), 0));
		jw_end_list(&w);
		jw_list(&w, "assignees");
		jw_int(&w, NULL, db_int(&source->persons, (size_t)(content % DEMO_PEOPLE), 0));
		jw_end_list(&w);
	}
	jw_end_object(&w);
	str_addc(&source->pending, '\n');
}

static long read_demo(void *user, char *buffer, size_t size)
{
	struct demo_source *source = user;
	if (source->sent == source->pending.len) {
		if (source->next == DEMO_EVENTS)
			return 0;
		str_clear(&source->pending);
		source->sent = 0;
		write_event(source, source->next++);
	}
	size_t len = source->pending.len - source->sent;
	len = len < size ? len : size;
	memcpy(buffer, source->pending.data + source->sent, len);
	source->sent += len;
	return (long)len;
}

static bool ids_of(struct ctx *ctx, const char *sql, struct db_rows *rows)
{
	return db_text_query(db_text_begin(ctx->db, sql), "i", ctx->arena, rows, &ctx->fail);
}

static bool run_job(struct ctx *ctx, int64_t job_id)
{
	struct advance_report report = { .is_terminal = false };
	struct batch_status status;
	while (!report.is_terminal)
		if (!batch_advance(ctx, job_id, ADVANCE_MS, &report))
			return false;
	if (!batch_status(ctx, job_id, &status))
		return false;
	if (status.counts.by_outcome[OUTCOME_SUCCEEDED] == DEMO_EVENTS)
		return true;
	return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "Only %lld of %d demo events could be made",
			(long long)status.counts.by_outcome[OUTCOME_SUCCEEDED], DEMO_EVENTS);
}

static bool add_events(struct ctx *ctx, int64_t now)
{
	struct demo_source source = { .ctx = ctx, .first_day = (now / 86400 + 1) * 86400 };
	struct batch_options options;
	struct job job;
	options_default(ctx->config, &options);
	if (!become(ctx, "admin") || !ids_of(ctx, "SELECT id FROM {contents} ORDER BY id", &source.contents) ||
	    !ids_of(ctx, "SELECT id FROM {resources} WHERE kind = 'venue' ORDER BY id", &source.venues) ||
	    !ids_of(ctx, "SELECT id FROM {resources} WHERE kind = 'person' ORDER BY id", &source.persons))
		return false;
	bool ok = batch_create_from_body(ctx, true, JOB_CREATE, &options, "Demo events", INGEST_NDJSON,
					 (struct byte_source){ read_demo, &source }, &job);
	str_free(&source.pending);
	return ok && run_job(ctx, job.id);
}

static bool do_demo(struct ctx *ctx)
{
	struct db_rows clock;
	int64_t users;
	if (!users_count(ctx, &users))
		return false;
	if (users == 0) {
		if (!ids_of(ctx, "SELECT UNIX_TIMESTAMP()", &clock) || !roles_ensure(ctx) || !add_people(ctx) ||
		    !add_contents(ctx, db_int(&clock, 0, 0)) || !add_resources(ctx, db_int(&clock, 0, 0)) ||
		    !add_events(ctx, db_int(&clock, 0, 0)))
			return false;
	}
	for (size_t i = 0; i < PEOPLE; i++)
		printf("Sign in as %-6s with %-20s (%s)\n", people[i].name, people[i].password, people[i].may);
	return true;
}

/* --- main ------------------------------------------------------------------ */

static const struct {
	const char *name;
	bool (*run)(struct ctx *ctx);
} commands[] = {
	{ "migrate", do_migrate }, { "demo", do_demo }, { "token", do_token },
	{ "tick-token", do_tick_token }, { "statements", do_statements },
};

static bool run(struct ctx *ctx, struct config *config, const char *name)
{
	if (!ids_init(&ctx->fail) || !config_load(config, &ctx->fail))
		return false;
	zone_init(config->zoneinfo[0] ? config->zoneinfo : NULL);
	ctx->db = db_new(config);
	if (!db_ensure(ctx->db, &ctx->fail))
		return false;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(ctx);
	return fail_set(&ctx->fail, FAIL_INVALID, CODE_NOT_FOUND,
			"usage: tranchectl migrate | demo | token | tick-token | statements");
}

int main(int argc, char **argv)
{
	static struct config config;
	static const struct actor nobody = { .name = "" };
	struct ctx ctx = { .arena = arena_new(),
			   .config = &config,
			   .actor = &nobody,
			   .reference = "tranchectl",
			   .worker_uuid = "00000000-0000-4000-8000-000000000000",
			   .worker_type = "tick",
			   .started_ms = monotonic_ms(),
			   .deadline_ms = INT64_MAX };
	if (!ctx.arena)
		return EXIT_FAILURE;
	bool ok = run(&ctx, &config, argc > 1 ? argv[1] : "");
	if (!ok)
		fprintf(stderr, "tranchectl: %s%s%s\n", ctx.fail.public_message, ctx.fail.detail[0] ? ": " : "",
			ctx.fail.detail);
	db_free(ctx.db);
	zone_shutdown();
	arena_free(ctx.arena);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
