"""The plain texts that DiscordChatExporter writes: for each message a line `[time] who`, its text, and what is with it.

They hold no ids but that of the channel, in the file's name, and times as a clock showed them, as tables do.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.builtin._export_values import attachment, with_more
from egregora_core.builtin.discord._exporter_csv import Beside, Clock, clock_from
from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    from egregora_core.plugin import DateOrder, Export

TEXT = re.compile(r"^\W*={50,}\s*\r?\n(?:Guild|Server): .*\r?\nChannel: (?P<channel>.*)")
_LINE = re.compile(r"={50,}\s*$")
_END = re.compile(r"={50,}\s*\nExported [^\n]*\n={50,}\s*$")
_HEADER = re.compile(r"\[(?P<date>[^\]\n]{6,40})\] (?P<who>.+?)(?P<pinned> \(pinned\))?$")
_SECTION = re.compile(r"\{(Attachments|Embed|Stickers|Reactions)\}$")
_REACTION = re.compile(r"(\S+?)(?: \((\d{1,9})\))?(?: |$)")
_MOST_IN_LINE = 1 << 20


def channel_in(head: str) -> str | None:
    """Return the channel's name, without its category's."""
    found = TEXT.match(head)
    return found["channel"].strip().rpartition(" / ")[2] or None if found else None


def clock_of_text(export: "Export", name: str, wanted: "DateOrder | None") -> Clock | None:
    """Find out how a text writes its times; None where it has no message. Raises as `clock_of`."""
    dates = (found["date"] for found, _ in _lines(export, name) if found)
    return clock_from(dates, wanted, f"{export.path}: {name}")


@dataclass
class _Message:
    """A message as it stands in a text."""

    when: datetime
    who: str
    pinned: bool
    parts: dict[str, list[str]] = field(default_factory=lambda: {"": []})
    """Lines, by the heading above them; those of the message itself have none."""
    last: str = ""
    """The heading that the next line stands under."""

    def add(self, line: str) -> None:
        if section := _SECTION.match(line):
            self.last = section[1]
        self.parts.setdefault(self.last, []).append("" if section else line)

    def end(self) -> None:
        """Drop what stands below all messages."""
        lines = self.parts[self.last]
        said = [place for place, line in enumerate(lines) if line.strip()]
        if _END.match("\n".join(lines[place] for place in said[-3:])):
            del lines[said[-3] :]

    def text(self, part: str) -> str:
        return "\n".join(self.parts.get(part, ())).strip("\n")

    def row(self, channel: str, beside: Beside) -> dict[str, Any]:
        addresses = [*self.text("Attachments").split(), *self.text("Stickers").split()]
        media = [attachment(None, each, beside.files) for each in addresses]
        text = self.text("") or None
        is_sticker = text is None and self.text("Stickers") and not self.text("Attachments")
        beside.left_out.skip("marks of messages that are pinned", self.pinned)
        reactions = [
            {"emoji": emoji, "count": int(count or 1)} for emoji, count in _REACTION.findall(self.text("Reactions"))
        ]
        return {
            "thread": channel,
            "ts": self.when,
            "author": beside.author(self.who, self.who),
            "text": with_more(text, self.text("Embed") or None),
            "kind": "sticker" if is_sticker else "media" if media else "text",
            "media": media or None,
            "reactions": reactions or None,
        }


def rows_of_text(export: "Export", name: str, channel: str, clock: Clock, beside: Beside) -> Iterator[dict[str, Any]]:
    """Yield the messages of a text. A line like a header is one where its time is written as the others are."""
    message = None
    for header, line in _lines(export, name):
        when = clock.read(header["date"]) if header else None
        if header and when:
            if message is not None:
                yield message.row(channel, beside)
            message = _Message(when, header["who"].strip(), header["pinned"] is not None)
        elif message is not None:
            message.add(line)
    if message is not None:
        message.end()
        yield message.row(channel, beside)


def _lines(export: "Export", name: str) -> Iterator[tuple[re.Match[str] | None, str]]:
    """Yield the lines below the two that frame what stands above the messages, each with what a header has in it."""
    with export.open(name) as file, io.TextIOWrapper(file, "utf-8-sig") as text:
        framed, is_after_blank = 0, True
        try:
            while read := text.readline(_MOST_IN_LINE):
                line = read.removesuffix("\n")
                if framed < len(("above", "below")):
                    framed += bool(_LINE.match(line))
                    continue
                yield _HEADER.match(line) if is_after_blank else None, line
                is_after_blank = not line.strip()
        except UnicodeError:
            raise ExportError(f"{export.path}: {name} is no text in UTF-8; export it again") from None
