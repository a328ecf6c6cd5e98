#!/usr/bin/env bash
# A Galera cluster of three nodes on this machine: the servers of the installed
# mariadbd, the library from a root of its own (root.sh), each node on a
# loopback address of its own.
#
#   cluster.sh start    three nodes in one cluster, and a schema
#   cluster.sh stop
#
# VAR is the folder; $VAR/cluster/node-N holds a node, its process number in
# mariadbd.pid; $VAR/site/tranche.conf names all three.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$here/site.sh"

cluster=$var/cluster
galera=$("$here/root.sh" galera) || exit $?
as_root=()
[ "$(id -u)" != 0 ] || as_root=(--user=root)
sql_port=$((20000 + $$ % 20000)) # the same on each address
address() { echo "127.0.1.$1"; }
tuning=(--innodb-buffer-pool-size=64M --innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=2
  --innodb-autoinc-lock-mode=2 --binlog-format=ROW --innodb-doublewrite=0 --performance-schema=OFF
  --key-buffer-size=1M --aria-pagecache-buffer-size=1M --max-connections=40 --table-open-cache=400
  --skip-name-resolve --skip-log-bin --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci)

# node_start N OPTION…
node_start() {
  local n=$1 node=$cluster/node-$1 peers
  shift
  peers=$(address 1),$(address 2),$(address 3)
  spawn "$node/mariadbd.pid" "$node/server.log" env PATH="$here/sst:$PATH" mariadbd --no-defaults "${as_root[@]}" --datadir="$node/data" \
    --socket="$sockets/node-$n.sock" --pid-file="$node/server.pid" \
    --bind-address="$(address "$n")" --port="$sql_port" "${tuning[@]}" \
    --wsrep-on=ON --wsrep-provider="$galera/usr/lib/galera/libgalera_smm.so" \
    --wsrep-sst-method=asis --wsrep-cluster-name="tranche-test" --wsrep-cluster-address="gcomm://$peers" \
    --wsrep-node-address="$(address "$n")" --wsrep-node-name="node-$n" --wsrep-slave-threads=2 \
    --wsrep-provider-options="base_host=$(address "$n");gmcast.listen_addr=tcp://$(address "$n"):4567;ist.recv_addr=$(address "$n"):4568;gcache.size=32M;evs.suspect_timeout=PT4S;evs.inactive_timeout=PT8S" \
    "$@"
}
node_query() { mariadb --no-defaults -N -B -uroot --socket="$sockets/node-$1.sock" "${@:2}"; }
node_is_ready() { [ "$(node_query "$1" -e "SHOW STATUS LIKE 'wsrep_ready'" 2>/dev/null | cut -f 2)" = ON ]; }
cluster_is_whole() { [ "$(node_query 1 -e "SHOW STATUS LIKE 'wsrep_cluster_size'" 2>/dev/null | cut -f 2)" = 3 ]; }
wait_for() { # NODE
  wait_until 60 ready_or_dead "$1" || true
  node_is_ready "$1" || { tail -n 20 "$cluster/node-$1/server.log" >&2; die "node $1 of the cluster did not start"; }
}
ready_or_dead() { node_is_ready "$1" || ! alive "$cluster/node-$1/mariadbd.pid"; }

# All begin as copies of one node that has been the cluster alone, so that none
# needs a transfer of the whole state (sst/wsrep_sst_asis; Debian's needs rsync,
# and does not run as root).
start() {
  local n
  stop
  rm -rf "$cluster"
  own_folder "$sockets"
  mkdir -p "$cluster"/node-{1,2,3}
  mariadb-install-db --no-defaults "${as_root[@]}" --datadir="$cluster/node-1/data" --skip-test-db --skip-name-resolve \
    --auth-root-authentication-method=normal --innodb-log-file-size=16M --innodb-doublewrite=0 >"$cluster/install.log" 2>&1
  node_start 1 --wsrep-new-cluster
  wait_for 1
  site_configure_cluster
  node_query 1 <<SQL
CREATE DATABASE tranche;
CREATE USER tranche@'127.0.%' IDENTIFIED BY '$(site_setting db_password)';
GRANT ALL ON tranche.* TO tranche@'127.0.%';
SQL
  end "$cluster/node-1/mariadbd.pid" 30
  for n in 2 3; do
    cp -R "$cluster/node-1/data" "$cluster/node-$n/data"
    rm -f "$cluster/node-$n/data/"{galera.cache,gvwstate.dat}
  done
  node_start 1 --wsrep-new-cluster
  wait_for 1
  for n in 2 3; do
    node_start "$n"
    wait_for "$n"
  done
  wait_until 20 cluster_is_whole || die "the cluster is not whole"
  TRANCHE_CONFIG=$config "$repo/build/release/tranchectl" migrate >/dev/null
}

site_configure_cluster() {
  db_socket="" site_configure
  sed -i -e "s/^db_hosts = .*/db_hosts = $(address 3), $(address 1), $(address 2)/" -e "s/^db_port = .*/db_port = $sql_port/" \
    -e '/^db_socket/d' "$config"
}

stop() {
  local n
  for n in 1 2 3; do
    [ ! -e "$cluster/node-$n/mariadbd.pid" ] || end "$cluster/node-$n/mariadbd.pid" 20
  done
}

case ${1:-} in
  start | stop) "$1" ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
esac
