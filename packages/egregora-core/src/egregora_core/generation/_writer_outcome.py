"""How one writer fared: what became of its units, what it spent, and the facts of it that its run records."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from egregora_core.generation._planning import WriterPlan
from egregora_core.plugins import Spent

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


def outcome_of(plan: WriterPlan) -> WriterOutcome:
    outcome = WriterOutcome(plan.writer.name, plan.writer.unit, plan.units, plan.reused, left=plan.left)
    outcome.untried = len(plan.refused)
    for key, reason in sorted(plan.refused.items()):
        outcome.fail(key, reason, refused=True)
    return outcome
