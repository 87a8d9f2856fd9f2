"""A judge at work: pairs proposed, judged while nobody holds the database, and recorded; until there is enough."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from egregora_llm.judge import HALF, Judge, Judged, batches, judge_pairs
from egregora_llm.spending import Bill, Meter

if TYPE_CHECKING:
    from egregora_core.plugin.commands import PluginWorkspace

ENOUGH_SHARED = 10
"""Pairs that people judged, too, from which an agreement says something."""


@dataclass
class Bench:
    """One call of a judge."""

    judge: Judge
    opened: "Callable[..., AbstractContextManager[PluginWorkspace]]"
    """Opens the workspace: `opened(write=True)`."""
    seed: int | None = None
    judged: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Why pairs got no answer, and how many for each reason."""
    stopped: str = ""
    bill: Bill = field(default_factory=Bill)
    _meter: Meter = field(default_factory=Meter)
    _all_met: bool = False

    def sit(self, pairs: int | None) -> None:
        """Judge so many pairs, or for None until the board is stable; in any case until every pair has met."""
        from egregora_elo.api import propose

        for number, size in enumerate(batches(pairs)):
            if pairs is None and number and self._is_stable():
                return
            with self.opened(write=False) as workspace:
                seed = None if self.seed is None else self.seed + number
                proposed = propose(workspace, size, judge=self.judge.name, seed=seed)
                made_of = _made_of(workspace, {each.id for pair in proposed for each in (pair.a, pair.b)})
            fresh = [pair for pair in proposed if pair.reason != "information"]  # the same again is no evidence
            judged = sum(
                self._record(found) for found in judge_pairs(self.judge, fresh, made_of, self._meter, self.bill)
            )
            self._all_met = len(fresh) < size
            if self.stopped or self._all_met or (self.failures and not judged):
                return

    def _is_stable(self) -> bool:
        """Tell whether the board would hardly change any more, if this judge counted."""
        from egregora_elo.api import whether_enough

        with self.opened(write=True) as workspace:
            return whether_enough(workspace, as_if=(self.judge.name, HALF))[0]

    def _record(self, found: Judged) -> int:
        """Record at once what was judged: it is paid for. Return of how many pairs it is."""
        if found.comparisons:
            from egregora_elo.api import judges, record_many

            with self.opened(write=True) as workspace:
                counts = any(each.judge == self.judge.name and each.weight > 0 for each in judges(workspace))
                # What does not count yet must not count meanwhile: a call may be interrupted before it is concluded.
                record_many(workspace, [replace(each, weight=HALF if counts else 0.0) for each in found.comparisons])
        self.judged += len(found.comparisons) // 2
        self.failures.update(found.failures)
        self.stopped = self.stopped or found.stopped
        return len(found.comparisons) // 2

    def conclude(self, *, count: bool) -> Iterator[str]:
        """Say what was judged, and whether the judge counts: it does where it agrees with people, or is made to."""
        from egregora_elo.api import judges, weigh, whether_enough

        yield f"{self.judged} pairs judged by {self.judge.name}, both orders of each" + self._beside()
        with self.opened(write=False) as workspace:
            mine = next((each for each in judges(workspace) if each.judge == self.judge.name), None)
        if mine is None:
            return
        known = mine.kappa is not None and mine.shared >= ENOUGH_SHARED
        counts = count or (known and (mine.kappa or 0) >= self.judge.settings.kappa)
        with self.opened(write=True) as workspace:
            weigh(workspace, self.judge.name, HALF if counts else 0.0)
            _, enough = whether_enough(workspace)
        kappa = "not known" if mine.kappa is None else f"{mine.kappa:.2f}"
        yield f"agreement with people (Cohen's kappa): {kappa}, on {mine.shared} pairs"
        if mine.first_won is not None:
            yield f"what was shown first won in {mine.first_won:.0%} of the decided comparisons"
        if not counts:
            yield (
                f"so far it does not count on the board: that takes {ENOUGH_SHARED} pairs that people judged, too "
                f"(`egregora elo vote`), and a kappa of {self.judge.settings.kappa:g}; or say --count"
            )
        yield enough

    def _beside(self) -> str:
        told = "".join(f", {number:,} {name.replace('_', ' ')}" for name, number in sorted(self.bill.counts.items()))
        if self.bill.counts:
            told += ", cost unknown" if self.bill.unpriced else f", {self.bill.cost} {self.bill.currency}"
        if self.failures:
            told += f"; {self.failures.total()} got no answer ({', '.join(sorted(self.failures))})"
        return told + ("; every pair has met" if self._all_met and not self.stopped else "")


def _made_of(workspace: "PluginWorkspace", documents: set[str]) -> dict[str, list[str]]:
    """Return of each document its chat, whom it is about and who wrote in it: with these its judgements go."""
    rows = workspace.connection.execute(
        "SELECT document_id::VARCHAR, list_filter([thread_id::VARCHAR, attrs->>'unit'] || "
        "coalesce(attrs->>'$.authors[*]', []), x -> x IS NOT NULL) "
        "FROM documents WHERE tenant_id = ? AND document_id::VARCHAR IN (SELECT unnest(?::VARCHAR[]))",
        [workspace.tenant, sorted(documents)],
    ).fetchall()
    return dict(rows)
