/* What a host's database says when it can't, raised for real on the server, and what becomes of it. */
#include "fixture.h"

#include "db/internal.h"

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

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(what_the_server_can_not_do_now_passes_by_itself),
	};
	return cmocka_run_group_tests_name("server errors", cases, site_open, site_close);
}
