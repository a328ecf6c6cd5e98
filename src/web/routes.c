#include "web/routes.h"

#include "web/handlers.h"
#include "web/page_routes.h"

#define API ROUTE_API
#define API_USER (ROUTE_API | ROUTE_ANY_USER)
#define API_OPEN (ROUTE_API | ROUTE_PUBLIC | ROUTE_NO_DATABASE)
#define V1 "/api/v1"

/* What a person may see of a batch, and do with it, the engine decides. */
/* clang-format off */
const struct route routes[] = {
	{ METHOD_POST,   V1 "/schedules/bulk",           PERMIT_SCHEDULE_CONTENT,       API,      post_bulk_create },
	{ METHOD_PUT,    V1 "/schedules/bulk",           PERMIT_SCHEDULE_CONTENT,       API,      put_bulk_update },
	{ METHOD_POST,   V1 "/schedules/evaluate",       PERMIT_VIEW_SCHEDULED_CONTENT, API,      post_evaluate },
	{ METHOD_POST,   V1 "/schedules/conflicts",      PERMIT_VIEW_SCHEDULED_CONTENT, API,      post_conflicts },

	{ METHOD_POST,   V1 "/batch",                    PERMIT_NONE,                   API_USER, post_batch },
	{ METHOD_POST,   V1 "/validate",                 PERMIT_NONE,                   API_USER, post_validate },
	{ METHOD_GET,    V1 "/batch",                    PERMIT_NONE,                   API_USER, get_batches },
	{ METHOD_GET,    V1 "/batch/{id}",               PERMIT_NONE,                   API_USER, get_batch },
	{ METHOD_DELETE, V1 "/batch/{id}",               PERMIT_NONE,                   API_USER, delete_batch },
	{ METHOD_GET,    V1 "/batch/{id}/items",         PERMIT_NONE,                   API_USER, get_batch_items },
	{ METHOD_POST,   V1 "/batch/{id}/items",         PERMIT_NONE,                   API_USER, post_batch_items },
	{ METHOD_GET,    V1 "/batch/{id}/results.csv",   PERMIT_NONE,                   API_USER, get_results_csv },
	{ METHOD_GET,    V1 "/batch/{id}/results.ndjson", PERMIT_NONE,                  API_USER, get_results_ndjson },
	{ METHOD_GET,    V1 "/batch/{id}/files",         PERMIT_NONE,                   API_USER, get_batch_files },
	{ METHOD_POST,   V1 "/batch/{id}/files",         PERMIT_NONE,                   API_USER, post_batch_file },
	{ METHOD_POST,   V1 "/batch/{id}/files/drop",    PERMIT_NONE,                   API_USER, post_batch_file_drop },
	{ METHOD_POST,   V1 "/batch/{id}/start",         PERMIT_NONE,                   API_USER, post_batch_start },
	{ METHOD_POST,   V1 "/batch/{id}/advance",       PERMIT_NONE,                   API_USER, post_batch_advance },
	{ METHOD_POST,   V1 "/batch/{id}/pause",         PERMIT_NONE,                   API_USER, post_batch_pause },
	{ METHOD_POST,   V1 "/batch/{id}/resume",        PERMIT_NONE,                   API_USER, post_batch_resume },
	{ METHOD_POST,   V1 "/batch/{id}/undo",          PERMIT_NONE,                   API_USER, post_batch_undo },
	{ METHOD_POST,   V1 "/batch/{id}/cancel",        PERMIT_NONE,                   API_USER, post_batch_cancel },
	{ METHOD_POST,   V1 "/batch/{id}/retry",         PERMIT_NONE,                   API_USER, post_batch_retry },
	{ METHOD_GET,    V1 "/batch/{id}/conflicts",     PERMIT_NONE,                   API_USER, get_batch_conflicts },
	{ METHOD_POST,   V1 "/batch/{id}/conflicts",     PERMIT_RESOLVE_CONFLICTS,      API,      post_batch_conflicts },

	{ METHOD_GET,    V1 "/events",                   PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_events },
	{ METHOD_POST,   V1 "/events",                   PERMIT_SCHEDULE_CONTENT,       API,      post_event },
	{ METHOD_GET,    V1 "/events/{id}",              PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_event },
	{ METHOD_PATCH,  V1 "/events/{id}",              PERMIT_SCHEDULE_CONTENT,       API,      patch_event },
	{ METHOD_DELETE, V1 "/events/{id}",              PERMIT_SCHEDULE_CONTENT,       API,      delete_event },
	{ METHOD_GET,    V1 "/events/{id}/history",      PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_event_history },
	{ METHOD_POST,   V1 "/events/{id}/restore",      PERMIT_SCHEDULE_CONTENT,       API,      post_event_restore },
	{ METHOD_GET,    V1 "/calendar",                 PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_calendar },
	{ METHOD_GET,    V1 "/calendar.ics",             PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_calendar_ics },

	{ METHOD_GET,    V1 "/contents",                 PERMIT_VIEW_CONTENT_VERSIONS,  API,      get_contents },
	{ METHOD_POST,   V1 "/contents",                 PERMIT_SCHEDULE_CONTENT,       API,      post_content },
	{ METHOD_GET,    V1 "/contents/{id}",            PERMIT_VIEW_CONTENT_VERSIONS,  API,      get_content },
	{ METHOD_GET,    V1 "/contents/{id}/versions",   PERMIT_VIEW_CONTENT_VERSIONS,  API,      get_content_versions },
	{ METHOD_POST,   V1 "/contents/{id}/versions",   PERMIT_SCHEDULE_CONTENT,       API,      post_content_version },

	/* Who may decide conflicts may say what can conflict. */
	{ METHOD_GET,    V1 "/resources",                PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_resources },
	{ METHOD_POST,   V1 "/resources",                PERMIT_RESOLVE_CONFLICTS,      API,      post_resource },
	{ METHOD_GET,    V1 "/resources/{id}",           PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_resource },
	{ METHOD_PATCH,  V1 "/resources/{id}",           PERMIT_RESOLVE_CONFLICTS,      API,      patch_resource },
	{ METHOD_DELETE, V1 "/resources/{id}",           PERMIT_RESOLVE_CONFLICTS,      API,      delete_resource },

	/* For the types that the restriction forbids (restriction_input.h). */
	{ METHOD_GET,    V1 "/restrictions",             PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_restrictions },
	{ METHOD_POST,   V1 "/restrictions",             PERMIT_RESOLVE_CONFLICTS,      API,      post_restriction },
	{ METHOD_GET,    V1 "/restrictions/{id}",        PERMIT_VIEW_SCHEDULED_CONTENT, API,      get_restriction },
	{ METHOD_PATCH,  V1 "/restrictions/{id}",        PERMIT_RESOLVE_CONFLICTS,      API,      patch_restriction },
	{ METHOD_DELETE, V1 "/restrictions/{id}",        PERMIT_RESOLVE_CONFLICTS,      API,      delete_restriction },

	{ METHOD_GET,    V1 "/summary",                  PERMIT_VIEW_DASHBOARD,         API,      get_summary },
	{ METHOD_GET,    V1 "/workers",                  PERMIT_VIEW_DASHBOARD,         API,      get_workers },
	{ METHOD_GET,    V1 "/workers/{uuid}/logs",      PERMIT_VIEW_DASHBOARD,         API,      get_worker_logs },

	{ METHOD_GET,    V1 "/errors",                   PERMIT_VIEW_DASHBOARD,         API,      get_errors },
	{ METHOD_GET,    V1 "/errors/{id}",              PERMIT_VIEW_DASHBOARD,         API,      get_error },
	{ METHOD_POST,   V1 "/errors/{id}/resolutions",  PERMIT_MANAGE_BATCHES,         API,      post_error_resolution },
	{ METHOD_GET,    V1 "/users",                    PERMIT_MANAGE_USERS,           API,      get_users },
	{ METHOD_POST,   V1 "/users",                    PERMIT_MANAGE_USERS,           API,      post_user },
	{ METHOD_GET,    V1 "/users/{id}",               PERMIT_MANAGE_USERS,           API,      get_user },
	{ METHOD_PATCH,  V1 "/users/{id}",               PERMIT_MANAGE_USERS,           API,      patch_user },
	{ METHOD_POST,   V1 "/users/{id}/password",      PERMIT_MANAGE_USERS,           API,      post_user_new_password },
	{ METHOD_DELETE, V1 "/users/{id}/second-factor", PERMIT_MANAGE_USERS,           API,      delete_user_factor },
	{ METHOD_GET,    V1 "/roles",                    PERMIT_MANAGE_USERS,           API,      get_roles },
	{ METHOD_POST,   V1 "/roles",                    PERMIT_MANAGE_USERS,           API,      post_role },
	{ METHOD_GET,    V1 "/roles/{id}",               PERMIT_MANAGE_USERS,           API,      get_role },
	{ METHOD_PATCH,  V1 "/roles/{id}",               PERMIT_MANAGE_USERS,           API,      patch_role },
	{ METHOD_DELETE, V1 "/roles/{id}",               PERMIT_MANAGE_USERS,           API,      delete_role },
	{ METHOD_GET,    V1 "/audit",                    PERMIT_MANAGE_USERS,           API,      get_audit },
	{ METHOD_GET,    V1 "/system",                   PERMIT_MANAGE_USERS,           API,      get_system },

	{ METHOD_GET,    V1 "/webhooks",                 PERMIT_MANAGE_BATCHES,         API,      get_webhooks },
	{ METHOD_POST,   V1 "/webhooks",                 PERMIT_MANAGE_BATCHES,         API,      post_webhook },
	{ METHOD_GET,    V1 "/webhooks/{id}",            PERMIT_MANAGE_BATCHES,         API,      get_webhook },
	{ METHOD_PATCH,  V1 "/webhooks/{id}",            PERMIT_MANAGE_BATCHES,         API,      patch_webhook },
	{ METHOD_DELETE, V1 "/webhooks/{id}",            PERMIT_MANAGE_BATCHES,         API,      delete_webhook },
	{ METHOD_POST,   V1 "/webhooks/{id}/secret",     PERMIT_MANAGE_BATCHES,         API,      post_webhook_secret },
	{ METHOD_POST,   V1 "/webhooks/{id}/test",       PERMIT_MANAGE_BATCHES,         API,      post_webhook_test },
	{ METHOD_GET,    V1 "/webhooks/{id}/deliveries", PERMIT_MANAGE_BATCHES,         API,      get_webhook_deliveries },
	{ METHOD_POST,   V1 "/webhooks/{id}/deliveries/{delivery}/retry", PERMIT_MANAGE_BATCHES, API, post_webhook_retry },

	{ METHOD_POST,   V1 "/tick",                     PERMIT_TICK,                   API | ROUTE_URL_TOKEN, post_tick },
	{ METHOD_GET,    V1 "/tick",                     PERMIT_TICK,                   API | ROUTE_URL_TOKEN, post_tick },

	{ METHOD_GET,    V1 "/me",                       PERMIT_NONE,                   API_USER, get_me },
	{ METHOD_GET,    V1 "/tokens",                   PERMIT_NONE,                   API_USER, get_tokens },
	{ METHOD_POST,   V1 "/tokens",                   PERMIT_NONE,                   API_USER, post_token },
	{ METHOD_DELETE, V1 "/tokens/{id}",              PERMIT_NONE,                   API_USER, delete_token },

	{ METHOD_GET,    V1 "/health",                   PERMIT_NONE,                   API_OPEN, get_health },
	{ METHOD_GET,    V1 "/openapi.json",             PERMIT_NONE,                   API_OPEN, get_openapi },

	PAGE_ROUTES
};
/* clang-format on */

const size_t route_count = sizeof routes / sizeof routes[0];
