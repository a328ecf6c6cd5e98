/*
 * DATETIME columns read as seconds since 1970.  UNIX_TIMESTAMP() ends in 2038
 * on the servers we promise; a difference does not.
 */
#ifndef STORE_SQL_TIME_H
#define STORE_SQL_TIME_H

#define SQL_SECONDS(column) "COALESCE(TIMESTAMPDIFF(SECOND, '1970-01-01', " column "), 0)"
#define SQL_NOW "UTC_TIMESTAMP(3)"

#endif
