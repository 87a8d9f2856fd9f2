"""Characters and words that headers are made of, and how they are made plain.

Only a header is ever normalised. A body keeps each of these characters as it was written.
"""

import re
import unicodedata
from functools import lru_cache

MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff"
"""Invisible direction marks, spaces without a width and the byte order mark: anywhere in a header, meaning nothing."""
SPACES = " \u00a0\u202f\u2009\u2007\u200a\u3000\t"
"""What stands between words; which one depends on the version of the phone's locale data."""


class _Plain(dict[int, str]):
    """A translation table that learns a character when it meets it: there are 68 sets of digits."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char
        return self[code]


_MARKS_AND_SPACES = {ord(mark): "" for mark in MARKS} | {ord(space): " " for space in SPACES}
_PLAIN = _Plain(_MARKS_AND_SPACES)


def plain(text: str) -> str:
    """Return a header with ASCII digits, simple spaces and no marks."""
    return text.translate(_PLAIN)


def trimmed(text: str) -> str:
    """Return a name or a text without the marks and spaces around it: a phone number comes wrapped in some."""
    return text.strip(MARKS + SPACES)


def digit_zero(text: str) -> set[str]:
    """Return the zeros of the digit sets, other than ASCII, that a text is written with."""
    return {chr(ord(c) - unicodedata.decimal(c)) for c in set(text) if c > "\x7f" and unicodedata.category(c) == "Nd"}


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
