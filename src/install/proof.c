#include "install/proof.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/str.h"

#define CODE_CHARS 16  /* 80 bits */
#define CODE_TEXT 20   /* with hyphens and the end */
#define ADDRESSES 64
#define FILE_MAX 16384
#define ENDING ".conf" /* what .htaccess never serves */

struct attempts {
	uint64_t who;      /* hash of an address */
	int64_t since;
	int64_t count;
};

/* What the file says, and the file, locked. */
struct record {
	int fd;
	char code[CODE_TEXT];  /* "" = none, or used */
	int64_t code_until;
	unsigned char session[DIGEST_BYTES];
	int64_t session_until; /* 0 = none */
	struct attempts attempts[ADDRESSES];
	size_t attempt_count;
};

/* --- the file -------------------------------------------------------------- */

static bool is_name(const char *name)
{
	size_t len = strlen(name), begin = strlen(PROOF_FILE), end = strlen(ENDING);
	return len > begin + end && strncmp(name, PROOF_FILE, begin) == 0 && strcmp(name + len - end, ENDING) == 0;
}

/* The first of its name, by the alphabet; false if there is none. */
static bool find(const struct place *place, char path[PATH_MAX])
{
	char name[256] = "";
	DIR *folder = opendir(place->folder);
	if (!folder)
		return false;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		if (is_name(entry->d_name) && (!name[0] || strcmp(entry->d_name, name) < 0))
			str_copy(name, sizeof(name), entry->d_name);
	closedir(folder);
	snprintf(path, PATH_MAX, "%s/%s", place->folder, name);
	return name[0];
}

/* "word value" of a line; NULL when it begins with another word. */
static const char *value_of(const char *line, const char *word)
{
	size_t len = strlen(word);
	return strncmp(line, word, len) == 0 && line[len] == ' ' ? line + len + 1 : NULL;
}

static void read_line(struct record *record, const char *line)
{
	const char *value;
	if (strncmp(line, "    ", 4) == 0 && strlen(line) == 4 + CODE_TEXT - 1)
		str_copy(record->code, sizeof(record->code), line + 4);
	else if ((value = value_of(line, "code_until")) != NULL)
		record->code_until = strtoll(value, NULL, 10);
	else if ((value = value_of(line, "session_until")) != NULL)
		record->session_until = strtoll(value, NULL, 10);
	else if ((value = value_of(line, "session")) != NULL && !hex_decode(value, record->session, DIGEST_BYTES))
		record->session_until = 0;
	else if ((value = value_of(line, "wrong")) != NULL && record->attempt_count < ADDRESSES) {
		struct attempts *one = &record->attempts[record->attempt_count++];
		char *end;
		one->who = strtoull(value, &end, 16);
		one->since = strtoll(end, &end, 10);
		one->count = strtoll(end, NULL, 10);
	}
}

/* Opens and locks it.  One that others can read or that somebody else put there
 * proves nothing. */
static bool open_record(const char *path, struct record *record)
{
	char text[FILE_MAX + 1];
	struct stat info;
	*record = (struct record){ .fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) };
	if (record->fd < 0)
		return false;
	if (fstat(record->fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() && !(info.st_mode & 077)) {
		(void)flock(record->fd, LOCK_EX); /* a file system without locks: then two attempts may count as one */
		ssize_t len = pread(record->fd, text, FILE_MAX, 0);
		text[len > 0 ? len : 0] = '\0';
		char *rest = text;
		for (char *line; (line = strsep(&rest, "\n")) != NULL;)
			read_line(record, line);
		return true;
	}
	close(record->fd);
	return false;
}

static bool load(const struct place *place, struct record *record)
{
	char path[PATH_MAX];
	return find(place, path) && open_record(path, record);
}

static void compose(const struct record *record, struct str *out)
{
	char when[TIME_TEXT_SIZE], hex[2 * DIGEST_BYTES + 1];
	str_adds(out, "This file proves that the site is yours.\n\n");
	if (record->code[0]) {
		time_format_utc(record->code_until, when);
		str_addf(out, "Type this code on the page “Install Tranche”:\n\n    %s\n\nIt holds until %s.\n", record->code, when);
	} else {
		str_adds(out, "The code has been used. If you need another one, press “Write a new code” on the page.\n");
	}
	str_adds(out, "Tranche removes this file when it is installed.\n\n# For the program:\n");
	hex_encode(record->session, DIGEST_BYTES, hex);
	str_addf(out, "code_until %" PRId64 "\nsession %s\nsession_until %" PRId64 "\n", record->code_until, hex,
		 record->session_until);
	for (size_t i = 0; i < record->attempt_count; i++)
		str_addf(out, "wrong %016" PRIx64 " %" PRId64 " %" PRId64 "\n", record->attempts[i].who, record->attempts[i].since,
			 record->attempts[i].count);
}

static bool store(struct record *record)
{
	struct str text = STR_INIT;
	compose(record, &text);
	bool ok = text.len < FILE_MAX && ftruncate(record->fd, 0) == 0 &&
		  pwrite(record->fd, text.data, text.len, 0) == (ssize_t)text.len;
	str_free(&text);
	return ok;
}

/* --- the code -------------------------------------------------------------- */

/* Crockford's base 32: no I, L, O, U, which look like others. */
static void make_code(char out[CODE_TEXT])
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char bytes[CODE_CHARS];
	size_t used = 0;
	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < CODE_CHARS; i++) {
		if (i && i % 4 == 0)
			out[used++] = '-';
		out[used++] = alphabet[bytes[i] % 32];
	}
	out[used] = '\0';
}

/* As people type it: small letters, blanks, an O for a zero. Always the same
 * number of bytes, so that the comparison's time tells nothing. */
static void normalise(const char *given, char out[CODE_CHARS])
{
	size_t used = 0;
	memset(out, 0, CODE_CHARS);
	for (; *given && used < CODE_CHARS; given++) {
		char c = *given;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == 'O')
			c = '0';
		if (c == 'I' || c == 'L')
			c = '1';
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
			out[used++] = c;
	}
}

static bool is_code(const struct record *record, const char *given, int64_t now)
{
	char mine[CODE_CHARS], theirs[CODE_CHARS];
	normalise(record->code, mine);
	normalise(given, theirs);
	return same_bytes(mine, theirs, CODE_CHARS) && record->code[0] && now < record->code_until;
}

bool proof_begin(const struct place *place, int64_t now, struct fail *fail)
{
	struct record record = { .fd = -1 };
	bool is_there = load(place, &record);
	if (is_there && record.code[0] && now < record.code_until) {
		close(record.fd);
		return true;
	}
	if (!is_there) {
		unsigned char salt[8];
		char hex[2 * sizeof(salt) + 1], path[PATH_MAX], first[PATH_MAX];
		random_bytes(salt, sizeof(salt));
		hex_encode(salt, sizeof(salt), hex);
		snprintf(path, sizeof(path), "%s/" PROOF_FILE "%s" ENDING, place->folder, hex);
		record = (struct record){ .fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) };
		/* Two at once: the second's file would only confuse. */
		if (record.fd >= 0 && find(place, first) && strcmp(first, path) != 0 && unlink(path) == 0) {
			close(record.fd);
			return true;
		}
	}
	make_code(record.code);
	record.code_until = now + PROOF_CODE_S;
	bool ok = record.fd >= 0 && fchmod(record.fd, 0600) == 0 && store(&record);
	fail->os_or_sql_error = ok ? 0 : errno;
	if (record.fd >= 0)
		close(record.fd);
	return ok || fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "The file with the code can't be written: %s",
			      strerror(fail->os_or_sql_error));
}

/* --- attempts -------------------------------------------------------------- */

/* Wrong ones of this address and of all, in the present window. Old ones go. */
static struct attempts *count_attempts(struct record *record, uint64_t who, int64_t now, int64_t *all_out)
{
	struct attempts *mine = NULL;
	size_t kept = 0;
	*all_out = 0;
	for (size_t i = 0; i < record->attempt_count; i++) {
		if (now >= record->attempts[i].since + PROOF_TRY_S || now < record->attempts[i].since)
			continue;
		record->attempts[kept] = record->attempts[i];
		*all_out += record->attempts[kept].count;
		if (record->attempts[kept].who == who)
			mine = &record->attempts[kept];
		kept++;
	}
	record->attempt_count = kept;
	return mine;
}

static enum proof_result judge(struct record *record, const char *code, const char *address, int64_t now, int *wait_s_out)
{
	int64_t all;
	uint64_t who = hash64(address, strlen(address));
	struct attempts *mine = count_attempts(record, who, now, &all);
	if ((mine && mine->count >= PROOF_TRIES_MAX) || all >= PROOF_TRIES_ALL) {
		*wait_s_out = (int)(mine ? mine->since + PROOF_TRY_S - now : PROOF_TRY_S);
		return PROOF_TOO_MANY;
	}
	if (!record->code[0] || now >= record->code_until)
		return PROOF_NO_CODE;
	if (is_code(record, code, now))
		return PROOF_RIGHT;
	if (!mine && record->attempt_count < ADDRESSES) {
		mine = &record->attempts[record->attempt_count++];
		*mine = (struct attempts){ .who = who, .since = now };
	}
	if (!mine) /* more addresses than there is room for: the last one stands for all of them */
		mine = &record->attempts[ADDRESSES - 1];
	mine->count++;
	return PROOF_WRONG;
}

enum proof_result proof_try(const struct place *place, const char *code, const char *address, int64_t now,
			    char token_out[PROOF_TOKEN_SIZE], int *wait_s_out)
{
	struct record record;
	*wait_s_out = 0;
	if (!load(place, &record))
		return PROOF_NO_CODE;
	enum proof_result result = judge(&record, code, address, now, wait_s_out);
	if (result == PROOF_RIGHT) {
		unsigned char token[DIGEST_BYTES];
		random_bytes(token, sizeof(token));
		hex_encode(token, sizeof(token), token_out);
		digest(token_out, strlen(token_out), record.session);
		record.session_until = now + PROOF_SESSION_S;
		record.code[0] = '\0';
	}
	if (!store(&record))
		result = PROOF_BROKEN;
	close(record.fd);
	return result;
}

/* --- the session ----------------------------------------------------------- */

static bool session_is_open(const struct record *record, int64_t now)
{
	return now < record->session_until && now > record->session_until - 2 * (int64_t)PROOF_SESSION_S;
}

void proof_look(const struct place *place, int64_t now, struct proof_state *state_out)
{
	struct record record;
	*state_out = (struct proof_state){ .has_code = false };
	if (!load(place, &record))
		return;
	state_out->has_code = record.code[0] && now < record.code_until;
	state_out->code_until = record.code_until;
	state_out->has_session = session_is_open(&record, now);
	close(record.fd);
}

bool proof_holds(const struct place *place, const char *token, int64_t now)
{
	struct record record;
	unsigned char hash[DIGEST_BYTES];
	if (!token || !load(place, &record))
		return false;
	digest(token, strlen(token), hash);
	bool holds = session_is_open(&record, now) && same_bytes(hash, record.session, DIGEST_BYTES);
	close(record.fd);
	return holds;
}

void proof_end(const struct place *place)
{
	char path[PATH_MAX];
	for (int i = 0; i < 10 && find(place, path) && unlink(path) == 0; i++)
		;
}
