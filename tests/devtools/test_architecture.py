"""Arrows point one way, and the contract of the imports says so; nobody imports pandas."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRONG = {
    "Rooms import what stands below them": ("egregora_core/storage/_new.py", "egregora_core.pipeline", "run_pipeline"),
    "Of a room only its face is imported": ("egregora_core/pipeline/_new.py", "egregora_core.storage._sql", "literal"),
    "The engine has one room": ("egregora_core/messages/_new.py", "duckdb", "connect"),
    "Plugins build on egregora_core.plugin": ("egregora_elo/reports/_new.py", "egregora_core.storage", "literal"),
    "Core names no plugin": ("egregora_core/cli/_new.py", "egregora_elo", "hookimpl"),
    "Rooms of elo import what stands below them": ("egregora_elo/ledger/_new.py", "egregora_elo.documents", "find"),
    "Platforms of egregora-sources do not import each other": (
        "egregora_sources/sms/_new.py",
        "egregora_sources.irc",
        "a",
    ),
}
"""For each rule of the contract: an import that breaks it, and the module that it stands in."""


def lint(packages: Path) -> str:
    """Return what the contract says of the packages in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", str(ROOT / ".importlinter")]
    environment = {**os.environ, "PYTHONPATH": str(packages), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=packages, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_each_rule_finds_what_breaks_it(tmp_path: Path) -> None:
    """What the packages hold keeps all rules; one import against each, and each is reported with its place."""
    for source in ROOT.glob("packages/*/src"):
        shutil.copytree(source, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    assert f"{len(WRONG)} kept, 0 broken" in lint(tmp_path)

    for path, module, name in WRONG.values():
        (tmp_path / path).write_text(f'"""New."""\n\nfrom {module} import {name}\n', encoding="utf-8")
    told = lint(tmp_path)
    assert f"0 kept, {len(WRONG)} broken" in told
    sections = re.split(r"\n(.+)\n-+\n", told)
    for rule, (path, _, _) in WRONG.items():
        place = path.removesuffix(".py").replace("/", ".")
        (found,) = [text for name, text in zip(sections[1::2], sections[2::2], strict=True) if name.startswith(rule)]
        assert f"{place} -> " in found, rule


def test_plugins_may_import_what_is_named_for_them() -> None:
    """Of core's rooms, those that stand for authors: whoever adds a room decides whether it is one of them."""
    contract = ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    rooms = set(re.findall(r"\w+", contract["importlinter:contract:rooms"]["layers"]))
    forbidden = set(re.findall(r"egregora_core\.(\w+)", contract["importlinter:contract:plugins"]["forbidden_modules"]))
    assert rooms - forbidden == {"plugin", "people", "builtin"}


def test_every_package_is_under_the_contract() -> None:
    """Whoever adds a package to the repository decides where it stands."""
    contract = ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    members = {path.parent.name.replace("-", "_") for path in ROOT.glob("packages/*/pyproject.toml")}
    assert set(contract["importlinter"]["root_packages"].split()) == members
    ranks = _names(contract["importlinter:contract:packages"])
    assert ranks == members


def _names(section: Mapping[str, str]) -> set[str]:
    return set(re.findall(r"\w+", section["layers"]))


@pytest.mark.parametrize("path", ["packages/egregora-core/src/a.py", "packages/egregora-elo/src/a.py", "tests/a.py"])
def test_pandas_is_banned_everywhere(path: str) -> None:
    """No configuration of a folder lifts the ban."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", path, "-"]
    done = subprocess.run(command, input="import pandas\n", cwd=ROOT, capture_output=True, text=True, check=False)
    assert "TID251" in done.stdout
