"""Where the long work is done: on this machine, or as tasks on a cluster. Five verbs are all that the steps know of it.

An engine never gets SQL of ours to translate: what decides a result (hashes, ids, patterns, windows) is DuckDB's
everywhere. A cluster gets paths and runs `run_task` on each; no row and no name is in what it is sent or logs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from egregora_core.errors import UsageError
from egregora_core.pipeline._jobs import Job
from egregora_core.session import Session
from egregora_core.storage import Database, literal
from egregora_core.workspace import unknown_key

Column = Literal["thread_id", "author_uuid"]

LOCAL = "local"
_MADE = "made_by_stage"


@dataclass(frozen=True)
class Part:
    """Some rows of a relation: files that every machine reaches, or on one machine a SELECT of all of them."""

    rows: str = ""
    """A parenthesised SELECT or the name of a temporary table; empty where there are files."""
    files: tuple[tuple[str, str | None], ...] = ()
    """Parquet files, each with one that says which of its rows are deleted, if any."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the task told that made it: counts and sums, no rows."""
    held: Any = None
    """What has to live as long as the SELECT is used."""


Parts = Sequence[Part]


class Engine(Protocol):
    """Where stages and writers work: a relation is taken apart and worked on, and what is made put into a table."""

    def relation(self, table: str, rows: int) -> Parts:
        """Return a table's rows, some `rows` of the tenant, in parts."""

    def by(self, parts: Parts, column: Column) -> Parts:
        """Return the same rows so that all of one thread or author are in one part."""

    def map(self, parts: Parts, job: Job) -> Parts:
        """Do a job on each part; return what it made of each."""

    def collect(self, parts: Parts) -> list[Mapping[str, Any]]:
        """Return what the tasks told of what they made: small by construction."""

    def publish(self, parts: Parts, table: str) -> None:
        """Add the rows of the parts to a table that is there, inside the caller's transaction."""


class LocalEngine:
    """One process on one machine: a relation is one part, and a job a SELECT over it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def relation(self, table: str, rows: int) -> Parts:  # noqa: ARG002 - as the protocol says
        """Return all of it: the engine reads a table in batches by itself."""
        return (Part(rows=table),)

    def by(self, parts: Parts, column: Column) -> Parts:  # noqa: ARG002 - as the protocol says
        return parts

    def map(self, parts: Parts, job: Job) -> Parts:
        """Return the SELECT; in a lake what it gives, beside the tables, so that no transaction is open for long."""
        db = self._session.db
        made = []
        for _part in parts:
            select, held = job.select(db)
            rows = f"({select})"
            if db.is_lake:
                db.execute(f"CREATE OR REPLACE TEMP TABLE {_MADE} AS FROM {rows}")
                rows = f"temp.{_MADE}"
            made.append(Part(rows=rows, held=held))
        return made

    def collect(self, parts: Parts) -> list[Mapping[str, Any]]:
        return [part.told for part in parts]

    def publish(self, parts: Parts, table: str) -> None:
        for part in parts:
            self._session.db.execute(f"INSERT INTO {table} FROM {part.rows}")


Tasks = Callable[[str, Sequence[str]], Iterable[str]]
"""Given the path of a job and parts as JSON: calls `run_task(job, part)` for each, anywhere; returns the answers."""


@contextmanager
def engine_for(session: Session) -> Iterator[Engine]:
    """Yield the engine that `[engine] name` says; raises UsageError where there is none of this name, or no lake."""
    wanted = session.settings.engine.name
    if wanted == LOCAL:
        yield LocalEngine(session)
        return
    found = {provided.spec.name: provided.spec for provided in session.app.engines}
    if wanted not in found:
        raise UsageError(
            f"[engine] name is {wanted!r}, which no installed plugin has{unknown_key(wanted, [LOCAL, *found])}; "
            f"there are {', '.join([LOCAL, *sorted(found)])}{session.app.broken}"
        )
    if not session.db.is_lake:
        raise UsageError(
            f"engine {wanted!r} puts its results into a lake, which all of its machines reach: see [database] url; "
            "`egregora migrate` moves this workspace into one"
        )
    connect: Callable[[Any], AbstractContextManager[Tasks]] = session.app.resolve(found[wanted].connect)
    from egregora_core.pipeline._lake_engine import LakeEngine

    with ExitStack() as ending:
        engine = LakeEngine(session, lambda: ending.enter_context(connect(session.settings.engine)))
        ending.callback(engine.clear)
        yield engine


def add_files(db: Database, table: str, files: Iterable[str]) -> None:
    """Make Parquet files part of a table of a lake, which owns them from then on."""
    for file in files:
        db.execute(f"SELECT count(*) FROM ducklake_add_data_files('lake', {literal(table)}, {literal(file)})")


__all__ = ["LOCAL", "Column", "Engine", "LocalEngine", "Part", "Parts", "Tasks", "add_files", "engine_for"]
