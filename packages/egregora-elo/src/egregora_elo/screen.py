"""Two texts on one screen: side by side where there is room, one below the other where there is none.

Widths are cells of a terminal, not characters: most emoji and CJK characters take two, combining marks none. What a
terminal would obey instead of showing it is taken out, or a message could rub out the screen it is shown on.
"""

import re
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP = " │ "
_NARROWEST = 28
"""Columns narrower than this are harder to read than one text below the other."""
_ROWS_AROUND = 6
"""For the rules, the keys, and what the last answer changed."""
_FEWEST_ROWS = 6
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, and those that turn the direction of what follows."""


def laid_out(left: str, right: str, width: int, height: int | None) -> str:
    """Lay two texts out for a screen of so many cells, cut to its height; with None, whole."""
    rows = None if height is None else max(height - _ROWS_AROUND, _FEWEST_ROWS)
    column = (width - len(_GAP)) // 2
    if column < _NARROWEST:
        return _stacked((left, right), width, None if rows is None else max(rows // 2 - 1, _FEWEST_ROWS // 2))
    columns = [_wrapped(text, column, rows) for text in (left, right)]
    lines = [f"{a}{' ' * (column - cell_len(a))}{_GAP}{b}".rstrip() for a, b in zip_longest(*columns, fillvalue="")]
    rule = "─" * (column + 1)
    return "\n".join([f"{rule}┬{rule}", *lines, f"{rule}┴{rule}"])


def _stacked(texts: tuple[str, str], width: int, rows: int | None) -> str:
    lines = []
    for name, text in zip(("left", "right"), texts, strict=True):
        lines += [f"── {name} ".ljust(width, "─"), *_wrapped(text, width, rows)]
    return "\n".join([*lines, "─" * width])


def _wrapped(text: str, width: int, rows: int | None) -> list[str]:
    console = Console(width=width, color_system=None)
    shown = Text(_COMMANDS.sub("", text.replace("\r\n", "\n")).strip())
    lines = [line.plain.rstrip() for line in shown.wrap(console, width, overflow="fold")]
    if rows is None or len(lines) <= rows:
        return lines
    return [*lines[: rows - 1], f"… {len(lines) - rows + 1:,} more lines: m"]


def in_lines(parts: list[str], width: int) -> str:
    """Put short parts beside each other, in as many lines as a screen of so many cells needs."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]}   {part}"
        lines = [*lines[:-1], longer] if len(longer) <= width else [*lines, part]
    return "\n".join(lines)
