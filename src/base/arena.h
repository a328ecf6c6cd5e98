/*
 * Arena: the memory of one request (or one unit of work).
 *
 * Everything a request allocates comes from its arena and goes away in one
 * arena_reset(); nothing is freed singly.  Objects of other libraries (json_t,
 * MYSQL_RES) are registered with arena_defer(), so an early return is safe.
 * The arena must not know what is stored in it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* New arena, owned by the caller (arena_free).  NULL when out of memory. */
struct arena *arena_new(void);

/* Zeroed, 16-byte aligned memory of `size` bytes, owned by the arena.
 * Never NULL: when the system has no memory left the process aborts and the
 * host starts another one; a kill at any moment loses nothing. */
void *arena_alloc(struct arena *arena, size_t size)
	__attribute__((malloc, alloc_size(2), returns_nonnull));

/* arena_alloc() of count * size bytes; aborts on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size)
	__attribute__((malloc, alloc_size(2, 3), returns_nonnull));

/* The list of `count` elements with room for `more`: itself, or in its place a
 * copy with twice the room.  `*room` counts elements; at first it is 0 and the
 * list NULL. */
void *arena_grow(struct arena *arena, void *list, size_t count, size_t *room, size_t more, size_t size);

/* Copies, NUL-terminated, owned by the arena. arena_strdup(NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0), returns_nonnull));

/* Calls fn(object) at the next reset, last registered first. */
void arena_defer(struct arena *arena, void (*fn)(void *), void *object);

/* A nested lifetime: everything allocated or deferred after arena_mark() is
 * released by arena_rewind() with that mark.  Marks nest. */
struct arena_mark {
	void *block;
	size_t used_bytes;
	void *deferred;
};
struct arena_mark arena_mark(struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Runs the deferred calls, releases the memory, keeps the first block. */
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);

/* Bytes in use now: handed out and neither rewound nor reset (for tests and
 * worker logs). */
size_t arena_used_bytes(const struct arena *arena);

#endif
