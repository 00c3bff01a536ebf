#!/usr/bin/env bash
# Runs the README's two commands as newcomers would: in a fresh clone, as root and as an ordinary user, with and without
# npm's install scripts, with the embedded PostgreSQL and with a server of DATABASE_URL.
# Usage, as root: tests/newcomer/fresh-clone.sh [demo|test|both] [case …]      (all cases take half an hour)
# CROSSDOCK_TEST_DATABASE=postgres://… adds the cases with a server.
set -euo pipefail
what="${1:-both}"
shift || true
wanted=" $* "
source_repo="$(cd "$(dirname "$0")/../.." && pwd)"
failed=0

# name, user (root, or one of /etc/passwd), folder, npm flags, database (embedded or a URL)
run_case() {
  local name="$1" user="$2" folder="$3" flags="$4" database="$5" home
  [ "$wanted" = '  ' ] || [[ "$wanted" == *" $name "* ]] || return 0
  rm -rf "$folder"
  mkdir -p "$folder"
  git clone -q --depth 1 "file://$source_repo" "$folder/crossdock"
  home="$folder/home"
  mkdir -p "$home"
  [ "$user" = root ] || chown -R "$user" "$folder"
  local commands="npm ci $flags --no-audit --no-fund --loglevel=error"
  [ "$what" = test ] || commands="$commands && npm run demo -- --exit"
  [ "$what" = demo ] || commands="$commands && npm test"
  local -a as=(env HOME="$home")
  [ "$user" = root ] || as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$home")
  [ "$database" = embedded ] || as+=(DATABASE_URL="$database")
  local began=$SECONDS
  if (cd "$folder/crossdock" && "${as[@]}" bash -c "$commands") >"/tmp/fresh-clone-$name.log" 2>&1; then
    echo "ok      $name ($((SECONDS - began)) s)"
    rm -rf "$folder"
  else
    echo "FAILED  $name: see /tmp/fresh-clone-$name.log"
    failed=1
  fi
}

run_case root-under-root root /root/crossdock-newcomer '' embedded
run_case root-elsewhere root /srv/crossdock-newcomer '' embedded
run_case root-no-scripts root /root/crossdock-newcomer '--ignore-scripts' embedded
run_case user games /srv/crossdock-newcomer-user '' embedded
run_case user-no-scripts games /srv/crossdock-newcomer-user '--ignore-scripts' embedded
if [ -n "${CROSSDOCK_TEST_DATABASE:-}" ]; then
  run_case root-database-url root /root/crossdock-newcomer '' "$CROSSDOCK_TEST_DATABASE"
  run_case user-database-url games /srv/crossdock-newcomer-user '' "$CROSSDOCK_TEST_DATABASE"
fi
exit "$failed"
