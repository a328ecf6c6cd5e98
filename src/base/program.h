/*
 * Where the program's file is: what was uploaded with it lies around it.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/* The program's own path, links resolved; false when it can't be told or is
 * longer than `size` - 1. */
bool program_path(char *out, size_t size);

/* Cuts the last component off a path; false at the root. */
bool path_up(char *path);

#endif
