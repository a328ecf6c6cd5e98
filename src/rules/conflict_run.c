#include "rules/conflict_run.h"

#include <string.h>

bool is_excluded(const struct excluded *excluded, int64_t owner)
{
	for (size_t i = 0; i < excluded->count; i++) {
		if (excluded->owners[i] == owner)
			return true;
	}
	return false;
}

/* --- building -------------------------------------------------------------- */

static void index_contents(struct run *run)
{
	run->next_other = arena_array(run->arena, run->count, sizeof(*run->next_other));
	run->version_min = run->version_max = run->version[0];
	for (size_t i = run->count; i-- > 0;) {
		bool last = i + 1 == run->count;

		run->next_other[i] = last || run->version[i] != run->version[i + 1] ? (uint32_t)(i + 1)
										     : run->next_other[i + 1];
		run->version_min = run->version[i] < run->version_min ? run->version[i] : run->version_min;
		run->version_max = run->version[i] > run->version_max ? run->version[i] : run->version_max;
	}
}

static bool ascending(const int64_t *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (values[i] < values[i - 1])
			return false;
	}
	return true;
}

static void index_resources(struct run *run)
{
	struct arena_mark mark;
	struct keyed *list;

	peaks_build(&run->latest, run->arena, run->end, run->count);
	if (ascending(run->end, run->count)) { /* all equally long, say */
		run->ends_sorted = run->end;
		return;
	}
	run->ends_sorted = arena_array(run->arena, run->count, sizeof(*run->ends_sorted));
	mark = arena_mark(run->arena);
	list = arena_array(run->arena, 2 * run->count, sizeof(*list));
	for (size_t i = 0; i < run->count; i++)
		list[i].key = run->end[i];
	keyed_sort(list, list + run->count, run->count);
	for (size_t i = 0; i < run->count; i++)
		run->ends_sorted[i] = list[i].key;
	arena_rewind(run->arena, mark);
}

/* Only occurrences of series have a name that is not their start. */
static void index_names(struct run *run, const struct interval *sorted)
{
	size_t at = 0;

	while (at < run->count && sorted[at].local_start == sorted[at].start_utc)
		at++;
	if (at == run->count)
		return;
	run->name = arena_array(run->arena, run->count, sizeof(*run->name));
	for (size_t i = 0; i < run->count; i++)
		run->name[i] = sorted[i].local_start;
}

struct run *run_new(struct arena *arena, const struct interval *sorted, size_t count)
{
	struct run *run = arena_alloc(arena, sizeof(*run));
	bool is_content = sorted[0].kind == CALENDAR_CONTENT;

	run->arena = arena;
	run->count = count;
	run->start = arena_array(arena, count, sizeof(*run->start));
	run->end = arena_array(arena, count, sizeof(*run->end));
	run->owner = arena_array(arena, count, sizeof(*run->owner));
	run->version = arena_array(arena, count, sizeof(*run->version));
	run->owner_min = run->owner_max = sorted[0].owner;
	for (size_t i = 0; i < count; i++) {
		const struct interval *interval = &sorted[i];
		int64_t length = interval->end_utc - interval->start_utc;

		run->start[i] = interval->start_utc;
		run->end[i] = interval->end_utc;
		run->owner[i] = interval->owner;
		run->version[i] = interval->version_no;
		run->owner_min = interval->owner < run->owner_min ? interval->owner : run->owner_min;
		run->owner_max = interval->owner > run->owner_max ? interval->owner : run->owner_max;
		run->longest_s = length > run->longest_s ? length : run->longest_s;
	}
	index_names(run, sorted);
	if (is_content)
		index_contents(run);
	else
		index_resources(run);
	return run;
}

struct interval run_interval(const struct run *run, size_t at)
{
	return (struct interval){
		.kind = run->next_other ? CALENDAR_CONTENT : CALENDAR_RESOURCE,
		.start_utc = run->start[at],
		.end_utc = run->end[at],
		.version_no = run->version[at],
		.owner = run->owner[at],
		.local_start = run->name ? run->name[at] : run->start[at],
	};
}

/* --- by owner ---------------------------------------------------------------- */

static int64_t owner_at(const struct run *run, size_t at)
{
	return run->owner[at];
}

static int64_t version_at(const struct run *run, size_t at)
{
	return run->version[at];
}

/* The places sorted by a key of theirs, in the order of starts within a key. */
static struct keyed *index_by(const struct run *run, int64_t (*key_at)(const struct run *, size_t))
{
	struct keyed *list = arena_array(run->arena, run->count, sizeof(*list));
	struct arena_mark mark = arena_mark(run->arena);
	struct keyed *spare = arena_array(run->arena, run->count, sizeof(*spare));

	for (size_t i = 0; i < run->count; i++)
		list[i] = (struct keyed){ key_at(run, i), (uint32_t)i };
	keyed_sort(list, spare, run->count);
	arena_rewind(run->arena, mark);
	return list;
}

/* Within [from, until) of an index, where the starts ascend: the first place
 * that starts after `after`. */
static size_t starts_after(const struct run *run, const struct keyed *list, size_t from, size_t until, int64_t after)
{
	while (from < until) {
		size_t middle = from + (until - from) / 2;

		if (run->start[list[middle].index] <= after)
			from = middle + 1;
		else
			until = middle;
	}
	return from;
}

struct owned run_owned(struct run *run, int64_t owner, int64_t after)
{
	struct owned owned = { 0, 0 };

	if (owner < run->owner_min || owner > run->owner_max)
		return owned;
	if (!run->by_owner)
		run->by_owner = index_by(run, owner_at);
	owned.from = keyed_below(run->by_owner, run->count, owner);
	owned.until = owned.from + keyed_below(run->by_owner + owned.from, run->count - owned.from, owner + 1);
	owned.from = starts_after(run, run->by_owner, owned.from, owned.until, after);
	return owned;
}

/* --- resources ----------------------------------------------------------------- */

/* An interval of this run that overlaps [start, end) starts after this. */
static int64_t earliest_start(const struct run *run, int64_t start)
{
	return start - run->longest_s;
}

int64_t run_count_overlaps(struct run *run, int64_t start, int64_t end, const struct excluded *excluded)
{
	/* What ends at `start` or before has also begun before `end`. */
	int64_t count = (int64_t)sorted_below(run->start, run->count, end) -
			(int64_t)sorted_up_to(run->ends_sorted, run->count, start);

	if (count == 0)
		return 0;
	for (size_t e = 0; e < excluded->count; e++) {
		struct owned owned = run_owned(run, excluded->owners[e], earliest_start(run, start));

		for (size_t i = owned.from; i < owned.until; i++) {
			size_t at = run->by_owner[i].index;

			if (run->start[at] >= end)
				break;
			count -= run->end[at] > start;
		}
	}
	return count;
}

size_t run_next_overlap(const struct run *run, size_t from, int64_t start, int64_t end)
{
	size_t limit = sorted_below(run->start, run->count, end);
	size_t at = from < limit ? peaks_next(&run->latest, from, limit, start) : limit;

	return at < limit ? at : run->count;
}

/* Merges the ascending starts and ends into steps. */
static struct profile *profile_new(const struct run *run)
{
	struct profile *profile = arena_alloc(run->arena, sizeof(*profile));
	size_t starts = 0, ends = 0;

	profile->times = arena_array(run->arena, 2 * run->count, sizeof(*profile->times));
	profile->levels = arena_array(run->arena, 2 * run->count, sizeof(*profile->levels));
	while (ends < run->count) {
		int64_t time = run->ends_sorted[ends];

		if (starts < run->count && run->start[starts] < time)
			time = run->start[starts];
		while (starts < run->count && run->start[starts] == time)
			starts++;
		while (ends < run->count && run->ends_sorted[ends] == time)
			ends++;
		profile->times[profile->count] = time;
		profile->levels[profile->count++] = (int64_t)(starts - ends);
	}
	peaks_build(&profile->peaks, run->arena, profile->levels, profile->count);
	return profile;
}

int64_t run_most_at_once(struct run *run, int64_t start, int64_t end)
{
	size_t from, limit;
	int64_t most;

	if (!run->profile)
		run->profile = profile_new(run);
	from = sorted_up_to(run->profile->times, run->profile->count, start);
	limit = sorted_below(run->profile->times, run->profile->count, end);
	most = peaks_most(&run->profile->peaks, from > 0 ? from - 1 : 0, limit);
	return most > 0 ? most : 0;
}

/* --- contents -------------------------------------------------------------------- */

static int64_t count_version(struct run *run, int64_t low, int64_t high, int32_t version)
{
	size_t from, until;

	if (!run->by_version)
		run->by_version = index_by(run, version_at);
	from = keyed_below(run->by_version, run->count, version);
	until = keyed_below(run->by_version, run->count, (int64_t)version + 1);
	return (int64_t)starts_after(run, run->by_version, from, until, high - 1) -
	       (int64_t)starts_after(run, run->by_version, from, until, low);
}

int64_t run_count_window(struct run *run, int64_t low, int64_t high, int32_t version,
			 const struct excluded *excluded)
{
	int64_t count = (int64_t)sorted_below(run->start, run->count, high) -
			(int64_t)sorted_up_to(run->start, run->count, low);

	if (count <= 0 || (run->version_min == run->version_max && run->version_min == version))
		return 0;
	if (version >= run->version_min && version <= run->version_max)
		count -= count_version(run, low, high, version);
	for (size_t e = 0; e < excluded->count && count > 0; e++) {
		struct owned owned = run_owned(run, excluded->owners[e], low);

		for (size_t i = owned.from; i < owned.until; i++) {
			size_t at = run->by_owner[i].index;

			if (run->start[at] >= high)
				break;
			count -= run->version[at] != version;
		}
	}
	return count;
}

size_t run_next_in_window(const struct run *run, size_t from, int64_t low, int64_t high, int32_t version)
{
	size_t first = sorted_up_to(run->start, run->count, low);

	from = from > first ? from : first;
	if (from < run->count && run->version[from] == version)
		from = run->next_other[from];
	return from < run->count && run->start[from] < high ? from : run->count;
}
