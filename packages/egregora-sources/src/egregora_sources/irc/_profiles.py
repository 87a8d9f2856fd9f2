"""How lines look, from `profiles.toml`; and by which of it the first lines of a file are read."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from egregora_core.plugin import Sure

COLUMNS, TABS = "columns", "tabs"
"""Styles in which marks stand where nicks do."""
_BARE = "colon alone"
_LOOKED_AT = 500
_ENOUGH, _NEARLY_ALL, _SOME = 0.6, 0.9, 3
_BESIDE = r"^[ \t]+\S|^={3} \S"
"""Lines that have no stamp where others have: the rest of one that was broken, and events in Ubuntu's logs."""


@cache
def profiles() -> dict[str, Any]:
    """Return the file's content."""
    return tomllib.loads(files(__package__).joinpath("profiles.toml").read_text("utf-8"))


@cache
def months() -> tuple[tuple[str, int], ...]:
    """Return the beginnings of names of months, the longest first, and their numbers."""
    found = [(name, int(number)) for number, names in profiles()["months"].items() for name in names]
    return tuple(sorted(found, key=lambda each: -len(each[0])))


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are written, and how surely they are those of an IRC log."""

    stamp: str
    style: str
    sure: Sure

    @property
    def pattern(self) -> str:
        """Of the beginning of a line: when it was said."""
        return f"^{_of('stamps', self.stamp)}"

    @property
    def message(self) -> str:
        """Of a whole line of somebody."""
        return f"(?s){self.pattern}{_of('styles', self.style)}$"

    @property
    def other(self) -> str:
        """Of a whole line of no one: what the program tells, or what somebody does."""
        behind = r"(?:[|│][ \t]?)?" if self.style == COLUMNS else ""
        return rf"(?s){self.pattern}(?:[ \t]+(?:(?P<mark>{_marks()})(?:[ \t]+|$))?|$){behind}(?P<rest>.*)$"

    @property
    def has_time(self) -> bool:
        return self.stamp != "none"


def bare() -> str:
    """Return the pattern of a line without a stamp that is no message."""
    return rf"(?s)^(?:(?P<mark>{_marks()})(?:[ \t]+|$))?(?P<rest>.*)$"


def _marks() -> str:
    return str(profiles()["marks"]["pattern"])


def _of(kind: str, name: str) -> str:
    return str(next(each["pattern"] for each in profiles()[kind] if each["name"] == name))


def layout_of(head: str) -> Layout | None:
    """Return by what the beginning of a file is read; None where it is no log of IRC."""
    if re.search(profiles()["frame"]["others"], head):
        return None
    table = pa.array([line.removesuffix("\r") for line in head.split("\n")[:_LOOKED_AT] if line.strip()], pa.string())
    frames = pc.match_substring_regex(table, profiles()["frame"]["pattern"])
    framed = bool(pc.any(frames).as_py())
    lines = table.filter(pc.invert(pc.or_(frames, pc.match_substring_regex(table, _BESIDE))))
    if not len(lines):
        return None
    stamps = {
        stamp["name"]: _count(lines, f"^{stamp['pattern']}") for stamp in profiles()["stamps"] if stamp["pattern"]
    }
    stamp = max(stamps, key=lambda name: stamps[name])
    if stamps[stamp] < _ENOUGH * len(lines):
        stamp = "none"
    styles = _styles(stamp)
    score, messages, layout = max((_scored(lines, stamp, style) for style in styles), key=lambda each: each[:2])
    if layout.style == _BARE and not _is_talk(lines, layout):
        return None
    return layout if score >= _ENOUGH * len(lines) and (messages or framed) else None


def _is_talk(lines: pa.Array, layout: Layout) -> bool:
    """Tell whether lines `word: words` are what people say to each other, and no settings, headers or log of a program.

    All of them are so, there are several people, and one of them speaks again.
    """
    nicks = pc.struct_field(pc.extract_regex(lines, layout.message), "nick").drop_null()
    people = {nick.casefold() for nick in pc.unique(nicks).to_pylist()}
    all_of_them = len(nicks) == len(lines) >= _SOME
    return all_of_them and 1 < len(people) < len(nicks) and people.isdisjoint(profiles()["marks"]["levels"])


def _styles(stamp: str) -> Sequence[str]:
    (found,) = (each for each in profiles()["stamps"] if each["name"] == stamp)
    return list(
        found.get("styles") or [style["name"] for style in profiles()["styles"] if " alone" not in style["name"]]
    )


def _scored(lines: pa.Array, stamp: str, style: str) -> tuple[int, int, Layout]:
    layout = Layout(stamp, style, "no")
    messages = _count(lines, layout.message)
    words = str(profiles()["marks"]["words"]).removeprefix("^")
    marked = rf"{layout.pattern}[ \t]+(?:(?:{_marks()})[ \t]|{words})" if layout.has_time else r"^\*{1,3} \S"
    score = _count(lines, rf"{layout.message}|{marked}")
    if messages and layout.has_time and score < _NEARLY_ALL * len(lines):
        events = "|".join(rule["pattern"].removeprefix("^") for rule in profiles()["events"])
        score = _count(lines, rf"{layout.message}|{marked}|{layout.pattern}[ \t]+(?:{events})")
    two_words = (
        layout.has_time and _count(lines, rf"{layout.pattern}[ \t]*<[^<>\t]*[^<>\s@+~&%!] +[^<>\s]") * 3 > messages
    )
    return score, messages, Layout(stamp, style, _sure(layout, score, len(lines), two_words=two_words))


def _count(lines: pa.Array, pattern: str) -> int:
    """Count the lines that a pattern fits, whose groups are of no interest."""
    plain = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    return int(pc.sum(pc.match_substring_regex(lines, plain)).as_py() or 0)


def _sure(layout: Layout, score: int, lines: int, *, two_words: bool) -> Sure:
    """Say how sure lines are. A nick is one word: where many are two, another program took IRC for its model."""
    if layout.style == "colon" or not layout.has_time:
        return "maybe"
    odd = layout.style == "square brackets" or two_words
    if score >= _SOME and score >= _NEARLY_ALL * lines and not odd:
        return "certain"
    return "likely"
