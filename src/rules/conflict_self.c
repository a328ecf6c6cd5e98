/* A series against itself: its duration exceeds its spacing. */
#include "rules/conflict.h"
#include "rules/sorted.h"

/* Of those that last: an empty occurrence is in nobody's way. */
static size_t take_lasting(const struct interval *list, size_t count, struct interval *lasting, int64_t *starts)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (list[i].end_utc <= list[i].start_utc)
			continue;
		starts[kept] = list[i].start_utc;
		lasting[kept++] = list[i];
	}
	return kept;
}

static void list_pair(const struct interval *earlier, const struct interval *later, struct conflicts *conflicts)
{
	conflicts->list[conflicts->listed++] = (struct conflict){
		.code = CODE_SELF_OVERLAP,
		.hard = true,
		.calendar_id = later->calendar_id,
		.start_utc = later->start_utc,
		.end_utc = later->end_utc,
		.local_start = later->local_start,
		.own_start_utc = earlier->start_utc,
		.own_end_utc = earlier->end_utc,
		.own_local_start = earlier->local_start,
		.existing_version = later->version_no,
		.requested_version = later->version_no,
	};
}

void conflicts_with_itself(struct arena *arena, const struct interval *list, size_t count, size_t list_max,
			   struct conflicts *conflicts)
{
	struct arena_mark mark = arena_mark(arena);
	struct interval *lasting = arena_array(arena, count + 1, sizeof(*lasting));
	int64_t *starts = arena_array(arena, count + 1, sizeof(*starts));
	size_t kept = take_lasting(list, count, lasting, starts);

	list_max = list_max > CONFLICTS_LISTED_MAX ? CONFLICTS_LISTED_MAX : list_max ? list_max : 1;
	for (size_t i = 0; i < kept; i++) {
		/* Those after it that begin before it ends. */
		size_t until = sorted_below(starts, kept, lasting[i].end_utc);

		if (until <= i + 1)
			continue;
		conflicts->count += (int64_t)(until - i - 1);
		conflicts->hard_count += (int64_t)(until - i - 1);
		for (size_t k = i + 1; k < until && conflicts->listed < list_max; k++)
			list_pair(&lasting[i], &lasting[k], conflicts);
	}
	arena_rewind(arena, mark);
}
