"""What several test files need: where the collection of real chats is, if this machine has it."""

import os
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("EGREGORA_SHARED", Path(__file__).parents[2] / "shared"))
"""A folder of chat exports with their truths, beside the checkout; no part of the project."""

needs_shared = pytest.mark.skipif(
    not (SHARED / "chats").is_dir(), reason="the collection of real chats is not on this machine"
)


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
