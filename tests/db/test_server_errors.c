/* What a host's database says when it can't, raised for real on the server, and what becomes of it. */
#include "fixture.h"

#include "base/clock.h"
#include "db/internal.h"
#include "db/migrate.h"

static const struct {
	int number;
	const char *message, *code;
} said[] = {
	{ 1021, "Disk full (/tmp); waiting for someone to free some space", "database_full" },
	{ 1026, "Error writing file", "database_full" },
	{ 1030, "Got error 28 from storage engine", "database_full" },
	{ 1114, "The table is full", "database_full" },
	{ 1036, "Table is read only", "database_read_only" },
	{ 1142, "INSERT command denied to user", "database_read_only" },
	{ 1143, "UPDATE command denied to user", "database_read_only" },
	{ 1290, "The server is running with the --read-only option", "database_read_only" },
	{ 1792, "Cannot execute statement in a READ ONLY transaction", "database_read_only" },
	{ 1836, "Running in read-only mode", "database_read_only" },
	{ 1226, "User has exceeded the max_questions resource", "database_limit" },
	{ 1226, "User has exceeded the max_updates resource", "database_limit" },
	{ 1226, "User has exceeded the max_user_connections resource", "database_busy" },
	{ 1203, "User already has more than max_user_connections active connections", "database_busy" },
	{ 1205, "Lock wait timeout exceeded", "database_busy" },
	{ 1213, "Deadlock found", "database_busy" },
	{ 1969, "Query execution was interrupted (max_statement_time exceeded)", "database_busy" },
	{ 3024, "Query execution was interrupted, maximum execution time exceeded", "database_busy" },
	{ 1047, "WSREP has not yet prepared node for application use", "database_away" },
	{ 1053, "Server shutdown in progress", "database_away" },
	{ 1927, "Connection was killed", "database_away" },
};

static void what_the_server_can_not_do_now_passes_by_itself(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		assert_true(db_ensure(ctx->db, &ctx->fail));
		const char *raise = text_of(site, "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = %d, MESSAGE_TEXT = '%s'", said[i].number,
					    said[i].message);
		assert_false(db_send(ctx->db, &ctx->fail, raise));
		print_message("%d %s\n", said[i].number, said[i].message);
		assert_int_equal(ctx->fail.kind, FAIL_RETRY);
		assert_string_equal(code_info(ctx->fail.code)->name, said[i].code);
		assert_string_equal(ctx->fail.public_message, code_info(ctx->fail.code)->title);
		assert_int_equal(ctx->fail.os_or_sql_error, said[i].number);
		fail_clear(&ctx->fail);
	}
	assert_true(db_ensure(ctx->db, &ctx->fail));
}

/* A connection of a site whose host ends requests so soon that a statement may take a second. */
static void in_a_hurry(struct site *site, struct ctx *ctx)
{
	static struct config config;
	config = site->config;
	config.request_limit_ms = 1000;
	*ctx = site->one;
	ctx->db = db_new(&config);
	assert_done(ctx, db_ensure(ctx->db, &ctx->fail));
}

static void a_statement_that_takes_too_long_is_stopped_and_the_connection_lives_on(void **state)
{
	struct site *site = *state;
	struct ctx ctx;
	struct db_rows rows;
	in_a_hurry(site, &ctx);
	/* Minutes of work for a server that nobody stops. */
	static const char endless[] = "SELECT CAST(SUM(a.id + b.id + c.id + d.id + e.id + f.id) AS SIGNED)"
				      " FROM {contents} a, {contents} b, {contents} c, {contents} d, {contents} e, {contents} f";
	assert_false(db_text_query(db_text_begin(ctx.db, endless), "i", ctx.arena, &rows, &ctx.fail));
	assert_true(db_took_too_long(&ctx.fail));
	assert_int_equal(ctx.fail.kind, FAIL_RETRY);
	assert_string_equal(code_info(ctx.fail.code)->name, "database_busy");
	assert_false(db_is_lost(ctx.db));
	fail_clear(&ctx.fail);
	int64_t same = 0;
	assert_done(&ctx, db_text_query(db_text_begin(ctx.db, "SELECT CONNECTION_ID()"), "i", ctx.arena, &rows, &ctx.fail));
	same = db_int(&rows, 0, 0);
	assert_done(&ctx, db_ensure(ctx.db, &ctx.fail));
	assert_done(&ctx, db_text_query(db_text_begin(ctx.db, "SELECT CONNECTION_ID()"), "i", ctx.arena, &rows, &ctx.fail));
	assert_int_equal(db_int(&rows, 0, 0), same);
	db_free(ctx.db);
}

static int64_t limit_ms(struct ctx *ctx)
{
	struct db_rows rows;
	bool is_mariadb;
	(void)db_server_version(ctx->db, &is_mariadb);
	const char *text = is_mariadb ? "SELECT CAST(@@max_statement_time * 1000 AS SIGNED)" : "SELECT @@max_execution_time";
	assert_done(ctx, db_text_query(db_text_begin(ctx->db, text), "i", ctx->arena, &rows, &ctx->fail));
	return db_int(&rows, 0, 0);
}

static void statements_end_before_the_host_ends_their_request_but_tables_may_take_their_time(void **state)
{
	struct site *site = *state;
	struct migrate_state now;
	struct ctx hurried;
	in_a_hurry(site, &hurried);
	assert_int_equal(limit_ms(&hurried), 1000);
	db_free(hurried.db);
	assert_int_equal(site->config.request_limit_ms, 30000);
	assert_int_equal(limit_ms(&site->one), 20000);
	assert_done(&site->one, db_limit_statements(site->one.db, false, &site->one.fail));
	assert_int_equal(limit_ms(&site->one), 0);
	/* Whatever a migration does, what comes after it is limited again. */
	assert_done(&site->one, migrate_steps(site->one.db, &shipped_migrations, monotonic_ms() + 60000, &now, &site->one.fail));
	assert_int_equal(limit_ms(&site->one), 20000);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(what_the_server_can_not_do_now_passes_by_itself),
		CASE(a_statement_that_takes_too_long_is_stopped_and_the_connection_lives_on),
		CASE(statements_end_before_the_host_ends_their_request_but_tables_may_take_their_time),
	};
	return cmocka_run_group_tests_name("server errors", cases, site_open, site_close);
}
