#include "web/proxy.h"

#include <strings.h>

#include "base/address.h"
#include "base/config.h"

/* Of a list that each proxy on the way has added to, the part before `len`
 * that is last; cuts it off `len`. */
static const char *take_last(const char *list, size_t *len, size_t *part_len_out)
{
	size_t end = *len, begin = end;
	while (begin > 0 && list[begin - 1] != ',')
		begin--;
	*len = begin > 0 ? begin - 1 : 0;
	while (begin < end && (list[begin] == ' ' || list[begin] == '\t'))
		begin++;
	while (end > begin && (list[end - 1] == ' ' || list[end - 1] == '\t'))
		end--;
	*part_len_out = end - begin;
	return list + begin;
}

/* "192.0.2.1", and as some write it "192.0.2.1:4711", "[2001:db8::1]", "[2001:db8::1]:4711". */
static bool read_hop(const char *text, size_t len, struct address *out)
{
	const char *colon = memchr(text, ':', len);
	if (len > 0 && text[0] == '[') {
		const char *close = memchr(text, ']', len);
		return close && address_read(text + 1, (size_t)(close - text) - 1, out);
	}
	if (colon && !memchr(colon + 1, ':', len - (size_t)(colon - text) - 1))
		len = (size_t)(colon - text);
	return address_read(text, len, out);
}

/* From the nearest proxy outward: the first that is not trusted is who asks.
 * What stands before it anybody may have written. */
static void find_client(const char *list, const char *chain, struct address *address)
{
	size_t len = strlen(chain), part_len;
	struct address hop;
	while (len > 0 && address_in_list(address, list)) {
		const char *part = take_last(chain, &len, &part_len);
		if (!read_hop(part, part_len, &hop))
			return;
		*address = hop;
	}
}

/* Does the last word of the header say https? */
static bool says_https(const char *proto)
{
	size_t len = strlen(proto), part_len;
	const char *part = take_last(proto, &len, &part_len);
	return part_len == 5 && strncasecmp(part, "https", 5) == 0;
}

static bool is_trusted(const struct request *request, const char *peer, struct address *address)
{
	const char *list = request->ctx->config->trusted_proxies;
	return list[0] && address_read(peer, strlen(peer), address) && address_in_list(address, list);
}

void proxy_apply(struct request *request)
{
	struct address address;
	if (!is_trusted(request, request->remote_addr, &address))
		return;
	const char *chain = request->header(request, "HTTP_X_FORWARDED_FOR");
	const char *proto = request->header(request, "HTTP_X_FORWARDED_PROTO");
	char *text = arena_alloc(request->ctx->arena, ADDRESS_TEXT);
	request->is_forwarded = true;
	if (proto)
		request->is_https = says_https(proto);
	if (chain)
		find_client(request->ctx->config->trusted_proxies, chain, &address);
	address_write(&address, text);
	request->remote_addr = text;
}

enum proxy_guess proxy_guess(const struct request *request)
{
	struct address peer, hop;
	const char *from = request->header(request, "REMOTE_ADDR");
	const char *proto = request->header(request, "HTTP_X_FORWARDED_PROTO");
	const char *chain = request->header(request, "HTTP_X_FORWARDED_FOR");
	size_t len = chain ? strlen(chain) : 0, part_len;
	if (request->is_https || request->is_forwarded || !from || !proto || !says_https(proto))
		return PROXY_NONE;
	/* mod_remoteip and the like take the address out of the header, or leave it there as it is. */
	const char *part = chain ? take_last(chain, &len, &part_len) : NULL;
	bool is_replaced = !part || (address_read(from, strlen(from), &peer) && read_hop(part, part_len, &hop) &&
				     memcmp(&peer, &hop, sizeof(peer)) == 0);
	return is_replaced ? PROXY_HIDDEN : PROXY_UNNAMED;
}
