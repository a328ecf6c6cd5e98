/*
 * The handlers of pages.  The rows that lead to them are in page_routes.h.
 */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "web/routes.h"

/* people_pages.c */
route_handler get_login, post_login, get_login_code, post_login_code, post_logout;
/* account_pages.c */
route_handler get_account, post_account_timezone, post_account_sessions, get_account_password, post_account_password;
/* factor_pages.c */
route_handler get_second_factor, post_factor_begin, post_factor_confirm, post_factor_codes, post_factor_off;
/* token_pages.c */
route_handler get_token_new, post_token_new, get_token_delete, post_token_delete;
/* user_pages.c, role_pages.c */
route_handler get_users_page, get_user_new, post_user_new, get_user_page, post_user_page, get_user_off, post_user_off, post_user_on, post_user_password,
	post_user_factor, get_roles_page, get_role_new, post_role_new, get_role_page, post_role_page, post_role_delete;
/* look.c */
route_handler post_look, get_look_css;
/* home_pages.c */
route_handler get_dashboard, get_help, get_help_errors, get_help_page;
/* worker_pages.c */
route_handler get_workers_page, get_worker_page, post_tick_address;
/* event_pages.c, event_page.c */
route_handler get_events_page, get_event_page, get_event_restore, post_event_restore_page;
/* event_form.c */
route_handler get_event_new, post_event_new, get_event_edit, post_event_edit;
/* series_pages.c */
route_handler get_series_page, post_series_page;
/* calendar_pages.c */
route_handler get_calendar_page;
/* bulk_pages.c, change_pages.c */
route_handler get_bulk, post_bulk, get_change, post_change;
/* job_pages.c */
route_handler get_jobs_page, get_job_page;
/* job_step_pages.c */
route_handler get_job_undo, post_job_undo, get_job_cancel, post_job_cancel, post_job_pause, post_job_resume, post_job_retry, post_job_start, post_job_continue,
	post_job_run;
/* conflict_pages.c */
route_handler get_job_conflicts, get_job_decide, post_job_conflicts;
/* error_pages.c, audit_pages.c */
route_handler get_errors_page, get_error_page, post_error_page, get_audit_page;
/* restriction_pages.c */
route_handler get_restrictions_page, get_restriction_new, post_restriction_new, get_restriction_page, post_restriction_page,
	get_restriction_delete, post_restriction_delete;
/* webhook_pages.c */
route_handler get_webhooks_page, get_webhook_new, post_webhook_new, get_webhook_page, post_webhook_page, get_webhook_secret,
	post_webhook_secret_page, get_webhook_delete, post_webhook_delete, post_webhook_test_page, post_webhook_retry_page;
/* install_pages.c, install_database.c, install_end.c */
route_handler get_install, post_install, get_install_host, any_install_test, get_install_database, post_install_database;
route_handler get_install_tables, post_install_tables, get_install_admin, post_install_admin, get_install_done;
/* upgrade_pages.c */
route_handler get_upgrade, post_upgrade;
/* system_pages.c */
route_handler get_system_page;

#endif
