/*
 * Functions that have a safer sibling here; using one is a compile error.
 * Included by the build in front of every file (-include).
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef alloca /* a macro in glibc; a macro can not be poisoned */

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atof asctime ctime gmtime localtime mktime system popen alloca

#endif
