/*
 * What can be seen of the host from inside a request: files as they were
 * uploaded, where private ones can go, how the program is run.
 */
#ifndef INSTALL_HOST_H
#define INSTALL_HOST_H

#include "base/finding.h"
#include "install/place.h"

/* What only the web server knows of a request. */
struct host_facts {
	bool is_safe;          /* over https, or from this machine */
	const char *proxy;     /* address of one on this machine that ends https and is not named in tranche.conf, NULL = none */
	bool is_cgi;
	bool is_rewritten;     /* the address did not name tranche.fcgi */
	const char *software;  /* SERVER_SOFTWARE, "" = unknown */
};

void host_look(const struct place *place, const struct host_facts *facts, struct findings *found);

#endif
