#include "web/batch_input.h"

#include "web/page_frame.h"

void options_from_form(struct request *request, enum job_type type, struct batch_options *options,
		       struct issues *issues)
{
	const char *on_conflict = form_text(request, "on_conflict");
	options_default(request->ctx->config, options);
	if (on_conflict[0] && !on_conflict_by_name(on_conflict, &options->resolution.on_conflict))
		issue_add(issues, CODE_INVALID_VALUE, "/on_conflict", NULL, "Choose one of the ways listed");
	options->label = form_text(request, "label");
	if (utf8_length(options->label, strlen(options->label)) > JOB_LABEL_MAX)
		issue_add(issues, CODE_TOO_LONG, "/label", NULL, "The name may have %d characters", JOB_LABEL_MAX);
	options->atomic = type != JOB_EVALUATE && form_text(request, "atomic")[0] != '\0';
	if (options->atomic && options->resolution.on_conflict == ON_CONFLICT_ASK)
		issue_add(issues, CODE_ATOMIC_CANNOT_ASK, "/on_conflict", NULL,
			  "A batch that is all or nothing can't wait for decisions: choose another way, or don't ask for all or nothing");
	options->dry_run = type != JOB_EVALUATE && strcmp(form_text(request, "run"), "now") != 0;
	options_settle(options, false);
}
