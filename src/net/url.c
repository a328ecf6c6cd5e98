#include "net/url.h"

#include <string.h>

#include "base/str.h"

#define SCHEME "https://"
#define LABEL_MAX 63

static bool fault(const char **why, const char *text)
{
	*why = text;
	return false;
}

static bool has_prefix(const char *text, const char *lower_prefix)
{
	for (; *lower_prefix; text++, lower_prefix++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
		if (c != *lower_prefix)
			return false;
	}
	return true;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text >= 0x7f || strchr("\"<>\\^`{|}", *text))
			return false;
	return true;
}

/* A host whose last part is a number is one in the eyes of some readers
 * (127.1, 0x7f000001, 2130706433): it must be four decimals. */
static bool looks_like_number(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot ? dot + 1 : host;
	return last[strspn(last, "0123456789")] == '\0' || (last[0] == '0' && last[1] == 'x');
}

static bool check_name(const char *host, const char **why)
{
	size_t label = 0;
	for (const char *c = host;; c++) {
		bool is_end = *c == '.' || *c == '\0';
		if (is_end && (!label || label > LABEL_MAX || c[-1] == '-'))
			return fault(why, "has a host name that can't be: an empty part, one of more than 63 letters, or a dash at an end");
		if (*c == '\0')
			return true;
		if (*c == '-' && !label)
			return fault(why, "has a host name that can't be: a dash at the beginning of a part");
		if (!is_end && !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c))
			return fault(why, "has a host name with other characters than letters, digits, dots and dashes");
		label = is_end ? 0 : label + 1;
	}
}

static bool check_host(struct url *url, const char **why)
{
	if (url->host[0] && url->host[strlen(url->host) - 1] == '.')
		return fault(why, "has a dot at the end of the host's name");
	if (!looks_like_number(url->host))
		return check_name(url->host, why);
	url->is_address = true;
	return address_read(url->host, strlen(url->host), &url->address) ||
	       fault(why, "has a number as host that is not written as four decimals, such as 192.0.2.1");
}

/* "[2001:db8::1]" from `text` of `len` bytes. */
static bool read_bracketed(const char *text, size_t len, struct url *url, const char **why)
{
	if (len < 4 || len - 2 >= ADDRESS_TEXT || text[len - 1] != ']')
		return fault(why, "has a host in brackets that is no IPv6 address");
	memcpy(url->host, text + 1, len - 2);
	url->is_address = true;
	return (address_read(url->host, strlen(url->host), &url->address) && !address_is_ipv4(&url->address)) ||
	       fault(why, "has a host in brackets that is no IPv6 address");
}

/* "host", "host:port", "[address]:port". */
static bool read_authority(const char *text, size_t len, struct url *url, const char **why)
{
	size_t host_len = text[0] == '[' ? strcspn(text, "]") + 1 : strcspn(text, ":/?");
	int64_t port = 443;
	if (host_len > len)
		return fault(why, "has a host in brackets that is no IPv6 address");
	if (memchr(text, '@', len))
		return fault(why, "holds a user name; put a secret into the path instead");
	if (!host_len)
		return fault(why, "names no host");
	if (host_len >= sizeof(url->host))
		return fault(why, "has a host name of more than 253 letters");
	if (host_len < len && (text[host_len] != ':' || !parse_i64(text + host_len + 1, len - host_len - 1, &port) ||
			       text[host_len + 1] < '1' || text[host_len + 1] > '9' || port > 65535))
		return fault(why, "has a port that is no number from 1 to 65535");
	url->port = (int)port;
	if (text[0] == '[')
		return read_bracketed(text, host_len, url, why);
	for (size_t i = 0; i < host_len; i++)
		url->host[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
	return check_host(url, why);
}

bool url_read(const char *text, struct url *url, const char **why)
{
	*url = (struct url){ .port = 443 };
	*why = NULL;
	if (strlen(text) > URL_MAX)
		return fault(why, "has more than 500 characters");
	if (!has_prefix(text, SCHEME))
		return fault(why, "must begin with https://");
	if (!is_plain(text))
		return fault(why, "holds a blank or another character that must be written with % (a name with foreign letters: xn--…)");
	if (strchr(text, '#'))
		return fault(why, "holds a #, which is never sent");
	text += sizeof(SCHEME) - 1;
	size_t len = strcspn(text, "/?");
	if (!read_authority(text, len, url, why))
		return false;
	text += len;
	str_copy(url->path, sizeof(url->path), text[0] == '/' ? text : "/");
	if (text[0] == '?')
		str_copy(url->path + 1, sizeof(url->path) - 1, text);
	return true;
}
