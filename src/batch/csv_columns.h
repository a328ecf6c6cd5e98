/*
 * Columns of a CSV: which there are, and what a cell of each becomes.  Between
 * the files of ingest; not for other folders.
 */
#ifndef BATCH_CSV_COLUMNS_H
#define BATCH_CSV_COLUMNS_H

#include "base/str.h"
#include "store/jobs.h"

enum column_kind { COLUMN_TEXT, COLUMN_INT, COLUMN_IDS, COLUMN_JSON, COLUMN_KEYS, COLUMN_TIMES, COLUMN_IGNORED };
/* The object of an item that the member belongs to. */
enum column_place { PLACE_VALUES, PLACE_SELECTOR, PLACE_TOP };

struct column {
	const char *name;
	enum column_kind kind;
	enum column_place place;
	unsigned job_types;
};

/* The column of this name for batches of a type, NULL when there is none. */
const struct column *csv_column(const char *name, enum job_type type);

/* Adds a cell to the members of an object; an empty one adds nothing. */
void csv_cell(struct str *object, const struct column *column, const char *text, size_t len);

#endif
