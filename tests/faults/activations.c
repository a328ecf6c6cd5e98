/*
 * Events whose moment has come, and the process that carries them out killed
 * before each of its statements: whoever comes next ends it, each event happens
 * once, and the version that goes live is set once.
 */
#include "trial.h"


#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/text.h"

#define EVENTS 12

/* Due at once: four that just happen, four whose conditions do not hold, two that
 * are missed, two of one content of which the later one counts. */
static void make_due(struct trial *trial)
{
	struct ctx *eyes = trial->eyes;
	trial_reset(trial);
	world_sql(eyes, "DELETE FROM {event_history}");
	world_sql(eyes, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	world_sql(eyes, "UPDATE {contents} SET live_version = 0, live_at = 0");
	world_sql(eyes, "UPDATE {scheduled_events} SET starts_at = UTC_TIMESTAMP() - INTERVAL 30 - id SECOND, ends_at = starts_at +"
			" INTERVAL 1800 SECOND, next_due_at = starts_at, version_no = 1 + id %% 3 WHERE id <= %d", EVENTS);
	world_sql(eyes, "UPDATE {scheduled_events} SET conditions = JSON_OBJECT('var', 'attributes.nothing') WHERE id BETWEEN 5 AND 8");
	world_sql(eyes, "UPDATE {scheduled_events} SET starts_at = UTC_TIMESTAMP() - INTERVAL 2 DAY WHERE id IN (9, 10)");
	world_sql(eyes, "UPDATE {scheduled_events} SET content_id = 11 WHERE id = 12");
}

/* What must not depend on when it was broken off. */
static const char *what_became(struct ctx *eyes)
{
	struct db_rows rows;
	struct str out = STR_INIT;
	static const char *const texts[] = {
		"SELECT CONCAT_WS(' ', 'event', id, status, row_version, next_due_at IS NULL) FROM {scheduled_events} ORDER BY id",
		"SELECT CONCAT_WS(' ', 'content', id, live_version, live_at > 0) FROM {contents} ORDER BY id",
		"SELECT CONCAT_WS(' ', 'former', event_id, row_version, status) FROM {event_history} ORDER BY event_id, row_version",
		"SELECT CONCAT_WS(' ', 'said', action, object_id, COUNT(*)) FROM {audit_log} WHERE action LIKE 'event.%' GROUP BY action, object_id"
		" ORDER BY object_id",
		"SELECT CONCAT_WS(' ', 'item', target_id, outcome) FROM {batch_job_items} ORDER BY job_id, ordinal",
		"SELECT CONCAT_WS(' ', 'batch', type, status) FROM {batch_jobs} ORDER BY id",
		"SELECT CONCAT_WS(' ', 'busy', event_id, calendar_kind) FROM {busy} ORDER BY event_id, calendar_kind",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!db_text_query(db_text_begin(eyes->db, texts[i]), "s", eyes->arena, &rows, &eyes->fail))
			give_up("%s", eyes->fail.detail);
		for (size_t row = 0; row < rows.count; row++)
			str_addf(&out, "%s\n", db_str(&rows, row, 0));
	}
	const char *kept = strdup(str_text(&out));
	str_free(&out);
	return kept;
}

static _Noreturn void be_worker(const struct trial *trial, int64_t fault_at)
{
	struct drive how = { .budget_ms = 60000 }; /* it is over when nothing is due any more */
	struct drive_report report;
	char number[24];
	snprintf(number, sizeof number, "%lld", (long long)fault_at);
	setenv("TRANCHE_FAULT_AT", number, 1);
	setenv("TRANCHE_FAULT_SIGNAL", "0", 1);
	struct ctx *ctx = world_ctx(trial->config);
	_Exit(db_ensure(ctx->db, &ctx->fail) && batch_drive(ctx, &how, &report) ? EXIT_SUCCESS : 2);
}

static enum end work(const struct trial *trial, int64_t fault_at)
{
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		be_worker(trial, fault_at);
	if (child < 0)
		give_up("no child");
	return trial_wait(child);
}

void try_activations(struct trial *trial, const struct line *lines, size_t count, uint64_t seed)
{
	int64_t tried = 0, survived = 0;
	(void)lines;
	(void)count;
	(void)seed;
	make_due(trial);
	if (work(trial, 0) != CAME_THROUGH)
		give_up("due events are not even carried out undisturbed");
	const char *wanted = what_became(trial->eyes);
	if (!strstr(wanted, "content 11 1 1\n") || !strstr(wanted, "event 9 missed 2 1\n") || !strstr(wanted, "event 5 scheduled 1 0\n"))
		give_up("due events, undisturbed: %s", wanted);
	for (int64_t at = 1;; at++) {
		make_due(trial);
		enum end end = work(trial, at);
		if (end == CAME_THROUGH)
			break;
		world_release(trial->eyes);
		world_sql(trial->eyes, "UPDATE {maintenance} SET due_at = '2000-01-01'");
		tried++;
		bool ended = end == WAS_KILLED && work(trial, 0) == CAME_THROUGH;
		const char *got = what_became(trial->eyes);
		bool same = strcmp(wanted, got) == 0;
		if (!ended || !same)
			printf("due events, killed before statement %lld:\n%s", (long long)at, got);
		survived += ended && same;
	}
	trial_report(trial, "due events", "killed at each statement", tried, survived);
}
