/*
 * Load from one thread.
 *
 *     load http PORT PATH AUTHORIZATION CONNECTIONS SECONDS
 *         requests over kept connections; each sends its next when answered
 *     load cgi PROGRAM PATH AUTHORIZATION TIMES
 *         starts the program as a web server does; time to its first byte
 *
 * Prints one JSON object.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define REPLY_MAX 65536
#define SAMPLES_MAX 2000000

struct connection {
	int fd;
	double sent_s;
	size_t got;
	char reply[REPLY_MAX];
};

static double samples[SAMPLES_MAX];
static size_t sample_count, bad;

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static void note(double seconds)
{
	if (sample_count < SAMPLES_MAX)
		samples[sample_count++] = seconds;
}

static int report(double took_s)
{
	qsort(samples, sample_count, sizeof samples[0], by_size);
	printf("{\"items\":%zu,\"bad\":%zu,\"seconds\":%.4f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n", sample_count, bad, took_s,
	       sample_count ? samples[sample_count / 2] * 1e6 : 0, sample_count ? samples[sample_count * 99 / 100] * 1e6 : 0);
	return sample_count ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool send_request(struct connection *c, int port, const char *request)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (c->fd < 0) {
		c->fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(c->fd, (struct sockaddr *)&to, sizeof to))
			return false;
	}
	c->got = 0;
	c->sent_s = now_s();
	return write(c->fd, request, strlen(request)) == (ssize_t)strlen(request);
}

/* Is the reply whole?  It has a Content-Length or comes in chunks. */
static bool is_whole(struct connection *c)
{
	c->reply[c->got] = '\0';
	const char *body = strstr(c->reply, "\r\n\r\n");
	const char *length = strcasestr(c->reply, "\r\ncontent-length:");
	if (!body)
		return false;
	body += 4;
	if (length && length < body)
		return (size_t)(c->reply + c->got - body) >= strtoul(length + 17, NULL, 10);
	return c->got > 5 && memcmp(c->reply + c->got - 5, "0\r\n\r\n", 5) == 0;
}

/* Reads what has come; false when the connection is to be opened anew. */
static bool take(struct connection *c, bool *done_out)
{
	ssize_t got = read(c->fd, c->reply + c->got, REPLY_MAX - 1 - c->got);
	*done_out = false;
	if (got <= 0)
		return false;
	c->got += (size_t)got;
	if (!is_whole(c))
		return true;
	*done_out = true;
	note(now_s() - c->sent_s);
	if (strncmp(c->reply, "HTTP/1.1 200", 12) != 0 && bad++ == 0)
		fprintf(stderr, "load: %.300s\n", c->reply);
	return strcasestr(c->reply, "\r\nconnection: close") == NULL;
}

static int load_http(int port, const char *path, const char *authorization, int connections, double seconds)
{
	static struct connection list[CONNECTIONS_MAX];
	struct pollfd polls[CONNECTIONS_MAX];
	char request[1024];
	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\n\r\n", path, authorization);
	double began_s = now_s();
	for (int i = 0; i < connections; i++) {
		list[i].fd = -1;
		if (!send_request(&list[i], port, request))
			return EXIT_FAILURE;
	}
	while (now_s() - began_s < seconds) {
		for (int i = 0; i < connections; i++)
			polls[i] = (struct pollfd){ list[i].fd, POLLIN, 0 };
		if (poll(polls, (nfds_t)connections, 1000) < 0)
			return EXIT_FAILURE;
		for (int i = 0; i < connections; i++) {
			bool done = false;
			if (!polls[i].revents)
				continue;
			bool stays = take(&list[i], &done);
			if (!stays) {
				close(list[i].fd);
				list[i].fd = -1;
			}
			if ((done || !stays) && !send_request(&list[i], port, request))
				return EXIT_FAILURE;
		}
	}
	return report(now_s() - began_s);
}

static bool start_once(char *program, char **environment)
{
	int ends[2];
	char byte;
	char *arguments[] = { program, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	if (pipe(ends))
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
	double began_s = now_s();
	if (posix_spawn(&pid, program, &actions, NULL, arguments, environment))
		return false;
	close(ends[1]);
	bool answered = read(ends[0], &byte, 1) == 1;
	note(now_s() - began_s);
	while (read(ends[0], &byte, 1) == 1)
		continue;
	close(ends[0]);
	posix_spawn_file_actions_destroy(&actions);
	waitpid(pid, NULL, 0);
	return answered;
}

static int load_cgi(char *program, const char *path, const char *authorization, int times)
{
	char path_info[512], uri[512], bearer[512];
	snprintf(path_info, sizeof path_info, "PATH_INFO=%s", path);
	snprintf(uri, sizeof uri, "REQUEST_URI=%s", path);
	snprintf(bearer, sizeof bearer, "HTTP_AUTHORIZATION=%s", authorization);
	char gateway[] = "GATEWAY_INTERFACE=CGI/1.1", protocol[] = "SERVER_PROTOCOL=HTTP/1.1", method[] = "REQUEST_METHOD=GET",
	     script[] = "SCRIPT_NAME=", query[] = "QUERY_STRING=", remote[] = "REMOTE_ADDR=127.0.0.1", host[] = "HTTP_HOST=127.0.0.1";
	char *environment[] = { path_info, uri, bearer, gateway, protocol, method, script, query, remote, host, NULL };
	double began_s = now_s();
	for (int i = 0; i < times; i++)
		if (!start_once(program, environment))
			return EXIT_FAILURE;
	return report(now_s() - began_s);
}

int main(int argc, char **argv)
{
	if (argc == 7 && strcmp(argv[1], "http") == 0 && atoi(argv[5]) <= CONNECTIONS_MAX)
		return load_http(atoi(argv[2]), argv[3], argv[4], atoi(argv[5]), atof(argv[6]));
	if (argc == 6 && strcmp(argv[1], "cgi") == 0)
		return load_cgi(argv[2], argv[3], argv[4], atoi(argv[5]));
	fprintf(stderr, "usage: load http PORT PATH AUTHORIZATION CONNECTIONS SECONDS | load cgi PROGRAM PATH AUTHORIZATION TIMES\n");
	return EXIT_FAILURE;
}
