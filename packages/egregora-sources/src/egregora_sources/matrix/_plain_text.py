"""A room as Element exports it as plain text: a line for each event, with a wall clock and who it is of by name.

Fri, Apr 9 2021 14:23:05 - Ana: hello

Nothing in it has an id. What Element says of people has no colon behind the name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from egregora_core.plugin import Export, ExportError, Row

from egregora_sources._values import Counts, type_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HEADER = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[,.]? "
    r"(?:(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>\d{1,2})|(?P<d>\d{1,2}) (?P<m>[A-Z][a-z]{2,8})\.?),? "
    r"(?P<year>\d{4}),?(?: at)? (?P<clock>\d{1,2}:\d\d:\d\d)(?:[ \u00a0\u202f](?P<half>[AaPp])\.?[Mm]\.?)? - "
)
_NAMED = re.compile(r"^.*? - (?P<room>.+) - Chat Export - .*$")
_REPLY = re.compile(r'<@[^\s<>:]+:[^\s<>]+(?: "[^\n]*?(?:"|\.\.\."))?> ')
_FILE = re.compile(
    r"(?P<name>.*?) ?\((?:(?P<here>File Attached)|Media omitted[^()]*|Error fetching file)\)$", re.DOTALL
)
_EMOTE = "* "
_SENT: Mapping[str, str] = {"sent an image.": "media", "sent a sticker.": "sticker"}
_DELETED = re.compile(r"Message deleted(?: by .+| on .+)?$")
_HALF_DAY = 12
_EVENTS: tuple[tuple[str, str], ...] = (
    ("leave", r"left the room|rejected the invitation|left the room: .*"),
    ("join", r"joined the room|accepted (?:an|the) invitation.*"),
    ("invite", r"invited .+|sent an invitation to .+"),
    ("ban", r"(?:un)?banned .+"),
    ("remove", r"removed (?!the |their |this ).+|withdrew .+"),
    ("rename", r"(?:changed|set|removed) their display name.*|(?:changed|removed) the room name.*"),
    ("picture", r"(?:changed|set|removed) (?:their|a) profile picture|(?:changed|removed|set) the room avatar.*"),
    ("topic", r"(?:changed|removed|set) the topic.*"),
    ("unpin", r"unpinned .+"),
    ("pin", r"pinned .+|changed the pinned messages.*"),
    ("role", r"changed the power level of .+"),
    ("call", r"(?:placed|started|ended) a (?:voice|video)? ?call.*"),
    ("create", r"created .*"),
    ("settings", r"(?:made|changed|set|turned on|enabled|disabled|added|removed|upgraded|allowed|prevented) .+"),
)
"""What Element says in English, behind a name, of what happened."""
_HAPPENED = re.compile(
    rf"(?P<who>(?:(?!: ).)+?) (?:{'|'.join(f'(?P<e{place}>{what})' for place, (_, what) in enumerate(_EVENTS))})$",
    re.DOTALL,
)


def is_plain_text(head: str) -> bool:
    """Tell whether a text begins as Element's does."""
    return bool(_HEADER.match(head.lstrip("\ufeff\r\n")))


def room_of(export: Export) -> str:
    """Return what the room is called, which Element puts into the file's name."""
    found = _NAMED.match(export.title)
    return found["room"] if found else export.title


@dataclass
class PlainText:
    """A text while it is read."""

    export: Export
    name: str
    left_out: Counts = field(default_factory=Counts)
    _writers: dict[str, None] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Yield the messages. Raises ExportError for a date that is none."""
        header, body, number = None, list[str](), 0
        for lines in self.export.lines(self.name):
            for line in lines:
                number += 1
                if found := _HEADER.match(line.removeprefix("\ufeff")):
                    if header is not None:
                        yield self._row(header, "\n".join(body))
                    header, body = self._when(found, number), [line.removeprefix("\ufeff")[found.end() :]]
                elif header is not None:
                    body.append(line)
        if header is not None:
            yield self._row(header, "\n".join(body))

    def _when(self, found: re.Match[str], number: int) -> datetime:
        month = (found["month"] or found["m"])[:3].casefold()
        hour, minute, second = map(int, found["clock"].split(":"))
        if found["half"]:
            hour = hour % _HALF_DAY + _HALF_DAY * (found["half"] in "Pp")
        try:
            place = _MONTHS.index(month) + 1
            return datetime(int(found["year"]), place, int(found["day"] or found["d"]), hour, minute, second)  # noqa: DTZ001 - a wall clock
        except ValueError:
            raise ExportError(
                f"{self.export.path}: {self.name}: line {number} has no date that there is; export the room as JSON in "
                "Element"
            ) from None

    def _row(self, when: datetime, body: str) -> Row:
        body = body.rstrip("\n")
        if happened := _HAPPENED.match(body):
            event = next(event for place, (event, _) in enumerate(_EVENTS) if happened[f"e{place}"])
            kind = "call" if event == "call" else "system"
            author = happened["who"] if kind == "call" else None
            return {
                "ts": when,
                "author": author,
                "kind": kind,
                "event": event,
                "text": body,
                "mentions": [happened["who"]],
            }
        for sent, kind in _SENT.items():
            said, _, rest = body.partition(f" {sent}")
            if said != body and ": " not in said:
                return {"ts": when, "author": said, "kind": kind, "media": [self._file(None, rest.strip())]}
        if body.startswith(_EMOTE):
            return {"ts": when, "author": self._emoting(body[len(_EMOTE) :]), "kind": "text", "text": body}
        author, colon, text = body.partition(": ")
        if not colon:
            return {"ts": when, "author": None, "kind": "system", "event": "other", "text": body}
        self._writers[author] = None
        return {"ts": when, "author": author, **self._said(text)}

    def _said(self, text: str) -> dict[str, Any]:
        if _DELETED.match(text):
            return {"kind": "deleted"}
        if reply := _REPLY.match(text):
            self.left_out.add("quotations of what is replied to")
            text = text[reply.end() :]
        if file := _FILE.match(text):
            return {"kind": "media", "media": [self._file(file["name"] or None, text, here=bool(file["here"]))]}
        return {"kind": "text", "text": text or None}

    def _file(self, name: str | None, told: str, *, here: bool | None = None) -> dict[str, Any]:
        here = told == "(File Attached)" if here is None else here
        return {"name": name, "type": type_of(name), "missing": not here}

    def _emoting(self, text: str) -> str:
        """Return who does what a line tells: somebody who wrote before, else the first word is a name."""
        known = [name for name in self._writers if text.startswith(f"{name} ")]
        return max(known, key=len, default=text.partition(" ")[0])
