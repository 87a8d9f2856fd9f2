"""What the tests of platforms share: exports that they write, and what comes out at the public way."""

import json
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import desk
from egregora_core.errors import EgregoraError
from egregora_core.exports import Export
from egregora_core.ingestion import tables
from egregora_core.plugins import App, ReadOptions, SourceSpec


def write(path: Path, content: Any) -> Path:
    """Write an export: a text, bytes, a JSON value, or a folder of such by their names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Mapping) and all(isinstance(name, str) and "." in name for name in content):
        path.mkdir(exist_ok=True)
        for name, each in content.items():
            write(path / name, each)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8", newline="")
    return path


def zipped(folder: Path) -> Path:
    """Pack a folder into a zip beside it."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


class Desk(desk.Desk):
    """A workspace with the built-in plugins alone, at which exports are read."""

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of all messages in reading order; what is no column is a key of `attrs`."""
        own = {"msg_id", "ts", "author_raw", "text", "media_type", "media_url"}
        chosen = [name if name in own else f"attrs->>'{name}'" for name in columns]
        return self.query(f"SELECT {', '.join(chosen)} FROM ir_messages ORDER BY ts, seq, thread_id")


@cache
def _app() -> App:
    return App(discover=False)


def read(source: str, path: Path, **settings: Any) -> list[dict[str, Any]]:
    """Return the rows that a source reads, checked as the host checks them."""
    app = _app()
    with Export(path) as export:
        reading = app.resolve(spec(app, source).read)(export, ReadOptions(), **settings)
        return [row for table in tables(source, reading) for row in table.to_pylist()]


def spec(app: App, source: str) -> SourceSpec:
    return next(each.spec for each in app.sources if each.spec.name == source)


def sure(source: str, path: Path) -> str:
    """Return how surely a source takes an export for its own."""
    app = _app()
    with Export(path) as export:
        said: str = app.resolve(spec(app, source).recognise)(export).sure
        return said


def survives(source: str, path: Path) -> bool:
    """Recognise and read what may be damaged; tell whether it was read. Only errors of ours are let pass."""
    try:
        sure(source, path)
        read(source, path)
    except EgregoraError:
        return False
    return True


def people_in(at: Desk) -> set[str]:
    """Return all names of people that a workspace knows."""
    return {name for (name,) in at.query("SELECT name FROM known_names WHERE kind IN ('person', 'bot')")}


def leaked(at: Desk) -> set[str]:
    """Return the names of people that are in what comes out of privacy; pseudonyms may have letters of short ones."""
    rows = at.query("SELECT columns(c -> c <> 'created_at')::VARCHAR FROM stage_privacy")
    out = "\n".join(str(row) for row in rows)
    for (pseudonym,) in at.query("SELECT pseudonym FROM pseudonyms"):
        out = out.replace(pseudonym, " ")
    return {name for name in people_in(at) if name in out}
