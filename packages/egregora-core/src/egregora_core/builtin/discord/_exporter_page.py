"""The pages (HTML) that DiscordChatExporter writes: in them every message has its id, which says when it was sent.

What things are is told by classes, which stayed alike over the years: `chatlog__content`, `chatlog__attachment` ….
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, BinaryIO

from egregora_core.builtin.discord._exporter_csv import Beside
from egregora_core.builtin.discord._page_message import Found, row_of
from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_VOID = frozenset(("br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
_BLOCKS = frozenset(("div", "p", "pre", "li", "blockquote"))
_PARTS = {
    "chatlog__content": "text",
    "chatlog__forwarded-content": "text",
    "chatlog__forwarded-attachments": "forwarded",
    "chatlog__attachment": "attachment",
    "chatlog__attachment-generic-name": "name",
    "chatlog__attachment-generic-size": "size",
    "chatlog__embed": "embed",
    "chatlog__sticker": "sticker",
    "chatlog__reaction": "reaction",
    "chatlog__system-notification-content": "told",
    "chatlog__timestamp": "shown",
    "chatlog__short-timestamp": "shown",
    "chatlog__edited-timestamp": "edited",
    "chatlog__author-tag": "tag",
    "chatlog__bot-tag": "tag",
}
"""By class, what begins there; it ends with its element."""
_GROUP, _QUOTES = "chatlog__message-group", frozenset(("quote", "chatlog__markdown-quote"))
_AUTHORS = frozenset(("chatlog__author", "chatlog__author-name", "chatlog__system-notification-author"))
_LINKS = frozenset(("chatlog__reply-link", "chatlog__reference-link"))
_TARGET = re.compile(r"scrollToMessage\(event, ?['\"](\d+)")
_CHUNK, _LARGEST = 1 << 16, 16 << 20


class _Parser(HTMLParser):
    """Messages come out of `take`, except one whose end is not there yet."""

    def __init__(self, beside: Beside) -> None:
        super().__init__(convert_charrefs=True)
        self.channel = ""
        self.groups = 0
        self._beside = beside
        self._done: list[Found] = []
        self._message: Found | None = None
        self._author: str | None = None
        self._names: tuple[str, ...] = ()
        self._tagged = False
        self._reply_to: str | None = None
        self._shown: list[str] = []
        """When the first message of a group was sent, where that stands above it."""
        self._open: list[tuple[str, str]] = []
        """Tags that are open within the message, each with the part that it is in."""
        self._named: tuple[str, str] | None = None
        """Whose name comes next: id and name in full."""
        self._link: tuple[int, str] | None = None
        """Where the words of a link begin, and where it leads."""
        self._entries = 0

    def take(self) -> list[Found]:
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        if self._message is not None:
            self._done.append(self._message)
            self._message = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        classes = given.get("class", "").split()
        part = self._open[-1][1] if self._open else ""
        if _GROUP in classes:
            self._end()
            self._open.clear()
            self.groups, self._author, self._reply_to = self.groups + 1, None, None
            self._tagged, self._shown = False, []
        elif given.get("data-message-id") and not self._is_open(given["data-message-id"]):
            self._end()
            self._open.clear()
            pinned = any(name.endswith("--pinned") for name in classes)
            self._message = Found(given["data-message-id"], self._author, pinned, self._reply_to, self._shown)
            self._message.tagged = self._tagged
            self._reply_to, self._shown, part = None, [], ""
        elif "preamble__entry" in classes:
            self._entries += 1
            part = "channel" if self._entries == len(("server", "channel")) else ""
        elif not _AUTHORS.isdisjoint(classes):
            self._named = (given.get("data-user-id", ""), given.get("title", ""))
        else:
            part = self._within(tag, part, given, classes)
        if tag not in _VOID:
            self._open.append((tag, part))

    def _is_open(self, message: str) -> bool:
        """Tell whether an id is that of the message that is open: programs alike write it twice."""
        return self._message is not None and self._message.id == message

    def _within(self, tag: str, part: str, given: Mapping[str, str], classes: list[str]) -> str:
        """Take in an element that is within a message, or above it; return the part that it is in."""
        if not _LINKS.isdisjoint(classes) and (target := _TARGET.search(given.get("onclick", ""))):
            self._reply_to = target[1]
            if self._message is not None:
                self._message.reply_to, self._reply_to = target[1], None
        began = next((_PARTS[name] for name in classes if name in _PARTS), None)
        if began == "shown" and self._message is None:
            self._shown.append(given.get("title", ""))
        if began == "tag" or self._message is None:
            return began or part
        if began is not None:
            self._message.begin(began, given)
        part = began or part
        self._message.note(part, given)
        if tag == "br":
            self._message.say(part, "\n")
        elif part == "text":
            if not _QUOTES.isdisjoint(classes):
                self._message.text.append("> ")
            if tag == "a" and given.get("href"):
                self._link = (len(self._message.text), given["href"])
        return part

    def handle_endtag(self, tag: str) -> None:
        place = next((n for n in range(len(self._open) - 1, -1, -1) if self._open[n][0] == tag), None)
        if place is None:
            return
        part = self._open[place][1]
        if self._named is not None:
            self._meet(*self._named, "")
        if self._message is not None and part == "text":
            text = self._message.text
            if tag in _BLOCKS and text and text[-1] not in ("\n", "> "):
                text.append("\n")
            if tag == "a" and self._link is not None:
                start, address = self._link
                if address.rstrip("/") not in "".join(text[start:]):
                    text.append(f" ({address})")
                self._link = None
        elif self._message is not None and tag in _BLOCKS:
            self._message.say(part, "\n")
        del self._open[place:]

    def handle_data(self, data: str) -> None:
        part = self._open[-1][1] if self._open else ""
        if self._named is not None and data.strip():
            self._meet(*self._named, data.strip())
        elif part == "channel":
            self.channel = self.channel or data.strip().rpartition(" / ")[2]
        elif part == "tag":
            self._tagged = True
            if self._message is not None:
                self._message.tagged = True
            if self._author is not None and data.strip() in ("BOT", "APP"):
                self._beside.people.meet(self._author, *self._names, bot=True)
        elif self._message is not None:
            self._message.say(part, data)
        elif part == "shown":
            self._shown.append(data)

    def _meet(self, who: str, full: str, shown: str) -> None:
        name, _, number = full.rpartition("#")
        is_tagged = bool(name) and number.isdecimal()
        tagged = (full,) if is_tagged and number != "0000" else ()
        self._names = (shown, name if is_tagged else full, *tagged)
        who = who or full or shown
        self._author = self._beside.people.meet(who, *self._names) if who else None
        self._named = None
        if self._message is not None:
            self._message.author = self._author


def rows_of_page(export: "Export", name: str, channel: str, beside: Beside) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the messages of a page, each with what the channel is called.

    Raises ExportError for a page whose messages have no ids, and for what is none.
    """
    parser, count = _Parser(beside), 0
    with export.open(name) as file:
        for found in _messages(file, f"{export.path}: {name}", parser):
            count += 1
            if (row := row_of(found, channel, beside)) is not None:
                yield row, parser.channel
    if parser.groups and not count:
        raise ExportError(
            f"{export.path}: the messages of the page {name} have no ids, which say when they were sent; export the "
            "channel again as JSON with DiscordChatExporter"
        )


def found_on_page(file: BinaryIO, where: str, beside: Beside) -> Iterator[Found]:
    """Yield the messages of a page as they stand on it. Raises ExportError, which begins with `where`."""
    return _messages(file, where, _Parser(beside))


def _messages(file: BinaryIO, where: str, parser: _Parser) -> Iterator[Found]:
    decoder = getincrementaldecoder("utf-8-sig")("replace")
    try:
        while data := file.read(_CHUNK):
            parser.feed(decoder.decode(data))
            yield from parser.take()
            if len(parser.rawdata) > _LARGEST:
                raise ExportError(f"{where} is no page of DiscordChatExporter; export it again")
        parser.close()
    except (AssertionError, ValueError):  # what the parser of the standard library has for nonsense
        raise ExportError(f"{where} is no page of DiscordChatExporter; export it again") from None
    yield from parser.take()
