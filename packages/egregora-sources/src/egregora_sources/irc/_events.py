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
    notice = pc.match_substring_regex(mark, r"^-[^\s!-][^\s]*-$")
    event, about = pa.nulls(len(rest), pa.string()), pa.nulls(len(rest), pa.string())
    changes: list[tuple[str, str]] = []
    open_ = pc.invert(notice)
    for rule in _rules():
        fits = pc.and_(open_, pc.match_substring_regex(rest, rule["plain"]))
        if not rule["sure"]:
            fits = pc.and_not(fits, does)
        if not pc.any(fits).as_py():
            continue
        who = _about(rest.filter(fits), rule["pattern"])
        event = pc.if_else(fits, rule["event"], event)
        if who is not None:
            about = pc.replace_with_mask(about, fits, who)
            if rule["event"] == "rename":
                changes += [(a, b) for a, _, b in (each.partition(SEPARATOR) for each in who.drop_null().to_pylist()) if b]
        open_ = pc.and_not(open_, fits)
    return _columns(rest, (does, notice, open_, mark), event, about, changes)


def _columns(rest: pa.Array, how: Any, event: pa.Array, about: pa.Array, changes: list[tuple[str, str]]) -> Told:
    does, notice, open_, mark = how
    acts = pc.and_(does, open_)
    parts = pc.extract_regex(rest, r"(?s)^(?P<nick>\S+)(?:\s|$)(?P<deed>.*)$")
    nick = pc.if_else(acts, pc.struct_field(parts, "nick"), None)
    acts = nick.is_valid()
    text = pc.if_else(acts, pc.struct_field(parts, "deed"), rest)
    # irssi writes the channel behind the nick of a notice.
    noticer = pc.replace_substring_regex(mark, r"^-([^:]+?)(?::[#&]\S*)?-$", r"\1")
    author = pc.if_else(acts, nick, pc.if_else(notice, noticer, None))
    event = pc.if_else(author.is_valid(), None, pc.fill_null(event, "other"))
    return Told(author, text, event, about, changes)


def _about(lines: pa.Array, pattern: str) -> pa.Array | None:
    """Return the nicks that lines name, joined; null for those that name none."""
    names = [name for name in _ABOUT if f"(?P<{name}>" in pattern]
    if not names:
        return None
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
