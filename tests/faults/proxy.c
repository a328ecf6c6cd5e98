/* A proxy that breaks one thing. */
#include "proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lines.h"
#include "world.h"

#define HEAD_BYTES 4
#define PACKET_MAX ((size_t)(1u << 24))
#define CLOCK_STEP_MAX_S 3600

enum { COM_QUERY = 0x03, COM_STMT_EXECUTE = 0x17 };

struct packet {
	unsigned char *bytes; /* head and payload */
	size_t len, cap;
};

struct pair {
	int client, server;
	struct packet packet;
};

static volatile struct proxy_board *board;
static const char *server_path;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- bytes --------------------------------------------------------------------------- */

static bool read_all(int fd, unsigned char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t got = read(fd, bytes, len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		bytes += got;
		len -= (size_t)got;
	}
	return true;
}

static bool write_all(int fd, const unsigned char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool read_packet(int fd, struct packet *packet)
{
	unsigned char head[HEAD_BYTES];
	if (!read_all(fd, head, sizeof head))
		return false;
	packet->len = HEAD_BYTES + (head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16);
	if (packet->len > packet->cap) {
		packet->cap = packet->len;
		packet->bytes = realloc(packet->bytes, packet->cap);
		if (!packet->bytes || packet->len > PACKET_MAX)
			abort();
	}
	memcpy(packet->bytes, head, sizeof head);
	return read_all(fd, packet->bytes + HEAD_BYTES, packet->len - HEAD_BYTES);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* --- packets of our own ----------------------------------------------------------------- */

/* An ERR packet; before the greeting there is no SQL state in it. */
static bool send_error(int fd, unsigned sequence, unsigned number)
{
	unsigned char packet[64] = { 0 };
	char *text = (char *)packet + HEAD_BYTES + 3;
	int len = snprintf(text, sizeof packet - HEAD_BYTES - 3, "%sinjected by the test", sequence ? "#HY000" : "");
	packet[0] = (unsigned char)(3 + len);
	packet[3] = (unsigned char)sequence;
	packet[4] = 0xff;
	packet[5] = (unsigned char)number;
	packet[6] = (unsigned char)(number >> 8);
	return write_all(fd, packet, HEAD_BYTES + 3 + (size_t)len);
}

/* A statement of the proxy's own, whose reply is one packet. */
static bool run_here(int server, const char *sql)
{
	unsigned char head[HEAD_BYTES + 1] = { (unsigned char)(strlen(sql) + 1), 0, 0, 0, COM_QUERY };
	struct packet reply = { 0 };
	bool ok = write_all(server, head, sizeof head) && write_all(server, (const unsigned char *)sql, strlen(sql)) &&
		  read_packet(server, &reply) && reply.bytes[HEAD_BYTES] == 0;
	free(reply.bytes);
	return ok;
}

static bool step_clock(int server)
{
	char sql[96];
	uint64_t seed = board->plan.seed;
	long step = (long)(line_random(&seed) % (2 * CLOCK_STEP_MAX_S)) - CLOCK_STEP_MAX_S;
	board->plan.seed = seed;
	snprintf(sql, sizeof sql, "SET timestamp = DEFAULT");
	if (!run_here(server, sql))
		return false;
	snprintf(sql, sizeof sql, "SET timestamp = UNIX_TIMESTAMP() %c %ld", step < 0 ? '-' : '+', labs(step));
	return run_here(server, sql);
}

/* --- commands ---------------------------------------------------------------------------- */

static bool runs_sql(const struct packet *packet)
{
	return packet->len > HEAD_BYTES && packet->bytes[3] == 0 &&
	       (packet->bytes[HEAD_BYTES] == COM_QUERY || packet->bytes[HEAD_BYTES] == COM_STMT_EXECUTE);
}

static bool is_commit(const struct packet *packet)
{
	return packet->len == HEAD_BYTES + 1 + 6 && memcmp(packet->bytes + HEAD_BYTES + 1, "COMMIT", 6) == 0;
}

/* What is to happen to this command. */
static enum proxy_fault count(const struct packet *packet)
{
	enum proxy_fault fault = PROXY_NONE;
	if (!runs_sql(packet))
		return PROXY_NONE;
	pthread_mutex_lock(&lock);
	volatile struct proxy_plan *plan = &board->plan;
	bool commit = is_commit(packet);
	board->commands++;
	board->commits += commit;
	if (plan->fault == PROXY_CLOCK) {
		if (plan->at && board->commands % plan->at == 0)
			fault = PROXY_CLOCK;
	} else if (plan->at && (plan->at_commit ? commit && board->commits == plan->at : board->commands == plan->at)) {
		fault = plan->fault;
	}
	board->fired += fault != PROXY_NONE;
	pthread_mutex_unlock(&lock);
	return fault;
}

/* Passes on half of the first thing the server says. */
static void pass_half(struct pair *pair)
{
	struct packet reply = { 0 };
	if (read_packet(pair->server, &reply))
		(void)write_all(pair->client, reply.bytes, reply.len / 2);
	free(reply.bytes);
}

/* False: the connection is over. */
static bool pass_command(struct pair *pair)
{
	struct packet *packet = &pair->packet, reply = { 0 };
	if (!read_packet(pair->client, packet))
		return false;
	enum proxy_fault fault = count(packet);
	unsigned error = board->plan.error;
	switch (fault) {
	case PROXY_NONE:
		break;
	case PROXY_CUT_BEFORE:
	case PROXY_REFUSE:
		return false;
	case PROXY_CUT_DURING:
		(void)write_all(pair->server, packet->bytes, packet->len);
		return false;
	case PROXY_CUT_AFTER:
		if (write_all(pair->server, packet->bytes, packet->len))
			(void)read_packet(pair->server, &reply);
		free(reply.bytes);
		return false;
	case PROXY_CUT_HALF:
		if (write_all(pair->server, packet->bytes, packet->len))
			pass_half(pair);
		return false;
	case PROXY_ROLLED_BACK:
		return run_here(pair->server, "ROLLBACK") && send_error(pair->client, 1, error);
	case PROXY_ERROR:
		return send_error(pair->client, 1, error);
	case PROXY_CLOCK:
		if (!step_clock(pair->server))
			return false;
		break;
	}
	return write_all(pair->server, packet->bytes, packet->len);
}

static bool pass_reply(struct pair *pair)
{
	unsigned char bytes[16384];
	ssize_t got = read(pair->server, bytes, sizeof bytes);
	return got > 0 && write_all(pair->client, bytes, (size_t)got);
}

static void *serve(void *user)
{
	struct pair *pair = user;
	bool open = true;
	while (open) {
		struct pollfd ends[2] = { { .fd = pair->client, .events = POLLIN }, { .fd = pair->server, .events = POLLIN } };
		if (poll(ends, 2, -1) < 0 && errno != EINTR)
			break;
		if (ends[1].revents)
			open = pass_reply(pair);
		else if (ends[0].revents)
			open = pass_command(pair);
	}
	close(pair->client);
	close(pair->server);
	free(pair->packet.bytes);
	free(pair);
	return NULL;
}

/* True: this connection was to be refused, and is. */
static bool refuse(int client)
{
	bool refused = false;
	pthread_mutex_lock(&lock);
	if (board->plan.fault == PROXY_REFUSE && board->fired && board->plan.refusals) {
		board->plan.refusals--;
		refused = true;
	}
	pthread_mutex_unlock(&lock);
	if (refused) {
		(void)send_error(client, 0, board->plan.error);
		close(client);
	}
	return refused;
}

static _Noreturn void run(int listener, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_Exit(0);
	for (;;) {
		pthread_t thread;
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0 || refuse(client))
			continue;
		struct pair *pair = calloc(1, sizeof *pair);
		if (!pair)
			abort();
		*pair = (struct pair){ .client = client, .server = connect_to(server_path) };
		if (pair->server < 0 || pthread_create(&thread, NULL, serve, pair) != 0)
			give_up("the proxy can't reach %s", server_path);
		pthread_detach(thread);
	}
}

void proxy_start(struct proxy *proxy, const char *path, const char *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (strlen(path) >= sizeof proxy->path)
		give_up("%s is too long", path);
	memcpy(proxy->path, path, strlen(path) + 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	unlink(path);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0)
		give_up("the proxy can't listen at %s", path);
	proxy->board = mmap(NULL, sizeof *proxy->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (proxy->board == MAP_FAILED)
		abort();
	board = proxy->board;
	server_path = server;
	fflush(NULL);
	pid_t parent = getpid();
	proxy->pid = fork();
	if (proxy->pid == 0)
		run(listener, parent);
	close(listener);
}

void proxy_stop(struct proxy *proxy)
{
	kill(proxy->pid, SIGKILL);
	waitpid(proxy->pid, NULL, 0);
	unlink(proxy->path);
}

void proxy_set(struct proxy *proxy, const struct proxy_plan *plan)
{
	*(struct proxy_board *)(uintptr_t)proxy->board = (struct proxy_board){ .plan = *plan };
}
