"""What it will take to write: counted from the sizes of units, before anything is asked."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from egregora_core.plugin import Spent, UnitSize

from egregora_llm.asking import price_of
from egregora_llm.chat import tokens_of
from egregora_llm.settings import LlmSettings, settings_of
from egregora_llm.writers import room_for

_LINE_TOKENS = 12
"""What number, time and author add to a message, about."""
_WORD_TOKENS = 2
"""Tokens of a word of an answer with its form, about."""


def estimate_posts(units: Sequence[UnitSize], *, prompt: str, merging: str, **settings: Any) -> Spent:
    """Return what the posts of some windows will take, if every answer holds at once."""
    return _estimate(units, settings_of(settings), prompt, merging)


def estimate_profiles(units: Sequence[UnitSize], *, prompt: str, merging: str, **settings: Any) -> Spent:
    """Return what the profiles of some authors will take, if every answer holds at once."""
    return _estimate(units, settings_of(settings), prompt, merging)


def _estimate(units: Sequence[UnitSize], settings: LlmSettings, prompt: str, merging: str) -> Spent:
    room = room_for(settings, prompt)
    requests = tokens_in = 0
    answer = min(settings.answer_tokens, settings.words * _WORD_TOKENS)
    for unit in units:
        chat = unit.bytes // 3 + unit.messages * _LINE_TOKENS
        parts = max(1, ceil(chat / room))
        merges = 0 if parts == 1 else ceil((parts - 1) / max(1, room // max(1, answer) - 1))
        requests += parts + merges
        tokens_in += chat + parts * tokens_of(prompt) + merges * tokens_of(merging) + (parts * answer if merges else 0)
    tokens_out = requests * answer
    price = price_of(settings)
    counts = {"requests": requests, "tokens_in": tokens_in, "tokens_out": tokens_out}
    cost = price.of(tokens_in, tokens_out)
    return Spent(counts, None if cost is None else cost.quantize(price.smallest), price.currency)
