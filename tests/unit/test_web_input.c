/* What comes over the web and needs no server: forms, multipart bodies, CSV
 * cells, passwords, paths to go to after signing in. */
#include "views/csv.h"
#include "web/denied.h"
#include "web/form.h"
#include "web/multipart.h"
#include "web/password.h"
#include "web/session.h"
#include "support.h"

/* --- urlencoded ------------------------------------------------------------ */

static const struct form_row {
	const char *name;
	const char *text;
	const char *pairs; /* "name=value|…", NULL = refused */
} form_rows[] = {
	{ "form: nothing", "", "" },
	{ "form: one", "a=1", "a=1|" },
	{ "form: plus and escapes", "a=two+words%21&b=%C3%A5%26", "a=two words!|b=å&|" },
	{ "form: no value, no name", "a&=b&c=", "a=|=b|c=|" },
	{ "form: empty pairs are skipped", "&&a=1&", "a=1|" },
	{ "form: second = belongs to the value", "a=b=c", "a=b=c|" },
	{ "form: the same name twice", "a=1&a=2", "a=1|a=2|" },
	{ "form: escape cut after %", "a=%", NULL },
	{ "form: escape cut after one digit", "a=%4", NULL },
	{ "form: escape that is no number", "a=%zz", NULL },
	{ "form: NUL", "a=%00", NULL },
	{ "form: overlong UTF-8", "a=%C0%AF", NULL },
	{ "form: escape at the very end", "a=%41", "a=A|" },
};

static void form_case(void **state)
{
	const struct form_row *row = *state;
	struct arena *arena = arena_new();
	struct fail f = { 0 };
	struct pair *pairs;
	size_t count;
	struct str seen = STR_INIT;

	bool ok = form_decode(arena, row->text, strlen(row->text), &pairs, &count, &f);
	assert_int_equal(ok, row->pairs != NULL);
	for (size_t i = 0; ok && i < count; i++)
		str_addf(&seen, "%s=%s|", pairs[i].name, pairs[i].value);
	if (ok)
		assert_string_equal(str_text(&seen), row->pairs);
	else
		assert_int_equal(f.code, CODE_MALFORMED_REQUEST);
	str_free(&seen);
	arena_free(arena);
}

static void too_many_pairs_are_refused(void **state)
{
	struct arena *arena = arena_new();
	struct str text = STR_INIT;
	struct fail f = { 0 };
	struct pair *pairs;
	size_t count;

	(void)state;
	for (int i = 0; i < PAIRS_MAX + 1; i++)
		str_adds(&text, "a&");
	assert_false(form_decode(arena, text.data, text.len, &pairs, &count, &f));
	str_free(&text);
	arena_free(arena);
}

/* --- multipart --------------------------------------------------------------- */

#define PART(head, body) "--x\r\nContent-Disposition: form-data; " head "\r\n\r\n" body "\r\n"

static const struct multipart_row {
	const char *name;
	const char *params;
	const char *body;
	const char *parts; /* "name=value|" and "field<file>type:data|", NULL = refused */
} multipart_rows[] = {
	{ "multipart: a field", " boundary=x", PART("name=\"a\"", "1") "--x--\r\n", "a=1|" },
	{ "multipart: nothing", " boundary=x", "--x--\r\n", "" },
	{ "multipart: quoted boundary and a preamble", " charset=utf-8; boundary=\"x\"", "hello\r\n" PART("name=a", "1") "--x--",
	  "a=1|" },
	{ "multipart: a file", " boundary=x", PART("name=\"f\"; filename=\"a b.csv\"\r\nContent-Type: text/csv", "1,2\r\n3,4\r\n") "--x--",
	  "f<a b.csv>text/csv:1,2\r\n3,4\r\n|" },
	{ "multipart: a quote in a name, a backslash stays", " boundary=x", PART("name=\"f\"; filename=\"a\\\"b\\c\"", "") "--x--",
	  "f<a\"b\\c>application/octet-stream:|" },
	{ "multipart: a semicolon within quotes", " boundary=x", PART("name=\"a;name=b\"", "1") "--x--", "a;name=b=1|" },
	{ "multipart: the boundary within a line is data", " boundary=x", PART("name=a", "1 --x 2") "--x--", "a=1 --x 2|" },
	{ "multipart: padding after the boundary", " boundary=x", "--x \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--", "a=1|" },
	/* As browsers send it; a quote in a name comes escaped. */
	{ "multipart: Chromium's", " boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
	  "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n"
	  "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.csv\"\r\n"
	  "Content-Type: text/csv\r\n\r\nx\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n",
	  "csrf=abc|file<a%22b.csv>text/csv:x|" },
	{ "multipart: Firefox's, no file chosen", " boundary=---------------------------9051914041544843365972754266",
	  "-----------------------------9051914041544843365972754266\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n"
	  "Content-Type: application/octet-stream\r\n\r\n\r\n-----------------------------9051914041544843365972754266--\r\n",
	  "file<>application/octet-stream:|" },
	{ "multipart: two files of one name", " boundary=x", PART("name=\"f\"; filename=\"a\"", "1") PART("name=\"f\"; filename=\"b\"", "2") "--x--\r\n",
	  "f<a>application/octet-stream:1|f<b>application/octet-stream:2|" },
	{ "multipart: a file's name in UTF-8", " boundary=x", PART("name=\"f\"; filename=\"Möten 日.csv\"", "1") "--x--",
	  "f<Möten 日.csv>application/octet-stream:1|" },
	{ "multipart: filename* is no filename (RFC 7578, 4.2)", " boundary=x", PART("name=\"f\"; filename*=UTF-8''a.csv", "1") "--x--", "f=1|" },
	{ "multipart: heads in any case, others ignored", " boundary=x",
	  "--x\r\ncontent-disposition:form-data; NAME=\"a\"\r\nContent-Transfer-Encoding: 8bit\r\nX-Y: z\r\n\r\n1\r\n--x--", "a=1|" },
	{ "multipart: _charset_ is a field like others", " boundary=x", PART("name=\"_charset_\"", "utf-8") "--x--", "_charset_=utf-8|" },
	{ "multipart: an epilogue", " boundary=x", PART("name=a", "1") "--x--\r\nbye", "a=1|" },
	{ "multipart: lines of LF alone", " boundary=x", "--x\nContent-Disposition: form-data; name=a\n\n1\n--x--\n", NULL },
	{ "multipart: a boundary of 71 characters", " boundary=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  "--xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx--", NULL },
	{ "multipart: no boundary named", "", PART("name=a", "1") "--x--", NULL },
	{ "multipart: another boundary", " boundary=y", PART("name=a", "1") "--x--", NULL },
	{ "multipart: no end", " boundary=x", PART("name=a", "1"), NULL },
	{ "multipart: cut within a part", " boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1", NULL },
	{ "multipart: a part without a name", " boundary=x", PART("filename=a", "1") "--x--", NULL },
	{ "multipart: a part without a head", " boundary=x", "--x\r\n\r\n--x--", NULL },
	{ "multipart: a field that is not UTF-8", " boundary=x", PART("name=a", "\xff") "--x--", NULL },
};

static void multipart_case(void **state)
{
	const struct multipart_row *row = *state;
	struct arena *arena = arena_new();
	struct multipart parts;
	struct fail f = { 0 };
	struct str seen = STR_INIT;

	bool ok = multipart_read(arena, row->params, row->body, strlen(row->body), &parts, &f);
	assert_int_equal(ok, row->parts != NULL);
	for (size_t i = 0; ok && i < parts.field_count; i++)
		str_addf(&seen, "%s=%s|", parts.fields[i].name, parts.fields[i].value);
	for (size_t i = 0; ok && i < parts.file_count; i++) {
		const struct file_part *file = &parts.files[i];
		str_addf(&seen, "%s<%s>%s:%.*s|", file->field, file->name, file->content_type, (int)file->len, file->data);
	}
	if (ok)
		assert_string_equal(str_text(&seen), row->parts);
	str_free(&seen);
	arena_free(arena);
}

static bool read_parts(const char *body, size_t len)
{
	struct arena *arena = arena_new();
	struct multipart parts;
	struct fail f = { 0 };
	bool ok = multipart_read(arena, " boundary=x", body, len, &parts, &f);

	arena_free(arena);
	return ok;
}

/* So many parts, and so long a head of one. */
static void the_caps_of_a_form_hold(void **state)
{
	struct str body = STR_INIT;

	(void)state;
	for (int more = 0; more < 2; more++) {
		str_clear(&body);
		for (int i = 0; i < MULTIPART_PARTS_MAX + more; i++)
			str_adds(&body, PART("name=a", "1"));
		str_adds(&body, "--x--");
		assert_int_equal(read_parts(body.data, body.len), !more);
		str_clear(&body);
		str_adds(&body, "--x\r\nContent-Disposition: form-data; name=a\r\nX: ");
		for (int i = 0; i < (more ? 9000 : 7000); i++)
			str_addc(&body, 'y');
		str_adds(&body, "\r\n\r\n1\r\n--x--");
		assert_int_equal(read_parts(body.data, body.len), !more);
	}
	str_free(&body);
}

/* --- CSV cells --------------------------------------------------------------- */

static const struct csv_row {
	const char *name;
	const char *text;
	const char *cell;
} csv_rows[] = {
	{ "csv: plain", "abc", "abc" },
	{ "csv: empty", "", "" },
	{ "csv: comma", "a,b", "\"a,b\"" },
	{ "csv: quote", "a\"b", "\"a\"\"b\"" },
	{ "csv: line break", "a\nb", "\"a\nb\"" },
	{ "csv: =", "=1", "\"'=1\"" },
	{ "csv: +", "+1", "\"'+1\"" },
	{ "csv: -", "-1", "\"'-1\"" },
	{ "csv: @", "@a", "\"'@a\"" },
	{ "csv: tab", "\ta", "\"'\ta\"" },
	{ "csv: CR", "\ra", "\"'\ra\"" },
	{ "csv: = within", "a=1", "a=1" },
	{ "csv: LF", "\n=1", "\"'\n=1\"" },
	{ "csv: wide =", "＝1", "\"'＝1\"" },
	{ "csv: ' and =", "'=1", "\"''=1\"" },
	{ "csv: ' alone", "'", "'" },
	{ "csv: ' and a word", "'tis", "'tis" },
};

static void csv_case(void **state)
{
	const struct csv_row *row = *state;
	struct str out = STR_INIT;
	struct csv_writer w = { .out = &out };

	csv_text(&w, row->text);
	csv_number(&w, "-5");
	csv_end_row(&w);
	assert_int_equal(strncmp(str_text(&out), row->cell, strlen(row->cell)), 0);
	assert_string_equal(str_text(&out) + strlen(row->cell), ",-5\r\n");
	str_free(&out);
}

/* --- passwords and paths ------------------------------------------------------- */

static const struct password_row {
	const char *name;
	const char *password;
	bool ok;
} password_rows[] = {
	{ "password: three words", "correct horse battery", true },
	{ "password: eight characters", "x7f!kq2z", true },
	{ "password: seven", "x7f!kq2", false },
	{ "password: password", "password", false },
	{ "password: with capital and digits", "Password123!", false },
	{ "password: digits only", "8473625190", false },
	{ "password: one character", "aaaaaaaaaaaa", false },
	{ "password: a run", "abcdefghij", false },
	{ "password: the user's name", "anna-karin1", false },
	{ "password: emoji", "🎈🎈🦊🦊", true },
	{ "password: the first of the list", "!@#$%^&*(a", true },
	{ "password: of many leaks", "qwertyuiop", false },
	{ "password: of many leaks, in capitals", "LIVERPOOL", false },
	{ "password: of many leaks, with a year", "Sunshine2026!", false },
	{ "password: a short one with a year", "dragon1984", false },
	{ "password: letters and digits that leaked", "1qaz2wsx", false },
	{ "password: further down the list", "startrek", false },
	{ "password: begins like one", "startrekkers", true },
	{ "password: the user's name, twice", "karinkarin", false },
	{ "password: the name that is shown", "Lindqvist-77", false },
	{ "password: the site", "example.org!", false },
	{ "password: the program and the person", "Tranche_Anna_1", false },
	{ "password: a phrase with one's name", "anna likes fresh herring", true },
};

static const struct password_about anna = { "anna-karin", "Anna-Karin Lindqvist", "plan.example.org:8443" };

static void password_case(void **state)
{
	const struct password_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };

	assert_int_equal(password_acceptable(row->password, &anna, "/password", &issues), row->ok);
	assert_int_equal(issues.count, row->ok ? 0 : 1);
	arena_free(arena);
}

static void a_password_of_257_bytes_is_too_long(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	char text[258];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(password_acceptable(text, &(struct password_about){ "a", NULL, NULL }, "/password", &issues));
	assert_int_equal(issues.list[0].code, CODE_TOO_LONG);
	arena_free(arena);
}

/* ASVS 6.2.4: the 3,000 most frequent that would be long enough; none of them passes, in whatever case. */
static void thousands_of_known_passwords_are_refused(void **state)
{
	struct arena *arena = arena_new();
	size_t long_ones = 0;

	(void)state;
	for (const char *line = denied_passwords, *end; *line; line = end + 1) {
		struct issues issues = { .arena = arena };
		char text[PASSWORD_MAX + 1];

		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(line == denied_passwords || end[1] == '\0' || memcmp(line, end + 1, (size_t)(end - line)) <= 0);
		snprintf(text, sizeof(text), "%.*s", (int)(end - line), line);
		if (end - line < PASSWORD_MIN)
			continue;
		long_ones++;
		assert_false(password_acceptable(text, &anna, "/password", &issues));
		text[0] = (char)(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
		assert_false(password_acceptable(text, &anna, "/password", &issues));
		arena_reset(arena);
	}
	assert_true(long_ones >= 3000);
	arena_free(arena);
}

static const struct path_row {
	const char *name;
	const char *next;
	const char *path;
} path_rows[] = {
	{ "next: a path", "/jobs/12?go=1", "/jobs/12?go=1" },
	{ "next: none", NULL, "/" },
	{ "next: another host", "//evil.example", "/" },
	{ "next: another host with a backslash", "/\\evil.example", "/" },
	{ "next: an address", "https://evil.example", "/" },
	{ "next: a backslash later", "/a\\b", "/" },
	{ "next: a line break", "/a\r\nX: 1", "/" },
	{ "next: relative", "jobs", "/" },
};

static void path_case(void **state)
{
	const struct path_row *row = *state;
	assert_string_equal(session_next_path(row->next), row->path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_pairs_are_refused),
		cmocka_unit_test(the_caps_of_a_form_hold),
		cmocka_unit_test(a_password_of_257_bytes_is_too_long),
		cmocka_unit_test(thousands_of_known_passwords_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += TABLE_CASES(form_rows, form_case);
	failed += TABLE_CASES(multipart_rows, multipart_case);
	failed += TABLE_CASES(csv_rows, csv_case);
	failed += TABLE_CASES(password_rows, password_case);
	failed += TABLE_CASES(path_rows, path_case);
	return failed != 0;
}
