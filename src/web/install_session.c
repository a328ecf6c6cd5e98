#include "web/install_session.h"

#include "base/config.h"
#include "db/migrate.h"
#include "install/proof.h"
#include "install/setup.h"
#include "web/cookie.h"
#include "web/page_frame.h"
#include "web/proxy.h"
#include "web/session.h"

static void find_place(const struct request *request, struct place *place)
{
	(void)place_find(request->header(request, "DOCUMENT_ROOT"), request->header(request, "SCRIPT_NAME"), place);
}

static enum standing ask_database(struct ctx *ctx)
{
	struct migrate_state state;
	bool has_admin;
	if (!db_ensure(ctx->db, &ctx->fail) || !setup_admin_exists(ctx->db, ctx->arena, &has_admin, &ctx->fail) ||
	    !migrate_look(ctx->db, &shipped_migrations, &state, &ctx->fail))
		return STANDS_UNKNOWN;
	if (has_admin || state.version > state.wanted)
		return STANDS_INSTALLED;
	return state.done < state.total ? STANDS_TABLES : STANDS_ADMIN;
}

void setup_look(struct request *request, struct response *response, struct setup *setup_out)
{
	*setup_out = (struct setup){ .standing = STANDS_BARE };
	session_for_setup(request, response);
	find_place(request, &setup_out->place);
	/* The proof first: whoever finds it ended by another request then finds the
	 * administrator that this has made, and is not asked for it again. */
	bool is_shown = proof_is_shown(request, &setup_out->place);
	if (request->ctx->db)
		setup_out->standing = ask_database(request->ctx);
	setup_out->is_ours = is_shown && setup_out->standing != STANDS_INSTALLED;
}

void setup_redirect(struct response *response, const struct setup *setup)
{
	static const char *const paths[] = {
		[STANDS_BARE] = "/install/host",    [STANDS_UNKNOWN] = "/install/database", [STANDS_TABLES] = "/install/tables",
		[STANDS_ADMIN] = "/install/admin",  [STANDS_INSTALLED] = "/install/done",
	};
	fail_clear(&response->request->ctx->fail);
	response_redirect(response, "%s", setup->is_ours || setup->standing == STANDS_INSTALLED ? paths[setup->standing] : "/install");
}

/* With a configuration whose database can't be asked nobody knows whether the
 * site is installed; then only who began goes on. */
bool setup_may(struct request *request, struct response *response, struct setup *setup_out)
{
	setup_look(request, response, setup_out);
	if (setup_out->is_ours)
		return true;
	if (setup_out->standing == STANDS_UNKNOWN)
		respond_fail(response, NULL);
	else
		setup_redirect(response, setup_out);
	return false;
}

/* --- the proof ------------------------------------------------------------------ */

bool proof_is_shown(const struct request *request, const struct place *place)
{
	return proof_holds(place, cookie_get(request, COOKIE_INSTALL), (int64_t)time(NULL));
}

static void say(struct issues *issues, enum proof_result result, int wait_s)
{
	switch (result) {
	case PROOF_RIGHT:
		break;
	case PROOF_WRONG:
		issue_add(issues, CODE_BAD_CREDENTIALS, "/code", "Copy it from the file as it is there now; there may be an older copy in another window.",
			  "This is not the code in the file");
		break;
	case PROOF_NO_CODE:
		issue_add(issues, CODE_BAD_CREDENTIALS, "", "Press the button for a new one.", "The code has expired or was used already");
		break;
	case PROOF_TOO_MANY:
		issue_add(issues, CODE_TOO_MANY_REQUESTS, "/code", "The code in the file stays the same.",
			  "Too many wrong codes; try again in %d minutes", wait_s / 60 + 1);
		break;
	case PROOF_BROKEN:
		issue_add(issues, CODE_INTERNAL, "", "Look whether the disk or your quota is full.", "The file with the code can't be written");
		break;
	}
}

static bool try_code(struct request *request, struct response *response, const struct place *place, struct issues *issues)
{
	char token[PROOF_TOKEN_SIZE];
	int wait_s;
	enum proof_result result =
		proof_try(place, form_text(request, "code"), request->remote_addr, (int64_t)time(NULL), token, &wait_s);
	say(issues, result, wait_s);
	if (result == PROOF_RIGHT) {
		cookie_set(request, response, COOKIE_INSTALL, token);
		return true;
	}
	response->status = result == PROOF_TOO_MANY ? 429 : result == PROOF_BROKEN ? 500 : 422;
	if (result == PROOF_TOO_MANY)
		response_header(response, "Retry-After", "%d", wait_s);
	return false;
}

bool proof_posted(struct request *request, struct response *response, const struct place *place, struct issues *issues, const char *path,
		  const char *next)
{
	if (!cookie_is_safe(request) || !place->is_writable)
		return false;
	if (form_value(request, "begin")) {
		if (!proof_begin(place, (int64_t)time(NULL), &request->ctx->fail)) {
			issue_from_fail(request, issues, NULL);
			response->status = 500;
			return false;
		}
		response_redirect(response, "%s", path);
		return true;
	}
	if (!try_code(request, response, place, issues))
		return false;
	response_redirect(response, "%s", next);
	return true;
}

void proof_show(struct request *request, struct response *response, const struct place *place, struct issues *issues, const char *path)
{
	struct proof_state state;
	struct frame frame;
	bool is_upgrade = strcmp(path, "/install") != 0;
	enum proxy_guess guess = proxy_guess(request);
	proof_look(place, (int64_t)time(NULL), &state);
	page_frame(request, is_upgrade ? "Update by code" : "Install Tranche", NAV_NONE, &frame);
	frame.has_error = issues && issues->count;
	page_install_proof(&response->body, &(struct proof_page){
						    .frame = &frame,
						    .issues = issues,
						    .path = path,
						    .is_upgrade = is_upgrade,
						    .is_safe = cookie_is_safe(request),
						    .proxy = guess == PROXY_NONE ? NULL : request->remote_addr,
						    .is_proxy_hidden = guess == PROXY_HIDDEN,
						    .is_writable = place->is_writable,
						    .is_served = place->is_served,
						    .has_code = state.has_code,
						    .has_session = state.has_session,
						    .code_until = state.code_until,
						    .config_name = place->config_name,
						    .folder = place->below,
						    .levels = place->levels,
					    });
}
