"""What WhatsApp says itself in a line that nobody wrote, told by what it is made of: an action, and what it is done to.

No sentence is listed whole, as each has a name in it and many forms. A person's name may hold a word for a group, or
one for what was done, hardly both.
"""

import re
import unicodedata

from egregora_core.sources.whatsapp.characters import MARKS
from egregora_core.sources.whatsapp.phrases import word_parts, words

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
    if not _is_long_enough(text):
        return False
    text = folded
    return bool(_FIXED.search(text)) or bool(_ACTION.search(text) and _THING.search(text))


def tells_of_group(text: str) -> bool:
    """Tell whether a notice is about a group, not about somebody's number or security code."""
    text = _folded(text)
    return bool(_ACTION.search(text) and any(thing not in _PERSONAL for thing in _THING.findall(text)))


def _is_long_enough(text: str) -> bool:
    return text.count(" ") >= _FEWEST_WORDS - 1 or bool(len(text) >= _FEWEST_LETTERS and _UNSPACED.search(text))


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
