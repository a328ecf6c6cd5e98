#!/usr/bin/env bash
# A whole private Tranche: its own database, its own web server, its own site,
# all in one folder and on one port, so that several can live side by side.
#
#   stack.sh run        start everything, print the address, stay until Ctrl-C
#   stack.sh start      the same in the background
#   stack.sh stop       stop web server and database; the data stays
#   stack.sh token      print a fresh API token with all permissions
#   stack.sh db-start   only the database (and the site's configuration)
#   stack.sh db-stop
#   stack.sh web-start  only the web server, with the present build
#   stack.sh web-stop
#   stack.sh fresh      an empty database with the present schema
#   stack.sh ctl …      tranchectl with this stack's configuration
#
# Settings come from the environment: VAR (var/) the folder, PORT (8080), SERVER
# (lighttpd, apache, apache-cgi, nginx), VARIANT (release, asan, faults) or BINARY=path,
# DB_MODE (test, bench), TABLE_PREFIX, LOG_LEVEL, SITE_EXTRA (lines for
# tranche.conf), DEMO=0 for no demo data, BARE=1 for a site that is not installed,
# RELEASE=path of a zip file to serve that, DB_PORT for a database with TCP and TLS.
set -euo pipefail

# shellcheck source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$here/site.sh"
. "$here/db.sh"
. "$here/web.sh"

demo=$var/demo.txt # what `tranchectl demo` said: the login people need

ctl() {
  local program=$repo/build/release/tranchectl
  [ -x "$program" ] || die "there is no $program: make build"
  TRANCHE_CONFIG=$config "$program" "$@"
}

start_db() {
  site_configure
  db_start
}

fresh() {
  start_db
  rm -f "$demo"
  db_empty
  ctl migrate >/dev/null
}

start_all() {
  start_db
  ctl migrate >/dev/null
  if [ ! -s "$demo" ] && [ "${DEMO:-1}" != 0 ]; then
    (umask 077 && ctl demo >"$demo.new")
    mv "$demo.new" "$demo"
  fi
  web_start
  web_wait_healthy
}

stop_all() {
  web_stop
  db_stop
}

report() {
  echo
  echo "Tranche is at $address ($SERVER; data in $var)"
  [ ! -s "$demo" ] || sed 's/^/  /' "$demo"
  echo "  API token: $(ctl token)"
}

# Stays in the foreground; ends by itself when PARENT, if given, is gone.
serve() {
  trap 'exit 0' INT TERM HUP
  trap 'trap "" INT TERM HUP; stop_all; echo "Stopped."' EXIT
  start_all
  report
  echo "Press Ctrl-C to stop."
  while alive "$web_pid" && alive "$db_pid"; do
    [ -z "${1:-}" ] || kill -0 "$1" 2>/dev/null || exit 0
    sleep 1 &
    wait $!
  done
  echo "stack: a server ended by itself; its log is in $var" >&2
  exit 1
}

# In a terminal, job control gives the serving part a process group of its own:
# Ctrl-C then reaches it and not `make` above it, which would end with an error.
run() {
  [ -t 0 ] || serve
  set -m
  "$0" serve $$
}

case ${1:-} in
  run) run ;;
  serve) # what run starts
    shift
    serve "$@"
    ;;
  start)
    start_all
    report
    ;;
  stop) stop_all ;;
  token) ctl token ;;
  db-start) start_db ;;
  db-stop) db_stop ;;
  web-start)
    [ -s "$config" ] || site_configure
    web_start
    ;;
  web-stop) web_stop ;;
  fresh) fresh ;;
  ctl)
    shift
    ctl "$@"
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
