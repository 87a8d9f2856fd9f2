"""Lines that the app writes itself: told by their words, and on iOS by the name above them.

A notice is made of an action and of what it is done to; no sentence is listed whole, as each has a name in it and many
forms. A person's name may hold a word for a group, or one for what was done, hardly both. On iOS the name is that of
the group or of the one whom the chat is with; where that one wrote no text, only a group is told to be one.
"""

import re
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from egregora_core.builtin.whatsapp._characters import MARKS, trimmed
from egregora_core.builtin.whatsapp._markers import LABELLED, Signs
from egregora_core.builtin.whatsapp._name_counts import Tally
from egregora_core.builtin.whatsapp._phrases import phrases, word_parts, words

_ACTION, _THING = words("action"), words("thing")
_FIXED = re.compile(word_parts("security", "encrypted"))
_PERSONAL = frozenset({"settings", "security code", "phone number", "channel", "código", "codice"})
"""Things that the app writes of in a chat of two, too."""
_YOU_FIRST = re.compile(rf"(?:{word_parts('you')}) ")
_YOU_DID = re.compile(word_parts("you_did"))
_NUMBER_FIRST = re.compile(r"[~+]")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_FEWEST_WORDS = 4
_FEWEST_LETTERS = 8
"""Of a sentence in a script without spaces."""
_LONG = 50
_VERY_LONG = 100
_PAIRS = (('"', '"'), ("“", "”"), ("«", "»"), ("「", "」"), ("„", "“”"), ("'", "'"), ("‘", "’"))
_APOSTROPHE = re.compile(r"(?:\S+ ){3,}['‘][^'’]*$")
"""Only after a few words, and before one, does it start a quotation."""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(MARKS + " ").casefold().replace("’", "'")


def is_notice(text: str) -> bool:
    """Tell whether a text, or its beginning, is the app's by its words alone: `Ana added you to a group in the …`."""
    folded = _folded(text)
    if _YOU_DID.search(folded):
        return bool(_THING.search(folded))
    spaced = text.count(" ") >= _FEWEST_WORDS - 1
    if not (spaced or (len(text) >= _FEWEST_LETTERS and _UNSPACED.search(text))):
        return False
    return bool(_FIXED.search(folded) or (_ACTION.search(folded) and _THING.search(folded)))


def tells_of_group(text: str) -> bool:
    """Tell whether a notice is about a group, not about somebody's number or security code."""
    text = _folded(text)
    return bool(_ACTION.search(text) and any(thing not in _PERSONAL for thing in _THING.findall(text)))


def tells_of(text: str, name: str) -> bool:
    """Tell whether a text says what somebody did: `Ana added Bob`, where `Ana` is the name."""
    start = f"{name} "
    return text.startswith(start) and bool(_ACTION.search(unicodedata.normalize("NFC", text[len(start) :])))


def tells_of_you(text: str) -> bool:
    """Tell whether a text says what you, or a number, did: `You added Bob`."""
    text = _folded(text)
    first = _YOU_FIRST.match(text) or _NUMBER_FIRST.match(text)
    return bool(first and _ACTION.search(text, first.end()))


def is_cut(text: str, rest: str) -> bool:
    """Tell whether a quotation starts in a text and ends in the rest: `Ana changed the subject from "a`, `b"`."""
    for start, ends in _PAIRS:
        if start in "'‘" and not _APOSTROPHE.match(text):
            continue
        if start in ends:
            if text.count(start) % 2 and rest.count(start) % 2:
                return True
        elif _unclosed(text, start, ends) > 0 > _unclosed(rest, start, ends):
            return True
    return False


def _unclosed(text: str, start: str, ends: str) -> int:
    return text.count(start) - sum(text.count(end) for end in ends)


def is_sentence(text: str) -> bool:
    """Tell whether what stands once before a colon is too much like prose for a name, however long names are.

    Names are written in capitals, prose is not; where a script has none, a long text that ends and goes on is prose.
    """
    if len(text) <= _LONG or not (len(text) > _VERY_LONG or re.search(r"[.。।] ?\w", text)):
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1]
    small, capital = sum(map(str.islower, words)), sum(word[0].isupper() for word in words)
    return small > capital or not (small or capital)


_NOTICE = 45
"""The app's first notice is wider than what it writes in place of a picture; an ideograph is two letters wide."""
_SHORT = 60
_PLACEHOLDERS = tuple(phrase.casefold() for phrase in phrases("placeholders"))
_OMITTED = re.compile(word_parts("omitted", "sticker", "contact"))
_CALL = re.compile(word_parts("call"))
_ENCRYPTED = re.compile(word_parts("encrypted"))
_CALLS = frozenset(phrase.casefold() for phrase in phrases("calls"))
_GONE = frozenset(phrase.casefold() for phrase in phrases("deleted"))
_GONE_BY = tuple(f"{phrase} ".casefold() for phrase in phrases("deleted_by"))
_WIDE = re.compile("[\u2e80-\uffef]")


_Said = dict[str, int]
"""What the marked texts under one name are, each kind with the width of its longest.

`theirs` stand for a message; then `call`, `event` (of a group), `encrypted` (the notice), `told` (by a start), `other`.
"""


def find_signs(names: Mapping[str, Tally], title: str | None) -> Signs:
    """Find under which name the app writes: the chat's title, or whoever has its notices."""
    if not any(tally.marked for tally in names.values()):
        return Signs(title if title in names else None, unmarked=True)
    classed = {
        name: [("theirs", 0)] * bool(tally.attached) + [_classed(name, text, names) for text in tally.said]
        for name, tally in names.items()
        if tally.marked
    }
    said = {name: dict(sorted(each)) for name, each in classed.items()}
    silent = {name for name, each in said.items() if "theirs" not in each and names[name].marked == names[name].count}
    name = _app_name(names, said, silent, title)
    if name is None:
        return Signs()
    others = sum(1 for other, tally in names.items() if other != name and tally.count and not is_notice(other))
    each = said.get(name, {})
    # It is the chat's for more than the width of a text under it.
    is_told = name == title or names[name].opening or "encrypted" in each
    is_group = "event" in each or (others > 1 and "call" not in each and bool(is_told))
    return Signs(name, is_group=name in silent and is_group)


def _app_name(
    names: Mapping[str, Tally], said: Mapping[str, _Said], silent: AbstractSet[str], title: str | None
) -> str | None:
    if title is not None and title in silent:
        return title
    for name, tally in names.items():
        wide = tally.opening and _width(dict([_classed(name, tally.opening, names)])) > _NOTICE
        if tally.opening and (wide or _ENCRYPTED.search(tally.opening.lower())):
            return name
    encrypted = [name for name, each in said.items() if "encrypted" in each]
    if encrypted:
        return min(encrypted, key=lambda name: (name not in silent, names[name].first))
    if title is not None and title in names:
        return title
    telling = [name for name in said if name in silent and ("event" in said[name] or _width(said[name]) > _NOTICE)]
    return max(telling, key=lambda name: ("event" in said[name], _width(said[name])), default=None)


def _width(said: _Said) -> int:
    return max(said.get("other", 0), said.get("encrypted", 0))


def _classed(name: str, text: str, names: Mapping[str, Tally]) -> tuple[str, int]:
    """Return what one text is, and its width; one that begins with another's name tells of them, whatever is in it."""
    text = trimmed(text)
    plain = unicodedata.normalize("NFC", text).lower()
    whole, short = plain.rstrip(".。 "), len(text) <= _SHORT
    if whole in _GONE or plain.startswith(_GONE_BY):
        return "theirs", 0
    if _ENCRYPTED.search(plain):
        return "encrypted", len(text)
    starts = (text[: space.start()] for space in re.finditer(" ", text[:101]))
    if any(start in names and start != name for start in starts) or tells_of_group(text):
        return "event", 0
    if text.startswith(f"{name} ") or tells_of_you(text) or re.match(LABELLED, text):
        return "told", 0
    theirs = plain.startswith(_PLACEHOLDERS) or (short and _OMITTED.search(plain))
    call = whole in _CALLS or (short and _CALL.search(plain))
    return "theirs" if theirs else "call" if call else "other", len(_WIDE.sub("xx", text))
