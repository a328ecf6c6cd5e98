#include "install/host.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/program.h"
#include "base/zone.h"

#define MEMORY_MIN (64u << 20)

static bool is_beside(const struct place *place, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", place->program, name);
	return access(path, R_OK) == 0;
}

static void look_at_connection(const struct host_facts *facts, struct findings *found)
{
	if (facts->is_safe && facts->proxy)
		finding_add(found, FINDING_WARNING, "Encrypted connection",
			    "Once all is installed, add the line “trusted_proxies = ” with this address to tranche.conf.",
			    "A proxy at %s ends it: without its name in tranche.conf all visitors look like one, and cookies are not kept to https",
			    facts->proxy);
	else if (facts->is_safe)
		finding_add(found, FINDING_GOOD, "Encrypted connection", NULL, "Nobody on the way can read passwords");
	else
		finding_add(found, FINDING_BAD, "Encrypted connection",
			    "Open this page with https:// in place of http://. If that fails, switch on a certificate "
			    "(“SSL/TLS”, “Let's Encrypt”) in your host's control panel; it costs nothing.",
			    "The page came over http: passwords could be read on the way, and signing in would be refused");
}

static void look_at_program(const struct place *place, const struct host_facts *facts, struct findings *found)
{
	struct stat info;
	char path[PATH_MAX];
	if (program_path(path, sizeof(path)) && stat(path, &info) == 0 && (info.st_mode & (S_IWGRP | S_IWOTH)))
		finding_add(found, FINDING_WARNING, "Permissions of tranche.fcgi",
			    "Set them to 0755 in the file manager (owner: read, write, execute; others: read, execute).",
			    "Others may change the program (%04o); some hosts refuse to run it then", (unsigned)(info.st_mode & 07777));
	else
		finding_add(found, FINDING_GOOD, "Program", NULL, "It runs, as %s",
			    facts->is_cgi ? "CGI: a new process for each request, a little slower; hosts with mod_fcgid keep it running"
					  : "FastCGI: processes stay, the quickest way");
	if (!is_beside(place, "assets/app.js") || !is_beside(place, "assets/style.css"))
		finding_add(found, FINDING_WARNING, "Folder assets", "Upload the folder assets of the zip file beside tranche.fcgi.",
			    "It is missing or incomplete: pages look bare");
	if (!is_beside(place, "help/batches.html"))
		finding_add(found, FINDING_WARNING, "Folder help", "Upload the folder help of the zip file beside tranche.fcgi.",
			    "It is missing or incomplete");
}

static void look_at_htaccess(const struct place *place, const struct host_facts *facts, struct findings *found)
{
	bool reads_it = strncasecmp(facts->software, "apache", 6) == 0 || strncasecmp(facts->software, "litespeed", 9) == 0;
	if (reads_it && !is_beside(place, ".htaccess"))
		finding_add(found, FINDING_BAD, "File .htaccess",
			    "Upload .htaccess of the zip file beside tranche.fcgi. Its name begins with a dot, so file managers hide it "
			    "until you switch on “show hidden files”.",
			    "It is missing");
	else if (!facts->is_rewritten)
		finding_add(found, FINDING_BAD, "Addresses",
			    reads_it ? "Ask your host to allow .htaccess files (AllowOverride All) and mod_rewrite for your site."
				     : "Send all addresses that are no files to tranche.fcgi: INSTALL.txt has the lines for nginx and lighttpd.",
			    "You came by an address with tranche.fcgi in it: the web server does not rewrite addresses");
	else
		finding_add(found, FINDING_GOOD, "Addresses", NULL, "The web server sends them to the program%s",
			    reads_it ? ", as .htaccess says" : "");
}

static void look_at_place(const struct place *place, struct findings *found)
{
	if (!place->is_writable)
		finding_add(found, FINDING_BAD, "Place for the configuration",
			    "Make one of them writable for the program in the file manager, best the folder above the served ones; "
			    "or write tranche.conf by hand as INSTALL.txt says.",
			    "The program may write neither above the folders that are served nor in %s", place->program);
	else if (place->is_served)
		finding_add(found, FINDING_WARNING, "Place for the configuration",
			    "If your host lets you, move Tranche one folder deeper or make the folder above writable; else see to it "
			    "that the test “Configuration is not served” below passes.",
			    "It can only go beside the program, into %s, where .htaccess has to hide it", place->folder);
	else
		finding_add(found, FINDING_GOOD, "Place for the configuration", NULL, "%s, which the web server does not serve", place->folder);
}

static void look_at_zones(struct findings *found)
{
	static const char *const names[] = { "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!zone_find(names[i])) {
			finding_add(found, FINDING_BAD, "Time zones", "Upload the folder zoneinfo of the zip file beside tranche.fcgi.",
				    "The host has no time zone data (%s is missing)", names[i]);
			return;
		}
	finding_add(found, FINDING_GOOD, "Time zones", NULL, "The data is there");
}

static void look_at_memory(struct findings *found)
{
	struct rlimit limit;
	char hash[PASSWORD_HASH_SIZE];
	if (!password_hash("only to see whether there is room", hash))
		finding_add(found, FINDING_BAD, "Memory", "Ask your host for 64 MB or more for a process.",
			    "There is not enough for hashing a password (19 MB)");
	else if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < MEMORY_MIN)
		finding_add(found, FINDING_WARNING, "Memory", "Ask your host for 64 MB or more for a process.",
			    "A process may use %llu MB only", (unsigned long long)limit.rlim_cur >> 20);
}

void host_look(const struct place *place, const struct host_facts *facts, struct findings *found)
{
	look_at_connection(facts, found);
	look_at_program(place, facts, found);
	look_at_htaccess(place, facts, found);
	look_at_place(place, found);
	look_at_zones(found);
	look_at_memory(found);
}
