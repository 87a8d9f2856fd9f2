"""One writer at work: units are taken, paid for, and settled when they are finished, whichever came first."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Literal, Self
from uuid import UUID

from egregora_core.errors import StageError, UnitRefusedError, WritingStoppedError
from egregora_core.generation._document_checks import EncodedDocument, checked_documents
from egregora_core.generation._document_store import DocumentStore
from egregora_core.generation._kept import KeptOfUnit, message_ids
from egregora_core.generation._planning import BoundWriter, WriterPlan
from egregora_core.generation._unit_messages import UnitRow
from egregora_core.generation._writer_outcome import WriterOutcome
from egregora_core.plugins import Document, Kept, Spent, Unit, UnitMessages
from egregora_core.storage import unless_engine_fails

_PATIENCE_SECONDS = 0.2
"""A call that takes longer has the database let go of until it is over."""


@dataclass
class _Written:
    """What came of one call of a writer."""

    documents: list[EncodedDocument] = field(default_factory=list)
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


class Desk:
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
        checked: Iterable[Document] = checked_documents(writer.name, documents())
        if writer.guard is not None:
            checked = writer.guard.pass_on(_unit(writer.unit, row, messages), checked)
        made.documents = [*map(EncodedDocument.of, checked)]
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
