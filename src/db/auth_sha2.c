/*
 * caching_sha2_password, the way MySQL 8 and 9 check passwords.
 *
 * The connector has it as a plugin that it loads from a folder; a program in
 * one file has no such folder, so it brings its own (MySQL Internals, "Caching
 * SHA-2 pluggable authentication").  A server that does not remember the
 * password asks for it whole: over a socket or TLS it is sent as it is, else
 * encrypted with the server's RSA key.
 */
#include "db/internal.h"

#include <stdarg.h>

#include <mysql/plugin_auth.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/ids.h"

/* From mysql/client_plugin.h, which Debian ships without a header that it
 * includes. */
#define AUTHENTICATION_PLUGIN 2
#define AUTHENTICATION_INTERFACE 0x0100
struct auth_plugin {
	int type;
	unsigned interface_version;
	const char *name, *author, *desc;
	unsigned version[3];
	const char *license;
	void *mysql_api;
	int (*init)(char *, size_t, int, va_list);
	int (*deinit)(void);
	int (*options)(const char *option, const void *);
	int (*authenticate_user)(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql);
};

#define SCRAMBLE_BYTES 20
#define PASSWORD_MAX 255
#define CIPHER_MAX 1024

enum { ASK_FOR_KEY = 2, IS_REMEMBERED = 3, WANTS_PASSWORD = 4 };

/* SHA256(password) XOR SHA256(SHA256(SHA256(password)) + scramble) */
static void answer(const char *password, const unsigned char *scramble, unsigned char out[DIGEST_BYTES])
{
	unsigned char twice[DIGEST_BYTES], mask[DIGEST_BYTES];
	struct digest_state state;
	digest(password, strlen(password), out);
	digest(out, DIGEST_BYTES, twice);
	digest_begin(&state);
	digest_add(&state, twice, sizeof twice);
	digest_add(&state, scramble, SCRAMBLE_BYTES);
	digest_end(&state, mask);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		out[i] ^= mask[i];
}

/* Length of the cipher, 0 on failure. */
static size_t encrypt(const unsigned char *pem, int pem_len, const unsigned char *plain, size_t len, unsigned char out[CIPHER_MAX])
{
	size_t size = CIPHER_MAX;
	BIO *bio = BIO_new_mem_buf(pem, pem_len);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	bool ok = ctx && EVP_PKEY_get_size(key) <= CIPHER_MAX && EVP_PKEY_encrypt_init(ctx) > 0 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 && EVP_PKEY_encrypt(ctx, out, &size, plain, len) > 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok ? size : 0;
}

static bool is_private(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	MYSQL_PLUGIN_VIO_INFO info = { .protocol = MYSQL_VIO_INVALID };
	vio->info(vio, &info);
	return info.protocol == MYSQL_VIO_SOCKET || mysql_get_ssl_cipher(mysql);
}

static int send_password(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql, const unsigned char *scramble)
{
	static const unsigned char ask = ASK_FOR_KEY;
	unsigned char plain[PASSWORD_MAX + 1], cipher[CIPHER_MAX], *key;
	size_t len = strlen(mysql->passwd) + 1;
	if (len > sizeof plain)
		return CR_ERROR;
	if (is_private(vio, mysql))
		return vio->write_packet(vio, (const unsigned char *)mysql->passwd, (int)len) ? CR_ERROR : CR_OK;
	int key_len = vio->write_packet(vio, &ask, 1) ? -1 : vio->read_packet(vio, &key);
	if (key_len <= 1)
		return CR_ERROR;
	for (size_t i = 0; i < len; i++)
		plain[i] = (unsigned char)mysql->passwd[i] ^ scramble[i % SCRAMBLE_BYTES];
	size_t cipher_len = encrypt(key, key_len, plain, len, cipher);
	return !cipher_len || vio->write_packet(vio, cipher, (int)cipher_len) ? CR_ERROR : CR_OK;
}

static int authenticate(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	unsigned char *packet, scramble[SCRAMBLE_BYTES], reply[DIGEST_BYTES];
	if (vio->read_packet(vio, &packet) != SCRAMBLE_BYTES + 1)
		return CR_ERROR;
	memcpy(scramble, packet, SCRAMBLE_BYTES);
	if (!mysql->passwd || !mysql->passwd[0])
		return vio->write_packet(vio, (const unsigned char *)"", 1) ? CR_ERROR : CR_OK;
	answer(mysql->passwd, scramble, reply);
	if (vio->write_packet(vio, reply, sizeof reply) || vio->read_packet(vio, &packet) != 1)
		return CR_ERROR;
	if (*packet == IS_REMEMBERED)
		return CR_OK;
	return *packet == WANTS_PASSWORD ? send_password(vio, mysql, scramble) : CR_ERROR;
}

void db_register_auth(MYSQL *mysql)
{
	static struct auth_plugin plugin = {
		.type = AUTHENTICATION_PLUGIN,
		.interface_version = AUTHENTICATION_INTERFACE,
		.name = "caching_sha2_password",
		.author = "Tranche",
		.desc = "SHA-256 with a cache on the server",
		.version = { 1, 0, 0 },
		.license = "GPL",
		.authenticate_user = authenticate,
	};
	/* Into the connector's own list, which is the process's. */
	static bool is_known;
	if (!is_known)
		is_known = mysql_client_register_plugin(mysql, (struct st_mysql_client_plugin *)(void *)&plugin) != NULL;
}
