"""Tables and facts for people. In a terminal they fit it; anywhere else nothing is ever shortened."""

import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import typer

from egregora_core.plain_text import plain

_MEASURED = 1000
_NARROW = re.compile("[ -\u02ff\u2010-\u2027\u2190-\u21ff\u23ce]*")
"""What takes one cell each, beyond doubt: Latin letters, punctuation, arrows. For the rest rich is imported."""
_BREAK = re.compile("\r\n|[\n\u2028\u2029]")
_GAP = "  "
_READABLE = 12
"""Cells; a column is rather left out than made narrower."""


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    empty: str = "nothing yet",
    whole: Collection[str] = (),
    spare: Sequence[str] | None = (),
) -> None:
    """Print columns, aligned as the first thousand rows need it; `empty` where there is no row.

    In a terminal without room columns get narrower and their cells end in `…`, but for those named in `whole`. Where
    that is not enough, columns are left out, those of `spare` first, and a note says which; or, where `spare` is None,
    each row stands by itself, one column a line.
    """
    cells = (["" if value is None else _one_line(value) for value in row] for row in rows)
    first = list(islice(cells, _MEASURED))
    if not first:
        typer.echo(empty)
        return
    headings = [_one_line(heading) for heading in headings]
    widths = [max(map(_width, column)) for column in zip(headings, *first, strict=True)]
    room = terminal_width()
    if room is not None:
        order = [headings.index(name) for name in spare or () if name in headings]
        rigid = {place for place, name in enumerate(headings) if name in whole}
        shown = _fitted(widths, room, rigid, order)
    else:
        shown = dict(enumerate(widths))
    if spare is None and len(shown) < len(headings):
        for number, row in enumerate(chain(first, cells), 1):
            typer.echo(_cut(f"-- row {number:,} --", room or 0))
            _print_facts(zip(headings, row, strict=True))
        return
    for line in chain([headings], first, cells):
        padded = (_padded(line[place], width, cut=room is not None) for place, width in shown.items())
        typer.echo(_GAP.join(padded).rstrip())
    if left_out := [name for place, name in enumerate(headings) if place not in shown]:
        told = f"note: no room for {', '.join(left_out)}; a wider terminal shows it, and so does `| cat`"
        typer.echo(between_words(told) if sys.stderr.isatty() else told, err=True)


def print_facts(facts: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one below the other; a long value goes on below itself."""
    _print_facts((_one_line(name), "" if value is None else _in_words(value)) for name, value in facts)


def _in_words(value: Any) -> str:
    """Return a value as people write it: what counts is behind what it counts."""
    if isinstance(value, Mapping):
        return ", ".join(f"{_one_line(key)} ({_in_words(each)})" for key, each in value.items())
    return ", ".join(map(_in_words, value)) if isinstance(value, list | tuple) else _one_line(value)


def _print_facts(facts: Iterable[tuple[str, str]]) -> None:
    lines = list(facts)
    indent = max((_width(name) for name, _ in lines), default=0) + len(_GAP)
    room = terminal_width()
    for name, value in lines:
        head = name + " " * (indent - _width(name))
        if room is None or _width(value) <= room - indent or room < indent + _READABLE:
            typer.echo(f"{head}{value}".rstrip())
            continue
        for number, part in enumerate(_wrapped(value, room - indent)):
            typer.echo((" " * indent if number else head) + part)


def between_words(text: str) -> str:
    """Return text with line breaks at blanks where a terminal of this width would break it anywhere."""
    room = shutil.get_terminal_size().columns
    return "\n".join(line for whole in text.split("\n") for line in _lines(whole, room))


def _lines(text: str, room: int) -> Iterator[str]:
    line = ""
    for word in re.findall(" *[^ ]+| +$", text):
        if line and _width((line + word).rstrip()) > room:
            yield line
            line = word.lstrip()
        else:
            line += word
    yield line


def terminal_width() -> int | None:
    """Return how many cells a line has where stdout is a terminal; None anywhere else."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _fitted(widths: Sequence[int], room: int, rigid: Collection[int], spare: Sequence[int]) -> dict[int, int]:
    """Return the width of each column that is shown, by its place."""
    shown = list(range(len(widths)))
    going = [*spare, *(place for place in reversed(shown) if place not in spare)]
    least = {place: widths[place] if place in rigid else min(widths[place], _READABLE) for place in shown}
    while len(shown) > 1 and sum(least[place] for place in shown) > room - len(_GAP) * (len(shown) - 1):
        shown.remove(going.pop(0))
    left = room - len(_GAP) * (len(shown) - 1)
    found = {place: widths[place] for place in shown if place in rigid}
    left -= sum(found.values())
    soft = sorted((place for place in shown if place not in rigid), key=lambda place: widths[place])
    for number, place in enumerate(soft):  # the narrowest first: what they do not need is there for the others
        found[place] = min(widths[place], max(left // (len(soft) - number), 1))
        left -= found[place]
    return {place: min(found[place], room) for place in shown}


def _padded(cell: str, width: int, *, cut: bool) -> str:
    taken = _width(cell)
    if cut and taken > width:
        return _cut(cell, width - 1) + "…"
    return cell + " " * (width - taken)


def _cut(text: str, width: int) -> str:
    if _NARROW.fullmatch(text):
        return text[:width]
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def _wrapped(text: str, width: int) -> list[str]:
    from rich.console import Console
    from rich.text import Text

    return [line.plain.rstrip() for line in Text(text).wrap(Console(width=width), width, overflow="fold")]


def _one_line(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if text.isprintable() else plain(_BREAK.sub("⏎", text).replace("\t", " "))


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
