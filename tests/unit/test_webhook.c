/* What webhooks rest on: which addresses may be reached, one spelling of a URL, signatures, replies, retries. */
#include "base/ids.h"
#include "net/destination.h"
#include "net/https.h"
#include "net/reply.h"
#include "net/url.h"
#include "notify/retry.h"
#include "notify/sign.h"
#include "support.h"

static int init(void **state)
{
	struct fail f = { 0 };

	return ids_init(&f) ? 0 : -1;
}

/* --- addresses ------------------------------------------------------------------- */

static void only_the_public_net_is_reached(void **state)
{
	static const struct {
		const char *address;
		bool is_public;
	} rows[] = {
		{ "8.8.8.8", true },	     { "1.1.1.1", true },	 { "172.15.255.255", true },  { "172.32.0.0", true },
		{ "100.63.255.255", true },  { "100.128.0.0", true },	 { "223.255.255.255", true }, { "192.167.255.255", true },
		{ "0.0.0.0", false },	     { "0.1.2.3", false },	 { "10.0.0.1", false },	      { "127.0.0.1", false },
		{ "127.255.255.254", false }, { "169.254.169.254", false }, { "172.16.0.1", false },  { "172.31.255.255", false },
		{ "192.168.1.1", false },    { "100.64.0.1", false },	 { "100.127.255.255", false }, { "192.0.0.8", false },
		{ "192.0.2.1", false },	     { "198.18.0.1", false },	 { "198.19.255.255", false }, { "198.51.100.7", false },
		{ "203.0.113.7", false },    { "192.88.99.1", false },	 { "224.0.0.1", false },      { "239.255.255.250", false },
		{ "240.0.0.1", false },	     { "255.255.255.255", false },
		{ "2606:4700:4700::1111", true }, { "2001:4860:4860::8888", true }, { "2a00:1450::1", true },
		{ "::1", false },	     { "::", false },		 { "::ffff:127.0.0.1", false }, { "::ffff:8.8.8.8", true },
		{ "::127.0.0.1", false },    { "64:ff9b::7f00:1", false }, { "64:ff9b::808:808", false }, { "64:ff9b:1::1", false },
		{ "2001::1", false },	     { "2001:db8::1", false },	 { "2001:10::1", false },     { "2002:7f00:1::1", false },
		{ "3fff::1", false },	     { "fc00::1", false },	 { "fdff::1", false },	      { "fe80::1", false },
		{ "fec0::1", false },	     { "ff02::1", false },	 { "100::1", false },	      { "4000::1", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address;
		assert_true(address_read(rows[i].address, strlen(rows[i].address), &address));
		if ((destination_blocked(&address) == NULL) != rows[i].is_public)
			fail_msg("%s: %s", rows[i].address, destination_blocked(&address));
		assert_int_equal(destination_permitted(&address, 443, ""), rows[i].is_public);
		assert_false(destination_permitted(&address, 25, ""));
	}
}

static void the_owner_names_what_else_is_reached(void **state)
{
	static const char allow[] = "10.0.0.5:8443, [fd00::5]:443, 127.0.0.1:9000";
	static const struct {
		const char *address;
		int port;
		bool permitted;
	} rows[] = {
		{ "10.0.0.5", 8443, true },  { "10.0.0.5", 443, false },  { "10.0.0.6", 8443, false }, { "fd00::5", 443, true },
		{ "fd00::5", 8443, false },  { "127.0.0.1", 9000, true }, { "::1", 9000, false },      { "::ffff:127.0.0.1", 9000, true },
		{ "8.8.8.8", 443, true },    { "8.8.8.8", 9000, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address;
		assert_true(address_read(rows[i].address, strlen(rows[i].address), &address));
		assert_int_equal(destination_permitted(&address, rows[i].port, allow), rows[i].permitted);
	}
	assert_true(destination_port_permitted(9000, allow));
	assert_false(destination_port_permitted(9001, allow));
	assert_true(endpoint_list_valid(allow, strlen(allow)));
	for (const char *const *bad = (const char *const[]){ "10.0.0.5", "10.0.0.0/8:443", "10.0.0.5:0", "fd00::5:443", "[10.0.0.5]:443", "*:443", NULL }; *bad; bad++)
		assert_false(endpoint_list_valid(*bad, strlen(*bad)));
}

/* A name is as bad as the worst of its addresses. */
static void every_address_of_a_name_counts(void **state)
{
	struct address list[2];
	char detail[256];
	assert_true(address_read("8.8.8.8", strlen("8.8.8.8"), &list[0]) && address_read("169.254.169.254", strlen("169.254.169.254"), &list[1]));
	assert_true(https_check_addresses(list, 1, 443, "", detail));
	assert_false(https_check_addresses(list, 2, 443, "", detail));
	assert_string_equal(detail, "It leads to 169.254.169.254, which is link-local");
}

/* --- URLs ------------------------------------------------------------------------- */

static void a_url_has_one_spelling(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
		const char *path;
	} good[] = {
		{ "https://example.com", "example.com", 443, "/" },
		{ "HTTPS://Example.COM/In?a=1", "example.com", 443, "/In?a=1" },
		{ "https://example.com?a=1", "example.com", 443, "/?a=1" },
		{ "https://a-b.xn--exmple-cua.com:8443/x", "a-b.xn--exmple-cua.com", 8443, "/x" },
		{ "https://8.8.8.8/", "8.8.8.8", 443, "/" },
		{ "https://[2606:4700::1]:8443/", "2606:4700::1", 8443, "/" },
		{ "https://example.com/a@b:c", "example.com", 443, "/a@b:c" },
	};
	static const char *const bad[] = {
		"", "example.com", "http://example.com/", "https:/example.com/", "https://", "https:///x", "https://:443/", "https://?x",
		"https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://1.2.3.4.5/",
		"https://a.0x7f/", "https://example.com./", "https://example..com/", "https://.example.com/", "https://-a.com/", "https://a-.com/",
		"https://user@example.com/", "https://user:pw@example.com/", "https://example.com:443@evil.com/", "https://example.com:/",
		"https://example.com:0/", "https://example.com:65536/", "https://example.com:+443/", "https://example.com:44 3/",
		"https://example.com:99999999999999999999/", "https://[::1/", "https://[]/", "https://[1.2.3.4]/", "https://[fe80::1%eth0]/",
		"https://::1/", "https://example.com/#x", "https://example.com/a b", "https://example.com/\r\nHost: x", "https://ex\xc3\xa4mple.com/",
		"https://exam_ple.com/", "https://example.com\\@evil.com/", "https://example.com/\\x", "https://%65xample.com/",
	};
	struct url url;
	const char *why;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!url_read(good[i].text, &url, &why))
			fail_msg("%s: %s", good[i].text, why);
		assert_string_equal(url.host, good[i].host);
		assert_int_equal(url.port, good[i].port);
		assert_string_equal(url.path, good[i].path);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (url_read(bad[i], &url, &why))
			fail_msg("%s was taken as %s port %d", bad[i], url.host, url.port);
		assert_non_null(why);
	}
}

/* --- signatures --------------------------------------------------------------------- */

/* The vector that implementations of Standard Webhooks share. */
static void the_public_vector_is_signed_alike(void **state)
{
	unsigned char key[SECRET_BYTES_MAX];
	char signature[SIGNATURE_SIZE];
	size_t len;
	assert_true(secret_read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", key, &len));
	assert_int_equal(len, 24);
	webhook_sign(key, len, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}", signature);
	assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_false(secret_read("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", key, &len));
	assert_false(secret_read("whsec_", key, &len));
	assert_false(secret_read("whsec_!!!", key, &len));
}

/* --- retries ------------------------------------------------------------------------- */

static void retries_come_later_and_later_and_end(void **state)
{
	static const int64_t plan_s[] = { 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400 };
	for (int32_t attempts = 1; attempts < ATTEMPTS_MAX; attempts++) {
		int64_t plan = plan_s[attempts - 1];
		assert_int_equal(retry_delay_s(attempts, 0, 100), plan);
		for (uint32_t random = 0; random < 500; random++) {
			int64_t delay = retry_delay_s(attempts, 0, random);
			assert_true(delay >= plan - plan / 10 - 1 && delay <= plan + plan / 10 + 1);
		}
	}
	assert_int_equal(retry_delay_s(ATTEMPTS_MAX, 0, 1), -1);
	assert_int_equal(retry_delay_s(ATTEMPTS_MAX + 1, 60, 1), -1);
	assert_int_equal(retry_delay_s(1, 120, 100), 120);
	assert_int_equal(retry_delay_s(2, 120, 100), 300);
	assert_int_equal(retry_delay_s(1, INT64_MAX, 100), 86400);
}

/* --- replies ------------------------------------------------------------------------- */

static void replies_are_read_as_far_as_they_matter(void **state)
{
	static const struct {
		const char *text;
		bool is_end;
		enum reply_reading reading;
		int status;
		int64_t retry_after_s;
		const char *body;
	} rows[] = {
		{ "HTTP/1.1 204 No Content\r\n\r\n", false, REPLY_WHOLE, 204, 0, "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world", false, REPLY_WHOLE, 200, 0, "hello" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", false, REPLY_MORE, 200, 0, "hello" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", true, REPLY_WHOLE, 200, 0, "hello" },
		{ "HTTP/1.0 200\n\nhi", true, REPLY_WHOLE, 200, 0, "hi" },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, REPLY_WHOLE, 200, 0, "" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwe a\r\n3;x=y\r\nre \r\n0\r\n\r\n", false, REPLY_WHOLE, 200, 0, "we are " },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwe", false, REPLY_MORE, 200, 0, "we" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\nwe", false, REPLY_WHOLE, 200, 0, "" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\nwe", false, REPLY_WHOLE, 200, 0, "" },
		{ "HTTP/1.1 503 Later\r\nretry-after:  120 \r\nContent-Length: 0\r\n\r\n", false, REPLY_WHOLE, 503, 120, "" },
		{ "HTTP/1.1 503 Later\r\nRetry-After: -1\r\nContent-Length: 0\r\n\r\n", false, REPLY_WHOLE, 503, 0, "" },
		{ "HTTP/1.1 503 Later\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n", false, REPLY_WHOLE, 503, 177, "" },
		{ "HTTP/1.1 503 Later\r\nRetry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\nContent-Length: 0\r\n\r\n", false, REPLY_WHOLE, 503, 0, "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na\x1b\xff\xc3", false, REPLY_WHOLE, 200, 0, "a???" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", false, REPLY_BAD, 200, 0, NULL },
		{ "HTTP/1.1 20", false, REPLY_MORE, 0, 0, NULL },
		{ "HTTP/1.1 20", true, REPLY_BAD, 0, 0, NULL },
		{ "HTTP/1.1 2000 OK\r\n\r\n", true, REPLY_BAD, 0, 0, NULL },
		{ "HTTP/1.1 999 OK\r\n\r\n", true, REPLY_BAD, 0, 0, NULL },
		{ "SSH-2.0-OpenSSH\r\n", false, REPLY_BAD, 0, 0, NULL },
		{ "", true, REPLY_BAD, 0, 0, NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply reply;
		enum reply_reading reading = reply_read(rows[i].text, strlen(rows[i].text), rows[i].is_end, 784111600, &reply);
		if (reading != rows[i].reading)
			fail_msg("%s: read as %d", rows[i].text, (int)reading);
		assert_int_equal(reply.status, rows[i].status);
		assert_int_equal(reply.retry_after_s, rows[i].retry_after_s);
		if (rows[i].body)
			assert_string_equal(reply.body, rows[i].body);
	}
}

static void a_huge_reply_is_cut(void **state)
{
	static char text[REPLY_HEAD_MAX + 2000] = "HTTP/1.1 200 OK\r\n\r\n";
	struct reply reply;
	size_t head = strlen(text);
	for (size_t at = head; at + 1 < sizeof(text); at += 2)
		memcpy(text + at, "\xc3\xa4", 2);
	assert_int_equal(reply_read(text, head + 1001, false, 0, &reply), REPLY_WHOLE);
	assert_int_equal(reply.body_len, REPLY_BODY_KEPT);
	/* A head without an end is none. */
	memset(text + 17, 'x', sizeof(text) - 17);
	assert_int_equal(reply_read(text, REPLY_HEAD_MAX - 1, false, 0, &reply), REPLY_MORE);
	assert_int_equal(reply_read(text, REPLY_HEAD_MAX, false, 0, &reply), REPLY_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_public_net_is_reached),
		cmocka_unit_test(the_owner_names_what_else_is_reached),
		cmocka_unit_test(every_address_of_a_name_counts),
		cmocka_unit_test(a_url_has_one_spelling),
		cmocka_unit_test(the_public_vector_is_signed_alike),
		cmocka_unit_test(retries_come_later_and_later_and_end),
		cmocka_unit_test(replies_are_read_as_far_as_they_matter),
		cmocka_unit_test(a_huge_reply_is_cut),
	};
	return cmocka_run_group_tests(tests, init, NULL);
}
