#include "net/destination.h"

#include <string.h>

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

const char *destination_blocked(const struct address *address)
{
	if (address_is_ipv4(address))
		return find(ranges_v4, sizeof(ranges_v4) / sizeof(ranges_v4[0]), address->bytes + ADDRESS_IPV4_AT);
	const char *what = find(ranges_v6, sizeof(ranges_v6) / sizeof(ranges_v6[0]), address->bytes);
	return what ? what : is_in(&public_v6, address->bytes) ? NULL : "reserved";
}

static bool is_public_port(int port)
{
	return port == 443 || port == 8443;
}

bool destination_permitted(const struct address *address, int port, const char *allow)
{
	return (is_public_port(port) && !destination_blocked(address)) || endpoint_in_list(address, port, allow);
}

bool destination_port_permitted(int port, const char *allow)
{
	return is_public_port(port) || endpoint_in_list(NULL, port, allow);
}
