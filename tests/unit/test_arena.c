#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static int called;
static char order[8];

static void note(void *object)
{
	order[called++] = *(char *)object;
	order[called] = '\0';
}

static struct arena *start(void)
{
	struct arena *arena = arena_new();

	assert_non_null(arena);
	called = 0;
	order[0] = '\0';
	return arena;
}

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena *arena = start();

	for (size_t size = 0; size < 5000; size += 37) {
		unsigned char *bytes = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)bytes % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	arena_free(arena);
}

static void memory_is_zeroed_again_after_rewind(void **state)
{
	struct arena *arena = start();
	struct arena_mark mark = arena_mark(arena);
	unsigned char *bytes = arena_alloc(arena, 100);

	memset(bytes, 0xff, 100);
	arena_rewind(arena, mark);
	bytes = arena_alloc(arena, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(bytes[i], 0);
	arena_free(arena);
}

static void a_large_object_gets_its_own_block(void **state)
{
	struct arena *arena = start();
	char *small = arena_strdup(arena, "small");
	char *large = arena_alloc(arena, 3 << 20);

	memset(large, 'x', 3 << 20);
	assert_string_equal(small, "small");
	assert_true(arena_used_bytes(arena) >= 3 << 20);
	arena_free(arena);
}

static void rewind_frees_what_came_after_the_mark(void **state)
{
	struct arena *arena = start();
	struct arena_mark mark;
	size_t before;

	arena_alloc(arena, 1000);
	before = arena_used_bytes(arena);
	mark = arena_mark(arena);
	for (int i = 0; i < 1000; i++)
		arena_alloc(arena, 1000);
	assert_true(arena_used_bytes(arena) >= before + 1000 * 1000);
	arena_rewind(arena, mark);
	assert_int_equal(arena_used_bytes(arena), before);
	arena_free(arena);
}

static void marks_nest(void **state)
{
	struct arena *arena = start();
	struct arena_mark outer = arena_mark(arena), inner;
	char *kept;

	kept = arena_strdup(arena, "kept");
	inner = arena_mark(arena);
	arena_alloc(arena, 100000);
	arena_rewind(arena, inner);
	assert_string_equal(kept, "kept");
	arena_rewind(arena, outer);
	assert_int_equal(arena_used_bytes(arena), 0);
	arena_free(arena);
}

static void deferred_calls_run_last_first(void **state)
{
	struct arena *arena = start();
	char names[] = "abc";

	arena_defer(arena, note, &names[0]);
	arena_defer(arena, note, &names[1]);
	arena_defer(arena, note, &names[2]);
	arena_reset(arena);
	assert_string_equal(order, "cba");
	arena_free(arena);
	assert_int_equal(called, 3);
}

static void rewind_runs_only_the_calls_after_the_mark(void **state)
{
	struct arena *arena = start();
	char names[] = "ab";
	struct arena_mark mark;

	arena_defer(arena, note, &names[0]);
	mark = arena_mark(arena);
	arena_defer(arena, note, &names[1]);
	arena_rewind(arena, mark);
	assert_string_equal(order, "b");
	arena_free(arena);
	assert_string_equal(order, "ba");
}

static void reset_makes_the_arena_new(void **state)
{
	struct arena *arena = start();

	arena_alloc(arena, 1 << 20);
	arena_reset(arena);
	assert_int_equal(arena_used_bytes(arena), 0);
	assert_string_equal(arena_strdup(arena, "again"), "again");
	arena_free(arena);
}

static void texts_are_copied(void **state)
{
	struct arena *arena = start();

	assert_null(arena_strdup(arena, NULL));
	assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(arena, "", 0), "");
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	arena_free(arena);
}

static void a_long_formatted_text_is_whole(void **state)
{
	struct arena *arena = start();
	const char *text = arena_printf(arena, "%1000d", 7);

	assert_int_equal(strlen(text), 1000);
	assert_int_equal(text[999], '7');
	arena_free(arena);
}

static void a_list_grows_and_keeps_what_it_holds(void **state)
{
	struct arena *arena = start();
	int64_t *list = NULL;
	size_t room = 0;
	for (size_t count = 0; count < 1000; count++) {
		list = arena_grow(arena, list, count, &room, 1, sizeof(*list));
		assert_true(room > count);
		list[count] = (int64_t)count;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(list[i], i);
	assert_ptr_equal(arena_grow(arena, list, 1000, &room, room - 1000, sizeof(*list)), list);
	size_t before = room;
	assert_ptr_not_equal(arena_grow(arena, list, 1000, &room, 5000, sizeof(*list)), list);
	assert_int_equal(room, 2 * before + 5000);
	arena_free(arena);
}

static void an_overflowing_array_aborts(void **state)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		volatile size_t many = SIZE_MAX / 2;

		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		signal(SIGABRT, SIG_DFL);
		arena_array(arena_new(), many, 4);
		_exit(1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(memory_is_zeroed_again_after_rewind),
		cmocka_unit_test(a_large_object_gets_its_own_block),
		cmocka_unit_test(rewind_frees_what_came_after_the_mark),
		cmocka_unit_test(marks_nest),
		cmocka_unit_test(deferred_calls_run_last_first),
		cmocka_unit_test(rewind_runs_only_the_calls_after_the_mark),
		cmocka_unit_test(reset_makes_the_arena_new),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(a_long_formatted_text_is_whole),
		cmocka_unit_test(a_list_grows_and_keeps_what_it_holds),
		cmocka_unit_test(an_overflowing_array_aborts),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
