#!/usr/bin/env bash
# Breaks things while batches run and sees that nothing is lost or done twice.
#
#   run.sh short|long|other     other: what is worth a look on another database
#
# Uses stacks of its own in $VAR (var/faults) on a free port, build/faults/sweep
# and build/release/tranche.fcgi. Prints what was tried and survived; the last
# line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."

mode=${1:-short}
export VAR=${VAR:-var/faults}
PORT=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => {
  console.log(s.address().port); s.close(); })')
export PORT
# The tests are one user's, and faster than people.
export SITE_EXTRA='requests_per_minute = 0\nopen_jobs_max = 100\nafterwork_ms = 0'
stack=tests/stack/stack.sh
mkdir -p "$VAR"
VAR=$(realpath "$VAR")
passed=0 failed=0

finish() {
  $stack stop >/dev/null 2>&1 || true
  if mountpoint -q "$VAR/disk/db"; then
    VAR=$VAR/disk $stack stop >/dev/null 2>&1 || true
    umount "$VAR/disk/db" || true
  fi
  echo "$passed passed, $failed failed"
}
trap finish EXIT

# part NAME COMMAND…: adds what its last line says; without one it has failed.
part() {
  local name=$1 output=$VAR/$1.out totals
  shift
  "$@" 2>&1 | tee "$output" | grep -vxE '[0-9]+ passed, [0-9]+ failed' || true
  totals=$(grep -xE '[0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1 || true)
  [ -n "$totals" ] || { echo "$name ended without a result"; totals="0 passed, 1 failed"; }
  passed=$((passed + ${totals%% *}))
  totals=${totals#*, }
  failed=$((failed + ${totals%% *}))
}

$stack fresh >"$VAR/fresh.log" 2>&1
export TRANCHE_CONFIG=$VAR/site/tranche.conf
if [ "$mode" = other ]; then
  part sweep build/faults/sweep short kills stops walk
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
  exit
fi
part sweep build/faults/sweep "$mode"
unset TRANCHE_CONFIG

$stack fresh >"$VAR/fresh.log" 2>&1
SERVER=lighttpd $stack start >"$VAR/start.log" 2>&1
part http node tests/faults/http.mjs "$mode"
part edge node tests/faults/edge.mjs
$stack stop >"$VAR/stop.log" 2>&1

# A small file system of its own under the database, where we may mount one.
full_disk() {
  export VAR=$VAR/disk
  local mounted=$VAR/db status=0
  mkdir -p "$mounted"
  if ! mount -t tmpfs -o size=240m,mode=711 tranche-faults "$mounted" 2>"$VAR/mount.log"; then
    echo "disk full: skipped, no file system can be mounted here ($(tail -n 1 "$VAR/mount.log"))"
    echo "0 passed, 0 failed"
    return
  fi
  { $stack fresh && SERVER=lighttpd $stack start; } >"$VAR/start.log" 2>&1 && node tests/faults/disk.mjs || status=$?
  $stack stop >"$VAR/stop.log" 2>&1
  umount "$mounted"
  return "$status"
}
[ "$mode" = short ] || part disk full_disk

[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
