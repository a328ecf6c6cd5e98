/* What becomes of items that collide, for each way to resolve it. */
#include "jobs.h"

#define CREATE(options, ...) new_run(site, JOB_CREATE, options, list_of(site, __VA_ARGS__, NULL))
#define UPDATE(options, ...) new_run(site, JOB_UPDATE, options, list_of(site, __VA_ARGS__, NULL))
#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static void the_higher_priority_decides_first(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[1],\"priority\":5"),
			     EVENT(3, 0, 60, ",\"resources\":[1],\"priority\":5"), EVENT(4, 0, 60, ",\"resources\":[1],\"priority\":-1"));
	const char *why = "failed; resource_overlap /resources: The resource is taken: item 1 of this batch; resource_overlap hard"
			  " with item 1\n";
	assert_string_equal(told(site, job), text_of(site, "0 %s1 succeeded\n2 %s3 %s", why, why, why));
	assert_domain_whole(site);
}

static void ask_leaves_the_item_to_a_person(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE("{\"on_conflict\":\"ask\"}", EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job), "0 succeeded\n1 conflict; resource_overlap /resources: The resource is taken: item 0 of this"
					     " batch; resource_overlap hard with item 0\n");
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 conflict");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(the_higher_priority_decides_first),
		CASE(ask_leaves_the_item_to_a_person),
	};
	return cmocka_run_group_tests_name("resolve", cases, site_open, site_close);
}
