#include "web/people_change.h"

#include "base/ids.h"
#include "base/json.h"
#include "base/str.h"
#include "base/totp.h"
#include "base/zone.h"
#include "batch/batch.h"
#include "store/audit.h"
#include "store/second_factor.h"
#include "store/sessions.h"
#include "store/tokens.h"

/* --- what is a person ------------------------------------------------------ */

bool person_name_is_plain(const char *text, size_t max)
{
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len > 0 && text[0] != ' ' && text[len - 1] != ' ' && utf8_length(text, len) <= max;
}

static const struct role *role_named(const struct role *roles, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(roles[i].name) == len && strncmp(roles[i].name, name, len) == 0)
			return &roles[i];
	return NULL;
}

/* "b,a,b" into "b,a", all of them known. */
static const char *check_roles(const char *given, const struct role *roles, size_t count, struct issues *issues)
{
	bool *taken = arena_array(issues->arena, count + 1, sizeof *taken);
	struct str out = STR_INIT;
	size_t number = 0;
	memset(taken, 0, (count + 1) * sizeof *taken);
	for (const char *at = given; *at;) {
		size_t len = strcspn(at, ",");
		const struct role *role = role_named(roles, count, at, len);
		if (!role)
			issue_add(issues, CODE_INVALID_VALUE, "/roles", NULL, "There is no role “%s”", issue_excerpt(issues->arena, at, len));
		else if (!taken[role - roles] && ++number <= PERSON_ROLES_MAX)
			str_addf(&out, "%s%s", out.len ? "," : "", role->name);
		if (role)
			taken[role - roles] = true;
		at += len + (at[len] == ',');
	}
	if (number > PERSON_ROLES_MAX)
		issue_add(issues, CODE_OUT_OF_RANGE, "/roles", NULL, "Somebody may have %d roles", PERSON_ROLES_MAX);
	const char *names = arena_strdup(issues->arena, str_text(&out));
	str_free(&out);
	return names;
}

bool person_check(struct ctx *ctx, struct person *person, struct issues *issues)
{
	struct role *roles;
	size_t count;
	if (!roles_list(ctx, &roles, &count))
		return false;
	if (!person_name_is_plain(person->name, PERSON_NAME_MAX))
		issue_add(issues, CODE_INVALID_VALUE, "/name", NULL, "A user name has 1 to %d characters, none of them at the ends a blank", PERSON_NAME_MAX);
	if (!person_name_is_plain(person->display_name, PERSON_DISPLAY_NAME_MAX))
		issue_add(issues, CODE_INVALID_VALUE, "/display_name", NULL,
			  "A name has 1 to %d characters, none of them at the ends a blank", PERSON_DISPLAY_NAME_MAX);
	if (strlen(person->timezone) > 64 || !zone_find(person->timezone))
		issue_add(issues, CODE_UNKNOWN_TIMEZONE, "/timezone", NULL, "There is no time zone of this name");
	person->roles = check_roles(person->roles, roles, count, issues);
	return true;
}

/* --- changes ----------------------------------------------------------------- */

static bool begin(struct ctx *ctx)
{
	if (!db_begin(ctx->db, &ctx->fail))
		return false;
	if (people_guard(ctx))
		return true;
	db_rollback(ctx->db);
	return false;
}

static bool somebody_manages(struct ctx *ctx)
{
	int64_t managers;
	return people_managers(ctx, &managers) &&
	       (managers > 0 || fail_set(&ctx->fail, FAIL_CONFLICT, CODE_LAST_ADMIN, "Nobody who may sign in could manage people any more"));
}

/* With its row in the audit log, or not at all. */
static bool end(struct ctx *ctx, bool is_done, const char *action, const int64_t *id, const char *detail)
{
	if (is_done && somebody_manages(ctx) && audit_add(ctx, action, 0, *id, detail) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

static const char *detail_of(struct ctx *ctx, const struct person *person)
{
	struct str out = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	jw_text(&w, "name", person->name);
	jw_text(&w, "roles", person->roles);
	jw_bool(&w, "active", person->is_active);
	jw_end_object(&w);
	const char *text = arena_strdup(ctx->arena, str_text(&out));
	str_free(&out);
	return text;
}

static bool make_password(struct ctx *ctx, char password[GIVEN_PASSWORD_SIZE], char hash[PASSWORD_HASH_SIZE])
{
	unsigned char bytes[10];
	char letters[BASE32_SIZE(sizeof bytes)], *to = password;
	random_bytes(bytes, sizeof bytes);
	base32_encode(bytes, sizeof bytes, letters);
	for (size_t i = 0; letters[i]; i++) {
		if (i > 0 && i % 4 == 0)
			*to++ = '-';
		*to++ = letters[i] >= 'A' ? (char)(letters[i] - 'A' + 'a') : letters[i];
	}
	*to = '\0';
	return password_hash(password, hash) ||
	       fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The password can't be stored: there is too little memory");
}

bool person_create(struct ctx *ctx, const struct person *person, char password[GIVEN_PASSWORD_SIZE], int64_t *id)
{
	char hash[PASSWORD_HASH_SIZE];
	return make_password(ctx, password, hash) && begin(ctx) &&
	       end(ctx, person_insert(ctx, person, hash, id) && person_set_roles(ctx, *id, person->roles), "user.create", id,
		   detail_of(ctx, person));
}

static bool shut_out(struct ctx *ctx, int64_t id)
{
	return sessions_end(ctx, id, NULL) && tokens_delete(ctx, id);
}

/* Whoever may manage people may hold the batches of one of them; what can't be
 * paused (it is being undone, say) runs out. */
static bool pause_batches(struct ctx *ctx, int64_t user_id, size_t *paused)
{
	static const struct grant all_batches = { .permission = PERMIT_MANAGE_BATCHES };
	const struct actor *self = ctx->actor;
	struct actor steward = { .user_id = self->user_id, .name = self->name, .grants = &all_batches, .grant_count = 1 };
	int64_t *ids;
	size_t count;
	*paused = 0;
	if (!person_open_batches(ctx, user_id, &ids, &count))
		return false;
	ctx->actor = &steward;
	for (size_t i = 0; i < count && (ctx->fail.kind == FAIL_NONE || ctx->fail.kind == FAIL_CONFLICT); i++) {
		fail_clear(&ctx->fail);
		*paused += batch_pause(ctx, ids[i]);
	}
	ctx->actor = self;
	if (ctx->fail.kind != FAIL_CONFLICT)
		return ctx->fail.kind == FAIL_NONE;
	fail_clear(&ctx->fail);
	return true;
}

bool person_change(struct ctx *ctx, const struct person *person, size_t *paused)
{
	struct person before;
	*paused = 0;
	if (!person->is_active && person->id == ctx->actor->user_id)
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Somebody else has to deactivate you");
	if (!begin(ctx))
		return false;
	bool ok = person_get(ctx, person->id, &before) && person_update(ctx, person) && person_set_roles(ctx, person->id, person->roles) &&
		  (person->is_active || shut_out(ctx, person->id));
	const char *action = !ok || before.is_active == person->is_active ? "user.change" :
			     person->is_active				  ? "user.activate" :
									    "user.deactivate";
	return end(ctx, ok, action, &person->id, detail_of(ctx, person)) &&
	       (person->is_active || pause_batches(ctx, person->id, paused));
}

bool person_give_password(struct ctx *ctx, int64_t id, char password[GIVEN_PASSWORD_SIZE])
{
	struct person person;
	char hash[PASSWORD_HASH_SIZE];
	if (id == ctx->actor->user_id)
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your own password is changed under Your account");
	return make_password(ctx, password, hash) && begin(ctx) &&
	       end(ctx, person_get(ctx, id, &person) && user_set_password(ctx, id, hash, true) && shut_out(ctx, id), "user.password", &id, NULL);
}

bool person_reset_factor(struct ctx *ctx, int64_t id)
{
	struct person person;
	return begin(ctx) && end(ctx, person_get(ctx, id, &person) && second_factor_remove(ctx, id), "user.factor_reset", &id, NULL);
}

static bool is_own_role(struct ctx *ctx, const struct role *role)
{
	return !role->is_standard ||
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_STANDARD_ROLE, "The role “%s” is the same on every site", role->name);
}

bool role_store(struct ctx *ctx, struct role *role)
{
	const char *action = role->id ? "role.change" : "role.create";
	return is_own_role(ctx, role) && begin(ctx) && end(ctx, role_save(ctx, role), action, &role->id, NULL);
}

bool role_remove(struct ctx *ctx, const struct role *role)
{
	return is_own_role(ctx, role) && begin(ctx) && end(ctx, role_delete(ctx, role), "role.delete", &role->id, NULL);
}
