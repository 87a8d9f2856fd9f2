"""Call writers on the units that need work, and keep what they wrote before.

A unit's documents stand while its messages (`unit_fingerprint`) and the writer (`BoundWriter.code_hash`) are
as they were. What was done is noted in `stage_generation_units`, since a unit may rightly yield no document
at all; the table is derived, and dropping it only means that everything is written again.

Where a writer takes several units at once, what they make is added in the order of the units all the same. While a
writer of somebody else's thinks, the database is let go of, so that others can read it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

from egregora_core.generation._document_store import DocumentStore, connection_of
from egregora_core.generation._planning import Plan
from egregora_core.generation._unit_messages import UnitRow, read_units
from egregora_core.generation._units_under_way import Desk
from egregora_core.generation._windows import Chats
from egregora_core.generation._writer_outcome import WriterOutcome, outcome_of
from egregora_core.interrupts import interruptible
from egregora_core.plugins import UnitMessages
from egregora_core.storage import Database, another

if TYPE_CHECKING:
    from egregora_core.storage import Connection

COMMIT_SECONDS = 1.0
"""Finished units wait at most this long for the next commit, or for the end of a slow writer's call."""

_FEW_UNITS = 16
"""So many units are read at once where the database is let go of between them, and twice as many the next time."""


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
    outcomes = {one.writer.name: outcome_of(one) for one in plan.writers}
    store.prepare(
        {one.writer.name: one.orphans for one in plan.writers},
        {one.writer.name: one.writer.keeps for one in plan.writers},
    )
    store.spending = lambda: [outcome.spending() for outcome in outcomes.values()]
    done = 0
    progress(done, plan.total)

    def settled(reading: _Reading) -> None:
        nonlocal done
        if store.is_heavy:
            reading.pause()
        store.flush_if_due(interval)
        done += 1
        progress(done, plan.total)

    for kind, units in plan.units.items():
        busy = [one for one in plan.writers if one.writer.unit == kind and one.work]
        needed = [unit for unit in units if any(unit["unit_key"] in one.work for one in busy)]
        with _Reading(con, plan.chats, kind, needed) as reading, ExitStack() as ending:
            ending.callback(store.flush)
            rest = partial(_rest, store, reading)
            told = partial(settled, reading)
            desks = [ending.enter_context(Desk(one, store, outcomes[one.writer.name], told, rest)) for one in busy]
            _write(reading, desks)
    for outcome in outcomes.values():
        outcome.documents = store.counts(outcome.writer)
    return list(outcomes.values())


def _write(reading: "_Reading", desks: Sequence[Desk]) -> None:
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
            with self._opened(units) as read:
                for unit, messages in read:
                    self._next += 1
                    yield unit, messages
                    if self._open is None:
                        break
                else:
                    self._ahead *= 2

    def pause(self) -> None:
        """Let go of what is read ahead; few units are read after that, since the next pause is near."""
        if self._open is not None:
            self._close()
            self._ahead = _FEW_UNITS

    @contextmanager
    def _opened(self, units: Sequence[UnitRow]) -> Iterator[Iterator[tuple[UnitRow, UnitMessages]]]:
        self._open = ExitStack()
        cursor = self._open.enter_context(closing(another(connection_of(self._con))))
        self._open.enter_context(interruptible(cursor))
        try:
            # It is closed, too: as long as it is there the engine holds what was sorted for it.
            yield self._open.enter_context(closing(read_units(cursor, self._chats, self._kind, units)))
        finally:
            self._close()

    def _close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened.close()
