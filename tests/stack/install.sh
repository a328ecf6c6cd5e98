#!/usr/bin/env bash
# Installs what is missing on a Debian machine, and nothing if nothing is.
#
#   install.sh run      to build and run Tranche
#   install.sh test     ... and to test it
#   install.sh fuzz     to build it for libFuzzer
#   install.sh scan     to build, run and scan it
#   install.sh bench    ... and to measure it against PHP
#   install.sh dist     to make the release
#   install.sh hosts    ... and to try it behind every web server
#
# Some of the packages bring a service of their own; it is neither started nor
# enabled, because the stack runs private copies (see stack.sh).
set -euo pipefail

# Packages are looked for in dpkg; commands by name ("command=package"), because
# node, npm and chromium often come from elsewhere.
run_packages="gcc make libc6-dev libfcgi-dev libmariadb-dev libjansson-dev
  libsodium-dev libcsv-dev libssl-dev mariadb-server-core mariadb-client-core lighttpd
  media-types tzdata curl ca-certificates"
run_commands="node=nodejs npm=npm"
dist_packages="zip unzip binutils libc-bin"
host_packages="nginx-light spawn-fcgi"
test_packages="apache2-bin libapache2-mod-fcgid libcmocka-dev clang-tidy cppcheck"
test_commands="openssl=openssl chromium=chromium java=default-jre-headless"
bench_packages="php-cli php-mysql"

packages=$run_packages commands=$run_commands
case ${1:-} in
  run) ;;
  dist) packages+=" $dist_packages" ;;
  hosts) packages+=" $dist_packages $test_packages $host_packages" commands+=" $test_commands" ;;
  test) packages+=" $dist_packages $test_packages" commands+=" $test_commands" ;;
  fuzz) packages+=" clang libclang-rt-dev" ;; # the runtime is only recommended by the other
  scan) packages+=" sqlmap wapiti" ;;
  bench) packages+=" $test_packages $bench_packages" commands+=" $test_commands" ;;
  *) echo "usage: install.sh run|test|fuzz|scan|bench|dist|hosts" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || {
  echo "This is not Debian. Install by your own means: $packages $commands" >&2
  exit 1
}

missing=()
for name in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null || true)
  [ "${state:1:1}" = i ] || missing+=("$name")
done
for need in $commands; do
  command -v "${need%%=*}" >/dev/null || missing+=("${need#*=}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "Some packages are missing. Install them with:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

# Debian asks this file before it starts a service of a new package.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi

echo "Installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
quiet=(-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -qq)
apt-get "${quiet[@]}" update
apt-get "${quiet[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null

# Not started now is not enough: it would take port 80 at the next boot.
if [ -d /run/systemd/system ] && [[ " ${missing[*]} " == *" lighttpd "* ]]; then
  systemctl disable --quiet lighttpd
fi
