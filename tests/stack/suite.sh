#!/usr/bin/env bash
# Runs suites one after another and sums their results; the last line it prints
# is "N passed, N failed", and it fails when anything failed.
#
#   suite.sh SUITE…     the suites are the functions suite_… below
#   suite.sh … beside:A,B C…    A and B run in turn while C… do, on a stack of their own; all are waited for
#
# A suite that crashes, is missing or runs no test counts as a failure, and the
# rest runs all the same. Its stack is $VAR/test on a free port, its logs are in
# $VAR/test/log.
set -euo pipefail
cd "$(dirname "$0")/../.."

export VAR=${VAR:-var}/test
# DATABASE=mariadb-10.5|mariadb-11.8|mysql-9: what is tested runs on that server.
if [ -n "${DATABASE:-}" ]; then
  tests/stack/root.sh "$DATABASE" >/dev/null || { echo "skipped"; exit 0; }
  VAR=$VAR/$DATABASE
fi
log=$VAR/log
mkdir -p "$log"
. tests/stack/port.sh
PORT=$(free_port || echo 8179)
export PORT
stack=tests/stack/stack.sh
. tests/stack/processors.sh
passed=0 failed=0

# --- counting --------------------------------------------------------------------

# tally NAME OUTPUT STATUS OK NOT_OK: adds a program's results. Success without a
# test and failure without a failed test are failures as well.
tally() {
  local name=$1 output=$2 status=$3 ok=$4 not_ok=$5
  [ "$status" = 0 ] || [ "$not_ok" != 0 ] || not_ok=1
  [ $((ok + not_ok)) != 0 ] || not_ok=1
  passed=$((passed + ok)) failed=$((failed + not_ok))
  printf '%-34s %5d passed %4d failed\n' "$name" "$ok" "$not_ok"
  [ "$not_ok" = 0 ] || [ "$output" = /dev/null ] || tail -n 60 "$output" | sed 's/^/    /'
}

# check NAME COMMAND…: passes or fails as a whole.
check() {
  local name=$1 status=0
  shift
  "$@" >"$log/$name.log" 2>&1 || status=$?
  tally "$name" "$log/$name.log" $status $((status == 0)) $((status != 0))
}

matches() { grep -cE "$1" "$2" || true; }

# cmocka NAME PROGRAM: one binary, in TAP; its plan (1..N) must be fulfilled.
cmocka() {
  local name=$1 status=0 output=$log/${1//\//-}.log ok not_ok planned
  CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$2" >"$output" 2>&1 || status=$?
  ok=$(matches '^ok ' "$output")
  not_ok=$(matches '^not ok ' "$output")
  planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$output" | awk '{n += $1} END {print n + 0}')
  [ $((ok + not_ok)) -ge "$planned" ] || not_ok=$((planned - ok))
  tally "$name" "$output" $status "$ok" "$not_ok"
}

# node_tests NAME FOLDER…: all *.test.mjs of the folders, one after another.
node_tests() {
  local name=$1 status=0 output=$log/$1.log tap=$log/$1.tap ok not_ok folder files=()
  for folder in "${@:2}"; do files+=("$folder"/*.test.mjs); done
  rm -f "$tap"
  timeout 1800 node --test --test-concurrency=1 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$tap" \
    "${files[@]}" >"$output" 2>&1 || status=$?
  ok=$(tap_total pass "$tap")
  not_ok=$(($(tap_total fail "$tap") + $(tap_total cancelled "$tap")))
  tally "$name" "$output" $status "$ok" "$not_ok"
}
tap_total() { sed -n "s/^# $1 //p" "$2" 2>/dev/null | tail -n 1 | grep . || echo 0; }

# --- suites ----------------------------------------------------------------------

suite_install() { check install tests/stack/install.sh test; }
suite_build() { check build make --no-print-directory -j2 WERROR=1 test-programs assets; }
suite_layers() { check layers make --no-print-directory check-layers; }
# What is in the release; the rest of tests/dist is `make dist-test`.
suite_dist() { check dist release_contents; }
release_contents() { tests/stack/dist.sh && tests/dist/run.sh contents; }
suite_lint() {
  check clang-tidy make --no-print-directory tidy
  check cppcheck make --no-print-directory cppcheck
}

each_unit() {
  local source
  for source in tests/unit/test_*.c; do
    source=$(basename "$source" .c)
    cmocka "$1/$source" "build/$2/unit/$source"
  done
}
suite_unit() { each_unit unit release; }
suite_unit-asan() {
  UBSAN_OPTIONS=print_stacktrace=1 each_unit unit-asan asan
}

# Every program of tests/db begins with a freshly migrated database.
suite_db() {
  local source
  $stack stop >/dev/null 2>&1 # of whoever comes first, on any processor
  on_one_processor 1
  for source in tests/db/test_*.c; do
    source=$(basename "$source" .c)
    if ! $stack fresh >"$log/fresh.log" 2>&1; then
      tally "db/$source" "$log/fresh.log" 1 0 1
      continue
    fi
    TRANCHE_CONFIG=$(realpath "$VAR/site/tranche.conf") cmocka "db/$source" "build/release/db/$source"
  done
  on_all_processors
}
# On another database: the engine's tests, and a few of the faults.
suite_other-db() {
  suite_sql
  suite_db
  fault_sweep other 600
}
# Three Galera nodes, two processes, one node killed: its figures are the point.
suite_cluster() {
  local status=0 output=$log/cluster.log totals
  tests/stack/root.sh galera >/dev/null || { echo "cluster skipped"; return 0; }
  VAR=$VAR/c tests/stack/cluster.sh start >"$log/cluster-start.log" 2>&1 || { tally cluster "$log/cluster-start.log" 1 0 1; return 0; }
  TRANCHE_CONFIG=$VAR/c/site/tranche.conf CLUSTER_HOSTS="127.0.1.1 127.0.1.2 127.0.1.3" \
    CLUSTER_VICTIM=$(cat "$VAR/c/cluster/node-1/mariadbd.pid") timeout 400 build/faults/sweep cluster >"$output" 2>&1 || status=$?
  VAR=$VAR/c tests/stack/cluster.sh stop
  grep items "$output" || true
  totals=$(grep -xE '[0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1 || true)
  tally cluster "$output" $status "$(awk '{print $1 + 0}' <<<"$totals")" "$(awk '{print $3 + 0}' <<<"$totals")"
}
prepare_statements() { $stack fresh && $stack ctl statements; }
suite_sql() { check check-sql prepare_statements; }

# node_suite NAME FOLDER…: with a stack of its own behind it: $SERVER, $VARIANT,
# a new database with the demo data.
node_suite() {
  if { $stack web-stop && $stack fresh && $stack start; } >"$log/$1-start.log" 2>&1; then
    BASE_URL=http://127.0.0.1:$PORT TOKEN=$($stack token) DEMO_FILE=$(realpath "$VAR/demo.txt") \
      TRANCHE_CONFIG=$(realpath "$VAR/site/tranche.conf") node_tests "$@"
  else
    tally "$1" "$log/$1-start.log" 1 0 1
  fi
  $stack web-stop
}

# bare_suite NAME FOLDER: on a site that is not installed, beside an empty database.
bare_suite() {
  if { $stack web-stop && $stack fresh && BARE=1 $stack web-start; } >"$log/$1-start.log" 2>&1; then
    BASE_URL=http://127.0.0.1:$PORT BARE_SITE=$(realpath "$VAR/bare") DATABASE_CONFIG=$(realpath "$VAR/site/tranche.conf") \
      DATABASE_ROOT=$(realpath "$VAR/db/root.cnf") node_tests "$1" "$2"
  else
    tally "$1" "$log/$1-start.log" 1 0 1
  fi
  $stack web-stop
}

suite_web() {
  on_one_processor 1
  export SERVER
  # On a quick machine the cases are many more requests a minute than a person makes (1,500 in 40 s);
  # on a slow one more batches are left open than a person has.  Nobody works a batch but those who
  # are told to.
  export SITE_EXTRA='requests_per_minute = 100000\nopen_jobs_max = 60\nafterwork_ms = 0'
  # Behind lighttpd the browser's cases try what is released, so here the sanitizers do.
  # What a schedule may be is the same behind every server.
  SERVER=lighttpd VARIANT=asan node_suite web-lighttpd-asan tests/web tests/web/domain
  for SERVER in apache apache-cgi; do node_suite "web-$SERVER" tests/web; done
  SERVER=lighttpd
  SITE_EXTRA='requests_per_minute = 0' node_suite web-afterwork tests/web/spare
  unset SITE_EXTRA
  bare_suite web-installer tests/web/bare
  check web-asan-reports no_sanitizer_report
  on_all_processors
}
# The sanitizers write a file for each process that did wrong (web.sh); one that
# is killed while it looks for leaks only says that it could not.
no_sanitizer_report() {
  local reports
  reports=$(find "$VAR/web/tmp" -name 'asan.*' -exec grep -lE 'ERROR: |SUMMARY: |runtime error: ' {} +)
  [ -z "$reports" ] || { echo "$reports" | xargs cat; return 1; }
}
suite_browser() {
  SERVER=lighttpd SITE_EXTRA='requests_per_minute = 100000\nopen_jobs_max = 60\nafterwork_ms = 0' node_suite browser tests/browser
  SERVER=lighttpd bare_suite browser-installer tests/browser/bare
}

# The fault sweeps start, break and stop stacks of their own.
suite_faults-short() { fault_sweep short 2700; }
suite_faults-long() { fault_sweep long 14400; }
fault_sweep() {
  local status=0 output=$log/faults-$1.log totals
  VAR=$VAR/faults timeout "$2" tests/faults/run.sh "$1" >"$output" 2>&1 || status=$?
  totals=$(grep -xE '[0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1 || true)
  tally "faults-$1" "$output" $status "$(awk '{print $1 + 0}' <<<"$totals")" "$(awk '{print $3 + 0}' <<<"$totals")"
}

# --- all of them -----------------------------------------------------------------

finish() {
  $stack stop >/dev/null 2>&1 || true
  echo "$passed passed, $failed failed" | tee "$VAR/total"
}
trap finish EXIT
trap 'failed=$((failed + 1)); exit 1' INT TERM

# Suites that run beside the others: what they print and count is kept for the end.
beside() {
  # shellcheck disable=SC2030,SC2031 # its own count; await_beside adds it
  (
    passed=0 failed=0 VAR=$VAR/$2 PORT=$(free_port)
    # The longest goes first: the others fill what it leaves.
    [ "$1" = browser ] || renice -n 5 -p "$BASHPID" >/dev/null
    for suite in ${1//,/ }; do "suite_$suite"; done >"$log/$2.out" 2>&1
    $stack stop >/dev/null 2>&1 || true
    echo "$passed $failed" >"$log/$2.totals"
  ) &
  beside_jobs+=($!)
}
await_beside() {
  local job name ok not_ok
  for job in "${!beside_jobs[@]}"; do
    name=beside-$job
    wait "${beside_jobs[$job]}" || true
    cat "$log/$name.out"
    read -r ok not_ok <"$log/$name.totals" || { ok=0 not_ok=1; }
    passed=$((passed + ok)) failed=$((failed + not_ok))
  done
}

beside_jobs=()
rm -f "$log"/beside-*
for suite in "$@"; do
  case $suite in
    beside:*) beside "${suite#beside:}" "beside-${#beside_jobs[@]}" ;;
    *) "suite_$suite" ;;
  esac
done
await_beside
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
