#include "net/reply.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"

/* One line of the head. */
struct line {
	const char *text;
	size_t len;
};

struct head {
	int64_t content_length; /* -1 = not said */
	bool is_chunked;
};

/* The line at `*at`; false when its end has not come. */
static bool take_line(const char **at, const char *end, struct line *line)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	if (!newline)
		return false;
	*line = (struct line){ *at, (size_t)(newline - *at) };
	if (line->len && line->text[line->len - 1] == '\r')
		line->len--;
	*at = newline + 1;
	return true;
}

/* "HTTP/1.1 204 No Content"; 0 for anything else. */
static int read_status(const struct line *line)
{
	const char *text = line->text;
	if (line->len < 12 || strncmp(text, "HTTP/1.", 7) != 0 || text[8] != ' ' || (line->len > 12 && text[12] != ' '))
		return 0;
	for (int i = 9; i < 12; i++)
		if (text[i] < '0' || text[i] > '9')
			return 0;
	int status = (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
	return status >= 100 && status < 600 ? status : 0;
}

/* The value of the header, if the line is it. */
static bool is_header(const struct line *line, const char *name, struct line *value)
{
	size_t len = strlen(name);
	if (line->len <= len || line->text[len] != ':' || strncasecmp(line->text, name, len) != 0)
		return false;
	*value = (struct line){ line->text + len + 1, line->len - len - 1 };
	while (value->len && (*value->text == ' ' || *value->text == '\t')) {
		value->text++;
		value->len--;
	}
	while (value->len && (value->text[value->len - 1] == ' ' || value->text[value->len - 1] == '\t'))
		value->len--;
	return true;
}

static bool two_digits(const char *text, int *out)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*out = (text[0] - '0') * 10 + (text[1] - '0');
	return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", the one form that may be sent (RFC 9110, 5.6.7). */
static bool read_date(const struct line *value, int64_t *utc)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int day, century, year, hour, minute, second;
	const char *text = value->text;
	if (value->len != 29 || !two_digits(text + 5, &day) || !two_digits(text + 12, &century) || !two_digits(text + 14, &year) ||
	    !two_digits(text + 17, &hour) || !two_digits(text + 20, &minute) || !two_digits(text + 23, &second) ||
	    strncmp(text + 25, " GMT", 4) != 0 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	for (int month = 0; month < 12; month++)
		if (strncmp(months + 3 * (size_t)month, text + 8, 3) == 0) {
			*utc = days_from_civil(century * 100 + year, month + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
			return true;
		}
	return false;
}

static int64_t read_retry_after(const struct line *value, int64_t now_utc)
{
	int64_t seconds;
	if (parse_i64(value->text, value->len, &seconds))
		return seconds > 0 ? seconds : 0;
	return read_date(value, &seconds) && seconds > now_utc ? seconds - now_utc : 0;
}

/* Status and headers up to the empty line. */
static enum reply_reading read_head(const char **at, const char *end, int64_t now_utc, struct reply *reply, struct head *head)
{
	struct line line, value;
	*head = (struct head){ .content_length = -1 };
	if (!take_line(at, end, &line))
		return REPLY_MORE;
	reply->status = read_status(&line);
	if (!reply->status)
		return REPLY_BAD;
	for (;;) {
		if (!take_line(at, end, &line))
			return REPLY_MORE;
		if (!line.len)
			return REPLY_WHOLE;
		if (is_header(&line, "Retry-After", &value))
			reply->retry_after_s = read_retry_after(&value, now_utc);
		else if (is_header(&line, "Content-Length", &value) &&
			 (!parse_i64(value.text, value.len, &head->content_length) || head->content_length < 0))
			return REPLY_BAD;
		else if (is_header(&line, "Transfer-Encoding", &value))
			head->is_chunked = value.len >= 7 && strncasecmp(value.text + value.len - 7, "chunked", 7) == 0;
	}
}

/* Kept as people may see it. */
static void keep(struct reply *reply, const char *bytes, size_t len)
{
	for (size_t at = 0; at < len && reply->body_len < REPLY_BODY_KEPT;) {
		size_t step = utf8_step(bytes + at, len - at);
		bool is_shown = step > 1 || (step == 1 && ((unsigned char)bytes[at] >= 0x20 || bytes[at] == '\n') && bytes[at] != 0x7f);
		size_t taken = step ? step : 1;
		if (is_shown && reply->body_len + step > REPLY_BODY_KEPT)
			break;
		if (is_shown)
			memcpy(reply->body + reply->body_len, bytes + at, step);
		else
			reply->body[reply->body_len] = '?';
		reply->body_len += is_shown ? step : bytes[at] != '\r';
		at += taken;
	}
	reply->body[reply->body_len] = '\0';
}

static int hex_value(char digit)
{
	const char *hex = "0123456789abcdef", *at = digit ? strchr(hex, digit >= 'A' && digit <= 'F' ? digit - 'A' + 'a' : digit) : NULL;
	return at ? (int)(at - hex) : -1;
}

/* "1a;name=value": at most seven digits. */
static bool chunk_size(const struct line *line, size_t *size)
{
	size_t i = 0;
	*size = 0;
	for (; i < line->len && hex_value(line->text[i]) >= 0; i++)
		*size = *size * 16 + (size_t)hex_value(line->text[i]);
	return i > 0 && i <= 7 && (i == line->len || line->text[i] == ';' || line->text[i] == ' ');
}

static enum reply_reading read_chunks(const char *at, const char *end, struct reply *reply)
{
	for (;;) {
		struct line line;
		size_t size;
		if (!take_line(&at, end, &line))
			return REPLY_MORE;
		if (!chunk_size(&line, &size))
			return REPLY_BAD;
		size_t there = (size_t)(end - at);
		keep(reply, at, there < size ? there : size);
		if (!size || reply->body_len >= REPLY_BODY_KEPT)
			return REPLY_WHOLE;
		if (there < size + 1)
			return REPLY_MORE;
		at += size;
		if (!take_line(&at, end, &line))
			return REPLY_MORE;
	}
}

enum reply_reading reply_read(const char *bytes, size_t len, bool is_end, int64_t now_utc, struct reply *reply)
{
	const char *at = bytes, *end = bytes + len;
	struct head head;
	enum reply_reading reading;
	do {
		*reply = (struct reply){ 0 };
		reading = read_head(&at, end, now_utc, reply, &head);
	} while (reading == REPLY_WHOLE && reply->status < 200);
	if (reading == REPLY_BAD || (reading == REPLY_MORE && (is_end || len >= REPLY_HEAD_MAX)))
		return REPLY_BAD;
	if (reading == REPLY_MORE)
		return REPLY_MORE;
	if (reply->status == 204 || reply->status == 304)
		return REPLY_WHOLE;
	if (head.is_chunked) {
		/* The status counts, whatever the body is: what was kept of one that breaks
		 * off, or is cut wrongly, is good enough to be shown. */
		reading = read_chunks(at, end, reply);
		return reading == REPLY_MORE && !is_end ? REPLY_MORE : REPLY_WHOLE;
	}
	size_t there = (size_t)(end - at);
	bool has_all = head.content_length >= 0 && there >= (uint64_t)head.content_length;
	keep(reply, at, has_all ? (size_t)head.content_length : there);
	return has_all || is_end || reply->body_len >= REPLY_BODY_KEPT ? REPLY_WHOLE : REPLY_MORE;
}
