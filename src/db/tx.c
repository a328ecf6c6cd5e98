/* Transactions: begin, commit, rollback, and the one uncertain moment. */
#include "db/internal.h"

bool db_begin(struct db *db, struct fail *fail)
{
	if (!db_send(db, fail, "START TRANSACTION"))
		return false;
	db->in_transaction = true;
	return true;
}

bool db_commit(struct db *db, struct fail *fail)
{
	if (db_send(db, fail, "COMMIT")) {
		db->in_transaction = false;
		return true;
	}
	/* One that was stopped may be told of its end too late. */
	if (db->lost || db_took_too_long(fail))
		fail->kind = FAIL_UNCERTAIN;
	/* Refused, it has not ended: its locks would stay with this connection. */
	db_rollback(db);
	return false;
}

void db_rollback(struct db *db)
{
	struct fail ignored = { 0 };
	if (!db->in_transaction)
		return;
	db->in_transaction = false;
	if (db->lost || !db_send(db, &ignored, "ROLLBACK"))
		db_drop(db);
}
