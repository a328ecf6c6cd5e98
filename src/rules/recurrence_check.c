/* Which parts of a rule may stand together (RFC 5545, 3.3.10), and which of
 * those that may still mean different things to different programs. */
#include "rules/recurrence_parts.h"

bool recurrence_any_year_day(const struct recurrence *rule)
{
	uint64_t any = 0;

	for (int i = 0; i < YEAR_DAY_WORDS; i++)
		any |= rule->year_days[i] | rule->year_days_back[i];
	return any != 0;
}

static bool has_by_part(const struct recurrence *rule)
{
	return rule->months || rule->weeks || rule->weeks_back || recurrence_any_year_day(rule) || rule->month_days ||
	       rule->month_days_back || rule->weekdays || rule->nth_count > 0 || rule->hours || rule->minutes;
}

static bool invalid(struct recurrence_refusal *why, const char *suggestion, const char *what)
{
	return recurrence_refuse(why, CODE_RECURRENCE_INVALID, suggestion, "%s", what);
}

static bool check_forbidden(const struct recurrence *rule, struct recurrence_refusal *why)
{
	const char *freq = recurrence_freq_names[rule->freq];
	bool weeks = rule->weeks || rule->weeks_back;

	if (rule->count > 0 && rule->until_kind != RECUR_UNTIL_NONE)
		return invalid(why, "Keep one of the two.", "COUNT and UNTIL can't stand together");
	if (weeks && rule->freq != RECUR_YEARLY)
		return recurrence_refuse(why, CODE_RECURRENCE_INVALID, "Use FREQ=YEARLY, or leave BYWEEKNO out.",
					 "BYWEEKNO can't stand with FREQ=%s", freq);
	if (recurrence_any_year_day(rule) &&
	    (rule->freq == RECUR_MONTHLY || rule->freq == RECUR_WEEKLY || rule->freq == RECUR_DAILY))
		return recurrence_refuse(why, CODE_RECURRENCE_INVALID, "Use FREQ=YEARLY, or leave BYYEARDAY out.",
					 "BYYEARDAY can't stand with FREQ=%s", freq);
	if ((rule->month_days || rule->month_days_back) && rule->freq == RECUR_WEEKLY)
		return invalid(why, "Use FREQ=MONTHLY, or BYDAY instead.", "BYMONTHDAY can't stand with FREQ=WEEKLY");
	if (rule->nth_count > 0 && rule->freq != RECUR_MONTHLY && rule->freq != RECUR_YEARLY)
		return recurrence_refuse(why, CODE_RECURRENCE_INVALID,
					 "Use FREQ=MONTHLY or YEARLY, or write the day without a number.",
					 "BYDAY can't have numbers with FREQ=%s", freq);
	if (rule->nth_count > 0 && weeks)
		return invalid(why, "Write the day without a number.", "BYDAY can't have numbers beside BYWEEKNO");
	if (rule->position_count > 0 && !has_by_part(rule))
		return invalid(why, "Add what it chooses from, such as BYDAY=MO,TU", "BYSETPOS needs another BY part");
	return true;
}

static bool check_ambiguous(const struct recurrence *rule, struct recurrence_refusal *why)
{
	if (rule->freq != RECUR_YEARLY)
		return true;
	if ((rule->weeks || rule->weeks_back) && !rule->weekdays)
		return recurrence_refuse(why, CODE_RECURRENCE_AMBIGUOUS, "Add BYDAY, such as BYDAY=MO",
					 "BYWEEKNO without BYDAY: some programs take every day of the week, others the start's");
	if ((rule->month_days || rule->month_days_back) && !rule->months)
		return recurrence_refuse(why, CODE_RECURRENCE_AMBIGUOUS, "Add BYMONTH, or use FREQ=MONTHLY",
					 "BYMONTHDAY with FREQ=YEARLY but without BYMONTH: some programs take every month, others the start's");
	return true;
}

bool recurrence_check(const struct recurrence *rule, bool minutely, struct recurrence_refusal *why)
{
	if (rule->freq == RECUR_MINUTELY && !minutely)
		return recurrence_refuse(why, CODE_RECURRENCE_NOT_SUPPORTED, "Use FREQ=HOURLY with BYMINUTE, or a rarer one.",
					 "FREQ=MINUTELY is not taken on this site");
	if (!check_forbidden(rule, why) || !check_ambiguous(rule, why))
		return false;
	if (rule->freq == RECUR_MINUTELY && rule->interval < RECURRENCE_MINUTES_MIN)
		return recurrence_refuse(why, CODE_RECURRENCE_NOT_SUPPORTED, "Use INTERVAL=15 or more.",
					 "FREQ=MINUTELY needs an INTERVAL of at least %d", RECURRENCE_MINUTES_MIN);
	return true;
}
