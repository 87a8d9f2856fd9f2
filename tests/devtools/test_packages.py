"""The packages of the repository agree with each other, and each fact about them stands in one place."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))


def project(package: Path) -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_version_is_written_once(package: Path) -> None:
    """A package's version stands in its `__init__.py`, from where its metadata take it."""
    content = project(package)
    source = package / content["tool"]["hatch"]["version"]["path"]
    written = re.findall(r'^__version__ = "(.+)"$', source.read_text(encoding="utf-8"), re.MULTILINE)

    assert "version" not in content["project"]
    assert content["project"]["dynamic"] == ["version"]
    assert written == [version(package.name)]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_packages_declare_the_same_pythons(package: Path) -> None:
    """All packages run on the Pythons that core runs on, and say so."""
    core, this = project(ROOT / "packages/egregora-core")["project"], project(package)["project"]

    assert this["requires-python"] == core["requires-python"]
    assert _pythons(this) == _pythons(core)
    assert f">={_pythons(core)[0]}" == core["requires-python"]


def _pythons(content: dict[str, Any]) -> list[str]:
    found = (re.fullmatch(r"Programming Language :: Python :: (\d\.\d+)", each) for each in content["classifiers"])
    return [match[1] for match in found if match]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_licence_is_the_repositorys(package: Path) -> None:
    """Each package carries the licence, word for word."""
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_version_option_shows_core_and_plugins() -> None:
    """`egregora --version` prints the version of core and of each plugin that is installed."""
    printed = subprocess.run(
        [sys.executable, "-m", "egregora_core", "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(rf"egregora-core\s+{re.escape(version('egregora-core'))}", printed)
    for package in PACKAGES:
        if "egregora" in project(package)["project"].get("entry-points", {}):
            assert re.search(rf"{package.name}\s+{re.escape(version(package.name))}", printed)


def test_a_checkout_shows_its_users_no_plugin_of_the_tests() -> None:
    """`uv run egregora` in a fresh clone installs what is published and its tools, nothing that only tests need."""
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["workspace"]
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["manifest"]["members"]

    assert workspace["members"] == ["packages/*"]
    assert set(locked) == {"egregora-workspace", *(package.name for package in PACKAGES)}
