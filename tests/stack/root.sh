#!/usr/bin/env bash
# Another database than this machine's, unpacked into a folder of its own.
#
#   root.sh NAME    mariadb-10.5, mariadb-11.8, mysql-9, galera
#
# Prints the folder (build/roots/NAME). The packages come through apt as this
# machine has it set up, from the Debian release that holds them, into a private
# state: nothing is installed, and nothing of it is the system's. Exit status 77
# with a word on stderr where they can't be had.
set -euo pipefail
cd "$(dirname "$0")/../.."

name=${1:-}
case $name in
  mariadb-10.5) release=bullseye packages=(mariadb-server-core-10.5) ;;
  mariadb-11.8) release=trixie packages=(mariadb-server-core) ;;
  mysql-9) release=sid packages=(mysql-server-core) ;;
  galera) release=$(. /etc/os-release && echo "$VERSION_CODENAME") packages=(galera-4) ;;
  *) echo "usage: root.sh mariadb-10.5|mariadb-11.8|mysql-9|galera" >&2; exit 2 ;;
esac

root=$PWD/build/roots/$name
[ ! -e "$root/.complete" ] || { echo "$root"; exit 0; }
not_here() { echo "$name can't be had on this machine: $*" >&2; exit 77; }
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || not_here "no apt"

# Where this machine's own release comes from.
mirror=$(. /etc/os-release && apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 2>/dev/null |
  awk -v own="$VERSION_CODENAME" '$2 == own {print $1; exit}')
if [ -z "$mirror" ] && [ "$(id -u)" = 0 ]; then
  apt-get -qq update || true
  mirror=$(. /etc/os-release && apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 2>/dev/null |
    awk -v own="$VERSION_CODENAME" '$2 == own {print $1; exit}')
fi
[ -n "$mirror" ] || not_here "apt knows no mirror"

work=$root.new
rm -rf "$work" "$root"
mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial"
: >"$work/apt/status" # as if nothing were installed: every library comes along
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/apt/sources.list"
apt_here() {
  apt-get -qq -o Dir::State="$work/apt" -o Dir::State::lists="$work/apt/lists" -o Dir::State::status="$work/apt/status" \
    -o Dir::Cache="$work/apt" -o Dir::Cache::archives="$work/apt/archives" -o Dir::Etc::sourcelist="$work/apt/sources.list" \
    -o Dir::Etc::sourceparts=- -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o Debug::NoLocking=1 \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false "$@"
}
{ apt_here update && apt_here -y -d install "${packages[@]}"; } >"$work/apt/log" 2>&1 ||
  not_here "$(grep -m 1 -E '^[EW]:' "$work/apt/log" | sed 's#[a-z]*://[^ ]*#the mirror#' || echo "apt failed")"
for package in "$work"/apt/archives/*.deb; do
  dpkg-deb -x "$package" "$work"
done
rm -rf "$work/apt" "$work"/usr/share/{doc,man,locale}
touch "$work/.complete"
mv "$work" "$root"
echo "$root"
