/* Where tranche.conf is, and whether it is safe to use. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/program.h"

#define FILE_NAME "tranche.conf"
#define OWN_NAME "tranche.%s.conf" /* after the program's folder */
#define FOLDER_NAME_MAX 100
#define FILE_BYTES_MAX (64 * 1024)
#define FOLDERS_ABOVE 3

/* Only the owner of the program, of the process or of the machine may say
 * which database the program talks to: a folder above may be a shared one. */
static bool owner_is_trusted(const struct stat *info)
{
	struct stat program;
	char path[sizeof(((struct config *)0)->path)];

	if (info->st_uid == 0 || info->st_uid == geteuid())
		return true;
	return program_path(path, sizeof(path)) && stat(path, &program) == 0 && program.st_uid == info->st_uid;
}

static bool check_file(const char *path, const struct stat *info, struct fail *fail)
{
	if (!S_ISREG(info->st_mode) || info->st_size > FILE_BYTES_MAX)
		return fail_set(fail, FAIL_INVALID, CODE_INVALID_VALUE,
				"tranche.conf is not a text file of at most 64 KiB.") ||
		       fail_detail(fail, "%s", path);
	if (info->st_mode & (S_IRWXO | S_IWGRP))
		return fail_set(fail, FAIL_DENIED, CODE_NOT_PERMITTED,
				"tranche.conf can be read or changed by others; set its permissions to 0600.") ||
		       fail_detail(fail, "%s has mode %04o", path, (unsigned)(info->st_mode & 07777));
	if (!owner_is_trusted(info))
		return fail_set(fail, FAIL_DENIED, CODE_NOT_PERMITTED, "tranche.conf belongs to somebody else.") ||
		       fail_detail(fail, "%s belongs to user %ld", path, (long)info->st_uid);
	return true;
}

static bool read_file(struct config *config, const char *path, int fd, struct fail *fail)
{
	char *text = malloc(FILE_BYTES_MAX);
	size_t len = 0;
	ssize_t done = 1;
	bool ok;

	if (!text)
		return fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "Out of memory.");
	while (len < FILE_BYTES_MAX && done > 0) {
		done = read(fd, text + len, FILE_BYTES_MAX - len);
		if (done > 0)
			len += (size_t)done;
	}
	if (done < 0) {
		fail->os_or_sql_error = errno;
		ok = fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "tranche.conf can't be read.");
	} else {
		ok = config_parse(config, text, len, fail);
	}
	if (!ok)
		fail_detail(fail, "%s", path);
	/* The heap keeps no second copy of the password. */
	explicit_bzero(text, FILE_BYTES_MAX);
	free(text);
	return ok;
}

/* Changes when the file does, or is another one. Never 0. */
static uint64_t stamp_of(const struct stat *info)
{
	int64_t parts[] = { (int64_t)info->st_dev, (int64_t)info->st_ino, (int64_t)info->st_size, (int64_t)info->st_mtim.tv_sec,
			    (int64_t)info->st_mtim.tv_nsec, (int64_t)info->st_mode };

	return hash64(parts, sizeof(parts)) | 1;
}

bool config_is_current(const struct config *config)
{
	struct stat info;

	return config->path[0] && stat(config->path, &info) == 0 && stamp_of(&info) == config->stamp;
}

/* Reads `path` if there is such a file; `found_out` says whether there is. */
static bool try_path(struct config *config, const char *path, bool *found_out, struct fail *fail)
{
	struct stat info;
	/* Not blocking: something else than a file (a FIFO) must not hang us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	*found_out = fd >= 0;
	if (fd < 0 && errno == EACCES && stat(path, &info) == 0) {
		/* It is there: a site that is set up must not look as if it were not. */
		*found_out = true;
		return fail_set(fail, FAIL_DENIED, CODE_NOT_PERMITTED,
				"tranche.conf belongs to somebody else: the program may not read it.") ||
		       fail_detail(fail, "%s has mode %04o", path, (unsigned)(info.st_mode & 07777));
	}
	if (fd < 0)
		return false;
	if (fstat(fd, &info) != 0)
		ok = fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "tranche.conf can't be read.");
	else
		ok = check_file(path, &info, fail);
	if (ok) {
		snprintf(config->path, sizeof(config->path), "%s", path);
		config->stamp = stamp_of(&info);
		ok = read_file(config, path, fd, fail);
	}
	close(fd);
	return ok;
}

/* --- several installations -------------------------------------------------- */

/* Where this program is, and what a file of its own is called. */
struct self {
	char folder[sizeof(((struct config *)0)->path)];
	char program[256];
	char own_name[FOLDER_NAME_MAX + sizeof(OWN_NAME)];
};

static bool find_self(struct self *self)
{
	char path[sizeof(self->folder)], name[FOLDER_NAME_MAX];

	if (!program_path(path, sizeof(path)))
		return false;
	snprintf(self->program, sizeof(self->program), "%s", strrchr(path, '/') + 1);
	if (!path_up(path))
		return false;
	memcpy(self->folder, path, sizeof(path));
	snprintf(name, sizeof(name), "%s", strrchr(path, '/') + 1);
	for (char *c = name; *c; c++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *c))
			*c = '_';
	}
	snprintf(self->own_name, sizeof(self->own_name), OWN_NAME, name);
	return true;
}

static bool is_same_folder(const char *one, const char *other)
{
	struct stat first, second;

	return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Installations in one account share the folders above them.  A file is
 * another's when it names a folder in which a program still lies; one whose
 * folder was moved or renamed keeps its file. */
static bool is_anothers(const struct config *config, const struct self *self)
{
	char there[sizeof(config->site_folder) + sizeof(self->program)];

	if (!config->site_folder[0] || is_same_folder(config->site_folder, self->folder))
		return false;
	snprintf(there, sizeof(there), "%s/%s", config->site_folder, self->program);
	return access(there, F_OK) == 0;
}

static bool join(const char *folder, const char *name, char *out, size_t size)
{
	int len = snprintf(out, size, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", name);

	return len > 0 && (size_t)len < size;
}

static bool try_folder(struct config *config, const struct self *self, const char *folder, bool *found_out, struct fail *fail)
{
	char path[sizeof(config->path)];
	bool ok;

	*found_out = false;
	if (join(folder, self->own_name, path, sizeof(path))) {
		ok = try_path(config, path, found_out, fail);
		if (*found_out)
			return ok;
	}
	if (!join(folder, FILE_NAME, path, sizeof(path)))
		return false;
	ok = try_path(config, path, found_out, fail);
	if (!*found_out || !is_anothers(config, self))
		return ok;
	explicit_bzero(config, sizeof(*config));
	fail_clear(fail);
	*found_out = false;
	return false;
}

bool config_path_in(const char *folder, char *path_out, size_t size)
{
	struct config config = { .path = "" };
	struct fail ignored = { .kind = FAIL_NONE };
	struct self self;
	bool found, is_taken;

	if (!join(folder, FILE_NAME, path_out, size) || !find_self(&self))
		return false;
	(void)!try_path(&config, path_out, &found, &ignored);
	is_taken = found && is_anothers(&config, &self);
	explicit_bzero(&config, sizeof(config));
	return !is_taken || join(folder, self.own_name, path_out, size);
}

static bool search(struct config *config, bool *found_out, struct fail *fail)
{
	struct self self;
	char above[sizeof(self.folder)];

	*found_out = false;
	if (!find_self(&self))
		return false;
	memcpy(above, self.folder, sizeof(above));
	for (int i = 0; i < FOLDERS_ABOVE && path_up(above); i++) {
		bool ok = try_folder(config, &self, above, found_out, fail);

		if (*found_out)
			return ok;
	}
	return try_folder(config, &self, self.folder, found_out, fail);
}

bool config_load(struct config *config, struct fail *fail)
{
	const char *named = getenv("TRANCHE_CONFIG");
	bool found, ok;

	memset(config, 0, sizeof(*config));
	if (named && *named)
		ok = try_path(config, named, &found, fail);
	else
		ok = search(config, &found, fail);
	if (found)
		return ok;
	fail->os_or_sql_error = errno;
	return fail_set(fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no tranche.conf yet, or it can't be opened.") ||
	       fail_detail(fail, "looked at %s",
			   named && *named ? named : "one to three folders above the program and beside it");
}
