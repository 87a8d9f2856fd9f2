"""E-mail addresses, phone, card and bank numbers and IP addresses, as they are written in chats.

Shapes, not checksums: RE2 has no lookaround, so what may stand beside a number is captured and put back, and each
pattern is applied twice, as two numbers can share a neighbour. Dates, times, prices and file stamps are shapes that no
pattern has: a phone number in local shape begins with 0, has a bracketed prefix, or ends in three or more digits.
"""

from typing import Any

LABELS = ("name", "email", "phone", "card", "bank", "ip", "url", "location")
"""What is masked; each is written `[label]` in the text and counted in `pii_flags`."""

_D = r"\p{Nd}"
_MARKS = r"[\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]"
_DASH = r"\x{2010}-\x{2015}\x{2212}\-"
_SPACE = r" \x{A0}\x{2007}\x{2009}\x{202F}"
_SEP = rf"(?:{_MARKS}{{0,2}}[{_SPACE}{_DASH}./()]{{1,2}}{_MARKS}{{0,2}}|{_MARKS}{{1,2}})"
_LOCAL = rf"[{_SPACE}{_DASH}./]"
_OPTIONAL = rf"{_LOCAL}?"

_LEFT = r"(^:?|[^\pL\pN.,:#_\-+$€£¥₹]|[^\pN]:)"
_RIGHT = r"($|[^\pL\pN.,%€]|[.,](?:$|[^\pN]))"

_URL = r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>\x{22}]+"
_EMAIL = r"(?:\[name\]|[\pL\pN\pM._%+'-])+(?:@|%40)(?:\[name\]|[\pL\pN\pM-])+(?:\.(?:\[name\]|[\pL\pN\pM-])+)+"
_IPV4 = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP4 = rf"(^|[^\pL\pN.])(?:{_IPV4}\.){{3}}{_IPV4}($|[^\pL\pN.]|\.(?:$|[^\pN]))"
_H = "[0-9A-Fa-f]{1,4}"
_IP6 = (
    rf"(^|[^\pL\pN:.])(?:(?:{_H}:){{7}}{_H}|(?:{_H}:){{1,7}}:|(?:{_H}:){{1,6}}(?::{_H}){{1,6}}|::(?:{_H}:){{0,6}}{_H})"
    r"($|[^\pL\pN:])"
)
_IBAN = (
    rf"(^|[^\pL\pN])(?:[A-Z]{{2}}[0-9]{{2}}[{_SPACE}\-]?[A-Z0-9]{{4}}[{_SPACE}\-]?[0-9]{{4}}"
    rf"(?:[{_SPACE}\-]?[A-Z0-9]{{4}}){{0,6}}(?:[{_SPACE}\-]?[A-Z0-9]{{1,3}})?"
    r"|[a-z]{2}[0-9]{2}[a-z0-9]{4}[0-9]{4}[a-z0-9]{3,19})($|[^\pL\pN])"
)
_GROUPED = "|".join(
    rf"(?:[3-6]{_D}|2[2-7]){_D}{{2}}(?:[{sep}]{_D}{{4}}){{3}}(?:[{sep}]{_D}{{1,3}})?|3{_D}{{3}}[{sep}]{_D}{{6}}[{sep}]{_D}{{4,5}}"
    for sep in (_SPACE, _DASH, ".")
)
_CARD = rf"{_LEFT}(?:{_GROUPED}|[2-6]{_D}{{13,18}}){_RIGHT}"
_ABROAD = rf"(?:[+＋]|(^|[^\pL\pN.,:#_\-])(?:00|٠٠|۰۰)){_SEP}?[^\PN0]{_SEP}?{_D}(?:{_SEP}?{_D}){{5,13}}($|[^\pN])"
_PAIRS = ((_SPACE, _SPACE + _DASH), (_DASH, _DASH), (".", "."), ("/", _SPACE + _DASH))
_LOCAL_SHAPES = "|".join(
    (
        rf"\({_D}{{2,5}}\){_SEP}?{_D}{{2,5}}(?:{_LOCAL}?{_D}{{2,5}}){{1,2}}",  # (11) 91234-5678
        *(rf"{_D}{{2,5}}[{one}]{_D}{{3,5}}[{two}]{_D}{{4}}" for one, two in _PAIRS),  # 555-123-4567, 11 91234-5678
        rf"[6-9]{_D}{{2}}[{_SPACE}{_DASH}]{_D}{{3}}[{_SPACE}{_DASH}]{_D}{{3}}",  # 612 345 678, but a price has dots
        rf"[0٠۰]{_D}(?:[{_SPACE}{_DASH}.]{_D}{{2}}){{4}}",  # 06 12 34 56 78
        rf"[0٠۰]{_D}{{2,4}}{_LOCAL}{_D}{{3,4}}{_LOCAL}?{_D}{{2,5}}",  # 0171 234 5678, 030-123456
        rf"9{_D}{{4}}{_LOCAL}{_D}{{4}}",  # 91234-5678
        rf"[3-9]{_D}{{2,3}}[{_DASH}](?:{_D}{{3}}[1-9]|{_D}{{2}}[1-9]0)",  # 555-1234; years and round ranges stay
        rf"[0٠۰]{_D}{{8,12}}|{_D}{{9,13}}",  # digits alone
    )
)
_PHONE = rf"{_LEFT}(?:{_LOCAL_SHAPES}){_RIGHT}"


_NUMBERS = (
    (_IBAN, "bank"),
    (_CARD, "card"),
    (_IP6, "ip"),
    (_IP4, "ip"),
    (_ABROAD, "phone"),
    (_PHONE, "phone"),
)
_NUMBER = rf"{_D}(?:[^\pL\n]{{0,4}}{_D}){{3}}|[0-9A-Fa-f]?::?[0-9A-Fa-f]"
"""Cheap and wide: only a text that has this meets the patterns of numbers."""


_DEGREES = r"[-+]?[0-9]{1,3}\.[0-9]{4,}"
_COORDINATES = rf"{_DEGREES}(?:,|;|%2C|%2c)?[ +]{{0,2}}(?:%20)?{_DEGREES}"
_PLACE = rf"{_URL}|[-+]?{_D}(?:[{_D}.,;°º′″'\x{{22}} -]*[{_D}°º′″'\x{{22}}])?"


def mask_places(text: Any, *, is_place: Any) -> Any:
    """Return an ibis text expression with `[location]` for coordinates.

    Where `is_place`, the whole message tells of a place: each address and each number in it goes.
    """
    return is_place.ifelse(text.re_replace(_PLACE, "[location]"), text.re_replace(_COORDINATES, "[location]"))


def mask_addresses(text: Any, *, mask_urls: bool) -> Any:
    """Return an ibis text expression with `[email]` (and `[url]`) for what it held.

    `text` may hold `[name]` already: an e-mail address with a masked name in it is still one.
    """
    if mask_urls:
        text = text.re_replace(_URL, "[url]")
    return text.re_replace(_EMAIL, "[email]")


def mask_numbers(text: Any) -> Any:
    """Return an ibis text column with `[bank]`, `[card]`, `[ip]` and `[phone]` for what it held."""
    masked = text
    for pattern, label in _NUMBERS:
        for _ in range(2):
            masked = masked.re_replace(pattern, rf"\1[{label}]\2")
    return text.re_search(_NUMBER).ifelse(masked, text)
