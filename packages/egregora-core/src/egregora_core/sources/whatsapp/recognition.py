"""Tells an export of WhatsApp from any other text, by its first lines.

Logs of other programs begin their lines with a time, too, so what WhatsApp never writes counts as much.
"""

import re
from collections.abc import Sequence

from egregora_core.sources.whatsapp.header import LONG_YEAR, Header, parse_header
from egregora_core.sources.whatsapp.spelt_dates import respelling
from egregora_core.sources.whatsapp.template import Ballot
from egregora_core.sources.whatsapp.text import TextFile
from egregora_core.sources.whatsapp.yearless_dates import yearless

_NICK = re.compile(
    r"[\s\x00-\x1f]*(?:<[^<>\n]{1,60}>|\[[^\]\n]{1,60}\]:|[*=-]{1,3}[!<>*]?[*=-]?(?:\s|$)|[<>]{1,3}\s|-\S{1,40}-\s|[<>][*!-]?\s)"
)
_LEVEL = re.compile(
    r"[\[(<]?(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe)\b|\S+\[\d+\]", re.IGNORECASE
)
_HALF = 0.5


def looks_like_chat(text: TextFile, *, named: bool = True) -> float:
    """Return how much the start of a text looks like an export: the share of its lines that start a message.

    `named`: it is named as an export is. The rest is told from other programs' logs.
    """
    ballot = Ballot()
    lines = [line for line in text.head().split("\n")[:400] if line.strip()]
    ballot.add(lines)
    if ballot.headers and _are_foreign(
        [(x, line[len(x.raw) :]) for line in lines if (x := parse_header(line))], named=named
    ):
        return 0.0
    if not ballot.headers and text.respell is None:
        text.respell = respelling(lines, ballot, text.where) or yearless(lines, 0)
        return looks_like_chat(text, named=named) if text.respell else 0.0
    return ballot.headers / len(lines) if lines else 0.0


def _are_foreign(found: Sequence[tuple[Header, str]], *, named: bool) -> bool:
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
