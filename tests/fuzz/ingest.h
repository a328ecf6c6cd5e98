/*
 * What the targets of batch bodies share: whatever comes, each row becomes one
 * item that is JSON, or says why it can't be one.
 */
#ifndef FUZZ_INGEST_H
#define FUZZ_INGEST_H

#include "base/config.h"
#include "batch/ingest.h"
#include "store/items.h"
#include "fuzz.h"

struct ingest_bytes {
	const uint8_t *at;
	size_t left, step;
};

static long ingest_read(void *user, char *buffer, size_t size)
{
	struct ingest_bytes *bytes = user;
	size_t n = bytes->left < size ? bytes->left : size;

	if (n > bytes->step)
		n = bytes->step;
	memcpy(buffer, bytes->at, n);
	bytes->at += n;
	bytes->left -= n;
	return (long)n;
}

static bool ingest_group(struct ingest *ingest)
{
	for (size_t i = 0; i < ingest->group_count; i++) {
		const struct item_input *item = &ingest->group[i];
		struct arena *arena = arena_new();
		struct fail f = { 0 };

		/* Also what could not be read is kept as JSON, a string. */
		REQUIRE(utf8_valid(item->text, item->len, NULL));
		REQUIRE(item->code != CODE_NONE || json_read(arena, item->text, item->len, &f));
		REQUIRE(item->code == CODE_NONE || (item->message && item->text[0] == '"'));
		REQUIRE(!item->client_id || strlen(item->client_id) <= EVENT_CLIENT_ID_MAX);
		REQUIRE(item->target_id >= 0);
		arena_free(arena);
	}
	return true;
}

/* The first byte chooses the type of the batch and how much is read at a time. */
static void ingest_check(const uint8_t *data, size_t size, enum ingest_format format)
{
	static const enum job_type types[] = { JOB_CREATE, JOB_UPDATE, JOB_EVALUATE };
	struct config config = { .items_max = 100000, .item_max_bytes = 65536 };
	struct ctx ctx = { .arena = arena_new(), .config = &config };
	struct job job = { .type = size ? types[data[0] % 3] : JOB_CREATE };
	struct ingest_bytes bytes = { data + (size ? 1 : 0), size ? size - 1 : 0, size && data[0] & 4 ? 1 : SIZE_MAX };
	struct ingest ingest;
	bool ok;

	ingest_begin(&ingest, &ctx, &job, 0);
	ingest.take_group = ingest_group;
	ok = ingest_body(&ingest, format, (struct byte_source){ ingest_read, &bytes });
	REQUIRE(ok == (ctx.fail.kind == FAIL_NONE));
	REQUIRE(ok || ctx.fail.public_message[0]);
	REQUIRE(ingest.report.malformed <= ingest.report.accepted + (int64_t)ingest.group_count);
	ingest_free(&ingest);
	arena_free(ctx.arena);
}

#endif
