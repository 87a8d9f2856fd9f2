"""What was spent in one run of a writer, and whether there is budget for one request more. Imports nothing heavy."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Condition
from typing import TYPE_CHECKING, ClassVar

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
    """What a request that is under way may take at most: the same for each time that it is sent."""

    sendings: int
    tokens: int
    cost: Decimal


@dataclass
class Meter:
    """What one run of all writers, or one call of a judge, has spent: shared by all of its threads."""

    requests: int = 0
    """Those included that were sent again."""
    tokens: int = 0
    cost: Decimal = Decimal(0)
    faults_in_a_row: int = 0
    _under_way: list[Reserved] = field(default_factory=list)
    _ended: bool = False
    _changed: Condition = field(default_factory=Condition)

    def reserve(self, settings: "LlmSettings", price: Price, tokens_in: int) -> Reserved:
        """Take one request with the longest answer out of the budget, and if there is so much its retries as well.

        Waits where what is under way may leave enough of the budget; raises WritingStoppedError where it cannot.
        """
        tokens, cost = tokens_in + settings.answer_tokens, price.of(tokens_in, settings.answer_tokens)
        if settings.budget_cost is not None and cost is None:
            raise WritingStoppedError(
                "there is a [llm] budget_cost, but nobody knows the price of this model: set price_in and "
                "price_out (0 for one of your own), or a budget in tokens"
            )
        once = Reserved(1, tokens, cost or Decimal(0))
        with self._changed:
            while True:
                if self._ended:
                    raise WritingStoppedError("the run has ended")
                if what := self._beyond(settings, once, ()):
                    raise WritingStoppedError(f"the next request would go beyond [llm] {what}")
                fitting = 0
                while fitting <= settings.retries and not self._beyond(settings, once, self._under_way, fitting + 1):
                    fitting += 1
                if fitting:
                    reserved = Reserved(fitting, once.tokens, once.cost)
                    self._under_way.append(reserved)
                    return reserved
                self._changed.wait()

    def _beyond(self, settings: "LlmSettings", each: Reserved, under_way: Sequence[Reserved], sendings: int = 1) -> str:
        """Return which budget so many sendings would go beyond, after all that is spent and under way; mostly none."""
        taken = {
            "requests": self.requests + sum(other.sendings for other in under_way) + sendings,
            "tokens": self.tokens + sum(other.sendings * other.tokens for other in under_way) + sendings * each.tokens,
            "cost": self.cost + sum(other.sendings * other.cost for other in under_way) + sendings * each.cost,
        }
        for what, number in taken.items():
            limit = getattr(settings, f"budget_{what}")
            if limit is not None and number > limit:
                return f"budget_{what} = {limit}"
        return ""

    def settle(self, reserved: Reserved, sent: int, tokens: int, cost: Decimal | None) -> None:
        """Put what was used in place of what was taken out for it: so many sendings, and tokens and money in all."""
        with self._changed:
            self._under_way.remove(reserved)
            self.requests += sent
            self.tokens += tokens
            self.cost += cost or 0
            self._changed.notify_all()

    def end(self) -> None:
        """Let no further request begin: whoever would have used its answer is gone."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def fault(self, settings: "LlmSettings", what: str) -> None:
        """Note a passing fault; raises WritingStoppedError after too many in a row: the server is down."""
        with self._changed:
            self.faults_in_a_row += 1
            if self.faults_in_a_row >= settings.stop_after:
                raise WritingStoppedError(f"{what}, {self.faults_in_a_row} units in a row")

    def fine(self) -> None:
        with self._changed:
            self.faults_in_a_row = 0


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


class _Now:
    """The meter of the run that this process is at: all of its writers share one budget."""

    writers: ClassVar[set[str]] = set()
    """Those that began in it."""
    meter: ClassVar[Meter] = Meter()


def stage_begins(step: str, stage: str) -> None:
    """Begin a budget where a new run has begun: at another step, or at a writer that had begun already."""
    if step != "generation" or stage in _Now.writers:
        _Now.writers, _Now.meter = set(), Meter()
    if step == "generation":
        _Now.writers.add(stage)


def end_run() -> None:
    """Send nothing more: called when a run was ended before it was through."""
    _Now.meter.end()


def meter() -> Meter:
    return _Now.meter
