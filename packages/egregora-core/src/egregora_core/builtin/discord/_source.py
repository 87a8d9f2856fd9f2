"""Discord's exports: which files of a file, folder or zip hold messages, and of which channel.

Each channel is a file of its own, or several (`[part 2]`), and a folder may hold a whole guild. A channel is known by
its id, be it renamed; a thread of Discord is a channel of its own there, and here.
"""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from egregora_core.builtin._export_values import (
    LeftOut,
    People,
    file_names,
    in_natural_order,
    instant,
    last_part,
    text_or_number,
    values_beside,
)
from egregora_core.builtin.discord._exporter_csv import HEADER, Beside, Clock, clock_of, rows
from egregora_core.builtin.discord._exporter_page import rows_of_page
from egregora_core.builtin.discord._exporter_text import TEXT, channel_in, clock_of_text, rows_of_text
from egregora_core.builtin.discord._message import Channel
from egregora_core.builtin.discord._package import Package, channels_of
from egregora_core.builtin.discord._page_channel import channel_of_page, channel_of_table
from egregora_core.plugin import ExportError, Reading, ReadOptions, Recognised, Report, Thread
from egregora_core.plugin.json_values import dict_of, id_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_EXPORTER = re.compile(r'"guild"\s*:\s*\{[\s\S]*?"channel"\s*:\s*\{')
_MESSAGES = re.compile(r'"messages"\s*:\s*\[')
_ALIKE = tuple(map(re.compile, (r'"timestamp"\s*:\s*"', r'"author"\s*:\s*\{', r'"content"\s*:')))
_OWN = re.compile(r'"(?:discriminator|isBot|nickname|global_name|channel_id|edited_timestamp)"\s*:')
_CHANNEL = re.compile(r'"channel"\s*:\s*\{')
_PAGE = re.compile(r"chatlog__|preamble__guild")
_PATTERNS = ("*.[jJ][sS][oO][nN]", "*.[cC][sS][vV]", "*.[tT][xX][tT]", "*.[hH][tT][mM][lL]")
_PACKAGE = re.compile(r'"ID"\s*:|^\W*ID"?,"?Timestamp"?,"?Contents')
_NAME = re.compile(r"(?P<title>[^\[\]]+?) ?\[(?P<id>\d{5,20})\]")
_LOOKED_AT = 200
"""Members of an export that are looked into before it is none of Discord's."""
_DIRECT: dict[str, Literal["direct", "group"]] = {
    "DirectTextChat": "direct",
    "DirectGroupTextChat": "group",
    "1": "direct",
    "3": "group",
}


def recognise(export: "Export") -> Recognised:
    """Say how surely an export is Discord's, from the beginnings of its files."""
    for name in channels_of(export)[:1]:
        if _PACKAGE.search(export.head(name)):
            return Recognised("certain", "a folder for each channel, as in the package that Discord sends")
    for name in (name for pattern in _PATTERNS for name in export.find(pattern)[:_LOOKED_AT]):
        if (found := _recognised(export.head(name))).sure != "no":
            return found
    return Recognised("no")


def _recognised(head: str) -> Recognised:
    if _EXPORTER.search(head) and (_MESSAGES.search(head) or '"exportedAt"' in head):
        return Recognised("certain", "a guild, a channel and its messages, as DiscordChatExporter writes them")
    if HEADER.match(head):
        return Recognised("certain", "the columns that DiscordChatExporter writes")
    if TEXT.match(head):
        return Recognised("certain", "the plain text that DiscordChatExporter writes")
    if head.lstrip("\ufeff \t\r\n").startswith("<") and _PAGE.search(head):
        return Recognised("certain", "a page that DiscordChatExporter writes")
    if all(each.search(head) for each in _ALIKE):
        is_list = _is_list(head)
        if (is_list or _MESSAGES.search(head)) and (_OWN.search(head) or (not is_list and _CHANNEL.search(head))):
            return Recognised("likely", "its messages have authors as Discord's")
    return Recognised("no")


def _is_list(head: str) -> bool:
    """Tell whether a file is messages alone, without a channel around them."""
    return head.lstrip("\ufeff \t\r\n").startswith("[")


def read(export: "Export", options: ReadOptions) -> Reading:
    """Read all channels of an export.

    Raises ExportError where one is damaged or its times cannot be read, DateOrderError where they leave it open.
    """
    return _Export(export, options).reading()


class _Export:
    """An export while it is read."""

    def __init__(self, export: "Export", options: ReadOptions) -> None:
        self._export, self._options = export, options
        self._beside = Beside(People(), LeftOut(), file_names(export))
        self._threads: dict[str, Thread] = {}
        self._notices: list[str] = []
        packed = channels_of(export)
        self._package = Package(export, self._beside) if packed else None
        self._packed = packed
        self._json = sorted(self._members(".json", packed), key=in_natural_order)
        better = {*map(_stem, self._json)}
        self._pages = self._without("pages", self._members(".html", packed), better)
        better |= {*map(_stem, self._pages)}
        tables = self._members(".csv", packed)
        tables = self._without("tables", tables, {*map(_stem, self._pages)})
        self._tables = self._clocks(tables, clock_of)
        better |= {*map(_stem, self._tables)}
        self._texts = self._clocks(self._without("plain texts", self._members(".txt", packed), better), clock_of_text)

    def _members(self, ending: str, packed: list[str]) -> list[str]:
        names = [name for name in self._export.names if name.casefold().endswith(ending) and name not in packed]
        return [name for name in names if not packed and _recognised(self._export.head(name)).sure != "no"]

    def _without(self, what: str, names: list[str], better: set[str]) -> list[str]:
        """Return files of channels that are not there in a format that says more, too."""
        found = [name for name in sorted(names, key=in_natural_order) if _stem(name) not in better]
        self._beside.left_out.skip(f"{what} of channels that are there in another format, too", len(names) - len(found))
        return found

    def _clocks(self, names: list[str], clock_of: Callable[..., Clock | None]) -> dict[str, Clock]:
        clocks = {}
        for name in sorted(names, key=in_natural_order):
            if (clock := clock_of(self._export, name, self._options.date_order)) is not None:
                clocks[name] = clock
        return clocks

    def reading(self) -> Reading:
        clocks = [*self._tables.values(), *self._texts.values()]
        zoned = {clock.zoned for clock in clocks} | ({True} if self._json or self._pages or self._packed else set())
        if len(zoned) > 1:
            raise ExportError(
                f"{self._export.path}: some of its files say in which zone their times are and others do not; "
                "give them one by one"
            )
        facts = {"date_order": next((clock.order for clock in clocks if clock.order), None)}
        reading = Reading(
            iter(()),
            thread=None,
            zoned=zoned != {False},
            facts={key: value for key, value in facts.items() if value},
            threads=self._threads.values,
            people=self._beside.people,
            report=lambda: Report(left_out=self._beside.left_out, notices=self._notices),
        )
        reading.batches = self._batches(reading)
        return reading

    def _batches(self, reading: Reading) -> Iterator[dict[str, Any]]:
        for name in self._json:
            yield from self._list(name) if _is_list(self._export.head(name)) else self._channel(name, reading)
        told = {*self._threads}
        for name in self._pages:
            yield from self._page(name, told)
        told |= {*self._threads}
        for name, clock in self._tables.items():
            thread = self._identified(name, channel_of_table)
            if thread.id in told:
                self._beside.left_out.skip("tables of channels that are there in another format, too")
                continue
            self._threads[thread.id] = thread
            yield from rows(self._export, name, thread.id, clock, self._beside)
        for name, clock in self._texts.items():
            thread = self._named(name)
            called = channel_in(self._export.head(name)) or thread.title
            self._threads[thread.id] = Thread(thread.id, called, "channel")
            yield from rows_of_text(self._export, name, thread.id, clock, self._beside)
        if self._package is not None:
            for name in self._packed:
                thread = self._package.thread(name)
                self._threads[thread.id] = thread
                yield from self._package.rows(name)

    def _page(self, name: str, told: set[str]) -> Iterator[dict[str, Any]]:
        thread = self._identified(name, channel_of_page)
        if thread.id in told:
            self._beside.left_out.skip("pages of channels that are there in another format, too")
            return
        self._threads.setdefault(thread.id, thread)
        for row, called in rows_of_page(self._export, name, thread.id, self._beside):
            if called and called != self._threads[thread.id].title:
                self._threads[thread.id] = Thread(thread.id, called, "channel")
            yield row

    def _identified(self, name: str, channel_of: Callable[["Export", str], str | None]) -> Thread:
        """Return the channel that a file's name speaks of, else the one that the file itself proves."""
        thread = self._named(name)
        known = None if thread.title else channel_of(self._export, name)
        return Thread(known, thread.id, "channel") if known else thread

    def _list(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield messages that stand in a file alone: whose channel they are they say themselves, or its name."""
        named, channels = self._named(name), dict[str, Channel]()
        for item, _ in self._export.items(name):
            known = id_of(dict_of(item).get("channel_id"))
            id_ = known or named.id
            if id_ not in channels:
                self._threads.setdefault(id_, Thread(id_, named.title or last_part(named.id), "channel"))
                beside = self._beside
                channels[id_] = Channel(id_, known is not None, beside.people, beside.left_out, beside.files)
            if (row := channels[id_].row(item)) is not None:
                yield row

    def _channel(self, name: str, reading: Reading) -> Iterator[dict[str, Any]]:
        told = values_beside(self._export, name, "messages", ("guild", "channel"))
        about = dict_of(told.get("channel"))
        thread = self._named(name)
        known = id_of(about.get("id"))
        kind = _DIRECT.get(text_or_number(about.get("type")) or "")
        thread = Thread(known or thread.id, text_or_number(about.get("name")) or thread.title, kind or "channel")
        self._threads[thread.id] = thread
        channel = Channel(thread.id, known is not None, self._beside.people, self._beside.left_out, self._beside.files)
        count, around = 0, dict[str, Any]()
        for item, scalars in self._export.items(name, "messages"):
            count, around = count + 1, scalars
            if (row := channel.row(item)) is not None:
                yield row
        self._tell(around, count, reading)
        if channel.unnamed:
            self._name(name, channel)

    def _tell(self, scalars: dict[str, Any], count: int, reading: Reading) -> None:
        """Take in what stands around the messages of a file: when it was made, and how many it claims to hold."""
        made = instant(scalars.get("exportedAt"))
        if made is not None and (reading.as_of is None or reading.as_of < made):
            reading.as_of = made
        claimed = scalars.get("messageCount")
        if isinstance(claimed, int) and claimed > count:
            self._notices.append(f"a file says that it holds {claimed:,} messages, and holds {count:,}")

    def _name(self, name: str, channel: Channel) -> None:
        """Take the names of people that messages only have ids of from the table of users behind them."""
        for user, _ in self._export.items(name, "users"):
            if id_of(dict_of(user).get("id")) in channel.unnamed:
                channel.meet(user)

    def _named(self, name: str) -> Thread:
        """Return the channel that a file's name speaks of."""
        called = last_part(name).rpartition(".")[0]
        found = next(reversed([*_NAME.finditer(called)]), None)
        if found is None:
            return Thread(called, None, "channel")
        return Thread(found["id"], found["title"].split(" - ")[-1].strip(), "channel")


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
