"""The template makes packages that are complete: installed, they are found, and their own tests pass."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from egregora_devtools.cli import Kind
from egregora_devtools.new_plugin import make_plugin
from support import egregora

ROOT = Path(__file__).parents[2]
KINDS = [kind.value for kind in Kind]


def run(*command: str | Path, cwd: Path, site: Path | None = None, **variables: str) -> str:
    """Run a command; return what it printed, or fail with it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EGREGORA_")}
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    done = subprocess.run(command, cwd=cwd, env=environment | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow  # two processes
def test_command_makes_a_package(tmp_path: Path) -> None:
    """`egregora-dev new-plugin` says where the package is and what to do next; a second one is refused."""
    command = [sys.executable, "-c", "from egregora_devtools.cli import main; main()", "new-plugin", "tele-gram"]
    command += ["--kind", "source", "--into", str(tmp_path)]
    assert "egregora-tele-gram: a plugin whose tests pass" in run(*command, cwd=tmp_path)

    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize("name", ["", "9lives", "class", "Ünï", "whatsapp", "core", "a b"])
def test_impossible_names_are_refused(name: str, tmp_path: Path) -> None:
    """A name that is no module's, or is taken, makes nothing and says why."""
    with pytest.raises(ValueError, match="name"):
        make_plugin(name, "source", tmp_path)
    assert not list(tmp_path.iterdir())


@dataclass(frozen=True)
class Made:
    """One package of each kind, and a directory in which all are installed from their wheels."""

    packages: dict[str, Path]
    dist: Path
    site: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Packages made from the template, built and installed."""
    root = tmp_path_factory.mktemp("made")
    packages = {kind: make_plugin(f"my_{kind}", kind, root) for kind in KINDS}
    for package in packages.values():
        run("uv", "build", "--quiet", "--out-dir", root / "dist", package, cwd=root)
    wheels = sorted((root / "dist").glob("*.whl"))
    run("uv", "pip", "install", "--quiet", "--no-deps", "--target", root / "site", *wheels, cwd=root)
    return Made(packages, root / "dist", root / "site")


@pytest.mark.slow  # builds wheels
@pytest.mark.parametrize("kind", KINDS)
def test_package_is_complete(kind: str, made: Made) -> None:
    """It has all that a package has, nothing is left to fill in, and the wheel holds the marker and no tests."""
    package = made.packages[kind]
    (wheel,) = made.dist.glob(f"egregora_my_{kind}-*.whl")
    (sdist,) = made.dist.glob(f"egregora_my_{kind}-*.tar.gz")
    names = zipfile.ZipFile(wheel).namelist()

    assert {"LICENSE", "README.md", "pyproject.toml", ".gitignore"} <= {path.name for path in package.iterdir()}
    assert "pytest" in (package / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert "[[" not in "".join(path.read_text(encoding="utf-8") for path in package.rglob("*") if path.is_file())
    assert f"egregora_my_{kind}/py.typed" in names
    assert not [name for name in names if "test" in name]
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("tests/test_conformance.py") for name in archive.getnames())


@pytest.mark.slow  # builds wheels
@pytest.mark.parametrize("kind", KINDS)
def test_installed_package_is_found(kind: str, made: Made, tmp_path: Path) -> None:
    """The host lists what it provides."""
    info = egregora("plugins", "info", f"my_{kind}", cwd=tmp_path, code=0, site=made.site).stdout
    assert f"{kind} my_{kind}" in info


@pytest.mark.slow  # builds wheels
def test_tests_of_installed_packages_pass(made: Made) -> None:
    """Its tests pass on what was installed, without a warning: those of all kinds in one process.

    Of a source a few do: `scripts/wheels.sh` runs all of them on what it has installed, in the oldest versions.
    """
    configured = made.packages[KINDS[0]] / "pyproject.toml"
    suites = [made.packages[kind] / "tests" for kind in KINDS]
    options = ("-rA", "--import-mode=importlib", "-c", configured, "--rootdir", configured.parents[1])
    strict = (
        "-W",
        "error",
        "-W",
        "ignore:fetch_arrow_table:DeprecationWarning",
    )  # ibis calls it; nothing else may warn
    some = ("-k", "not TestSource or recognises or nothing_is_lost or registration")
    report = run(sys.executable, "-m", "pytest", *options, *strict, *some, *suites, cwd=made.site, site=made.site)
    assert "FAILED" not in report
    for package in made.packages.values():
        assert re.search(rf"PASSED \S*\b{package.name}/tests/", report), report


@pytest.mark.slow  # builds wheels, and mypy reads ibis
def test_code_of_packages_is_linted_typed_and_formatted(made: Made) -> None:
    """Whoever starts from the template starts clean."""
    sources = [package / "src" for package in made.packages.values()]
    run(sys.executable, "-m", "ruff", "check", "--isolated", *sources, cwd=made.site)
    run(sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--line-length=120", *sources, cwd=made.site)
    # As this project's own code: what mypy knows of core and ibis is then what CI's check of that has found out before.
    types = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    run(*types, *sources, cwd=ROOT, MYPYPATH=os.pathsep.join(map(str, sources)))


def test_template_and_devtools_ask_for_the_same_python() -> None:
    """A plugin made today runs on every Python that Egregora runs on."""
    ours = tomllib.loads((ROOT / "packages/egregora-core/pyproject.toml").read_text(encoding="utf-8"))["project"]
    template = ROOT / "packages/egregora-devtools/src/egregora_devtools/template/package"
    pythons = [line.rpartition(" ")[2] for line in ours["classifiers"] if "Python :: 3." in line]

    assert f'requires-python = "{ours["requires-python"]}"' in (template / "pyproject.toml.jinja").read_text("utf-8")
    workflow = (template / ".github/workflows/ci.yml.jinja").read_text("utf-8")
    assert f'python: ["{pythons[0]}", "{pythons[-1]}"]' in workflow
