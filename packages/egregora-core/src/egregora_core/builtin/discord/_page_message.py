"""One message as it stands on a page of DiscordChatExporter, and the row that it becomes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from egregora_core.builtin._export_values import attachment, joined_text, with_more
from egregora_core.builtin.discord._exporter_csv import Beside
from egregora_core.builtin.discord._message import time_of_id
from egregora_core.builtin.discord._page_dates import edited_at

_PINNED = re.compile(r"#(?:chatlog__message-container-|message-)(\d+)")
_PICTURE = re.compile(r"chatlog__embed-(?:image|thumbnail|generic-\w+)")
_FILE = re.compile(r"(?:Image|Video|Audio|File): (?P<name>.+?)(?: \((?P<size>[^()]+)\))?$")
_SIZE = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,3})?)\s*(bytes?|[KMGT]?B)", re.IGNORECASE)
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
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


@dataclass
class _Card:
    """A card below a message: its words, and where what is on it leads."""

    words: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


@dataclass
class _File:
    """A file: where it lies, what it is called, how large it is said to be."""

    place: str = ""
    name: str = ""
    size: str = ""


@dataclass
class Found:
    """A message as it stands on a page."""

    id: str
    author: str | None
    pinned: bool
    reply_to: str | None
    shown: list[str] = field(default_factory=list)
    """When it was sent, as a clock showed it, in all ways that the page says so."""
    tagged: bool = False
    """Whether a program wrote it, or another channel's author."""
    edited: str | None = None
    """The same of when it was edited."""
    text: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    cards: list[_Card] = field(default_factory=list)
    files: list[_File] = field(default_factory=list)
    forwarded: list[_File] = field(default_factory=list)
    """Files of the message that was forwarded."""
    stickers: list[str] = field(default_factory=list)
    reactions: list[list[str]] = field(default_factory=list)
    """Emoji and counts."""

    def begin(self, part: str, given: Mapping[str, str]) -> None:
        """Make room for a further thing of a kind."""
        if part == "text" and self.text:
            self.text.append("\n")
        elif part == "embed":
            self.cards.append(_Card())
        elif part == "attachment":
            self.files.append(_File())
        elif part == "sticker":
            self.stickers.append("")
        elif part == "reaction":
            self.reactions.append(["", ""])
        elif part == "shown":
            self.shown.append(given.get("title", ""))
        elif part == "edited":
            self.edited = given.get("title", "")

    def note(self, part: str, given: Mapping[str, str]) -> None:
        """Take in what the attributes of an element say."""
        address = given.get("href") or given.get("src") or given.get("data-source") or ""
        address = "" if address.startswith("#") else address
        if part == "reaction":
            self.reactions[-1][0] = given.get("alt") or self.reactions[-1][0]
        elif part == "embed":
            self._note_card(self.cards[-1], given, address)
        elif part in ("attachment", "name", "size") and self.files:
            _note_file(self.files[-1], given, address)
        elif part == "forwarded":
            if address and all(file.place != address for file in self.forwarded):
                self.forwarded.append(_File())
            if self.forwarded:
                _note_file(self.forwarded[-1], given, address)
        elif part == "sticker":
            self.stickers[-1] = self.stickers[-1] or address
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
        elif part == "shown":
            self.shown.append(data)
        elif part == "name" and self.files:
            self.files[-1].name += data.strip()
        elif part == "size" and self.files:
            self.files[-1].size += data.strip()


def _note_file(file: _File, given: Mapping[str, str], address: str) -> None:
    file.place = file.place or address
    if said := _FILE.match(given.get("title", "")):
        file.name, file.size = said["name"], said["size"] or ""


def row_of(found: Found, channel: str, beside: Beside) -> dict[str, Any] | None:
    """Return the row of a message; None where nothing says when it was sent, which is counted."""
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
    files = [file for file in (*found.files, *found.forwarded) if file.place]
    media = [attachment(file.name or None, file.place, beside.files, _bytes(file.size)) for file in files]
    media += [attachment(None, place, beside.files) for place in (*found.stickers, *pictures) if place]
    beside.left_out.skip("marks of messages that are pinned", found.pinned)
    row: dict[str, Any] = {"thread": channel, "msg_id": found.id, "ts": when, "author": found.author, "text": text}
    row |= {"kind": "media" if media else "text", "media": media or None, "reply_to": found.reply_to}
    if found.edited is not None:
        row |= {"edited": True, "edited_at": edited_at(when, found.shown, found.edited)}
    row["reactions"] = [_reaction(*each) for each in found.reactions] or None
    if found.stickers and not files and text is None:
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
    number = re.sub(r"[\s,.'\u2019]", "", count)
    return {"emoji": _sign(emoji) or None, "count": int(number) if re.fullmatch("[0-9]{1,9}", number) else 1}


def _bytes(said: str) -> int | None:
    """Return how large a file is, as exactly as the page says it."""
    found = _SIZE.fullmatch(said)
    if found is None:
        return None
    return int(float(found[1].replace(",", ".")) * _UNITS.get(found[2][0].upper(), 1))


def _sign(alt: str) -> str:
    """Return an emoji as JSON has it: those of a server have a name."""
    return f":{alt}:" if re.fullmatch(r"\w{2,32}", alt, re.ASCII) else alt


def _lines(pieces: list[str]) -> str | None:
    """Return a text without the blanks and empty lines that stand around it on the page."""
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line) or None
