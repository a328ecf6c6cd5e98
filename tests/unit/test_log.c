#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "support.h"

static char path[] = "/tmp/tranche-log-XXXXXX";

static int make_file(void **state)
{
	int fd;

	memcpy(path, "/tmp/tranche-log-XXXXXX", sizeof(path));
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	unlink(path); /* log_open() makes it */
	return 0;
}

static int remove_file(void **state)
{
	log_close();
	unlink(path);
	return 0;
}

/* The one line in the log, after its time. */
static char *line_after_time(void)
{
	static char rest[8192];
	size_t len;
	char *text = test_file(path, &len);
	char *newline = strchr(text, '\n');

	assert_non_null(newline);
	assert_int_equal(newline - text + 1, len); /* no second line */
	assert_int_equal(strlen(text), len);       /* no NUL */
	*newline = '\0';
	assert_int_equal(text[10], 'T');
	assert_int_equal(text[19], 'Z');
	assert_int_equal(text[20], ' ');
	snprintf(rest, sizeof(rest), "%s", text + 21);
	free(text);
	return rest;
}

static const struct log_row {
	const char *name;
	const char *message;
	const char *want;
} log_rows[] = {
	{ "log: plain", "job 7 done", "job 7 done" },
	{ "log: newline can't forge a line", "x\n2026-01-01T00:00:00Z error - forged",
	  "x\\n2026-01-01T00:00:00Z error - forged" },
	{ "log: carriage return", "x\r\ny", "x\\r\\ny" },
	{ "log: terminal escape", "\x1b[2J", "\\x1b[2J" },
	{ "log: DEL and backspace", "a\x7f\x08", "a\\x7f\\x08" },
	{ "log: tab", "a\tb", "a\\tb" },
	{ "log: C1 next line", "a\xc2\x85z", "a\\xc2\\x85z" },
	{ "log: U+2028 and U+2029", "a\xe2\x80\xa8z\xe2\x80\xa9", "a\\xe2\\x80\\xa8z\\xe2\\x80\\xa9" },
	{ "log: a sent escape differs from ours", "a\\nb", "a\\\\nb" },
	{ "log: letters of other scripts stay", "M\xc3\xb6te \xe2\x82\xac", "M\xc3\xb6te \xe2\x82\xac" },
	{ "log: cut sequence at the end", "a\xe2\x80", "a\xe2\x80" },
	{ "log: per cent sign is no format", "%n%s", "%n%s" },
};

static void log_case(void **state)
{
	const struct log_row *row = *state;
	char want[256];

	make_file(NULL);
	log_open(path, LOG_INFO);
	log_line(LOG_WARN, "9f3c", "%s", row->message);
	snprintf(want, sizeof(want), "warn 9f3c %s", row->want);
	assert_string_equal(line_after_time(), want);
	remove_file(NULL);
}

static void a_forged_reference_is_escaped(void **state)
{
	log_open(path, LOG_INFO);
	log_line(LOG_INFO, "a\nb", "x");
	assert_string_equal(line_after_time(), "info a\\nb x");
}

static void no_reference_is_a_dash(void **state)
{
	log_open(path, LOG_INFO);
	log_line(LOG_ERROR, NULL, "x");
	assert_string_equal(line_after_time(), "error - x");
}

static void lower_levels_are_left_out(void **state)
{
	log_open(path, LOG_WARN);
	log_line(LOG_INFO, NULL, "not this");
	log_line(LOG_DEBUG, NULL, "nor this");
	log_line(LOG_WARN, NULL, "this");
	assert_string_equal(line_after_time(), "warn - this");
}

static void a_new_file_is_private(void **state)
{
	struct stat info;

	log_open(path, LOG_INFO);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
}

static void a_long_message_stays_one_line(void **state)
{
	char text[5000];

	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_open(path, LOG_INFO);
	log_line(LOG_INFO, NULL, "%s", text);
	assert_true(strlen(line_after_time()) > 3000);
}

static void lines_are_appended(void **state)
{
	char *text;

	log_open(path, LOG_INFO);
	log_line(LOG_INFO, NULL, "one");
	log_open(path, LOG_INFO);
	log_line(LOG_INFO, NULL, "two");
	text = test_file(path, NULL);
	assert_non_null(strstr(text, "info - one\n"));
	assert_non_null(strstr(text, "info - two\n"));
	free(text);
}

static void a_path_that_fails_falls_back_to_stderr(void **state)
{
	int saved = dup(STDERR_FILENO);
	FILE *file = fopen(path, "w");
	char *text;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	log_open("/nonexistent/folder/log", LOG_INFO);
	log_line(LOG_INFO, NULL, "still here");
	dup2(saved, STDERR_FILENO);
	close(saved);
	fclose(file);
	text = test_file(path, NULL);
	assert_non_null(strstr(text, "warn - the log file /nonexistent/folder/log can't be opened; logging to stderr\n"));
	assert_non_null(strstr(text, "info - still here\n"));
	free(text);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_forged_reference_is_escaped),
		CASE(no_reference_is_a_dash),
		CASE(lower_levels_are_left_out),
		CASE(a_new_file_is_private),
		CASE(a_long_message_stays_one_line),
		CASE(lines_are_appended),
		CASE(a_path_that_fails_falls_back_to_stderr),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL) + TABLE_CASES(log_rows, log_case);
}
