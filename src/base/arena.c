#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(at, len) ASAN_POISON_MEMORY_REGION(at, len)
#define UNPOISON(at, len) ASAN_UNPOISON_MEMORY_REGION(at, len)
#else
#define POISON(at, len) ((void)(at), (void)(len))
#define UNPOISON(at, len) ((void)(at), (void)(len))
#endif

/* The first block serves a small request alone; later ones grow so that a
 * large request asks malloc only a few times. */
#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
#define BLOCK_MAX_BYTES ((size_t)256 * 1024)
#define ALIGNMENT ((size_t)16)

struct block {
	struct block *previous;
	size_t size; /* of data[] */
	size_t used;
	_Alignas(16) unsigned char data[];
};

struct deferred {
	struct deferred *previous;
	void (*fn)(void *);
	void *object;
};

struct arena {
	struct block *first;
	struct block *current;
	/* One block kept aside, so that a mark/rewind per item at the edge of a
	 * block does not ask malloc each time. */
	struct block *spare;
	struct deferred *deferred;
};

static _Noreturn void out_of_memory(void)
{
	fputs("tranche: out of memory\n", stderr);
	abort();
}

static struct block *block_new(size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (!block)
		return NULL;
	block->previous = NULL;
	block->size = size;
	block->used = 0;
	POISON(block->data, size);
	return block;
}

static void block_free(struct block *block)
{
	if (!block)
		return;
	UNPOISON(block->data, block->size);
	free(block);
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->first = block_new(FIRST_BLOCK_BYTES);
	if (!arena->first) {
		free(arena);
		return NULL;
	}
	arena->current = arena->first;
	return arena;
}

/* Makes a block with room for `size` bytes the current one. */
static void grow(struct arena *arena, size_t size)
{
	struct block *block = arena->spare;

	if (block && block->size >= size) {
		arena->spare = NULL;
		block->used = 0;
	} else {
		size_t want = arena->current->size * 2;

		if (want > BLOCK_MAX_BYTES)
			want = BLOCK_MAX_BYTES;
		block = block_new(size > want ? size : want);
		if (!block)
			out_of_memory();
	}
	block->previous = arena->current;
	arena->current = block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->current;
	size_t rounded;
	void *memory;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (rounded == 0)
		rounded = ALIGNMENT;
	if (block->size - block->used < rounded) {
		grow(arena, rounded);
		block = arena->current;
	}
	memory = block->data + block->used;
	block->used += rounded;
	UNPOISON(memory, size);
	memset(memory, 0, size);
	return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	return arena_alloc(arena, bytes);
}

#define GROWS_BY_MIN 16

void *arena_grow(struct arena *arena, void *list, size_t count, size_t *room, size_t more, size_t size)
{
	if (*room - count >= more)
		return list;
	*room = 2 * *room + (more > GROWS_BY_MIN ? more : GROWS_BY_MIN);
	void *grown = arena_array(arena, *room, size);
	if (count)
		memcpy(grown, list, count * size);
	return grown;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = arena_vprintf(arena, format, ap);
	va_end(ap);
	return text;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list ap)
{
	char small[256];
	char *text;
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(small, sizeof(small), format, ap);
	if (len < 0) {
		va_end(again);
		return arena_alloc(arena, 1);
	}
	if ((size_t)len < sizeof(small)) {
		text = arena_strndup(arena, small, (size_t)len);
	} else {
		text = arena_alloc(arena, (size_t)len + 1);
		vsnprintf(text, (size_t)len + 1, format, again);
	}
	va_end(again);
	return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *object)
{
	struct deferred *entry = arena_alloc(arena, sizeof(*entry));

	entry->previous = arena->deferred;
	entry->fn = fn;
	entry->object = object;
	arena->deferred = entry;
}

struct arena_mark arena_mark(struct arena *arena)
{
	return (struct arena_mark){
		.block = arena->current,
		.used_bytes = arena->current->used,
		.deferred = arena->deferred,
	};
}

/* Keeps the first ordinary block that comes along, frees the others. */
static void retire(struct arena *arena, struct block *block)
{
	if (arena->spare || block->size > BLOCK_MAX_BYTES) {
		block_free(block);
		return;
	}
	POISON(block->data, block->size);
	arena->spare = block;
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	struct block *keep = mark.block;

	/* An entry leaves the list before its call, so a call that rewinds or
	 * resets on its own does not meet it again. */
	while (arena->deferred != mark.deferred) {
		struct deferred *entry = arena->deferred;

		arena->deferred = entry->previous;
		entry->fn(entry->object);
	}
	while (arena->current != keep) {
		struct block *gone = arena->current;

		arena->current = gone->previous;
		retire(arena, gone);
	}
	keep->used = mark.used_bytes;
	POISON(keep->data + keep->used, keep->size - keep->used);
}

void arena_reset(struct arena *arena)
{
	arena_rewind(arena, (struct arena_mark){ .block = arena->first });
	block_free(arena->spare);
	arena->spare = NULL;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	block_free(arena->first);
	free(arena);
}

size_t arena_used_bytes(const struct arena *arena)
{
	size_t total = 0;

	for (const struct block *block = arena->current; block; block = block->previous)
		total += block->used;
	return total;
}
