#include "base/program.h"

#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/str.h"

/* How it was called, where there is no /proc; web servers give the whole path. */
static bool called_path(char *out, size_t size)
{
	const char *called = (const char *)getauxval(AT_EXECFN);

	if (!called || called[0] != '/' || strlen(called) >= size)
		return false;
	str_copy(out, size, called);
	return true;
}

bool program_path(char *out, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", out, size - 1);

	if (len < 0)
		return called_path(out, size);
	if (len == 0 || (size_t)len >= size - 1)
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
