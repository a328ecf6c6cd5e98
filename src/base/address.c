#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

#define BITS 128
#define BITS_BEFORE_IPV4 96

static const unsigned char ipv4_prefix[ADDRESS_IPV4_AT] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool address_is_ipv4(const struct address *address)
{
	return memcmp(address->bytes, ipv4_prefix, sizeof(ipv4_prefix)) == 0;
}

void address_set_ipv4(struct address *address, const void *bytes)
{
	memcpy(address->bytes, ipv4_prefix, sizeof(ipv4_prefix));
	memcpy(address->bytes + ADDRESS_IPV4_AT, bytes, sizeof(address->bytes) - ADDRESS_IPV4_AT);
}

bool address_read(const char *text, size_t len, struct address *out)
{
	char copy[ADDRESS_TEXT];
	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, out->bytes) == 1)
		return true;
	unsigned char ipv4[4];
	if (inet_pton(AF_INET, copy, ipv4) != 1)
		return false;
	address_set_ipv4(out, ipv4);
	return true;
}

void address_write(const struct address *address, char out[ADDRESS_TEXT])
{
	const char *done = address_is_ipv4(address) ? inet_ntop(AF_INET, address->bytes + ADDRESS_IPV4_AT, out, ADDRESS_TEXT)
					    : inet_ntop(AF_INET6, address->bytes, out, ADDRESS_TEXT);
	if (!done)
		out[0] = '\0';
}

/* --- lists ------------------------------------------------------------------- */

/* One entry, of `bits` leading bits. */
static bool read_entry(const char *text, size_t len, struct address *out, int64_t *bits_out)
{
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash ? (size_t)(slash - text) : len;
	if (!address_read(text, address_len, out))
		return false;
	*bits_out = BITS;
	if (!slash)
		return true;
	bool is_old = !memchr(text, ':', address_len);
	const char *number = slash + 1;
	size_t number_len = len - address_len - 1;
	if (number_len == 0 || number[0] < '0' || number[0] > '9' || !parse_i64(number, number_len, bits_out))
		return false;
	if (*bits_out < 1 || *bits_out > (is_old ? BITS - BITS_BEFORE_IPV4 : BITS))
		return false;
	if (is_old)
		*bits_out += BITS_BEFORE_IPV4;
	return true;
}

static bool same_leading_bits(const struct address *one, const struct address *other, int64_t bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned rest = (unsigned)bits % 8;
	if (memcmp(one->bytes, other->bytes, whole) != 0)
		return false;
	return rest == 0 || ((one->bytes[whole] ^ other->bytes[whole]) >> (8 - rest)) == 0;
}

/* The next entry without its blanks; false at the end. */
static bool next_entry(const char **text, const char *end, const char **entry_out, size_t *len_out)
{
	if (*text > end)
		return false;
	const char *comma = memchr(*text, ',', (size_t)(end - *text));
	const char *begin = *text, *stop = comma ? comma : end;
	*text = stop + 1;
	while (begin < stop && (*begin == ' ' || *begin == '\t'))
		begin++;
	while (stop > begin && (stop[-1] == ' ' || stop[-1] == '\t'))
		stop--;
	*entry_out = begin;
	*len_out = (size_t)(stop - begin);
	return true;
}

bool address_list_valid(const char *list, size_t len)
{
	const char *end = list + len, *entry;
	size_t entry_len;
	struct address address;
	int64_t bits;
	while (next_entry(&list, end, &entry, &entry_len))
		if (!read_entry(entry, entry_len, &address, &bits))
			return false;
	return true;
}

bool address_in_list(const struct address *address, const char *list)
{
	const char *end = list + strlen(list), *entry;
	size_t entry_len;
	struct address network;
	int64_t bits;
	while (next_entry(&list, end, &entry, &entry_len))
		if (read_entry(entry, entry_len, &network, &bits) && same_leading_bits(address, &network, bits))
			return true;
	return false;
}

/* --- with a port -------------------------------------------------------------- */

static bool read_endpoint(const char *text, size_t len, struct address *address, int *port)
{
	const char *colon = memrchr(text, ':', len);
	int64_t number;
	if (!colon || !parse_i64(colon + 1, (size_t)(text + len - colon) - 1, &number) || number < 1 || number > 65535)
		return false;
	*port = (int)number;
	len = (size_t)(colon - text);
	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		return address_read(text + 1, len - 2, address) && !address_is_ipv4(address);
	return !memchr(text, ':', len) && address_read(text, len, address);
}

bool endpoint_list_valid(const char *list, size_t len)
{
	const char *end = list + len, *entry;
	size_t entry_len;
	struct address address;
	int port;
	while (next_entry(&list, end, &entry, &entry_len))
		if (!read_endpoint(entry, entry_len, &address, &port))
			return false;
	return true;
}

bool endpoint_in_list(const struct address *address, int port, const char *list)
{
	const char *end = list + strlen(list), *entry;
	size_t entry_len;
	struct address named;
	int named_port;
	while (next_entry(&list, end, &entry, &entry_len))
		if (read_endpoint(entry, entry_len, &named, &named_port) && named_port == port &&
		    (!address || memcmp(named.bytes, address->bytes, sizeof(named.bytes)) == 0))
			return true;
	return false;
}
