# `just` lists these; each is one command that also works without just.

default:
    @just --list

# Everything that CI checks.
quality:
    bash scripts/quality.sh

# The tests alone; pass pytest arguments after it.
test *arguments:
    uv run pytest {{ arguments }}

# Write what is generated from code: schema/, docs/reference/.
generate:
    uv run python scripts/generate.py

# Measure; takes some minutes.
bench *arguments:
    uv run --group bench python benchmarks/run.py {{ arguments }}
