"""What several test files need: where the collection of real chats is, if this machine has it."""

import os
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
    module = next(iter(modules))
    info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    for name, source in modules.items():
        (site / f"{name}.py").write_text(source, encoding="utf-8")
    metadata = f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n\nAn invented plugin.\nName: no\n"
    line = entry or f"{distribution.removeprefix('egregora-').replace('-', '_')} = {module}"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[console_scripts]\nx = x:x\n\n[egregora]\n{line}\n", encoding="utf-8")
    (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
    files = [f"{name}.py" for name in modules] + [f"{info.name}/{name}" for name in ("METADATA", "entry_points.txt")]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in [*files, f"{info.name}/RECORD"]), encoding="utf-8")
    return info
