/* What is to be done about an item that collides. */
#include "schedule/slice.h"

enum on_conflict slice_on_conflict(const struct slice *slice, const struct slice_item *item)
{
	return item->decision ? item->decision->action : slice->resolution.on_conflict;
}

enum conflict_scope slice_conflict_scope(const struct slice *slice, const struct slice_item *item)
{
	return item->decision && item->decision->scope != SCOPE_OF_BATCH ? item->decision->scope : slice->resolution.scope;
}

const struct actor *slice_resolver(const struct slice *slice, const struct slice_item *item)
{
	return item->decision && item->decision->by ? item->decision->by : slice->actor;
}
