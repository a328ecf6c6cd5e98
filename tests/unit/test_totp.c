/* One-time codes by the clock: the RFC's own vectors, and what counts as a code. */
#include "base/ids.h"
#include "base/totp.h"
#include "support.h"

#define KEY "12345678901234567890" /* RFC 6238, appendix B, SHA-1 */

static int init(void **state)
{
	struct fail f = { 0 };

	return ids_init(&f) ? 0 : -1;
}

static void rfc_6238_vectors(void **state)
{
	static const struct {
		int64_t time;
		uint32_t code;
	} vectors[] = {
		{ 59, 94287082 },	  { 1111111109, 7081804 },   { 1111111111, 14050471 },
		{ 1234567890, 89005924 }, { 2000000000, 69279037 }, { 20000000000, 65353130 },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(totp_code((const unsigned char *)KEY, 20, vectors[i].time / TOTP_STEP_S, 8), vectors[i].code);
}

/* RFC 4226, appendix D. */
static void rfc_4226_vectors(void **state)
{
	static const uint32_t codes[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489 };

	for (int64_t i = 0; i < 10; i++)
		assert_int_equal(totp_code((const unsigned char *)KEY, 20, i, 6), codes[i]);
}

static int64_t match(const char *typed, int64_t now_utc, int64_t used)
{
	return totp_match((const unsigned char *)KEY, typed, now_utc, used);
}

/* At 59 s the steps 0, 1 and 2 count. */
static void the_step_before_and_after_count_too(void **state)
{
	assert_int_equal(match("287082", 59, 0), 1);
	assert_int_equal(match("359152", 59, 0), 2);
	assert_int_equal(match("969429", 59, 0), 0);
	assert_int_equal(match("287082", 89, 0), 1);
	assert_int_equal(match("287082", 90, 0), 0);
	assert_int_equal(match("287082", 29, 0), 1);
}

static void a_used_step_and_those_before_it_count_no_more(void **state)
{
	assert_int_equal(match("287082", 59, 1), 0);
	assert_int_equal(match("359152", 59, 1), 2);
	assert_int_equal(match("287082", 59, 2), 0);
}

static void six_digits_are_a_code(void **state)
{
	static const char *const none[] = { "", " ", "28708", "2870822", "28708a", "-87082", "+287082", "0x1234", "287082\n", "٢٨٧٠٨٢",
					    "287082 287082" };

	assert_int_equal(match("287 082", 59, 0), 1);
	assert_int_equal(match("  2 8 7 0 8 2  ", 59, 0), 1);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(match(none[i], 59, 0), 0);
}

/* RFC 4648, 10, without padding. */
static void base32_vectors(void **state)
{
	static const char *const vectors[][2] = { { "", "" },	      { "f", "MY" },	   { "fo", "MZXQ" },	   { "foo", "MZXW6" },
						  { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	char out[BASE32_SIZE(6)];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = strlen(vectors[i][0]);

		base32_encode((const unsigned char *)vectors[i][0], len, out);
		assert_string_equal(out, vectors[i][1]);
		assert_true(strlen(out) + 1 <= BASE32_SIZE(len));
	}
}

static void what_is_sealed_opens_for_its_purpose_alone(void **state)
{
	unsigned char key[32] = { 1 }, other[32] = { 2 }, sealed[20 + SEAL_BYTES], again[20 + SEAL_BYTES], out[20];

	seal(key, "totp 1", KEY, 20, sealed);
	seal(key, "totp 1", KEY, 20, again);
	assert_true(memcmp(sealed, again, sizeof(sealed)) != 0);
	assert_true(unseal(key, "totp 1", sealed, sizeof(sealed), out));
	assert_memory_equal(out, KEY, 20);
	assert_false(unseal(key, "totp 2", sealed, sizeof(sealed), out));
	assert_false(unseal(other, "totp 1", sealed, sizeof(sealed), out));
	assert_false(unseal(key, "totp 1", sealed, SEAL_BYTES - 1, out));
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_false(unseal(key, "totp 1", sealed, sizeof(sealed), out));
		sealed[i] ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_6238_vectors),
		cmocka_unit_test(rfc_4226_vectors),
		cmocka_unit_test(the_step_before_and_after_count_too),
		cmocka_unit_test(a_used_step_and_those_before_it_count_no_more),
		cmocka_unit_test(six_digits_are_a_code),
		cmocka_unit_test(base32_vectors),
		cmocka_unit_test(what_is_sealed_opens_for_its_purpose_alone),
	};

	return cmocka_run_group_tests_name("totp", tests, init, NULL);
}
