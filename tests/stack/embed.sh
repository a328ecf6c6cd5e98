#!/bin/sh
# Prints a C file that holds the migrations given (NNN_name.sql …), so that the
# program brings its own: struct migration_list shipped_migrations (db/migrate.h).
set -eu

echo '#include "db/migrate.h"'
for file in "$@"; do
  name=$(basename "$file" .sql)
  printf 'static const char sql_%s[] = {\n' "${name%%_*}"
  od -An -v -tx1 "$file" | sed 's/[0-9a-f][0-9a-f]/(char)0x&,/g'
  echo '0};'
done
echo 'static const struct migration list[] = {'
for file in "$@"; do
  name=$(basename "$file" .sql)
  number=${name%%_*}
  printf '{ %d, "%s", sql_%s },\n' "$(echo "$number" | sed 's/^0*//')" "$name" "$number"
done
echo '};'
echo 'const struct migration_list shipped_migrations = { list, sizeof list / sizeof list[0] };'
