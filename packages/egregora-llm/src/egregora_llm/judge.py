"""Pairs of documents judged by a model: both orders of each, always, since which stands first sways every model.

A judge is a model with a prompt: its name holds both, so another prompt is another judge, who has judged nothing yet.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from egregora_core.plugin import StageError, WritingStoppedError

from egregora_llm.answers import Preferred
from egregora_llm.asking import Desk, Question
from egregora_llm.chat import harmless, tokens_of
from egregora_llm.faults import TooLargeError
from egregora_llm.settings import LlmSettings
from egregora_llm.spending import Bill, Meter

if TYPE_CHECKING:
    from egregora_elo.api import Comparison, Pair

HALF = 0.5
"""What one of the two orders counts for."""


@dataclass(frozen=True)
class Judge:
    """A model with a prompt."""

    settings: LlmSettings
    prompt: str

    @property
    def prompt_hash(self) -> str:
        return hashlib.sha256(self.prompt.encode()).hexdigest()

    @property
    def name(self) -> str:
        """Its name among all judges: the model, and what else decides its answers."""
        decides = json.dumps([self.prompt, self.settings.temperature, self.settings.output])
        return f"llm:{self.settings.model}@{hashlib.sha256(decides.encode()).hexdigest()[:8]}"


MadeOf = Mapping[str, Sequence[str]]
"""Of each document, the ids and pseudonyms that what is said of it has to go with, when these are forgotten."""


@dataclass
class Judged:
    """What came of some pairs."""

    comparisons: "list[Comparison]" = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Why an order got no answer, of each pair where that is so: nothing is recorded of them."""
    stopped: str = ""

    def add(self, outcome: "list[Comparison] | StageError") -> None:
        if isinstance(outcome, WritingStoppedError):
            self.stopped = self.stopped or str(outcome)
        elif isinstance(outcome, StageError):
            self.failures.append(str(outcome))
        else:
            self.comparisons += outcome


def judge_pairs(judge: Judge, pairs: "Sequence[Pair]", made_of: MadeOf, meter: Meter, bill: Bill) -> Iterator[Judged]:
    """Ask about pairs, both orders each, and yield what came of them, in their order, as soon as it is there.

    A pair counts only where both orders were answered.
    """
    pool = ThreadPoolExecutor(judge.settings.concurrency)
    waiting = deque(pool.submit(_both_orders, judge, pair, made_of, meter, bill) for pair in pairs)
    try:
        while waiting:
            found = Judged()
            found.add(waiting.popleft().result())
            while waiting and waiting[0].done():
                found.add(waiting.popleft().result())
            yield found
    finally:
        if waiting:  # interrupted: nobody would record it
            meter.end()
        pool.shutdown(wait=False, cancel_futures=True)


def _both_orders(
    judge: Judge, pair: "Pair", made_of: MadeOf, meter: Meter, bill: Bill
) -> "list[Comparison] | StageError":
    try:
        found = [_asked(judge, pair, first, Desk(judge.settings, meter), bill) for first in ("a", "b")]
    except StageError as error:
        return error
    except TooLargeError:
        return StageError("the texts are larger than the model reads at once")
    whose = sorted({each for document in (pair.a, pair.b) for each in made_of.get(document.id, ())})
    return [replace(each, attrs={**(each.attrs or {}), "made_of": whose}) for each in found]


def _asked(judge: Judge, pair: "Pair", first: str, desk: Desk, bill: Bill) -> "Comparison":
    from egregora_elo.api import Comparison

    shown = (pair.a, pair.b) if first == "a" else (pair.b, pair.a)
    try:
        answer = desk.ask(Question(judge.prompt, _prompt(judge, [each.text for each in shown]), Preferred))
    finally:
        counts = dict(desk.bill.counts)
        for spent in desk.bill.spent():
            bill.add(dict(spent.counts), spent.cost, spent.currency)
    outcome = {"first": first, "second": "b" if first == "a" else "a"}.get(answer.better, "tie")
    facts = {"machine": True, "model": judge.settings.model, "prompt": judge.prompt_hash, **counts}
    return Comparison(pair.a, pair.b, outcome, first, judge.name, "program", HALF, answer.why.strip() or None, facts)


def _prompt(judge: Judge, texts: Iterable[str]) -> str:
    settings = judge.settings
    room = (settings.context_tokens - settings.answer_tokens - tokens_of(judge.prompt) - 500) // 2
    first, second = (_fitted(harmless(text), room) for text in texts)
    return f"<first>\n{first}\n</first>\n<second>\n{second}\n</second>"


def _fitted(text: str, room: int) -> str:
    """Cut a text to so many tokens; both of a pair have the same room."""
    if tokens_of(text) <= room:
        return text
    return text.encode()[: room * 3].decode(errors="ignore").rstrip() + "…"


def batches(pairs: int | None, size: int = 5) -> Iterator[int]:
    """Yield how many pairs to ask for at once: few, so that what is judged is soon recorded; without end for None."""
    left = pairs
    while left is None or left > 0:
        yield size if left is None else min(size, left)
        left = None if left is None else left - size
