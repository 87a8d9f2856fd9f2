"""What a source makes of an export, as the host takes it: rows of the tables that are checked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from egregora_core.exports import Export
from egregora_core.ingestion import choose_source, tables
from egregora_core.plugins import App, Person, ReadOptions, Report, Thread

APP = App(discover=False)


def moment(*parts: int) -> datetime:
    """Return a time as columns have it: without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]  # as many as are given


@dataclass(frozen=True)
class Read:
    """An export that was read to its end."""

    source: str
    sure: str
    zoned: bool
    complete: bool
    rows: list[dict[str, Any]]
    """With the columns that are not null."""
    threads: dict[str, Thread]
    people: dict[str, Person]
    report: Report

    def column(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.rows]


def read_export(path: Path, thread: str | None = None) -> Read:
    """Read an export by the source that is surest of it."""
    with Export(path) as export:
        chosen = choose_source(APP, export)
        reading = APP.resolve(chosen.spec.read)(export, ReadOptions(thread=thread))
        found = [row for table in tables(chosen.spec.name, reading) for row in table.to_pylist()]
        rows = [{key: value for key, value in row.items() if value is not None} for row in found]
        for row in rows:
            for key in ("media", "reactions"):
                row.update({key: [_known(each) for each in row[key]]} if row.get(key) else {})
        return Read(
            chosen.spec.name,
            chosen.recognised.sure if chosen.recognised else "",
            reading.zoned,
            reading.complete,
            [{"thread": reading.thread, **row} for row in rows],
            {each.id: each for each in reading.threads()},
            {each.id: each for each in (reading.people or tuple)()},
            reading.report(),
        )


def _known(each: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in each.items() if value is not None}
