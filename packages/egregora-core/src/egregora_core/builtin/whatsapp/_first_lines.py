"""What the first lines of a text tell: is it an export of WhatsApp, and how is all of it written.

Logs of other programs begin their lines with a time, too, so what WhatsApp never writes counts as much.
"""

import re
from collections import Counter
from itertools import islice

from egregora_core.builtin.whatsapp._header import LONG_YEAR, Header, parse_header
from egregora_core.builtin.whatsapp._spelt_dates import spellings
from egregora_core.builtin.whatsapp._template import Template, padding
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import ExportError

_NICK = re.compile(
    r"[\s\x00-\x1f]*(?:<[^<>\n]{1,60}>|\[[^\]\n]{1,60}\]:|[*=-]{1,3}[!<>*]?[*=-]?(?:\s|$)|[<>]{1,3}\s|-\S{1,40}-\s|[<>][*!-]?\s)"
)
_LEVEL = re.compile(
    r"[\[(<]?(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe)\b|\S+\[\d+\]", re.IGNORECASE
)


def looks_like_chat(text: TextFile, *, named: bool = True) -> float:
    """Return how much the start of a text looks like an export: the share of its lines that start a message.

    `named`: it is named as an export is. The rest is told from other programs' logs.
    """
    lines = [line for line in text.head().split("\n")[:400] if line.strip()]
    found = [(header, line[len(header.raw) :]) for line in lines if (header := parse_header(line))]
    if not found and text.respell is None:
        text.respell = next(iter(spellings(lines, 0)), None)
        return looks_like_chat(text, named=named) if text.respell else 0.0
    foreign = sum(_is_foreign(header, rest, named=named) for header, rest in found)
    # A chat in which nobody wrote is only known by its name.
    is_chat = 2 * foreign <= len(found) and (named or any(":" in rest for _, rest in found))
    return len(found) / len(lines) if found and is_chat else 0.0


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


OPENING = 1 << 17
"""Bytes of the beginning that tell how headers are written and how the chat begins."""
_LUNAR_YEARS = range(1428, 1460)
"""Years of the Islamic calendar, whose months begin as authorities say."""
_LOOK = 1 << 20
"""Bytes; what is read in other pieces than the usual is no pass over the text that a person waits for."""


def look_at(text: TextFile) -> list[Header]:
    """Return the headers of a text's opening, and set how the text is read from now on.

    Raises ExportError where there are none, or where they count lunar years.
    """
    # On iPhones a header stands behind `\r\n`, and messages hold `\n` alone.
    text.crlf = True
    text.crlf = any(map(parse_header, _opening(text)[1:]))
    lines = _opening(text)
    headers = [header for header in map(parse_header, lines) if header]
    if text.respell is None and (found := spellings(lines, len(headers))):
        # Phones left out the current year, so dates may lose theirs towards the end.
        spelling = next(each for each in reversed(found) if each is found[0] or each.is_of(text))
        text.respell = spelling.settled(text)
        return look_at(text)
    if not headers:
        raise ExportError(f"{text.where}: no WhatsApp chat in it; give the .txt or .zip that WhatsApp exported")
    if max(max(header.numbers()) for header in headers if header.shape == headers[0].shape) in _LUNAR_YEARS:
        raise ExportError(
            f"{text.where}: its dates are of the Islamic calendar, which is not read; "
            "set the phone's calendar to Gregorian and export the chat again"
        )
    return headers


def _opening(text: TextFile) -> list[str]:
    """Return the first lines; of a small text, all."""
    return b"".join(islice(text.chunks(OPENING // 2), 2)).decode("utf-8", "replace").split("\n")


def settled(text: TextFile, template: Template) -> Template:
    """Return the template with each field of which the opening held no small number as the first ones show it.

    Which lines are headers must not depend on the month in which a chat begins.
    """
    for chunk in text.chunks(_LOOK) if template.unseen else ():
        for field in template.unseen:
            numbers = re.findall(b"(?m)^" + template.small_numbers(field), chunk)
            seen = Counter(len(number.decode()) > 1 for number in numbers)
            template = template.with_paddings({field: padding(seen)})
        if not template.unseen:
            break
    return template
