/* NDJSON bodies, and JSON lists of items: bit 3 of the first byte chooses. */
#include "ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ingest_check(data, size, size && data[0] & 8 ? INGEST_JSON : INGEST_NDJSON);
	return 0;
}
