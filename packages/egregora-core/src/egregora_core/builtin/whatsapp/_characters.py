"""Characters and words that headers are made of, and how they are made plain.

Only a header is ever normalised. A body keeps each of these characters as it was written.
"""

import re
from functools import lru_cache

MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff"
"""Invisible direction marks, spaces without a width and the byte order mark: anywhere in a header, meaning nothing."""
SPACES = " \u00a0\u202f\u2009\u2007\u200a\u3000\t"
"""What stands between words; which one depends on the version of the phone's locale data."""

_MARKS_AND_SPACES = {ord(mark): "" for mark in MARKS} | {ord(space): " " for space in SPACES}
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
"""One of the other 67 sets."""


def plain(text: str) -> str:
    """Return a header with ASCII digits, simple spaces and no marks."""
    return _OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), text.translate(_MARKS_AND_SPACES))


def trimmed(text: str) -> str:
    """Return a name or a text without the marks and spaces around it: a phone number comes wrapped in some."""
    return text.strip(MARKS + SPACES)


def digit_zero(text: str) -> set[str]:
    """Return the zeros of the digit sets, other than ASCII, that a text is written with."""
    return {chr(ord(digit) - int(digit)) for digit in set(_OTHER_DIGIT.findall(text))}


@lru_cache(1024)
def plain_period(word: str) -> str:
    """Return a word for a part of the day without what varies in its spelling: case, dots, spaces (`p. m.` is `pm`)."""
    return re.sub(r"[.\s]", "", word.translate(_MARKS_AND_SPACES)).lower()


def encode(pattern: str) -> bytes:
    """Return a pattern for UTF-8: as written, with classes of non-ASCII characters spelt out as alternatives."""
    parts = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|[^\\\[]+", pattern, re.DOTALL)
    return b"".join(_class_bytes(part) if part.startswith("[") else part.encode() for part in parts)


def _class_bytes(text: str) -> bytes:
    if text.isascii():
        return text.encode()
    tails: dict[bytes, list[bytes]] = {}
    for first, last in re.findall(r"(.)(?:-(.))?", text[1:-1], re.DOTALL):
        for code in (chr(number).encode() for number in range(ord(first), ord(last or first) + 1)):
            tails.setdefault(code[:-1], []).append(code[-1:])
    options = [re.escape(head) + b"[" + b"".join(map(re.escape, ends)) + b"]" for head, ends in tails.items()]
    return b"(?:" + b"|".join(options) + b")"
