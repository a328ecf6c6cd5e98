/*
 * Addresses of machines on the net, and lists of them as tranche.conf has them.
 *
 * IPv4 and IPv6 are one kind here: 192.0.2.1 and ::ffff:192.0.2.1 are the same
 * address.  It must not know what an address is good for.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_TEXT 46 /* with the end */

#define ADDRESS_IPV4_AT 12

struct address {
	unsigned char bytes[16]; /* IPv4 in the last four (ADDRESS_IPV4_AT), as ::ffff:a.b.c.d */
};

bool address_is_ipv4(const struct address *address);
/* Of four bytes in the net's order. */
void address_set_ipv4(struct address *address, const void *bytes);

/* Reads a bare address; false when `text` is anything else. */
bool address_read(const char *text, size_t len, struct address *out);
/* The usual way to write it, so that one address has one text. */
void address_write(const struct address *address, char out[ADDRESS_TEXT]);

/* A list is "10.1.2.3, 192.0.2.0/24, 2001:db8::/32".  A network of all addresses
 * (/0) is not taken: whoever writes it wants to trust everybody. */
bool address_list_valid(const char *list, size_t len);
/* False also for what is no list. */
bool address_in_list(const struct address *address, const char *list);

/* Addresses with a port: "10.0.0.5:8443, [fd00::5]:443". */
bool endpoint_list_valid(const char *list, size_t len);
/* Does an entry name the port, and the address (NULL = any)? */
bool endpoint_in_list(const struct address *address, int port, const char *list);

#endif
