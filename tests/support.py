"""What several test files need: the command in this process, plugins in a folder, the collection of real chats."""

import io
import os
import shutil
import sys
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType
from typing import Any

import pytest
from egregora_core import cli
from egregora_core.plugins import App
from egregora_core.session import Command, ProgressReport, Session, open_session, silent
from egregora_core.settings import load_settings

SHARED = Path(os.environ.get("EGREGORA_SHARED", Path(__file__).parents[2] / "shared"))
"""A folder of chat exports with their truths, beside the checkout; no part of the project."""

needs_shared = pytest.mark.skipif(
    not (SHARED / "chats").is_dir(), reason="the collection of real chats is not on this machine"
)


def some(cases: Sequence[Any], each: int) -> list[Any]:
    """Return cases of one kind, of which one of so many is tried wherever tests run, and all are in CI."""
    return [case if number % each == 0 else _in_ci(case) for number, case in enumerate(cases)]


def _in_ci(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else [case]), marks=pytest.mark.slow)


WITHOUT_REPORT = {"EGREGORA_REPORT__ENABLED": "false"}
"""For tests of something else: the report takes seconds to make, and its own tests turn it on."""
_DISABLED = "EGREGORA_PLUGINS__DISABLED"


def egregora(
    *arguments: str,
    cwd: Path,
    code: int | None = None,
    environment: Mapping[str, str] | None = None,
    site: Path | None = None,
    keys: str = "",
) -> "CompletedProcess[str]":
    """Run `egregora …` in this process, as if it was typed in the folder `cwd` with `keys` in a pipe to it.

    `code` is the exit code that it must have. `environment` comes on top of this process's. The plugins in the folder
    `site` are installed for the time of the call (see `install_plugin`). Only where the process itself is what a test
    is about (its signals, terminal, a kill) does a test have one, out of `forked.py`; and only where that is about how
    it begins (its imports, limits, a broken pipe) does Python start it: that costs a second.
    """
    given, out, err = _stream(keys), _stream(), _stream()
    with pytest.MonkeyPatch.context() as patch, _modules_of(site):
        patch.chdir(cwd)
        if "--no-plugins" not in arguments and _DISABLED not in (environment or {}):
            for name, value in WITHOUT_REPORT.items():
                patch.setenv(name, value)
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        if site is not None:
            patch.syspath_prepend(site)
            patch.setattr(sys, "dont_write_bytecode", True)  # it would hide an edit within one second
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        found = _exit_code(arguments)
    done = CompletedProcess(["egregora", *arguments], found, _text(out), _text(err))
    assert code is None or found == code, done.stdout + done.stderr
    return done


@contextmanager
def at_work(directory: Path, *, compact: bool = False, progress: ProgressReport = silent) -> Iterator[Session]:
    """Open a workspace for writing, as a command without plugins of others does."""
    app = App(discover=False)
    command = Command(app, load_settings(directory, app), progress=progress)
    with open_session(command, compact=compact) as session:
        yield session


def _exit_code(arguments: tuple[str, ...]) -> int:
    try:
        cli.main([*arguments])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 - as Python ends with whatever gets out, which --debug lets
        traceback.print_exc()
        return 1
    return 0


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextmanager
def _modules_of(site: Path | None) -> Iterator[None]:
    """Forget the modules of a folder after the block, and what others of their names had been imported before it."""
    names = {path.stem for path in site.iterdir()} if site else set()
    before = _taken(names)
    try:
        yield
    finally:
        _taken(names)
        sys.modules.update(before)


def _taken(names: set[str]) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] in names}


def shared_files(pattern: str) -> list[Path]:
    """Return the files of the collection that match, none where it is absent (a parametrised test is then skipped)."""
    return sorted((SHARED / "chats").glob(pattern))


def install_plugin(
    site: Path, distribution: str, modules: dict[str, str], *, version: str = "1.0", entry: str | None = None
) -> Path:
    """Install a distribution into the folder `site` as an installer would leave it; return its dist-info.

    `modules` are sources by module name, the first one the plugin's. `entry` is a line of the entry-point group; by
    default the plugin is called as its distribution demands.
    """
    site.mkdir(parents=True, exist_ok=True)
    for name, source in modules.items():
        (site / f"{name}.py").write_text(source, encoding="utf-8")
    line = entry or f"{distribution.removeprefix('egregora-').replace('-', '_')} = {next(iter(modules))}"
    return _write_metadata(site, distribution, version, line, [f"{name}.py" for name in modules])


def install_fake_plugin(site: Path) -> Path:
    """Install tests/plugins/egregora-fake, which uses every hook, into the folder `site`; return its package there.

    It is no member of the workspace: `uv run egregora` of whoever tries a checkout must not show it.
    """
    project = Path(__file__).parent / "plugins/egregora-fake"
    told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ((name, module),) = told["entry-points"]["egregora"].items()
    package = Path(shutil.copytree(project / "src" / module, site / module))
    files = [path.relative_to(site).as_posix() for path in sorted(package.rglob("*.py"))]
    _write_metadata(site, told["name"], told["version"], f"{name} = {module}", files)
    return package


def _write_metadata(site: Path, distribution: str, version: str, entry: str, files: Sequence[str]) -> Path:
    info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n\nAn invented plugin.\nName: no\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[console_scripts]\nx = x:x\n\n[egregora]\n{entry}\n", encoding="utf-8")
    (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
    listed = [*files, *(f"{info.name}/{name}" for name in ("METADATA", "entry_points.txt", "RECORD"))]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed), encoding="utf-8")
    return info
