#include "store/statements.h"

/* Declared here and nowhere else: nobody but check-sql looks at them. */
extern const struct db_stmt_table activation_statements;
extern const struct db_stmt_table audit_statements;
extern const struct db_stmt_table calendar_notes_statements;
extern const struct db_stmt_table busy_statements;
extern const struct db_stmt_table chunk_cut_statements;
extern const struct db_stmt_table chunk_passes_statements;
extern const struct db_stmt_table chunks_statements;
extern const struct db_stmt_table conflict_pages_statements;
extern const struct db_stmt_table contents_statements;
extern const struct db_stmt_table decisions_statements;
extern const struct db_stmt_table error_log_statements;
extern const struct db_stmt_table deliveries_statements;
extern const struct db_stmt_table dependencies_statements;
extern const struct db_stmt_table event_writes_statements;
extern const struct db_stmt_table events_statements;
extern const struct db_stmt_table figures_statements;
extern const struct db_stmt_table grants_statements;
extern const struct db_stmt_table history_statements;
extern const struct db_stmt_table idempotency_statements;
extern const struct db_stmt_table item_copies_statements;
extern const struct db_stmt_table item_links_statements;
extern const struct db_stmt_table item_pages_statements;
extern const struct db_stmt_table items_statements;
extern const struct db_stmt_table job_counts_statements;
extern const struct db_stmt_table job_input_statements;
extern const struct db_stmt_table jobs_statements;
extern const struct db_stmt_table lanes_statements;
extern const struct db_stmt_table migrate_statements;
extern const struct db_stmt_table places_statements;
extern const struct db_stmt_table purge_statements;
extern const struct db_stmt_table resources_statements;
extern const struct db_stmt_table restrictions_statements;
extern const struct db_stmt_table second_factor_statements;
extern const struct db_stmt_table people_statements;
extern const struct db_stmt_table roles_statements;
extern const struct db_stmt_table series_pages_statements;
extern const struct db_stmt_table sessions_statements;
extern const struct db_stmt_table shadows_statements;
extern const struct db_stmt_table summary_statements;
extern const struct db_stmt_table system_statements;
extern const struct db_stmt_table throttle_statements;
extern const struct db_stmt_table tokens_statements;
extern const struct db_stmt_table turns_statements;
extern const struct db_stmt_table undo_statements;
extern const struct db_stmt_table upload_files_statements;
extern const struct db_stmt_table users_statements;
extern const struct db_stmt_table webhooks_statements;
extern const struct db_stmt_table workers_statements;

const struct db_stmt_table *const all_statements[] = {
	&activation_statements,
	&audit_statements,
	&calendar_notes_statements,
	&busy_statements,
	&chunk_cut_statements,
	&chunk_passes_statements,
	&chunks_statements,
	&conflict_pages_statements,
	&contents_statements,
	&decisions_statements,
	&error_log_statements,
	&deliveries_statements,
	&dependencies_statements,
	&event_writes_statements,
	&events_statements,
	&figures_statements,
	&grants_statements,
	&history_statements,
	&idempotency_statements,
	&item_copies_statements,
	&item_links_statements,
	&item_pages_statements,
	&items_statements,
	&job_counts_statements,
	&job_input_statements,
	&jobs_statements,
	&lanes_statements,
	&migrate_statements,
	&places_statements,
	&purge_statements,
	&resources_statements,
	&restrictions_statements,
	&second_factor_statements,
	&people_statements,
	&roles_statements,
	&series_pages_statements,
	&sessions_statements,
	&shadows_statements,
	&summary_statements,
	&system_statements,
	&throttle_statements,
	&tokens_statements,
	&turns_statements,
	&undo_statements,
	&upload_files_statements,
	&users_statements,
	&webhooks_statements,
	&workers_statements,
};
const size_t all_statements_count = sizeof all_statements / sizeof all_statements[0];
