"""Logs of other programs whose lines begin with a time, too: what WhatsApp never writes."""

import re
from collections.abc import Sequence

from egregora_core.sources.whatsapp.header import LONG_YEAR, Header

_NICK = re.compile(
    r"[\s\x00-\x1f]*(?:<[^<>\n]{1,60}>|\[[^\]\n]{1,60}\]:|[*=-]{1,3}[!<>*]?[*=-]?(?:\s|$)|[<>]{1,3}\s|-\S{1,40}-\s|[<>][*!-]?\s)"
)
_LEVEL = re.compile(
    r"[\[(<]?(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe)\b|\S+\[\d+\]", re.IGNORECASE
)
_HALF = 0.5


def are_foreign(found: Sequence[tuple[Header, str]], *, named: bool) -> bool:
    """Tell whether lines (header and what follows) are another program's; `named`: WhatsApp names its exports so."""
    if not found:
        return False
    foreign = sum(_is_foreign(header, rest, named=named) for header, rest in found)
    # A chat in which nobody wrote is only known by its name.
    return foreign > _HALF * len(found) or not (named or any(":" in rest for _, rest in found))


def _is_foreign(header: Header, rest: str, *, named: bool) -> bool:
    shape = header.shape
    if _NICK.match(rest) or "\t" in header.raw or rest.startswith("\t"):
        return True
    iso = shape.years[0] == LONG_YEAR and shape.literals[1] == "-"
    if shape.bracket:
        # iPhones write seconds; Signal's and Telegram's copies do not, but dashes or dots.
        copied = iso or shape.literals[1] == "."
        return copied and not (shape.seconds or shape.twelve_hours or named)
    bare = shape.literals[-1] == " "
    return bare and (iso or bool(_LEVEL.match(rest)))
