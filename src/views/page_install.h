/*
 * The installer's pages (/install…) and the one that brings an older database
 * up to date (/upgrade).
 */
#ifndef VIEWS_PAGE_INSTALL_H
#define VIEWS_PAGE_INSTALL_H

#include "base/config.h"
#include "base/finding.h"
#include "views/layout.h"

enum install_step { STEP_PROOF, STEP_HOST, STEP_DATABASE, STEP_TABLES, STEP_ADMIN, STEP_DONE, STEP_COUNT };

struct proof_page {
	const struct frame *frame;
	const struct issues *issues;  /* NULL = none */
	const char *path;             /* the form goes here: "/install" or "/upgrade" */
	bool is_upgrade;
	bool is_safe;                 /* passwords can be sent from here */
	const char *proxy;            /* address that may be a proxy's which ends https, NULL = none */
	bool is_proxy_hidden;         /* one that the web server hides: it has no address here */
	bool is_writable;
	bool is_served;               /* the file lies beside the program */
	bool has_code;                /* a file with a code is there */
	bool has_session;             /* somebody has shown one */
	int64_t code_until;
	const char *config_name;      /* what the configuration is called */
	const char *folder;           /* "the folder that contains “public_html”" is made of it */
	int levels;
};
void page_install_proof(struct str *out, const struct proof_page *page);

struct host_page {
	const struct frame *frame;
	const struct findings *found;
	const char *guard;            /* name of a file beside the program that must not be served, NULL = none needed */
	const char *guard_text;       /* what stands in it */
};
void page_install_host(struct str *out, const struct host_page *page);

struct database_page {
	const struct frame *frame;
	const struct issues *issues;
	const struct findings *found; /* of the last trial, NULL = none */
	const struct config *given;   /* what the fields hold; never the password */
	const char *place;            /* where the configuration goes */
};
void page_install_database(struct str *out, const struct database_page *page);

struct tables_page {
	const struct frame *frame;
	const struct issues *issues;
	int done, total;
	bool is_running;              /* the page goes on by itself */
	bool is_upgrade;
	int64_t open_jobs;            /* that wait meanwhile */
	const char *action;           /* path of the form */
};
void page_install_tables(struct str *out, const struct tables_page *page);

struct admin_page {
	const struct frame *frame;
	const struct issues *issues;
	const char *name, *display_name;
};
void page_install_admin(struct str *out, const struct admin_page *page);

void page_install_done(struct str *out, const struct frame *frame, bool is_signed_in);

/* What visitors see while the database is older than the program. */
void page_upgrade_wait(struct str *out, const struct frame *frame);
void page_upgrade_done(struct str *out, const struct frame *frame, int64_t open_jobs);

#endif
