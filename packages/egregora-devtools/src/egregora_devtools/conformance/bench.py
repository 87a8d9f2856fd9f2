"""Workspaces that a suite makes and throws away. All have one secret, so that their ids can be compared."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from egregora_core.pipeline import messages_to_read, run_ingestion, run_pipeline
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions, Summary, open_database
from egregora_core.settings import load_settings
from egregora_core.storage import PROVENANCE
from egregora_core.workspace import Workspace

Row = dict[str, Any]

_SAME_FOR_ALL = "6f1c2f0a-93b0-4c0e-8a55-0d8b7a1f5b11"


class Bench:
    """One workspace and the host that works in it. `settings` is what its egregora.toml says."""

    def __init__(self, directory: Path, app: App, settings: str, options: RunOptions) -> None:
        self.directory = directory
        self._app = app
        self._options = options
        workspace = Workspace(directory)
        workspace.create()
        workspace.secret_file.write_text(f"{_SAME_FOR_ALL}\n", encoding="ascii")
        (directory / "egregora.toml").write_text(settings, encoding="utf-8")
        self.settings = load_settings(directory, app)

    def ingest(self, *exports: Path, again: bool = False) -> Summary:
        """Read exports, each as it comes; with `again` also those that were read before."""
        options = replace(self._options, force=frozenset({"ingestion"} if again else ()))
        return run_ingestion(Command(self._app, self.settings, options), exports)

    def run(self, *exports: Path) -> Summary:
        """Take exports through all six steps."""
        return run_pipeline(Command(self._app, self.settings, self._options), exports)

    def begin_as(self, other: "Bench") -> None:
        """Take what another workspace has come to, for a test of what comes after it. A lake begins empty."""
        there, here = other.settings.database_path, self.settings.database_path
        if isinstance(there, Path) and isinstance(here, Path):
            shutil.copyfile(there, here)

    def rows(self, table: str, *, order: str = "1") -> list[Row]:
        """Return the content of a table: its rows without who wrote them and when."""
        with open_database(self.settings.database_path, read_only=True) as db:
            return content_of(db.connection, table, order=order)

    def tables(self) -> list[str]:
        with open_database(self.settings.database_path, read_only=True) as db:
            return db.tables()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows that a SELECT finds."""
        with open_database(self.settings.database_path, read_only=True) as db:
            return db.execute(sql)

    def left_out(self) -> int:
        """Return how much the sources said to have left out of the exports."""
        query = "SELECT attrs::VARCHAR FROM runs WHERE step = 'ingestion' AND status = 'completed'"
        recorded = [json.loads(attrs) for (attrs,) in self.query(query)]
        return sum(count for attrs in recorded for count in attrs.get("left_out", {}).values())

    def store_messages(self, path: Path) -> None:
        """Write the messages as a publisher gets them, for whoever cannot have this workspace open."""
        with open_database(self.settings.database_path, read_only=True) as db:
            messages_to_read(db, self.settings).to_parquet(path)

    def messages(self) -> list[Row]:
        """Return the messages as they were ingested, in reading order."""
        return self.rows("ir_messages", order="ts, seq")


@dataclass(frozen=True)
class Ran:
    """A workspace in which a plugin has run."""

    bench: Bench
    export: Path
    summary: Summary


def content_of(connection: Any, relation: str, *, order: str = "1") -> list[Row]:
    """Return the rows of a relation as JSON values, without provenance."""
    columns = f"COLUMNS(lambda name: name NOT IN {tuple(PROVENANCE)})"
    query = f"SELECT to_json(r)::VARCHAR FROM (SELECT {columns} FROM {relation} ORDER BY {order}) r"
    return [json.loads(row) for (row,) in connection.execute(query).fetchall()]


def by_id(rows: list[Row]) -> Mapping[str, Row]:
    return {row["event_id"]: row for row in rows}
