#include "base/config.h"
#include "base/log.h"
#include "support.h"

#define SECRET "secret = 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
#define NEEDED "db_name = shop\ndb_user = shop_user\n" SECRET

/* --- texts ------------------------------------------------------------------ */

static const struct text_row {
	const char *name;
	const char *text;
	enum code code;
	const char *message; /* "" = it is right */
} text_rows[] = {
	{ "config: the least", NEEDED, CODE_NONE, "" },
	{ "config: comments, blank lines, CRLF, byte order mark",
	  "\xef\xbb\xbf# a comment\r\n\r\n   # another\r\n\t\r\n" NEEDED, CODE_NONE, "" },
	{ "config: no newline at the end", NEEDED "log_level = debug", CODE_NONE, "" },
	{ "config: unknown key", NEEDED "db_hots = x\n", CODE_UNKNOWN_OPTION,
	  "tranche.conf, line 4: db_hots is not a known key" },
	{ "config: key in capitals", NEEDED "DB_PORT = 1\n", CODE_UNKNOWN_OPTION,
	  "tranche.conf, line 4: DB_PORT is not a known key" },
	{ "config: key twice", NEEDED "db_port = 1\n\ndb_port = 2\n", CODE_DUPLICATE_KEY,
	  "tranche.conf, line 6: db_port stands twice" },
	{ "config: no equals sign", NEEDED "db_port 3306\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: the line must read: key = value" },
	{ "config: number with letters", NEEDED "db_port = 33o6\n", CODE_INVALID_TYPE,
	  "tranche.conf, line 4: db_port must be a whole number" },
	{ "config: empty number", NEEDED "time_budget_ms =\n", CODE_INVALID_TYPE,
	  "tranche.conf, line 4: time_budget_ms must be a whole number" },
	{ "config: port out of range", NEEDED "db_port = 65536\n", CODE_OUT_OF_RANGE,
	  "tranche.conf, line 4: db_port must be from 1 to 65535" },
	{ "config: bad prefix", NEEDED "table_prefix = tr-\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: table_prefix may hold only a-z, 0-9 and _" },
	{ "config: long prefix", NEEDED "table_prefix = a123456789012345678901234567890123\n", CODE_TOO_LONG,
	  "tranche.conf, line 4: table_prefix is longer than 32 bytes" },
	{ "config: bad log level", NEEDED "log_level = loud\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: log_level must be error, warn, info or debug" },
	{ "config: control character", NEEDED "db_password = a\x01z\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: the line holds a control character" },
	{ "config: not UTF-8", NEEDED "db_password = M\xf6te\n", CODE_INVALID_UTF8,
	  "tranche.conf, line 4: the line is not UTF-8" },
	{ "config: short secret", "secret = 0011\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 1: secret must be 64 random hexadecimal digits" },
	{ "config: secret of zeros", "secret = 0000000000000000000000000000000000000000000000000000000000000000\n",
	  CODE_INVALID_VALUE, "tranche.conf, line 1: secret must be 64 random hexadecimal digits" },
	{ "config: no secret", "db_name = a\ndb_user = b\n", CODE_REQUIRED, "tranche.conf: secret is missing" },
	{ "config: no database", "db_user = b\n" SECRET, CODE_REQUIRED, "tranche.conf: db_name is missing" },
	{ "config: no user", "db_name = b\n" SECRET, CODE_REQUIRED, "tranche.conf: db_user is missing" },
	{ "config: empty user", "db_name = b\ndb_user = \n" SECRET, CODE_REQUIRED, "tranche.conf: db_user is empty" },
	{ "config: no host", NEEDED "db_hosts =\n", CODE_REQUIRED, "tranche.conf: db_hosts is empty" },
	{ "config: empty", "", CODE_REQUIRED, "tranche.conf: db_name is missing" },
	{ "config: proxies", NEEDED "trusted_proxies = 10.1.2.3, 192.0.2.0/24, 2001:db8::/32\n", CODE_NONE, "" },
	{ "config: no proxies", NEEDED "trusted_proxies =\n", CODE_NONE, "" },
	{ "config: everybody is no proxy", NEEDED "trusted_proxies = 0.0.0.0/0\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: trusted_proxies may hold addresses and networks only, such as 10.1.2.3, 192.0.2.0/24" },
	{ "config: a proxy's name", NEEDED "trusted_proxies = proxy.example\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: trusted_proxies may hold addresses and networks only, such as 10.1.2.3, 192.0.2.0/24" },
	{ "config: what webhooks may reach", NEEDED "webhook_allow = 10.0.0.5:8443, [fd00::5]:443\n", CODE_NONE, "" },
	{ "config: webhooks to a name", NEEDED "webhook_allow = intranet.example:443\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: webhook_allow may hold addresses with their ports only, such as 10.0.0.5:8443, [fd00::5]:443" },
	{ "config: webhooks without a port", NEEDED "webhook_allow = 10.0.0.5\n", CODE_INVALID_VALUE,
	  "tranche.conf, line 4: webhook_allow may hold addresses with their ports only, such as 10.0.0.5:8443, [fd00::5]:443" },
	{ "config: proxies and half a database", "trusted_proxies = 10.1.2.3\ndb_user = b\n", CODE_REQUIRED,
	  "tranche.conf: db_name is missing" },
	{ "config: a prefix alone", "table_prefix = x_\n", CODE_REQUIRED, "tranche.conf: db_name is missing" },
	{ "config: a pasted secret is not repeated",
	  NEEDED "hunter2hunter2hunter2hunter2hunter2hunter2hunter2 = x\n", CODE_UNKNOWN_OPTION,
	  "tranche.conf, line 4: the key is not a known key" },
};

static void text_case(void **state)
{
	const struct text_row *row = *state;
	struct config config = { .path = "here" };
	struct fail f = { 0 };

	assert_int_equal(config_parse(&config, row->text, strlen(row->text), &f), row->code == CODE_NONE);
	assert_string_equal(f.public_message, row->message);
	assert_int_equal(f.code, row->code);
	assert_int_equal(f.kind, row->code == CODE_NONE ? FAIL_NONE : FAIL_INVALID);
}

static struct config parsed(const char *text)
{
	struct config config = { .path = "here" };
	struct fail f = { 0 };

	if (!config_parse(&config, text, strlen(text), &f))
		fail_msg("%s", f.public_message);
	return config;
}

static void what_is_left_out_has_its_default(void **state)
{
	struct config c = parsed(NEEDED);

	assert_string_equal(c.path, "here");
	assert_string_equal(c.db_hosts, "localhost");
	assert_int_equal(c.db_port, 3306);
	assert_string_equal(c.db_password, "");
	assert_string_equal(c.table_prefix, "tr_");
	assert_string_equal(c.log_level, "info");
	assert_int_equal(c.request_limit_ms, 30000);
	assert_int_equal(c.time_budget_ms, 2000);
	assert_int_equal(c.chunk_target_ms, 175);
	assert_int_equal(c.body_max_bytes, 64 << 20);
	assert_int_equal(c.items_max, 1000000);
	assert_int_equal(c.item_max_bytes, 65536);
	assert_int_equal(c.open_jobs_max, 20);
	assert_int_equal(c.requests_per_minute, 600);
	assert_int_equal(c.session_idle_s, 1800);
	assert_int_equal(c.session_max_s, 43200);
	assert_int_equal(c.conflict_window_s, 3600);
	assert_int_equal(c.afterwork_ms, 500);
	assert_int_equal(c.secret[1], 0x11);
}

static void values_are_read(void **state)
{
	struct config c = parsed(NEEDED "db_hosts=a.example,b.example\ndb_port=  3307\t\ntable_prefix = my_2_\n"
					"afterwork_ms = 0\nrequests_per_minute = 0\n");

	assert_string_equal(c.db_hosts, "a.example,b.example");
	assert_int_equal(c.db_port, 3307);
	assert_string_equal(c.table_prefix, "my_2_");
	assert_int_equal(c.afterwork_ms, 0);
	assert_int_equal(c.requests_per_minute, 0);
}

static void a_password_may_hold_anything_printable(void **state)
{
	struct config c = parsed(NEEDED "db_password = a#b=c\"d'e\\f \xe2\x82\xac\n");

	assert_string_equal(c.db_password, "a#b=c\"d'e\\f \xe2\x82\xac");
}

static void quotes_keep_blanks(void **state)
{
	struct config c = parsed(NEEDED "db_password = \"  two blanks \"\n");

	assert_string_equal(c.db_password, "  two blanks ");
}

/* What the installer goes by where a proxy stands before the site. */
static void a_file_of_proxies_alone_is_none_yet(void **state)
{
	static const char text[] = "# the host's\ntrusted_proxies = 10.1.2.3\nsite_url = https://plan.example\n";
	struct config config = { .path = "here" };
	struct fail f = { 0 };

	assert_false(config_parse(&config, text, strlen(text), &f));
	assert_int_equal(f.kind, FAIL_NOT_FOUND);
	assert_string_equal(config.trusted_proxies, "10.1.2.3");
	assert_string_equal(config.site_url, "https://plan.example");
	assert_string_equal(config.path, "here");
	assert_int_equal(config.time_budget_ms, 2000);
}

static void budgets_are_clamped(void **state)
{
	struct config c = parsed(NEEDED "time_budget_ms = 1\nafterwork_ms = 999999\nsession_idle_s = -5\n");

	assert_int_equal(c.time_budget_ms, 100);
	assert_int_equal(c.afterwork_ms, 5000);
	assert_int_equal(c.session_idle_s, 60);
}

static void a_budget_stays_below_the_hosts_limit(void **state)
{
	struct config c = parsed(NEEDED "time_budget_ms = 20000\nrequest_limit_ms = 10000\n");

	assert_int_equal(c.time_budget_ms, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(a_password_may_hold_anything_printable),
		cmocka_unit_test(quotes_keep_blanks),
		cmocka_unit_test(a_file_of_proxies_alone_is_none_yet),
		cmocka_unit_test(budgets_are_clamped),
		cmocka_unit_test(a_budget_stays_below_the_hosts_limit),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL) + TABLE_CASES(text_rows, text_case);
}
