"""A source for tests whose exports say everything that a source can: each is one JSON object in a file `*.door`.

`messages` are rows with the columns of `SOURCE_COLUMNS` (`ts` in ISO 8601); `threads` and `people`, `as_of`, `facts`
and the other keys are what `Reading` has under these names. Nothing is checked here: a wrong export is a wrong source.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import desk
from egregora_core.exports import Export
from egregora_core.plugins import (
    Person,
    Reading,
    ReadOptions,
    Recognised,
    Report,
    SourceSpec,
    Thread,
    hookimpl,
)


class Door:
    """The plugin."""

    EGREGORA_API = 1
    __name__ = "door"

    @hookimpl
    def register_sources(self) -> list[SourceSpec]:
        return [SourceSpec("door", "door:recognise", "door:read")]


def recognise(export: Export) -> Recognised:
    return Recognised("certain", "its name") if export.path.suffix == ".door" else Recognised("no")


def read(export: Export, options: ReadOptions) -> Reading:
    with export.open() as file:
        said = json.load(file)
    people = said.get("people")
    return Reading(
        _batches(said["messages"]),
        said.get("thread"),
        zoned=said.get("zoned", True),
        threads=lambda: [Thread(**thread) for thread in said.get("threads", ())],
        people=None if people is None else lambda: [Person(**person) for person in people],
        as_of=datetime.fromisoformat(said["as_of"]) if "as_of" in said else said.get("wrong_as_of"),
        complete=said.get("complete", False),
        facts=said.get("facts", {}),
        report=lambda: Report(**said.get("report", {})),
    )


def _batches(messages: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    for start in range(0, len(messages), 3):
        yield [{key: _value(key, value) for key, value in row.items()} for row in messages[start : start + 3]]


def _value(key: str, value: Any) -> Any:
    if key in {"ts", "edited_at"} and value is not None:
        return datetime.fromisoformat(value)
    if key == "reactions" and value is not None:
        return [{name: _value(name, each) for name, each in one.items()} for one in value]
    return value


def say(text: str | None, author: str | None = "U1", minute: int = 0, **more: Any) -> dict[str, Any]:
    return {"ts": f"2024-05-01T10:{minute:02}:00", "author": author, "text": text, "kind": "text", **more}


class Desk(desk.Desk):
    """A workspace at which exports of this source are read."""

    plugins = (Door(),)

    def __init__(self, path: Path, settings: str = "") -> None:
        super().__init__(path, settings)
        self.exports = 0

    def write(self, messages: Sequence[Mapping[str, Any]], name: str = "", **said: Any) -> Path:
        self.exports += 1
        file = self.path / (name or f"{self.exports}.door")
        file.write_text(json.dumps({"messages": messages, **said}), encoding="utf-8")
        return file

    def called(self, name: str) -> str:
        """Return the pseudonym of whom or what is called by this name."""
        ((pseudonym,),) = self.query(f"""
            SELECT DISTINCT pseudonym FROM pseudonyms JOIN known_names USING (tenant_id, identity) WHERE name = '{name}'
        """)
        return str(pseudonym)
