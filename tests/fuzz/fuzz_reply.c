/* What a receiver of webhooks answers, whole and in pieces: what has come so
 * far never says another status than all of it. */
#include "base/str.h"
#include "net/reply.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct reply whole, part;
	enum reply_reading reading = reply_read(text, size, true, 1790000000, &whole);

	REQUIRE(reading != REPLY_MORE);
	REQUIRE(whole.body_len <= REPLY_BODY_KEPT && strlen(whole.body) == whole.body_len && whole.retry_after_s >= 0);
	REQUIRE(utf8_valid(whole.body, whole.body_len, NULL));
	for (const char *c = whole.body; *c; c++)
		REQUIRE((unsigned char)*c >= 0x20 || *c == '\n');
	if (reading == REPLY_WHOLE)
		REQUIRE(whole.status >= 200 && whole.status < 600);
	for (size_t cut = 0; cut < size && cut < 2000; cut += 1 + cut / 8)
		if (reply_read(text, cut, false, 1790000000, &part) == REPLY_WHOLE)
			REQUIRE(reading == REPLY_BAD || part.status == whole.status);
	return 0;
}
