"""What was spent in one run of a writer, and whether there is budget for one request more. Imports nothing heavy."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING

from egregora_core.plugin import Spent, WritingStoppedError

if TYPE_CHECKING:
    from egregora_llm.settings import LlmSettings

_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """Of a million tokens; `known` is False where nobody can tell."""

    tokens_in: Decimal = Decimal(0)
    tokens_out: Decimal = Decimal(0)
    currency: str = ""
    known: bool = False

    smallest = Decimal("0.0001")
    """What an estimate is rounded to."""

    def of(self, tokens_in: int, tokens_out: int) -> Decimal | None:
        """Return what so many tokens cost; None where nobody can tell."""
        if not self.known:
            return None
        return (self.tokens_in * tokens_in + self.tokens_out * tokens_out) / _MILLION


@dataclass(frozen=True)
class Reserved:
    """What a request that is under way may take at most."""

    tokens: int
    cost: Decimal


@dataclass
class Meter:
    """What one run of a writer, or one call of a judge, has spent: shared by all of its threads."""

    requests: int = 0
    tokens: int = 0
    cost: Decimal = Decimal(0)
    faults_in_a_row: int = 0
    _lock: Lock = field(default_factory=Lock)

    def reserve(self, settings: "LlmSettings", price: Price, tokens_in: int) -> Reserved:
        """Take one request with the longest answer out of the budget; raises WritingStoppedError beyond it."""
        tokens = tokens_in + settings.answer_tokens
        cost = price.of(tokens_in, settings.answer_tokens)
        with self._lock:
            if settings.budget_requests is not None and self.requests + 1 > settings.budget_requests:
                raise _spent("requests", settings.budget_requests)
            if settings.budget_tokens is not None and self.tokens + tokens > settings.budget_tokens:
                raise _spent("tokens", settings.budget_tokens)
            if settings.budget_cost is not None and cost is None:
                raise WritingStoppedError(
                    "there is a [llm] budget_cost, but nobody knows the price of this model: set price_in and "
                    "price_out (0 for one of your own), or a budget in tokens"
                )
            if settings.budget_cost is not None and self.cost + (cost or 0) > settings.budget_cost:
                raise _spent("cost", settings.budget_cost)
            reserved = Reserved(tokens, cost or Decimal(0))
            self.requests += 1
            self.tokens += reserved.tokens
            self.cost += reserved.cost
        return reserved

    def settle(self, reserved: Reserved, tokens: int, cost: Decimal | None) -> None:
        """Put what was used in place of what was taken out for it."""
        with self._lock:
            self.tokens += tokens - reserved.tokens
            self.cost += (cost or 0) - reserved.cost

    def fault(self, settings: "LlmSettings", what: str) -> None:
        """Note a passing fault; raises WritingStoppedError after too many in a row: the server is down."""
        with self._lock:
            self.faults_in_a_row += 1
            if self.faults_in_a_row >= settings.stop_after:
                raise WritingStoppedError(f"{what}, {self.faults_in_a_row} units in a row")

    def fine(self) -> None:
        with self._lock:
            self.faults_in_a_row = 0


def _spent(what: str, limit: object) -> WritingStoppedError:
    return WritingStoppedError(f"the next request would go beyond [llm] budget_{what} = {limit}")


@dataclass
class Bill:
    """What one unit used, for the record of its run."""

    counts: Counter[str] = field(default_factory=Counter)
    cost: Decimal = Decimal(0)
    currency: str = ""
    unpriced: int = 0

    def add(self, counts: dict[str, int], cost: Decimal | None, currency: str) -> None:
        self.counts.update(counts)
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += cost
            self.currency = currency

    def spent(self) -> Iterator[Spent]:
        """Yield it, once, as the host takes it: a cost that nobody knows is none."""
        if self.counts:
            yield (
                Spent(dict(self.counts), None) if self.unpriced else Spent(dict(self.counts), self.cost, self.currency)
            )
        self.counts, self.cost, self.unpriced = Counter(), Decimal(0), 0


METERS: dict[str, Meter] = {}
"""Of each writer, that of its run."""


def begin_run(stage: str) -> None:
    """Begin a budget: called when a stage starts."""
    METERS[stage] = Meter()


def meter_of(stage: str) -> Meter:
    return METERS.setdefault(stage, Meter())
