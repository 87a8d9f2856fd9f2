"""Texts that a download wrote wrongly: each byte of their UTF-8 as a character of its own (`Ã©` for `é`).

Some strings of the same file are right, and some downloads are all right: each is repaired by itself, and only where
its characters are bytes of UTF-8.
"""

from typing import Any

from egregora_core.builtin._export_values import text_of


def right(value: Any) -> str | None:
    """Return a text as it was meant; None for what is none."""
    text = (value or None) if isinstance(value, str) else text_of(value)
    if text is None or text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
