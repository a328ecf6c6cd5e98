/*
 * Which addresses of the internet this program may connect to.
 *
 * Somebody gives the address of a webhook, and this host stands where that
 * person does not: beside databases, panels and the cloud's own services.  So
 * nothing but the public net is reached, unless the site's owner names an
 * address and port (webhook_allow).  Ranges: the special-purpose registries of
 * IANA (RFC 6890, RFC 8190).  Pure.
 */
#ifndef NET_DESTINATION_H
#define NET_DESTINATION_H

#include "base/address.h"

/* Why an address is not one of the public net, e.g. "private"; NULL = it is.
 * An IPv4 address mapped into IPv6 is judged as the IPv4 address it is; those
 * that travel inside IPv6 ones (NAT64, 6to4, Teredo) are refused whatever they
 * hold. */
const char *destination_blocked(const struct address *address);

/* May this be connected to?  Public at port 443 or 8443, or named with this
 * port in `allow` ("10.0.0.5:8443, [fd00::5]:443"). */
bool destination_permitted(const struct address *address, int port, const char *allow);
/* Can any address be permitted at this port? */
bool destination_port_permitted(int port, const char *allow);

#endif
