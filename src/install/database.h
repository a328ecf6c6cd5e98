/*
 * Trying a database before it is written into a configuration: can it be
 * reached with these settings, and if not, why, in plain words; may this user
 * do there what Tranche needs; is it the right kind of server.
 */
#ifndef INSTALL_DATABASE_H
#define INSTALL_DATABASE_H

#include <stdint.h>

#include "base/config.h"
#include "base/finding.h"

struct database_trial {
	bool connected;
	const char *field;      /* of the form that the failure is about, "" = none in particular */
	const char *message;    /* why it can't be reached */
	const char *mend;
	bool is_installed;      /* Tranche's tables are there, with an administrator */
	struct findings found;  /* once connected */
};

/* Connects with the db_* and table_prefix of `config`, looks, tries and leaves
 * nothing behind.  Texts in the arena. */
void database_try(struct arena *arena, const struct config *config, struct database_trial *trial_out);

#endif
