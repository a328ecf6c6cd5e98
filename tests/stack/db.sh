# shellcheck shell=bash
# The stack's private MariaDB: no network, a socket in $sockets, data in $db.
# Sourced by stack.sh. Nothing here reads or touches a system installation.

db_pid=$db/mariadbd.pid
root_options=$db/root.cnf # for mariadb --defaults-file=…, tests and benchmarks

db_as_root=()
[ "$(id -u)" != 0 ] || db_as_root=(--user=root) # without it, root is refused

# Small and quick; a benchmark pays for durability like a host's database does.
case ${DB_MODE:-test} in
  test) db_tuning=(--innodb-buffer-pool-size=48M --innodb-log-file-size=16M
      --innodb-flush-log-at-trx-commit=2) ;;
  bench) db_tuning=(--innodb-buffer-pool-size=512M --innodb-log-file-size=96M
      --innodb-flush-log-at-trx-commit=1) ;;
  *) die "DB_MODE is test or bench" ;;
esac

db_query() { mariadb --defaults-file="$root_options" --batch --skip-column-names "$@"; }
db_answers() { alive "$db_pid" && db_query -e 'SELECT 1' >/dev/null 2>&1; }

# A copy that was interrupted is not taken for a database: data/ appears whole.
db_install() {
  rm -rf "$db/data.new" "$root_options"
  mariadb-install-db --no-defaults "${db_as_root[@]}" --datadir="$db/data.new" \
    --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
    --innodb-log-file-size=16M --innodb-flush-method=nosync --innodb-doublewrite=0 \
    >"$db/install.log" 2>&1 || die "mariadb-install-db failed: $db/install.log"
  mv "$db/data.new" "$db/data"
}

db_write_root_options() {
  (umask 077 && printf '[client]\nuser=root\nsocket=%s\npassword=%s\n' "$db_socket" "$1" >"$root_options")
}

db_start() {
  if ! db_answers; then
    mkdir -p "$db"
    own_folder "$sockets"
    chmod 711 "$db" # the web user passes through to nothing but what it is given
    [ -d "$db/data" ] || db_install
    [ -s "$root_options" ] || db_write_root_options ""
    db_spawn
  fi
  db_secure_root
  db_grant
}

db_spawn() {
  end "$db_pid" 30
  spawn "$db_pid" "$db/server.log" mariadbd --no-defaults "${db_as_root[@]}" \
    --datadir="$db/data" --socket="$db_socket" --pid-file="$db/server.pid" \
    --skip-networking --skip-name-resolve --skip-log-bin \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
    "${db_tuning[@]}" --innodb-log-buffer-size=4M \
    --key-buffer-size=1M --aria-pagecache-buffer-size=1M --performance-schema=OFF \
    --max-connections=60 --table-open-cache=400
  wait_until 60 db_up_or_dead || true
  db_answers || { tail -n 20 "$db/server.log" >&2; die "the database did not start"; }
}
db_up_or_dead() { db_answers || ! alive "$db_pid"; }

# The socket is open to every local user, so root gets a password at once.
db_secure_root() {
  grep -q '^password=$' "$root_options" || return 0
  local password
  password=$(random_hex 16)
  db_query -e "ALTER USER root@localhost IDENTIFIED BY '$password'"
  db_write_root_options "$password"
}

# The program's user has rights on its own database only, as a host gives them.
db_grant() {
  local password
  password=$(site_setting db_password)
  db_query <<SQL
CREATE DATABASE IF NOT EXISTS tranche;
CREATE USER IF NOT EXISTS tranche@localhost;
ALTER USER tranche@localhost IDENTIFIED BY '$password';
GRANT ALL ON tranche.* TO tranche@localhost;
SQL
}

# An empty database in place of whatever there was.
db_empty() {
  db_query -e 'DROP DATABASE IF EXISTS tranche'
  db_grant
}

db_stop() { end "$db_pid" 30; }
