#!/usr/bin/env bash
# Everything that people and CI check. `uv sync` first; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

uv run --frozen ruff check .
uv run --frozen ruff format --check .
uv run --frozen mypy
uv run --frozen python scripts/generate.py --check
uv run --frozen vulture
uv run --frozen pytest -q
