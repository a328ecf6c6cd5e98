/*
 * One POST over https to a stranger, bounded in every way.
 *
 * The name is resolved once; every address it has must be permitted
 * (destination.h), and the connection goes to one of those that were checked, so
 * that a name which resolves otherwise a moment later gains nothing.  TLS 1.2
 * at least; the certificate must be good and be the host's.  Redirects are not
 * followed, proxies of the environment not used, cookies not kept.
 *
 * Blocks: call it by courier.h, which gives it a process of its own.  (The C
 * library's resolver can't be interrupted, and a visitor shall not wait.)
 */
#ifndef NET_HTTPS_H
#define NET_HTTPS_H

#include "net/reply.h"
#include "net/url.h"

#define HTTPS_CONNECT_MS 4000 /* to one address */

enum https_outcome {
	HTTPS_DELIVERED,       /* 2xx */
	HTTPS_STATUS,          /* another status */
	HTTPS_REDIRECT,        /* 3xx */
	HTTPS_NO_ADDRESS,      /* the name can't be resolved */
	HTTPS_BLOCKED,         /* one of its addresses is not permitted */
	HTTPS_NO_CONNECTION,
	HTTPS_TLS,             /* certificate or protocol */
	HTTPS_TIMEOUT,
	HTTPS_BAD_REPLY,       /* that was no HTTP, or the connection broke off */
	HTTPS_NOT_SENT,        /* this side could not begin: no CA file, no process */
	HTTPS_OUTCOME_COUNT
};
/* "", "status", "redirect", "no_address" …: for rows and the API. */
const char *https_outcome_name(enum https_outcome outcome);

struct https_request {
	struct url url;
	const char *allow;     /* as destination_permitted() wants it */
	const char *ca_file;   /* "" = where hosts keep them */
	const char *headers;   /* further lines, each with its CR LF */
	const char *body;
	int64_t now_utc;
	int64_t timeout_ms;    /* for all of it but the name server's answer */
};

/* Without pointers: it goes through a pipe. */
struct https_result {
	enum https_outcome outcome;
	struct reply reply;    /* its status is 0 when there was none */
	int32_t took_ms;
	char detail[256];      /* what happened, in words for people */
};

void https_post(const struct https_request *request, struct https_result *result_out);

/* The first file of certificates that this host has; NULL = none is known. */
const char *https_ca_file(void);

/* Are all addresses permitted at this port?  On false `detail` (256 bytes) says
 * which is not, and why. */
bool https_check_addresses(const struct address *list, size_t count, int port, const char *allow, char *detail);

#endif
