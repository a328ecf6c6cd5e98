#include "base/ids.h"
#include "support.h"

static int init(void **state)
{
	struct fail f = { 0 };

	return ids_init(&f) ? 0 : -1;
}

static const char *hex(const unsigned char *bytes)
{
	static char text[65];

	hex_encode(bytes, 32, text);
	return text;
}

static void hex_goes_there_and_back(void **state)
{
	unsigned char bytes[256], back[256];
	char text[513];

	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	hex_encode(bytes, sizeof(bytes), text);
	assert_int_equal(strncmp(text, "000102", 6), 0);
	assert_true(hex_decode(text, back, sizeof(back)));
	assert_memory_equal(bytes, back, sizeof(bytes));
}

static void hex_of_the_wrong_form_is_refused(void **state)
{
	unsigned char out[2];

	assert_true(hex_decode("00fF", out, 2));
	assert_false(hex_decode("00f", out, 2));
	assert_false(hex_decode("00ff0", out, 2));
	assert_false(hex_decode("00fg", out, 2));
	assert_false(hex_decode(" 0ff", out, 2));
	assert_false(hex_decode("0x0f", out, 2));
	assert_false(hex_decode("", out, 2));
}

static void digest_is_sha256(void **state)
{
	unsigned char out[DIGEST_BYTES];

	digest("abc", 3, out); /* FIPS 180-4, example */
	assert_string_equal(hex(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest("", 0, out);
	assert_string_equal(hex(out), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void digest_in_parts_is_the_same(void **state)
{
	struct digest_state parts;
	unsigned char whole[DIGEST_BYTES], out[DIGEST_BYTES];

	digest("abcdef", 6, whole);
	digest_begin(&parts);
	digest_add(&parts, "ab", 2);
	digest_add(&parts, "", 0);
	digest_add(&parts, "cdef", 4);
	digest_end(&parts, out);
	assert_memory_equal(whole, out, DIGEST_BYTES);
}

static void mac_is_hmac_sha256(void **state)
{
	/* RFC 4231, cases 1 and 2: a shorter key is padded with zeros. */
	unsigned char key[32] = { 0 }, out[DIGEST_BYTES];

	memset(key, 0x0b, 20);
	mac(key, "Hi There", 8, out);
	assert_string_equal(hex(out), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	memset(key, 0, sizeof(key));
	memcpy(key, "Jefe", 4);
	mac(key, "what do ya want for nothing?", 28, out);
	assert_string_equal(hex(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void same_bytes_compares_all(void **state)
{
	assert_true(same_bytes("abcd", "abcd", 4));
	assert_false(same_bytes("abcd", "abce", 4));
	assert_false(same_bytes("abcd", "xbcd", 4));
}

static void hash64_differs_and_repeats(void **state)
{
	assert_true(hash64("a", 1) == hash64("a", 1));
	assert_true(hash64("a", 1) != hash64("b", 1));
	assert_true(hash64("a", 1) != hash64("a\0", 2));
}

static void random_numbers_stay_below_their_bound(void **state)
{
	bool seen[7] = { false };

	for (int i = 0; i < 1000; i++) {
		uint32_t value = random_below(7);

		assert_true(value < 7);
		seen[value] = true;
	}
	for (int i = 0; i < 7; i++)
		assert_true(seen[i]);
	assert_int_equal(random_below(1), 0);
	assert_true(random_u64() != random_u64());
}

static void passwords_are_argon2id_with_our_parameters(void **state)
{
	char hash[PASSWORD_HASH_SIZE];

	assert_true(password_hash("correct horse", hash));
	assert_int_equal(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	assert_true(password_matches(hash, "correct horse"));
	assert_false(password_matches(hash, "correct horsf"));
	assert_false(password_matches(hash, ""));
	assert_false(password_needs_rehash(hash));
}

static void a_long_password_is_not_cut(void **state)
{
	char hash[PASSWORD_HASH_SIZE], password[10001];

	memset(password, 'x', 10000);
	password[10000] = '\0';
	assert_true(password_hash(password, hash));
	assert_true(password_matches(hash, password));
	password[9999] = 'y';
	assert_false(password_matches(hash, password));
}

static void other_parameters_need_a_rehash(void **state)
{
	assert_true(password_needs_rehash("$argon2id$v=19$m=65536,t=2,p=1$"
					  "c29tZXNhbHRzb21lc2FsdA$"
					  "RdescudvJCsgt3ub+b5dWRWJTmaaJObGAAAAAAAAAAA"));
	assert_false(password_matches("not a hash", "x"));
	assert_false(password_matches("", "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(hex_of_the_wrong_form_is_refused),
		cmocka_unit_test(digest_is_sha256),
		cmocka_unit_test(digest_in_parts_is_the_same),
		cmocka_unit_test(mac_is_hmac_sha256),
		cmocka_unit_test(same_bytes_compares_all),
		cmocka_unit_test(hash64_differs_and_repeats),
		cmocka_unit_test(random_numbers_stay_below_their_bound),
		cmocka_unit_test(passwords_are_argon2id_with_our_parameters),
		cmocka_unit_test(a_long_password_is_not_cut),
		cmocka_unit_test(other_parameters_need_a_rehash),
	};

	return cmocka_run_group_tests_name("ids", tests, init, NULL);
}
