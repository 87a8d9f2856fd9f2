"""Names that are phone numbers, in any grouping: patterns in which numbers share the digits that they begin with.

An alternation of whole numbers is more than RE2 compiles from the eighth number on, and thousands of times as slow.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_COUNTRY = re.compile(r"\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3})(?=[0-9]{7})")
_AREA_DIGITS = {"+55": 2, "+1": 3}
"""Where people leave out the area of a number too."""
_BETWEEN = r"[ -/:-@\[-`{-~\x{A0}\x{2000}-\x{206F}]*"
"""What may stand between digits. All that is no letter would be a hundred times as large a program."""
_MARKED = r"\+?(?:[\x{202A}-\x{202E}\x{2066}-\x{2069}])?"
_TOGETHER = 500
"""Numbers in one pattern."""

_Tree = dict[str, Any]


def ways(name: str) -> list[str]:
    """Return the digits of a phone number: all; without its country where it has one; without its area too."""
    digits = "".join(str(unicodedata.decimal(char)) for char in name if char.isdecimal())
    found = [digits]
    if "+" in name and (country := _COUNTRY.match(f"+{digits}")):
        found.append(digits[country.end() - 1 :])
        if area := _AREA_DIGITS.get(country[0]):
            found.append(found[-1][area:])
    return found


def phone_patterns(names: Sequence[str]) -> Iterator[str]:
    """Yield alternations that find numbers however they are dialled, some hundred of them each."""
    for start in range(0, len(names), _TOGETHER):
        dialled = [ways(name) for name in names[start : start + _TOGETHER]]
        parts = [_MARKED + _grouped(found[0] for found in dialled)]
        if at_home := [found[1] for found in dialled if len(found) > 1]:
            parts.append(rf"\b(?:0{_BETWEEN})?{_grouped(at_home)}\b")
        if local := [way for found in dialled for way in found[2:]]:
            parts.append(rf"\b{_grouped(local)}\b")
        yield "|".join(parts)


def _grouped(numbers: Iterable[str]) -> str:
    """Return a pattern of the digits of some numbers, the longer of two that begin alike first."""
    tree: _Tree = {}
    for number in numbers:
        inner = tree
        for digit in number:
            inner = inner.setdefault(digit, {})
        inner[""] = {}
    return _rendered(tree)


def _rendered(tree: _Tree) -> str:
    branches = [digit + _behind(inner) for digit, inner in sorted(tree.items()) if digit]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _behind(tree: _Tree) -> str:
    if set(tree) == {""}:
        return ""
    rest = _BETWEEN + _rendered(tree)
    return f"(?:{rest})?" if "" in tree else rest


__all__ = ["phone_patterns", "ways"]
