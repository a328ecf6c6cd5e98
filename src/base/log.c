#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* A line is one write() with O_APPEND, so lines of several processes do not
 * mix; longer messages are cut. */
#define LINE_BYTES 4096
#define MESSAGE_BYTES 2048

static struct {
	int fd;
	enum log_level level;
} state = { STDERR_FILENO, LOG_INFO };

void log_open(const char *path, enum log_level level)
{
	log_close();
	state.level = level;
	if (!path || !*path)
		return;
	state.fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (state.fd < 0) {
		state.fd = STDERR_FILENO;
		log_line(LOG_WARN, NULL, "the log file %s can't be opened; logging to stderr", path);
	}
}

void log_close(void)
{
	if (state.fd != STDERR_FILENO)
		close(state.fd);
	state.fd = STDERR_FILENO;
}

/* Bytes of a character at `s` that could forge or hide a line: ASCII controls,
 * C1 controls (U+0080 to U+009F), U+2028, U+2029. 0 for any other. */
static size_t unsafe_len(const unsigned char *s)
{
	if (s[0] < 0x20 || s[0] == 0x7f)
		return 1;
	if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
		return 2;
	if (s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9))
		return 3;
	return 0;
}

/* Appends `text` escaped; a backslash is doubled, so that an escape in the log
 * can't be confused with one that somebody sent. */
static size_t append(char line[LINE_BYTES], size_t used, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)text;

	/* The widest step writes 12 bytes, and the newline needs one. */
	while (*s && used + 13 < LINE_BYTES) {
		size_t unsafe = unsafe_len(s);

		if (unsafe == 0) {
			if (*s == '\\')
				line[used++] = '\\';
			line[used++] = (char)*s++;
			continue;
		}
		for (; unsafe > 0; unsafe--, s++) {
			line[used++] = '\\';
			if (*s == '\n' || *s == '\r' || *s == '\t') {
				line[used++] = *s == '\n' ? 'n' : *s == '\r' ? 'r' : 't';
				continue;
			}
			line[used++] = 'x';
			line[used++] = hex[*s >> 4];
			line[used++] = hex[*s & 15];
		}
	}
	return used;
}

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, bytes, len);

		if (done <= 0) /* nobody is left to be told */
			return;
		bytes += done;
		len -= (size_t)done;
	}
}

void log_line(enum log_level level, const char *reference, const char *format, ...)
{
	static const char *const names[] = { " error ", " warn ", " info ", " debug " };
	char line[LINE_BYTES], message[MESSAGE_BYTES], when[TIME_TEXT_SIZE];
	struct timespec now;
	size_t used = 0;
	va_list ap;

	if (level > state.level)
		return;
	va_start(ap, format);
	if (vsnprintf(message, sizeof(message), format, ap) < 0)
		message[0] = '\0';
	va_end(ap);
	clock_gettime(CLOCK_REALTIME, &now);
	time_format_utc((int64_t)now.tv_sec, when);
	used = append(line, used, when);
	used = append(line, used, names[level]);
	used = append(line, used, reference && *reference ? reference : "-");
	used = append(line, used, " ");
	used = append(line, used, message);
	line[used++] = '\n';
	write_all(state.fd, line, used);
}
