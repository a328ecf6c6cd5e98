#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

#define BITS 128
#define BITS_BEFORE_IPV4 96

static const unsigned char ipv4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool is_ipv4(const struct address *address)
{
	return memcmp(address->bytes, ipv4_prefix, sizeof(ipv4_prefix)) == 0;
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
	memcpy(out->bytes, ipv4_prefix, sizeof(ipv4_prefix));
	return inet_pton(AF_INET, copy, out->bytes + sizeof(ipv4_prefix)) == 1;
}

void address_write(const struct address *address, char out[ADDRESS_TEXT])
{
	const char *done = is_ipv4(address) ? inet_ntop(AF_INET, address->bytes + sizeof(ipv4_prefix), out, ADDRESS_TEXT)
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
