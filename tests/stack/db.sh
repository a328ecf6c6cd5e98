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

# DATABASE=mariadb-10.5|mariadb-11.8|mysql-9 takes another server, from a root of its own
# (root.sh), run through that root's loader with that root's libraries.
case ${DATABASE:-} in
  '' | mariadb) db_server=(mariadbd --no-defaults) ;;
  mariadb-10.5 | mariadb-11.8 | mysql-9)
    db_root=$("$here/root.sh" "$DATABASE") || exit $?
    db_server=("$db_root/lib64/ld-linux-x86-64.so.2" --library-path
      "$db_root/lib/x86_64-linux-gnu:$db_root/usr/lib/x86_64-linux-gnu:$db_root/usr/lib/mysql/private"
      "$db_root/usr/sbin/mysqld" --no-defaults "--basedir=$db_root/usr" --plugin-dir="$db_root/usr/lib/mysql/plugin")
    [ -e "${db_server[3]}" ] || db_server[3]=$db_root/usr/sbin/mariadbd # its name from 11 on
    [ -e "${db_server[0]}" ] || db_server[0]=$(find "$db_root" -name 'ld-linux-x86-64.so.2' | head -n 1)
    ;;
  *) die "DATABASE is mariadb-10.5, mariadb-11.8 or mysql-9, not \"$DATABASE\"" ;;
esac

db_query() { mariadb --defaults-file="$root_options" --batch --skip-column-names "$@"; }
db_answers() { alive "$db_pid" && db_query -e 'SELECT 1' >/dev/null 2>&1; }

# A server that starts deletes temporary tables it finds, those of servers beside
# it as well: each has a folder of its own (two of twelve installations failed).
db_tmp=$db/tmp

# A copy that was interrupted is not taken for a database: data/ appears whole.
db_install() {
  local -x TMPDIR=$db_tmp
  rm -rf "$db/data.new" "$root_options"
  case ${DATABASE:-} in
    mysql-9) "${db_server[@]}" "${db_as_root[@]}" --datadir="$db/data.new" --initialize-insecure ;;
    mariadb-10.5 | mariadb-11.8) db_bootstrap ;;
    *)
      mariadb-install-db --no-defaults "${db_as_root[@]}" --datadir="$db/data.new" \
        --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
        --innodb-log-file-size=16M --innodb-flush-method=nosync --innodb-doublewrite=0
      ;;
  esac >"$db/install.log" 2>&1 || {
    tail -n 20 "$db/install.log" >&2 # the next attempt writes it anew
    die "the database can't be made: $db/install.log"
  }
  mv "$db/data.new" "$db/data"
}

# What mariadb-install-db does, with another root's server.
db_bootstrap() {
  local sql=$db_root/usr/share/mysql brand=mysql
  [ ! -d "$db_root/usr/share/mariadb" ] || sql=$db_root/usr/share/mariadb # from 11 on
  [ -e "$sql/mysql_system_tables.sql" ] || brand=mariadb
  mkdir -p "$db/data.new"
  {
    printf '%s\n' 'CREATE DATABASE mysql;' 'USE mysql;' 'SET @auth_root_socket = NULL;' 'SET @skip_auth_anonymous = 1;'
    cat "$sql/${brand}_system_tables.sql" "$sql/${brand}_performance_tables.sql" "$sql/${brand}_system_tables_data.sql"
  } | sed '/@current_hostname/d' | "${db_server[@]}" "${db_as_root[@]}" --datadir="$db/data.new" --bootstrap \
    --innodb-log-file-size=16M --innodb-doublewrite=0 --skip-name-resolve
}

db_write_root_options() {
  (umask 077 && printf '[client]\nuser=root\nsocket=%s\npassword=%s\n' "$db_socket" "$1" >"$root_options")
}

db_start() {
  if ! db_answers; then
    mkdir -p "$db"
    own_folder "$sockets"
    mkdir -p "$db_tmp"
    chmod 711 "$db" # the web user passes through to nothing but what it is given
    [ -d "$db/data" ] || db_install
    [ -s "$root_options" ] || db_write_root_options ""
    db_spawn
  fi
  db_secure_root
  db_grant
}

# DB_PORT=N: besides the socket on 127.0.0.1:N, with a certificate of its own.
db_network=(--skip-networking)
if [ -n "${DB_PORT:-}" ]; then
  db_network=(--bind-address=127.0.0.1 --port="$DB_PORT" --ssl-ca="$db/ca.pem" --ssl-cert="$db/ca.pem" --ssl-key="$db/key.pem")
fi
db_certificate() {
  [ -n "${DB_PORT:-}" ] && [ ! -s "$db/ca.pem" ] || return 0
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1 -addext 'subjectAltName=IP:127.0.0.1' \
    -keyout "$db/key.pem" -out "$db/ca.pem" 2>/dev/null
}

db_spawn() {
  local -x TMPDIR=$db_tmp
  end "$db_pid" 30
  db_certificate
  local own=(--skip-log-bin "${db_tuning[@]}" --aria-pagecache-buffer-size=1M)
  [ "${DATABASE:-}" != mysql-9 ] ||
    own=(--disable-log-bin --innodb-buffer-pool-size=48M --innodb-flush-log-at-trx-commit=2 --mysqlx=OFF --secure-file-priv=NULL)
  # More connections than Apache has workers (apache.conf): as CGI each request has one, for as long as it waits.
  spawn "$db_pid" "$db/server.log" "${db_server[@]}" "${db_as_root[@]}" \
    --datadir="$db/data" --socket="$db_socket" --pid-file="$db/server.pid" \
    "${db_network[@]}" --skip-name-resolve \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
    "${own[@]}" --innodb-log-buffer-size=4M \
    --key-buffer-size=1M --performance-schema=OFF \
    --max-connections=120 --table-open-cache=400
  wait_until 120 db_up_or_dead || true
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
CREATE USER IF NOT EXISTS tranche@'127.0.0.1';
ALTER USER tranche@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL ON tranche.* TO tranche@'127.0.0.1';
SQL
}

# An empty database in place of whatever there was.
db_empty() {
  db_query -e 'DROP DATABASE IF EXISTS tranche'
  db_grant
  [ "${DATABASE:-}" != mysql-9 ] || db_sequences
}

# The tests count by MariaDB's tables seq_1_to_N; MySQL gets views of the same
# names (those of tests/db are made by its fixture, when they are named).
db_sequences() {
  {
    echo 'SET cte_max_recursion_depth = 200000;'
    echo 'CREATE TABLE seq_all (seq INT PRIMARY KEY) WITH RECURSIVE s (seq) AS'
    echo '(SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < 199999) SELECT seq FROM s;'
    grep -oh 'seq_[01]_to_[0-9][0-9]*' "$repo/tests/faults/world.c" | sort -u |
      sed 's/seq_\(.\)_to_\(.*\)/CREATE VIEW & AS SELECT seq - 1 + \1 AS seq FROM seq_all WHERE seq <= \2 + 1 - \1;/'
  } | db_query tranche
}

db_stop() { end "$db_pid" 30; }
