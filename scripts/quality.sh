#!/usr/bin/env bash
# Everything that people and CI check. `uv sync` first; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

uv run ruff check .
uv run ruff format --check .
uv run mypy
uv run python scripts/generate.py --check
uv run vulture
uv run pytest
