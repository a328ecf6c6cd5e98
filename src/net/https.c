#include "net/https.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/destination.h"

#define ADDRESSES_MAX 16
#define ADDRESSES_TRIED 3
#define REPLY_MAX 20480 /* the head, and enough of the body */

/* One delivery under way. */
struct call {
	const struct https_request *request;
	struct https_result *result;
	int64_t until_ms;
	int fd;
	SSL_CTX *tls;
	SSL *ssl;
	bool is_agreed; /* TLS is; OpenSSL's own idea of it changes with what comes later */
};

const char *https_outcome_name(enum https_outcome outcome)
{
	static const char *const names[HTTPS_OUTCOME_COUNT] = {
		[HTTPS_DELIVERED] = "",	       [HTTPS_STATUS] = "status",    [HTTPS_REDIRECT] = "redirect",
		[HTTPS_NO_ADDRESS] = "no_address", [HTTPS_BLOCKED] = "blocked",  [HTTPS_NO_CONNECTION] = "no_connection",
		[HTTPS_TLS] = "tls",	       [HTTPS_TIMEOUT] = "timeout",  [HTTPS_BAD_REPLY] = "bad_reply",
		[HTTPS_NOT_SENT] = "not_sent",
	};
	return (unsigned)outcome < HTTPS_OUTCOME_COUNT ? names[outcome] : "not_sent";
}

static bool ended(struct call *call, enum https_outcome outcome, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool ended(struct call *call, enum https_outcome outcome, const char *format, ...)
{
	char text[sizeof(call->result->detail)];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	call->result->outcome = outcome;
	str_copy(call->result->detail, sizeof(call->result->detail), text);
	return false;
}

/* --- addresses ------------------------------------------------------------------- */

bool https_check_addresses(const struct address *list, size_t count, int port, const char *allow, char *detail)
{
	for (size_t i = 0; i < count; i++) {
		char text[ADDRESS_TEXT];
		const char *why = destination_blocked(&list[i]);
		if (destination_permitted(&list[i], port, allow))
			continue;
		address_write(&list[i], text);
		if (why)
			snprintf(detail, 256, "It leads to %s, which is %s", text, why);
		else
			snprintf(detail, 256, "Port %d is not one that webhooks may use (443, 8443)", port);
		return false;
	}
	return true;
}

/* The site's own name servers are asked, once. */
static bool resolve(struct call *call, struct address *list, size_t *count)
{
	const struct url *url = &call->request->url;
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found;
	*count = 0;
	if (url->is_address) {
		list[(*count)++] = url->address;
		return true;
	}
	int error = getaddrinfo(url->host, NULL, &hints, &found);
	if (error)
		return ended(call, HTTPS_NO_ADDRESS, "The name %.100s can't be resolved (%s)", url->host, gai_strerror(error));
	for (const struct addrinfo *at = found; at && *count < ADDRESSES_MAX; at = at->ai_next) {
		struct address *address = &list[*count];
		if (at->ai_family == AF_INET6)
			memcpy(address->bytes, &((const struct sockaddr_in6 *)(const void *)at->ai_addr)->sin6_addr, 16);
		else if (at->ai_family == AF_INET)
			address_set_ipv4(address, &((const struct sockaddr_in *)(const void *)at->ai_addr)->sin_addr);
		else
			continue;
		++*count;
	}
	freeaddrinfo(found);
	return *count > 0 || ended(call, HTTPS_NO_ADDRESS, "The name %.100s has no address", url->host);
}

/* --- connecting ------------------------------------------------------------------- */

/* Waits until the socket can be read or written; false when the time is up. */
static bool wait_for(const struct call *call, short events, int64_t until_ms)
{
	for (;;) {
		struct pollfd wanted = { .fd = call->fd, .events = events };
		int64_t left_ms = (until_ms < call->until_ms ? until_ms : call->until_ms) - monotonic_ms();
		int ready = left_ms > 0 ? poll(&wanted, 1, (int)left_ms) : 0;
		if (ready >= 0 || errno != EINTR)
			return ready > 0;
	}
}

static socklen_t to_sockaddr(const struct address *address, int port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (!address_is_ipv4(address)) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		memcpy(&v6->sin6_addr, address->bytes, sizeof(address->bytes));
		return sizeof(*v6);
	}
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
	v4->sin_family = AF_INET;
	v4->sin_port = htons((uint16_t)port);
	memcpy(&v4->sin_addr, address->bytes + ADDRESS_IPV4_AT, sizeof(v4->sin_addr));
	return sizeof(*v4);
}

/* To one address; false with errno. */
static bool connect_to(struct call *call, const struct address *address)
{
	struct sockaddr_storage to;
	socklen_t to_len = to_sockaddr(address, call->request->url.port, &to), error_len = sizeof(int);
	int error = 0;
	call->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (call->fd < 0)
		return false;
	if (connect(call->fd, (const struct sockaddr *)(const void *)&to, to_len) == 0)
		return true;
	if (errno == EINPROGRESS) {
		if (!wait_for(call, POLLOUT, monotonic_ms() + HTTPS_CONNECT_MS))
			error = ETIMEDOUT;
		else if (getsockopt(call->fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
			error = errno;
		if (!error)
			return true;
		errno = error;
	}
	error = errno;
	close(call->fd);
	call->fd = -1;
	errno = error;
	return false;
}

/* Many hosts have no IPv6: the next address is tried. */
static bool connect_any(struct call *call)
{
	struct address list[ADDRESSES_MAX];
	char why[256], text[ADDRESS_TEXT] = "";
	size_t count;
	int error = 0;
	if (!resolve(call, list, &count))
		return false;
	if (!https_check_addresses(list, count, call->request->url.port, call->request->allow, why))
		return ended(call, HTTPS_BLOCKED, "%s", why);
	for (size_t i = 0; i < count && i < ADDRESSES_TRIED; i++) {
		if (connect_to(call, &list[i]))
			return true;
		error = errno;
		address_write(&list[i], text);
	}
	return ended(call, error == ETIMEDOUT ? HTTPS_TIMEOUT : HTTPS_NO_CONNECTION, "No connection to %s, port %d (%s)", text,
		     call->request->url.port, strerror(error));
}

/* --- TLS ---------------------------------------------------------------------------- */

const char *https_ca_file(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem", "/usr/local/share/certs/ca-root-nss.crt", "/usr/share/ssl/certs/ca-bundle.crt",
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* Waits as OpenSSL asks for; false when the call has failed or the time is up. */
static bool may_go_on(struct call *call, int returned, const char *doing)
{
	int want = SSL_get_error(call->ssl, returned);
	if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE)
		return wait_for(call, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, call->until_ms) ||
		       ended(call, HTTPS_TIMEOUT, "The time was up while %s", doing);
	long verified = SSL_get_verify_result(call->ssl);
	const char *reason = verified != X509_V_OK ? X509_verify_cert_error_string(verified) : ERR_reason_error_string(ERR_peek_last_error());
	if (!call->is_agreed)
		return ended(call, HTTPS_TLS, "TLS: %s", reason ? reason : "the other side broke it off");
	return ended(call, HTTPS_BAD_REPLY, "The connection broke off while %s", doing);
}

/* A certificate for a number names it otherwise than one for a name. */
static bool expect_host(struct call *call)
{
	const struct url *url = &call->request->url;
	if (url->is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(call->ssl), url->host) == 1;
	SSL_set_hostflags(call->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(call->ssl, url->host) == 1 && SSL_set_tlsext_host_name(call->ssl, url->host) == 1;
}

static bool begin_tls(struct call *call)
{
	const char *ca = call->request->ca_file[0] ? call->request->ca_file : https_ca_file();
	int returned;
	if (!ca)
		return ended(call, HTTPS_NOT_SENT, "This host keeps its certificates at an unknown place: set webhook_ca_file in tranche.conf");
	call->tls = SSL_CTX_new(TLS_client_method());
	if (!call->tls || SSL_CTX_set_min_proto_version(call->tls, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_load_verify_locations(call->tls, ca, NULL) != 1)
		return ended(call, HTTPS_NOT_SENT, "The certificates in %.150s can't be read", ca);
	SSL_CTX_set_verify(call->tls, SSL_VERIFY_PEER, NULL);
	call->ssl = SSL_new(call->tls);
	if (!call->ssl || !expect_host(call) || SSL_set_fd(call->ssl, call->fd) != 1)
		return ended(call, HTTPS_NOT_SENT, "TLS can't be begun");
	while ((returned = SSL_connect(call->ssl)) != 1)
		if (!may_go_on(call, returned, "TLS was being agreed"))
			return false;
	call->is_agreed = true;
	return true;
}

/* --- HTTP --------------------------------------------------------------------------- */

static bool send_all(struct call *call)
{
	const struct https_request *request = call->request;
	const struct url *url = &request->url;
	struct str text = STR_INIT;
	bool is_v6 = url->is_address && !address_is_ipv4(&url->address);
	str_addf(&text, "POST %s HTTP/1.1\r\nHost: %s%s%s", url->path, is_v6 ? "[" : "", url->host, is_v6 ? "]" : "");
	if (url->port != 443)
		str_addf(&text, ":%d", url->port);
	str_addf(&text, "\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s", request->headers, strlen(request->body), request->body);
	bool ok = true;
	for (size_t sent = 0; ok && sent < text.len;) {
		int wrote = SSL_write(call->ssl, text.data + sent, (int)(text.len - sent));
		if (wrote > 0)
			sent += (size_t)wrote;
		else
			ok = may_go_on(call, wrote, "it was being sent");
	}
	str_free(&text);
	return ok;
}

static bool judge(struct call *call)
{
	int status = call->result->reply.status;
	if (status >= 200 && status < 300)
		return ended(call, HTTPS_DELIVERED, "Answered with %d", status);
	if (status >= 300 && status < 400)
		return ended(call, HTTPS_REDIRECT, "Answered with %d: redirects are not followed; give the address it leads to", status);
	return ended(call, HTTPS_STATUS, "Answered with %d; only 2xx says that it was taken", status);
}

static bool receive(struct call *call)
{
	static char bytes[REPLY_MAX]; /* one call at a time, and the process ends after it */
	size_t len = 0;
	for (;;) {
		int got = SSL_read(call->ssl, bytes + len, (int)(sizeof(bytes) - len));
		len += got > 0 ? (size_t)got : 0;
		bool has_status = len > 0 && reply_read(bytes, len, true, call->request->now_utc, &call->result->reply) == REPLY_WHOLE;
		if (got <= 0 && !may_go_on(call, got, "the reply was awaited"))
			/* Its status counts though the body broke off or dawdled. */
			return has_status && judge(call);
		if (got <= 0)
			continue;
		enum reply_reading reading =
			reply_read(bytes, len, len == sizeof(bytes), call->request->now_utc, &call->result->reply);
		if (reading == REPLY_BAD)
			return ended(call, HTTPS_BAD_REPLY, "What came back is not HTTP");
		if (reading == REPLY_WHOLE)
			return judge(call);
	}
}

void https_post(const struct https_request *request, struct https_result *result)
{
	int64_t began_ms = monotonic_ms();
	struct call call = { .request = request, .result = result, .until_ms = began_ms + request->timeout_ms, .fd = -1 };
	*result = (struct https_result){ .outcome = HTTPS_NOT_SENT };
	ERR_clear_error();
	if (connect_any(&call) && begin_tls(&call) && send_all(&call))
		(void)receive(&call);
	SSL_free(call.ssl);
	SSL_CTX_free(call.tls);
	if (call.fd >= 0)
		close(call.fd);
	ERR_clear_error();
	result->took_ms = (int32_t)(monotonic_ms() - began_ms);
}
