#!/usr/bin/env bash
# Everything that people and CI check. `uv sync` first; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

uv run ruff check --output-format concise .
uv run ruff format --check .
uv run mypy & # beside what follows, which needs one core
types=$!
uv run lint-imports
uv run egregora-dev generate --check
uv run vulture
for package in packages/*/; do uv run deptry --config "${package}pyproject.toml" "${package}src"; done
wait "$types"
uv run pytest -m 'slow or not slow' --hypothesis-profile ci --durations 40
