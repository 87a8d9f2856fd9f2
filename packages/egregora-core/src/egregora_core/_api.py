"""A workspace in a notebook: the same verbs as the command line, and its tables as ibis tables.

While a table is open for reading nobody else can write, so the verbs that write close what was read before: take
`messages` and the others anew after `run`.
"""

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from egregora_core.errors import NoDatabaseError
from egregora_core.pipeline import (
    Choice,
    Forgotten,
    Form,
    Format,
    export_messages,
    forget,
    format_of,
    last_message_table,
    republish,
    run_ingestion,
    run_pipeline,
)
from egregora_core.plugins import App, DateOrder
from egregora_core.session import Command, RunOptions, Summary, database_exists, open_database, open_session
from egregora_core.settings import LoadedSettings, load_settings
from egregora_core.storage import Database
from egregora_core.workspace import read_early

ExportPath = str | os.PathLike[str]


class RunArguments(TypedDict, total=False):
    """What a run may be told, as on the command line."""

    timezone: str
    """IANA zone of the phone that exported, for exports that give none."""
    date_order: DateOrder
    year: int
    """That of the first message, where dates have no year."""
    thread: str
    """The chat's title, where the file's name does not tell it."""
    replace: bool
    """Forget the stored messages of the chat first."""
    force: Sequence[str] | str
    """Steps or stages that run again although they stand; `all`."""
    dry_run: bool
    limit: int
    """How many units of each writer are written at most."""
    send_to: Sequence[str]
    """Places off this machine that messages may be sent to, from now on."""
    yes: bool
    """Spend also more than `[pipeline] ask_above`; else that is an error."""
    tables: Sequence[str] | str
    """Tables to read messages from instead of exports: of this database, or of one that `[database.attach]` names."""
    parquet: Sequence[str] | str
    """The same with Parquet files: paths, patterns, directories or addresses."""
    queries: Sequence[str] | str
    """The same with SELECTs."""


class Workspace:
    """One workspace directory, new or not. Use it as a context manager, or `close` it, to let others write."""

    def __init__(self, directory: Path, tenant: str | None = None) -> None:
        early = read_early(directory)
        self.directory = directory
        self._app = App(disabled=early.disabled, strict=early.strict)
        self._settings: LoadedSettings = load_settings(directory, self._app, {"workspace.tenant": tenant})
        self._app.require(self._settings.plugins.required)
        self._reading: Database | None = None
        for warning in (*self._app.warnings, *self._settings.warnings):
            warnings.warn(warning, stacklevel=3)

    def __repr__(self) -> str:
        return f"<egregora workspace {str(self.directory)!r}, tenant {self.tenant!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; tables that were taken from it are of no more use."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.__exit__(None, None, None)

    @property
    def tenant(self) -> str:
        return str(self._settings.workspace.tenant)

    # --- what writes ----------------------------------------------------------------------------------------------

    def run(self, *exports: ExportPath, **said: Unpack[RunArguments]) -> Summary:
        """Take exports (without any: what is stored) through all six steps; what is unchanged stands.

        The summary's `lines` say what ran and why. Raises an EgregoraError, with all that was finished before it kept.
        """
        return run_pipeline(self._command(said), [Path(export) for export in exports])

    def ingest(self, *exports: ExportPath, **said: Unpack[RunArguments]) -> Summary:
        """Take exports through the first step alone: into the message table."""
        return run_ingestion(self._command(said), [Path(export) for export in exports])

    def forget(self, *, thread: str | None = None, author: str | None = None, source: str | None = None) -> Forgotten:
        """Remove the messages of exactly one of these, and everything derived from them, for good; nobody is asked.

        Pages that were edited by hand stay, and may still hold what was forgotten: `kept` of the result lists them.
        Raises UsageError where nothing fits.
        """
        Choice(thread, author, source)
        if not database_exists(self._settings.database_path):
            raise NoDatabaseError(self._settings.database_path)
        with open_session(self._command({}), compact=True) as session:
            gone = forget(session, thread=thread, author=author, source=source)
            kept = republish(session)
        return replace(gone, kept=tuple(kept))

    def _command(self, said: RunArguments) -> Command:
        self.close()
        options: dict[str, Any] = dict(said)
        return Command(self._app, self._settings, RunOptions(**options))

    # --- what reads -----------------------------------------------------------------------------------------------

    @property
    def messages(self) -> Any:
        """All messages after privacy and enrichment, as an ibis table with the columns of IR v1: no name is in it.

        Ids and JSON (`attrs`) are text here and in the other tables, since polars knows neither:
        `messages.attrs.cast("json")["kind"].str` looks into one.
        """
        return self._table(last_message_table(self._database(), self.tenant))

    @property
    def documents(self) -> Any:
        """What writers wrote, as an ibis table."""
        return self._table("documents")

    @property
    def runs(self) -> Any:
        """One row for each execution of a stage, as an ibis table."""
        return self._table("runs")

    @property
    def chats(self) -> Any:
        """One row for each chat: `thread_id`, `source`, `thread` (its pseudonym), `messages`, `first`, `last` (UTC)."""
        found = self.messages
        found = found.mutate(thread=found.attrs.cast("json")["thread"].str)
        return found.group_by("thread_id", "source").agg(
            thread=found.thread.max(), messages=found.count(), first=found.ts.min(), last=found.ts.max()
        )

    @property
    def people(self) -> Any:
        """One row for each author: `author_uuid`, `author` (a pseudonym), `messages`, `first`, `last` (UTC)."""
        found = self.messages
        found = found.filter(found.author_raw != "")
        return found.group_by("author_uuid").agg(
            author=found.author_raw.max(), messages=found.count(), first=found.ts.min(), last=found.ts.max()
        )

    def query(self, sql: str) -> Any:
        """Return what a SELECT, in DuckDB's SQL, finds in this database, as an ibis table; ids and JSON are text."""
        return _as_text(self._database().ibis().sql(sql))

    def export(
        self,
        path: ExportPath,
        format: Format | None = None,  # noqa: A002 - what the command line calls it
        *,
        raw: bool = False,
        exact: bool = False,
    ) -> int:
        """Write all messages to a file, pseudonymised unless `raw`; return how many.

        Without a format the file's name says it, else it is Parquet.
        Cells of a CSV that a spreadsheet would run are made harmless unless `exact`.
        """
        return export_messages(
            self._database(), self.tenant, Form(format_of(Path(path), format), raw, exact), Path(path)
        )

    def _table(self, name: str) -> Any:
        table = self._database().ibis().table(name)
        return _as_text(table.filter(table.tenant_id == self.tenant))

    def _database(self) -> Database:
        """Return the database, open for reading; raises NoDatabaseError where there is none yet."""
        if self._reading is None:
            path = self._settings.database_path
            if not database_exists(path):
                raise NoDatabaseError(path)
            opened = open_database(path, read_only=True, lock_timeout=self._settings.database.lock_timeout)
            self._reading = opened.__enter__()
        return self._reading


def _as_text(table: Any) -> Any:
    """Return a table of which polars and pandas know every type."""
    unknown = {name: "string" for name, kind in table.schema().items() if kind.is_uuid() or kind.is_json()}
    return table.cast(unknown) if unknown else table
