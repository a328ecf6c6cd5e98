/*
 * Which addresses of the internet this program may connect to.
 *
 * Somebody gives the address of a webhook, and this host stands where that
 * person does not: beside databases, panels and the cloud's own services.  So
 * nothing but the public net is reached, unless the site's owner names an
 * address and port (webhook_allow).  Ranges: the special-purpose registries of
 * IANA (RFC 6890, RFC 8190).  Pure.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
	bool is_v6;
	unsigned char bytes[16]; /* the first four of an IPv4 address */
};

#define ADDRESS_TEXT_SIZE 46

/* "192.0.2.1" (four decimal numbers and nothing else) or "2001:db8::1". */
bool address_read(const char *text, struct address *address_out);
void address_text(const struct address *address, char out[ADDRESS_TEXT_SIZE]);

/* Why an address is not one of the public net, e.g. "private"; NULL = it is.
 * IPv4 addresses that travel inside IPv6 ones (mapped, NAT64, 6to4, Teredo) are
 * refused whatever they hold. */
const char *address_blocked(const struct address *address);

/* May this be connected to?  Public at port 443 or 8443, or named with this
 * port in `allow` ("10.0.0.5:8443, [fd00::5]:443"). */
bool address_permitted(const struct address *address, int port, const char *allow);
/* Can any address be permitted at this port? */
bool address_port_permitted(int port, const char *allow);
/* The first entry of `allow` that can't be read; NULL = all can. */
const char *address_list_fault(const char *allow);

#endif
