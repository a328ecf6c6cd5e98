/* Migrations go statement by statement, and on from wherever they were ended. */
#include "fixture.h"

#include "db/migrate.h"

static const struct migration first = {
	1, "001_first",
	"CREATE TABLE IF NOT EXISTS `tr_schema_migrations` (version INT NOT NULL, statements_done INT NOT NULL DEFAULT 0,\n"
	" applied_at DATETIME NULL, PRIMARY KEY (version)) ENGINE=InnoDB;\n\n"
	"-- a comment\nCREATE TABLE IF NOT EXISTS `tr_things` (id INT NOT NULL, done INT NOT NULL DEFAULT 0, PRIMARY KEY (id)) ENGINE=InnoDB;\n"
	"INSERT IGNORE INTO `tr_things` (id) VALUES (1), (2), (3), (4), (5);\n",
};
static const struct migration second = {
	2, "002_second",
	"ALTER TABLE `tr_things` ADD COLUMN more INT NULL;\n"
	"-- repeat\nUPDATE `tr_things` SET done = done + 1 WHERE done = 0 LIMIT 2;\n"
	"ALTER TABLE `tr_things` DROP COLUMN never_there;\n"
	"CREATE INDEX more ON `tr_things` (more);\n",
};

struct bed {
	struct config config;
	struct db *db;
	struct migration list[2];
	struct migration_list all;
	struct migrate_state state;
	struct fail fail;
};

static void begin(struct bed *bed, struct site *site, size_t count)
{
	*bed = (struct bed){ .config = site->config, .list = { first, second } };
	snprintf(bed->config.table_prefix, sizeof(bed->config.table_prefix), "mg_");
	bed->all = (struct migration_list){ bed->list, count };
	bed->db = db_new(&bed->config);
	sql(site, "DROP TABLE IF EXISTS mg_things, mg_schema_migrations");
	assert_true(db_ensure(bed->db, &bed->fail));
}

static void end(struct bed *bed, struct site *site)
{
	db_free(bed->db);
	sql(site, "DROP TABLE IF EXISTS mg_things, mg_schema_migrations");
}

/* One statement, or one portion of one that repeats. */
static void step(struct bed *bed)
{
	if (!migrate_steps(bed->db, &bed->all, 0, &bed->state, &bed->fail))
		fail_msg("%s", bed->fail.detail);
}

static void an_empty_database_is_version_0(void **state)
{
	struct bed bed;
	begin(&bed, *state, 2);
	assert_true(migrate_look(bed.db, &bed.all, &bed.state, &bed.fail));
	assert_int_equal(bed.state.version, 0);
	assert_int_equal(bed.state.wanted, 2);
	assert_int_equal(bed.state.done, 0);
	assert_int_equal(bed.state.total, 7);
	end(&bed, *state);
}

static void each_step_is_a_statement_and_is_noted(void **state)
{
	struct bed bed;
	begin(&bed, *state, 2);
	for (int i = 1; i <= 4; i++) {
		step(&bed);
		assert_int_equal(bed.state.done, i);
	}
	assert_int_equal(bed.state.version, 1);
	/* Five rows in portions of two: three that change some, one that finds none. */
	for (int i = 0; i < 3; i++) {
		step(&bed);
		assert_int_equal(bed.state.done, 4);
	}
	assert_int_equal(number(*state, "SELECT SUM(done = 1) FROM mg_things"), 5);
	for (int i = 5; i <= 7; i++) {
		step(&bed);
		assert_int_equal(bed.state.done, i);
	}
	assert_int_equal(bed.state.version, 2);
	step(&bed);
	assert_int_equal(bed.state.done, 7);
	assert_int_equal(number(*state, "SELECT COUNT(*) FROM mg_schema_migrations WHERE applied_at IS NOT NULL"), 2);
	end(&bed, *state);
}

static void a_statement_that_was_run_but_not_noted_is_run_again(void **state)
{
	for (int at = 1; at <= 7; at++) {
		struct bed bed;
		begin(&bed, *state, 2);
		while (bed.state.done < at)
			step(&bed);
		sql(*state, "UPDATE mg_schema_migrations SET statements_done = statements_done - 1, applied_at = NULL"
			    " WHERE version = %d AND statements_done > 0",
		    at <= 3 ? 1 : 2);
		for (int i = 0; i < 20 && bed.state.version < 2; i++)
			step(&bed);
		assert_true(migrate_steps(bed.db, &bed.all, INT64_MAX, &bed.state, &bed.fail));
		assert_int_equal(bed.state.version, 2);
		assert_int_equal(bed.state.done, 7);
		assert_int_equal(number(*state, "SELECT SUM(done) FROM mg_things"), 5);
		end(&bed, *state);
	}
}

static void a_newer_program_finds_what_is_missing(void **state)
{
	struct bed bed;
	begin(&bed, *state, 1);
	assert_true(migrate_steps(bed.db, &bed.all, INT64_MAX, &bed.state, &bed.fail));
	assert_int_equal(bed.state.done, bed.state.total);
	bed.all.count = 2;
	assert_true(migrate_look(bed.db, &bed.all, &bed.state, &bed.fail));
	assert_int_equal(bed.state.version, 1);
	assert_int_equal(bed.state.done, 3);
	assert_int_equal(bed.state.total, 7);
	end(&bed, *state);
}

struct last {
	struct fail *fail;
	int calls, fails;
};

static bool last(void *user)
{
	struct last *it = user;
	return ++it->calls > it->fails || fail_set(it->fail, FAIL_RETRY, CODE_DATABASE_AWAY, "not now");
}

/* What belongs to an update beyond its SQL is done before anybody takes it for complete. */
static void what_belongs_to_the_end_is_done_before_it_is_noted(void **state)
{
	struct bed bed;
	begin(&bed, *state, 2);
	struct last it = { .fail = &bed.fail, .fails = 2 };
	for (int i = 1; i <= 2; i++) {
		fail_clear(&bed.fail);
		assert_false(migrate_steps_then(bed.db, &bed.all, INT64_MAX, last, &it, &bed.state, &bed.fail));
		assert_int_equal(it.calls, i);
		assert_int_equal(number(*state, "SELECT MAX(version) FROM mg_schema_migrations WHERE applied_at IS NOT NULL"), 1);
	}
	fail_clear(&bed.fail);
	assert_true(migrate_steps_then(bed.db, &bed.all, INT64_MAX, last, &it, &bed.state, &bed.fail));
	assert_int_equal(it.calls, 3);
	assert_int_equal(bed.state.version, 2);
	assert_true(migrate_steps_then(bed.db, &bed.all, INT64_MAX, last, &it, &bed.state, &bed.fail));
	assert_int_equal(it.calls, 3);
	end(&bed, *state);
}

static void the_schema_of_this_program_is_checked(void **state)
{
	struct bed bed;
	begin(&bed, *state, 1);
	assert_false(migrate_check(bed.db, &bed.fail));
	assert_int_equal(bed.fail.code, CODE_NOT_INSTALLED);
	assert_true(migrate_steps(bed.db, &bed.all, INT64_MAX, &bed.state, &(struct fail){ .kind = FAIL_NONE }));
	sql(*state, "UPDATE mg_schema_migrations SET version = 900");
	fail_clear(&bed.fail);
	assert_false(migrate_check(bed.db, &bed.fail));
	assert_int_equal(bed.fail.code, CODE_SCHEMA_NEWER);
	assert_int_equal(bed.fail.kind, FAIL_RETRY);
	end(&bed, *state);
}

static void anothers_tables_are_seen(void **state)
{
	struct bed bed;
	char name[64];
	begin(&bed, *state, 1);
	assert_true(migrate_foreign_table(bed.db, name, &bed.fail));
	assert_string_equal(name, "");
	sql(*state, "CREATE TABLE mg_users (id INT PRIMARY KEY)");
	assert_true(migrate_foreign_table(bed.db, name, &bed.fail));
	assert_string_equal(name, "mg_users");
	sql(*state, "CREATE TABLE mg_schema_migrations (version VARCHAR(255) PRIMARY KEY)"); /* as Rails has it */
	assert_true(migrate_foreign_table(bed.db, name, &bed.fail));
	assert_string_not_equal(name, "");
	sql(*state, "DROP TABLE mg_users, mg_schema_migrations");
	end(&bed, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_empty_database_is_version_0),
		CASE(each_step_is_a_statement_and_is_noted),
		CASE(a_statement_that_was_run_but_not_noted_is_run_again),
		CASE(a_newer_program_finds_what_is_missing),
		CASE(what_belongs_to_the_end_is_done_before_it_is_noted),
		CASE(the_schema_of_this_program_is_checked),
		CASE(anothers_tables_are_seen),
	};
	return cmocka_run_group_tests(tests, site_open, site_close);
}
