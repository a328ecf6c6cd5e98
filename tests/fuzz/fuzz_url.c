/* The address of a webhook, and the list of what may be reached beside the
 * public net: the same bytes as both. */
#include "net/destination.h"
#include "net/url.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *why;
	struct url url;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (url_read(text, &url, &why)) {
		REQUIRE(!why && url.port >= 1 && url.port <= 65535 && url.host[0] && url.path[0] == '/');
		/* Nothing that could end the request line or a header. */
		for (const char *c = url.path; *c; c++)
			REQUIRE(*c > ' ' && *c < 0x7f && *c != '#');
		REQUIRE(url.host[strspn(url.host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:")] == '\0');
		REQUIRE(url.is_address || !strchr(url.host, ':'));
		if (url.is_address && destination_permitted(&url.address, url.port, ""))
			REQUIRE(!destination_blocked(&url.address) && (url.port == 443 || url.port == 8443));
	} else {
		REQUIRE(why && why[0]);
	}
	(void)endpoint_list_valid(text, size);
	(void)destination_port_permitted(9000, text);
	free(text);
	return 0;
}
