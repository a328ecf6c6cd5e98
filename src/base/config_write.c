/* Writing tranche.conf, for the installer. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/str.h"

/* A value in quotes keeps blanks and quotes at its ends. */
static void add(struct str *out, const char *key, const char *value)
{
	size_t len = strlen(value);
	bool quote = len && (strchr(" \t\"", value[0]) || strchr(" \t\"", value[len - 1]));

	str_addf(out, quote ? "%s = \"%s\"\n" : "%s = %s\n", key, value);
}

static void add_number(struct str *out, const char *key, int64_t number)
{
	str_addf(out, "%s = %lld\n", key, (long long)number);
}

static void compose(const struct config *config, struct str *out)
{
	char secret[65];

	hex_encode(config->secret, sizeof(config->secret), secret);
	str_adds(out, "# Tranche's configuration, written by its installer. Nobody else may read this file (mode 0600).\n"
		      "# A change holds from the next request on. What else can stand here: the help page “Keeping the site”.\n\n");
	if (config->site_folder[0]) {
		str_adds(out, "# Whose file this is: another Tranche in this account has one of its own.\n");
		add(out, "site_folder", config->site_folder);
	}
	add(out, "db_hosts", config->db_hosts);
	if (config->db_socket[0])
		add(out, "db_socket", config->db_socket);
	add_number(out, "db_port", config->db_port);
	if (config->db_tls)
		add_number(out, "db_tls", config->db_tls);
	add(out, "db_name", config->db_name);
	add(out, "db_user", config->db_user);
	add(out, "db_password", config->db_password);
	add(out, "table_prefix", config->table_prefix);
	if (config->site_url[0])
		add(out, "site_url", config->site_url);
	if (config->trusted_proxies[0])
		add(out, "trusted_proxies", config->trusted_proxies);
	str_adds(out, "\n# Signs cookies and forms; whoever knows it can forge them.\n");
	add(out, "secret", secret);
	explicit_bzero(secret, sizeof(secret));
}

static bool store(int fd, const struct str *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t sent = write(fd, text->data + done, text->len - done);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		done += (size_t)sent;
	}
	return fchmod(fd, 0600) == 0 && fsync(fd) == 0;
}

/* A new file beside it, then renamed: nobody ever reads half of it. */
bool config_write(const struct config *config, const char *path, struct fail *fail)
{
	struct str text = STR_INIT;
	unsigned char salt[8];
	char beside[600], hex[2 * sizeof(salt) + 1];
	int fd;
	bool ok;

	random_bytes(salt, sizeof(salt));
	hex_encode(salt, sizeof(salt), hex);
	snprintf(beside, sizeof(beside), "%s.%s.conf", path, hex);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	compose(config, &text);
	ok = fd >= 0 && store(fd, &text);
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	ok = ok && rename(beside, path) == 0;
	if (!ok) {
		fail->os_or_sql_error = errno;
		if (fd >= 0)
			unlink(beside);
	}
	if (text.data)
		explicit_bzero(text.data, text.len);
	str_free(&text);
	return ok || fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "tranche.conf can't be written: %s",
			      strerror(fail->os_or_sql_error));
}
