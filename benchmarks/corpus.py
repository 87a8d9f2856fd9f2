"""A synthetic WhatsApp export of any size: the same bytes for the same arguments, on every machine."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

_WORDS = [
    "ok",
    "yes",
    "no",
    "maybe",
    "later",
    "tomorrow",
    "the",
    "meeting",
    "was",
    "moved",
    "again",
    "and",
    "we",
    "still",
    "need",
    "a",
    "room",
    "for",
    "it",
    "who",
    "brings",
    "cake",
    "or",
    "coffee",
    "não",
    "sei",
    "ainda",
    "mas",
    "acho",
    "que",
    "sim",
    "vamos",
    "ver",
    "depois",
    "😂",
    "👍",
    "🎉",
    "https://example.org/a/b?c=d",
    "see",
    "you",
    "there",
    "running",
    "late",
    "sorry",
    "traffic",
    "is",
    "terrible",
    "today",
    "call",
    "me",
    "when",
    "you",
    "can",
    "please",
]
_AUTHORS = [f"Person {number:02d}" for number in range(40)]


_SECONDS = (3, 9, 20, 40, 65, 130, 600)
_LONGEST_YEARS = 11


def _lines(messages: int, seed: int, start: datetime) -> Iterator[str]:
    """Yield Android `en_GB` lines: 10 % of messages span lines, 5 % are media, 1 % are system lines."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible corpus, not a secret
    now = start
    # A longer chat is a busier one: none of it lies in the future.
    pace = min(1.0, _LONGEST_YEARS * 365 * 86400 / (messages * sum(_SECONDS) / len(_SECONDS)))
    for number in range(messages):
        now += timedelta(seconds=pace * rng.choice(_SECONDS))
        stamp = f"{now:%d/%m/%Y, %H:%M} - "
        author = _AUTHORS[int(rng.random() ** 2 * len(_AUTHORS))]
        kind = rng.random()
        if kind < 0.01:
            yield f"{stamp}{author} changed the group description\n"
        elif kind < 0.06:
            media = (
                "<Media omitted>"
                if kind < 0.04
                else f"\u200eIMG-{now:%Y%m%d}-WA{number % 10000:04d}.jpg (file attached)"
            )
            yield f"{stamp}{author}: {media}\n"
        else:
            first = rng.randrange(len(_WORDS))
            body = " ".join(_WORDS[(first + step) % len(_WORDS)] for step in range(rng.randrange(2, 12)))
            if kind < 0.16:
                body = body.replace(" ", "\n", 1) + "\n\nand one more line"
            yield f"{stamp}{author}: {body}\n"


def write_export(path: Path, messages: int, *, seed: int = 7, start: datetime = datetime(2015, 1, 1, 8)) -> Path:  # noqa: DTZ001 - WhatsApp writes wall-clock time
    """Write `messages` messages to `path` (about 76 bytes each) unless it is there already."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.writelines(_lines(messages, seed, start))
        beside.replace(path)
    return path
