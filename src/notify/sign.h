/*
 * Signatures by Standard Webhooks 1.0: HMAC-SHA-256 over "id.timestamp.body",
 * in base64 behind "v1,".  Pure.
 */
#ifndef NOTIFY_SIGN_H
#define NOTIFY_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_PREFIX "whsec_"
#define SECRET_BYTES_MAX 64
#define SIGNATURE_SIZE 48 /* "v1," and 44 */

/* The key of "whsec_…"; false when that is no base64 of at most 64 bytes. */
bool secret_read(const char *text, unsigned char key_out[SECRET_BYTES_MAX], size_t *len_out);

void webhook_sign(const void *key, size_t key_len, const char *message_id, int64_t timestamp, const char *body,
		  char out[SIGNATURE_SIZE]);

#endif
