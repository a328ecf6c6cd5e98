#include "notify/sign.h"

#include <stdio.h>
#include <string.h>

#include "base/ids.h"
#include "base/str.h"

bool secret_read(const char *text, unsigned char key[SECRET_BYTES_MAX], size_t *len)
{
	return strncmp(text, SECRET_PREFIX, sizeof(SECRET_PREFIX) - 1) == 0 &&
	       base64_decode(text + sizeof(SECRET_PREFIX) - 1, key, SECRET_BYTES_MAX, len) && *len > 0;
}

void webhook_sign(const void *key, size_t key_len, const char *message_id, int64_t timestamp, const char *body,
		  char out[SIGNATURE_SIZE])
{
	unsigned char tag[DIGEST_BYTES];
	struct str text = STR_INIT;
	str_addf(&text, "%s.%lld.%s", message_id, (long long)timestamp, body);
	mac_by(key, key_len, text.data, text.len, tag);
	str_free(&text);
	str_copy(out, SIGNATURE_SIZE, "v1,");
	base64_encode(tag, sizeof(tag), out + 3);
}
_Static_assert(SIGNATURE_SIZE >= 3 + BASE64_SIZE(DIGEST_BYTES), "room for it");
