/*
 * Error codes: the one table of everything that can be wrong, for users.
 *
 * A code is stable: it stands in API replies, CSV files and bookmarks.  Each
 * has a title, a cause and a fix in words a non-programmer understands; the
 * help page and the API read this table and nothing else.
 */
#ifndef BASE_CODES_H
#define BASE_CODES_H

#include <stdbool.h>

/*      enum             name                     recoverable title                      cause                      fix */
#define CODE_LIST(X)                                                                                                   \
	X(NONE, "none", false, "", "", "")                                                                              \
	/* requests */                                                                                                  \
	X(MALFORMED_JSON, "malformed_json", true, "The JSON can't be read",                                             \
	  "The text is not valid JSON: a comma, quote or bracket is missing or too many.",                              \
	  "Check the text at the place named; a JSON validator shows the exact spot.")                                  \
	X(MALFORMED_CSV, "malformed_csv", true, "The CSV can't be read",                                                \
	  "A quote is not closed, a line is too long, or a row has more cells than the header.",                        \
	  "Open the file in a spreadsheet and save it again as CSV (UTF-8).")                                           \
	X(MALFORMED_REQUEST, "malformed_request", false, "The request can't be read",                                   \
	  "The request does not follow HTTP or this API's form.", "Compare it with the API reference, /help/api.html.") \
	X(INVALID_UTF8, "invalid_utf8", true, "The text is not UTF-8",                                                  \
	  "The file was saved in another character set, such as Windows-1252, or holds a NUL.",                         \
	  "Save the file as “CSV UTF-8” or “Unicode (UTF-8)” and send it again.")                                       \
	X(TRUNCATED_BODY, "truncated_body", true, "The upload stopped half way",                                        \
	  "The connection ended before the whole body had arrived.",                                                    \
	  "Send the part again from the number of items shown as received; nothing is stored twice.")                   \
	X(MISSING_COLUMN, "missing_column", true, "A column is missing",                                                \
	  "The CSV's header row does not name a column that this operation needs.",                                     \
	  "Add the column; the first row must hold the column names.")                                                  \
	X(UNKNOWN_COLUMN, "unknown_column", true, "A column is not known",                                              \
	  "The CSV's header row names a column that no field has.",                                                     \
	  "Rename or remove the column; the import format under /help lists all names.")                                \
	X(UNKNOWN_FIELD, "unknown_field", true, "A field is not known",                                                 \
	  "The field's name is misspelt or belongs to another operation.", "Correct or remove the field.")              \
	X(UNKNOWN_OPTION, "unknown_option", true, "An option is not known",                                             \
	  "The option's name is misspelt or belongs to another operation.", "Correct or remove the option.")            \
	X(NOT_AVAILABLE, "not_available", false, "This is not available in this version",                               \
	  "The field or option belongs to a part of Tranche that this installation does not have yet.",                 \
	  "Leave it out, or update Tranche.")                                                                           \
	X(INVALID_TYPE, "invalid_type", true, "A value has the wrong type",                                             \
	  "A number stands where a text is meant, or the other way round.", "Write the value as shown.")                \
	X(INVALID_VALUE, "invalid_value", true, "A value is not allowed",                                               \
	  "The value is outside what this field takes.", "Use one of the values named.")                                \
	X(OUT_OF_RANGE, "out_of_range", true, "A number is out of range",                                               \
	  "The number is smaller or larger than this field allows.", "Use a number within the range named.")            \
	X(REQUIRED, "required", true, "A value is missing", "The field must not be empty.", "Fill it in.")              \
	X(TOO_LONG, "too_long", true, "A text is too long", "The text is longer than this field holds.", "Shorten it.") \
	X(TOO_DEEP, "too_deep", true, "The JSON is nested too deeply",                                                  \
	  "More than 32 brackets are open at once.", "Flatten the structure.")                                          \
	X(DUPLICATE_KEY, "duplicate_key", true, "A name stands twice", "The same key occurs twice in one object.",      \
	  "Remove one of the two.")                                                                                     \
	X(ITEM_TOO_LARGE, "item_too_large", true, "An item is too large",                                                \
	  "It is larger than this site takes: 64 KiB, unless it is set otherwise.",                                     \
	  "Shorten its attributes or texts.")                                                                           \
	X(VALIDATION_FAILED, "validation_failed", true, "Some fields are not valid",                                    \
	  "One or more fields hold values that can't be used.", "Correct the fields named and send them again.")        \
	/* events */                                                                                                    \
	X(INVALID_TIME, "invalid_time", true, "A time can't be read",                                                   \
	  "The time is not written in a form that is read here, or there is no such day (30 February).",               \
	  "Write it as 2026-12-01T09:00:00Z.")                                                                          \
	X(UNKNOWN_TIMEZONE, "unknown_timezone", true, "The time zone is not known",                                     \
	  "The public list of time zones (IANA) has none of this name.", "Write it as Europe/Stockholm or America/New_York.")           \
	X(TIME_MISSING, "time_missing", true, "The start is missing",                                                   \
	  "An event needs starts_at, or local_start with timezone.", "Add one of the two.")                             \
	X(TIME_TWICE, "time_twice", true, "The start is given twice",                                                   \
	  "starts_at and local_start name different moments.", "Keep one of the two.")                                  \
	X(END_TWICE, "end_twice", true, "The end is given twice",                                                       \
	  "ends_at and duration_s name different moments.", "Keep one of the two.")                                     \
	X(ENDS_BEFORE_START, "ends_before_start", true, "The end is before the start",                                  \
	  "ends_at is earlier than starts_at.", "Swap the two or correct one.")                                         \
	X(DURATION_TOO_LONG, "duration_too_long", true, "The event is too long", "An event may last 31 days at most.",  \
	  "Shorten it, or split it into several events.")                                                               \
	X(RECURRENCE_INVALID, "recurrence_invalid", true, "The recurrence is not valid",                               \
	  "A part of the rule is misspelt, out of range, or can't stand with this FREQ (RFC 5545).",                   \
	  "Correct the part named; the help page on recurrence shows the forms.")                                      \
	X(RECURRENCE_AMBIGUOUS, "recurrence_ambiguous", true, "The recurrence can be read in two ways",                \
	  "Calendar programs disagree about which days this rule means.",                                              \
	  "Add the part named, so that it can only mean one thing.")                                                   \
	X(RECURRENCE_NOT_SUPPORTED, "recurrence_not_supported", true, "This kind of recurrence is not taken",          \
	  "The rule is valid, but more frequent, longer or of another kind than Tranche takes.",                       \
	  "Use a rule within the limits named.")                                                                       \
	X(RECURRENCE_EMPTY, "recurrence_empty", true, "The recurrence has no occurrence",                              \
	  "No day up to the year 2100 fits the rule, or every one is excluded.",                                       \
	  "Check the dates: a month may not have the day, or UNTIL may lie before the start.")                         \
	X(RECURRENCE_TOO_EXPENSIVE, "recurrence_too_expensive", true, "The recurrence takes too long to work out",     \
	  "Occurrences are so rare among what the rule makes us look at that the search was ended.",                   \
	  "Write the rule with a larger FREQ, such as DAILY with BYHOUR instead of HOURLY.")                           \
	X(START_NOT_IN_RECURRENCE, "start_not_in_recurrence", true, "The start is not an occurrence",                  \
	  "The start does not fit the recurrence, and calendar programs disagree about whether it then counts.",       \
	  "Use the first occurrence as the start, or set the option normalise to true.")                               \
	X(UNKNOWN_OPERATOR, "unknown_operator", true, "An operator is not known",                                        \
	  "The conditions use an operator that JsonLogic does not have.",                                               \
	  "Use one of the operators listed at /help/conditions.html.")                                                    \
	X(CONDITION_TOO_EXPENSIVE, "condition_too_expensive", true, "The conditions take too much work",                \
	  "Working the conditions out needs more than 10,000 steps, or makes a text or list that is too large.",        \
	  "Make the rule simpler, or the lists that it works through shorter.")                                         \
	X(NO_SUCH_OCCURRENCE, "no_such_occurrence", true, "The series has no such occurrence",                         \
	  "An occurrence is named by the wall time that the rule gives it, also after it was moved.",                  \
	  "Use one of the local_start values of the occurrences listed.")                                              \
	X(CONDITIONS_NOT_MET, "conditions_not_met", true, "The conditions are not met",                                 \
	  "The parts named do not hold with the values shown.",                                                         \
	  "Wait until they hold, change what they look at, or change the conditions.")                                  \
	X(STARTS_IN_PAST, "starts_in_past", true, "The start lies in the past",                                         \
	  "The event's moment is over: it is due at once, or missed if its grace is over, too.",                        \
	  "Nothing needs to be done if that is meant; else correct the start.")                                         \
	X(EVENT_MISSED, "event_missed", true, "The event was missed",                                                   \
	  "Nobody came to the site in time, or its conditions did not hold before its grace was over.",                 \
	  "Give it a new start, a longer grace_s or misfire run_all; a cron job or uptime pinger at /api/v1/tick keeps the time.") \
	X(OVERTAKEN, "overtaken", true, "A later event came first",                                                     \
	  "An event of the same content with a later moment has happened already; this one no longer changes what is live.", \
	  "Nothing needs to be done if that is meant; else publish the version with a new event.")                      \
	X(OLDER_VERSION, "older_version", true, "An older version comes after a newer one",                             \
	  "The content's live version has a higher number, or one with a higher number is scheduled to start earlier.", \
	  "Nothing needs to be done if that is meant; else check version_no, or publish the newer version with a new event.") \
	X(NO_LONGER_DUE, "no_longer_due", false, "The event is no longer due",                                          \
	  "It was changed, cancelled or has happened since this batch was made.", "Nothing needs to be done.")          \
	X(CONTENT_NOT_FOUND, "content_not_found", true, "The content does not exist",                                   \
	  "No content has this id, or it was deleted.", "Check content_id; /contents lists them.")                      \
	X(VERSION_NOT_FOUND, "version_not_found", true, "The version does not exist",                                   \
	  "The content has no version with this number.", "Use an existing version_no, or null for the latest.")        \
	X(RESOURCE_NOT_FOUND, "resource_not_found", true, "A resource does not exist",                                  \
	  "No venue, team or equipment has this id.", "Check resources; /resources lists them.")                        \
	X(ASSIGNEE_NOT_FOUND, "assignee_not_found", true, "A person does not exist",                                    \
	  "No person has this id, or the id is that of a venue or equipment.", "Check assignees; /resources lists them.") \
	X(EVENT_NOT_FOUND, "event_not_found", true, "The event does not exist",                                         \
	  "No event has this id or client_id, or it is not yours.", "Check the selector.")                              \
	X(EVENT_LOCKED, "event_locked", true, "Another batch holds the event",                                          \
	  "A batch that is all or nothing has changed it, or uses its client_id, and has not ended yet.",               \
	  "Try again when that batch has ended.")                                                                       \
	X(NOT_EDITABLE, "not_editable", false, "The event can't be changed any more",                                   \
	  "It has been completed, superseded, cancelled or archived.", "Create a new event instead.")                   \
	X(NOT_PERMITTED, "not_permitted", false, "You may not do this",                                                 \
	  "Your role does not allow this for this kind of event or for somebody else's.",                               \
	  "Ask an administrator for the permission named.")                                                             \
	X(DUPLICATE, "duplicate", true, "An event with this client_id exists",                                          \
	  "You already have an event with this client_id, and it is different.",                                        \
	  "Use another client_id, or update the event that exists.")                                                    \
	X(STALE_VERSION, "stale_version", true, "Somebody changed it first",                                            \
	  "It was changed after you read it.", "Read it again and repeat your change.")                          \
	X(VERSION_WINDOW, "version_window", true, "Another version is scheduled too close",                             \
	  "The same content has another version scheduled within the conflict window.",                                 \
	  "Choose a time further away, the same version, or on_conflict keep_both.")                                    \
	X(RESOURCE_OVERLAP, "resource_overlap", true, "The resource is taken",                                          \
	  "Another event has the same resource at that time.", "Choose another time or resource.")                      \
	X(ASSIGNEE_OVERLAP, "assignee_overlap", true, "The person is busy",                                             \
	  "Another event has the same person at that time.", "Choose another time or person.")                          \
	X(SELF_OVERLAP, "self_overlap", true, "The series overlaps itself",                                             \
	  "An occurrence begins before the one before it has ended: the event lasts longer than the time between two of them.", \
	  "Shorten it, or let it recur less often.")                                                                    \
	X(NO_FREE_TIME, "no_free_time", true, "No free time was found",                                                 \
	  "From the time asked for up to shift_limit_s later there is no start at which all that the event needs is free.", \
	  "Allow a larger shift_limit_s, or choose another time or resource.")                                          \
	X(SHIFTED, "shifted", true, "The event was moved to the next free time",                                        \
	  "Its time was taken and on_conflict is shift.", "Look whether the new time suits; else move it, or undo the batch.") \
	X(NOT_REPLACEABLE, "not_replaceable", true, "What is there can't be replaced",                                  \
	  "on_conflict is replace, but what is in the way is not an event that may be: it belongs to this batch, is held by another one, is being processed, or is more than can be replaced at once.", \
	  "Choose another time, or see to the event named first.")                                                      \
	X(REPLACED, "replaced", true, "Another event was replaced",                                                     \
	  "It was in the way and on_conflict is replace: it is superseded now, and kept.", "An undo of the batch brings it back.") \
	X(OCCURRENCES_LEFT_OUT, "occurrences_left_out", true, "Occurrences were left out",                              \
	  "They collide, on_conflict is skip and conflict_scope is occurrence.", "Look at the dates named; schedule these separately if needed.") \
	X(COMPLIANCE, "compliance", true, "A restriction forbids this",                                                  \
	  "The person or place has a restriction at that time for events of this type or with this tag.",                \
	  "Choose one of the alternatives, or another time.")                                                           \
	X(QUERY_EMPTY, "query_empty", true, "Nothing matches the query", "No event matches the selector's query.",      \
	  "Widen the query.")                                                                                           \
	/* batches */                                                                                                   \
	X(NOT_FOUND, "not_found", false, "Not found", "Nothing is at this address, or it is not yours.",                \
	  "Check the address.")                                                                                         \
	X(METHOD_NOT_ALLOWED, "method_not_allowed", false, "This can't be done at this address",                        \
	  "The address exists, but not for this method.", "Use one of the methods in the Allow header.")                \
	X(UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", false, "This content type is not taken",                    \
	  "The body's Content-Type is not one this address reads.",                                                     \
	  "Use application/json, application/x-ndjson or text/csv as the reference says.")                              \
	X(ILLEGAL_TRANSITION, "illegal_transition", true, "The batch can't do that now",                                \
	  "The batch is in a state that does not allow this step.", "Use one of the steps named as allowed.")           \
	X(NOTHING_TO_RETRY, "nothing_to_retry", true, "There is nothing to retry",                                      \
	  "No item of the batch has one of the outcomes asked for, or all that failed could not be read.",               \
	  "Look at the results; correct what could not be read and send it as a new batch.")                            \
	X(NOT_IN_CONFLICT, "not_in_conflict", true, "Nothing is to be decided here",                                    \
	  "The item is not in conflict, or its batch changes nothing, so that there is nothing to decide.",              \
	  "Look at the list of conflicts again.")                                                                       \
	X(ALREADY_DECIDED, "already_decided", false, "This has been decided already",                                   \
	  "Somebody else decided about the same conflict first.", "Look at the result; it can be undone with the batch.") \
	X(CONFLICT_CHANGED, "conflict_changed", true, "The conflict is another one by now",                             \
	  "The item was worked on again since you looked, and collides with something else.",                           \
	  "Look at the list of conflicts again and decide anew.")                                                       \
	X(CANNOT_RESOLVE, "cannot_resolve", true, "That can't resolve this conflict",                                   \
	  "Both can be kept only where no conflict is hard; only another event can be replaced.",                       \
	  "Choose another way.")                                                                                        \
	X(OFFSET_GAP, "offset_gap", true, "Items are missing before these",                                             \
	  "The slice's offset is beyond what has been received.", "Send from the offset named.")                        \
	X(OFFSET_MISMATCH, "offset_mismatch", true, "Other items were received at this offset",                         \
	  "A slice with other content is already stored at this offset.",                                               \
	  "Go on from the number received, or start a new batch.")                                                      \
	X(IDEMPOTENCY_KEY_REUSED, "idempotency_key_reused", false, "This Idempotency-Key was used for something else",    \
	  "Within 24 hours another body was sent, or another address used, with the same key.",                         \
	  "Use a new key for each new request; repeat one exactly as it was.")                                          \
	X(IDEMPOTENCY_IN_PROGRESS, "idempotency_in_progress", true, "The same request is still being worked on",        \
	  "A request with this Idempotency-Key has not ended yet.",                                                     \
	  "Wait as long as Retry-After says and send it again; it happens once.")                                       \
	X(CHANGED_SINCE, "changed_since", false, "It was changed since",                                                \
	  "Somebody changed or deleted the event after this batch had written it, so the undo left it alone.",          \
	  "Look at the event; change it by hand if it should be as before.")                                            \
	X(PLACE_TAKEN, "place_taken", false, "Its old place is taken",                                                  \
	  "Another event has taken the time and place that this one had before the batch, so the undo left it alone.",  \
	  "Move one of the two, then change the event by hand.")                                                        \
	X(STATE_NOT_FOUND, "state_not_found", false, "That former state is not known",                                  \
	  "The event never had this row_version, or its history has been deleted after the time that the site keeps it.", \
	  "Look at the event's history for the states that are known.")                                                 \
	X(UNDO_EXPIRED, "undo_expired", false, "It is too late to undo this",                                           \
	  "A batch can be undone for 24 hours after its end; then what was there before is deleted.",                   \
	  "Make the change with a new batch.")                                                                          \
	X(NOT_UNDOABLE, "not_undoable", false, "This can't be undone",                                                  \
	  "Evaluations and checks change nothing, and an undo can't be undone itself.",                                 \
	  "To do it again, send the items as a new batch.")                                                             \
	X(NOTHING_TO_UNDO, "nothing_to_undo", false, "There is nothing to undo", "No item of the batch changed anything.", \
	  "Nothing needs to be done.")                                                                                  \
	X(EMPTY_BATCH, "empty_batch", true, "The batch has no items", "Nothing was sent to work on.",                   \
	  "Add at least one item.")                                                                                     \
	X(DEPENDENCY_NOT_FOUND, "dependency_not_found", true, "What it depends on does not exist",                      \
	  "No batch of yours, or no item of this batch, has the id that is named.",                                     \
	  "Correct the id, or leave it out of depends_on.")                                                             \
	X(DEPENDENCY_FAILED, "dependency_failed", true, "What it depends on did not succeed",                           \
	  "A batch or an item that has to succeed first has failed, or was cancelled, undone or skipped.",              \
	  "Correct and retry the one named first, then retry this one.")                                                \
	X(DEPENDENCY_CYCLE, "dependency_cycle", true, "Items wait for each other in a circle",                          \
	  "The item depends, over others, on itself, so none of them could be the first.",                              \
	  "Take one of the depends_on or $ref named away.")                                                             \
	X(TOO_MANY_STAGES, "too_many_stages", true, "Too many items wait one after the other",                          \
	  "A chain of items that depend on each other may be 100 items long.",                                          \
	  "Split the batch; a batch can depend on another one.")                                                        \
	X(DUPLICATE_ID, "duplicate_id", true, "Two items have the same id",                                             \
	  "An earlier item of this batch has this id already.", "Give each item an id of its own, or none.")            \
	X(ATOMIC_CANNOT_ASK, "atomic_cannot_ask", true, "All or nothing can't wait for decisions",                      \
	  "What a batch that is all or nothing has written is held back, and kept from others, until all of it is there;" \
	  " a person who decides may take days.",                                                                       \
	  "Evaluate the items first and decide by that, choose another on_conflict, or leave out atomic.")              \
	X(POISON_ITEM, "poison_item", true, "The item could not be worked on",                                          \
	  "Working on this item failed every time it was tried.",                                                       \
	  "Look at the reference in the log; correct the item and retry it.")                                           \
	X(PRECONDITION_FAILED, "precondition_failed", true, "It has changed meanwhile",                                 \
	  "The If-Match value is not the present version.", "Read it again and repeat your change.")                    \
	X(RESTRICTION_NOT_FOUND, "restriction_not_found", true, "The restriction does not exist",                        \
	  "No restriction has this id, or it was deleted.", "Look for it under /restrictions.")                          \
	X(TOO_MANY_RESTRICTIONS, "too_many_restrictions", true, "There are too many restrictions",                       \
	  "One person or place may have 500 restrictions that have not ended.", "Join those that follow each other, or delete some.") \
	X(WEBHOOK_NOT_FOUND, "webhook_not_found", true, "The webhook does not exist",                                     \
	  "No webhook has this id, or it is switched off, or takes the batches of somebody else alone.",                   \
	  "Look for it under /webhooks, or leave out notify.")                                                            \
	X(WEBHOOK_ADDRESS, "webhook_address", true, "That address can't be a webhook's",                                 \
	  "Webhooks go to https addresses of the public net, port 443 or 8443, written in the usual way.",                 \
	  "Correct the address; one inside your own net has to be named by webhook_allow in tranche.conf.")                \
	X(WEBHOOK_OFF, "webhook_off", true, "The webhook is switched off", "Nothing is sent while it is.",               \
	  "Switch it on first.")                                                                                          \
	X(TOO_MANY_WEBHOOKS, "too_many_webhooks", true, "There are too many webhooks",                                   \
	  "A site may have 50.", "Delete one that is not needed any more.")                                               \
	X(IN_USE, "in_use", true, "It is still in use", "Events name it, so it can't be deleted.",                      \
	  "Set it to inactive instead, or delete the events first.")                                                    \
	/* limits */                                                                                                    \
	X(BODY_TOO_LARGE, "body_too_large", true, "The request is too large",                                           \
	  "The body is larger than this site allows for one request.", "Send it in slices of at most 100 KB.")          \
	X(TOO_MANY_ITEMS, "too_many_items", true, "The batch is too large",                                             \
	  "A batch may hold 1,000,000 items, unless this site takes fewer.", "Split it into several batches.")          \
	X(TOO_MANY_JOBS, "too_many_jobs", true, "Too many batches are open",                                            \
	  "You have reached the number of batches that may be open at once.", "Finish or cancel one of them first.")    \
	X(TOO_MANY_REQUESTS, "too_many_requests", true, "Too many requests",                                            \
	  "More requests came in a minute than this site allows.", "Wait as long as Retry-After says.")                 \
	/* people */                                                                                                    \
	X(NOT_AUTHENTICATED, "not_authenticated", false, "Please sign in",                                              \
	  "No valid session or token came with the request.", "Sign in, or send Authorization: Bearer tr_….")           \
	X(BAD_CREDENTIALS, "bad_credentials", true, "The name or password is wrong",                                    \
	  "No user has this name with this password.", "Check both and try again.")                                     \
	X(BAD_CODE, "bad_code", true, "The code is wrong",                                                              \
	  "It is another one by now, was used already, or the phone's clock is wrong.",                                 \
	  "Wait for the next code of the app, or use a recovery code.")                                                 \
	X(PASSWORD_DUE, "password_due", true, "Choose a password of your own first",                                    \
	  "Somebody else gave you the present one.", "Sign in with a browser and change it; then everything is open.")  \
	X(NAME_TAKEN, "name_taken", true, "Somebody has this name already",                                             \
	  "User names, and names of roles, are there once each.", "Choose another name.")                               \
	X(LAST_ADMIN, "last_admin", true, "Nobody could manage people any more",                                        \
	  "This takes the permission manage_users from the last person who has it and may sign in.",                    \
	  "Give it to somebody else first.")                                                                            \
	X(STANDARD_ROLE, "standard_role", false, "This role comes with Tranche",                                        \
	  "The roles admin, editor and author are the same on every site.", "Make a role of your own instead.")         \
	X(CREATOR_INACTIVE, "creator_inactive", true, "The person whose batch it is may not sign in",                   \
	  "A batch works with the permissions of whoever made it, and that person is deactivated.",                     \
	  "Activate the person again, or cancel or undo the batch.")                                                    \
	X(CSRF, "csrf", true, "The form has expired",                                                                   \
	  "The form's protection code is missing or belongs to another session.", "Reload the page and send it again.") \
	/* the system */                                                                                                \
	X(NOT_INSTALLED, "not_installed", true, "Tranche is not set up yet",                                            \
	  "There is no configuration, or its database holds no tables of Tranche.",                                     \
	  "Open the site in a browser: its owner is led through the installation.")                                     \
	X(SCHEMA_OLDER, "schema_older", true, "Tranche is being updated",                                               \
	  "The program is newer than the tables in the database. Batches wait; they go on where they stand.",           \
	  "An administrator opens /upgrade and presses one button.")                                                    \
	X(SCHEMA_NEWER, "schema_newer", true, "The program is older than the database",                                 \
	  "A newer Tranche has changed the tables; this one does not touch them, so that nothing is damaged.",          \
	  "Upload the newer version again: tranche.fcgi and the folders beside it.")                                    \
	X(DATABASE_AWAY, "database_away", true, "The database can't be reached",                                        \
	  "The database server is down or refuses connections.", "Wait a moment; nothing is lost.")                     \
	X(DATABASE_BUSY, "database_busy", true, "The database is busy",                                                 \
	  "Other work holds what this needs, or a limit of the host is reached.", "Try again in a moment.")             \
	X(DATABASE_FULL, "database_full", true, "The database is full",                                                 \
	  "The disk or the quota of the database is used up.", "Free space or raise the quota; the batch then goes on.") \
	X(DATABASE_READ_ONLY, "database_read_only", true, "The database takes no changes",                              \
	  "The database user may only read, or the server is set so: hosts do that when a quota is used up, or while they move a site.", \
	  "Give the database user all rights in the host's panel, or ask the host; then everything goes on from where it stopped.") \
	X(DATABASE_LIMIT, "database_limit", true, "The host's hourly limit for the database is reached",                \
	  "The host allows this site so many database queries or changes an hour, and they are used up.",               \
	  "Wait: batches go on by themselves within the hour. Fewer open pages need fewer; the host may raise the limit.") \
	X(INTERNAL, "internal_error", true, "Something went wrong on our side",                                         \
	  "A fault in Tranche or its surroundings; the log has the details.", "Try again; if it stays, tell us the reference.")

enum code {
#define X(id, name, recoverable, title, cause, fix) CODE_##id,
	CODE_LIST(X)
#undef X
	CODE_COUNT
};

struct code_info {
	const char *name;
	bool recoverable;
	const char *title;
	const char *cause;
	const char *fix;
};

/* The row of a code; static, never NULL. */
const struct code_info *code_info(enum code code);

/* The code of a name; CODE_INTERNAL when there is none (a row written by a
 * newer version must still be shown). */
enum code code_by_name(const char *name);

#endif
