/*
 * Results as CSV: the columns of the import first, then what became of each
 * row in columns that the import ignores, so that a file can be corrected and
 * sent again as it is.
 */
#ifndef WEB_RESULTS_CSV_H
#define WEB_RESULTS_CSV_H

#include "base/arena.h"
#include "store/items.h"
#include "views/csv.h"

#define RESULTS_COLUMNS_MAX 64

struct results_columns {
	const char *names[RESULTS_COLUMNS_MAX];
	size_t count;
	bool has_event_id; /* among them: it says which event is meant, not which was made */
};

/* The columns of the file that was sent, or those of the job's type. */
void results_columns(struct arena *arena, const struct job *job, struct results_columns *columns_out);
void results_header(struct csv_writer *w, const struct results_columns *columns);
/* One row. What it allocates may be rewound after. */
void results_row(struct csv_writer *w, struct arena *arena, const struct results_columns *columns,
		 const struct item_result *item);

#endif
