"""Columns of messages: nearly all of them say nothing, and counting tells so quickly."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

COLUMNS = ("thread", "msg_id", "ts", "author", "kind", "text", "reply_to", "reactions", "media")
"""What nearly all messages have at most, where each is known by an id: their rows are tuples of it."""


def filled(column: Sequence[Any]) -> list[int]:
    """Return the places at which a column holds something."""
    return [place for place, value in enumerate(column) if value] if any(column) else []


def given(column: Sequence[Any]) -> list[int]:
    """Return the places at which the file has the key of a column, be it with nothing."""
    return (
        [place for place, value in enumerate(column) if value is not UNSET] if column.count(UNSET) < len(column) else []
    )
