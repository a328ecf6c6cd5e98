/* What people change and the audit log's row of it: both or neither. */
#include "jobs.h"

#include "store/audit.h"
#include "store/contents.h"
#include "store/resources.h"
#include "store/tokens.h"

/* Longer than the log takes: its row is refused. */
static const char *unloggable(struct site *site)
{
	return text_of(site, "%0300d", 1);
}

static bool make_content(struct site *site, const char *action)
{
	struct ctx *ctx = &site->one;
	int64_t id;
	return db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, content_insert(ctx, "Audited", "publish", &id), action, &id);
}

static bool make_version(struct site *site, const char *action)
{
	struct ctx *ctx = &site->one;
	int64_t id = 40, version;
	return db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, content_add_version(ctx, id, "{}", &version), action, &id);
}

static bool make_resource(struct site *site, const char *action)
{
	struct ctx *ctx = &site->one;
	struct resource resource = { .kind = "venue", .name = "Audited", .timezone = "UTC", .capacity = 1, .overlap = "hard", .active = true };
	return db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, resource_insert(ctx, &resource), action, &resource.id);
}

static bool make_token(struct site *site, const char *action)
{
	struct ctx *ctx = &site->one;
	struct api_token token;
	char secret[TOKEN_TEXT_SIZE];
	return db_begin(ctx->db, &ctx->fail) &&
	       audit_commit(ctx, token_create(ctx, ADMIN, "Audited", NULL, 1, &token, secret), action, &token.id);
}

static void a_change_that_can_not_be_noted_is_not_made(void **state)
{
	struct site *site = *state;
	bool (*const makers[])(struct site *, const char *) = { make_content, make_version, make_resource, make_token };
	const char *sums = "SELECT (SELECT COUNT(*) FROM {contents}) * 1000000000 + (SELECT COUNT(*) FROM {content_versions}) * 1000000"
			   " + (SELECT COUNT(*) FROM {resources}) * 1000 + (SELECT COUNT(*) FROM {api_tokens})";
	int64_t before = number(site, "%s", sums), noted = number(site, "SELECT COUNT(*) FROM {audit_log}");
	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
		assert_false(makers[i](site, unloggable(site)));
		fail_clear(&site->one.fail);
		assert_int_equal(number(site, "%s", sums), before);
	}
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log}"), noted);
	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
		assert_done(&site->one, makers[i](site, "test.make"));
	assert_int_equal(number(site, "%s", sums), before + 1001001001);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log} WHERE action = 'test.make' AND object_id > 0 AND user_id = %d", ADMIN), 4);
	sql(site, "DELETE FROM {contents} WHERE title = 'Audited'");
	sql(site, "DELETE FROM {resources} WHERE name = 'Audited'");
	sql(site, "DELETE FROM {api_tokens}");
	sql(site, "DELETE FROM {content_versions} WHERE content_id = 40 AND version_no > 3");
	sql(site, "UPDATE {contents} SET latest_version = 3 WHERE id = 40");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_change_that_can_not_be_noted_is_not_made),
	};
	return cmocka_run_group_tests_name("audit", cases, site_open, site_close);
}
