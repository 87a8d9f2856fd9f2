#!/usr/bin/env bash
# A PostgreSQL server of one's own in a directory, reached by a socket in it: `postgres.sh start DIR`, `postgres.sh stop DIR`.
# `start` prints how to connect, as DuckDB and libpq take it. Nothing listens on the network.
set -euo pipefail
directory=$(realpath -m "$2")
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "PostgreSQL is not here: apt-get install postgresql" >&2; exit 1; }

as_its_user() { # the server refuses to be run by root
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

case "$1" in
start)
    mkdir -p "$directory"
    [ "$(id -u)" != 0 ] || chown postgres "$directory" # which must be below directories that everybody may enter
    cd "$directory"
    as_its_user "$bin/initdb" -D "$directory/db" -A trust -U egregora --no-sync --encoding UTF8 --locale C >/dev/null
    as_its_user "$bin/pg_ctl" -D "$directory/db" -w -s -l "$directory/log" \
        -o "-k '$directory' -c listen_addresses='' -c fsync=off" start >/dev/null
    echo "host=$directory user=egregora"
    ;;
stop)
    cd "$directory"
    as_its_user "$bin/pg_ctl" -D "$directory/db" -s -m immediate stop
    ;;
esac
