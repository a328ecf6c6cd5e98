/*
 * The handlers of the API.  The rows that lead to them are in routes.c.
 */
#ifndef WEB_HANDLERS_H
#define WEB_HANDLERS_H

#include "web/routes.h"

/* bulk_handlers.c */
route_handler post_bulk_create, put_bulk_update, post_evaluate, post_conflicts;
/* batch_handlers.c */
route_handler post_batch, get_batches, get_batch, delete_batch, post_batch_items;
/* file_handlers.c */
route_handler get_batch_files, post_batch_file, post_batch_file_drop;
/* post_batch() with a form: files, or fields alone. */
void create_from_form(struct request *request, struct response *response);
/* validate_handlers.c */
route_handler post_validate;
/* step_handlers.c */
route_handler post_batch_start, post_batch_advance, post_batch_pause, post_batch_resume, post_batch_cancel,
	post_batch_retry, post_batch_undo;
/* conflict_handlers.c */
route_handler get_batch_conflicts, post_batch_conflicts;
/* results_handlers.c */
route_handler get_batch_items, get_results_csv, get_results_ndjson;
/* event_handlers.c */
route_handler get_events, get_event, post_event, patch_event, delete_event;
/* history_handlers.c */
route_handler get_event_history, post_event_restore;
/* calendar_handlers.c, calendar_ics.c */
route_handler get_calendar, get_calendar_ics;
/* content_handlers.c */
route_handler get_contents, get_content, post_content, get_content_versions, post_content_version;
/* resource_handlers.c */
route_handler get_resources, get_resource, post_resource, patch_resource, delete_resource;
/* restriction_handlers.c */
route_handler get_restrictions, get_restriction, post_restriction, patch_restriction, delete_restriction;
/* webhook_handlers.c */
route_handler get_webhooks, post_webhook, get_webhook, patch_webhook, delete_webhook, post_webhook_secret, post_webhook_test,
	get_webhook_deliveries, post_webhook_retry;
/* tick_handlers.c */
route_handler post_tick;
/* token_handlers.c */
route_handler get_me, get_tokens, post_token, delete_token;
/* system_handlers.c */
route_handler get_health, get_openapi, get_summary;
/* worker_handlers.c */
route_handler get_workers, get_worker_logs;
/* error_handlers.c */
route_handler get_errors, get_error, post_error_resolution;
/* audit_handlers.c */
route_handler get_audit;
/* user_handlers.c */
route_handler get_users, post_user, get_user, patch_user, post_user_new_password, delete_user_factor, get_roles, post_role, get_role,
	patch_role, delete_role;
/* state_handlers.c */
route_handler get_system;

#endif
