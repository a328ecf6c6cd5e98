/* Deciding about conflicts. */
#include "batch/decide.h"

#include "base/clock.h"
#include "batch/access.h"
#include "batch/depend.h"
#include "batch/pass.h"
#include "db/db.h"
#include "store/audit.h"
#include "store/events.h"

#define ALIKE_STEP 2000 /* decisions in one transaction */
#define ALIKE_MS 3000
#define TOLD_ORDINALS 100 /* in the audit log */

/* --- one by one -------------------------------------------------------------- */

struct deciding {
	struct ctx *ctx;
	struct job job;
	const struct decide_request *request;
	struct decide_report *report;
	struct event_kind *others;     /* of what the actor may not replace at all events */
	size_t other_count;
};

static void refuse(struct deciding *deciding, size_t entry, const char *member, enum code code, const char *suggestion,
		   const char *message)
{
	struct issues *issues = &deciding->report->issues;
	const char *pointer = arena_printf(issues->arena, "/resolutions/%zu/%s", entry, member);
	issue_add(issues, code, pointer, suggestion, "%s", message);
	deciding->report->refused++;
}

/* "skip", or why not: somebody else was first. */
static bool was_decided(struct deciding *deciding, size_t entry, const struct undecided *item)
{
	const struct decide_entry *wanted = &deciding->request->entries[entry];
	struct arena *arena = deciding->ctx->arena;
	bool is_in_conflict = item->outcome == OUTCOME_CONFLICT;
	bool is_over = item->is_decided && (item->waits || !is_in_conflict);
	bool is_same = item->decision.action == wanted->action && item->decision.scope == wanted->scope;
	if (is_over && is_same && (!wanted->epoch || wanted->epoch == item->decided_epoch)) {
		deciding->report->repeated++;
		return true;
	}
	if (is_over) {
		refuse(deciding, entry, "action", CODE_ALREADY_DECIDED, NULL,
		       arena_printf(arena, "%s has decided item %lld already: %s", item->decided_by, (long long)item->ordinal,
				    on_conflict_name(item->decision.action)));
		return true;
	}
	if (!is_in_conflict)
		refuse(deciding, entry, "ordinal", CODE_NOT_IN_CONFLICT, NULL,
		       arena_printf(arena, "Item %lld waits for no decision: it is %s", (long long)item->ordinal,
				    outcome_name(item->outcome)));
	else if (wanted->epoch && wanted->epoch != item->epoch)
		refuse(deciding, entry, "epoch", CODE_CONFLICT_CHANGED, NULL,
		       arena_printf(arena, "Item %lld has met another conflict since", (long long)item->ordinal));
	else
		return false;
	return true;
}

static int by_kind_id(const void *key, const void *element)
{
	const int64_t *id = key;
	const struct event_kind *kind = element;
	return (*id > kind->id) - (*id < kind->id);
}

/* Nobody decides over events whose conflicts are not his to resolve. */
static bool may_decide(struct deciding *deciding, const struct undecided *item, enum on_conflict action)
{
	const struct actor *actor = deciding->ctx->actor;
	struct fail unreadable = { .kind = FAIL_NONE };
	if (!deciding->other_count || action == ON_CONFLICT_SKIP || action == ON_CONFLICT_SHIFT || !item->detail)
		return true;
	json_t *detail = json_read(deciding->ctx->arena, item->detail, strlen(item->detail), &unreadable);
	const json_t *list = json_object_get(detail, "conflicts"), *conflict;
	size_t i;
	json_array_foreach(list, i, conflict) {
		int64_t id = json_integer_value(json_object_get(conflict, "event_id"));
		const struct event_kind *kind =
			id ? bsearch(&id, deciding->others, deciding->other_count, sizeof(*kind), by_kind_id) : NULL;
		if (kind && !permitted_for(actor, PERMIT_RESOLVE_CONFLICTS, kind->schedule_type, kind->created_by))
			return false;
	}
	return true;
}

/* Ids of the events that these items collide with. */
static bool load_others(struct deciding *deciding, const struct undecided *items, size_t count)
{
	struct ctx *ctx = deciding->ctx;
	struct fail unreadable = { .kind = FAIL_NONE };
	int64_t *ids = arena_array(ctx->arena, count * CONFLICTS_LISTED_MAX + 1, sizeof(*ids));
	size_t found = 0, i;
	const json_t *conflict;
	if (permitted_wholly(ctx->actor, PERMIT_RESOLVE_CONFLICTS))
		return true;
	for (size_t item = 0; item < count; item++) {
		struct arena_mark mark = arena_mark(ctx->arena);
		json_t *detail = items[item].detail ? json_read(ctx->arena, items[item].detail, strlen(items[item].detail), &unreadable) : NULL;
		json_array_foreach(json_object_get(detail, "conflicts"), i, conflict) {
			int64_t id = json_integer_value(json_object_get(conflict, "event_id"));
			if (id && found < count * CONFLICTS_LISTED_MAX)
				ids[found++] = id;
		}
		arena_rewind(ctx->arena, mark);
	}
	return events_kinds(ctx, ids, found, &deciding->others, &deciding->other_count);
}

static int by_ordinal(const void *key, const void *element)
{
	const int64_t *ordinal = key;
	const struct undecided *item = element;
	return (*ordinal > item->ordinal) - (*ordinal < item->ordinal);
}

static bool is_twice(const struct deciding *deciding, size_t entry)
{
	for (size_t i = 0; i < entry; i++)
		if (deciding->request->entries[i].ordinal == deciding->request->entries[entry].ordinal)
			return true;
	return false;
}

static const char *why_not(enum on_conflict action)
{
	switch (action) {
	case ON_CONFLICT_KEEP_BOTH:
		return "Both can't be kept: one of its conflicts is hard";
	case ON_CONFLICT_REPLACE:
		return "There is no event that could be replaced";
	case ON_CONFLICT_SHIFT:
		return "Another time would not help";
	case ON_CONFLICT_FAIL:
	case ON_CONFLICT_SKIP:
	case ON_CONFLICT_ASK:
	case ON_CONFLICT_COUNT:
		break;
	}
	return "That is no way out of this conflict";
}

/* Judges one entry; true when it is to be stored. */
static bool judge(struct deciding *deciding, size_t entry, const struct undecided *items, size_t count)
{
	const struct decide_entry *wanted = &deciding->request->entries[entry];
	const struct undecided *item = count ? bsearch(&wanted->ordinal, items, count, sizeof(*items), by_ordinal) : NULL;
	if (!item)
		refuse(deciding, entry, "ordinal", CODE_NOT_IN_CONFLICT, NULL,
		       arena_printf(deciding->ctx->arena, "The batch has no item %lld", (long long)wanted->ordinal));
	else if (is_twice(deciding, entry))
		refuse(deciding, entry, "ordinal", CODE_ALREADY_DECIDED, "Name each item once", "An earlier entry decides about this item");
	else if (was_decided(deciding, entry, item))
		return false;
	else if (!(item->ways & ON_CONFLICT_BIT(wanted->action)))
		refuse(deciding, entry, "action", CODE_CANNOT_RESOLVE, NULL, why_not(wanted->action));
	else if (!may_decide(deciding, item, wanted->action))
		refuse(deciding, entry, "action", CODE_NOT_PERMITTED, NULL,
		       "You may not resolve conflicts with events of that type");
	else
		return true;
	return false;
}

static bool decide_entries(struct deciding *deciding)
{
	struct ctx *ctx = deciding->ctx;
	const struct decide_request *request = deciding->request;
	int64_t *ordinals = arena_array(ctx->arena, request->count + 1, sizeof(*ordinals));
	struct new_decision *list = arena_array(ctx->arena, request->count + 1, sizeof(*list));
	struct undecided *items;
	size_t found, count = 0;
	for (size_t i = 0; i < request->count; i++)
		ordinals[i] = request->entries[i].ordinal;
	bool is_limited = !permitted_wholly(ctx->actor, PERMIT_RESOLVE_CONFLICTS);
	if (!decisions_look(ctx, deciding->job.id, ordinals, request->count, is_limited, &items, &found) ||
	    !load_others(deciding, items, found))
		return false;
	for (size_t i = 0; i < request->count; i++) {
		const struct decide_entry *wanted = &request->entries[i];
		if (!judge(deciding, i, items, found))
			continue;
		const struct undecided *item = bsearch(&wanted->ordinal, items, found, sizeof(*items), by_ordinal);
		list[count++] = (struct new_decision){ wanted->ordinal, wanted->action, wanted->scope, item->epoch };
	}
	deciding->report->decided += (int64_t)count;
	return decisions_insert(ctx, deciding->job.id, ctx->actor->user_id, list, count);
}

/* --- many alike ----------------------------------------------------------------- */

static bool decide_alike_step(struct deciding *deciding, struct decide_alike *alike, bool *more_out)
{
	struct ctx *ctx = deciding->ctx;
	struct new_decision *list;
	size_t count;
	if (!decisions_alike(ctx, deciding->job.id, alike, &list, &count) ||
	    !decisions_insert(ctx, deciding->job.id, ctx->actor->user_id, list, count))
		return false;
	deciding->report->decided += (int64_t)count;
	*more_out = count == (size_t)alike->limit;
	if (count)
		alike->after_ordinal = list[count - 1].ordinal;
	return true;
}

/* --- the transactions ------------------------------------------------------------- */

/* {"decided":12,"action":"skip","apply_to":"like","like":3} or {"skip":[1,2],…} */
static const char *audit_text(const struct deciding *deciding)
{
	const struct decide_request *request = deciding->request;
	struct str out = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	jw_int(&w, "decided", deciding->report->decided);
	if (!request->count) {
		jw_text(&w, "action", on_conflict_name(request->alike.action));
		jw_text(&w, "apply_to", request->like_ordinal >= 0 ? "like" : request->alike.kind ? request->alike.kind : "all");
		if (request->like_ordinal >= 0)
			jw_int(&w, "like", request->like_ordinal);
	}
	for (int action = ON_CONFLICT_SKIP; request->count && action < ON_CONFLICT_ASK; action++) {
		size_t told = 0;
		for (size_t i = 0; i < request->count && told < TOLD_ORDINALS; i++) {
			if (request->entries[i].action != (enum on_conflict)action)
				continue;
			if (!told++)
				jw_list(&w, on_conflict_name((enum on_conflict)action));
			jw_int(&w, NULL, request->entries[i].ordinal);
		}
		if (told)
			jw_end_list(&w);
	}
	jw_end_object(&w);
	const char *text = arena_strdup(deciding->ctx->arena, str_text(&out));
	str_free(&out);
	return text;
}

/* What was decided is carried out: at once, or when the present pass is through. */
static bool carry_out(struct deciding *deciding)
{
	struct ctx *ctx = deciding->ctx;
	bool any = deciding->report->decided > 0;
	if (deciding->report->decided && !audit_add(ctx, "job.decide", deciding->job.id, 0, audit_text(deciding)))
		return false;
	/* Many alike are stored in steps: somebody may have died before the last. */
	bool is_under_way = deciding->job.state == JOB_RUNNING && deciding->job.retrying & RETRY_DECIDED;
	if (!any && !deciding->request->count && !is_under_way && !decisions_any_waiting(ctx, deciding->job.id, &any))
		return false;
	if (!any)
		return true;
	if (deciding->job.state == JOB_RUNNING)
		return decisions_announce(ctx, deciding->job.id);
	deciding->job.stage = 0;
	return depend_require(ctx, &deciding->job) && pass_begin(ctx, &deciding->job, JOB_EVENT_DECIDE, WORK_DO, RETRY_DECIDED);
}

/* Locks the job: may its conflicts be decided, and by this person? */
static bool open_job(struct deciding *deciding)
{
	struct ctx *ctx = deciding->ctx;
	struct job *job = &deciding->job;
	struct job_counts counts;
	enum job_state to;
	if (!access_job_locked(ctx, job->id, job))
		return false;
	if (!permitted(ctx->actor, PERMIT_RESOLVE_CONFLICTS))
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your role does not allow to resolve conflicts");
	if (!job_has_decisions(job) && job->work == WORK_DO)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NOT_IN_CONFLICT,
				"Nothing can be decided here: this batch only looks, or is all or nothing");
	if (job_state_next(job->state, JOB_EVENT_DECIDE, &to) && job_has_decisions(job))
		return true;
	return job_get_counts(ctx, job, &counts) && job_refuse(ctx, job, &counts, JOB_EVENT_DECIDE);
}

static bool step(struct deciding *deciding, struct decide_alike *alike, bool *more_out)
{
	struct ctx *ctx = deciding->ctx;
	*more_out = false;
	if (db_begin(ctx->db, &ctx->fail) && open_job(deciding) &&
	    (deciding->request->count ? decide_entries(deciding) : decide_alike_step(deciding, alike, more_out)) &&
	    (*more_out || carry_out(deciding)) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* The likeness of the item that others are to be like. */
static bool find_likeness(struct ctx *ctx, int64_t job_id, const struct decide_request *request, struct decide_alike *alike)
{
	if (request->like_ordinal < 0)
		return true;
	if (!decisions_likeness(ctx, job_id, request->like_ordinal, &alike->likeness))
		return false;
	if (alike->likeness)
		return true;
	(void)fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NOT_IN_CONFLICT, "Item %lld waits for no decision", (long long)request->like_ordinal);
	return fail_at(&ctx->fail, "/apply_to/like");
}

bool batch_decide(struct ctx *ctx, int64_t job_id, const struct decide_request *request, struct decide_report *report)
{
	struct deciding deciding = { .ctx = ctx, .job = { .id = job_id }, .request = request, .report = report };
	struct decide_alike alike = request->alike;
	int64_t until_ms = monotonic_ms() + ALIKE_MS;
	bool more = true;
	struct job job;
	*report = (struct decide_report){ .issues.arena = ctx->arena };
	alike.after_ordinal = -1;
	alike.limit = ALIKE_STEP;
	alike.until_epoch = request->epoch;
	if (!access_job(ctx, job_id, &job) || !pass_log_errors(ctx, job_id) || !find_likeness(ctx, job_id, request, &alike))
		return false;
	while (more) {
		if (monotonic_ms() > until_ms)
			return fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "There are more than fit into one request; ask again");
		if (!step(&deciding, &alike, &more))
			return false;
	}
	return true;
}
