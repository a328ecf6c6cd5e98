#!/usr/bin/env bash
# Public scanners (Debian's sqlmap and wapiti) against the running program, and
# against a page with planted faults, which they must see. Everything on
# 127.0.0.1; SCAN_S seconds (120) at most for each run.
#
#   VAR=… tests/scan/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
export VAR=${VAR:-var/scan}
stack=tests/stack/stack.sh
mkdir -p "$VAR/scan"
out=$(realpath "$VAR/scan")
free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
PORT=$(free_port) && export PORT
planted_port=$(free_port)
limit=${SCAN_S:-120} failed=0 passed=0
base=http://127.0.0.1:$PORT planted=http://127.0.0.1:$planted_port

finish() {
  [ -z "${planted_pid:-}" ] || kill "$planted_pid" 2>/dev/null || true
  $stack stop >/dev/null 2>&1 || true
  echo "$passed passed, $failed failed"
}
trap finish EXIT

SITE_EXTRA='requests_per_minute = 0' $stack start >"$out/stack.log" 2>&1
TRANCHE_CONFIG=$(realpath "$VAR/site/tranche.conf")
export TRANCHE_CONFIG
token=$($stack token | tail -n 1)
node tests/scan/planted.mjs "$planted_port" >"$out/planted.log" 2>&1 &
planted_pid=$!
for _ in $(seq 100); do grep -q planted "$out/planted.log" && break; sleep 0.05; done

# expect NAME yes|no FILE PATTERN: whether a report names a finding.
expect() {
  local found=no
  if grep -qE "$4" "$3"; then found=yes; fi
  if [ "$found" = "$2" ]; then passed=$((passed + 1)); echo "ok      $1"; else failed=$((failed + 1)); echo "FAILED  $1: see $3"; fi
}
# sql NAME yes|no ARGUMENTS…: sqlmap's own words for a finding.
sql() {
  local name=$1 wanted=$2
  shift 2
  timeout "$limit" sqlmap --batch --disable-coloring --flush-session --output-dir="$out/sqlmap" --level=2 --risk=1 --technique=BEU --timeout=10 "$@" \
    >"$out/sqlmap-$name.log" 2>&1 || true
  expect "sqlmap $name reached it" yes "$out/sqlmap-$name.log" 'testing|is vulnerable|injection point'
  expect "sqlmap $name finds an injection: $wanted" "$wanted" "$out/sqlmap-$name.log" 'is vulnerable|identified the following injection point'
}
# crawl NAME yes|no ADDRESS ARGUMENTS…
crawl() {
  local name=$1 wanted=$2 address=$3
  shift 3
  timeout $((3 * limit)) wapiti -u "$address" --scope folder -d 2 --max-links-per-page 12 -m xss,sql --max-scan-time "$limit" --flush-session \
    --store-session "$out/wapiti" -f json -o "$out/wapiti-$name.json" "$@" >"$out/wapiti-$name.log" 2>&1 || true
  touch "$out/wapiti-$name.json"
  expect "wapiti $name wrote a report" yes "$out/wapiti-$name.json" '"vulnerabilities"'
  expect "wapiti $name finds something: $wanted" "$wanted" "$out/wapiti-$name.json" '"method": *"(GET|POST|PUT)"'
}

sql planted yes -u "$planted/events?id=1" -p id
crawl planted yes "$planted/"
sql events no -H "Authorization: Bearer $token" -u "$base/api/v1/events?text=yoga&content_id=7&status=scheduled&limit=2" -p text,content_id,status,limit
sql audit no -H "Authorization: Bearer $token" -u "$base/api/v1/audit?action=job.&user=1&from=2026-01-01" -p action,user,from
sql item no -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --method POST -u "$base/api/v1/contents" \
  --data '{"title":"scan*","schedule_type":"publish"}'
crawl pages no "$base/" -H "Authorization: Bearer $token"
[ "$failed" = 0 ]
