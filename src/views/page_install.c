/* The installer's pages: proof, host, database. */
#include "views/page_install_parts.h"

#include <stdio.h>
#include <string.h>

void install_begin(struct str *out, const struct frame *frame, enum install_step step)
{
	static const char *const names[STEP_COUNT] = { "Yours?", "Host", "Database", "Tables", "Administrator", "Done" };
	frame_begin(out, frame);
	html_raw(out, "<ol class=\"stages\" aria-label=\"Steps of the installation\">");
	for (int i = 0; i < STEP_COUNT; i++)
		if (i == (int)step)
			html_f(out, "<li aria-current=\"step\">%s</li>", names[i]);
		else
			html_f(out, "<li class=\"%s\">%s</li>", i < (int)step ? "past" : "ahead", names[i]);
	html_raw(out, "</ol>\n");
}

/* --- the proof --------------------------------------------------------------- */

static void where(struct str *out, const struct proof_page *page)
{
	if (page->is_served)
		html_raw(out, "in the folder of <code>tranche.fcgi</code>");
	else if (page->levels == 1)
		html_f(out, "in the folder that contains the folder <code>%s</code>, right above what the web server serves", page->folder);
	else
		html_f(out, "%d folders above what is in <code>%s</code>", page->levels + 1, page->folder);
}

static void code_form(struct str *out, const struct proof_page *page)
{
	html_raw(out, "<p>There is a file now whose name begins with <code>tranche-install</code>, ");
	where(out, page);
	html_raw(out, ". Open it in your host's file manager (“View” or “Edit”); it holds a code of 16 characters, good until ");
	html_time(out, NULL, page->code_until);
	html_raw(out, " UTC.</p>\n");
	html_f(out, "<form class=\"stack panel\" method=\"post\" action=\"%s%s\">", page->frame->base, page->path);
	html_csrf(out, page->frame);
	html_raw(out, "<label for=\"f-code\">Code from the file</label>");
	field_error(out, page->issues, "code");
	html_raw(out, "<input id=\"f-code\" name=\"code\" class=\"code\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" "
		      "required maxlength=\"40\" size=\"24\"");
	field_state(out, page->issues, "code", "h-code");
	html_raw(out, "><p class=\"hint\" id=\"h-code\">Capital or small letters, with or without hyphens.</p>"
		      "<div class=\"steps\"><button>Continue</button></div></form>\n");
}

static void begin_form(struct str *out, const struct proof_page *page, const char *label, bool is_quiet)
{
	html_f(out, "<form method=\"post\" action=\"%s%s\">", page->frame->base, page->path);
	html_csrf(out, page->frame);
	html_f(out, "<button name=\"begin\" value=\"1\" class=\"%s\">%s</button></form>\n", is_quiet ? "quiet" : "", label);
}

/* The browser may have come by https all the same. */
static void proxy_help(struct str *out, const struct proof_page *page)
{
	html_raw(out, "<div class=\"problem\"><h2>Does a proxy end the encryption?</h2><p>The program got this request unencrypted, but with a "
		      "header that says your browser came by <code>https://</code>. Anybody could write that header, so it does not "
		      "count yet.</p>");
	if (page->is_proxy_hidden) {
		html_raw(out, "<p>If the address above begins with <code>https://</code>, add this line at the end of "
			      "<code>.htaccess</code>, beside <code>tranche.fcgi</code>, and reload this page:</p>"
			      "<pre><code>SetEnvIf X-Forwarded-Proto \"^https$\" HTTPS=on</code></pre></div>\n");
		return;
	}
	html_f(out, "<p>If the address above begins with <code>https://</code>, your host has a proxy in front of the web server. Write "
		    "this line into the text file <code>%s</code> (in the file manager; if there is none yet, make it ", page->config_name);
	where(out, page);
	html_f(out, "), give the file the permissions 0600 and reload this page:</p><pre><code>trusted_proxies = %s</code></pre>"
		    "<p>Should this page come again with another address, the host has several proxies: write them all, with commas between, "
		    "or ask your host for their network.</p></div>\n", page->proxy);
}

static void proof_body(struct str *out, const struct proof_page *page)
{
	if (!page->is_safe && page->proxy) {
		proxy_help(out, page);
		return;
	}
	if (!page->is_safe) {
		html_raw(out, "<div class=\"problem\"><h2>Open this page with https://</h2><p>It came over an unencrypted connection, where "
			      "passwords could be read on the way. Put <code>https://</code> in place of <code>http://</code> in the "
			      "address. If that fails, switch on a certificate (“SSL/TLS”, “Let's Encrypt”) in your host's control panel "
			      "first; it costs nothing.</p></div>\n");
		return;
	}
	if (!page->is_writable) {
		html_f(out, "<div class=\"problem\"><h2>The program may not write a file anywhere</h2><p>Make the folder above the served "
			    "ones, or the folder of <code>tranche.fcgi</code>, writable for the program in your host's file manager, "
			    "and reload this page. Or write <code>%s</code> by hand: <code>INSTALL.txt</code> says how.</p></div>\n",
		       page->config_name);
		return;
	}
	if (page->has_code) {
		code_form(out, page);
		return;
	}
	if (page->has_session)
		html_raw(out, "<div class=\"notice\"><p>Somebody has shown a code already, in another browser or before this one's cookies "
			      "were deleted. Go on there, or take over here with a new code.</p></div>\n");
	begin_form(out, page, page->has_session ? "Write a new code" : "Write the code", page->has_session);
}

void page_install_proof(struct str *out, const struct proof_page *page)
{
	if (page->is_upgrade) {
		frame_begin(out, page->frame);
		html_raw(out, "<h1>Update by code</h1>\n<p>The database is older than the program, and nobody can sign in to it. "
			      "Whoever has access to the files can go on.</p>\n");
	} else {
		install_begin(out, page->frame, STEP_PROOF);
		html_raw(out, "<h1>Install Tranche</h1>\n<p>Welcome. In about five minutes Tranche will run here. You need access to the "
			      "site's files (the file manager of your host's control panel), and a MySQL or MariaDB database with its user and "
			      "password.</p>\n<h2>Is this site yours?</h2>\n<p>So that no stranger installs it before you, Tranche writes a code "
			      "into a file that only you can read.</p>\n");
	}
	error_summary(out, page->issues);
	proof_body(out, page);
	frame_end(out, page->frame);
}

/* --- the host ---------------------------------------------------------------- */

void findings_list(struct str *out, const struct findings *found)
{
	static const struct {
		const char *css_class, *word;
		enum icon icon;
	} looks[] = {
		[FINDING_GOOD] = { "good", "good", ICON_CHECK },
		[FINDING_NOTE] = { "", "note", ICON_EQUAL },
		[FINDING_WARNING] = { "warn", "warning", ICON_WARN },
		[FINDING_BAD] = { "bad", "stops here", ICON_STOP },
	};
	html_raw(out, "<ul class=\"findings\">\n");
	for (size_t i = 0; found && i < found->count; i++) {
		const struct finding *one = &found->list[i];
		html_f(out, "<li><span class=\"pill %s\">", looks[one->state].css_class);
		html_icon(out, looks[one->state].icon);
		html_f(out, "%s</span> <div><b>%s</b><p>%s.</p>", looks[one->state].word, one->name, one->text);
		if (one->mend[0])
			html_f(out, "<p class=\"fix\"><b>What to do:</b> %s</p>", one->mend);
		html_raw(out, "</div></li>\n");
	}
	html_raw(out, "</ul>\n");
}

/* A test that only a browser can make; install.js fills it in. */
static void browser_test(struct str *out, const char *test, const char *name, const char *good, const char *bad, const char *mend)
{
	html_f(out, "<li data-test=\"%s\" data-good=\"%s\" data-bad=\"%s\"><span class=\"pill\">", test, good, bad);
	html_icon(out, ICON_CLOCK);
	html_f(out, "<span class=\"word\">open</span></span> <div><b>%s</b><p class=\"said\">Needs JavaScript; the installation goes on without.</p>"
		    "<p class=\"fix\" hidden><b>What to do:</b> %s</p></div></li>\n", name, mend);
}

static void browser_tests(struct str *out, const struct host_page *page)
{
	html_f(out, "<h2>Seen from your browser</h2>\n<ul class=\"findings\" id=\"tests\" data-guard=\"%s\" data-guard-text=\"%s\">\n",
	       page->guard ? page->guard : "", page->guard ? page->guard_text : "");
	browser_test(out, "authorization", "API tokens", "They arrive.", "The web server keeps the header Authorization from the program: API tokens would be refused.",
		     "Upload .htaccess again; under nginx or a proxy, pass the header Authorization on. The pages work all the same.");
	browser_test(out, "methods", "PUT, PATCH and DELETE", "They arrive.", "The web server refuses them: some calls of the API would fail.",
		     "Ask your host to allow the methods PUT, PATCH and DELETE (often a rule of mod_security). The pages work all the same.");
	browser_test(out, "body", "Uploads", "Parts of 100 KB arrive.", "A request of 100 KB does not arrive: uploads would fail.",
		     "Ask your host to take request bodies of at least 128 KB.");
	if (page->guard)
		browser_test(out, "guard", "Configuration is not served", "It can't be fetched.",
			     "A file such as the configuration can be read by everybody.",
			     "Upload .htaccess again and ask your host to obey it; or make the folder above writable. Don't go on like this.");
	html_raw(out, "</ul>\n");
	if (page->guard)
		html_f(out, "<noscript><p>Without JavaScript, open <a href=\"%s/%s\">this test file</a> yourself: it must not be shown. If "
			    "you can read it, everybody could read the configuration: don't go on.</p></noscript>\n",
		       page->frame->base, page->guard);
}

void page_install_host(struct str *out, const struct host_page *page)
{
	bool stops = findings_stop(page->found);
	install_begin(out, page->frame, STEP_HOST);
	html_raw(out, "<h1>Your host</h1>\n");
	html_raw(out, "<p>What Tranche sees of it.</p>\n");
	findings_list(out, page->found);
	browser_tests(out, page);
	html_raw(out, "<div class=\"steps\">");
	if (stops)
		html_f(out, "<a class=\"button\" href=\"%s/install/host\">Look again</a>", page->frame->base);
	else
		html_f(out, "<a class=\"button\" href=\"%s/install/database\">Continue</a><a class=\"button quiet\" href=\"%s/install/host\">Look again</a>",
		       page->frame->base, page->frame->base);
	html_raw(out, "</div>\n");
	frame_end(out, page->frame);
}

/* --- the database ------------------------------------------------------------- */

static void field(struct str *out, const struct database_page *page, const char *name, const char *label, const char *attributes,
		  const char *value, const char *hint)
{
	char hint_id[40];
	snprintf(hint_id, sizeof(hint_id), "h-%s", name);
	html_f(out, "<label for=\"f-%s\">%s</label>", name, label);
	field_error(out, page->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" ", name, name, value);
	str_adds(out, attributes);
	field_state(out, page->issues, name, hint[0] ? hint_id : NULL);
	html_raw(out, ">");
	if (hint[0])
		html_f(out, "<p class=\"hint\" id=\"%s\">%s</p>", hint_id, hint);
}

static void more_fields(struct str *out, const struct database_page *page)
{
	static const char *const words[] = { "not encrypted (same machine)", "encrypted", "encrypted, and the certificate is checked" };
	const struct config *given = page->given;
	char port[24];
	bool is_open = given->db_tls || given->db_socket[0] || given->db_port != 3306;
	for (size_t i = 0; page->issues && i < page->issues->count; i++)
		is_open = true;
	snprintf(port, sizeof(port), "%" PRId64, given->db_port);
	html_f(out, "<details%s><summary>More (port, socket, encryption)</summary>", is_open ? " open" : "");
	field(out, page, "db_port", "Port", "inputmode=\"numeric\" size=\"8\" maxlength=\"5\"", port, "");
	field(out, page, "db_socket", "Socket", "size=\"40\" maxlength=\"107\"", given->db_socket,
	      "Only if your host names one, such as /run/mysqld/mysqld.sock; it then counts in place of the host.");
	html_raw(out, "<label for=\"f-db_tls\">Connection to the database</label>");
	field_error(out, page->issues, "db_tls");
	html_raw(out, "<select id=\"f-db_tls\" name=\"db_tls\">");
	for (int i = 0; i < 3; i++)
		html_f(out, "<option value=\"%d\"%s>%s</option>", i, given->db_tls == i ? " selected" : "", words[i]);
	html_raw(out, "</select></details>");
}

void page_install_database(struct str *out, const struct database_page *page)
{
	const struct config *given = page->given;
	install_begin(out, page->frame, STEP_DATABASE);
	html_raw(out, "<h1>The database</h1>\n<p>Make a database and a user for it in your host's control panel (“MySQL databases”), give the "
		      "user all privileges on it, and copy the names from there. Nothing is written before the connection has been tried.</p>\n");
	error_summary(out, page->issues);
	if (page->found && page->found->count)
		findings_list(out, page->found);
	html_f(out, "<form class=\"stack panel\" method=\"post\" action=\"%s/install/database\">", page->frame->base);
	html_csrf(out, page->frame);
	field(out, page, "db_name", "Name of the database", "required size=\"32\" maxlength=\"64\"", given->db_name,
	      "Hosts often put the account's name before it: anna_tranche.");
	field(out, page, "db_user", "User", "required size=\"32\" maxlength=\"71\"", given->db_user, "");
	html_raw(out, "<label for=\"f-db_password\">Password of this user</label>");
	field_error(out, page->issues, "db_password");
	html_raw(out, "<input id=\"f-db_password\" name=\"db_password\" type=\"password\" autocomplete=\"off\" size=\"32\" maxlength=\"255\"");
	field_state(out, page->issues, "db_password", "h-db_password");
	html_raw(out, "><p class=\"hint\" id=\"h-db_password\">It is never shown again, so after a mistake type it once more.</p>");
	field(out, page, "db_hosts", "Host", "required size=\"32\" maxlength=\"500\"", given->db_hosts, "localhost, unless your host names another one.");
	field(out, page, "table_prefix", "Prefix of the tables", "required size=\"16\" maxlength=\"32\"", given->table_prefix,
	      "So that Tranche can share a database with other programs: a to z, 0 to 9 and _.");
	more_fields(out, page);
	html_f(out, "<p class=\"hint\">The settings go into <code>%s</code>, which nobody else can read.</p>", page->place);
	html_raw(out, "<div class=\"steps\"><button>Try and save</button></div></form>\n");
	frame_end(out, page->frame);
}
