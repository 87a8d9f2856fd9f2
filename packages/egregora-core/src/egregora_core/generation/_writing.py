"""Run writers over the units that need work, and keep what they wrote before.

A unit's documents stand while its messages (`unit_fingerprint`) and the writer (`BoundWriter.code_hash`) are
as they were. What was done is noted in `stage_generation_units`, since a unit may rightly yield no document
at all; the table is derived, and dropping it only means that everything is written again.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from egregora_core.errors import StageError
from egregora_core.generation._document_checks import checked_documents
from egregora_core.generation._document_store import GENERATION_UNITS, DocumentStore
from egregora_core.generation._unit_messages import UnitRow, read_units
from egregora_core.generation._windows import Chats, authors_sql, windows_sql
from egregora_core.interrupts import interruptible
from egregora_core.plugins import Document, Unit

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.settings import WindowSettings
    from egregora_core.storage import Connection

COMMIT_SECONDS = 0.25
"""Finished units wait at most this long for the next commit, or for the end of a slow writer's call."""

_REPORTED_FAILURES = 20


@dataclass(frozen=True)
class BoundWriter:
    """A writer, resolved: its function, the settings that it names, and what its work depends on."""

    name: str
    unit: Literal["window", "author"]
    version: str
    function: Callable[..., Iterable[Document]]
    settings: Mapping[str, Any]
    config_hash: str
    code_ref: str

    def code_hash(self, timezone: str) -> str:
        """Return what a unit's documents depend on beside its messages; `timezone` is the unit's."""
        parts = (self.version, self.config_hash, self.code_ref, timezone)
        return hashlib.md5(json.dumps(parts).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class WriterPlan:
    """What one writer has to do."""

    writer: BoundWriter
    units: int
    work: frozenset[str]
    """Keys of the units to write."""
    orphans: tuple[str, ...]
    """Keys of units that are gone: their documents go too."""

    @property
    def reused(self) -> int:
        return self.units - len(self.work)

    @property
    def stands(self) -> bool:
        return not self.work and not self.orphans


@dataclass(frozen=True)
class Plan:
    """What a call of `write_units` will do; making it writes nothing."""

    chats: Chats
    writers: tuple[WriterPlan, ...]
    units: Mapping[str, Sequence[UnitRow]]
    """Rows of the units queries, by kind, of the kinds that some writer wants."""

    @property
    def total(self) -> int:
        """How many calls of a writer it takes."""
        return sum(len(plan.work) for plan in self.writers)


@dataclass
class WriterOutcome:
    """How one writer fared."""

    writer: str
    unit: Literal["window", "author"]
    units: int
    reused: int
    written: int = 0
    failed: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    """How many of its documents stand now, by kind."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    """The first failures: unit key and type of the error, never its text, which might quote a message."""

    @property
    def status(self) -> Literal["completed", "degraded", "failed"]:
        if not self.failed:
            return "completed"
        return "degraded" if self.written or self.reused else "failed"

    def facts(self) -> dict[str, Any]:
        """Return the aggregates that the run's `attrs` hold."""
        noun = f"{self.unit}s"
        facts: dict[str, Any] = {f"num_{noun}": self.units, f"{noun}_reused": self.reused}
        facts |= {f"total_{kind}s": number for kind, number in sorted(self.documents.items())}
        if self.failed:
            facts |= {f"{noun}_failed": self.failed, "failures": [list(pair) for pair in self.failures]}
        return facts


def plan_units(
    con: "Connection", chats: Chats, writers: Sequence[BoundWriter], windows: "WindowSettings", *, force: bool = False
) -> Plan:
    """Compare every unit with what was written from it before. Reads only: a query per kind of unit."""
    queries = {"window": windows_sql(chats, windows), "author": authors_sql(chats)}
    wanted = {writer.unit for writer in writers}
    units: dict[str, Sequence[UnitRow]] = {kind: _rows(con, query) for kind, query in queries.items() if kind in wanted}
    plans = tuple(_plan_writer(con, chats.tenant, writer, units[writer.unit], force=force) for writer in writers)
    return Plan(chats, plans, units)


def _plan_writer(
    con: "Connection",
    tenant: str,
    writer: BoundWriter,
    units: Sequence[UnitRow],
    *,
    force: bool,
) -> WriterPlan:
    counts: dict[str, int] = dict(
        con.execute(
            "SELECT coalesce(attrs->>'unit', ''), count(*) FROM documents WHERE tenant_id = ? AND writer = ? "
            "GROUP BY 1",
            [tenant, writer.name],
        ).fetchall()
    )
    done: dict[str, tuple[str, str, int]] = {}
    if _has_units_table(con):
        rows = con.execute(
            "SELECT unit_key, unit_fingerprint, code_hash, documents FROM stage_generation_units "
            "WHERE tenant_id = ? AND writer = ?",
            [tenant, writer.name],
        ).fetchall()
        done = {key: (fingerprint, code, documents) for key, fingerprint, code, documents in rows}
    codes = {zone: writer.code_hash(zone) for zone in {unit["timezone"] for unit in units}}
    work = frozenset(
        key
        for unit in units
        for key in [unit["unit_key"]]
        if force or done.get(key) != (unit["unit_fingerprint"], codes[unit["timezone"]], counts.get(key, 0))
    )
    orphans = (counts.keys() | done.keys()) - {unit["unit_key"] for unit in units}
    return WriterPlan(writer, len(units), work, tuple(sorted(orphans)))


def _has_units_table(con: "Connection") -> bool:
    return bool(
        con.execute(
            "SELECT 1 FROM duckdb_tables() WHERE table_name = ? AND database_name = current_database()",
            [GENERATION_UNITS.name],
        ).fetchall()
    )


def _rows(con: "Connection", query: str) -> list[UnitRow]:
    rows: list[UnitRow] = con.execute(query).to_arrow_table().to_pylist()
    return rows


def write_units(
    con: "Connection",
    plan: Plan,
    store: DocumentStore,
    *,
    interval: float = COMMIT_SECONDS,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[WriterOutcome]:
    """Call the writers on the units that need work; return how each fared, in the plan's order.

    Commits on `con`, which must not be inside a transaction. Finished units are committed every `interval`
    seconds (at once where a call is slow), each with its documents in place of the old ones; a unit whose
    writer raises keeps its old documents and is tried again by the next run.
    """
    outcomes = {
        one.writer.name: WriterOutcome(one.writer.name, one.writer.unit, one.units, one.reused) for one in plan.writers
    }
    store.prepare({one.writer.name: one.orphans for one in plan.writers})
    done = 0
    progress(done, plan.total)
    for kind, units in plan.units.items():
        busy = [one for one in plan.writers if one.writer.unit == kind and one.work]
        needed = [unit for unit in units if any(unit["unit_key"] in one.work for one in busy)]
        with closing(con.cursor()) as cursor, interruptible(cursor):
            try:
                for unit, messages in read_units(cursor, plan.chats, kind, needed):
                    for one in busy:
                        if unit["unit_key"] in one.work:
                            _write_unit(one.writer, unit, messages, store, outcomes[one.writer.name])
                            store.flush_if_due(interval)
                            done += 1
                            progress(done, plan.total)
            finally:
                store.flush()
    for outcome in outcomes.values():
        outcome.documents = store.counts(outcome.writer)
    return list(outcomes.values())


def _write_unit(
    writer: BoundWriter, row: UnitRow, messages: "pa.Table", store: DocumentStore, outcome: WriterOutcome
) -> None:
    try:
        unit = _unit(writer.unit, row, messages)
        documents = checked_documents(writer.name, writer.function(unit, **writer.settings))
    except Exception as error:  # noqa: BLE001  # a writer may raise anything; its unit fails, the others go on
        outcome.failed += 1
        if len(outcome.failures) < _REPORTED_FAILURES:
            what = str(error) if type(error) is StageError else type(error).__name__
            outcome.failures.append((row["unit_key"], what))
        return
    outcome.written += 1
    store.add(writer.name, writer.code_hash(row["timezone"]), row, documents)


def _unit(kind: Literal["window", "author"], row: UnitRow, messages: "pa.Table") -> Unit:
    return Unit(
        kind=kind,
        key=row["unit_key"],
        thread_id=UUID(row["thread_id"]) if row["thread_id"] else None,
        author_uuid=UUID(row["author_uuid"]) if row["author_uuid"] else None,
        window_start=row["window_start"].astimezone(UTC),
        window_end=row["window_end"].astimezone(UTC),
        timezone=row["timezone"],
        messages=messages,
    )
