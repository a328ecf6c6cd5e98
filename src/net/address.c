#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct range {
	unsigned char prefix[16];
	int bits;
	const char *what;
};

static const struct range ranges_v4[] = {
	{ { 0 }, 8, "unspecified" },
	{ { 10 }, 8, "private" },
	{ { 100, 64 }, 10, "the provider's own (shared address space)" },
	{ { 127 }, 8, "loopback: this very machine" },
	{ { 169, 254 }, 16, "link-local" },
	{ { 172, 16 }, 12, "private" },
	{ { 192, 0, 0 }, 24, "reserved" },
	{ { 192, 0, 2 }, 24, "for documentation" },
	{ { 192, 88, 99 }, 24, "a 6to4 relay" },
	{ { 192, 168 }, 16, "private" },
	{ { 198, 18 }, 15, "for measurements" },
	{ { 198, 51, 100 }, 24, "for documentation" },
	{ { 203, 0, 113 }, 24, "for documentation" },
	{ { 224 }, 4, "multicast" },
	{ { 240 }, 4, "reserved" },
};

static const struct range ranges_v6[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96, "an IPv4 address inside IPv6" },
	{ { [15] = 1 }, 128, "loopback: this very machine" },
	{ { 0 }, 128, "unspecified" },
	{ { 0, 0x64, 0xff, 0x9b }, 96, "an IPv4 address inside IPv6 (NAT64)" },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, "for documentation" },
	{ { 0x20, 0x01, 0, 0 }, 32, "an IPv4 address inside IPv6 (Teredo)" },
	{ { 0x20, 0x01, 0 }, 23, "reserved" },
	{ { 0x20, 0x02 }, 16, "an IPv4 address inside IPv6 (6to4)" },
	{ { 0x3f, 0xff, 0 }, 20, "for documentation" },
	{ { 0xfc }, 7, "private" },
	{ { 0xfe, 0x80 }, 10, "link-local" },
	{ { 0xfe, 0xc0 }, 10, "private" },
	{ { 0xff }, 8, "multicast" },
};

/* What is given out so far of IPv6; the rest is not the public net. */
static const struct range public_v6 = { { 0x20 }, 3, NULL };

static bool is_in(const struct range *range, const unsigned char *bytes)
{
	int whole = range->bits / 8, rest = range->bits % 8;
	unsigned mask = 0xffu << (8 - rest) & 0xffu;
	return memcmp(range->prefix, bytes, (size_t)whole) == 0 &&
	       (!rest || (range->prefix[whole] & mask) == (bytes[whole] & mask));
}

static const char *find(const struct range *ranges, size_t count, const unsigned char *bytes)
{
	for (size_t i = 0; i < count; i++)
		if (is_in(&ranges[i], bytes))
			return ranges[i].what;
	return NULL;
}

const char *address_blocked(const struct address *address)
{
	if (!address->is_v6)
		return find(ranges_v4, sizeof(ranges_v4) / sizeof(ranges_v4[0]), address->bytes);
	const char *what = find(ranges_v6, sizeof(ranges_v6) / sizeof(ranges_v6[0]), address->bytes);
	return what ? what : is_in(&public_v6, address->bytes) ? NULL : "reserved";
}

bool address_read(const char *text, struct address *address)
{
	*address = (struct address){ .is_v6 = strchr(text, ':') != NULL };
	return inet_pton(address->is_v6 ? AF_INET6 : AF_INET, text, address->bytes) == 1;
}

void address_text(const struct address *address, char out[ADDRESS_TEXT_SIZE])
{
	if (!inet_ntop(address->is_v6 ? AF_INET6 : AF_INET, address->bytes, out, ADDRESS_TEXT_SIZE))
		out[0] = '\0';
}

/* --- what the site's owner has named --------------------------------------------- */

/* One entry of the list, "10.0.0.5:8443" or "[fd00::5]:443", of `len` bytes. */
static bool read_entry(const char *text, size_t len, struct address *address, int *port)
{
	char entry[64];
	int64_t number;
	if (!len || len >= sizeof(entry))
		return false;
	memcpy(entry, text, len);
	entry[len] = '\0';
	char *colon = strrchr(entry, ':'), *host = entry;
	if (!colon || !parse_i64(colon + 1, strlen(colon + 1), &number) || number < 1 || number > 65535)
		return false;
	*colon = '\0';
	*port = (int)number;
	if (host[0] == '[' && colon > host + 1 && colon[-1] == ']') {
		colon[-1] = '\0';
		return address_read(host + 1, address) && address->is_v6;
	}
	return address_read(host, address) && !address->is_v6;
}

/* The next entry from `at` on; its length, 0 at the end. */
static size_t next_entry(const char **at)
{
	*at += strspn(*at, ", \t");
	return strcspn(*at, ", \t");
}

const char *address_list_fault(const char *allow)
{
	size_t len;
	for (const char *at = allow; (len = next_entry(&at)); at += len) {
		struct address address;
		int port;
		if (!read_entry(at, len, &address, &port))
			return at;
	}
	return NULL;
}

static bool is_public_port(int port)
{
	return port == 443 || port == 8443;
}

/* Does an entry name the port, and the address if there is one? */
static bool is_named(const struct address *address, int port, const char *allow)
{
	size_t len;
	for (const char *at = allow; (len = next_entry(&at)); at += len) {
		struct address named;
		int named_port;
		if (!read_entry(at, len, &named, &named_port) || named_port != port)
			continue;
		if (!address || (named.is_v6 == address->is_v6 && memcmp(named.bytes, address->bytes, sizeof(named.bytes)) == 0))
			return true;
	}
	return false;
}

bool address_permitted(const struct address *address, int port, const char *allow)
{
	return (is_public_port(port) && !address_blocked(address)) || is_named(address, port, allow);
}

bool address_port_permitted(int port, const char *allow)
{
	return is_public_port(port) || is_named(NULL, port, allow);
}
