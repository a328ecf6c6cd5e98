/*
 * Rows of api_tokens: keys for programs.  A token is stored as its SHA-256; its
 * text exists once, in the reply that made it.
 */
#ifndef STORE_TOKENS_H
#define STORE_TOKENS_H

#include "base/ids.h"
#include "store/users.h"

#define TOKEN_PREFIX "tr_"
#define TOKEN_DAYS_MAX 366 /* of those that people make */
#define TOKEN_TEXT_SIZE (sizeof TOKEN_PREFIX + 2 * TOKEN_BYTES)

/* Who has this token; user_id 0 if it does not exist or has expired. */
MUST_USE bool token_find(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES], struct identity *identity_out);
/* Does a comma-separated scope hold this permission's name? NULL holds all. */
bool token_in_scope(const char *scope, const char *name);
/* Notes the hour of use. */
MUST_USE bool token_touch(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES]);

struct api_token {
	int64_t id;
	const char *label;
	const char *permissions;   /* comma-separated; NULL = all of the user's */
	int64_t created_at, expires_at, used_at; /* UTC seconds; 0 = never */
};
/* Makes a token that lives `days` (0 = for ever); `text_out` gets what the
 * program has to send. */
MUST_USE bool token_create(struct ctx *ctx, int64_t user_id, const char *label, const char *permissions, int64_t days,
			   struct api_token *token_out, char text_out[TOKEN_TEXT_SIZE]);
/* A user's tokens, newest first, at most 200. */
MUST_USE bool tokens_list(struct ctx *ctx, int64_t user_id, struct api_token **tokens_out, size_t *count_out);
/* Revokes all of a user's. */
MUST_USE bool tokens_delete(struct ctx *ctx, int64_t user_id);
/* FAIL_NOT_FOUND when the user has no such token. */
MUST_USE bool token_get(struct ctx *ctx, int64_t user_id, int64_t id, struct api_token *token_out);
/* FAIL_NOT_FOUND when the user has no such token. */
MUST_USE bool token_delete(struct ctx *ctx, int64_t user_id, int64_t id);

#endif
