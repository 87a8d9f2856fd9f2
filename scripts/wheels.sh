#!/usr/bin/env bash
# Proves that the built wheel works without the lock: core alone, newest and lowest versions that its metadata allows.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uv build --quiet --wheel --package egregora-core --out-dir "$work/dist"

for resolution in highest lowest-direct; do
    uv venv --quiet --python 3.11 "$work/$resolution"
    uv pip install --quiet --resolution "$resolution" --python "$work/$resolution" "$work"/dist/egregora_core-*.whl
    mkdir "$work/$resolution/empty"
    (cd "$work/$resolution/empty" && "$work/$resolution/bin/egregora" demo >demo.out 2>&1) || {
        echo "egregora demo fails with the $resolution versions:"
        cat "$work/$resolution/empty/demo.out"
        exit 1
    }
    echo "wheel: egregora demo works with the $resolution versions"
done
