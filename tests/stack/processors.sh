# shellcheck shell=bash
# Which processors the commands of a shell use; to be sourced.
#
# Where a test, a web server and a database take turns, waking another processor
# costs a virtual machine more than their work does (the sweep of one batch took
# 75 s of two processors, 37 s of one). What races others, or works in parallel by
# itself, wants them all.

all_processors=$(awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status) # "0-3,6"

# on_one_processor N: N tells those apart that run beside each other.
on_one_processor() {
  local list
  read -ra list <<<"$(awk -v RS=, -F- '{for (p = $1; p <= $NF; p++) printf "%d ", p}' <<<"$all_processors")"
  taskset -cp "${list[$1 % ${#list[@]}]}" "$BASHPID" >/dev/null
}
on_all_processors() { taskset -cp "$all_processors" "$BASHPID" >/dev/null; }
