# `just` lists these; each is one command that also works without just.

default:
    @just --list

# Everything that CI checks.
quality:
    bash scripts/quality.sh

# The tests alone; pass pytest arguments after it.
test *arguments:
    uv run pytest {{ arguments }}

# Write what is generated from code: schema/, pages of docs/.
generate:
    uv run egregora-dev generate

# Build the documentation into build/docs/.
docs:
    uv run zensical build --strict

# Build and install what is published, in fresh environments.
wheels:
    bash scripts/wheels.sh

# Measure; takes some minutes.
bench *arguments:
    uv run --group bench python benchmarks/run.py {{ arguments }}
