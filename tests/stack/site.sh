# shellcheck shell=bash
# The site: what a person who uploads Tranche to a host has in the account.
# A document root with the binary, and above it the configuration.
# Sourced by stack.sh.

# The variants' binaries; BINARY=… takes any other (a release, an old version).
binary=${BINARY:-$repo/build/$VARIANT/tranche.fcgi}

# site_setting KEY: a value of the present configuration.
site_setting() { sed -n "s/^$1 = //p" "$config"; }

# Passwords and keys outlive a restart; addresses and paths are written anew.
site_configure() {
  local password="" secret=""
  mkdir -p "$site"
  if [ -s "$config" ]; then
    password=$(site_setting db_password)
    secret=$(site_setting secret)
  fi
  (umask 077 && cat >"$config.new") <<CONF
# Written by tests/stack for a private stack in $var.
db_hosts = localhost
db_socket = $db_socket
db_port = 3306
db_name = tranche
db_user = tranche
db_password = ${password:-$(random_hex 16)}
table_prefix = ${TABLE_PREFIX:-tr_}
log_file = $site/tranche.log
log_level = ${LOG_LEVEL:-info}
site_url = http://127.0.0.1:$PORT
secret = ${secret:-$(random_hex 32)}
CONF
  # SITE_EXTRA holds further lines, for a test that wants other limits.
  printf '%b' "${SITE_EXTRA:+$SITE_EXTRA\n}" >>"$config.new"
  (umask 077 && touch "$site/tranche.log")
  # Ours, so that our tools trust it; the web user's group reads it.
  chgrp "$(id -gn "$web_user")" "$config.new"
  chmod 640 "$config.new"
  chown "$web_user" "$site/tranche.log"
  mv "$config.new" "$config"
}

# The document root is a fresh copy at every start, readable for the web user.
site_publish() {
  [ -x "$binary" ] || die "there is no $binary: make build"
  local root=$served/htdocs
  [ -z "${BARE:-}" ] || rm -rf "$served"
  mkdir -p "$served"
  rm -rf "$root"
  if [ -n "${RELEASE:-}" ]; then
    (cd "$served" && unzip -q -o "$RELEASE")
  else
    cp -R "$repo/htdocs" "$root"
    cp "$binary" "$root/tranche.fcgi"
  fi
  chmod -R u=rwX,go=rX "$root"
  chmod 755 "$root/tranche.fcgi"
  [ -z "${BARE:-}" ] || chown -R "$web_user" "$served"
}
