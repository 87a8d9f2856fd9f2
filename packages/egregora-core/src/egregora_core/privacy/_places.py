"""Coordinates, in the ways in which people and map services write them."""

from typing import Any

from egregora_core.privacy._named_numbers import THING, leave_things
from egregora_core.privacy._pii import URL

_MINUS = r"[-+\x{2212}]"
_GAP = r"(?:[ \x{A0}]|%20|\+)"
_MARKED = rf"{_GAP}{{0,2}}(?:,|;|/|\||%2[Cc]){_GAP}{{0,2}}"
_COMMA = rf"(?:{_MARKED}|{_GAP}{{0,4}})"
_APART = rf"(?:{_MARKED}|{_GAP}{{1,4}})"
"""The same where nothing else tells two numbers from one: a CPF is no pair."""

_FINE = rf"{_MINUS}?[0-9]{{1,3}}[.,][0-9]{{4,}}"
_DECIMAL = r"[0-9]{1,3}\.[0-9]{2,}"
_LATITUDE = r"(?:[0-9]|[1-8][0-9]|90)\.[0-9]{2,}"
_LONGITUDE = r"(?:[0-9]{1,2}|1[0-7][0-9]|180)\.[0-9]{2,}"
_ANY = rf"{_MINUS}?[0-9]{{1,3}}(?:[.,][0-9]+)?"
_SIDE = "[NSEWO]"
_DEGREE = r"[°º˚]"
_MINUTE, _SECOND = r"['’′ʹ´]", r"(?:[\x{22}”″ʺ]|['’′ʹ]{2})"
_ARC = (
    rf"[0-9]{{1,3}}{_GAP}?{_DEGREE}{_GAP}?[0-9]{{1,2}}(?:[.,][0-9]+)?{_GAP}?{_MINUTE}"
    rf"(?:{_GAP}?[0-9]{{1,2}}(?:[.,][0-9]+)?{_GAP}?{_SECOND})?"
)
_BARE_ARC = rf"[0-9]{{1,3}}{_GAP}?{_DEGREE}{_GAP}?[0-9]{{1,2}}\.[0-9]+"
"""Degrees and minutes without the sign of minutes."""


def _sided(angle: str) -> str:
    return rf"(?:{_SIDE}{_GAP}?{angle}|{angle}{_GAP}?{_SIDE})"


_ANGLE = _sided(
    rf"(?:{_ARC}|{_BARE_ARC}|[0-9]{{1,3}}\.[0-9]{{2,}}{_GAP}?{_DEGREE}?|[0-9]{{1,3}}(?:\.[0-9]+)?{_GAP}?{_DEGREE})"
)
_BETWEEN = r"[\x{22}'’]?[ \x{A0}]?[.:=]{0,2}[ \x{A0}]?[\x{22}'’]?"
_LAT = r"(?i:lat(?:itud[a-z]{0,4})?|breite(?:ngrad)?|breedtegraad|широта)"
_LON = r"(?i:lon|lng|long|longitud[a-z]{0,4}|l[äa]nge(?:ngrad)?|lengtegraad|долгота)"
_POINT = (
    r"[\x{1}-/:-@\[-`{-\x{A9}\x{AB}-\x{B1}\x{B4}\x{B6}-\x{B8}\x{BB}\x{D7}\x{F7}\x{589}\x{5BE}\x{60C}\x{61B}\x{66A}-\x{66D}\x{6D4}"
    r"\x{964}\x{965}\x{2000}-\x{206F}\x{20A0}-\x{20CF}\x{2190}-\x{245F}\x{2500}-\x{2775}\x{2794}-\x{2BFF}"
    r"\x{3000}-\x{3004}\x{3008}-\x{3020}\x{30FB}\x{FE00}-\x{FE6F}\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF20}\x{FF3B}-\x{FF40}"
    r"\x{FF5B}-\x{FF65}\x{1F000}-\x{1F0FF}\x{1F300}-\x{1FAFF}]"
)
"""What stands between two numbers: signs of any script. The engine prepares ranges sooner than all but letters."""
_WORD = r"[^\x{0}-@\[-`{-\x{BF}\x{2000}-\x{206F}]{2,}"
"""A word of what3words: of letters, as all but signs is prepared sooner by the engine than all letters."""
_NAMED = (
    rf"{_LAT}{_BETWEEN}{_ANY}{_POINT}{{0,4}}(?i:[a-z]{{0,3}}{_POINT}{{1,2}})?(?i:[a-z]{{1,4}})?"
    rf"{_LON}{_BETWEEN}{_ANY}"
    rf"|{_LON}{_BETWEEN}{_FINE}{_POINT}{{0,4}}(?i:[a-z]{{1,4}})?{_LAT}{_BETWEEN}{_FINE}"
)
_AXES = rf"[xXyY]{_BETWEEN}{_FINE}{_POINT}{{1,3}}[xXyY]{_BETWEEN}{_FINE}"
_GOOGLE = rf"![1-4]d{_MINUS}?{_DECIMAL}![1-4]d{_MINUS}?{_DECIMAL}"
_COARSE = rf"{_MINUS}?[0-9]{{1,3}}\.[0-9]+"
_CODE = "[23456789CFGHJMPQRVWX]"

_PAIR = (
    r"((?:^|[^,;0-9. $€£¥₹\pL+\x{4}-]|[^,;0-9.$€£¥₹] |[^0-9$€£¥₹][,;] ) ?)"
    rf"(?:{_MINUS}?{_LATITUDE},[ \x{{A0}}]?{_MINUS}?{_LONGITUDE})"
    r"($|[^0-9.,;%$€£¥₹° ]|[.,](?:$|[^0-9 ])|[.,]? (?:$|[^0-9$€£¥₹°%]))"
)

_PATTERNS = (
    rf"()(?:{_NAMED}|{_GOOGLE})()",
    rf"(^|[^\pL\pN])(?:{_AXES})()",
    rf"(^|[^\pL\pN])(?:{_ARC}{_GAP}?{_SIDE}?{_COMMA}{_ARC}{_GAP}?{_SIDE}?|{_ANGLE}{_COMMA}{_ANGLE})($|[^\pL\pN])",
    rf"(^|[^\pL\pN])(?:{_sided(_ARC)})($|[^\pL\pN])",
    rf"(^|[^\pN.,\x{{4}}])(?:{_FINE}{_DEGREE}?{_APART}{_FINE}{_DEGREE}?)()",
    # Two decimals alone may be prices: one of a pair, no longer list, beside no currency and no unit.
    _PAIR,
    rf"(^|[^\pL\pN.,\x{{4}}])(?:{_MINUS}{_DECIMAL}(?:{_APART}{_MINUS}?|{_MINUS}){_DECIMAL})($|[^0-9.])",
    rf"([^\pN][/@])(?:{_COARSE},{_COARSE})($|[^0-9.,]|,[0-9.]+[zma])",  # a stop of a route
    rf"(^|[^\pL\pN])(?:{_CODE}{{8}}\+{_CODE}{{2,3}})($|[^\pL\pN])",
    rf"(^|[^\pL\pN/:])///{_WORD}\.{_WORD}\.{_WORD}($|[^\pL\pN.])",
)
_NUMBER = r"[0-9][.,°º˚][ ]?[0-9]|[°º˚]|(?i:lat(?:itud|[^a-z]))|\+[23456789CFGHJMPQRVWX]{2}|///"
"""Only a text that has this meets the patterns."""

_PLACE = rf"{URL}|[-+]?\p{{Nd}}(?:[\p{{Nd}}.,;°º′″'\x{{22}} -]*[\p{{Nd}}°º′″'\x{{22}}])?"


def mask_places(text: Any, *, is_place: Any) -> Any:
    """Return an ibis text column with `[location]` for the coordinates that it held.

    Where `is_place`, the whole message tells of a place: each address and each number in it goes.
    """
    masked = leave_things(text)
    for pattern in (*_PATTERNS, *_PATTERNS):  # two may share what is between them
        masked = masked.re_replace(pattern, r"\1[location]\2")
    found = text.re_search(_NUMBER).ifelse(masked.replace(THING, ""), text)
    return is_place.ifelse(text.re_replace(_PLACE, "[location]"), found)
