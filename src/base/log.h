/*
 * The log: one line per event, for the site owner and for us.
 *
 * Lines are `time level reference message`; control characters are escaped, so
 * no input can forge a line.  Values bound to statements and secrets never get
 * here: callers log numbers, names of statements and codes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Opens `path` for appending (0600); NULL or "" means stderr.  A path that
 * can't be opened falls back to stderr with a line that says so. */
void log_open(const char *path, enum log_level level);
void log_close(void);

/* `reference` is the request's, or NULL. */
void log_line(enum log_level level, const char *reference, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
