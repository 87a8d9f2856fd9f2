"""Two texts on one screen: side by side where there is room, one below the other where there is none.

Widths are cells of a terminal, not characters: most emoji and CJK characters take two, combining marks none. What a
terminal would obey instead of showing it is taken out, or a message could rub out the screen it is shown on.
"""

import sys
from collections.abc import Sequence
from io import StringIO
from itertools import zip_longest

from egregora_core.plugin import plain
from rich.console import Console
from rich.markdown import Markdown
from rich.segment import Segment, Segments

_GAP = Segment(" │ ")
_NARROWEST = 28
"""Columns narrower than this are harder to read than one text below the other."""
_ROWS_AROUND = 6
"""For the rules, the keys, and what the last answer changed."""
_FEWEST_ROWS = 6

Line = list[Segment]


def laid_out(left: str, right: str, width: int, height: int | None) -> str:
    """Lay two Markdown texts out for a screen of so many cells, cut to its height; with None, whole."""
    rows = None if height is None else max(height - _ROWS_AROUND, _FEWEST_ROWS)
    column = (width - _GAP.cell_length) // 2
    if column < _NARROWEST:
        return _stacked((left, right), width, None if rows is None else max(rows // 2 - 1, _FEWEST_ROWS // 2))
    columns = [_rendered(text, column, rows) for text in (left, right)]
    rule = "─" * (column + 1)
    empty: Line = []
    lines = [[*Segment.adjust_line_length(a, column), _GAP, *b] for a, b in zip_longest(*columns, fillvalue=empty)]
    return "\n".join([f"{rule}┬{rule}", *_printed(lines, width), f"{rule}┴{rule}"])


def _stacked(texts: tuple[str, str], width: int, rows: int | None) -> str:
    lines = []
    for name, text in zip(("left", "right"), texts, strict=True):
        lines += [f"── {name} ".ljust(width, "─"), *_printed(_rendered(text, width, rows), width)]
    return "\n".join([*lines, "─" * width])


def _rendered(text: str, width: int, rows: int | None) -> list[Line]:
    """Render Markdown into lines of so many cells; links lose their targets, which may say whose page it is."""
    console = Console(width=width, file=StringIO())
    source = Markdown(plain(text.replace("\r\n", "\n")))
    lines = [_clean(line) for line in console.render_lines(source, console.options, pad=False)]
    while lines and not _text(lines[0]):
        lines.pop(0)
    while lines and not _text(lines[-1]):
        lines.pop()
    if rows is None or len(lines) <= rows:
        return lines or [[]]
    return [*lines[: rows - 1], [Segment(f"… {len(lines) - rows + 1:,} more lines: m")]]


def _clean(line: Line) -> Line:
    """Take out what an entity (`&#155;`) may have become, and what a terminal opens on a click."""
    return [Segment(plain(text), style.update_link(None) if style else None) for text, style, _ in line]


def _text(line: Line) -> str:
    return "".join(segment.text for segment in line).strip()


def _printed(lines: Sequence[Line], width: int) -> list[str]:
    """Return lines as this terminal is told to show them: bold and coloured, where it can."""
    printed = []
    for line in lines:
        console = Console(width=width, file=StringIO(), force_terminal=sys.stdout.isatty(), soft_wrap=True)
        with console.capture() as captured:
            console.print(Segments(line), end="")
        printed.append(captured.get().rstrip())
    return printed


def in_lines(parts: list[str], width: int) -> str:
    """Put short parts beside each other, in as many lines as a screen of so many cells needs."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]}   {part}"
        lines = [*lines[:-1], longer] if len(longer) <= width else [*lines, part]
    return "\n".join(lines)
