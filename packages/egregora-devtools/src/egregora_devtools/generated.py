"""The files that derive from code, and whether those on disk still do.

A generated file is never edited: it has one origin, in Python, and the gate fails where the two differ.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path

from egregora_core.messages import ir_json, ir_sql

from egregora_devtools.commands_page import commands_page
from egregora_devtools.pages import ir_page, settings_page, tables_page
from egregora_devtools.rooms import rooms_page, rooms_picture


def ir_schema() -> dict[str, str]:
    """Return what derives from `IR_MESSAGES` alone: path below the checkout, content."""
    return {
        "schema/ir_v1.sql": ir_sql(),
        "schema/ir_v1.json": ir_json(),
        "docs/architecture/ir-v1-spec.md": ir_page(),
    }


def everything(checkout: Path) -> dict[str, str]:
    """Return every generated file of the checkout: path below it, content."""
    return {
        **ir_schema(),
        "docs/reference/tables.md": tables_page(),
        "docs/reference/settings.md": settings_page(checkout),
        "docs/reference/commands.md": commands_page(checkout),
        "docs/architecture/rooms.md": rooms_page(checkout),
        "docs/architecture/rooms.svg": rooms_picture(checkout),
    }


def write(files: Mapping[str, str], checkout: Path) -> list[str]:
    """Write the files that differ; return their names."""
    stale = [name for name, content in files.items() if _read(checkout / name) != content]
    for name in stale:
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8")
    return stale


def differences(files: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """Return a unified diff, from the disk to what the code says, of each file that differs."""
    found = {}
    for name, content in files.items():
        old = _read(checkout / name)
        if old != content:
            lines = difflib.unified_diff(
                old.splitlines(), content.splitlines(), name, f"{name} (from code)", lineterm=""
            )
            found[name] = "\n".join(lines)
    return found


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
