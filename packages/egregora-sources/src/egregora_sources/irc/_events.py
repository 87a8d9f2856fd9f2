"""What a line says that is no message: what somebody does (`/me`), or what happened, and to whom."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from egregora_sources.irc._profiles import profiles

SEPARATOR = "\x1f"
_ABOUT = ("who", "whom", "many")


@dataclass
class Told:
    """Columns of lines that are no messages."""

    author: pa.Array
    """Who does something, or whose notice it is; null where the program tells what happened."""
    text: pa.Array
    event: pa.Array
    about: pa.Array
    """Nicks, joined by SEPARATOR; null where there are none."""
    changes: list[tuple[str, str]]
    """Nicks that were changed: from, to."""


def told(mark: pa.Array, rest: pa.Array) -> Told:
    """Say what lines tell, of what stands before and behind their mark (``: none)."""
    rest = pc.replace_substring_regex(rest, profiles()["marks"]["words"], "")
    does = pc.is_in(mark, pa.array(profiles()["marks"]["does"]))
    notice = pc.match_substring_regex(mark, r"^-(?:[^\s!*=-]|=[^\s-])[^\s]*-$")
    event, about, changes = _events(rest, does, pc.indices_nonzero(pc.invert(notice)))
    acts = pc.and_not(pc.and_(does, event.is_null()), notice)
    parts = pc.extract_regex(rest, r"(?s)^(?P<nick>\S+)(?:\s|$)(?P<deed>.*)$")
    nick = pc.if_else(acts, pc.struct_field(parts, "nick"), None)
    text = pc.if_else(nick.is_valid(), pc.struct_field(parts, "deed"), rest)
    # irssi writes the channel behind the nick of a notice.
    noticer = pc.replace_substring_regex(mark, r"^-([^:]+?)(?::[#&]\S*)?-$", r"\1")
    author = pc.coalesce(nick, pc.if_else(notice, noticer, None))
    event = pc.if_else(author.is_valid(), None, pc.fill_null(event, "other"))
    return Told(author, text, event, about, changes)


def _events(rest: pa.Array, does: pa.Array, open_: pa.Array) -> tuple[pa.Array, pa.Array, list[tuple[str, str]]]:
    """Return the event of each line, and whom it is about, null where no rule fits; and changes of nicks.

    `open_` are the numbers of the lines that may tell an event. What one rule fits, no other is asked about.
    """
    places, events, whom = [], [], []
    changes: list[tuple[str, str]] = []
    for rule in _rules():
        if not len(open_):
            break
        fits = pc.match_substring_regex(rest.take(open_), rule["plain"])
        if not rule["sure"]:
            fits = pc.and_not(fits, does.take(open_))
        place = open_.filter(fits)
        if not len(place):
            continue
        who = _about(rest.take(place), rule["pattern"])
        places.append(place)
        events.append(pa.repeat(rule["event"], len(place)))
        whom.append(who)
        if rule["event"] == "rename":
            pairs = (each.split(SEPARATOR) for each in who.drop_null().to_pylist())
            changes += [(pair[0], pair[1]) for pair in pairs if len(pair) > 1]
        open_ = open_.filter(pc.invert(fits))
    return _scattered(len(rest), places, events), _scattered(len(rest), places, whom), changes


def _scattered(length: int, places: list[pa.Array], values: list[pa.Array]) -> pa.Array:
    """Return values at their places, and null elsewhere."""
    if not places:
        return pa.nulls(length, pa.string())
    where, what = pa.concat_arrays(places), pa.concat_arrays(values)
    order = pc.index_in(pa.array(range(length), pa.uint64()), where)
    return what.take(order)


def _about(lines: pa.Array, pattern: str) -> pa.Array:
    """Return the nicks that lines name, joined; null for those that name none."""
    names = [name for name in _ABOUT if f"(?P<{name}>" in pattern]
    if not names:
        return pa.nulls(len(lines), pa.string())
    found = pc.extract_regex(lines, pattern)
    parts = []
    for name in names:
        part = pc.struct_field(found, name)
        if name == "many":
            part = pc.replace_substring_regex(part, r"[,\s]+(?:and\s+)?", SEPARATOR)
        parts.append(pc.if_else(pc.equal(part, ""), None, part))
    joined = pc.binary_join_element_wise(*parts, SEPARATOR, null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), None, joined)


@cache
def _rules() -> list[dict[str, Any]]:
    import re

    def plain(pattern: str) -> str:
        return re.sub(r"\(\?P<\w+>", "(?:", pattern)

    return [{"sure": False, **rule, "plain": plain(rule["pattern"])} for rule in profiles()["events"]]
