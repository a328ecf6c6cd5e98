/*
 * The pages' rows of the route table (routes.c).
 *
 * Pages check a form's token themselves, because reading it means reading the
 * body; what a person may see of a batch is the engine's decision.
 */
#ifndef WEB_PAGE_ROUTES_H
#define WEB_PAGE_ROUTES_H

#include "web/pages.h"

#define PAGE_VISIBLE (ROUTE_PAGE | ROUTE_PUBLIC)
#define PAGE_OF_USER (ROUTE_PAGE | ROUTE_ANY_USER)
#define PAGE_FORM (ROUTE_PAGE | ROUTE_OWN_CSRF)
#define PAGE_SETUP (ROUTE_PAGE | ROUTE_PUBLIC | ROUTE_NO_DATABASE | ROUTE_OWN_CSRF | ROUTE_SETUP)
#define PAGE_UPGRADE (ROUTE_PAGE | ROUTE_PUBLIC | ROUTE_OWN_CSRF | ROUTE_ANY_SCHEMA)

/* clang-format off */
#define PAGE_ROUTES                                                                                                    \
	{ METHOD_GET,  "/",                    PERMIT_NONE,                   PAGE_OF_USER,               get_dashboard },     \
	{ METHOD_GET,  "/login",               PERMIT_NONE,                   PAGE_VISIBLE | ROUTE_ANY_SCHEMA, get_login },    \
	{ METHOD_POST, "/login",               PERMIT_NONE,                   PAGE_FORM | ROUTE_PUBLIC | ROUTE_ANY_SCHEMA, post_login }, \
	{ METHOD_POST, "/logout",              PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER | ROUTE_PASSWORD_DUE | ROUTE_ANY_SCHEMA, post_logout }, \
	{ METHOD_GET,  "/login/code",           PERMIT_NONE,                   PAGE_VISIBLE | ROUTE_ANY_SCHEMA, get_login_code }, \
	{ METHOD_POST, "/login/code",           PERMIT_NONE,                   PAGE_FORM | ROUTE_PUBLIC | ROUTE_ANY_SCHEMA, post_login_code }, \
	{ METHOD_GET,  "/account",              PERMIT_NONE,                   PAGE_OF_USER,               get_account },    \
	{ METHOD_POST, "/account/timezone",     PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_account_timezone }, \
	{ METHOD_POST, "/account/sessions",     PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_account_sessions }, \
	{ METHOD_GET,  "/account/password",     PERMIT_NONE,                   PAGE_OF_USER | ROUTE_PASSWORD_DUE, get_account_password }, \
	{ METHOD_POST, "/account/password",     PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER | ROUTE_PASSWORD_DUE, post_account_password }, \
	{ METHOD_GET,  "/account/second-factor", PERMIT_NONE,                   PAGE_OF_USER,               get_second_factor }, \
	{ METHOD_POST, "/account/second-factor/begin", PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_factor_begin }, \
	{ METHOD_POST, "/account/second-factor/confirm", PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_factor_confirm }, \
	{ METHOD_POST, "/account/second-factor/codes", PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_factor_codes }, \
	{ METHOD_POST, "/account/second-factor/off", PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_factor_off }, \
	{ METHOD_GET,  "/account/tokens/new",   PERMIT_NONE,                   PAGE_OF_USER,               get_token_new },  \
	{ METHOD_POST, "/account/tokens/new",   PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_token_new }, \
	{ METHOD_GET,  "/account/tokens/{id}/delete", PERMIT_NONE,                   PAGE_OF_USER,               get_token_delete }, \
	{ METHOD_POST, "/account/tokens/{id}/delete", PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_token_delete }, \
	{ METHOD_POST, "/look",                PERMIT_NONE,                   PAGE_FORM | ROUTE_PUBLIC,   post_look },         \
	{ METHOD_GET,  "/look.css",            PERMIT_NONE,                   PAGE_VISIBLE | ROUTE_NO_DATABASE | ROUTE_SETUP, get_look_css }, \
	{ METHOD_GET,  "/events",              PERMIT_VIEW_SCHEDULED_CONTENT, ROUTE_PAGE,                 get_events_page },   \
	{ METHOD_GET,  "/events/{id}",         PERMIT_VIEW_SCHEDULED_CONTENT, ROUTE_PAGE,                 get_event_page },    \
	{ METHOD_GET,  "/events/{id}/restore", PERMIT_SCHEDULE_CONTENT,       ROUTE_PAGE,                 get_event_restore }, \
	{ METHOD_POST, "/events/{id}/restore", PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_event_restore_page }, \
	{ METHOD_GET,  "/new-event",           PERMIT_SCHEDULE_CONTENT,       ROUTE_PAGE,                 get_event_new },     \
	{ METHOD_POST, "/new-event",           PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_event_new },    \
	{ METHOD_GET,  "/events/{id}/edit",    PERMIT_SCHEDULE_CONTENT,       ROUTE_PAGE,                 get_event_edit },    \
	{ METHOD_POST, "/events/{id}/edit",    PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_event_edit },   \
	{ METHOD_GET,  "/events/{id}/series",  PERMIT_VIEW_SCHEDULED_CONTENT, ROUTE_PAGE,                 get_series_page },   \
	{ METHOD_POST, "/events/{id}/series",  PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_series_page },  \
	{ METHOD_GET,  "/calendar",            PERMIT_VIEW_SCHEDULED_CONTENT, ROUTE_PAGE,                 get_calendar_page }, \
	{ METHOD_GET,  "/bulk/new",            PERMIT_SCHEDULE_CONTENT,       ROUTE_PAGE,                 get_bulk },          \
	{ METHOD_POST, "/bulk/new",            PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_bulk },         \
	{ METHOD_GET,  "/bulk/change",         PERMIT_SCHEDULE_CONTENT,       ROUTE_PAGE,                 get_change },        \
	{ METHOD_POST, "/bulk/change",         PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_change },       \
	{ METHOD_GET,  "/jobs",                PERMIT_NONE,                   PAGE_OF_USER,               get_jobs_page },     \
	{ METHOD_GET,  "/jobs/{id}",           PERMIT_NONE,                   PAGE_OF_USER,               get_job_page },      \
	{ METHOD_GET,  "/jobs/{id}/cancel",    PERMIT_NONE,                   PAGE_OF_USER,               get_job_cancel },    \
	{ METHOD_POST, "/jobs/{id}/cancel",    PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_cancel },   \
	{ METHOD_GET,  "/jobs/{id}/undo",      PERMIT_NONE,                   PAGE_OF_USER,               get_job_undo },      \
	{ METHOD_POST, "/jobs/{id}/undo",      PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_undo },     \
	{ METHOD_GET,  "/jobs/{id}/conflicts", PERMIT_NONE,                   PAGE_OF_USER,               get_job_conflicts },  \
	{ METHOD_GET,  "/jobs/{id}/decide",    PERMIT_RESOLVE_CONFLICTS,      ROUTE_PAGE,                 get_job_decide },     \
	{ METHOD_POST, "/jobs/{id}/conflicts", PERMIT_RESOLVE_CONFLICTS,      PAGE_FORM,                  post_job_conflicts }, \
	{ METHOD_POST, "/jobs/{id}/pause",     PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_pause },    \
	{ METHOD_POST, "/jobs/{id}/resume",    PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_resume },   \
	{ METHOD_POST, "/jobs/{id}/retry",     PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_retry },    \
	{ METHOD_POST, "/jobs/{id}/start",     PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_start },    \
	{ METHOD_POST, "/jobs/{id}/continue",  PERMIT_NONE,                   PAGE_FORM | ROUTE_ANY_USER, post_job_continue }, \
	{ METHOD_POST, "/jobs/{id}/run",       PERMIT_SCHEDULE_CONTENT,       PAGE_FORM,                  post_job_run },      \
	{ METHOD_GET,  "/restrictions",        PERMIT_VIEW_SCHEDULED_CONTENT, ROUTE_PAGE,                 get_restrictions_page }, \
	{ METHOD_GET,  "/restrictions/new",    PERMIT_RESOLVE_CONFLICTS,      ROUTE_PAGE,                 get_restriction_new }, \
	{ METHOD_POST, "/restrictions/new",    PERMIT_RESOLVE_CONFLICTS,      PAGE_FORM,                  post_restriction_new }, \
	{ METHOD_GET,  "/restrictions/{id}",   PERMIT_RESOLVE_CONFLICTS,      ROUTE_PAGE,                 get_restriction_page }, \
	{ METHOD_POST, "/restrictions/{id}",   PERMIT_RESOLVE_CONFLICTS,      PAGE_FORM,                  post_restriction_page }, \
	{ METHOD_GET,  "/restrictions/{id}/delete", PERMIT_RESOLVE_CONFLICTS, ROUTE_PAGE,                 get_restriction_delete }, \
	{ METHOD_POST, "/restrictions/{id}/delete", PERMIT_RESOLVE_CONFLICTS, PAGE_FORM,                  post_restriction_delete }, \
	{ METHOD_GET,  "/workers",             PERMIT_VIEW_DASHBOARD,         ROUTE_PAGE,                 get_workers_page },  \
	{ METHOD_POST, "/workers/tick",        PERMIT_TICK,                   PAGE_FORM,                  post_tick_address }, \
	{ METHOD_GET,  "/workers/{uuid}",      PERMIT_VIEW_DASHBOARD,         ROUTE_PAGE,                 get_worker_page }, \
	{ METHOD_GET,  "/errors",              PERMIT_VIEW_DASHBOARD,         ROUTE_PAGE,                 get_errors_page },   \
	{ METHOD_GET,  "/errors/{id}",         PERMIT_VIEW_DASHBOARD,         ROUTE_PAGE,                 get_error_page },    \
	{ METHOD_POST, "/errors/{id}",         PERMIT_MANAGE_BATCHES,         PAGE_FORM,                  post_error_page },   \
	{ METHOD_GET,  "/users",                PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_users_page }, \
	{ METHOD_GET,  "/users/new",            PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_user_new },   \
	{ METHOD_POST, "/users/new",            PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_user_new },  \
	{ METHOD_GET,  "/users/{id}",           PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_user_page },  \
	{ METHOD_POST, "/users/{id}",           PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_user_page }, \
	{ METHOD_GET,  "/users/{id}/deactivate", PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_user_off },  \
	{ METHOD_POST, "/users/{id}/deactivate", PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_user_off }, \
	{ METHOD_POST, "/users/{id}/activate",  PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_user_on },   \
	{ METHOD_POST, "/users/{id}/password",  PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_user_password }, \
	{ METHOD_POST, "/users/{id}/second-factor", PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_user_factor }, \
	{ METHOD_GET,  "/roles",                PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_roles_page }, \
	{ METHOD_GET,  "/roles/new",            PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_role_new },   \
	{ METHOD_POST, "/roles/new",            PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_role_new },  \
	{ METHOD_GET,  "/roles/{id}",           PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_role_page },  \
	{ METHOD_POST, "/roles/{id}",           PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_role_page }, \
	{ METHOD_POST, "/roles/{id}/delete",    PERMIT_MANAGE_USERS,           PAGE_FORM,                  post_role_delete }, \
	{ METHOD_GET,  "/webhooks",                                   PERMIT_MANAGE_BATCHES, ROUTE_PAGE, get_webhooks_page }, \
	{ METHOD_GET,  "/webhooks/new",                               PERMIT_MANAGE_BATCHES, ROUTE_PAGE, get_webhook_new }, \
	{ METHOD_POST, "/webhooks/new",                               PERMIT_MANAGE_BATCHES, PAGE_FORM,  post_webhook_new }, \
	{ METHOD_GET,  "/webhooks/{id}",                              PERMIT_MANAGE_BATCHES, ROUTE_PAGE, get_webhook_page }, \
	{ METHOD_POST, "/webhooks/{id}",                              PERMIT_MANAGE_BATCHES, PAGE_FORM,  post_webhook_page }, \
	{ METHOD_GET,  "/webhooks/{id}/secret",                       PERMIT_MANAGE_BATCHES, ROUTE_PAGE, get_webhook_secret }, \
	{ METHOD_POST, "/webhooks/{id}/secret",                       PERMIT_MANAGE_BATCHES, PAGE_FORM,  post_webhook_secret_page }, \
	{ METHOD_GET,  "/webhooks/{id}/delete",                       PERMIT_MANAGE_BATCHES, ROUTE_PAGE, get_webhook_delete }, \
	{ METHOD_POST, "/webhooks/{id}/delete",                       PERMIT_MANAGE_BATCHES, PAGE_FORM,  post_webhook_delete }, \
	{ METHOD_POST, "/webhooks/{id}/test",                         PERMIT_MANAGE_BATCHES, PAGE_FORM,  post_webhook_test_page }, \
	{ METHOD_POST, "/webhooks/{id}/deliveries/{delivery}/retry",  PERMIT_MANAGE_BATCHES, PAGE_FORM,  post_webhook_retry_page }, \
	{ METHOD_GET,  "/audit",               PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_audit_page },    \
	{ METHOD_GET,  "/system",              PERMIT_MANAGE_USERS,           ROUTE_PAGE,                 get_system_page },   \
	{ METHOD_GET,  "/install",             PERMIT_NONE,                   PAGE_SETUP,                 get_install },       \
	{ METHOD_POST, "/install",             PERMIT_NONE,                   PAGE_SETUP,                 post_install },      \
	{ METHOD_GET,  "/install/host",        PERMIT_NONE,                   PAGE_SETUP,                 get_install_host },  \
	{ METHOD_GET,  "/install/test",        PERMIT_NONE,                   PAGE_SETUP,                 any_install_test },  \
	{ METHOD_POST, "/install/test",        PERMIT_NONE,                   PAGE_SETUP,                 any_install_test },  \
	{ METHOD_PUT,  "/install/test",        PERMIT_NONE,                   PAGE_SETUP,                 any_install_test },  \
	{ METHOD_PATCH, "/install/test",       PERMIT_NONE,                   PAGE_SETUP,                 any_install_test },  \
	{ METHOD_DELETE, "/install/test",      PERMIT_NONE,                   PAGE_SETUP,                 any_install_test },  \
	{ METHOD_GET,  "/install/database",    PERMIT_NONE,                   PAGE_SETUP,                 get_install_database }, \
	{ METHOD_POST, "/install/database",    PERMIT_NONE,                   PAGE_SETUP,                 post_install_database }, \
	{ METHOD_GET,  "/install/tables",      PERMIT_NONE,                   PAGE_SETUP,                 get_install_tables }, \
	{ METHOD_POST, "/install/tables",      PERMIT_NONE,                   PAGE_SETUP,                 post_install_tables }, \
	{ METHOD_GET,  "/install/admin",       PERMIT_NONE,                   PAGE_SETUP,                 get_install_admin }, \
	{ METHOD_POST, "/install/admin",       PERMIT_NONE,                   PAGE_SETUP,                 post_install_admin }, \
	{ METHOD_GET,  "/install/done",        PERMIT_NONE,                   PAGE_SETUP,                 get_install_done },  \
	{ METHOD_GET,  "/upgrade",             PERMIT_NONE,                   PAGE_UPGRADE,               get_upgrade },       \
	{ METHOD_POST, "/upgrade",             PERMIT_NONE,                   PAGE_UPGRADE,               post_upgrade },      \
	{ METHOD_GET,  "/help",                PERMIT_NONE,                   PAGE_VISIBLE,               get_help },          \
	{ METHOD_GET,  "/help/errors",         PERMIT_NONE,                   PAGE_VISIBLE,               get_help_errors },     \
	{ METHOD_GET,  "/help/{page}",         PERMIT_NONE,                   PAGE_VISIBLE | ROUTE_NO_DATABASE, get_help_page },
/* clang-format on */

#endif
