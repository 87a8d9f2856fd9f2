"""Arrows point one way, and ruff says so: core imports no plugin, plugins import what core promises, nobody pandas."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC = {
    "commands",
    "documents",
    "errors",
    "hookspecs",
    "ir",
    "people",
    "pipeline",
    "plain_text",
    "plugins",
    "runs",
    "schema",
    "settings",
    "specs",
    "spreadsheet",
    "sql",
    "validation",
    "workspace",
}
"""What plugins and their tests build on."""


def banned(config: str) -> set[str]:
    """Return what a ruff configuration bans."""
    content = tomllib.loads((ROOT / config).read_text(encoding="utf-8"))
    return set(content["lint"]["flake8-tidy-imports"]["banned-api"])


def ruff(code: str, path: str) -> str:
    """Return what ruff says of code, were it at this place."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "--select", "TID251"]
    done = subprocess.run(
        [*command, "--stdin-filename", path, "-"], input=code, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout


def test_every_module_of_core_is_public_or_banned() -> None:
    """Whoever adds a module to core decides which it is."""
    core = ROOT / "packages/egregora-core/src/egregora_core"
    modules = {path.stem for path in core.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    modules = {name for name in modules if not name.startswith("__")}
    private = {name.removeprefix("egregora_core.") for name in banned("packages/ruff.toml") - {"pandas"}}

    assert private | PUBLIC == modules
    assert not private & PUBLIC


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("egregora-core/src/egregora_core", "egregora_elo"),
        ("egregora-core/src/egregora_core", "egregora_devtools.cli"),
        ("egregora-elo/src/egregora_elo", "egregora_core.storage.database"),
        ("egregora-elo/src/egregora_elo", "egregora_core.cli.context"),
        ("egregora-devtools/src/egregora_devtools", "egregora_elo"),
    ],
)
def test_imports_against_the_arrows_are_violations(package: str, module: str) -> None:
    """An import that points the wrong way is reported with file and line."""
    path = f"packages/{package}/deep/new.py"
    assert f"{path}:2:1: TID251" in ruff(f'"""Doc."""\nfrom {module} import thing\n', path)


def test_every_member_is_known_to_the_bans() -> None:
    """Core names each plugin of the repository among what it must not import."""
    members = {path.parent.name.replace("-", "_") for path in ROOT.glob("packages/*/pyproject.toml")}
    assert members - {"egregora_core"} <= banned("packages/egregora-core/ruff.toml")


@pytest.mark.parametrize(
    "path",
    [
        "packages/egregora-core/src/a.py",
        "packages/egregora-elo/src/a.py",
        "packages/egregora-devtools/src/a.py",
        "tests/a.py",
        "benchmarks/a.py",
        "scripts/a.py",
    ],
)
def test_pandas_is_banned_everywhere(path: str) -> None:
    """No configuration of a folder lifts the ban."""
    assert "TID251" in ruff("import pandas\n", path)
    assert "TID251" not in ruff("from egregora_core.plugins.specs import Unit\n", path)
