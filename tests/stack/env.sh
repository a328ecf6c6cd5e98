# shellcheck shell=bash
# Where a stack's files are, and how its processes are started, judged and ended.
# Sourced by stack.sh; see there for the settings.

umask 022
die() { echo "stack: $*" >&2; exit 1; }

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$repo/tests/stack
PORT=${PORT:-8080}
SERVER=${SERVER:-lighttpd}
VARIANT=${VARIANT:-release}
[[ $PORT =~ ^[0-9]+$ ]] || die "PORT must be a number, not \"$PORT\""

# Root's web servers drop to this user, as a host's do (Apache insists on it).
web_user=$(id -un)
as_web_user=()
if [ "$(id -u)" = 0 ]; then
  web_user=www-data
  as_web_user=(setpriv "--reuid=$web_user" "--regid=$web_user" --clear-groups)
fi
web_user_reaches() { "${as_web_user[@]}" test -x "$1"; }

# The path as it was asked for, without links: it names the short folders below.
asked=$(realpath -ms "${VAR:-$repo/var}")
short=/tmp/tranche-$(id -u)-$(printf %s "$asked" | cksum | cut -d' ' -f1)

# A folder in /tmp that nobody else has put there first.
own_folder() {
  mkdir -p "$1"
  if [ ! -O "$1" ] || [ -L "$1" ]; then die "$1 belongs to someone else"; fi
}

# Inside a home folder that only root enters, the web user would see nothing:
# VAR becomes a link to a folder that it can reach.
if [ ! -e "$asked" ]; then
  mkdir -p "$asked"
  if ! web_user_reaches "$asked"; then
    rmdir "$asked"
    own_folder "$short-var"
    ln -sfn "$short-var" "$asked"
  fi
fi
var=$(realpath "$asked")
web_user_reaches "$var" || die "$web_user can't enter $var: choose another VAR"

site=$var/site          # what a host's customer sees: htdocs/ and tranche.conf
config=$site/tranche.conf
# BARE=1: what is served is as it was just uploaded, without a configuration;
# the folder around it belongs to the web user, as on a host.
served=$site
[ -z "${BARE:-}" ] || served=$var/bare
db=$var/db
web=$var/web

# A socket's path has at most 107 bytes, and servers add a few of their own.
sockets=$var/run
[ ${#sockets} -le 85 ] || sockets=$short
db_socket=$sockets/db.sock

# --- processes -----------------------------------------------------------------

# alive PIDFILE: is the process of that file there, not a zombie, and ours?
# (Judged by state: kill -0 succeeds on zombies; a number may be used again.)
alive() {
  local pid state
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 1
  state=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1) || return 1
  [[ -n $state && $state != [ZX] ]] && ours "$pid"
}

# end PIDFILE SECONDS: asks the process to end, then makes it. What it started
# and left behind (it may have been killed before) goes with it.
end() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 0
  if alive "$1"; then
    kill -TERM "$pid" 2>/dev/null || true
    wait_until "$2" not_alive "$1" || echo "stack: $pid did not end in $2 s, killed" >&2
  fi
  end_group "$pid"
  rm -f "$1"
}

# Each server leads a process group of its own. The number may be somebody
# else's by now, so only processes that were started from this stack count.
end_group() {
  local pid
  for pid in $(cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v group="$1" '{pid = $1; sub(/.*\) /, ""); if ($3 == group) print pid}'); do
    ! ours "$pid" || kill -KILL "$pid" 2>/dev/null || true
  done
}
ours() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null | grep -qF "$var/"; } # it may have ended by now
not_alive() { ! alive "$1"; }

# wait_until SECONDS COMMAND…: repeats the command until it succeeds.
wait_until() {
  local tries=$(($1 * 20))
  shift
  until "$@"; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep 0.05
  done
}

# spawn PIDFILE LOG COMMAND…: in the background, away from this terminal.
spawn() {
  local pidfile=$1 log=$2
  shift 2
  setsid "$@" </dev/null >>"$log" 2>&1 &
  echo $! >"$pidfile"
  # Until it has become the command it is still this shell, which `ours` does
  # not know: whoever looks that early would take it for dead.
  wait_until 60 become_itself $!
}
become_itself() { ours "$1" || [ ! -e "/proc/$1" ]; }

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
