"""Which units need work: those whose messages, or the writer, are not as they were when they were last written.

A unit that failed is tried again, but for one that its writer refused: that one waits until something changes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from egregora_core.generation._document_store import GENERATION_UNITS, failed_on
from egregora_core.generation._guard import Guard
from egregora_core.generation._unit_messages import UnitRow
from egregora_core.generation._windows import Chats, authors_sql, windows_sql
from egregora_core.plugins import Document, Kept, Spent, UnitSize
from egregora_core.storage import column_names, literal

if TYPE_CHECKING:
    from egregora_core.settings import WindowSettings
    from egregora_core.storage import Connection


@dataclass(frozen=True)
class BoundWriter:
    """A writer, resolved: its function, what that is called with, and what its work depends on."""

    name: str
    unit: Literal["window", "author"]
    version: str
    function: Callable[..., Iterable[Document | Spent | Kept]]
    settings: Mapping[str, Any]
    config_hash: str
    code_ref: str
    concurrency: int = 1
    """How many units it is given at once, each in a thread of its own."""
    guard: Guard | None = None
    """What its documents are looked at with; None for one that is trusted."""
    keeps: str = ""
    """The table in which it keeps things; empty where there is none."""
    left_out: frozenset[str] = frozenset()
    """Keys of units that another writer writes in its place."""

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
    refused: Mapping[str, str] = field(default_factory=dict)
    """Keys of the units that are not tried again, each with the writer's reason."""
    failed: frozenset[str] = frozenset()
    """Keys of the units to write that failed before."""
    left: int = 0
    """How many units need work that a limit leaves for later."""

    @property
    def reused(self) -> int:
        return self.units - len(self.work) - len(self.refused) - self.left


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

    def limited(self, limit: int | None) -> "Plan":
        """Return the same for the first so many units of each writer; None is no limit."""
        if limit is None:
            return self
        writers = []
        for plan in self.writers:
            waiting = [key for unit in self.units[plan.writer.unit] if (key := unit["unit_key"]) in plan.work]
            first = sorted(waiting, key=plan.failed.__contains__)[
                :limit
            ]  # what failed before must not starve the others
            writers.append(replace(plan, work=frozenset(first), left=len(plan.work) - len(first)))
        return replace(self, writers=tuple(writers))

    def sizes(self, plan: WriterPlan) -> list[UnitSize]:
        """Return how large the units are that a writer is to write."""
        return [
            UnitSize(unit["unit_key"], unit["messages"], unit["bytes"])
            for unit in self.units[plan.writer.unit]
            if unit["unit_key"] in plan.work
        ]


@dataclass(frozen=True)
class _Known:
    """What is noted of a unit."""

    written: tuple[str, str, int]
    """Fingerprint, code hash, and how many documents came of it."""
    failed_on: str | None
    failure: str
    refused: bool


def plan_units(
    con: "Connection", chats: Chats, writers: Sequence[BoundWriter], windows: "WindowSettings", *, force: bool = False
) -> Plan:
    """Compare every unit with what was written from it before. Reads only: a query per kind of unit."""
    queries = {"window": windows_sql(chats, windows), "author": authors_sql(chats)}
    wanted = {writer.unit for writer in writers}
    units: dict[str, Sequence[UnitRow]] = {kind: _rows(con, query) for kind, query in queries.items() if kind in wanted}
    mine = [[unit for unit in units[each.unit] if unit["unit_key"] not in each.left_out] for each in writers]
    plans = tuple(_plan_writer(con, chats.tenant, *each, force=force) for each in zip(writers, mine, strict=True))
    return Plan(chats, plans, units)


def _plan_writer(
    con: "Connection", tenant: str, writer: BoundWriter, units: Sequence[UnitRow], *, force: bool
) -> WriterPlan:
    counts: dict[str, int] = dict(
        con.execute(
            "SELECT coalesce(attrs->>'unit', ''), count(*) FROM documents "
            f"WHERE tenant_id = {literal(tenant)} AND writer = {literal(writer.name)} GROUP BY 1"
        ).fetchall()
    )
    known = _known(con, tenant, writer.name)
    codes = {zone: writer.code_hash(zone) for zone in {unit["timezone"] for unit in units}}
    work, refused = set(), {}
    failed = {key for key, noted in known.items() if noted.failed_on is not None}
    for unit in units:
        key, code = unit["unit_key"], codes[unit["timezone"]]
        noted = known.get(key)
        if noted is not None and not force:
            if noted.written == (unit["unit_fingerprint"], code, counts.get(key, 0)):
                continue
            if noted.refused and noted.failed_on == failed_on(unit, code):
                refused[key] = noted.failure
                continue
        work.add(key)
    orphans = (counts.keys() | known.keys()) - {unit["unit_key"] for unit in units}
    return WriterPlan(writer, len(units), frozenset(work), tuple(sorted(orphans)), refused, frozenset(failed & work))


def _known(con: "Connection", tenant: str, writer: str) -> dict[str, _Known]:
    """Return what is noted of each unit of a writer; nothing where an earlier release made the table."""
    if not column_names(con, GENERATION_UNITS.name).issuperset(GENERATION_UNITS.names):
        return {}
    rows = con.execute(
        "SELECT unit_key, unit_fingerprint, code_hash, documents, failed_on, failure, refused "
        f"FROM {GENERATION_UNITS.name} WHERE tenant_id = {literal(tenant)} AND writer = {literal(writer)}"
    ).fetchall()
    return {
        key: _Known((fingerprint, code, documents), failed, failure or "", bool(refused))
        for key, fingerprint, code, documents, failed, failure, refused in rows
    }


def _rows(con: "Connection", query: str) -> list[UnitRow]:
    rows: list[UnitRow] = con.execute(query).to_arrow_table().to_pylist()
    return rows
