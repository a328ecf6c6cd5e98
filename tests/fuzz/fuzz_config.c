/* tranche.conf: what is accepted is complete and within its limits. */
#include "base/address.h"
#include "base/config.h"
#include "base/str.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = { .path = "fuzz" };
	struct fail f = { 0 };
	bool ok = config_parse(&config, (const char *)data, size, &f);

	REQUIRE(ok == (f.kind == FAIL_NONE));
	/* A file of how the site is reached alone is none yet, for the installer. */
	bool is_preliminary = f.kind == FAIL_NOT_FOUND && (config.trusted_proxies[0] || config.site_url[0]) && !config.db_name[0];
	REQUIRE(ok || ((f.kind == FAIL_INVALID || is_preliminary) && strncmp(f.public_message, "tranche.conf", 12) == 0));
	REQUIRE(!ok || !config.trusted_proxies[0] || address_list_valid(config.trusted_proxies, strlen(config.trusted_proxies)));
	REQUIRE(utf8_valid(f.public_message, strlen(f.public_message), NULL));
	REQUIRE(memchr(config.db_password, '\0', sizeof(config.db_password)));
	if (ok) {
		REQUIRE(config.db_name[0] && config.db_user[0]);
		REQUIRE(config.db_port >= 1 && config.db_port <= 65535);
		REQUIRE(config.time_budget_ms >= 100 && config.time_budget_ms <= 20000);
		REQUIRE(strspn(config.table_prefix, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(config.table_prefix));
	}
	return 0;
}
