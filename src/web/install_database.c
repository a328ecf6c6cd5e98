/* The installer: the database, and the configuration. */
#include <stdlib.h>

#include "base/config.h"
#include "base/ids.h"
#include "install/database.h"
#include "install/proof.h"
#include "web/install_session.h"
#include "web/page_frame.h"
#include "web/pages.h"

/* Where the configuration is or will be. */
static const char *config_path(const struct request *request, const struct place *place)
{
	const char *named = getenv("TRANCHE_CONFIG");
	if (request->ctx->config->path[0])
		return request->ctx->config->path;
	return named && *named ? named : place->config;
}

static void show(struct request *request, struct response *response, const struct setup *setup, const struct config *given,
		 const struct issues *issues, const struct findings *found)
{
	struct frame frame;
	page_frame(request, "The database", NAV_NONE, &frame);
	frame.has_error = issues && issues->count;
	page_install_database(&response->body, &(struct database_page){ .frame = &frame,
									 .issues = issues,
									 .found = found,
									 .given = given,
									 .place = config_path(request, &setup->place) });
}

void get_install_database(struct request *request, struct response *response)
{
	struct setup setup;
	struct issues issues = page_issues(request);
	if (!setup_may(request, response, &setup))
		return;
	/* Settings that were right before: the limit of an hour, a server that is away. */
	if (setup.standing == STANDS_UNKNOWN)
		issue_from_fail(request, &issues, NULL);
	fail_clear(&request->ctx->fail);
	show(request, response, &setup, request->ctx->config, &issues, NULL);
}

/* --- what was given ------------------------------------------------------------ */

static void text(struct request *request, struct issues *issues, const char *name, bool is_required, char *to, size_t size)
{
	const char *value = form_text(request, name);
	char pointer[40];
	snprintf(pointer, sizeof(pointer), "/%s", name);
	if (is_required && !*value)
		issue_add(issues, CODE_REQUIRED, pointer, NULL, "This field must not be empty");
	else if (!config_value_fits(name, value))
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Write it in one line, without control characters.",
			  "This is too long, or holds what can't stand in it");
	else
		str_copy(to, size, value);
}

static void number(struct request *request, struct issues *issues, const char *name, int64_t min, int64_t max, int64_t *to)
{
	const char *value = form_text(request, name);
	int64_t parsed;
	char pointer[40];
	snprintf(pointer, sizeof(pointer), "/%s", name);
	if (!*value)
		return;
	if (parse_i64(value, strlen(value), &parsed) && parsed >= min && parsed <= max)
		*to = parsed;
	else
		issue_add(issues, CODE_OUT_OF_RANGE, pointer, NULL, "This is a number from %lld to %lld", (long long)min, (long long)max);
}

/* A prefix keeps Tranche's tables apart from others', so there must be one. */
static void prefix(struct issues *issues, const struct config *given)
{
	const char *value = given->table_prefix;
	if (strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(value) || !(value[0] >= 'a' && value[0] <= 'z'))
		issue_add(issues, CODE_INVALID_VALUE, "/table_prefix", "Write something like tr_ or tranche_.",
			  "A prefix begins with a letter and holds only a to z, 0 to 9 and _");
}

static void read_given(struct request *request, struct issues *issues, struct config *given)
{
	config_defaults(given);
	text(request, issues, "db_name", true, given->db_name, sizeof(given->db_name));
	text(request, issues, "db_user", true, given->db_user, sizeof(given->db_user));
	text(request, issues, "db_password", false, given->db_password, sizeof(given->db_password));
	text(request, issues, "db_hosts", true, given->db_hosts, sizeof(given->db_hosts));
	text(request, issues, "db_socket", false, given->db_socket, sizeof(given->db_socket));
	text(request, issues, "table_prefix", true, given->table_prefix, sizeof(given->table_prefix));
	number(request, issues, "db_port", 1, 65535, &given->db_port);
	number(request, issues, "db_tls", 0, 2, &given->db_tls);
	if (given->table_prefix[0])
		prefix(issues, given);
}

/* Connects; what fails becomes an issue of its field. */
static bool try_database(struct request *request, const struct config *given, struct issues *issues, struct database_trial *trial)
{
	struct arena *arena = request->ctx->arena;
	database_try(arena, given, trial);
	if (!trial->connected)
		issue_add(issues, CODE_DATABASE_AWAY, trial->field[0] ? arena_printf(arena, "/%s", trial->field) : "", trial->mend, "%s",
			  trial->message);
	else if (findings_stop(&trial->found))
		issue_add(issues, CODE_INVALID_VALUE, "", "What stops here is named below.", "Tranche can't use this database as it is");
	return issues->count == 0;
}

/* The secret stays what it is once it was made: cookies hang on it. */
static bool save(struct request *request, const struct setup *setup, struct config *given)
{
	struct ctx *ctx = request->ctx;
	if (ctx->db) /* there was a whole configuration before */
		memcpy(given->secret, ctx->config->secret, sizeof(given->secret));
	else
		random_bytes(given->secret, sizeof(given->secret));
	if (!getenv("TRANCHE_CONFIG")) /* a file that is named by the server is nobody else's */
		str_copy(given->site_folder, sizeof(given->site_folder), setup->place.program);
	str_copy(given->site_url, sizeof(given->site_url), ctx->config->site_url);
	str_copy(given->trusted_proxies, sizeof(given->trusted_proxies), ctx->config->trusted_proxies);
	return config_write(given, config_path(request, &setup->place), &ctx->fail);
}

void post_install_database(struct request *request, struct response *response)
{
	struct setup setup;
	struct config given;
	struct database_trial trial = { .connected = false };
	struct issues issues = page_issues(request);
	if (!setup_may(request, response, &setup))
		return;
	fail_clear(&request->ctx->fail);
	if (!form_checked(request, response))
		return;
	read_given(request, &issues, &given);
	bool ok = issues.count == 0 && try_database(request, &given, &issues, &trial);
	if (ok && !save(request, &setup, &given)) {
		issue_from_fail(request, &issues, NULL);
		ok = false;
	}
	if (ok) {
		response_redirect(response, trial.is_installed ? "/install/done" : "/install/tables");
	} else {
		response->status = 422;
		show(request, response, &setup, &given, &issues, trial.connected ? &trial.found : NULL);
	}
	explicit_bzero(given.db_password, sizeof(given.db_password));
}
