"""A writer over parts of the messages: each task plans and writes the units that are in its part, as one machine does.

What is stored of its units goes to each task without bodies, so that what stands is kept there, too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from egregora_core.errors import UsageError
from egregora_core.generation import (
    GENERATION_UNITS,
    WANTED_SLUG,
    BoundWriter,
    Chats,
    DocumentStore,
    Guard,
    MadeElsewhere,
    WriterOutcome,
    make_room,
    plan_units,
    write_units,
)
from egregora_core.messages import DOCUMENTS, document_id
from egregora_core.pipeline._engines import Engine
from egregora_core.pipeline._jobs import Output, ReadFiles, copy_to, imported, rows_of
from egregora_core.pipeline._step_output import Relation
from egregora_core.plugins import Document, Spent, WriterSpec
from egregora_core.privacy import KnownName, name_finder
from egregora_core.session import Session
from egregora_core.storage import Database, Measure, combined, commit, literal, measure_relation

if TYPE_CHECKING:
    from egregora_core.settings import WindowSettings

_HANDED_ON = ("kept", "notes")
_CHARACTERS = 4_000_000
"""About so much of bodies goes into one file."""
_ADDED = ("units", "reused", "written", "failed", "refused", "untried", "left", "unpriced")


@dataclass(frozen=True)
class WriterJob:
    """One writer over a part that holds whole threads, or whole authors."""

    spec: WriterSpec
    writer: BoundWriter
    chats: Chats
    windows: "WindowSettings"
    namespace: UUID
    run_id: UUID
    force: bool
    names: list[KnownName] | None
    """The tenant's names, where its documents have to be looked at; None for a writer that is trusted."""
    stored: Mapping[str, ReadFiles]

    table: str = DOCUMENTS.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Go into a task without the function, which is imported there by its name."""
        bare = replace(self.writer, function=_nothing, guard=None)
        rest = (self.chats, self.windows, self.namespace, self.run_id, self.force, self.names, self.stored)
        return _job_of, (self.spec, bare, rest)

    @property
    def title(self) -> str:
        return f"generation/{self.spec.name}"

    @property
    def name(self) -> str:
        return f"run-{self.run_id}"

    @property
    def view(self) -> str:
        return self.chats.table

    def select(self, db: Database) -> tuple[str, Any]:
        raise NotImplementedError("on one machine writers commit what they have finished")

    def on_part(self, db: Database, output: Output) -> dict[str, Any]:
        con = db.connection
        self._restore(db)
        plan = plan_units(con, self.chats, [self.writer], self.windows, force=self.force)
        (todo,) = plan.writers  # units of other parts look as if they were gone
        store = DocumentStore(con, self.chats.tenant, self.run_id, partial(document_id, self.namespace))
        (outcome,) = write_units(con, replace(plan, writers=(replace(todo, orphans=()),)), store)
        store.settle_slugs()
        keys = [{"unit_key": unit["unit_key"]} for unit in plan.units[self.writer.unit]]
        return {**_told(outcome), **self._store(db, keys, output)}

    def _restore(self, db: Database) -> None:
        """Make the tables of documents and notes, with what is stored of this writer."""
        whose = f"tenant_id = {literal(self.chats.tenant)} AND writer = {literal(self.writer.name)}"
        for schema in (DOCUMENTS, GENERATION_UNITS):
            db.execute(schema.ddl())
            if schema.name in self.stored:
                columns = schema.select().replace("body", "'' AS body")
                rows = rows_of(*self.stored[schema.name])
                db.execute(
                    f"INSERT INTO {schema.name} ({schema.select()}) SELECT {columns} FROM ({rows}) WHERE {whose}"
                )

    def _store(self, db: Database, keys: list[dict[str, str]], output: Output) -> dict[str, Any]:
        import pyarrow as pa

        mine = f"SELECT * FROM {DOCUMENTS.name} WHERE created_by_run = '{self.run_id}'"
        db.connection.register(
            "keys_here", pa.table({"unit_key": pa.array([each["unit_key"] for each in keys], pa.string())})
        )
        here = "IN (SELECT unit_key FROM keys_here)"
        selects = {
            "kept": f"SELECT document_id FROM {DOCUMENTS.name} WHERE created_by_run IS DISTINCT FROM '{self.run_id}' "
            f"AND (attrs->>'unit') {here}",
            "notes": f"SELECT * FROM {GENERATION_UNITS.name} WHERE unit_key {here}",
        }
        made = {what: output.handed_on(what) for what in _HANDED_ON}
        measure = measure_relation(db.connection, f"(SELECT * REPLACE ({WANTED_SLUG} AS slug) FROM ({mine}))")
        return {
            **{what: str(file) for what, file in made.items() if copy_to(db, selects[what], file)},
            "files": _copied_in_pieces(db, mine, output),
            "measure": measure.told(),
        }


def _copied_in_pieces(db: Database, documents: str, output: Output) -> list[str]:
    """Write documents into files of which none is long: who reads one of them has all of its bodies in memory."""
    before = "sum(length(body)) OVER (ORDER BY thread_id, window_start, document_id) - length(body)"
    numbered = f"SELECT document_id, ({before}) // {_CHARACTERS} AS piece FROM ({documents})"
    pieces: dict[int, list[str]] = defaultdict(list)
    for document, piece in db.execute(f"SELECT document_id::VARCHAR, piece FROM ({numbered}) ORDER BY piece"):
        pieces[piece].append(document)
    files = []
    for number, ids in pieces.items():
        files.append(str(output.rows(number)))
        copy_to(db, f"FROM ({documents}) WHERE document_id IN ({', '.join(map(literal, ids))})", Path(files[-1]))
    return files


def _nothing(*_: Any, **_settings: Any) -> Iterable[Document | Spent]:
    """Stand for the function on its way to a task."""
    return ()


def _job_of(spec: WriterSpec, writer: BoundWriter, rest: tuple[Any, ...]) -> WriterJob:
    job = WriterJob(spec, replace(writer, function=imported(spec.function)), *rest)
    if job.names is None:
        return job
    return replace(job, writer=replace(job.writer, guard=Guard(spec.body, name_finder(job.names))))


def write_in_tasks(session: Session, engine: Engine, messages: Relation, job: WriterJob) -> WriterOutcome:
    """Have a writer's units written by tasks, and put what they made into the lake in one transaction."""
    if session.options.limit is not None:
        raise UsageError('--limit takes the first units of all, which no part knows: say [engine] name = "local"')
    parts = engine.relation(messages.table, messages.rows)
    parts = engine.by(parts, "thread_id" if job.writer.unit == "window" else "author_uuid")
    written = engine.map(parts, job)
    told = engine.collect(written)
    made = MadeElsewhere(*([one[what] for one in told if what in one] for what in _HANDED_ON))
    con, writer = session.db.connection, job.writer

    def put() -> None:
        session.refuse_if_taken_over()
        make_room(con, session.tenant, writer.name, made)
        engine.publish(written, DOCUMENTS.name)

    commit(con, put)
    store = DocumentStore(con, session.tenant, job.run_id, session.namespace.document)
    store.settle_slugs()
    outcome = _together(writer, told)
    outcome.documents = store.counts(writer.name)
    if told and not any("kept" in one for one in told):  # all there is was written by this run
        outcome.fingerprint = combined([Measure.of(one["measure"]) for one in told])
    return outcome


def stored_documents(session: Session, engine: Engine) -> dict[str, ReadFiles]:
    """Return the tables of documents and notes, as tasks get them."""
    names = [name for name in (DOCUMENTS.name, GENERATION_UNITS.name) if session.db.columns(name)]
    return {
        name: (session.db.columns(name), tuple(file for part in engine.relation(name, 0) for file in part.files))
        for name in names
    }


def _told(outcome: WriterOutcome) -> dict[str, Any]:
    return {
        **{name: getattr(outcome, name) for name in _ADDED},
        "stopped": outcome.stopped,
        "failures": outcome.failures,
        "spent": dict(outcome.spent),
        "cost": {currency: str(amount) for currency, amount in outcome.cost.items()},
    }


def _together(writer: BoundWriter, told: Sequence[Mapping[str, Any]]) -> WriterOutcome:
    """Add up how the writer fared in each part."""
    outcome = WriterOutcome(writer.name, writer.unit, 0, 0)
    for name in _ADDED:
        setattr(outcome, name, sum(one[name] for one in told))
    outcome.stopped = next((one["stopped"] for one in told if one["stopped"]), "")
    outcome.note_failures((key, what) for one in told for key, what in one["failures"])
    spent: Counter[str] = Counter()
    for one in told:
        spent.update(one["spent"])
        for currency, amount in one["cost"].items():
            outcome.cost[currency] = outcome.cost.get(currency, Decimal()) + Decimal(amount)
    outcome.spent = spent
    return outcome


__all__ = ["WriterJob", "stored_documents", "write_in_tasks"]
