/*
 * Where the program may keep what nobody else shall read: the configuration,
 * and the file by which the owner proves that the site is his.
 *
 * That is the nearest folder above what the web server serves which belongs to
 * the program's owner (config_find.c looks there too); where none can be
 * written to, the program's own folder, behind .htaccess.
 */
#ifndef INSTALL_PLACE_H
#define INSTALL_PLACE_H

#include <stdbool.h>

struct place {
	char program[500];      /* the program's folder */
	char folder[500];       /* where private files go */
	char config[520];       /* what the configuration is called there */
	const char *config_name; /* the end of it */
	char below[260];        /* the folder's child that leads to the program: "public_html" */
	int levels;             /* `folder` is so many above `below`'s parent: 1 = right above the served ones */
	bool is_served;         /* the web server serves the folder */
	bool is_writable;
};

/* `document_root` and `script_name` are what the web server said (NULL = did
 * not).  False when the program does not even know where it is. */
bool place_find(const char *document_root, const char *script_name, struct place *place_out);

#endif
