"""E-mail addresses, phone numbers and IP addresses, as they are written in chats.

Shapes, not checksums: RE2 has no lookaround, so what may stand beside a number is captured and put back, and each
pattern is applied twice, as two numbers can share a neighbour. Dates, times, prices and file stamps are shapes that no
pattern has: a phone number in local shape begins with 0, has a bracketed prefix, or ends in three or more digits.
Digits alone are a phone number where they are a mobile's with its country, or where the word before says so.
"""

from typing import Any

from egregora_core.privacy._mobiles import MOBILE
from egregora_core.privacy._named_numbers import DASHES, SPACES, THING, leave_things

LABELS = ("name", "email", "phone", "card", "bank", "id", "ip", "url", "location")
"""What is masked; each is written `[label]` in the text and counted in `pii_flags`."""

_D = r"\p{Nd}"
_MARKS = r"[\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]"
_SEP = rf"(?:{_MARKS}{{0,2}}[{SPACES}{DASHES}./()]{{1,2}}{_MARKS}{{0,2}}|{_MARKS}{{1,2}})"
_LOCAL = rf"[{SPACES}{DASHES}./]"
_OPTIONAL = rf"{_LOCAL}?"

_LEFT = rf"(^:?|[^\pL\pN.,:#_\-+$€£¥₹\x{{4}}{SPACES}]|[^\pN]:|(?:^|[^\pN\x{{4}}]|\pN{{4}})[{SPACES}])"
"""No place inside a longer number: `1 000 000 000`."""
_RIGHT = r"($|[^\pL\pN.,%€]|[.,](?:$|[^\pN]))"

URL = r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>\x{22}]+"
_N = r"\[name\]|\x05[^\x05\x06]+\x06"
"""A name that was found, as a label or a veiled pseudonym."""
_EMAIL = rf"(?:{_N}|[\pL\pN\pM._%+'-])+(?:@|%40)(?:{_N}|[\pL\pN\pM-])+(?:\.(?:{_N}|[\pL\pN\pM-])+)+"
_IPV4 = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP4 = rf"(^|[^\pL\pN.\x{{4}}])(?:{_IPV4}\.){{3}}{_IPV4}($|[^\pL\pN.]|\.(?:$|[^\pN]))"
_H = "[0-9A-Fa-f]{1,4}"
_IP6 = (
    rf"(^|[^\pL\pN:.])(?:(?:{_H}:){{7}}{_H}|(?:{_H}:){{1,7}}:|(?:{_H}:){{1,6}}(?::{_H}){{1,6}}|::(?:{_H}:){{0,6}}{_H})"
    r"($|[^\pL\pN:])"
)
_ABROAD = rf"(?:[+＋]|(^|[^\pL\pN.,:#_\-])(?:00|٠٠|۰۰)){_SEP}?[^\PN0]{_SEP}?{_D}(?:{_SEP}?{_D}){{5,13}}($|[^\pN])"
_PAIRS = ((SPACES, SPACES + DASHES), (DASHES, DASHES), (".", "."), ("/", SPACES + DASHES))
_NOT_YEAR = rf"(?:{_D}{{2,3}}|{_D}{{5}}|[03-9]{_D}{{3}}|1[0-8]{_D}{{2}}|2[1-9]{_D}{{2}}|[^\PN0-9]{_D}{{3}})"
_ZERO = "[0٠۰][^\\PN0٠۰]"
_LOCAL_SHAPES = "|".join(
    (
        rf"(?:1{_LOCAL})?\({_D}{{2,5}}\){_SEP}?{_D}{{2,5}}(?:{_LOCAL}?{_D}{{2,5}}){{1,2}}",  # (11) 91234-5678
        *(
            rf"(?:{_D}{{1,3}}[{one}])?{_NOT_YEAR}[{one}]{_D}{{3,5}}[{two}]{_D}{{4}}" for one, two in _PAIRS
        ),  # 555-123-4567, 11 91234-5678, 55 11 91234-5678
        rf"{_ZERO}{_D}{{1,3}}{_LOCAL}{_D}{{3,4}}{_LOCAL}?{_D}{{2,5}}",  # 0171 234 5678, 030-123456
        rf"9{_D}{{4}}{_LOCAL}{_D}{{4}}",  # 91234-5678
        rf"[3-9]{_D}{{2,3}}[{DASHES}](?:{_D}{{3}}[1-9]|{_D}{{2}}[1-9]0)",  # 555-1234; years and round ranges stay
        rf"[2-9]{_D}{{2}}[{SPACES}]0{_D}{{3}}|555[{SPACES}]{_D}{{4}}",  # 555 0143; no number in prose begins with 0
        rf"{_ZERO}{_D}{{7,11}}|[1-9][1-9]9[0-9]{{8}}|{MOBILE}",  # digits alone
    )
)
_EVEN_SHAPES = "|".join(
    (
        rf"(?:{_ZERO}|33[{SPACES}{DASHES}.][67])(?:[{SPACES}{DASHES}.]{_D}{{2}}){{4}}",  # 06 12 34 56 78
        # 612 345 678, but a price has dots
        rf"(?:(?:34|48|244|351)[{SPACES}{DASHES}])?[6-9]{_D}{{2}}(?:[{SPACES}{DASHES}]{_D}{{3}}){{2}}",
    )
)
"""Groups of one size: one more of them, and it is a longer number, or a list."""

_END = (
    rf"($|[^\pL\pN.,%€{SPACES}{DASHES}]"
    rf"|[.,](?:$|[^\pN])|[{SPACES}{DASHES}](?:$|[^\pN]|\pN{{1,3}}(?:$|[^\pN])|\pN{{5}}))"
)
"""As `_RIGHT`, but no further group of four: that is a longer number, of another kind."""
_PHONE = rf"{_LEFT}(?:{_LOCAL_SHAPES}){_END}"
_EVEN_PHONE = (
    rf"{_LEFT}(?:{_EVEN_SHAPES})(?:[{SPACES}](?:{_EVEN_SHAPES}))*"
    rf"($|[^\pL\pN.,%€{SPACES}{DASHES}]|[.,](?:$|[^\pN])|[{SPACES}{DASHES}](?:$|[^\pN]|\pN(?:$|[^\pN])|\pN{{4}}))"
)
_CALLED = (
    r"((?:^|[^\pL])(?i:call|phone|tel|telephone|mobile|cell|whats?app|zap|ligu?e|ligar|fone|telefone|telem[oó]vel|celular"
    r"|anruf|handy|telefon|ll[aá]ma(?:me)?|m[oó]vil|tel[eé]fono|appelle|portable|t[eé]l[eé]phone|chiama|cellulare|☎|📞|📱)"
    rf"(?:[^\pL\pN\n]{{1,3}}[A-Za-z\x{{C0}}-\x{{1FFF}}\x{{2C00}}-\x{{2FEF}}\x{{3040}}-\x{{D7FF}}]{{1,4}}){{0,2}}[^\pL\pN\n\x{{4}}]{{1,3}}){_D}(?:{_OPTIONAL}{_D}){{6,12}}{_RIGHT}"
)
"""Digits that only the word before makes a phone number."""


_NUMBERS = (
    (_IP6, "ip"),
    (_IP4, "ip"),
    (_ABROAD, "phone"),
    (_CALLED, "phone"),
    (_EVEN_PHONE, "phone"),
    (_PHONE, "phone"),
)
NUMBER = rf"{_D}(?:[^\n]{{0,4}}{_D}){{3}}|[0-9A-Fa-f]?::?[0-9A-Fa-f]"
"""Cheap and wide: only a text that has this meets the patterns of numbers."""


def mask_addresses(text: Any, *, mask_urls: bool) -> Any:
    """Return an ibis text expression with `[email]` (and `[url]`) for what it held.

    `text` may hold `[name]` already: an e-mail address with a masked name in it is still one.
    """
    if mask_urls:
        text = text.re_replace(URL, "[url]")
    return text.re_replace(_EMAIL, "[email]")


def mask_numbers(text: Any) -> Any:
    """Return an ibis text column with `[ip]` and `[phone]` for what it held."""
    masked = leave_things(text)
    for pattern, label in _NUMBERS:
        for _ in range(2):
            masked = masked.re_replace(pattern, rf"\1[{label}]\2")
    return text.re_search(NUMBER).ifelse(masked.replace("\x03", "").replace(THING, ""), text)
