"""Texts that a download wrote wrongly: each byte of their UTF-8 as a character of its own (`Ã©` for `é`).

Some strings of the same file are right, and some downloads are all right: each is repaired by itself, and only where
its characters are bytes of UTF-8.
"""

from functools import lru_cache
from typing import Any

from egregora_core.builtin._export_values import text_or_number


def right(value: Any) -> str | None:
    """Return a text as it was meant; None for what is none."""
    text = (value or None) if isinstance(value, str) else text_or_number(value)
    return text if text is None or text.isascii() else mended(text)


def mended(text: str) -> str:
    """Return a text, of more than ASCII, as it was meant."""
    return _mended_again(text) if len(text) < _SHORT else _mended(text)


def _mended(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


_SHORT = 30
_mended_again = lru_cache(1 << 12)(_mended)
"""Of names and emojis, which come again and again."""
