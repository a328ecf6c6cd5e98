/* Where a delivery goes and how long it takes: real sockets on loopback, and a name server that says what the test wants. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/courier.h"
#include "net/https.h"
#include "support.h"

/* --- a name server that changes its mind -------------------------------------------- */

#define ANSWERS_MAX 2
#define LIST_MAX 3

/* What it says when asked for the first, the second time: lists of addresses. */
static const char *answers[ANSWERS_MAX][LIST_MAX];
static int asked;

/* In place of the C library's. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	const char *const *list = answers[asked < ANSWERS_MAX ? asked : ANSWERS_MAX - 1];
	(void)node;
	(void)service;
	(void)hints;
	asked++;
	*found = NULL;
	for (int i = LIST_MAX - 1; i >= 0; i--) {
		struct addrinfo *info = list[i] ? calloc(1, sizeof(*info)) : NULL;
		struct sockaddr_in *address = info ? calloc(1, sizeof(*address)) : NULL;
		if (!info)
			continue;
		assert_non_null(address);
		address->sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, list[i], &address->sin_addr), 1);
		info->ai_family = AF_INET;
		info->ai_addr = (struct sockaddr *)(void *)address;
		info->ai_addrlen = sizeof(*address);
		info->ai_next = *found;
		*found = info;
	}
	return *found ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;
		free(list->ai_addr);
		free(list);
		list = next;
	}
}

static void says(int time, const char *one, const char *two)
{
	answers[time][0] = one;
	answers[time][1] = two;
	asked = 0;
}

/* --- receivers ------------------------------------------------------------------------ */

/* One that listens at this address and never says a word; 0 = any port. */
static int listen_at(const char *address, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_return_code(fd, errno);
	assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), errno);
	assert_return_code(bind(fd, (struct sockaddr *)(void *)&at, sizeof(at)), errno);
	assert_return_code(listen(fd, 8), errno);
	return fd;
}

static int port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	assert_return_code(getsockname(fd, (struct sockaddr *)(void *)&at, &len), errno);
	return ntohs(at.sin_port);
}

/* Connections that it got so far. */
static int callers(int fd)
{
	int count = 0, caller;
	while ((caller = accept(fd, NULL, NULL)) >= 0) {
		close(caller);
		count++;
	}
	return count;
}

static struct https_request request_to(const char *host, int port, const char *allow, int64_t timeout_ms)
{
	struct https_request request = { .allow = allow, .ca_file = "", .headers = "", .body = "{}", .timeout_ms = timeout_ms };
	char text[100];
	const char *why = "";
	snprintf(text, sizeof(text), "https://%s:%d/", host, port);
	if (!url_read(text, &request.url, &why))
		fail_msg("%s: %s", text, why);
	return request;
}

/* --- where it goes -------------------------------------------------------------------- */

static void a_name_is_asked_for_once_and_the_address_that_was_checked_is_the_one_connected_to(void **state)
{
	int good = listen_at("127.0.0.1", 0), port = port_of(good), bad = listen_at("127.0.0.2", port);
	char allow[40];
	snprintf(allow, sizeof(allow), "127.0.0.1:%d", port);
	struct https_request request = request_to("hook.example", port, allow, 200);
	struct https_result result;
	/* Good while it is looked at, another one a moment later. */
	says(0, "127.0.0.1", NULL);
	says(1, "127.0.0.2", NULL);
	https_post(&request, &result);
	assert_int_equal(asked, 1);
	assert_int_equal(callers(good), 1);
	assert_int_equal(callers(bad), 0);
	/* The other way round nobody is reached. */
	says(0, "127.0.0.2", NULL);
	says(1, "127.0.0.1", NULL);
	https_post(&request, &result);
	assert_int_equal(result.outcome, HTTPS_BLOCKED);
	assert_int_equal(asked, 1);
	assert_int_equal(callers(good) + callers(bad), 0);
	close(good);
	close(bad);
}

static void one_bad_address_among_good_ones_and_nobody_is_reached(void **state)
{
	int good = listen_at("127.0.0.1", 0), port = port_of(good);
	char allow[40];
	snprintf(allow, sizeof(allow), "127.0.0.1:%d", port);
	struct https_request request = request_to("hook.example", port, allow, 200);
	struct https_result result;
	says(0, "127.0.0.1", "169.254.169.254");
	https_post(&request, &result);
	assert_int_equal(result.outcome, HTTPS_BLOCKED);
	assert_string_equal(result.detail, "It leads to 169.254.169.254, which is link-local");
	assert_int_equal(callers(good), 0);
	close(good);
}

/* --- how long it takes ---------------------------------------------------------------- */

static void a_receiver_that_never_answers_is_given_up(void **state)
{
	int silent = listen_at("127.0.0.1", 0), port = port_of(silent);
	char allow[40];
	snprintf(allow, sizeof(allow), "127.0.0.1:%d", port);
	struct https_request request = request_to("127.0.0.1", port, allow, 300);
	struct https_result result;
	https_post(&request, &result);
	assert_int_equal(result.outcome, HTTPS_TIMEOUT);
	assert_true(result.took_ms >= 300);
	assert_int_equal(result.reply.status, 0);
	assert_int_equal(callers(silent), 1);
	close(silent);
}

/* The same by a process of its own; whoever kills that is told of. */
static void a_courier_comes_back_or_is_missed(void **state)
{
	int silent = listen_at("127.0.0.1", 0), port = port_of(silent);
	char allow[40];
	snprintf(allow, sizeof(allow), "127.0.0.1:%d", port);
	struct https_request request = request_to("127.0.0.1", port, allow, 300);
	struct https_result result;
	struct courier courier;
	courier_start(&courier, &request);
	while (!courier_look(&courier, 1000, &result))
		;
	assert_int_equal(result.outcome, HTTPS_TIMEOUT);
	assert_int_equal(courier.pid, 0);
	request.timeout_ms = 20000;
	courier_start(&courier, &request);
	assert_false(courier_look(&courier, 0, &result));
	assert_return_code(kill(courier.pid, SIGKILL), errno);
	while (!courier_look(&courier, 1000, &result))
		;
	assert_int_equal(result.outcome, HTTPS_NOT_SENT);
	assert_string_equal(result.detail, "The process that was to send it died");
	close(silent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_asked_for_once_and_the_address_that_was_checked_is_the_one_connected_to),
		cmocka_unit_test(one_bad_address_among_good_ones_and_nobody_is_reached),
		cmocka_unit_test(a_receiver_that_never_answers_is_given_up),
		cmocka_unit_test(a_courier_comes_back_or_is_missed),
	};
	return cmocka_run_group_tests_name("https", tests, NULL, NULL);
}
