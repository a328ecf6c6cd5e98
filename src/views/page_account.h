/*
 * The account of the person who is signed in: password, time zone, second
 * factor, sessions, API tokens.
 */
#ifndef VIEWS_PAGE_ACCOUNT_H
#define VIEWS_PAGE_ACCOUNT_H

#include "rules/permission.h"
#include "views/layout.h"

struct session_view {
	const char *id;            /* hexadecimal, for the form that ends it */
	int64_t created_at, seen_at;
	const char *address, *agent;
	bool is_own;               /* that of this very browser */
};

struct token_view {
	int64_t id;
	const char *label;
	const char *permissions;   /* comma-separated names; NULL = all of the person's */
	int64_t created_at, expires_at, used_at; /* 0 = never */
};

struct account_page {
	const struct frame *frame;
	const struct issues *issues;
	const char *note;          /* what was just done, or NULL */
	const char *name;          /* to sign in with */
	const char *timezone;      /* as typed */
	bool has_second_factor;
	int64_t codes_left;
	const struct session_view *sessions;
	size_t session_count;
	const struct token_view *tokens;
	size_t token_count;
};
void page_account(struct str *out, const struct account_page *page);

/* `is_due`: the present one came from somebody else. */
void page_password(struct str *out, const struct frame *frame, const struct issues *issues, bool is_due);

struct factor_page {
	const struct frame *frame;
	const struct issues *issues;
	bool is_on;
	bool is_readable;          /* the site's key still opens it */
	const char *key;           /* base32 in groups, to be confirmed; NULL = none offered */
	const char *uri;           /* otpauth://…, with `key` */
	int64_t codes_left;
};
void page_factor(struct str *out, const struct factor_page *page);
/* Shown once. */
void page_recovery_codes(struct str *out, const struct frame *frame, const char *const *codes, size_t count);

/* Between the password and being signed in. */
void page_login_code(struct str *out, const struct frame *frame, const struct issues *issues, const char *step, const char *next);

struct token_form {
	const struct frame *frame;
	const struct issues *issues;
	const char *label;
	int64_t days;
	bool offered[PERMIT_COUNT]; /* what the person may */
	bool chosen[PERMIT_COUNT];
};
void page_token_form(struct str *out, const struct token_form *form);
/* The new token's text, shown once. */
void page_token_made(struct str *out, const struct frame *frame, const struct token_view *token, const char *secret);
void page_token_delete(struct str *out, const struct frame *frame, const struct token_view *token);

/* "Everything you may", or the names of permissions in words. */
void token_scope(struct str *out, const char *permissions);
/* "Firefox on Linux" from a User-Agent. */
void browser_words(struct str *out, const char *agent);

#endif
