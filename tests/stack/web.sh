# shellcheck shell=bash
# The stack's private web server, on 127.0.0.1:$PORT only. Sourced by stack.sh.
# lighttpd.conf and apache.conf are read from here and take their paths from the
# environment; what a server writes is in $web.

web_pid=$web/server.pid
address=http://127.0.0.1:$PORT

web_command() {
  case $SERVER in
    lighttpd) command=(lighttpd -D -f "$web/lighttpd.conf" -m /usr/lib/lighttpd) ;;
    apache) command=(apache2 -d "$web" -f "$web/apache.conf" -D FOREGROUND -D FCGID) ;;
    apache-cgi) command=(apache2 -d "$web" -f "$web/apache.conf" -D FOREGROUND) ;;
    nginx) command=(nginx -c "$web/nginx.conf" -e "$web/error.log") ;;
    *) die "SERVER is lighttpd, apache, apache-cgi or nginx, not \"$SERVER\"" ;;
  esac
  PATH=$PATH:/usr/sbin
  command -v "${command[0]}" >/dev/null || die "${command[0]} is not installed: tests/stack/install.sh test"
}

web_start() {
  local command
  web_command
  web_stop
  ! web_port_taken || die "port $PORT is in use: choose another PORT"
  [ -n "${KEEP_SITE:-}" ] || site_publish
  own_folder "$sockets"
  mkdir -p "$web/tmp" "$sockets/web"
  cp "$here/lighttpd.conf" "$here/apache.conf" "$web/"
  sed -e "s#@STATE@#$web#; s#@SITE@#$served#; s#@SOCKETS@#$sockets/web#; s#@PORT@#$PORT#" "$here/nginx.conf" >"$web/nginx.conf"
  # One log for every server: Apache opens it as root, lighttpd as the web user.
  touch "$web/error.log"
  chown "$web_user" "$web" "$web/tmp" "$web/error.log" "$sockets/web"
  # An empty environment but for what the configurations name: the program must
  # find tranche.conf by itself, as on a host.
  spawn "$web_pid" "$web/server.log" env -i PATH="$PATH" LANG=C.UTF-8 \
    PORT="$PORT" SITE="$served" STATE="$web" SOCKETS="$sockets/web" WEB_USER="$web_user" \
    ASAN_OPTIONS="log_path=$web/tmp/asan:detect_leaks=1" UBSAN_OPTIONS="print_stacktrace=1" \
    "${command[@]}"
  [ "$SERVER" != nginx ] || programs_start
  wait_until 60 web_up_or_dead || true
  ! alive "$web_pid" || ! web_port_taken || return 0
  tail -n 20 "$web/server.log" "$web/error.log" >&2 2>/dev/null || true
  die "$SERVER did not start"
}
# nginx starts no programs: four of them, and others in the place of those that end.
programs_start() {
  local socket=$sockets/web/fcgi
  rm -f "$socket"
  spawn "$web/programs.pid" "$web/server.log" env -i PATH="$PATH" spawn-fcgi -n -s "$socket" -u "$web_user" -U "$web_user" \
    -- "$here/keep.sh" 4 "$served/htdocs/tranche.fcgi"
}
web_up_or_dead() { web_port_taken || ! alive "$web_pid"; }
web_port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

# Until the program itself answers.
web_wait_healthy() {
  wait_until 60 web_healthy && return
  curl -sS -m 5 -i "$address/api/v1/health" >&2 || true
  tail -n 20 "$web/server.log" "$site/tranche.log" >&2 || true
  die "$address/api/v1/health does not answer 200"
}
web_healthy() { curl -fsS -m 5 -o /dev/null "$address/api/v1/health" 2>/dev/null; }

web_stop() {
  end "$web_pid" 15
  end "$web/programs.pid" 15
}
