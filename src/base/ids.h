/*
 * Identifiers, secrets and digests, all from libsodium.
 *
 * Raw bytes in the database, hexadecimal for people.  Must be initialised once
 * per process by ids_init().
 */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

#define DIGEST_BYTES 32 /* SHA-256 */
#define TOKEN_BYTES 32  /* 256 random bits */
#define UUID_BYTES 16

MUST_USE bool ids_init(struct fail *fail);

void random_bytes(void *out, size_t len);
uint64_t random_u64(void);
/* Uniform in [0, bound); bound > 0. */
uint32_t random_below(uint32_t bound);

/* Lower-case hexadecimal; `out` has 2 * len + 1 bytes. */
void hex_encode(const void *bytes, size_t len, char *out);
/* False unless `text` is exactly 2 * len hexadecimal digits. */
bool hex_decode(const char *text, void *out, size_t len);

void digest(const void *bytes, size_t len, unsigned char out[DIGEST_BYTES]);

/* Incremental digest; opaque, on the stack. */
struct digest_state {
	_Alignas(16) unsigned char opaque[128];
};
void digest_begin(struct digest_state *state);
void digest_add(struct digest_state *state, const void *bytes, size_t len);
void digest_end(struct digest_state *state, unsigned char out[DIGEST_BYTES]);

/* HMAC-SHA-256 with a 32-byte key. */
void mac(const unsigned char key[32], const void *bytes, size_t len, unsigned char out[DIGEST_BYTES]);
/* The same with a key of any length. */
void mac_by(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char out[DIGEST_BYTES]);

/* Base64 with padding (RFC 4648, 4); `out` has BASE64_SIZE(len) bytes. */
#define BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1)
void base64_encode(const void *bytes, size_t len, char *out);
/* False unless it is that, of at most `max` bytes. */
bool base64_decode(const char *text, void *out, size_t max, size_t *len_out);

/* Encrypts what the database must not give away to whoever reads it alone:
 * XChaCha20-Poly1305 under a key made of the site's secret.  `purpose` belongs
 * to it: what was sealed for one row opens for no other.  `out` has len +
 * SEAL_BYTES bytes. */
#define SEAL_BYTES 40
void seal(const unsigned char key[32], const char *purpose, const void *bytes, size_t len, unsigned char *out);
/* `out` has len - SEAL_BYTES bytes.  False when it was sealed for something
 * else, under another secret, or was changed. */
MUST_USE bool unseal(const unsigned char key[32], const char *purpose, const void *sealed, size_t len, unsigned char *out);

/* Equal in constant time. */
bool same_bytes(const void *a, const void *b, size_t len);

/* 64-bit keyed-less hash for payload comparison (BLAKE2b cut to 8 bytes). */
uint64_t hash64(const void *bytes, size_t len);

#define PASSWORD_HASH_SIZE 128
/* Argon2id, 19 MiB, t = 2 (security.md).  False when out of memory. */
MUST_USE bool password_hash(const char *password, char out[PASSWORD_HASH_SIZE]);
bool password_matches(const char *hash, const char *password);
bool password_needs_rehash(const char *hash);

#endif
