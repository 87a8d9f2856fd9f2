"""The tables that DiscordChatExporter writes: who, when, what, addresses of attachments, counts of reactions.

They hold no ids of messages and no channel: its id and name stand in the file's name. Old versions write times as the
clock of the exporting machine showed them, in a format that its user chose.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.builtin._export_values import LeftOut, People, attachment, instant_of_millis, text_or_number
from egregora_core.plugin import DateOrderError, ExportError

if TYPE_CHECKING:
    from egregora_core.plugin import DateOrder, Export

HEADER = re.compile(r'^\W*AuthorID"?[,;]"?Author"?[,;]"?Date"?[,;]"?Content\b')
_LARGEST = 64 << 20
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NAMED = (
    *("%d-%b-%y %I:%M %p", "%d-%b-%y %H:%M", "%d-%b-%Y %I:%M %p", "%d-%b-%Y %H:%M", "%d-%b-%y %I:%M:%S %p"),
    *("%A, %B %d, %Y %I:%M %p", "%A, %B %d, %Y at %I:%M %p", "%A, %d %B %Y %H:%M", "%d %B %Y %H:%M"),
)
_NUMERIC = re.compile(
    r"(\d+)([-/.])(\d+)\2(\d+),?[ \u00a0]"  # the day, in any order
    r"(\d+)[:.](\d+)(?:[:.](\d+))?(?:[ \u00a0\u202f]*([AaPp])\.?[Mm]\.?)?$"
)
_LONG_YEAR, _HALF_DAY, _MONTHS = 31, 12, 12
_REACTION = re.compile(r"(.+?) \((\d+)\)(?:,|$)")
_SHORTEST_UNIX = 9
_SECONDS = 10


def records(export: "Export", name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a CSV file, each with the line on which it ends. Raises ExportError, with the line."""
    csv.field_size_limit(_LARGEST)
    with export.open(name) as file:
        encoding = _BOMS.get(file.peek(2)[:2], "utf-8-sig")  # type: ignore[attr-defined]  # it is buffered
        with io.TextIOWrapper(file, encoding, newline="") as text:
            reader = csv.reader(text, delimiter=";" if export.head(name)[:20].count(";") else ",")
            try:
                for record in reader:
                    yield reader.line_num, record
            except (csv.Error, UnicodeError) as error:
                why = "is no text in its encoding" if isinstance(error, UnicodeError) else "is no CSV"
                raise ExportError(f"{export.path}: {name}: line {reader.line_num + 1} {why}; export it again") from None


@dataclass
class Clock:
    """How the times of a table are written."""

    zoned: bool
    order: "DateOrder | None"
    """Of day, month and year, where they are numbers."""

    def read(self, text: str) -> datetime | None:
        """Return the time: UTC, or the clock's where it is not `zoned`; None for what is no time."""
        if self.order is not None:
            return _numeric(text, self.order)
        found = _iso(text)
        if found is None:
            found = next((when for form in _NAMED if (when := _by(text, form))), None)
        return found if found is None or (found.tzinfo is not None) == self.zoned else None


def clock_of(export: "Export", name: str, wanted: "DateOrder | None") -> Clock | None:
    """Find out how a table writes its times; None where it has no message.

    Raises DateOrderError where nothing tells days from months, ExportError where the times cannot be read.
    """
    dates = (record[2] for _, record in records(export, name) if len(record) > 2 and record[2] != "Date")  # noqa: PLR2004 - the third column
    return clock_from(dates, wanted, f"{export.path}: {name}")


def clock_from(dates: Iterator[str], wanted: "DateOrder | None", where: str) -> Clock | None:
    """Find out how times are written, from all of them; None where there are none. Raises as `clock_of`."""
    first = next(dates, None)
    if first is None:
        return None
    if (found := _iso(first)) is not None:
        return Clock(found.tzinfo is not None, None)
    if any(_by(first, form) for form in _NAMED):
        return Clock(zoned=False, order=None)
    if _NUMERIC.match(first) is None:
        raise ExportError(f"{where}: its times are in a format that is not known; export it again with the default one")
    return Clock(zoned=False, order=_order([first, *dates], wanted, where))


def rows(export: "Export", name: str, channel: str, clock: Clock, beside: "Beside") -> Iterator[dict[str, Any]]:
    """Yield the messages of a table."""
    for line, record in records(export, name):
        if not record or record[0] == "AuthorID" or record[0].lstrip("\ufeff") == "AuthorID":
            continue
        if len(record) < len(("AuthorID", "Author", "Date", "Content")):
            raise ExportError(f"{export.path}: {name}: line {line} ends too early; export it again")
        who, called, date, content, *more = record
        when = clock.read(date)
        if when is None:
            raise ExportError(f"{export.path}: {name}: line {line} has no time of the others' format; export it again")
        author = beside.author(who.strip() or called, called)
        media = [attachment(None, url, beside.files) for url in _split(more[0])] if more else []
        yield {
            "thread": channel,
            "ts": when,
            "author": author,
            "text": text_or_number(content),
            "kind": "media" if media else "text",
            "media": media or None,
            "reactions": _reactions(more[1]) if len(more) > 1 and more[1] else None,
        }


@dataclass
class Beside:
    """What is remembered of an export beside its messages."""

    people: People
    left_out: LeftOut
    files: Collection[str]

    def author(self, id_: str, called: str) -> str:
        """Note somebody who is called `name#1234`, or by a name alone; return the id."""
        name, _, number = called.rpartition("#")
        bare = name if name and number.isdecimal() else called
        return self.people.meet(id_, bare, None if number == "0000" else called)


def _split(addresses: str) -> list[str]:
    """Return the addresses, between commas that addresses may have, too."""
    if "://" in addresses:
        return [each for each in re.split(r",(?=\w+://)", addresses) if each]
    return [each for each in addresses.split(",") if each]


def _reactions(told: str) -> list[dict[str, Any]]:
    return [
        {"emoji": emoji, "count": min(int(count), (1 << 31) - 1)}
        for emoji, count in _REACTION.findall(told)
        if len(count) <= _SECONDS
    ]


def _iso(text: str) -> datetime | None:
    if text.isdecimal() and len(text) >= _SHORTEST_UNIX:
        return instant_of_millis(int(text) * (1000 if len(text) <= _SECONDS else 1)) if len(text) <= 16 else None  # noqa: PLR2004 - microseconds
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _by(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - a wall clock
    except ValueError:
        return None


def _numeric(text: str, order: "DateOrder") -> datetime | None:
    found = _NUMERIC.match(text)
    if found is None:
        return None
    fields = dict(zip(order, (int(found[place]) for place in (1, 3, 4)), strict=True))
    hour, minute, second = int(found[5]), int(found[6]), int(found[7] or 0)
    if found[8]:
        hour = hour % _HALF_DAY + (_HALF_DAY if found[8] in "Pp" else 0)
    year = fields["Y"] + (2000 if fields["Y"] < 100 else 0)  # noqa: PLR2004 - two digits
    try:
        return datetime(year, fields["M"], fields["D"], hour, minute, second)  # noqa: DTZ001 - a wall clock
    except ValueError:
        return None


def _order(dates: Sequence[str], wanted: "DateOrder | None", where: str) -> "DateOrder":
    found = [match for date in dates if (match := _NUMERIC.match(date))]
    first, second = (max((int(match[place]) for match in found), default=0) for place in (1, 3))
    if first > _LONG_YEAR:
        return "YMD"
    if first > _MONTHS:
        return "DMY"
    if second > _MONTHS:
        return "MDY"
    if found[0][2] == ".":
        return "DMY"
    if wanted is not None:
        return wanted
    raise DateOrderError(
        f"{where}: nothing tells days from months in its dates; say which with --date-order dmy or mdy"
    )
