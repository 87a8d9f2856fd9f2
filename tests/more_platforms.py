"""Exports of egregora-sources as tests of any platform need them: written, read, and read into a workspace."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import desk
import egregora_sources
import pytest
from egregora_core.exports import Export
from egregora_core.ingestion import tables
from egregora_core.plugins import Reading, ReadOptions, Recognised
from hypothesis import strategies as st


class Read:
    """What a source reads of an export, checked as the host checks it; nothing is stored."""

    def __init__(self, source: Any, path: Path, **options: Any) -> None:
        with Export(path) as export:
            self.recognised: Recognised = source.recognise(export)
            self.reading: Reading = source.read(export, ReadOptions(**options))
            self.rows = [row for table in tables("it", self.reading) for row in table.to_pylist()]
        for row in self.rows:
            row["ts"] = f"{row['ts']:%Y-%m-%d %H:%M:%S}"
        self.threads = {thread.id: thread for thread in self.reading.threads()}
        self.people = {person.id: person for person in (self.reading.people or tuple)()}
        self.report = self.reading.report()

    def called(self, person: str) -> str:
        return self.people[person].names[0] if person in self.people else person


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write an export of one file; where the name has folders, the export is the outermost of them."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return folder / name.partition("/")[0]


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def sample(platform: str) -> Path:
    """Return the folder of a platform's samples; the test is left out where they are not."""
    folder = Path(__file__).parents[1] / "../shared/chats" / platform
    if not folder.is_dir():
        pytest.skip("the samples are not here")
    return folder


def damage(data: st.DataObject, content: bytes) -> bytes:
    """Return an export with some of it cut out, doubled, or written over."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 200)))
        how = data.draw(st.sampled_from(["cut", "double", "noise", "end"]))
        instead = {"noise": data.draw(st.binary(max_size=20)), "double": content[start:end] * 2}.get(how, b"")
        content = content[:start] + (b"" if how == "end" else instead + content[end:])
    return content


class Shelf(desk.Desk):
    """A workspace, and the exports that tests put beside it."""

    plugins = (egregora_sources,)

    def __init__(self, path: Path, timezone: str | None = None) -> None:
        super().__init__(path, timezone=timezone)

    def messages(self) -> list[tuple[str, str, str | None, str]]:
        """Return time (UTC, whole seconds), author, text and attrs of all messages, in their order."""
        return self.query(
            "SELECT strftime(ts AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S'), author_raw, text, attrs::VARCHAR "
            "FROM ir_messages ORDER BY ts, seq, thread_id"
        )

    def attrs(self, where: str = "true") -> list[dict[str, Any]]:
        found = self.query(f"SELECT attrs::VARCHAR FROM ir_messages WHERE {where} ORDER BY ts, seq, thread_id")
        return [json.loads(attrs) for (attrs,) in found]

    def called(self, people: Sequence[str]) -> list[str]:
        """Return the names of people who are given by their ids."""
        names = dict(self.query("SELECT identity::VARCHAR, name FROM known_names WHERE place = 0"))
        return [names.get(each, each) for each in people]


__all__ = ["Read", "Shelf", "damage", "put", "sample", "zipped"]
