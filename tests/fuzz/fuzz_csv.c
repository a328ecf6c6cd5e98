/* CSV bodies. */
#include "ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ingest_check(data, size, INGEST_CSV);
	return 0;
}
