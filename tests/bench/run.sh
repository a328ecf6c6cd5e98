#!/usr/bin/env bash
# Measures Tranche on one private stack, in one run, beside the database's own
# limit (LOAD DATA) and a PHP loop of the same semantics.
#
#   run.sh                  everything, about ten minutes (`make bench`)
#   run.sh create           only LOAD DATA and the chunk work of bulkCreate
#   run.sh PART…            parts: create edit http lanes pdo poll fairness backlog recurrence conflicts million
#
# Settings: VAR (var/bench), PORT (8180), BENCH_ITEMS (20000 a round),
# BENCH_ROUNDS (5), BENCH_MILLION (1000000 items; 0 skips that part),
# BENCH_FAIR_ITEMS (100000), BENCH_BACKLOG_JOBS (100000 open batches) and
# BENCH_BACKLOG_ITEMS (1000000 item rows; 10000000 takes a quarter of an hour and
# 4 GB of disk: run.sh backlog).
# Prints a table and writes $VAR/result.json. No timing is asserted.
set -euo pipefail
cd "$(dirname "$0")/../.."

export VAR=${VAR:-var/bench} PORT=${PORT:-8180} DB_MODE=bench DEMO=0
# The limit of requests a minute is for people, not for a load generator.
# Nor is anything to be worked but what is measured.
export SITE_EXTRA='requests_per_minute = 0\nafterwork_ms = 0'
mkdir -p "$VAR"
VAR=$(realpath "$VAR")
stack=tests/stack/stack.sh

build() {
  make --no-print-directory -s -j2 build build/release/tests/bench/{driver,load,hello,recurrence,conflicts}.o
  mkdir -p build/release/bench
  gcc -pie -o build/release/bench/driver build/release/tests/bench/driver.o build/release/libtranche.a \
    -lfcgi -lmariadb -ljansson -lsodium -lcsv -lm -lcrypto
  gcc -pie -o build/release/bench/recurrence build/release/tests/bench/recurrence.o build/release/libtranche.a -ljansson -lm
  gcc -pie -o build/release/bench/conflicts build/release/tests/bench/conflicts.o build/release/libtranche.a -ljansson -lm
  gcc -pie -o build/release/bench/load build/release/tests/bench/load.o
  gcc -pie -o build/release/bench/hello build/release/tests/bench/hello.o -lfcgi
}

# Ours alone, and also when a part has failed.
stop() {
  trap '' INT TERM
  $stack web-stop
  VAR=$VAR/hello $stack web-stop
  $stack db-stop
}

build
trap stop EXIT
trap 'exit 130' INT TERM
# One binary for the whole run, whatever is built meanwhile.
cp build/release/tranche.fcgi "$VAR/tranche.fcgi"
export BINARY=$VAR/tranche.fcgi
$stack fresh
TRANCHE_CONFIG=$(realpath "$VAR/site/tranche.conf") DB_PID=$(cat "$VAR/db/mariadbd.pid") \
  STACK=$stack node tests/bench/bench.mjs "$@"
