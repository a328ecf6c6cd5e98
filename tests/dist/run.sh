#!/usr/bin/env bash
# The release (make dist) in the surroundings that it is made for.
#
#   run.sh PART…    contents same chroot release servers folders proxy databases, or all
#
# Prints a line for each check; the last one is "N passed, N failed". chroot and
# release need root; a database that can't be had here is skipped and said.
set -uo pipefail
cd "$(dirname "$0")/../.."

version=$(sed -n 's/.*TRANCHE_VERSION "\([^"]*\)".*/\1/p' src/web/version.h)
zip=$PWD/build/tranche-$version.zip
[ -s "$zip" ] || { echo "there is no $zip: make dist" >&2; exit 1; }
export VAR=${VAR:-var}/dist PORT=${PORT:-8179}
mkdir -p "$VAR"
VAR=$(realpath "$VAR")
log=$VAR/last.log
stack=tests/stack/stack.sh
passed=0 failed=0

ok() {
  local name=$1
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    echo "NOT OK  $name"
    tail -n 25 "$log" | cut -c1-200 | sed 's/^/        /'
  fi
}

# Does what comes in hold the words? Reads to the end: a grep -q that has found them would break the pipe.
has() { tee /dev/stderr | grep -F -- "$1" >/dev/null; }

unpack() { rm -rf "$1" && mkdir -p "$1" && unzip -q "$zip" -d "$1"; }

# --- what is in it ------------------------------------------------------------------

mode_is() { [ "$(zipinfo "$zip" "$1" | cut -c1-10)" = "$2" ]; }
top_is() { [ "$(zipinfo -1 "$zip" | cut -d/ -f1 | sort -u | tr '\n' ' ')" = "INSTALL.txt htdocs sql " ]; }
no_library() { unpack "$VAR/unpacked" && ! readelf -ld "$VAR/unpacked/htdocs/tranche.fcgi" | grep -E 'NEEDED|INTERP'; }
no_trace() { ! strings -n 6 "$VAR/unpacked/htdocs/tranche.fcgi" | grep -F "$PWD"; }
all_zones() {
  local zone
  for zone in Europe/Stockholm America/New_York Asia/Kathmandu Australia/Lord_Howe Etc/UTC US/Pacific; do
    [ "$(head -c 4 "$VAR/unpacked/htdocs/zoneinfo/$zone")" = TZif ] || return 1
  done
}
part_contents() {
  ok "INSTALL.txt, htdocs and sql, nothing else" top_is
  ok ".htaccess is 0644" mode_is htdocs/.htaccess -rw-r--r--
  ok "tranche.fcgi is 0755" mode_is htdocs/tranche.fcgi -rwxr-xr-x
  ok "the program needs no library" no_library
  ok "nothing in it tells where it was built" no_trace
  ok "time zones" all_zones
  ok "at most 6 MB" test "$(stat -c %s "$zip")" -le 6000000
}

# Built again elsewhere, later, with other habits, from a copy of the sources (no cache of compiled files, the browser's
# files bundled anew): the same bytes.
same_bytes() {
  local copy=$VAR/copy/in/a/deeper/folder date
  date=$(git log -1 --format=%ct)
  rm -rf "$VAR/copy" && mkdir -p "$copy" && git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$copy" || return 1
  ln -s "$PWD/node_modules" "$copy/node_modules"
  (cd "$copy" && umask 077 && export TZ=Asia/Kathmandu LC_ALL=C.UTF-8 CCACHE_DISABLE=1 &&
    make -s -j2 build/release/tranche.fcgi && node src/browser/build.mjs && SOURCE_DATE_EPOCH=$date tests/stack/dist.sh) || return 1
  cmp "$zip" "$copy/build/tranche-$version.zip" && rm -rf "$VAR/copy" && return
  diff <(unzip -lv "$zip") <(unzip -lv "$copy/build/tranche-$version.zip")
  return 1
}
part_same() { ok "built again in another folder it is the same file" same_bytes; }

# --- with nothing around it ---------------------------------------------------------

# cgi ROOT PATH [NAME=VALUE…]: one request to the program of a root, as CGI.
cgi() {
  local root=$1 path=$2
  shift 2
  env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET SCRIPT_NAME=/tranche.fcgi PATH_INFO="$path" REMOTE_ADDR=127.0.0.1 \
    MYSQL_PLUGIN_DIR=/nonexistent "$@" /usr/sbin/chroot "$root" /site/htdocs/tranche.fcgi </dev/null
}
answers() { # answers WORDS ROOT PATH…
  local words=$1
  shift
  cgi "$@" | has "$words"
}
place_in() { rm -rf "$1/site" && mkdir -p "$1/site" && cp -R "$VAR/unpacked/htdocs" "$1/site/"; }

write_config() { # write_config FILE HOST [LINE…]
  local file=$1 host=$2
  shift 2
  (umask 077 && {
    printf '%s\n' "db_hosts = $host" "db_port = $DB_PORT" "db_name = tranche" "db_user = tranche" \
      "db_password = $(sed -n 's/^db_password = //p' "$VAR/site/tranche.conf")" "table_prefix = tr_" \
      "secret = $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" "$@"
  } >"$file")
}

part_chroot() {
  unpack "$VAR/unpacked"
  rm -rf "$VAR/empty" && mkdir -p "$VAR/empty"
  place_in "$VAR/empty"
  ok "empty chroot: the installer answers" answers "Install Tranche" "$VAR/empty" /install
  ok "empty chroot: the API says that it is not set up" answers not_installed "$VAR/empty" /api/v1/health
  export DB_PORT=$((PORT + 1))
  ok "a database with TCP and TLS" env DEMO=0 $stack fresh
  write_config "$VAR/empty/site/tranche.conf" 127.0.0.1
  ok "empty chroot: database by TCP" answers '"database":"ok"' "$VAR/empty" /api/v1/health
  write_config "$VAR/empty/site/tranche.conf" no.such.host.invalid
  ok "empty chroot: a name that can't be resolved is no crash" answers '"database":"away"' "$VAR/empty" /api/v1/health
  $stack db-stop
  unset DB_PORT
}

# In the files of another Debian release, whose nsswitch.conf names modules that
# were built for another C library.
part_release() {
  local name root
  unpack "$VAR/unpacked"
  export DB_PORT=$((PORT + 1))
  ok "a database with TCP" env DEMO=0 $stack fresh
  for name in mariadb-10.5 mariadb-11.8; do
    root=$(tests/stack/root.sh $name) || { echo "skipped $name"; continue; }
    place_in "$root"
    mkdir -p "$root/etc"
    printf 'hosts: files mymachines resolve [!UNAVAIL=return] myhostname dns\npasswd: files systemd\n' >"$root/etc/nsswitch.conf"
    printf '127.0.0.1 localhost dbhost\n' >"$root/etc/hosts"
    write_config "$root/site/tranche.conf" dbhost
    ok "in the files of $name's release: name resolved, database by TCP" answers '"database":"ok"' "$root" /api/v1/health
    rm -rf "$root/site" "$root/etc/nsswitch.conf" "$root/etc/hosts"
  done
  $stack db-stop
  unset DB_PORT
}

# --- on each web server, on each database: the whole installation -----------------------

journey() { # journey SERVER
  export SERVER=$1
  $stack web-stop
  DEMO=0 $stack fresh && RELEASE=$zip BARE=1 MYSQL_PLUGIN_DIR=/nonexistent $stack web-start &&
    BASE_URL=http://127.0.0.1:$PORT BARE_SITE=$VAR/bare DATABASE_CONFIG=$VAR/site/tranche.conf DATABASE_ROOT=$VAR/db/root.cnf \
      timeout 300 node --test --test-concurrency=1 tests/web/bare/*.test.mjs
  local status=$?
  $stack web-stop
  return $status
}

part_servers() {
  local server
  for server in lighttpd apache apache-cgi nginx; do
    ok "installed, killed and updated behind $server" journey $server
  done
  $stack db-stop
}

# health LINE…: does the unpacked program reach the database with such a configuration?
health() {
  write_config "$VAR/unpacked/tranche.conf" 127.0.0.1 "$@"
  cgi_here | has '"database":"ok"'
}
cgi_here() {
  env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET SCRIPT_NAME=/tranche.fcgi PATH_INFO=/api/v1/health REMOTE_ADDR=127.0.0.1 \
    MYSQL_PLUGIN_DIR=/nonexistent "$VAR/unpacked/htdocs/tranche.fcgi" </dev/null
}
forget_passwords() { mariadb --defaults-file="$VAR/db/root.cnf" -e 'FLUSH PRIVILEGES'; } # MySQL remembers them after a first sign-in

part_databases() {
  local database all=$VAR
  unpack "$VAR/unpacked"
  export DB_PORT=$((PORT + 1))
  for database in mariadb mariadb-10.5 mariadb-11.8 mysql-9; do
    [ $database = mariadb ] || tests/stack/root.sh $database >/dev/null || { echo "skipped $database"; continue; }
    export DATABASE=$database VAR=$all/$database
    mkdir -p "$VAR/unpacked" && rm -rf "$VAR/unpacked/htdocs" && cp -R "$all/unpacked/htdocs" "$VAR/unpacked/"
    ok "$database: starts" env DEMO=0 $stack fresh
    ok "$database: socket" health "db_socket = $(sed -n 's/^db_socket = //p' "$VAR/site/tranche.conf")"
    forget_passwords
    ok "$database: TCP" health
    forget_passwords
    ok "$database: TCP with TLS" health "db_tls = 1"
    ok "$database: TCP with TLS, its certificate checked" health "db_tls = 2" "db_tls_ca = $VAR/db/ca.pem"
    ok "$database: the whole installation" journey lighttpd
    $stack db-stop
  done
  unset DATABASE DB_PORT
  VAR=$all
}

# --- in a sub-folder, at the root, beside others ------------------------------------------

status_of() { curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' "http://127.0.0.1:$PORT$1"; }
is() { # is PATH "STATUS[ REDIRECT]"
  local got
  got=$(status_of "$1")
  echo "$1: $got"
  [ "$got" = "$2" ]
}
shows() { curl -sS "http://127.0.0.1:$PORT$1" | has "$2"; }

wordpress='RewriteEngine On
RewriteBase /
RewriteRule ^index\.html$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /FOLDERindex.html [L]'

# Begins a site with Tranche in htdocs/FOLDER; what is beside it is the caller's.
site_with() {
  local folder=$1
  RELEASE=$zip BARE=1 $stack web-start && $stack web-stop || return 1
  unpack "$VAR/unpacked"
  rm -rf "$VAR/bare/htdocs"
  mkdir -p "$VAR/bare/htdocs/$folder"
  cp -R "$VAR/unpacked/htdocs/." "$VAR/bare/htdocs/$folder"
}
# Starts the web server before what is there, without publishing anew.
serve_site() { chown -R --reference="$VAR/bare" "$VAR/bare/htdocs" && BARE=1 KEEP_SITE=1 $stack web-start; }

part_folders() {
  local server here=http://127.0.0.1:$PORT
  for server in apache apache-cgi; do
    export SERVER=$server
    ok "$server: a folder of a site" site_with plan
    printf '%s\n' "${wordpress//FOLDER/}" >"$VAR/bare/htdocs/.htaccess"
    echo "another site" >"$VAR/bare/htdocs/index.html"
    ok "$server: in a folder of another site: starts" serve_site
    ok "$server: Tranche is in its folder" is /plan/ "303 $here/plan/install"
    ok "$server: its pages link within it" shows /plan/install 'href="/plan/assets/style.css"'
    ok "$server: its files are served" is /plan/assets/style.css "200 "
    ok "$server: its API answers" is /plan/api/v1/health "503 "
    ok "$server: the other site answers" shows /some/page "another site"
    $stack web-stop
    ok "$server: the root of a site" site_with .
    mkdir -p "$VAR/bare/htdocs/blog" "$VAR/bare/htdocs/old"
    printf '%s\n' "${wordpress//FOLDER/blog/}" | sed 's#RewriteBase /#RewriteBase /blog/#' >"$VAR/bare/htdocs/blog/.htaccess"
    echo "a blog" >"$VAR/bare/htdocs/blog/index.html"
    echo "old pages" >"$VAR/bare/htdocs/old/index.html"
    touch "$VAR/bare/htdocs/old.conf" "$VAR/bare/htdocs/tranche-install-00.conf"
    ok "$server: at the root of a site: starts" serve_site
    ok "$server: Tranche is at the root" is / "303 $here/install"
    ok "$server: also where a folder of ours has the page's name" is /help/ "303 $here/install"
    ok "$server: a blog in a folder of it" shows /blog/2026/post "a blog"
    ok "$server: a folder without rules of its own" shows /old/ "old pages"
    ok "$server: nothing private is served" is /old.conf "403 "
    ok "$server: nor the code's file" is /tranche-install-00.conf "403 "
    ok "$server: nor .htaccess" is /.htaccess "403 "
    $stack web-stop
  done
  unset SERVER
}

# --- behind a proxy that ends https ----------------------------------------------------------

proxy_start() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout "$VAR/proxy.key" -out "$VAR/proxy.pem" || return 1
  mkdir -p "$VAR/proxy"
  cat >"$VAR/proxy.conf" <<CONF
daemon off;
master_process off;
pid $VAR/proxy.pid;
error_log $VAR/proxy.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $VAR/proxy/body; proxy_temp_path $VAR/proxy/proxy; fastcgi_temp_path $VAR/proxy/fastcgi;
  uwsgi_temp_path $VAR/proxy/uwsgi; scgi_temp_path $VAR/proxy/scgi;
  server {
    listen 127.0.0.1:$((PORT + 2)) ssl;
    ssl_certificate $VAR/proxy.pem;
    ssl_certificate_key $VAR/proxy.key;
    location / {
      proxy_pass http://127.0.0.1:$PORT;
      proxy_set_header Host \$http_host;
      proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto \$scheme;
    }
  }
}
CONF
  nginx -c "$VAR/proxy.conf" -e "$VAR/proxy.log" &
  proxy=$!
  curl -ksS -o /dev/null --retry 20 --retry-connrefused --retry-delay 1 "https://127.0.0.1:$((PORT + 2))/login"
}
# As a visitor who writes a header of his own before the proxy does.
visit() { curl -ksS --interface 127.0.0.77 -b "$VAR/jar" -c "$VAR/jar" -H 'X-Forwarded-For: 198.51.100.1' "$@"; }
sign_in() {
  local csrf there=https://127.0.0.1:$((PORT + 2))
  rm -f "$VAR/jar"
  csrf=$(visit $there/login | sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' | head -n 1)
  [ "$(visit -o /dev/null -w '%{http_code}' -d "csrf=$csrf" -d name=admin -d password=tranche-demo-admin $there/login)" = 303 ] &&
    grep -q __Host-tranche "$VAR/jar" && visit $there/account >"$VAR/account.html"
}
sees() { grep -qF 127.0.0.77 "$VAR/account.html" && ! grep -qF 198.51.100.1 "$VAR/account.html"; }
# The headers of a reply to somebody who goes past the proxy and says to be it.
past() { curl -sS -o /dev/null -D - --interface 127.0.0.78 -H 'X-Forwarded-Proto: https' "http://127.0.0.1:$PORT/login"; }
past_is() { past | has "Set-Cookie: $1="; }
part_proxy() {
  local proxy="" server
  for server in apache lighttpd; do
    export SERVER=$server
    ok "$server behind a proxy: starts" env RELEASE="$zip" SITE_EXTRA='trusted_proxies = 127.0.0.1' $stack start
    ok "$server behind a proxy: the proxy starts" proxy_start
    ok "$server behind a proxy: people sign in, with https's cookies" sign_in
    ok "$server behind a proxy: the address is the visitor's, not what he wrote" sees
    ok "$server behind a proxy: past it the header is nothing" past_is tranche-form
    [ -z "$proxy" ] || kill "$proxy"
    wait "$proxy" 2>/dev/null
    [ $server != apache ] || echo 'SetEnvIf X-Forwarded-Proto "^https$" HTTPS=on' >>"$VAR/site/htdocs/.htaccess"
    [ $server != apache ] || ok "$server: the line for .htaccess of INSTALL.txt" past_is __Host-tranche-form
    $stack web-stop
  done
  $stack db-stop
  unset SERVER
}

trap 'VAR=$VAR $stack stop >/dev/null 2>&1' EXIT
[ "${1:-all}" != all ] || set -- contents same chroot release servers folders proxy databases
for part in "$@"; do "part_$part"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
