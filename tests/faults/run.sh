#!/usr/bin/env bash
# Breaks things while batches run and sees that nothing is lost or done twice.
#
#   run.sh short|long|other     other: what is worth a look on another database
#
# The long one works on every processor, each with a stack of its own; SEEDS=4
# tries each error at each statement, one seed (the default) a fourth of them.
#
# Uses stacks of its own in $VAR (var/faults) on a free port, build/faults/sweep
# and build/release/tranche.fcgi. Prints what was tried and survived; the last
# line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."

mode=${1:-short}
export VAR=${VAR:-var/faults}
. tests/stack/port.sh
PORT=$(free_port)
export PORT
# The tests are one user's, and faster than people.
export SITE_EXTRA='requests_per_minute = 0\nopen_jobs_max = 100\nafterwork_ms = 0'
stack=tests/stack/stack.sh
. tests/stack/processors.sh
mkdir -p "$VAR"
VAR=$(realpath "$VAR")
passed=0 failed=0

finish() {
  local each
  for each in "$VAR" "$VAR"/sweep-*; do VAR=$each $stack stop >/dev/null 2>&1 || true; done
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

# sweep ARGUMENT…: one, on a new database.
sweep() {
  $stack fresh >"$VAR/fresh.log" 2>&1 || { cat "$VAR/fresh.log"; return 1; }
  TRANCHE_CONFIG=$VAR/site/tranche.conf build/faults/sweep "$@"
}

# sweep_jobs N: does what is left of $VAR/jobs, as the Nth of those who do.
sweep_jobs() {
  local jobs=$VAR/jobs job number arguments
  on_one_processor "$1"
  export VAR=$VAR/sweep-$1
  mkdir -p "$VAR"
  while true; do
    # The first line is taken out; its number names the output.
    # shellcheck disable=SC2016 # for the inner shell
    job=$(flock "$jobs.lock" sh -c 'head -n 1 "$1" && sed -i 1d "$1"' sh "$jobs")
    [ -n "$job" ] || break
    number=${job%% *} job=${job#* }
    read -ra arguments <<<"${job%%line=*}"
    [ "$job" = "${job%%line=*}" ] || arguments+=("line=${job#*line=}")
    sweep long "${arguments[@]}" 2>&1 | tee "$jobs.$number" | grep --line-buffered -vxE '[0-9]+ passed, [0-9]+ failed' || true
  done
  $stack stop >/dev/null 2>&1
}

# Its last line is the sum; a job that ended without one has failed.
sweep_long() {
  local seed n=0 count
  rm -f "$VAR"/jobs*
  for ((seed = 1; seed <= ${SEEDS:-1}; seed++)); do build/faults/sweep jobs "seed=$seed"; done | nl -w 1 -s ' ' >"$VAR/jobs"
  count=$(wc -l <"$VAR/jobs")
  for ((n = 0; n < $(nproc); n++)); do sweep_jobs "$n" & done
  wait
  for ((n = 1; n <= count; n++)); do tail -n 1 "$VAR/jobs.$n" 2>/dev/null || echo; done |
    awk '/^[0-9]+ passed, [0-9]+ failed$/ {ok += $1; bad += $3; next} {bad++} END {print ok + 0 " passed, " bad + 0 " failed"}'
}

if [ "$mode" = long ]; then
  part sweep sweep_long
else
  on_one_processor 0
  [ "$mode" = other ] && parts=(kills stops walk) || parts=()
  part sweep sweep short "${parts[@]}"
  $stack stop >"$VAR/stop.log" 2>&1
  on_all_processors
  if [ "$mode" = other ]; then
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit
  fi
fi

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
