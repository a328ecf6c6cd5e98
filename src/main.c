/*
 * Tranche: wires configuration, log, database and the request loop together.
 * Owns struct app, the lifetime of the process; everything else lives in a
 * request (base/ctx.h).
 */
#include <malloc.h>
#include <nss.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/ctx.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/log.h"
#include "base/program.h"
#include "base/zone.h"
#include "batch/batch.h"
#include "batch/maintenance.h"
#include "batch/tell.h"
#include "db/db.h"
#include "db/migrate.h"
#include "notify/send.h"
#include "rules/permission.h"
#include "store/workers.h"
#include "web/gateway.h"
#include "web/router.h"

#define REQUEST_MARGIN_MS 1000 /* kept for the reply before the host's limit */
#define NO_WORK_MS 1000        /* then afterwork looks again */
#define NO_DATABASE_MS 10000
/* Who sends one request after the other is not to wait at each for a chunk. */
#define QUIET_MS 150
#define BUSY_MS 2000           /* but now and then */

struct app {
	struct config config;
	struct arena *arena;
	struct db *db;
	struct fail unfit;        /* why no request can be served, if so */
	char worker_uuid[37];
	struct ctx ctx;           /* of the present request */
	bool was_worker;          /* in one of them */
	struct sending sending;   /* to a webhook */
	int64_t look_again_ms;    /* monotonic: until then there is no work, if nobody makes some */
	int64_t rest_until_ms;    /* the database was away */
	int64_t worked_ms;        /* when there was afterwork last */
};

static const struct actor nobody = { .name = "" };

/* Takes the handler's argument because the signal interface has one. */
static void on_stop(int signal_number)
{
	(void)signal_number;
	gateway_stop();
}

static void handle_signals(void)
{
	struct sigaction stop = { .sa_handler = on_stop };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static enum log_level level_by_name(const char *name)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	for (int i = 0; i < 4; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

/* RFC 9562, version 4. */
static void make_uuid(char out[37])
{
	unsigned char bytes[UUID_BYTES];
	char hex[2 * UUID_BYTES + 1];
	random_bytes(bytes, sizeof bytes);
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	hex_encode(bytes, sizeof bytes, hex);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* The folder zoneinfo that was uploaded with the program. */
static void use_shipped_zones(void)
{
	char folder[500], path[512];
	if (!program_path(folder, sizeof folder) || !path_up(folder))
		return;
	snprintf(path, sizeof path, "%s/zoneinfo", folder);
	zone_fall_back(path);
}

/* Reads the configuration, or reads it again: it was written or changed while
 * this process was running, and nobody on a host can restart it. */
static void configure(struct app *app)
{
	struct fail none = { .kind = FAIL_NONE };
	db_free(app->db);
	app->db = NULL;
	app->unfit = none;
	if (config_load(&app->config, &app->unfit)) {
		log_open(app->config.log_file, level_by_name(app->config.log_level));
		zone_init(app->config.zoneinfo[0] ? app->config.zoneinfo : NULL);
		use_shipped_zones();
		app->db = db_new(&app->config);
		return;
	}
	if (app->unfit.kind == FAIL_NOT_FOUND) {
		app->unfit = none;
		if (!app->config.path[0]) /* a file without a database says how the site is reached */
			config_defaults(&app->config);
		zone_init(NULL);
		use_shipped_zones();
		fail_set(&app->unfit, FAIL_RETRY, CODE_NOT_INSTALLED, "%s", code_info(CODE_NOT_INSTALLED)->title);
		return;
	}
	/* Whatever is wrong with it is no fault of who asks. */
	app->unfit.kind = FAIL_INTERNAL;
	log_line(LOG_ERROR, NULL, "%s (%s)", app->unfit.public_message, app->unfit.detail);
}

static struct ctx *begin_request(void *user)
{
	struct app *app = user;
	unsigned char reference[8];
	if (!config_is_current(&app->config))
		configure(app);
	int64_t limit_ms = app->config.request_limit_ms - REQUEST_MARGIN_MS;
	random_bytes(reference, sizeof reference);
	zone_look_again();
	app->ctx = (struct ctx){
		.arena = app->arena,
		.db = app->db,
		.config = &app->config,
		.actor = &nobody,
		.worker_type = gateway_is_cgi() ? "cgi" : "fastcgi",
		.started_ms = monotonic_ms(),
		.others_wait = gateway_others_wait,
		.fail = app->unfit,
	};
	app->ctx.deadline_ms = app->ctx.started_ms + (limit_ms > REQUEST_MARGIN_MS ? limit_ms : REQUEST_MARGIN_MS);
	hex_encode(reference, sizeof reference, app->ctx.reference);
	memcpy(app->ctx.worker_uuid, app->worker_uuid, sizeof app->ctx.worker_uuid);
	return &app->ctx;
}

static void end_request(void *user, struct ctx *ctx)
{
	struct app *app = user;
	app->was_worker |= ctx->is_worker;
	arena_reset(ctx->arena);
}

#define COURIER_LOOK_MS 50

/* Webhooks: what ended is noted and one delivery sent by a child, on which this
 * process waits only until somebody comes; then it looks again after that. */
static bool notify(struct app *app, struct ctx *ctx, const struct spare_time *spare, int64_t until_ms)
{
	bool begun = true, ended = false;
	if (!sending_is_under_way(&app->sending) &&
	    !(tell_all(ctx, until_ms) && sending_begin(ctx, &app->sending, 0, &begun)))
		return false;
	while (sending_is_under_way(&app->sending)) {
		if (!sending_look(ctx, &app->sending, 0, &ended))
			return false;
		if (!ended && spare->is_over_within(spare->user, COURIER_LOOK_MS))
			return true;
		/* The next one, as long as nobody comes. */
		if (ended && !spare->is_over(spare->user) && !sending_begin(ctx, &app->sending, 0, &begun))
			return false;
	}
	return true;
}

/* Afterwork: between requests a process works on whatever is most urgent,
 * with its creator's rights.  Chunks that would take more than half of the time
 * are left to those who ask for work; while others wait none is begun. */
static void work_in_spare_time(void *user, const struct spare_time *spare)
{
	struct app *app = user;
	struct drive_report report = { .chunks = 0 };
	struct drive how = { .budget_ms = app->config.afterwork_ms,
			     .chunk_max_ms = app->config.afterwork_ms / 2,
			     .is_over = spare->is_over,
			     .user = spare->user };
	int64_t now_ms = monotonic_ms();
	bool is_idle = !spare->was_write && !sending_is_under_way(&app->sending) && now_ms < app->look_again_ms;
	if (app->unfit.kind != FAIL_NONE || !how.budget_ms || now_ms < app->rest_until_ms || is_idle ||
	    spare->is_over_within(spare->user, now_ms < app->worked_ms + BUSY_MS ? QUIET_MS : 0))
		return;
	struct ctx *ctx = begin_request(app);
	bool ok = ctx->fail.kind == FAIL_NONE && db_ensure(ctx->db, &ctx->fail) && migrate_check(ctx->db, &ctx->fail) &&
		  batch_drive(ctx, &how, &report);
	if (ok && !report.has_more)
		maintenance_step(ctx, now_ms + how.chunk_max_ms);
	ok = ok && notify(app, ctx, spare, monotonic_ms() + how.chunk_max_ms);
	if (!ok)
		log_line(LOG_WARN, ctx->reference, "afterwork: %s (%s)", ctx->fail.public_message, ctx->fail.detail);
	now_ms = monotonic_ms();
	app->worked_ms = now_ms;
	app->rest_until_ms = ok ? 0 : now_ms + NO_DATABASE_MS;
	app->look_again_ms = report.has_more ? 0 : now_ms + NO_WORK_MS;
	end_request(app, ctx);
}

/* A program that can't work still answers, with the reason in its log. */
static void set_up(struct app *app)
{
	struct fail broken = { .kind = FAIL_NONE };
	make_uuid(app->worker_uuid);
	configure(app);
	if (!router_check(&broken)) {
		log_line(LOG_ERROR, NULL, "%s (%s)", broken.public_message, broken.detail);
		app->unfit = broken;
	}
}

/* Only what was ever shown as a worker is shown as stopped. */
static void say_goodbye(struct app *app)
{
	if (!app->db || !app->was_worker || db_is_lost(app->db))
		return;
	struct ctx *ctx = begin_request(app);
	if (ctx->fail.kind == FAIL_NONE)
		(void)!worker_stop(ctx);
	end_request(app, ctx);
}

int main(void)
{
	static struct app app;
	struct gateway_server server = {
		.begin = begin_request,
		.serve = router_serve,
		.end = end_request,
		.after = work_in_spare_time,
		.app = &app,
	};
	umask(077);
	/* Blocks of the arenas go back to the system when they are freed; left to
	 * itself the allocator would raise this limit and keep them. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	/* In a static program the host's nsswitch.conf would have modules loaded
	 * that were built for another C library. */
	(void)__nss_configure_lookup("hosts", "files dns");
	(void)__nss_configure_lookup("services", "files");
	/* Nor is the host's openssl.cnf meant for this one's OpenSSL. */
	(void)setenv("OPENSSL_CONF", "/dev/null", 0);
	handle_signals();
	json_init();
	app.arena = arena_new();
	if (!app.arena)
		return EXIT_FAILURE;
	if (!ids_init(&app.unfit))
		return EXIT_FAILURE;
	set_up(&app);
	int status = gateway_run(&server);
	say_goodbye(&app);
	db_free(app.db);
	zone_shutdown();
	log_close();
	arena_free(app.arena);
	return status;
}
