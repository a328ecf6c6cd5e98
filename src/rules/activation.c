#include "rules/activation.h"

static int64_t allowed_s(const struct activation_terms *terms)
{
	return terms->grace_s > ACTIVATION_TOLERANCE_S ? terms->grace_s : ACTIVATION_TOLERANCE_S;
}

static bool is_in_time(const struct activation_terms *terms, const struct moment *moment)
{
	int64_t late_s = terms->now_utc - moment->at_utc;

	if (terms->misfire == MISFIRE_SKIP && !terms->was_seen)
		return late_s <= ACTIVATION_TOLERANCE_S;
	return late_s <= allowed_s(terms);
}

void activation_decide(const struct activation_terms *terms, struct moment *moments, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool all = terms->misfire == MISFIRE_RUN_ALL, in_time = is_in_time(terms, &moments[i]);
		/* Of several the latest stands for those before it. */
		bool counts = all || i + 1 == count;

		if (!counts || (!in_time && !(all && terms->holds)))
			moments[i].fate = MOMENT_MISSED;
		else
			moments[i].fate = terms->holds ? MOMENT_HAPPENS : MOMENT_WAITS;
	}
}

int64_t activation_again(const struct activation_terms *terms, const struct moment *moment)
{
	int64_t waited_s = terms->now_utc - moment->at_utc, left_s = allowed_s(terms) - waited_s;
	int64_t wait_s = waited_s / 2 < ACTIVATION_AGAIN_MAX_S ? waited_s / 2 : ACTIVATION_AGAIN_MAX_S;

	if (left_s <= 0)
		return moment->at_utc + allowed_s(terms) + 1;
	if (wait_s > left_s / 2)
		wait_s = left_s / 2;
	if (wait_s < ACTIVATION_AGAIN_MIN_S)
		wait_s = ACTIVATION_AGAIN_MIN_S;
	return terms->now_utc + (wait_s < left_s ? wait_s : left_s);
}
