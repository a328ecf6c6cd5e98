/*
 * People and roles, for those who manage them.
 */
#ifndef VIEWS_PAGE_USERS_H
#define VIEWS_PAGE_USERS_H

#include "rules/permission.h"
#include "views/meanwhile.h"

struct person_view {
	int64_t id;
	const char *name, *display_name;
	const char *roles;         /* comma-separated */
	bool is_active, password_due, has_second_factor;
	int64_t sessions;
	int64_t created_at;
};

struct users_page {
	const struct frame *frame;
	const char *note;          /* what was just done, or NULL */
	const struct person_view *people;
	size_t count;
	int64_t after, next_after; /* 0 = none */
};
void page_users(struct str *out, const struct users_page *page);

struct role_choice {
	const char *name;
	bool is_chosen;
};

struct user_form {
	const struct frame *frame;
	const struct issues *issues;
	const char *note;
	const struct person_view *person; /* NULL = a new one */
	const char *name, *display_name, *timezone; /* as they stand in the fields */
	const struct role_choice *roles;
	size_t role_count;
	bool is_self;
	int64_t row_version;       /* that it shows */
	const struct meanwhile *meanwhile; /* NULL = nobody else was at it */
};
void page_user_form(struct str *out, const struct user_form *form);
/* A password that the program made, shown once. */
void page_given_password(struct str *out, const struct frame *frame, int64_t id, const char *name, const char *password);
/* `batches` unfinished ones would be paused. */
void page_user_off(struct str *out, const struct frame *frame, const struct person_view *person, size_t batches);

struct role_view {
	int64_t id;                /* 0 = a new one */
	const char *name;
	bool is_standard;
	int64_t people;
	const struct grant *grants; /* PERMIT_COUNT of them, PERMIT_NONE where there is none */
};

struct roles_page {
	const struct frame *frame;
	const char *note;
	const struct role_view *roles;
	size_t count;
};
void page_roles(struct str *out, const struct roles_page *page);

struct role_form {
	const struct frame *frame;
	const struct issues *issues;
	struct role_view role;
	int64_t row_version;       /* that it shows */
	const struct meanwhile *meanwhile; /* NULL = nobody else was at it */
};
void page_role_form(struct str *out, const struct role_form *form);

#endif
