/* Where tranche.conf is found, whose it may be, and who may read it. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/config.h"
#include "support.h"

#define SECRET "secret = 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
#define NEEDED "db_name = shop\ndb_user = shop_user\n" SECRET

static char folder[64];

static int make_folder(void **state)
{
	memcpy(folder, "/tmp/tranche-conf-XXXXXX", 25);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	unsetenv("TRANCHE_CONFIG");
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const char *write_file(const char *name, const char *text, mode_t mode)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void load_with_mode(mode_t mode, enum fail_kind want)
{
	struct config config;
	struct fail f = { 0 };

	setenv("TRANCHE_CONFIG", write_file("c", NEEDED, mode), 1);
	assert_int_equal(config_load(&config, &f), want == FAIL_NONE);
	assert_int_equal(f.kind, want);
	if (want == FAIL_DENIED)
		assert_string_equal(f.public_message,
				    "tranche.conf can be read or changed by others; set its permissions to 0600.");
	else
		assert_string_equal(config.db_name, "shop");
}

static void a_private_file_is_read(void **state)
{
	load_with_mode(0600, FAIL_NONE);
	load_with_mode(0400, FAIL_NONE);
	load_with_mode(0700, FAIL_NONE);
}

static void a_file_the_group_can_read_is_tolerated(void **state)
{
	load_with_mode(0640, FAIL_NONE);
}

static void a_file_others_can_use_is_refused(void **state)
{
	load_with_mode(0644, FAIL_DENIED);
	load_with_mode(0604, FAIL_DENIED);
	load_with_mode(0602, FAIL_DENIED);
	load_with_mode(0601, FAIL_DENIED);
}

static void a_file_the_group_can_write_is_refused(void **state)
{
	load_with_mode(0660, FAIL_DENIED);
	load_with_mode(0620, FAIL_DENIED);
}

static void a_file_of_somebody_else_is_refused(void **state)
{
	struct config config;
	struct fail f = { 0 };
	const char *path = write_file("c", NEEDED, 0600);

	if (chown(path, 12345, (gid_t)-1) != 0)
		skip(); /* only root can make such a file */
	setenv("TRANCHE_CONFIG", path, 1);
	assert_false(config_load(&config, &f));
	assert_int_equal(f.kind, FAIL_DENIED);
	assert_string_equal(f.public_message, "tranche.conf belongs to somebody else.");
}

static void a_named_file_that_is_missing_is_not_looked_for_elsewhere(void **state)
{
	struct config config;
	struct fail f = { 0 };

	setenv("TRANCHE_CONFIG", "/nonexistent/tranche.conf", 1);
	assert_false(config_load(&config, &f));
	assert_int_equal(f.kind, FAIL_NOT_FOUND);
	assert_int_equal(f.os_or_sql_error, ENOENT);
	assert_string_equal(f.detail, "looked at /nonexistent/tranche.conf");
}

static void a_folder_is_no_file(void **state)
{
	struct config config;
	struct fail f = { 0 };

	setenv("TRANCHE_CONFIG", folder, 1);
	assert_false(config_load(&config, &f));
	assert_int_equal(f.kind, FAIL_INVALID);
}

static void a_huge_file_is_refused(void **state)
{
	struct config config;
	struct fail f = { 0 };
	const char *path = write_file("c", NEEDED, 0600);

	assert_int_equal(truncate(path, 65 * 1024), 0);
	setenv("TRANCHE_CONFIG", path, 1);
	assert_false(config_load(&config, &f));
	assert_string_equal(f.public_message, "tranche.conf is not a text file of at most 64 KiB.");
}

static void an_error_in_the_file_names_it_in_the_log_only(void **state)
{
	struct config config;
	struct fail f = { 0 };
	const char *path = write_file("c", "x = 1\n", 0600);

	setenv("TRANCHE_CONFIG", path, 1);
	assert_false(config_load(&config, &f));
	assert_string_equal(f.public_message, "tranche.conf, line 1: x is not a known key");
	assert_string_equal(f.detail, path);
}

/* --- the search: this program copied to a/b/c/d, run as "find" ------------------- */

static void find_file(const char *want_file)
{
	char command[1024], out[512] = "", want[256] = "";
	FILE *pipe;

	snprintf(command, sizeof(command), "mkdir -p '%s/a/b/c/d' && cp /proc/%ld/exe '%s/a/b/c/d/prog' && '%s/a/b/c/d/prog' find",
		 folder, (long)getpid(), folder, folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	if (!fgets(out, sizeof(out), pipe))
		out[0] = '\0';
	pclose(pipe);
	if (want_file)
		snprintf(want, sizeof(want), "%s/%s", folder, want_file);
	assert_string_equal(out, want);
}

static void find(const char *want_folder)
{
	char file[128];

	snprintf(file, sizeof(file), "%s/tranche.conf", want_folder ? want_folder : "");
	find_file(want_folder ? file : NULL);
}

static void make_folder_in(const char *name)
{
	char command[256];

	snprintf(command, sizeof(command), "mkdir -p '%s/%s'", folder, name);
	assert_int_equal(system(command), 0);
}

static void make_subfolders(void)
{
	make_folder_in("a/b/c/d");
}

static void the_file_is_found_one_to_three_folders_above_then_beside(void **state)
{
	make_subfolders();
	write_file("tranche.conf", NEEDED, 0600); /* four above: too far */
	find(NULL);
	write_file("a/b/c/d/tranche.conf", NEEDED, 0600);
	find("a/b/c/d");
	write_file("a/tranche.conf", NEEDED, 0600);
	find("a");
	write_file("a/b/tranche.conf", NEEDED, 0600);
	find("a/b");
	write_file("a/b/c/tranche.conf", NEEDED, 0600);
	find("a/b/c");
}

static void the_first_file_found_decides_even_if_it_is_refused(void **state)
{
	make_subfolders();
	write_file("a/b/c/tranche.conf", NEEDED, 0644);
	write_file("a/b/tranche.conf", NEEDED, 0600);
	find(NULL);
}

/* --- several installations in one account ---------------------------------------- */

static char *of_folder(const char *site_folder)
{
	static char text[1024];

	snprintf(text, sizeof(text), "site_folder = %s/%s\n%s", folder, site_folder, NEEDED);
	return text;
}

static void a_file_of_another_installation_is_passed_over(void **state)
{
	make_subfolders();
	write_file("a/b/c/tranche.conf", of_folder("a/b/other"), 0600);
	find("a/b/c"); /* nothing lies there: this one was moved */
	make_folder_in("a/b/other");
	write_file("a/b/other/prog", "", 0700);
	find(NULL);
	write_file("a/tranche.conf", of_folder("a/b/c/d"), 0600);
	find("a");
	/* Also when the rest of it can't be read. */
	write_file("a/b/tranche.conf", "no_such_key = 1\n", 0600);
	find(NULL);
	write_file("a/b/tranche.conf", strcat(of_folder("a/b/other"), "no_such_key = 1\n"), 0600);
	find("a");
}

static void one_of_its_own_name_comes_first(void **state)
{
	make_subfolders();
	write_file("a/b/c/tranche.conf", NEEDED, 0600);
	write_file("a/b/c/tranche.d.conf", NEEDED, 0600);
	find_file("a/b/c/tranche.d.conf");
	write_file("a/b/c/tranche.e.conf", NEEDED, 0600);
	find_file("a/b/c/tranche.d.conf");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make_folder, remove_folder)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(a_private_file_is_read),
		CASE(a_file_the_group_can_read_is_tolerated),
		CASE(a_file_others_can_use_is_refused),
		CASE(a_file_the_group_can_write_is_refused),
		CASE(a_file_of_somebody_else_is_refused),
		CASE(a_named_file_that_is_missing_is_not_looked_for_elsewhere),
		CASE(a_folder_is_no_file),
		CASE(a_huge_file_is_refused),
		CASE(an_error_in_the_file_names_it_in_the_log_only),
		CASE(the_file_is_found_one_to_three_folders_above_then_beside),
		CASE(the_first_file_found_decides_even_if_it_is_refused),
		CASE(a_file_of_another_installation_is_passed_over),
		CASE(one_of_its_own_name_comes_first),
	};

	if (argc > 1 && strcmp(argv[1], "find") == 0) {
		static struct config config;
		struct fail f = { 0 };

		if (config_load(&config, &f))
			fputs(config.path, stdout);
		return 0;
	}
	unsetenv("TRANCHE_CONFIG");
	return cmocka_run_group_tests_name("config_find", tests, NULL, NULL);
}
