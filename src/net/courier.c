#include "net/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define FILES_MAX 1024
#define RESOLVING_S 6
#define NO_PROCESS (-1)

static int64_t longest_s(const struct https_request *request)
{
	return request->timeout_ms / 1000 + RESOLVING_S;
}

/* The listening socket, the database's and the visitor's stay the parent's alone. */
static void close_files(int except)
{
	long most = sysconf(_SC_OPEN_MAX);
	if (most < 0 || most > FILES_MAX)
		most = FILES_MAX;
	for (int fd = 0; fd < (int)most; fd++)
		if (fd != except)
			close(fd);
	/* What libraries write to 0..2 must not land in a socket. */
	for (int fd = open("/dev/null", O_RDWR); fd >= 0 && fd < 2;)
		fd = dup(fd);
}

static void run_child(const struct https_request *request, int to)
{
	struct https_result result;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	close_files(to);
	alarm((unsigned)longest_s(request));
	https_post(request, &result);
	/* Smaller than PIPE_BUF: whole or not at all. */
	ssize_t wrote = write(to, &result, sizeof(result));
	_exit(wrote == (ssize_t)sizeof(result) ? 0 : 1);
}
_Static_assert(sizeof(struct https_result) <= 4096, "one write to a pipe");

void courier_start(struct courier *courier, const struct https_request *request)
{
	int ends[2];
	*courier = (struct courier){ .pid = NO_PROCESS, .pipe = -1, .began_ms = monotonic_ms() };
	courier->until_ms = courier->began_ms + longest_s(request) * 1000;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	pid_t pid = fork();
	if (pid == 0)
		run_child(request, ends[1]);
	close(ends[1]);
	if (pid > 0) {
		courier->pid = pid;
		courier->pipe = ends[0];
	} else {
		close(ends[0]);
	}
}

static void bury(struct courier *courier)
{
	if (courier->pid > 0) {
		kill(courier->pid, SIGKILL); /* at its end anyway, or too late */
		while (waitpid(courier->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(courier->pipe);
	}
	*courier = (struct courier){ .pid = 0, .pipe = -1 };
}

bool courier_look(struct courier *courier, int wait_ms, struct https_result *result)
{
	*result = (struct https_result){ .outcome = HTTPS_NOT_SENT };
	if (courier->pid == NO_PROCESS) {
		str_copy(result->detail, sizeof(result->detail), "The host allows no further process");
		courier->pid = 0;
		return true;
	}
	struct pollfd wanted = { .fd = courier->pipe, .events = POLLIN };
	if (poll(&wanted, 1, wait_ms) > 0) {
		struct https_result told;
		ssize_t got = read(courier->pipe, &told, sizeof(told));
		if (got == (ssize_t)sizeof(told))
			*result = told;
		else
			str_copy(result->detail, sizeof(result->detail), "The process that was to send it died");
		bury(courier);
		return true;
	}
	if (monotonic_ms() < courier->until_ms)
		return false;
	*result = (struct https_result){ .outcome = HTTPS_TIMEOUT, .took_ms = (int32_t)(monotonic_ms() - courier->began_ms) };
	str_copy(result->detail, sizeof(result->detail), "The name server or the receiver took too long");
	bury(courier);
	return true;
}
