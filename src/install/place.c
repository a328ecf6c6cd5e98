#include "install/place.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/program.h"
#include "base/str.h"

#define FOLDERS_ABOVE 3 /* as config_find.c */

static bool is_within(const char *path, const char *folder)
{
	size_t len = strlen(folder);
	return strcmp(folder, "/") == 0 || (strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/'));
}

/* Cuts equal last components off both, the address and the path of the same
 * folder: what is left of the path is the highest folder that is served for
 * sure (/~anna/plan and /home/anna/public_html/plan: /home/anna/public_html). */
static void cut_common_end(char *path, const char *address)
{
	char rest[PATH_MAX];
	str_copy(rest, sizeof(rest), address);
	while (rest[0] == '/' && rest[1]) {
		const char *mine = strrchr(path, '/'), *theirs = strrchr(rest, '/');
		if (!mine || strcmp(mine, theirs) != 0 || !path_up(path))
			return;
		*strrchr(rest, '/') = '\0';
	}
}

/* The highest folder on the way to the program that the web server serves. */
static void find_served(const char *program_folder, const char *document_root, const char *script_name, char served[PATH_MAX])
{
	char real[PATH_MAX], address[PATH_MAX];
	str_copy(served, PATH_MAX, program_folder);
	str_copy(address, sizeof(address), script_name ? script_name : "");
	if (address[0] == '/' && path_up(address))
		cut_common_end(served, address);
	if (document_root && document_root[0] == '/' && realpath(document_root, real) && strcmp(real, "/") != 0 &&
	    is_within(served, real))
		str_copy(served, PATH_MAX, real);
}

/* Ours, and nobody else can put files there. */
static bool is_private(const char *folder)
{
	struct stat info, program;
	char path[PATH_MAX];
	return stat(folder, &info) == 0 && S_ISDIR(info.st_mode) && !(info.st_mode & S_IWOTH) &&
	       (info.st_uid == geteuid() || (program_path(path, sizeof(path)) && stat(path, &program) == 0 && program.st_uid == info.st_uid)) &&
	       access(folder, W_OK | X_OK) == 0;
}

static void take(struct place *place, const char *folder, bool is_served)
{
	str_copy(place->folder, sizeof(place->folder), folder);
	place->is_served = is_served;
	place->is_writable = config_path_in(folder, place->config, sizeof(place->config)) && access(folder, W_OK | X_OK) == 0;
	const char *name = strrchr(place->config, '/');
	place->config_name = name ? name + 1 : place->config;
}

bool place_find(const char *document_root, const char *script_name, struct place *place_out)
{
	char served[PATH_MAX], folder[PATH_MAX];
	*place_out = (struct place){ .is_writable = false };
	if (!program_path(folder, sizeof(folder)) || !path_up(folder) || strlen(folder) >= sizeof(place_out->program))
		return false;
	str_copy(place_out->program, sizeof(place_out->program), folder);
	find_served(folder, document_root, script_name, served);
	const char *name = strrchr(served, '/');
	str_copy(place_out->below, sizeof(place_out->below), name ? name + 1 : served);
	for (int i = 0; i < FOLDERS_ABOVE && path_up(folder); i++) {
		if (is_within(folder, served))
			continue;
		place_out->levels++;
		if (is_private(folder)) {
			take(place_out, folder, false);
			return true;
		}
	}
	take(place_out, place_out->program, true);
	return true;
}
