#include "base/program.h"

#include <string.h>
#include <unistd.h>

bool program_path(char *out, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", out, size - 1);

	if (len <= 0 || (size_t)len >= size - 1)
		return false;
	out[len] = '\0';
	return true;
}

bool path_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}
