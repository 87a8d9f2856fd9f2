#!/usr/bin/env bash
# Kills the driver, the catalog's connection and, with `--spark`, workers in the middle of runs: `kills.sh [COUNT] [--spark]`.
# Each run is done again and compared with an undisturbed one. Needs PostgreSQL, and for Spark Java and `--group spark`.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-50}
directory=$(mktemp -d -t egregora-kills-XXXX)
chmod 755 "$directory"
ending() {
    bash scripts/postgres.sh stop "$directory/catalog" || true
    [ ! -d "$directory/spark" ] || uv run bash scripts/spark.sh stop "$directory/spark"
    rm -rf "$directory"
}
trap ending EXIT
server=$(bash scripts/postgres.sh start "$directory/catalog")
master=""
[ "${2:-}" != --spark ] || master=$(PYTHON=.venv/bin/python uv run bash scripts/spark.sh start "$directory/spark")
PYTHONPATH=tests uv run python tests/kills.py "$count" "$server" ${master:+"$master"}
