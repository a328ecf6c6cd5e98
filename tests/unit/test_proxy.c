/* Addresses and lists of them; what a proxy says, and when it counts. */
#include "base/address.h"
#include "base/config.h"
#include "web/proxy.h"
#include "support.h"

/* --- addresses --------------------------------------------------------------- */

static const struct address_row {
	const char *name;
	const char *text;
	const char *written; /* NULL = no address */
} address_rows[] = {
	{ "address: IPv4", "192.0.2.1", "192.0.2.1" },
	{ "address: IPv4 in IPv6's clothes", "::ffff:192.0.2.1", "192.0.2.1" },
	{ "address: the same in hexadecimal", "::FFFF:C000:201", "192.0.2.1" },
	{ "address: IPv6, shortened", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "address: loopback", "::1", "::1" },
	{ "address: nothing", "", NULL },
	{ "address: a name", "localhost", NULL },
	{ "address: three numbers", "192.0.2", NULL },
	{ "address: octal", "192.0.2.010", NULL },
	{ "address: a port", "192.0.2.1:80", NULL },
	{ "address: a zone", "fe80::1%eth0", NULL },
	{ "address: a blank", " 192.0.2.1", NULL },
	{ "address: far too long", "2001:0db8:0000:0000:0000:0000:0000:0001:2001:0db8:0000:0000", NULL },
};

static void address_case(void **state)
{
	const struct address_row *row = *state;
	struct address address;
	char written[ADDRESS_TEXT];
	assert_int_equal(address_read(row->text, strlen(row->text), &address), row->written != NULL);
	if (!row->written)
		return;
	address_write(&address, written);
	assert_string_equal(written, row->written);
}

static const struct list_row {
	const char *name;
	const char *list, *address;
	bool is_valid, is_in;
} list_rows[] = {
	{ "list: one", "192.0.2.1", "192.0.2.1", true, true },
	{ "list: another", "192.0.2.1", "192.0.2.2", true, false },
	{ "list: blanks", " 10.0.0.1 ,\t192.0.2.1 ", "192.0.2.1", true, true },
	{ "list: a network", "192.0.2.0/24", "192.0.2.255", true, true },
	{ "list: beside a network", "192.0.2.0/24", "192.0.3.0", true, false },
	{ "list: not on a byte's edge", "172.16.0.0/12", "172.31.255.1", true, true },
	{ "list: just beyond it", "172.16.0.0/12", "172.32.0.1", true, false },
	{ "list: bits beyond the network's are nothing", "10.9.8.7/8", "10.1.1.1", true, true },
	{ "list: one address as a network", "192.0.2.1/32", "192.0.2.1", true, true },
	{ "list: IPv6", "2001:db8::/32", "2001:db8:ffff::1", true, true },
	{ "list: IPv4 is not in IPv6's networks", "2001:db8::/32", "192.0.2.1", true, false },
	{ "list: IPv4 in IPv6's clothes", "192.0.2.0/24", "::ffff:192.0.2.9", true, true },
	{ "list: everybody", "0.0.0.0/0", "192.0.2.1", false, false },
	{ "list: everybody, IPv6", "::/0", "192.0.2.1", false, false },
	{ "list: too many bits", "192.0.2.0/33", "192.0.2.0", false, false },
	{ "list: negative", "192.0.2.0/-1", "192.0.2.0", false, false },
	{ "list: no bits", "192.0.2.0/", "192.0.2.0", false, false },
	{ "list: a star", "*", "192.0.2.0", false, false },
	{ "list: a name", "proxy.example", "192.0.2.0", false, false },
	{ "list: an empty place", "192.0.2.1,,10.0.0.1", "10.0.0.1", false, true },
	{ "list: a comma at the end", "192.0.2.1,", "192.0.2.1", false, true },
	{ "list: empty", "", "192.0.2.1", false, false },
};

static void list_case(void **state)
{
	const struct list_row *row = *state;
	struct address address;
	assert_true(address_read(row->address, strlen(row->address), &address));
	assert_int_equal(address_list_valid(row->list, strlen(row->list)), row->is_valid);
	assert_int_equal(address_in_list(&address, row->list), row->is_in);
}

static const struct endpoint_row {
	const char *name;
	const char *list, *address; /* NULL = any */
	int port;
	bool is_valid, is_in;
} endpoint_rows[] = {
	{ "endpoint: the very one", "10.0.0.5:8443", "10.0.0.5", 8443, true, true },
	{ "endpoint: another port", "10.0.0.5:8443", "10.0.0.5", 443, true, false },
	{ "endpoint: another address", "10.0.0.5:8443", "10.0.0.6", 8443, true, false },
	{ "endpoint: the second, IPv6", "10.0.0.5:8443, [fd00::5]:443", "fd00::5", 443, true, true },
	{ "endpoint: any address at a port", "10.0.0.5:8443", NULL, 8443, true, true },
	{ "endpoint: none", "", "10.0.0.5", 443, false, false },
	{ "endpoint: no port", "10.0.0.5", "10.0.0.5", 443, false, false },
	{ "endpoint: port 0", "10.0.0.5:0", "10.0.0.5", 0, false, false },
	{ "endpoint: too large a port", "10.0.0.5:65536", "10.0.0.5", 65536, false, false },
	{ "endpoint: IPv6 without brackets", "fd00::5:443", "fd00::5", 443, false, false },
	{ "endpoint: IPv4 in brackets", "[10.0.0.5]:443", "10.0.0.5", 443, false, false },
	{ "endpoint: a name", "localhost:443", NULL, 443, false, false },
};

static void endpoint_case(void **state)
{
	const struct endpoint_row *row = *state;
	struct address address;
	assert_true(!row->address || address_read(row->address, strlen(row->address), &address));
	assert_int_equal(endpoint_list_valid(row->list, strlen(row->list)), row->is_valid);
	assert_int_equal(endpoint_in_list(row->address ? &address : NULL, row->port, row->list), row->is_in);
}

/* --- requests ----------------------------------------------------------------- */

#define LIST "10.0.0.0/8, 2001:db8::5"

static const struct proxy_row {
	const char *name;
	const char *list, *from, *chain, *proto;
	const char *address; /* what becomes of it */
	bool was_https, is_https;
	enum proxy_guess guess;
} proxy_rows[] = {
	{ "proxy: none", LIST, "192.0.2.1", NULL, NULL, "192.0.2.1", false, false, PROXY_NONE },
	{ "proxy: named", LIST, "10.0.0.1", "192.0.2.1", "https", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: nobody is named", "", "10.0.0.1", "192.0.2.1", "https", "10.0.0.1", false, false, PROXY_UNNAMED },
	{ "proxy: somebody else", LIST, "192.0.2.7", "192.0.2.1", "https", "192.0.2.7", false, false, PROXY_UNNAMED },
	{ "proxy: it came without https", LIST, "10.0.0.1", "192.0.2.1", "http", "192.0.2.1", false, false, PROXY_NONE },
	{ "proxy: itself by https, the browser without", LIST, "10.0.0.1", "192.0.2.1", "http", "192.0.2.1", true, false, PROXY_NONE },
	{ "proxy: itself by https, and it says nothing", LIST, "10.0.0.1", "192.0.2.1", NULL, "192.0.2.1", true, true, PROXY_NONE },
	{ "proxy: written by the visitor before it", LIST, "10.0.0.1", "127.0.0.1, 192.0.2.1", "https", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: a trusted address written by the visitor", LIST, "10.0.0.1", "10.9.9.9, 192.0.2.1", "https", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: two of them", LIST, "2001:db8::5", "192.0.2.1, 10.0.0.1", "https", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: all are trusted", LIST, "10.0.0.1", "10.0.0.3,10.0.0.2", "https", "10.0.0.3", false, true, PROXY_NONE },
	{ "proxy: with ports", LIST, "10.0.0.1", "192.0.2.1:4711, 10.0.0.2:80", "https", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: IPv6 in brackets", LIST, "10.0.0.1", "[2001:db8::77]:4711", "https", "2001:db8::77", false, true, PROXY_NONE },
	{ "proxy: IPv6 bare", LIST, "10.0.0.1", "2001:DB8::77", "https", "2001:db8::77", false, true, PROXY_NONE },
	{ "proxy: one spelling for an address", LIST, "10.0.0.1", "::ffff:192.0.2.1", "https", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: unknown", LIST, "10.0.0.1", "192.0.2.1, unknown", "https", "10.0.0.1", false, true, PROXY_NONE },
	{ "proxy: nonsense", LIST, "10.0.0.1", "<script>", "https", "10.0.0.1", false, true, PROXY_NONE },
	{ "proxy: an empty place", LIST, "10.0.0.1", "192.0.2.1, ", "https", "10.0.0.1", false, true, PROXY_NONE },
	{ "proxy: a bracket left open", LIST, "10.0.0.1", "[2001:db8::77", "https", "10.0.0.1", false, true, PROXY_NONE },
	{ "proxy: no chain", LIST, "10.0.0.1", NULL, "https", "10.0.0.1", false, true, PROXY_NONE },
	{ "proxy: the last says http", LIST, "10.0.0.1", "192.0.2.1", "https, http", "192.0.2.1", false, false, PROXY_NONE },
	{ "proxy: the last says https", LIST, "10.0.0.1", "192.0.2.1", "http,HTTPS", "192.0.2.1", false, true, PROXY_NONE },
	{ "proxy: httpsx", LIST, "10.0.0.1", "192.0.2.1", "httpsx", "192.0.2.1", false, false, PROXY_NONE },
	{ "proxy: hidden by the server, chain gone", "", "192.0.2.1", NULL, "https", "192.0.2.1", false, false, PROXY_HIDDEN },
	{ "proxy: hidden by the server, chain left", "", "192.0.2.1", "192.0.2.1", "https", "192.0.2.1", false, false, PROXY_HIDDEN },
	{ "proxy: https by itself", "", "192.0.2.1", "192.0.2.9", "https", "192.0.2.1", true, true, PROXY_NONE },
};

static const char *header_of(const struct request *request, const char *name)
{
	const struct proxy_row *row = request->carrier;
	if (strcmp(name, "REMOTE_ADDR") == 0)
		return row->from;
	if (strcmp(name, "HTTP_X_FORWARDED_FOR") == 0)
		return row->chain;
	return strcmp(name, "HTTP_X_FORWARDED_PROTO") == 0 ? row->proto : NULL;
}

static void proxy_case(void **state)
{
	struct proxy_row row = *(const struct proxy_row *)*state;
	struct config config = { .db_port = 0 };
	struct arena *arena = arena_new();
	struct ctx ctx = { .arena = arena, .config = &config };
	struct request request = { .ctx = &ctx, .remote_addr = row.from, .is_https = row.was_https, .header = header_of, .carrier = &row };
	memcpy(config.trusted_proxies, row.list, strlen(row.list));
	proxy_apply(&request);
	assert_string_equal(request.remote_addr, row.address);
	assert_int_equal(request.is_https, row.is_https);
	assert_int_equal(proxy_guess(&request), row.guess);
	arena_free(arena);
}

int main(void)
{
	return TABLE_CASES(address_rows, address_case) + TABLE_CASES(list_rows, list_case) + TABLE_CASES(endpoint_rows, endpoint_case) +
	       TABLE_CASES(proxy_rows, proxy_case);
}
