"""Call writers on the units that need work, and keep what they wrote before.

A unit's documents stand while its messages (`unit_fingerprint`) and the writer (`BoundWriter.code_hash`) are
as they were. What was done is noted in `stage_generation_units`, since a unit may rightly yield no document
at all; the table is derived, and dropping it only means that everything is written again.

Where a writer takes several units at once, what they make is added in the order of the units all the same. While a
writer of somebody else's thinks, the database is let go of, so that others can read it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self
from uuid import UUID

from egregora_core.errors import StageError, UnitRefusedError, WritingStoppedError
from egregora_core.generation._document_checks import checked_documents
from egregora_core.generation._document_store import DocumentStore, connection_of
from egregora_core.generation._kept import KeptOfUnit, message_ids
from egregora_core.generation._planning import BoundWriter, Plan, WriterPlan
from egregora_core.generation._unit_messages import UnitRow, read_units
from egregora_core.generation._windows import Chats
from egregora_core.interrupts import interruptible
from egregora_core.plugins import Document, Kept, Spent, Unit, UnitMessages
from egregora_core.storage import Database, another, unless_engine_fails

if TYPE_CHECKING:
    from egregora_core.storage import Connection

COMMIT_SECONDS = 1.0
"""Finished units wait at most this long for the next commit, or for the end of a slow writer's call."""

_REPORTED_FAILURES = 20
_PATIENCE_SECONDS = 0.2
"""A call that takes longer has the database let go of until it is over."""
_FEW_UNITS = 16
"""So many units are read at once where the database is let go of between them, and twice as many the next time."""


@dataclass
class WriterOutcome:
    """How one writer fared."""

    writer: str
    unit: Literal["window", "author"]
    units: int
    reused: int
    written: int = 0
    failed: int = 0
    """How many units failed, those included that were refused before and not tried again."""
    refused: int = 0
    """How many of them trying again would not help."""
    untried: int = 0
    """How many of them were not asked this time, since they were refused before."""
    left: int = 0
    """How many units were left for later: by a limit, or since the writer stopped."""
    stopped: str = ""
    """Why the writer stopped."""
    documents: Counter[str] = field(default_factory=Counter)
    """How many of its documents stand now, by kind."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    """The first failures by key: unit key and type of the error, never its text, which might quote a message."""
    spent: Counter[str] = field(default_factory=Counter)
    cost: dict[str, Decimal] = field(default_factory=dict)
    """By currency."""
    unpriced: int = 0
    """How many times something was used whose cost nobody knows."""
    fingerprint: str = ""
    """That of its documents, where who wrote them has told it."""

    @property
    def status(self) -> Literal["completed", "degraded", "failed"]:
        if not self.failed and not self.left:
            return "completed"
        something = self.written or self.reused or (self.left and not self.stopped)
        tried = self.failed > self.untried or self.stopped
        return "degraded" if something or not tried else "failed"

    def facts(self) -> dict[str, Any]:
        """Return the aggregates that the run's `attrs` hold."""
        noun = f"{self.unit}s"
        facts: dict[str, Any] = {f"num_{noun}": self.units, f"{noun}_reused": self.reused}
        facts |= {f"total_{kind}s": number for kind, number in sorted(self.documents.items())}
        if self.failed:
            facts |= {f"{noun}_failed": self.failed, "failures": [list(pair) for pair in self.failures]}
        for name, value in (("refused", self.refused), ("left", self.left)):
            facts |= {f"{noun}_{name}": value} if value else {}
        if self.stopped:
            facts["stopped"] = self.stopped
        return facts | self.spending()

    def spending(self) -> dict[str, Any]:
        """Return what was spent so far, as the run's `attrs` hold it."""
        facts: dict[str, Any] = {}
        if self.spent:
            facts["spent"] = dict(sorted(self.spent.items()))
        if self.cost or self.unpriced:
            facts["cost"] = {currency: str(amount) for currency, amount in sorted(self.cost.items())} or "unknown"
            facts |= {"unpriced": self.unpriced} if self.unpriced else {}
        return facts

    def fail(self, key: str, what: str, *, refused: bool) -> None:
        self.failed += 1
        self.refused += refused
        self.note_failures([(key, what)])

    def note_failures(self, failures: Iterable[tuple[str, str]]) -> None:
        """Keep the first of all failures, by key: which these are does not depend on what finished first."""
        self.failures = sorted([*self.failures, *failures])[:_REPORTED_FAILURES]

    def spend(self, spent: Spent) -> None:
        self.spent.update(spent.counts)
        if spent.cost is None:
            self.unpriced += 1
        else:
            self.cost[spent.currency] = self.cost.get(spent.currency, Decimal()) + spent.cost


def write_units(
    con: "Connection | Database",
    plan: Plan,
    store: DocumentStore,
    *,
    interval: float = COMMIT_SECONDS,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[WriterOutcome]:
    """Call the writers on the units that need work; return how each fared, in the plan's order.

    Commits on `con`, which must not be inside a transaction. Finished units are committed every `interval`
    seconds (at once where a call is slow), each with its documents in place of the old ones; a unit whose
    writer raises keeps its old documents and is tried again by the next run, unless it was refused.
    A database is let go of during calls that take long. Whose a slug is, is settled by `store` when all is written.
    """
    outcomes = {one.writer.name: _outcome_of(one) for one in plan.writers}
    store.prepare(
        {one.writer.name: one.orphans for one in plan.writers},
        {one.writer.name: one.writer.keeps for one in plan.writers},
    )
    store.spending = lambda: [outcome.spending() for outcome in outcomes.values()]
    done = 0
    progress(done, plan.total)

    def settled() -> None:
        nonlocal done
        store.flush_if_due(interval)
        done += 1
        progress(done, plan.total)

    for kind, units in plan.units.items():
        busy = [one for one in plan.writers if one.writer.unit == kind and one.work]
        needed = [unit for unit in units if any(unit["unit_key"] in one.work for one in busy)]
        with _Reading(con, plan.chats, kind, needed) as reading, ExitStack() as ending:
            ending.callback(store.flush)
            rest = partial(_rest, store, reading)
            desks = [ending.enter_context(_Desk(one, store, outcomes[one.writer.name], settled, rest)) for one in busy]
            _write(reading, desks)
    for outcome in outcomes.values():
        outcome.documents = store.counts(outcome.writer)
    return list(outcomes.values())


def _write(reading: "_Reading", desks: "Sequence[_Desk]") -> None:
    for unit, messages in reading:
        for desk in desks:
            desk.take(unit, messages)
        if desks and all(desk.outcome.stopped for desk in desks):
            break
    for desk in desks:
        desk.finish()


@contextmanager
def _rest(store: DocumentStore, reading: "_Reading") -> Iterator[None]:
    """Let go of the database, with all that is finished in it, while the block waits."""
    reading.pause()
    with store.released():
        yield


class _Reading:
    """The units of one kind with their messages, in one sorted pass; after a pause it begins again where it was."""

    def __init__(self, con: "Connection | Database", chats: Chats, kind: str, units: Sequence[UnitRow]) -> None:
        self._con = con
        self._chats = chats
        self._kind = kind
        self._units = units
        self._next = 0
        self._ahead = len(units)
        self._open: ExitStack | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def __iter__(self) -> Iterator[tuple[UnitRow, UnitMessages]]:
        while self._next < len(self._units):
            units = self._units[self._next : self._next + self._ahead]
            with self._cursor() as cursor:
                for unit, messages in read_units(cursor, self._chats, self._kind, units):
                    self._next += 1
                    yield unit, messages
                    if self._open is None:
                        break
                else:
                    self._ahead *= 2

    def pause(self) -> None:
        """Let go of the database; few units are read after that, since the next pause is near."""
        if self._open is not None:
            self._close()
            self._ahead = _FEW_UNITS

    @contextmanager
    def _cursor(self) -> Iterator["Connection"]:
        self._open = ExitStack()
        cursor = self._open.enter_context(closing(another(connection_of(self._con))))
        self._open.enter_context(interruptible(cursor))
        try:
            yield cursor
        finally:
            self._close()

    def _close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened.close()


def _outcome_of(plan: WriterPlan) -> WriterOutcome:
    outcome = WriterOutcome(plan.writer.name, plan.writer.unit, plan.units, plan.reused, left=plan.left)
    outcome.untried = len(plan.refused)
    for key, reason in sorted(plan.refused.items()):
        outcome.fail(key, reason, refused=True)
    return outcome


@dataclass
class _Written:
    """What came of one call of a writer."""

    documents: list[Document] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    error: Exception | None = None
    made_of: str = ""


@dataclass(eq=False)
class _UnderWay:
    """A unit that is being written."""

    row: UnitRow
    made: _Written = field(default_factory=_Written)
    call: "Future[None] | None" = None
    """None where this thread writes it, and before another one was told to."""

    @property
    def finished(self) -> bool:
        return self.call is not None and self.call.done() and not self.call.cancelled()


class _Desk:
    """One writer at work: units come in, and each is settled when it is finished, whichever came first."""

    def __init__(
        self,
        plan: WriterPlan,
        store: DocumentStore,
        outcome: WriterOutcome,
        settled: Callable[[], None],
        rest: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.outcome = outcome
        self._plan = plan
        self._store = store
        self._settled = settled
        self._rest = rest
        self._waiting: list[_UnderWay] = []
        beside = plan.writer.concurrency > 1 or plan.writer.guard is not None
        self._pool = ThreadPoolExecutor(plan.writer.concurrency) if beside else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Keep what is finished, whatever ended the work, and count what is spent: it is paid for."""
        for one in self._waiting:
            finished = one.finished
            self._pay(one.row, one.made, finished=finished)
            if finished:
                self._settle(one.row, one.made)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        with nullcontext() if kind is None else unless_engine_fails():  # what ended the work is what has to be told
            self._store.note_spent()

    def take(self, row: UnitRow, messages: UnitMessages) -> None:
        """Have a unit written, at once or when there is a free hand."""
        if row["unit_key"] not in self._plan.work or self.outcome.stopped:
            return

        one, writer = _UnderWay(row), self._plan.writer
        kept = None
        if writer.keeps:
            kept = self._store.kept(writer.keeps, writer.name, row["unit_key"])
        self._waiting.append(one)  # before it begins: what interrupts this counts what was spent
        if self._pool is None:
            _call(writer, row, messages, one.made, kept)
            self._settle_one(one)
            return
        one.call = self._pool.submit(_call, writer, row, messages, one.made, kept)
        while len(self._waiting) >= self._plan.writer.concurrency:
            self._settle_finished()

    def finish(self) -> None:
        """Settle what is under way; what was not begun when the writer stopped is left."""
        while self._waiting:
            self._settle_finished()
        written = self.outcome.written + self.outcome.failed - len(self._plan.refused)
        self.outcome.left += len(self._plan.work) - written

    def _settle_finished(self) -> None:
        """Settle the units that are finished, once there is one."""
        calls = [one.call for one in self._waiting if one.call is not None]
        if not wait(calls, _PATIENCE_SECONDS, FIRST_COMPLETED).done:
            with self._rest():
                wait(calls, return_when=FIRST_COMPLETED)
        for one in [one for one in self._waiting if one.finished]:
            self._settle_one(one)

    def _settle_one(self, one: _UnderWay) -> None:
        if one.call is not None:
            one.call.result()
        # It waits until it is paid for: what interrupts this finds it there, and does it again.
        self._pay(one.row, one.made, finished=True)
        self._waiting.remove(one)
        self._settle(one.row, one.made)

    def _settle(self, row: UnitRow, made: _Written) -> None:
        outcome, writer, error = self.outcome, self._plan.writer, made.error
        if isinstance(error, WritingStoppedError):
            outcome.stopped = outcome.stopped or str(error)
            return
        code = writer.code_hash(row["timezone"])
        if error is not None:
            what = str(error) if isinstance(error, StageError) else type(error).__name__
            refused = isinstance(error, UnitRefusedError)
            outcome.fail(row["unit_key"], what, refused=refused)
            self._store.fail(writer.name, code, row, what, refused=refused)
        else:
            outcome.written += 1
            self._store.add(writer.name, code, row, made.documents)
        self._settled()

    def _pay(self, row: UnitRow, made: _Written, *, finished: bool) -> None:
        """Keep what was bought, and count what is spent on it; once, however often it is called."""
        if table := self._plan.writer.keeps:
            name, written = self._plan.writer.name, finished and made.error is None
            self._store.keep(KeptOfUnit(table, name, row, (*made.kept,), made.made_of, written))
        while made.spent:
            self.outcome.spend(made.spent.pop(0))


def _call(
    writer: BoundWriter, row: UnitRow, messages: UnitMessages, made: _Written, kept: Mapping[str, str] | None
) -> None:
    """Call a writer on one unit; what it used counts as it tells it, whatever becomes of the unit."""
    settings = writer.settings if kept is None else {**writer.settings, "kept": kept}

    def documents() -> Any:
        for each in writer.function(_unit(writer.unit, row, messages), **settings):
            if isinstance(each, Spent):
                made.spent.append(each)
            elif isinstance(each, Kept):
                made.made_of = made.made_of or message_ids(messages)  # of a unit that keeps nothing nobody asks for it
                made.kept.append(each)
            else:
                yield each

    try:
        made.documents = checked_documents(writer.name, list(documents()))  # all of it first: all that is spent counts
        if writer.guard is not None:
            made.documents = writer.guard.pass_on(_unit(writer.unit, row, messages), made.documents)
    except Exception as error:  # noqa: BLE001  # a writer may raise anything; its unit fails, the others go on
        made.error = error


def _unit(kind: Literal["window", "author"], row: Mapping[str, Any], messages: UnitMessages) -> Unit:
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
