#include "base/ids.h"

#include <sodium.h>
#include <string.h>

/* security.md: OWASP's first choice for Argon2id. */
#define ARGON_PASSES 2ULL
#define ARGON_MEMORY_BYTES ((size_t)19 * 1024 * 1024)

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct digest_state), "digest_state is too small");
_Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_SIZE, "PASSWORD_HASH_SIZE is too small");
_Static_assert(crypto_auth_hmacsha256_KEYBYTES == 32, "mac() takes 32-byte keys");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == DIGEST_BYTES, "a digest is a key of seal()");
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_Static_assert(NONCE_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES == SEAL_BYTES, "SEAL_BYTES is wrong");

bool ids_init(struct fail *fail)
{
	if (sodium_init() < 0)
		return fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "The program could not start.") ||
		       fail_detail(fail, "sodium_init failed: no source of random numbers");
	return true;
}

void random_bytes(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint64_t random_u64(void)
{
	uint64_t value;

	randombytes_buf(&value, sizeof(value));
	return value;
}

uint32_t random_below(uint32_t bound)
{
	return randombytes_uniform(bound);
}

void hex_encode(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[from[i] >> 4];
		out[2 * i + 1] = digits[from[i] & 15];
	}
	out[2 * len] = '\0';
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool hex_decode(const char *text, void *out, size_t len)
{
	unsigned char *to = out;

	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void digest(const void *bytes, size_t len, unsigned char out[DIGEST_BYTES])
{
	crypto_hash_sha256(out, bytes, len);
}

static crypto_hash_sha256_state *sha_of(struct digest_state *state)
{
	return (crypto_hash_sha256_state *)(void *)state->opaque;
}

void digest_begin(struct digest_state *state)
{
	crypto_hash_sha256_init(sha_of(state));
}

void digest_add(struct digest_state *state, const void *bytes, size_t len)
{
	crypto_hash_sha256_update(sha_of(state), bytes, len);
}

void digest_end(struct digest_state *state, unsigned char out[DIGEST_BYTES])
{
	crypto_hash_sha256_final(sha_of(state), out);
}

void mac(const unsigned char key[32], const void *bytes, size_t len, unsigned char out[DIGEST_BYTES])
{
	mac_by(key, crypto_auth_hmacsha256_KEYBYTES, bytes, len, out);
}

void mac_by(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char out[DIGEST_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, key_len);
	crypto_auth_hmacsha256_update(&state, bytes, len);
	crypto_auth_hmacsha256_final(&state, out);
}

void base64_encode(const void *bytes, size_t len, char *out)
{
	sodium_bin2base64(out, BASE64_SIZE(len), bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

bool base64_decode(const char *text, void *out, size_t max, size_t *len_out)
{
	return sodium_base642bin(out, max, text, strlen(text), NULL, len_out, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

/* The site's secret signs CSRF tokens; sealing has a key of its own. */
static void seal_key(const unsigned char key[32], unsigned char out[DIGEST_BYTES])
{
	static const char label[] = "tranche seal";

	mac(key, label, sizeof(label) - 1, out);
}

void seal(const unsigned char key[32], const char *purpose, const void *bytes, size_t len, unsigned char *out)
{
	unsigned char own[DIGEST_BYTES];

	seal_key(key, own);
	randombytes_buf(out, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, NULL, bytes, len, (const unsigned char *)purpose,
						   strlen(purpose), NULL, out, own);
}

bool unseal(const unsigned char key[32], const char *purpose, const void *sealed, size_t len, unsigned char *out)
{
	const unsigned char *from = sealed;
	unsigned char own[DIGEST_BYTES];

	seal_key(key, own);
	return len >= SEAL_BYTES && crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, from + NONCE_BYTES, len - NONCE_BYTES,
									       (const unsigned char *)purpose, strlen(purpose), from, own) == 0;
}

bool same_bytes(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

uint64_t hash64(const void *bytes, size_t len)
{
	unsigned char out[crypto_generichash_BYTES_MIN];
	uint64_t value = 0;

	crypto_generichash(out, sizeof(out), bytes, len, NULL, 0);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | out[i];
	return value;
}

bool password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
{
	return crypto_pwhash_str_alg(out, password, strlen(password), ARGON_PASSES, ARGON_MEMORY_BYTES,
				     crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool password_matches(const char *hash, const char *password)
{
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool password_needs_rehash(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, ARGON_PASSES, ARGON_MEMORY_BYTES) != 0;
}
