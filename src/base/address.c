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

/* Of a list of networks, or of endpoints. */
struct entry {
	struct address address;
	int64_t bits; /* leading ones that count */
	int64_t port;
};
typedef bool entry_reader(const char *text, size_t len, struct entry *entry_out);

static bool read_network(const char *text, size_t len, struct entry *entry)
{
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash ? (size_t)(slash - text) : len;
	if (!address_read(text, address_len, &entry->address))
		return false;
	entry->bits = BITS;
	if (!slash)
		return true;
	bool is_old = !memchr(text, ':', address_len);
	const char *number = slash + 1;
	size_t number_len = len - address_len - 1;
	if (number_len == 0 || number[0] < '0' || number[0] > '9' || !parse_i64(number, number_len, &entry->bits))
		return false;
	if (entry->bits < 1 || entry->bits > (is_old ? BITS - BITS_BEFORE_IPV4 : BITS))
		return false;
	if (is_old)
		entry->bits += BITS_BEFORE_IPV4;
	return true;
}

/* "10.0.0.5:8443", "[fd00::5]:443" */
static bool read_endpoint(const char *text, size_t len, struct entry *entry)
{
	const char *colon = memrchr(text, ':', len);
	if (!colon || !parse_i64(colon + 1, (size_t)(text + len - colon) - 1, &entry->port) || entry->port < 1 || entry->port > 65535)
		return false;
	len = (size_t)(colon - text);
	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		return address_read(text + 1, len - 2, &entry->address) && !address_is_ipv4(&entry->address);
	return !memchr(text, ':', len) && address_read(text, len, &entry->address);
}

/* The next entry's text, without its blanks; false at the end. */
static bool next_text(const char **list, const char *end, const char **text_out, size_t *len_out)
{
	if (*list > end)
		return false;
	const char *comma = memchr(*list, ',', (size_t)(end - *list));
	const char *begin = *list, *stop = comma ? comma : end;
	*list = stop + 1;
	while (begin < stop && (*begin == ' ' || *begin == '\t'))
		begin++;
	while (stop > begin && (stop[-1] == ' ' || stop[-1] == '\t'))
		stop--;
	*text_out = begin;
	*len_out = (size_t)(stop - begin);
	return true;
}

static bool are_all_read(const char *list, size_t len, entry_reader *read)
{
	const char *end = list + len, *text;
	struct entry entry;
	while (next_text(&list, end, &text, &len))
		if (!read(text, len, &entry))
			return false;
	return true;
}

/* The next entry that can be read; false at the end. */
static bool next_entry(const char **list, const char *end, entry_reader *read, struct entry *entry)
{
	const char *text;
	size_t len;
	while (next_text(list, end, &text, &len))
		if (read(text, len, entry))
			return true;
	return false;
}

static bool same_leading_bits(const struct address *one, const struct address *other, int64_t bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned rest = (unsigned)bits % 8;
	if (memcmp(one->bytes, other->bytes, whole) != 0)
		return false;
	return rest == 0 || ((one->bytes[whole] ^ other->bytes[whole]) >> (8 - rest)) == 0;
}

bool address_list_valid(const char *list, size_t len)
{
	return are_all_read(list, len, read_network);
}

bool address_in_list(const struct address *address, const char *list)
{
	const char *end = list + strlen(list);
	struct entry entry;
	while (next_entry(&list, end, read_network, &entry))
		if (same_leading_bits(address, &entry.address, entry.bits))
			return true;
	return false;
}

bool endpoint_list_valid(const char *list, size_t len)
{
	return are_all_read(list, len, read_endpoint);
}

bool endpoint_in_list(const struct address *address, int port, const char *list)
{
	const char *end = list + strlen(list);
	struct entry entry;
	while (next_entry(&list, end, read_endpoint, &entry))
		if (entry.port == port && (!address || same_leading_bits(address, &entry.address, BITS)))
			return true;
	return false;
}
