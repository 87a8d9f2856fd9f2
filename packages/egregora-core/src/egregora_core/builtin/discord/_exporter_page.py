"""The pages (HTML) that DiscordChatExporter writes: in them every message has its id, which says when it was sent.

What things are is told by classes, which stayed alike over the years: `chatlog__content`, `chatlog__attachment` ….
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from egregora_core.builtin._export_values import attachment, joined_text, with_more
from egregora_core.builtin.discord._exporter_csv import Beside
from egregora_core.builtin.discord._message import time_of_id
from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_VOID = frozenset(("br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
_BLOCKS = frozenset(("div", "p", "pre", "li", "blockquote"))
_PARTS = {
    "chatlog__content": "text",
    "chatlog__forwarded-content": "text",
    "chatlog__attachment": "attachment",
    "chatlog__embed": "embed",
    "chatlog__sticker": "sticker",
    "chatlog__reaction": "reaction",
    "chatlog__system-notification-content": "told",
    "chatlog__edited-timestamp": "edited",
    "chatlog__author-tag": "tag",
    "chatlog__bot-tag": "tag",
}
"""By class, what begins there; it ends with its element."""
_GROUP, _QUOTES = "chatlog__message-group", frozenset(("quote", "chatlog__markdown-quote"))
_AUTHORS = frozenset(("chatlog__author", "chatlog__author-name", "chatlog__system-notification-author"))
_LINKS = frozenset(("chatlog__reply-link", "chatlog__reference-link"))
_TARGET = re.compile(r"scrollToMessage\(event, ?['\"](\d+)")
_PINNED = re.compile(r"#(?:chatlog__message-container-|message-)(\d+)")
_PICTURE = re.compile(r"chatlog__embed-(?:image|thumbnail|generic-\w+)")
_EVENTS: Mapping[str, str] = {
    "joined": "join",
    "added": "add",
    "removed": "remove",
    "left": "leave",
    "pinned": "pin",
    "changed the channel icon": "picture",
    "changed the channel name": "rename",
    "started a thread": "create",
    "started a call": "call",
}
"""By the beginning of what Discord tells."""
_CHUNK, _LARGEST = 1 << 16, 16 << 20


@dataclass
class _Card:
    """A card below a message: its words, and where what is on it leads."""

    words: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


@dataclass
class _Found:
    """A message as it stands on a page."""

    id: str
    author: str | None
    pinned: bool
    reply_to: str | None
    edited: bool = False
    text: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    cards: list[_Card] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    stickers: list[str] = field(default_factory=list)
    reactions: list[list[str]] = field(default_factory=list)
    """Emoji and counts."""

    def begin(self, part: str) -> None:
        """Make room for a further thing of a kind."""
        if part == "text" and self.text:
            self.text.append("\n")
        elif part == "embed":
            self.cards.append(_Card())
        elif part == "attachment":
            self.files.append("")
        elif part == "sticker":
            self.stickers.append("")
        elif part == "reaction":
            self.reactions.append(["", ""])
        self.edited = self.edited or part == "edited"

    def note(self, part: str, given: Mapping[str, str]) -> None:
        """Take in what the attributes of an element say."""
        address = given.get("href") or given.get("src") or given.get("data-source") or ""
        address = "" if address.startswith("#") else address
        if part == "reaction":
            self.reactions[-1][0] = given.get("alt") or self.reactions[-1][0]
        elif part == "embed":
            self._note_card(self.cards[-1], given, address)
        elif part in ("attachment", "sticker"):
            places = self.files if part == "attachment" else self.stickers
            places[-1] = places[-1] or address
        elif part == "told" and (pinned := _PINNED.match(given.get("href", ""))):
            self.reply_to = pinned[1]
        elif part == "text" and (sign := given.get("alt")):
            self.text.append(_sign(sign))

    @staticmethod
    def _note_card(card: _Card, given: Mapping[str, str], address: str) -> None:
        if "emoji" in given.get("class", ""):
            card.words.append(_sign(given.get("alt", "")))
        elif address and not given.get("class", "").endswith("-icon"):
            if _PICTURE.match(given.get("class", "")) and address not in card.pictures:
                card.pictures.append(address)
            card.addresses.append(address)

    def say(self, part: str, data: str) -> None:
        if part == "text":
            self.text.append(data)
        elif part == "told":
            self.told.append(data)
        elif part == "embed":
            self.cards[-1].words.append(data)
        elif part == "reaction":
            self.reactions[-1][1] += data.strip()


class _Parser(HTMLParser):
    """Messages come out of `take`, except one whose end is not there yet."""

    def __init__(self, beside: Beside) -> None:
        super().__init__(convert_charrefs=True)
        self.channel = ""
        self.groups = 0
        self._beside = beside
        self._done: list[_Found] = []
        self._message: _Found | None = None
        self._author: str | None = None
        self._names: tuple[str, ...] = ()
        self._reply_to: str | None = None
        self._open: list[tuple[str, str]] = []
        """Tags that are open within the message, each with the part that it is in."""
        self._named: tuple[str, str] | None = None
        """Whose name comes next: id and name in full."""
        self._link: tuple[int, str] | None = None
        """Where the words of a link begin, and where it leads."""
        self._entries = 0

    def take(self) -> list[_Found]:
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
        elif given.get("data-message-id") and not self._is_open(given["data-message-id"]):
            self._end()
            self._open.clear()
            pinned = any(name.endswith("--pinned") for name in classes)
            self._message, part = _Found(given["data-message-id"], self._author, pinned, self._reply_to), ""
            self._reply_to = None
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
        if began == "tag" or self._message is None:
            return began or part
        if began is not None:
            self._message.begin(began)
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
            if self._author is not None and data.strip() in ("BOT", "APP"):
                self._beside.people.meet(self._author, *self._names, bot=True)
        elif self._message is not None:
            self._message.say(part, data)

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
    parser, decoder = _Parser(beside), getincrementaldecoder("utf-8-sig")("replace")
    count = 0
    for found in _messages(export, name, parser, decoder):
        count += 1
        if (row := _row(found, channel, beside)) is not None:
            yield row, parser.channel
    if parser.groups and not count:
        raise ExportError(
            f"{export.path}: the messages of the page {name} have no ids, which say when they were sent; export the "
            "channel again as JSON with DiscordChatExporter"
        )


def _messages(export: "Export", name: str, parser: _Parser, decoder: Any) -> Iterator[_Found]:
    try:
        with export.open(name) as file:
            while data := file.read(_CHUNK):
                parser.feed(decoder.decode(data))
                yield from parser.take()
                if len(parser.rawdata) > _LARGEST:
                    raise ExportError(f"{export.path}: {name} is no page of DiscordChatExporter; export it again")
        parser.close()
    except (AssertionError, ValueError):  # what the parser of the standard library has for nonsense
        raise ExportError(f"{export.path}: {name} is no page of DiscordChatExporter; export it again") from None
    yield from parser.take()


def _row(found: _Found, channel: str, beside: Beside) -> dict[str, Any] | None:
    when = time_of_id(found.id)
    if when is None:
        beside.left_out.skip("messages without a time")
        return None
    text, pictures = "".join(found.text).strip() or None, list[str]()
    for card in found.cards:
        words = _lines(card.words)
        if words is None and text is None and card.addresses:
            text = card.addresses[0]
        elif any(address.rstrip("/") in (text or "") for address in card.addresses) or not (words or card.pictures):
            beside.left_out.skip("previews of links")
        else:
            text = with_more(text, words)
            pictures += card.pictures
    places = [place for place in (*found.files, *found.stickers, *pictures) if place]
    media = [attachment(None, place, beside.files) for place in places]
    beside.left_out.skip("marks of messages that are pinned", found.pinned)
    row: dict[str, Any] = {"thread": channel, "msg_id": found.id, "ts": when, "author": found.author, "text": text}
    row |= {"kind": "media" if media else "text", "media": media or None, "reply_to": found.reply_to}
    row["edited"] = found.edited or None
    row["reactions"] = [_reaction(*each) for each in found.reactions] or None
    if found.stickers and not found.files and text is None:
        row["kind"] = "sticker"
    if told := _lines(found.told):
        _tell(row, told)
    return row


def _tell(row: dict[str, Any], told: str) -> None:
    """Turn a row into what Discord tells of people."""
    told = " ".join(told.split())
    event = next((event for start, event in _EVENTS.items() if told.casefold().startswith(start)), "other")
    row |= {"text": joined_text([told[:1].upper() + told[1:], row["text"]]), "event": event}
    if event == "call":
        row["kind"] = "call"
    else:
        row |= {"kind": "system", "mentions": [row["author"]] if row["author"] else None, "author": None}


def _reaction(emoji: str, count: str) -> dict[str, Any]:
    return {"emoji": _sign(emoji) or None, "count": int(count) if re.fullmatch("[0-9]{1,9}", count) else 1}


def _sign(alt: str) -> str:
    """Return an emoji as JSON has it: those of a server have a name."""
    return f":{alt}:" if re.fullmatch(r"\w{2,32}", alt, re.ASCII) else alt


def _lines(pieces: list[str]) -> str | None:
    """Return a text without the blanks and empty lines that stand around it on the page."""
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line) or None
