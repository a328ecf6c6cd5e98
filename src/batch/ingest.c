/* Classifying and storing received items. */
#include "batch/ingest.h"

#include "base/config.h"
#include "batch/ops.h"
#include "db/db.h"
#include "rules/filter.h"
#include "store/item_links.h"
#include "store/idempotency.h"

#define READ_BYTES 16384
#define RAW_KEPT_BYTES 2000 /* of an item that can't be read */

void ingest_begin(struct ingest *ingest, struct ctx *ctx, struct job *job, int64_t first_ordinal)
{
	*ingest = (struct ingest){ .ctx = ctx, .job = job, .next_ordinal = first_ordinal, .items_max = ctx->config->items_max };
	ingest->texts = arena_new();
	ingest->scratch = arena_new();
	ingest->group = calloc(INGEST_GROUP, sizeof(*ingest->group));
	if (!ingest->texts || !ingest->scratch || !ingest->group)
		abort();
	ingest->plan.texts = ingest->texts;
	digest_begin(&ingest->digest);
}

void ingest_free(struct ingest *ingest)
{
	arena_free(ingest->texts);
	arena_free(ingest->scratch);
	free(ingest->group);
	plan_free(&ingest->plan);
}

/* --- classification -------------------------------------------------------- */

/* What could not be read is kept as a JSON string, so that it can be shown and
 * downloaded; bytes that are no UTF-8 become question marks. */
static void keep_raw(struct ingest *ingest, struct item_input *item, const char *raw, size_t len)
{
	struct str quoted = STR_INIT;
	char *clean = arena_strndup(ingest->texts, raw, len < RAW_KEPT_BYTES ? len : RAW_KEPT_BYTES);
	size_t size = len < RAW_KEPT_BYTES ? len : RAW_KEPT_BYTES, bad = 0;
	for (size_t at = 0; at < size && !utf8_valid(clean + at, size - at, &bad); at += bad + 1)
		clean[at + bad] = '?';
	json_quote(&quoted, clean, size);
	item->text = arena_strndup(ingest->texts, str_text(&quoted), quoted.len);
	item->len = quoted.len;
	str_free(&quoted);
}

static void refuse(struct ingest *ingest, struct item_input *item, const char *raw, size_t len, enum code code,
		   const char *message)
{
	keep_raw(ingest, item, raw, len);
	item->code = code;
	item->message = arena_strdup(ingest->texts, message);
	item->pointer = "";
	ingest->report.malformed++;
}

static const char *text_of(struct ingest *ingest, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	/* One that is too long is judged with the item; here it would not fit. */
	return json_is_string(value) && json_string_length(value) <= EVENT_CLIENT_ID_MAX
		       ? arena_strdup(ingest->texts, json_string_value(value))
		       : NULL;
}

static void name_target(struct ingest *ingest, struct item_input *item, const json_t *object)
{
	/* An evaluation's item names an event by event_id alone, or is one itself. */
	bool selects = ingest->job->type == JOB_UPDATE || json_object_get(object, "selector");
	const json_t *selector = selects ? json_object_get(object, "selector") : object;
	item->target_id = json_integer_value(json_object_get(selector, "event_id"));
	if (item->target_id < 0)
		item->target_id = 0;
	if (!selects)
		return;
	item->client_id = text_of(ingest, selector, "client_id");
	/* A query that can't be read is not frozen: its item fails by itself. */
	struct issues issues = { .arena = ingest->scratch };
	struct selector read;
	item->is_query = !item->links && json_object_get(selector, "query") && selector_read(selector, "", &read, &issues) &&
			 read.kind == SELECT_QUERY;
	/* Who moves later goes first from the end, so that each place is left
	 * before the next event takes it. */
	json_int_t shift_s = json_integer_value(json_object_get(json_object_get(object, "values"), "shift_s"));
	item->direction = item->is_query ? (shift_s < 0) - (shift_s > 0) : 0;
}

/* Its id and what it depends on; what is wrong with them is judged with the
 * item. */
static void read_links(struct ingest *ingest, struct item_input *item, json_t *object)
{
	struct issues issues = { .arena = ingest->texts };
	struct item_links *links = arena_alloc(ingest->texts, sizeof(*links));
	(void)!item_links_read(object, links, &issues);
	item->links = links;
	item_links_strip(object);
}

/* A line of a batch's results, corrected and sent again: what had been sent
 * stands in it.  NULL when it is an item as such. */
static json_t *input_of_result(const json_t *object)
{
	return json_is_string(json_object_get(object, "outcome")) ? json_object_get(object, "input") : NULL;
}

static void classify(struct ingest *ingest, struct item_input *item, int64_t ordinal)
{
	const struct operation *operation = operation_of(ingest->job->type);
	struct fail fail = { 0 };
	json_t *object = json_read(ingest->scratch, item->text, item->len, &fail), *input = input_of_result(object);
	if (input) {
		object = input;
		item->text = json_text(ingest->texts, input, &item->len);
	}
	if (!object) {
		refuse(ingest, item, item->text, item->len, fail.code, fail.public_message);
	} else if (!json_is_object(object)) {
		refuse(ingest, item, item->text, item->len, CODE_INVALID_TYPE, "An item must be a JSON object");
	} else {
		if (item_has_links(object, item->text, item->len))
			read_links(ingest, item, object);
		if (operation->names_events)
			name_target(ingest, item, object);
		else
			item->client_id = text_of(ingest, object, "client_id");
		if (operation->plans_at_ingest)
			plan_item(&ingest->plan, ingest->scratch, ordinal, object);
	}
	arena_reset(ingest->scratch);
}

/* --- storing ---------------------------------------------------------------- */

static bool write_group(struct ingest *ingest, struct received *received)
{
	struct ctx *ctx = ingest->ctx;
	if (!ingest->one_transaction && !db_begin(ctx->db, &ctx->fail))
		return false;
	if (idempotency_renew(ctx, ingest->job->id) &&
	    items_insert(ctx, ingest->job->id, ingest->next_ordinal, ingest->group, ingest->group_count) &&
	    plan_write(ctx, ingest->job->id, ingest->next_ordinal, &ingest->plan, received) &&
	    (!received->is_linked ||
	     item_links_insert(ctx, ingest->job->id, ingest->next_ordinal, ingest->group, ingest->group_count)) &&
	    job_add_items(ctx, ingest->job->id, received) &&
	    (ingest->one_transaction || db_commit(ctx->db, &ctx->fail)))
		return true;
	if (!ingest->one_transaction)
		db_rollback(ctx->db);
	return false;
}

static bool store_group(struct ingest *ingest)
{
	struct received received = { .items = (int64_t)ingest->group_count };
	if (ingest->before_first) {
		if (!ingest->before_first(ingest))
			return false;
		ingest->before_first = NULL;
	}
	for (size_t i = 0; i < ingest->group_count; i++) {
		if (ingest->group[i].code == CODE_NONE)
			classify(ingest, &ingest->group[i], ingest->next_ordinal + (int64_t)i);
		received.queries += ingest->group[i].is_query;
		received.in_order |= ingest->group[i].direction != 0;
		received.is_linked |= ingest->group[i].links != NULL;
	}
	if (!(ingest->take_group ? ingest->take_group(ingest) : write_group(ingest, &received)))
		return false;
	ingest->next_ordinal += (int64_t)ingest->group_count;
	ingest->report.accepted += (int64_t)ingest->group_count;
	ingest->group_count = ingest->group_bytes = 0;
	plan_empty(&ingest->plan);
	arena_reset(ingest->texts);
	return true;
}

static struct item_input *next_item(struct ingest *ingest, size_t bytes)
{
	struct ctx *ctx = ingest->ctx;
	if ((ingest->group_count == INGEST_GROUP || ingest->group_bytes + bytes > INGEST_GROUP_BYTES) &&
	    ingest->group_count && !store_group(ingest))
		return NULL;
	if (ingest->next_ordinal + (int64_t)ingest->group_count >= ctx->config->items_max ||
	    ingest->report.accepted + (int64_t)ingest->group_count >= ingest->items_max) {
		(void)fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_ITEMS, "At most %lld items are taken here",
			       (long long)(ingest->items_max < ctx->config->items_max ? ingest->items_max : ctx->config->items_max));
		return NULL;
	}
	struct item_input *item = &ingest->group[ingest->group_count++];
	*item = (struct item_input){ .code = CODE_NONE };
	ingest->group_bytes += bytes;
	return item;
}

bool ingest_element(struct ingest *ingest, const struct json_element *element, struct fail *fail)
{
	if (element->code != CODE_NONE) {
		const char *why = element->code == CODE_ITEM_TOO_LARGE
					  ? arena_printf(ingest->texts, "One item may have %lld bytes here",
							 (long long)ingest->ctx->config->item_max_bytes)
					  : code_info(element->code)->cause;
		const char *message = arena_printf(ingest->texts, "Line %lld: %s", (long long)element->line, why);
		return ingest_unusable(ingest, element->text, element->len, element->code, message);
	}
	struct item_input *item = next_item(ingest, element->len);
	(void)fail; /* is ctx->fail */
	if (!item)
		return false;
	item->text = arena_strndup(ingest->texts, element->text, element->len);
	item->len = element->len;
	return true;
}

bool ingest_unusable(struct ingest *ingest, const char *raw, size_t len, enum code code, const char *message)
{
	char copy[sizeof(ingest->ctx->fail.public_message)];
	str_copy(copy, sizeof(copy), message); /* storing a group resets where it may live */
	struct item_input *item = next_item(ingest, RAW_KEPT_BYTES);
	if (!item)
		return false;
	refuse(ingest, item, raw, len, code, copy);
	return true;
}

bool ingest_end(struct ingest *ingest)
{
	return !ingest->group_count || store_group(ingest);
}

/* --- reading JSON ------------------------------------------------------------- */

static bool take_item(void *user, const struct json_element *element, struct fail *fail)
{
	return ingest_element(user, element, fail);
}

static bool take_member(void *user, const char *key, const struct json_element *value, struct fail *fail)
{
	struct ingest *ingest = user;
	const char **member = !strcmp(key, "type")      ? &ingest->members.type
			      : !strcmp(key, "options") ? &ingest->members.options
			      : !strcmp(key, "label")	? &ingest->members.label
							: NULL;
	if (!member || value->code != CODE_NONE) {
		(void)fail_set(fail, FAIL_INVALID, member ? value->code : CODE_UNKNOWN_FIELD,
			       member ? "The value of “%s” can't be used" : "“%s” is not a field of a batch", key);
		return fail_at(fail, "/%s", key);
	}
	*member = arena_strndup(ingest->ctx->arena, value->text, value->len);
	return true;
}

bool ingest_body(struct ingest *ingest, enum ingest_format format, struct byte_source source)
{
	if (format == INGEST_CSV)
		return ingest_csv(ingest, source);
	struct ctx *ctx = ingest->ctx;
	struct json_scan scan;
	char buffer[READ_BYTES];
	long got = 0;
	bool ok = true;
	json_scan_begin(&scan, format == INGEST_NDJSON ? JSON_LINES : JSON_LIST_OR_OBJECT, (size_t)ctx->config->item_max_bytes,
			(struct json_scan_handler){ .item = take_item, .member = ingest->one_transaction ? NULL : take_member,
						    .user = ingest });
	while (ok && (got = source.read(source.user, buffer, sizeof(buffer))) > 0) {
		digest_add(&ingest->digest, buffer, (size_t)got);
		ok = json_scan_feed(&scan, buffer, (size_t)got, &ctx->fail);
	}
	if (ok && got < 0)
		ok = fail_set(&ctx->fail, FAIL_INVALID, CODE_TRUNCATED_BODY, "The body broke off; nothing of it was kept");
	ok = ok && json_scan_end(&scan, &ctx->fail);
	ingest->report.saw_items = scan.saw_items || !scan.in_object;
	json_scan_free(&scan);
	return ok && ingest_end(ingest);
}
