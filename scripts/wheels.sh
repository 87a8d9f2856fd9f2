#!/usr/bin/env bash
# Proves that what is published works without the lock: contents of wheels and sdists, then each in fresh environments.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in packages/*/; do uv build --quiet --out-dir "$work/dist" "$package"; done
python3 scripts/contents.py "$work"/dist/*

try() { # try WHAT COMMAND...: run in an empty directory, and show the output if it fails
    local what=$1; shift
    local empty; empty=$(mktemp -d "$work/empty-XXXX")
    (cd "$empty" && "$@" >"$empty.out" 2>&1) || { echo "$what fails:"; cat "$empty.out"; exit 1; }
    rm -rf "$empty"
    echo "ok: $what"
}

core=("$work"/dist/egregora_core-*.whl) elo=("$work"/dist/egregora_elo-*.whl) devtools=("$work"/dist/egregora_devtools-*.whl) report=("$work"/dist/egregora_report-*.whl) llm=("$work"/dist/egregora_llm-*.whl) sources=("$work"/dist/egregora_sources-*.whl) spark=("$work"/dist/egregora_spark-*.whl)
packages_of() { # packages_of RESOLUTION: each package with what it needs, in those versions, added to what core alone made
    local resolution=$1 bin="$work/$1/bin" made="$work/$1-workspace"
    uv venv --quiet --python 3.11 "$work/$resolution"
    install() { uv pip install --quiet --resolution "$resolution" --find-links "$work/dist" --python "$work/$resolution" "$@"; }

    install "${core[0]}"
    try "core alone, $resolution versions: egregora demo" "$bin/egregora" demo "$made"
    install "${core[0]}" "${elo[0]}"
    try "with egregora-elo, $resolution versions: egregora elo" "$bin/egregora" elo --help
    try "with egregora-elo, $resolution versions: egregora init-elo" "$bin/egregora" --workspace "$made" init-elo
    install "${core[0]}" "${elo[0]}" "${llm[0]}"
    try "with egregora-llm, $resolution versions: egregora llm judges" bash -c \
        "'$bin/egregora' --workspace '$made' llm judges && '$bin/python' -c 'import egregora_llm.asking, egregora_llm.commands'"
    install "${core[0]}[lake]" "${spark[0]}"
    try "with egregora-spark, $resolution versions: a lake" bash -c \
        "cp -r '$made' it && cd it && '$bin/egregora' migrate ducklake:lake/catalog.ducklake --data lake/files && '$bin/egregora' plugins info spark"
    install "${core[0]}" "${report[0]}"
    try "with egregora-report, $resolution versions: egregora run, report" bash -c \
        "cd '$made' && '$bin/egregora' run && test -s report/assets/vega.js && '$bin/egregora' report --single-file one.html"
    install "${core[0]}" "${sources[0]}"
    try "with egregora-sources, $resolution versions: egregora plugins doctor" "$bin/egregora" --strict-plugins plugins doctor
    install "${core[0]}" "${devtools[0]}"
    local some=""; [ "$resolution" = lowest-direct ] || some="-k recognises" # the suite itself tries all of it in about these versions
    try "with egregora-devtools, $resolution versions: a new source passes" bash -c \
        "'$bin/egregora-dev' new-plugin tried --kind source && cd egregora-tried && PYTHONPATH=src '$bin/python' -m pytest -q $some"
}
packages_of highest & highest=$!
packages_of lowest-direct & lowest=$!
wait "$highest"
wait "$lowest"

PATH="$PATH$(printf ':%s' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin)" # else uv sees of pyenv's only the active one
for python in 3.12 3.13 3.14; do # what is declared; tried where it is installed
    uv python find --quiet --no-python-downloads "$python" >/dev/null 2>&1 || { echo "skipped: no Python $python here"; continue; }
    uv venv --quiet --no-python-downloads --python "$python" "$work/$python"
    uv pip install --quiet --python "$work/$python" "${core[0]}" "${elo[0]}"
    try "Python $python: egregora demo" "$work/$python/bin/egregora" demo
    try "Python $python: egregora elo" "$work/$python/bin/egregora" elo --help
done
