"""Call writers on the units that need work, and keep what they wrote before.

A unit's documents stand while its messages (`unit_fingerprint`) and the writer (`BoundWriter.code_hash`) are
as they were. What was done is noted in `stage_generation_units`, since a unit may rightly yield no document
at all; the table is derived, and dropping it only means that everything is written again.

Where a writer takes several units at once, what they make is added in the order of the units all the same.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Self
from uuid import UUID

from egregora_core.errors import StageError, UnitRefusedError, WritingStoppedError
from egregora_core.generation._document_checks import checked_documents
from egregora_core.generation._document_store import DocumentStore
from egregora_core.generation._planning import BoundWriter, Plan, WriterPlan
from egregora_core.generation._unit_messages import UnitRow, read_units
from egregora_core.interrupts import interruptible
from egregora_core.plugins import Document, Spent, Unit
from egregora_core.storage import another

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.storage import Connection

COMMIT_SECONDS = 1.0
"""Finished units wait at most this long for the next commit, or for the end of a slow writer's call."""

_REPORTED_FAILURES = 20


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
    """The first failures: unit key and type of the error, never its text, which might quote a message."""
    spent: Counter[str] = field(default_factory=Counter)
    cost: dict[str, Decimal] = field(default_factory=dict)
    """By currency."""
    unpriced: int = 0
    """How many times something was used whose cost nobody knows."""

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
        if self.spent:
            facts["spent"] = dict(sorted(self.spent.items()))
        if self.cost or self.unpriced:
            facts["cost"] = {currency: str(amount) for currency, amount in sorted(self.cost.items())}
            facts |= {"unpriced": self.unpriced} if self.unpriced else {}
        return facts

    def fail(self, key: str, what: str, *, refused: bool) -> None:
        self.failed += 1
        self.refused += refused
        if len(self.failures) < _REPORTED_FAILURES:
            self.failures.append((key, what))

    def spend(self, spent: Spent) -> None:
        self.spent.update(spent.counts)
        if spent.cost is None:
            self.unpriced += 1
        else:
            self.cost[spent.currency] = self.cost.get(spent.currency, Decimal()) + spent.cost


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
    writer raises keeps its old documents and is tried again by the next run, unless it was refused.
    """
    outcomes = {one.writer.name: _outcome_of(one) for one in plan.writers}
    store.prepare({one.writer.name: one.orphans for one in plan.writers})
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
        with closing(another(con)) as cursor, interruptible(cursor), ExitStack() as ending:
            ending.callback(store.flush)
            desks = [ending.enter_context(_Desk(one, store, outcomes[one.writer.name], settled)) for one in busy]
            for unit, messages in read_units(cursor, plan.chats, kind, needed):
                for desk in desks:
                    desk.take(unit, messages)
                if desks and all(desk.outcome.stopped for desk in desks):
                    break
            for desk in desks:
                desk.finish()
    if any(one.work or one.orphans for one in plan.writers):
        store.settle_slugs()
    for outcome in outcomes.values():
        outcome.documents = store.counts(outcome.writer)
    return list(outcomes.values())


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
    error: Exception | None = None


class _Desk:
    """One writer at work: units come in, and what becomes of them is settled in the same order."""

    def __init__(
        self, plan: WriterPlan, store: DocumentStore, outcome: WriterOutcome, settled: Callable[[], None]
    ) -> None:
        self.outcome = outcome
        self._plan = plan
        self._store = store
        self._settled = settled
        self._waiting: deque[tuple[UnitRow, Future[_Written]]] = deque()

        several = plan.writer.concurrency > 1
        self._pool = ThreadPoolExecutor(plan.writer.concurrency) if several else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what is finished, whatever ended the work: it is paid for."""
        for row, call in self._waiting:
            if call.done() and not call.cancelled():
                self._settle(row, call.result())
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def take(self, row: UnitRow, messages: "pa.Table") -> None:
        """Have a unit written, at once or when there is a free hand."""
        if row["unit_key"] not in self._plan.work or self.outcome.stopped:
            return

        if self._pool is None:
            self._settle(row, _call(self._plan.writer, row, messages))
            return
        if len(self._waiting) >= self._plan.writer.concurrency:
            self._settle_first()
        if not self.outcome.stopped:
            self._waiting.append((row, self._pool.submit(_call, self._plan.writer, row, messages)))

    def finish(self) -> None:
        """Settle what is under way; what was not begun when the writer stopped is left."""
        while self._waiting:
            self._settle_first()
        written = self.outcome.written + self.outcome.failed - len(self._plan.refused)
        self.outcome.left += len(self._plan.work) - written

    def _settle_first(self) -> None:
        row, call = self._waiting.popleft()
        self._settle(row, call.result())

    def _settle(self, row: UnitRow, made: _Written) -> None:
        outcome, writer, error = self.outcome, self._plan.writer, made.error
        for spent in made.spent:
            outcome.spend(spent)
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


def _call(writer: BoundWriter, row: UnitRow, messages: "pa.Table") -> _Written:
    """Call a writer on one unit; what it used counts, whatever becomes of the unit."""
    made = _Written()

    def documents() -> Any:
        for each in writer.function(_unit(writer.unit, row, messages), **writer.settings):
            if isinstance(each, Spent):
                made.spent.append(each)
            else:
                yield each

    try:
        made.documents = checked_documents(writer.name, list(documents()))  # all of it first: all that is spent counts
        if writer.guard is not None:
            made.documents = writer.guard.pass_on(_unit(writer.unit, row, messages), made.documents)
    except Exception as error:  # noqa: BLE001  # a writer may raise anything; its unit fails, the others go on
        made.error = error
    return made


def _unit(kind: Literal["window", "author"], row: Mapping[str, Any], messages: "pa.Table") -> Unit:
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
