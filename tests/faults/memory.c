/* malloc with a hole; and what the program does when it falls into it. */
#include "memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "trial.h"

#define SHORT_STRIDE 61
#define LONG_STRIDE 16
#define STALL_MS 20000 /* a host ends a request after 30 s */

/* glibc's own, under the names it keeps for those who replace malloc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);

static int64_t asked, hole_at;
static bool stays_open, is_exempt;

#define FRAMES_MAX 16

/* The connector does not look at what it gets in two places of mysql_real_connect(): it dies of it, as the program does
 * of an abort().  A fault of our own stays one. */
static void died(int number)
{
	void *frames[FRAMES_MAX];
	int count = backtrace(frames, FRAMES_MAX);
	for (int i = 0; i < count; i++) {
		Dl_info from;
		if (dladdr(frames[i], &from) && from.dli_fname && strstr(from.dli_fname, "libmariadb"))
			abort();
	}
	signal(number, SIG_DFL);
	raise(number);
}

void memory_fail_at(int64_t n, bool for_good)
{
	void *frame;
	if (n) {
		(void)backtrace(&frame, 1); /* its first call allocates */
		signal(SIGSEGV, died);
	}
	asked = 0;
	hole_at = n;
	stays_open = for_good;
}

bool memory_has_failed(void)
{
	return hole_at && asked >= hole_at;
}

void memory_exempt(bool exempt)
{
	is_exempt = exempt;
}

static bool in_the_hole(void)
{
	if (!hole_at || is_exempt)
		return false;
	asked++;
	if (asked < hole_at || (asked > hole_at && !stays_open))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return in_the_hole() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return in_the_hole() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return in_the_hole() ? NULL : __libc_realloc(old, size);
}

/* --- the trials ------------------------------------------------------------------------ */

/* The process may answer an error or die of it; what it leaves behind must be whole. */
static void sweep(struct trial *trial, const struct line *line, int64_t first, int64_t stride, bool for_good)
{
	const char *wanted = trial_undisturbed(trial, line, false);
	int64_t tried = 0, survived = 0, deaths = 0;
	for (int64_t at = first;; at += stride) {
		struct disturbance hole = { .memory_at = at, .memory_for_good = for_good };
		trial_reset(trial);
		int64_t began_ms = monotonic_ms();
		enum end end = trial_client(trial, line, &hole);
		bool has_stalled = monotonic_ms() - began_ms > STALL_MS;
		if (end == NOT_REACHED)
			break;
		tried++;
		deaths += end == DIED;
		const char *when = arena_printf(trial->eyes->arena, "allocation %lld failed", (long long)at);
		if (end == WENT_WRONG)
			printf("%s, %s: no way to go\n", line->name, when);
		if (has_stalled)
			printf("%s, %s: it hung\n", line->name, when);
		survived += end != WENT_WRONG && !has_stalled && trial_ends_the_same(trial, line, wanted, false, when);
	}
	trial_report(trial, line->name,
		     arena_printf(trial->eyes->arena, "out of memory%s (%lld died)", for_good ? " for good" : "", (long long)deaths),
		     tried, survived);
}

void try_memory(struct trial *trial, const struct line *lines, size_t count, uint64_t seed)
{
	for (size_t i = 0; i < count; i++) {
		if (!trial->is_long && i > 1)
			break;
		int64_t stride = trial->is_long ? LONG_STRIDE : SHORT_STRIDE;
		/* Each of the seeds has another share. */
		int64_t first = trial->is_long ? 1 + (int64_t)(seed % LONG_SEEDS) * LONG_STRIDE / LONG_SEEDS : 1;
		sweep(trial, &lines[i], first, stride, false);
		sweep(trial, &lines[i], first, 2 * stride, true);
	}
}
