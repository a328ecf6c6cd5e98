/*
 * DATETIME columns read and written as seconds since 1970.  UNIX_TIMESTAMP() and
 * FROM_UNIXTIME() end in 2038 on the servers we promise; differences and
 * intervals do not.
 */
#ifndef STORE_SQL_TIME_H
#define STORE_SQL_TIME_H

#define SQL_SECONDS(column) "COALESCE(TIMESTAMPDIFF(SECOND, '1970-01-01', " column "), 0)"
/* SQL_MOMENT "<seconds> SECOND": the DATETIME; of NULL it is NULL. */
#define SQL_MOMENT "TIMESTAMP'1970-01-01 00:00:00' + INTERVAL "
#define SQL_NOW "UTC_TIMESTAMP(3)"

#endif
