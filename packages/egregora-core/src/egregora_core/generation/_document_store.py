"""The documents table, written in small transactions: a unit's documents are replaced as a whole.

What each writer finished is noted beside it in `stage_generation_units`, in the same transaction, since a
unit may rightly yield no document at all. Documents name their unit in `attrs.unit`.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from egregora_core.generation._document_checks import EncodedDocument
from egregora_core.generation._kept import KeptOfUnit, drop_kept, keep, kept_of
from egregora_core.generation._unit_messages import UnitRow
from egregora_core.messages import DOCUMENTS
from egregora_core.storage import Column, Database, TableSchema, arrow_view, bind, commit, literal

if TYPE_CHECKING:
    from egregora_core.storage import Connection

GENERATION_UNITS = TableSchema(
    "stage_generation_units",
    (
        Column("tenant_id", "!string", "Whose unit it is."),
        Column("writer", "!string", "Name of the writer."),
        Column("unit_key", "!string", "The unit, as `attrs.unit` of its documents names it."),
        Column("unit_fingerprint", "!string", "md5 over the messages that were written from."),
        Column("code_hash", "!string", "The writer's version, settings, code and time zone."),
        Column("documents", "!int64", "How many documents came of it."),
        Column("failed_on", "string", "The fingerprint and code with which it last failed; null where it did not."),
        Column("failure", "string", "How it failed: a type, or the writer's own reason."),
        Column("refused", "boolean", "Whether trying the same again would change nothing."),
        Column("attempts", "int64", "How often it failed with these messages and this code."),
    ),
)
"""What each writer last finished, and what it could not. Derived: it may be dropped at any time."""

_COMMIT_UNITS = 500
_TOGETHER, _MUCH = 16 << 20, 32 << 20
"""Bytes of bodies that go into the engine at once, and after which no more are gathered."""
_SLOW_SECONDS = 0.25
"""A writer that takes this long has its units committed one by one: nobody knows how long the next will take. A commit
costs little beside that.
"""


def connection_of(con: "Connection | Database") -> "Connection":
    """Return a connection as it is, and a database's as it is now: it is another one after it was let go of."""
    return con.connection if isinstance(con, Database) else con


def failed_on(unit: UnitRow, code_hash: str) -> str:
    """Return what a failure depends on: the unit's messages, and the writer."""
    return f"{unit['unit_fingerprint']} {code_hash}"


@dataclass(frozen=True)
class Told:
    """Whom writing tells what."""

    committing: Callable[[], None] = lambda: None
    """Is called inside each transaction, before anything is written: raises where that would be too late."""
    spent: Callable[[Mapping[str, Any]], None] = lambda _facts: None
    """Is given what each writer has spent, in the transaction of the units that it was spent on, and at the end."""
    waiting: Callable[[], None] = lambda: None
    """Is called now and then while somebody else reads the database, so that it cannot be written."""


class DocumentStore:
    """The documents table, written in small transactions. A unit's documents are replaced all at once."""

    def __init__(
        self,
        con: "Connection | Database",
        tenant: str,
        run_id: UUID,
        document_id: Callable[[str], UUID],
        told: Told | None = None,
    ) -> None:
        """Take what makes a document's id of its key."""
        self.spending: Callable[[], Iterable[Mapping[str, Any]]] = tuple
        """Gives what each writer has spent so far."""
        self._where = con
        self._told = told or Told()
        self._tenant = tenant
        self._run_id = run_id
        self._document_id = document_id
        self._units: list[dict[str, Any]] = []
        self._documents: list[dict[str, Any]] = []
        self._bytes = 0
        self._failures: list[dict[str, Any]] = []
        self._kept: list[KeptOfUnit] = []
        self._stored: set[tuple[str, str]] = set()
        self._committed = self._added = time.monotonic()
        self._slow = False

    @property
    def _con(self) -> "Connection":
        return connection_of(self._where)

    def prepare(self, orphans: Mapping[str, Sequence[str]], keeps: Mapping[str, str] = MappingProxyType({})) -> None:
        """Delete the documents of units that are gone, then learn of which units there is something to replace.

        Both by writer: `keeps` is the table in which it keeps things.
        """
        commit(self._con, lambda: self._prepare(orphans, keeps))
        mine = f"WHERE tenant_id = {literal(self._tenant)}"
        rows = self._con.execute(
            f"SELECT DISTINCT writer, coalesce(attrs->>'unit', '') FROM documents {mine} "
            f"UNION SELECT writer, unit_key FROM {GENERATION_UNITS.name} {mine}"
        ).fetchall()
        self._stored.update(rows)

    def _prepare(self, orphans: Mapping[str, Sequence[str]], keeps: Mapping[str, str]) -> None:
        self._con.execute(GENERATION_UNITS.ddl())
        for column in GENERATION_UNITS.columns:
            if column.nullable:  # as of every table
                name = f"{GENERATION_UNITS.name} ADD COLUMN IF NOT EXISTS {column.name} {column.duckdb_type}"
                self._con.execute(f"ALTER TABLE {name}")
        for writer, keys in orphans.items():
            if keys:
                self._delete(writer, list(keys))
                if table := keeps.get(writer):
                    drop_kept(self._con, table, self._tenant, writer, keys)

    def settle_slugs(self) -> None:
        """Where documents of one kind want one slug, leave it to the first by writer and id, and number the others.

        So it does not matter in which order, or on which machine, units were finished.
        """
        settled = bind(_SETTLED, [self._tenant])
        ((unsettled,),) = self._con.execute(f"SELECT count(*) FROM ({settled})").fetchall()
        if unsettled:  # an update reads whole documents, which may be long
            commit(self._con, lambda: self._con.execute(_SETTLE.format(settled=settled)))

    def add(self, writer: str, code_hash: str, unit: UnitRow, documents: Sequence[EncodedDocument]) -> None:
        """Put a finished unit on the pile for the next commit."""
        owner = (writer, unit["unit_key"])
        self._documents += [self._row(owner, unit, document) for document in documents]
        self._bytes += sum(len(document.body) for document in documents)
        self._units.append(
            {
                "tenant_id": self._tenant,
                "writer": writer,
                "unit_key": unit["unit_key"],
                "unit_fingerprint": unit["unit_fingerprint"],
                "code_hash": code_hash,
                "documents": len(documents),
                **dict.fromkeys(("failed_on", "failure", "refused", "attempts")),
            }
        )
        self._note_time()

    def fail(self, writer: str, code_hash: str, unit: UnitRow, failure: str, *, refused: bool) -> None:
        """Note how a unit failed; its documents stay as they are."""
        self._failures.append(
            {
                "writer": writer,
                "unit_key": unit["unit_key"],
                "failed_on": failed_on(unit, code_hash),
                "failure": failure,
                "refused": refused,
            }
        )
        self._note_time()

    def kept(self, table: str, writer: str, unit_key: str) -> Mapping[str, str]:
        """Return what a writer keeps of a unit, by key."""
        return kept_of(self._con, table, self._tenant, writer, unit_key)

    def keep(self, found: KeptOfUnit) -> None:
        """Put what a unit's writer wants to find again on the pile, whatever becomes of the unit."""
        if found.kept or found.finished:
            self._kept.append(found)

    def _note_time(self) -> None:
        now = time.monotonic()
        self._slow = now - self._added > _SLOW_SECONDS
        self._added = now

    @property
    def is_heavy(self) -> bool:
        """Whether what waits is so much that the engine has to have room for it."""
        return self._bytes > _MUCH

    def flush_if_due(self, interval: float) -> None:
        waited = time.monotonic() - self._committed
        many = self.is_heavy or len(self._units) + len(self._failures) >= _COMMIT_UNITS
        if many or self._slow or waited >= interval:
            self.flush()

    def flush(self) -> None:
        """Commit the pile. Where that fails the pile is dropped: nothing of it was written."""
        units, self._units = self._units, []
        documents, self._documents, self._bytes = self._documents, [], 0
        failures, self._failures = self._failures, []
        kept, self._kept = self._kept, []
        self._committed = time.monotonic()
        if not units and not failures and not kept:
            return

        def write() -> None:
            self._told.committing()
            for writer in sorted({unit["writer"] for unit in units}):
                keys = [unit["unit_key"] for unit in units if unit["writer"] == writer]
                self._delete(writer, [key for key in keys if (writer, key) in self._stored])
            self._insert(GENERATION_UNITS, units)
            self._insert(DOCUMENTS, documents)
            for failure in failures:
                self._note_failure(failure)
            for found in kept:
                keep(self._con, self._tenant, found)
            self._tell_spent()

        where = self._where
        with where.memory.for_documents() if isinstance(where, Database) else nullcontext():
            commit(self._con, write)
        self._stored.update((unit["writer"], unit["unit_key"]) for unit in units)

    def note_spent(self) -> None:
        """Record what was spent, whether or not a unit is finished."""
        self.flush()
        commit(self._con, self._tell_spent)

    def _tell_spent(self) -> None:
        for spent in self.spending():
            if spent:
                self._told.spent(spent)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Commit the pile, then let go of the database while the block waits; a mere connection is kept."""
        self.flush()
        if not isinstance(self._where, Database):
            yield
            return
        with self._where.released(self._told.waiting):
            yield

    def _note_failure(self, failure: Mapping[str, Any]) -> None:
        whose = [self._tenant, failure["writer"], failure["unit_key"]]
        where = bind("tenant_id = ? AND writer = ? AND unit_key = ?", whose)
        row = bind("SELECT ?, ?, ?, '', '', 0", whose)
        self._con.execute(
            f"INSERT INTO {GENERATION_UNITS.name} "
            "(tenant_id, writer, unit_key, unit_fingerprint, code_hash, documents) "
            f"{row} WHERE NOT EXISTS (SELECT 1 FROM {GENERATION_UNITS.name} WHERE {where})"
        )
        said = bind(
            "attempts = CASE WHEN failed_on = ? THEN attempts + 1 ELSE 1 END, failed_on = ?, failure = ?, refused = ?",
            [failure[name] for name in ("failed_on", "failed_on", "failure", "refused")],
        )
        self._con.execute(f"UPDATE {GENERATION_UNITS.name} SET {said} WHERE {where}")

    def counts(self, writer: str) -> Counter[str]:
        sql = "SELECT kind, count(*) FROM documents WHERE tenant_id = ? AND writer = ? GROUP BY 1"
        rows = self._con.execute(bind(sql, [self._tenant, writer])).fetchall()
        return Counter(dict(rows))

    def _delete(self, writer: str, keys: list[str]) -> None:
        if not keys:  # looking for nothing takes as long as the table is large
            return
        whose = bind("tenant_id = ? AND writer = ?", [self._tenant, writer])
        units = f"IN (SELECT unnest({literal(keys)}))"
        self._con.execute(f"DELETE FROM documents WHERE {whose} AND coalesce(attrs->>'unit', '') {units}")
        self._con.execute(f"DELETE FROM {GENERATION_UNITS.name} WHERE {whose} AND unit_key {units}")

    def _insert(self, schema: TableSchema, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        import pyarrow as pa

        types = {"TIMESTAMPTZ": pa.timestamp("us", "UTC"), "BIGINT": pa.int64()}
        kinds = pa.schema([(each.name, types.get(each.duckdb_type, pa.string())) for each in schema.columns])
        batches = (pa.RecordBatch.from_pylist(together, kinds) for together in _in_pieces(rows))
        reader = pa.RecordBatchReader.from_batches(kinds, batches)
        casts = ", ".join(f"{column.name}::{column.duckdb_type}" for column in schema.columns)
        with arrow_view(self._con, "finished_rows", reader):
            self._con.execute(f"INSERT INTO {schema.name} ({schema.select()}) SELECT {casts} FROM finished_rows")

    def _row(self, owner: tuple[str, str], unit: UnitRow, document: EncodedDocument) -> dict[str, Any]:
        identity = self._document_id("/".join((*owner, document.kind, document.slug)))
        return {
            "document_id": str(identity),
            "tenant_id": self._tenant,
            "kind": document.kind,
            "slug": document.slug,
            "title": document.title,
            "body": document.body,
            "thread_id": unit["thread_id"],
            "window_start": unit["window_start"],
            "window_end": unit["window_end"],
            "unit_fingerprint": unit["unit_fingerprint"],
            "writer": owner[0],
            "attrs": json.dumps({**document.attrs, "unit": owner[1]}, ensure_ascii=False),
            "created_at": datetime.now(UTC),
            "created_by_run": str(self._run_id),
        }


def _in_pieces(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield rows of which some may be long, so that few of those are copied at once."""
    lengths = accumulate(len(row.get("body", b"")) for row in rows)
    for _, numbered in groupby(zip(lengths, rows, strict=True), lambda one: one[0] // _TOGETHER):
        yield [row for _, row in numbered]


WANTED_SLUG = "CASE WHEN ends_with(slug, '-' || left(document_id::VARCHAR, 8)) THEN slug[:-10] ELSE slug END"
"""The slug that a document's writer gave it: one that was numbered is known by the id behind it."""

_SETTLED = f"""
    SELECT document_id, settled FROM (
        SELECT document_id, slug, CASE WHEN place = 1 THEN wanted ELSE wanted || '-' || short END AS settled FROM (
            SELECT document_id, slug, short, wanted,
                   row_number() OVER (PARTITION BY kind, lower(wanted) ORDER BY writer, document_id) AS place
            FROM (SELECT *, left(document_id::VARCHAR, 8) AS short, {WANTED_SLUG} AS wanted
                  FROM documents WHERE tenant_id = ?)))
    WHERE slug <> settled
"""
_SETTLE = """
    UPDATE documents SET slug = found.settled FROM ({settled}) AS found
    WHERE documents.document_id = found.document_id
"""
"""What was numbered gets its slug back where nobody else wants it any more."""
