/* Who may do what to which item: the others of a batch go on. */
#include "jobs.h"

#define EVENT(content, minute, more) event_json(site, content, minute, 30, more)

static int64_t made(struct site *site, int64_t user, const char *event)
{
	become(&site->one, user);
	int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, event, NULL));
	return event_of(site, job, 0);
}

/* "ordinal outcome code" of each item. */
static const char *codes(struct site *site, int64_t job)
{
	return lines(site, "iis", "SELECT i.ordinal, i.outcome, COALESCE(x.code, '-') FROM {batch_job_items} i LEFT JOIN {batch_item_errors} x"
				  " ON x.job_id = i.job_id AND x.ordinal = i.ordinal WHERE i.job_id = %lld ORDER BY 1", (long long)job);
}

/* Each person against: a content for all of type publish, one of type training, the author's own, the admin's own. */
static const struct {
	const char *name;
	int64_t user;
	const char *created; /* per content: y may, n may not */
	const char *changed; /* events of: the admin's publish, the admin's training, the author's own */
	const char *seen;
} people[] = {
	{ "admin", ADMIN, "yyyy", "yyy", "yyy" },
	{ "editor", EDITOR, "yyyy", "yyy", "yyy" },
	{ "author", AUTHOR, "yyyn", "nny", "yyy" },
	{ "trainer", TRAINER, "nynn", "nyn", "nyn" },
};

static const char *wanted(struct site *site, const char *may, const char *denied)
{
	const char *text = "";
	for (size_t i = 0; may[i]; i++)
		text = text_of(site, "%s%zu %s\n", text, i, may[i] == 'y' ? "1 -" : denied);
	return text;
}

static void creates_are_judged_item_by_item(void **state)
{
	struct site *site = *state;
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		int minute = (int)i * 100;
		become(&site->one, people[i].user);
		int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, EVENT(1, minute, ""), EVENT(31, minute, ""), EVENT(AUTHORS_OWN, minute, ""),
								      EVENT(ADMINS_OWN, minute, ""), NULL));
		print_message("%s\n", people[i].name);
		assert_string_equal(codes(site, job), wanted(site, people[i].created, "5 not_permitted"));
	}
}

static void changes_and_evaluations_are_judged_by_the_stored_event(void **state)
{
	struct site *site = *state;
	long long publish = made(site, ADMIN, EVENT(1, 5000, "")), training = made(site, ADMIN, EVENT(31, 5000, "")),
		  own = made(site, AUTHOR, EVENT(2, 5000, ""));
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
#define CHANGE(id) text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"%s\"}}", id, people[i].name)
#define LOOK(id) text_of(site, "{\"event_id\":%lld}", id)
		become(&site->one, people[i].user);
		print_message("%s\n", people[i].name);
		int64_t job = new_run(site, JOB_UPDATE, NULL, list_of(site, CHANGE(publish), CHANGE(training), CHANGE(own), NULL));
		assert_string_equal(codes(site, job), wanted(site, people[i].changed, "5 not_permitted"));
		job = new_run(site, JOB_EVALUATE, NULL, list_of(site, LOOK(publish), LOOK(training), LOOK(own), NULL));
		assert_string_equal(codes(site, job), wanted(site, people[i].seen, "1 not_permitted"));
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld AND verdict = 5", (long long)job),
				 (people[i].seen[0] == 'n') + (people[i].seen[1] == 'n') + (people[i].seen[2] == 'n'));
	}
}

/* An event may not be made into what one may not schedule, nor given to a content of somebody else. */
static void what_an_event_becomes_counts_too(void **state)
{
	struct site *site = *state;
	long long training = made(site, ADMIN, EVENT(31, 0, ""));
	become(&site->one, TRAINER);
	int64_t job = new_run(site, JOB_UPDATE, NULL,
			      list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"schedule_type\":\"publish\"}}", training),
				      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"content_id\":%d}}", training, ADMINS_OWN), NULL));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND code = 'not_permitted'", (long long)job), 1);
	assert_int_equal(number(site, "SELECT schedule_type = 'training' FROM {scheduled_events} WHERE id = %lld", training), 1);
}

/* replace asks for resolve_conflicts of the existing event's type, whatever the new one's is. */
static void replacing_is_judged_by_what_is_replaced(void **state)
{
	struct site *site = *state;
	long long publish = made(site, ADMIN, EVENT(1, 0, ",\"resources\":[1]")), training = made(site, ADMIN, EVENT(31, 0, ",\"resources\":[2]"));
	become(&site->one, TRAINER);
	int64_t job = new_run(site, JOB_CREATE, "{\"on_conflict\":\"replace\"}",
			      list_of(site, EVENT(32, 0, ",\"resources\":[1]"), EVENT(33, 0, ",\"resources\":[2]"), EVENT(34, 600, ""), NULL));
	assert_string_equal(lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1", (long long)job),
			    "0 5\n1 1\n2 1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND ordinal = 0 AND detail LIKE"
				      " '%%not_permitted%%'", (long long)job), 1);
	assert_string_equal(lines(site, "s", "SELECT status FROM {scheduled_events} WHERE id IN (%lld, %lld) ORDER BY id", publish, training),
			    "scheduled\nsuperseded\n");
	become(&site->one, AUTHOR); /* has no resolve_conflicts at all */
	job = new_run(site, JOB_CREATE, "{\"on_conflict\":\"replace\"}", list_of(site, EVENT(AUTHORS_OWN, 0, ",\"resources\":[1]"), EVENT(5, 900, ""), NULL));
	assert_string_equal(lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1", (long long)job), "0 5\n1 1\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(creates_are_judged_item_by_item),
		CASE(changes_and_evaluations_are_judged_by_the_stored_event),
		CASE(what_an_event_becomes_counts_too),
		CASE(replacing_is_judged_by_what_is_replaced),
	};
	return cmocka_run_group_tests_name("permissions", cases, site_open, site_close);
}
