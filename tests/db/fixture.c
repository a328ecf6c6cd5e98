/* A private site in a known state. */
#include "fixture.h"

#include <mysql.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/zone.h"
#include "db/text.h"
#include "store/grants.h"

static struct site the_site;

static void open_ctx(struct ctx *ctx, const char *uuid)
{
	*ctx = (struct ctx){
		.arena = arena_new(),
		.config = &the_site.config,
		.reference = "0000000000000000",
		.worker_type = "tick",
		.started_ms = monotonic_ms(),
		.db = db_new(&the_site.config),
	};
	memcpy(ctx->worker_uuid, uuid, sizeof ctx->worker_uuid);
	if (!db_ensure(ctx->db, &ctx->fail))
		fail_msg("no database: %s", ctx->fail.detail);
}

#define ANSWER_S 280u /* suite.sh gives a program 300 */

static bool takes_time;

/* In place of the connector's: what a test asks of all rows there are may take longer than a request. */
int mysql_options(MYSQL *mysql, enum mysql_option option, const void *value)
{
	static const unsigned answer_s = ANSWER_S;
	return mysql_optionsv(mysql, option, takes_time && option == MYSQL_OPT_READ_TIMEOUT ? &answer_s : value);
}

/* And the server does not end it either. */
static void take_time(struct ctx *ctx)
{
	bool is_mariadb;
	(void)db_server_version(ctx->db, &is_mariadb);
	if (!db_text_exec(db_text_begin(ctx->db, is_mariadb ? "SET SESSION max_statement_time = 0" : "SET SESSION max_execution_time = 0"),
			  NULL, &ctx->fail))
		fail_msg("%s", ctx->fail.detail);
}

int site_open(void **state)
{
	struct fail fail = { 0 };
	if (!ids_init(&fail) || !config_load(&the_site.config, &fail))
		fail_msg("no configuration: %s", fail.public_message);
	zone_init(the_site.config.zoneinfo[0] ? the_site.config.zoneinfo : NULL);
	open_ctx(&the_site.one, "00000000-0000-4000-8000-000000000001");
	open_ctx(&the_site.two, "00000000-0000-4000-8000-000000000002");
	takes_time = true;
	open_ctx(&the_site.look, "00000000-0000-4000-8000-000000000003");
	take_time(&the_site.look);
	takes_time = false;
	*state = &the_site;
	return 0;
}

static void close_ctx(struct ctx *ctx)
{
	db_free(ctx->db);
	arena_free(ctx->arena);
}

int site_close(void **state)
{
	(void)state;
	close_ctx(&the_site.one);
	close_ctx(&the_site.two);
	close_ctx(&the_site.look);
	zone_shutdown();
	return 0;
}

/* --- the test's own SQL -------------------------------------------------------- */

/* MariaDB counts by tables seq_A_to_B; elsewhere views take their names. */
static void make_sequences(struct site *site, const char *text)
{
	bool is_mariadb;
	(void)db_server_version(site->look.db, &is_mariadb);
	for (const char *name = is_mariadb ? NULL : strstr(text, "seq_"); name; name = strstr(name + 1, "seq_")) {
		char *end;
		long long first = strtoll(name + strlen("seq_"), &end, 10);
		if (strncmp(end, "_to_", strlen("_to_")) != 0)
			continue;
		long long last = strtoll(end + strlen("_to_"), NULL, 10);
		const char *view = arena_printf(site->look.arena,
						"CREATE OR REPLACE VIEW seq_%lld_to_%lld AS SELECT seq + %lld AS seq FROM seq_all WHERE seq <= %lld",
						first, last, first - 1, last - first + 1);
		if (!db_text_exec(db_text_begin(site->look.db, view), NULL, &site->look.fail))
			fail_msg("%s", site->look.fail.detail);
	}
}

static struct db_text *begin_text(struct site *site, const char *format, va_list ap)
{
	const char *text = arena_vprintf(site->look.arena, format, ap);
	make_sequences(site, text);
	return db_text_begin(site->look.db, text);
}

static void sql_failed(struct site *site)
{
	fail_msg("%s", site->look.fail.detail);
}

void sql(struct site *site, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	struct db_text *text = begin_text(site, format, ap);
	va_end(ap);
	if (!db_text_exec(text, NULL, &site->look.fail))
		sql_failed(site);
}

static bool clock_stands;

void clock_stands_at(struct site *site, struct ctx *ctx, const char *moment)
{
	clock_stands = true;
	if (!db_text_exec(db_text_begin(ctx->db, text_of(site, "SET timestamp = UNIX_TIMESTAMP(%s)", moment)), NULL, &ctx->fail))
		fail_msg("%s", ctx->fail.detail);
}

void clock_stops(struct site *site)
{
	const char *now = text_of(site, "'%s'", strtok(text_of(site, "%s", lines(site, "s", "SELECT CAST(UTC_TIMESTAMP(3) AS CHAR)")), "\n"));
	clock_stands_at(site, &site->one, now);
	clock_stands_at(site, &site->two, now);
	clock_stands_at(site, &site->look, now);
}

void clock_goes_on(struct site *site)
{
	struct ctx *const all[] = { &site->one, &site->two, &site->look };
	for (size_t i = 0; clock_stands && i < sizeof all / sizeof all[0]; i++)
		if (!db_text_exec(db_text_begin(all[i]->db, "SET timestamp = DEFAULT"), NULL, &all[i]->fail))
			fail_msg("%s", all[i]->fail.detail);
	clock_stands = false;
}

int64_t number(struct site *site, const char *format, ...)
{
	struct db_rows rows;
	va_list ap;
	va_start(ap, format);
	struct db_text *text = begin_text(site, format, ap);
	va_end(ap);
	if (!db_text_query(text, "i", site->look.arena, &rows, &site->look.fail))
		sql_failed(site);
	assert_int_equal(rows.count, 1);
	return db_int(&rows, 0, 0);
}

const char *sorted_json(struct site *site, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	assert_non_null(text);
	char *kept = arena_strdup(site->look.arena, text);
	free(text);
	return kept;
}

static const char *json_column(struct site *site, const char *text)
{
	return sorted_json(site, json_read(site->look.arena, text, strlen(text), &site->look.fail));
}

const char *lines(struct site *site, const char *types, const char *format, ...)
{
	struct db_rows rows;
	struct str out = STR_INIT;
	va_list ap;
	va_start(ap, format);
	struct db_text *text = begin_text(site, format, ap);
	va_end(ap);
	char *columns = arena_strdup(site->look.arena, types);
	for (char *type = columns; *type; type++)
		*type = *type == 'j' ? 's' : *type;
	if (!db_text_query(text, columns, site->look.arena, &rows, &site->look.fail))
		sql_failed(site);
	for (size_t row = 0; row < rows.count; row++) {
		for (size_t column = 0; column < rows.columns; column++) {
			if (column)
				str_addc(&out, ' ');
			if (db_at(&rows, row, column)->is_null)
				str_addc(&out, '-');
			else if (types[column] == 'i')
				str_addi(&out, db_int(&rows, row, column));
			else
				str_adds(&out, types[column] == 'j' ? json_column(site, db_str(&rows, row, column)) : db_str(&rows, row, column));
		}
		str_addc(&out, '\n');
	}
	return kept_text(site, &out);
}

char *text_of(struct site *site, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	char *text = arena_vprintf(site->look.arena, format, ap);
	va_end(ap);
	return text;
}

char *kept_text(struct site *site, struct str *text)
{
	char *kept = arena_strdup(site->look.arena, str_text(text));
	str_free(text);
	return kept;
}

/* --- a case begins --------------------------------------------------------------- */

static const char *const tables[] = {
	"scheduled_events", "event_resources", "busy",		"busy_plan",   "calendars", "contents",	    "content_versions",
	"event_occurrences", "event_history", "restrictions", "batch_calendars", "batch_places",
	"resources",	    "batch_jobs",      "batch_job_items", "batch_slices", "undo_rows", "batch_item_errors", "batch_expansions",
	"batch_job_dependencies", "batch_item_nodes", "batch_item_links", "batch_stagings",
	"batch_chunks",	    "batch_decisions", "workers",	       "worker_logs",	"audit_log",   "users",	    "user_roles",
	"idempotency_keys", "error_logs",      "error_resolutions", "batch_lanes", "batch_turns", "batch_purges",
	"upload_files",
};

static void add_people(struct site *site)
{
	sql(site, "INSERT INTO {users} (id, name, display_name, password_hash, created_at) VALUES"
		  " (1, 'admin', 'Ada Admin', '', NOW()), (2, 'editor', 'Edda Editor', '', NOW()),"
		  " (3, 'author', 'Arne Author', '', NOW()), (4, 'trainer', 'Tora Trainer', '', NOW()),"
		  " (5, 'nobody', 'Nils Nobody', '', NOW())");
	sql(site, "INSERT IGNORE INTO {roles} (name) VALUES ('trainer')");
	sql(site, "INSERT IGNORE INTO {role_permissions} (role_id, permission, schedule_types)"
		  " SELECT r.id, p.permission, 'training' FROM {roles} r JOIN {role_permissions} p"
		  " JOIN {roles} e ON e.id = p.role_id AND e.name = 'editor' WHERE r.name = 'trainer'");
	sql(site, "INSERT INTO {user_roles} (user_id, role_id) SELECT u.id, r.id FROM {users} u"
		  " JOIN {roles} r ON r.name = u.name");
}

static void add_domain(struct site *site)
{
	sql(site, "INSERT INTO {contents} (id, title, schedule_type, owner_id, latest_version, created_at)"
		  " SELECT seq, CONCAT('Content ', seq), IF(seq BETWEEN 31 AND 40, 'training', 'publish'),"
		  " CASE seq WHEN 42 THEN 3 WHEN 43 THEN 1 ELSE 0 END, IF(seq = 41, 0, 3), NOW() FROM seq_1_to_43");
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at)"
		  " SELECT c.id, v.seq, NOW() FROM {contents} c JOIN seq_1_to_3 v WHERE c.id <> 41");
	sql(site, "INSERT INTO {resources} (id, kind, name, capacity, overlap, active, created_at)"
		  " SELECT seq, IF(seq > 20, 'person', 'venue'), CONCAT('Resource ', seq), IF(seq = 12, 2, 1),"
		  " IF(seq = 11, 'soft', 'hard'), seq NOT IN (13, 29), NOW() FROM seq_1_to_29 WHERE seq NOT BETWEEN 14 AND 20");
}

int site_begin(void **state)
{
	struct site *site = *state = &the_site;
	arena_reset(site->one.arena);
	arena_reset(site->two.arena);
	arena_reset(site->look.arena);
	fail_clear(&site->one.fail);
	fail_clear(&site->two.fail);
	fail_clear(&site->look.fail);
	site->one.key = site->two.key = NULL;
	if (!db_ensure(site->one.db, &site->one.fail) || !db_ensure(site->two.db, &site->two.fail) ||
	    !db_ensure(site->look.db, &site->look.fail))
		return -1;
	clock_goes_on(site);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		sql(site, "DELETE FROM {%s}", tables[i]);
	/* Whoever ends a batch keeps house if it is due, once a minute: what that reads and sends would be counted with
	 * whatever a case does in that moment.  A case that wants it says so. */
	sql(site, "UPDATE {maintenance} SET due_at = '2999-01-01'");
	add_people(site);
	add_domain(site);
	become(&site->one, ADMIN);
	become(&site->two, ADMIN);
	return 0;
}

void become(struct ctx *ctx, int64_t user_id)
{
	struct actor *actor = arena_alloc(ctx->arena, sizeof *actor);
	if (!grants_load(ctx, user_id, NULL, actor))
		fail_msg("%s", ctx->fail.detail);
	ctx->actor = actor;
}

/* --- what the program says ---------------------------------------------------------- */

static const char *kind_name(enum fail_kind kind)
{
	static const char *const names[] = { "NONE", "INVALID", "DENIED", "NOT_FOUND", "CONFLICT",
					     "RETRY", "UNCERTAIN", "LIMIT", "INTERNAL" };
	return names[kind];
}

void done_at(bool ok, struct ctx *ctx, const char *call, const char *file, int line)
{
	if (ok)
		return;
	print_error("%s: %s %s %s\n", call, kind_name(ctx->fail.kind), ctx->fail.public_message, ctx->fail.detail);
	_fail(file, line);
}

void refused_at(bool ok, struct ctx *ctx, const char *wanted, const char *call, const char *file, int line)
{
	const struct fail *fail = &ctx->fail;
	if (ok) {
		print_error("%s succeeded, expected: %s\n", call, wanted);
		_fail(file, line);
	}
	const char *said = arena_printf(ctx->arena, "%s %s%s%s: %s", kind_name(fail->kind), code_info(fail->code)->name,
					fail->pointer[0] ? " " : "", fail->pointer, fail->public_message);
	_assert_string_equal(said, wanted, file, line);
	fail_clear(&ctx->fail);
}

char *at_minute(struct site *site, int64_t minute)
{
	char *out = arena_alloc(site->look.arena, TIME_TEXT_SIZE);
	time_format_utc(DAY_ONE + minute * 60, out);
	return out;
}
