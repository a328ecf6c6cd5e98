#include "notify/retry.h"

#define DAY_S 86400

int64_t retry_delay_s(int32_t attempts, int64_t retry_after_s, uint32_t random)
{
	static const int32_t delays_s[ATTEMPTS_MAX - 1] = {
		5, 300, 1800, 7200, 18000, 36000, 50400, 72000, DAY_S,
	};
	if (attempts >= ATTEMPTS_MAX)
		return -1;
	int64_t delay_s = delays_s[attempts > 0 ? attempts - 1 : 0];
	/* Many that failed together must not come back together. */
	delay_s += delay_s * ((int64_t)(random % 201) - 100) / 1000;
	if (retry_after_s > DAY_S)
		retry_after_s = DAY_S;
	return retry_after_s > delay_s ? retry_after_s : delay_s;
}
