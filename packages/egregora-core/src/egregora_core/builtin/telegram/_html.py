"""One page of an HTML export, message by message, from the classes that Telegram Desktop gives to what it writes."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("track", "wbr"),
    )
)
_ID = re.compile(r"message(-?[0-9]+)$")
_TARGET = re.compile(r"#go_to_message(-?[0-9]+)$")
_BOXES = ("photo_wrap", "video_file_wrap", "animated_wrap", "sticker_wrap", "media", "media_poll")
"""Classes of what is attached."""
AROUND_BOX = "media_wrap"
"""The class around these; alone, it holds a link to a file in a layout that is not known."""
_TEXTS = ("text", "from_name", "signature", "title", "description", "status", "question", "answer", "emoji", "count")
"""Classes of what is written out."""
_DEEPEST = 200


@dataclass
class Reaction:
    """An emoji under a message, and who gave it or how many did."""

    people: list[str] = field(default_factory=list)
    emoji: str = ""
    count: str = ""


@dataclass
class Found:
    """A message of a page, as it is written there."""

    id: str
    service: bool
    joined: bool = False
    date: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """By class, what stands there; of what is forwarded under `forwarded from_name`."""
    media: str = ""
    """The classes of the box of an attachment."""
    link: str = ""
    reply_to: str = ""
    forwarded: bool = False
    elsewhere: bool = False
    """It answers a message of another chat."""
    reactions: "list[Reaction]" = field(default_factory=list)

    def text(self, name: str) -> str:
        return "\n".join(self.texts.get(name, ()))


class Page(HTMLParser):
    """A page; what is fed to it comes out of `take`, except a message whose end is not there yet."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._done: list[Found] = []
        self._open: list[tuple[str, str]] = []
        """Tags that are open, each with the class of a text that begins there."""
        self._message: Found | None = None
        self._depth = 0
        """So many tags were open before the message."""
        self._writing: list[list[str]] = []
        self._forwarded = 0

    def take(self) -> list[Found]:
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        super().close()
        self._end_message()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            if tag == "br" and self._writing:
                self._writing[-1].append("\n")
            return
        given = {key: value or "" for key, value in attrs}
        classes = given.get("class", "").split()
        writes = ""
        if "message" in classes and (number := _ID.match(given.get("id", ""))):
            self._end_message()
            self._message = Found(number[1], "service" in classes, "joined" in classes)
            self._depth, self._forwarded = len(self._open), 0
        elif self._message is not None:
            writes = self._inside(self._message, classes, given)
        elif classes == ["text", "bold"] and not self.title:
            writes = "page title"
        if writes:
            self._writing.append([])
        if len(self._open) < _DEEPEST:
            self._open.append((tag, writes))

    def _inside(self, message: Found, classes: list[str], given: dict[str, str]) -> str:
        """Note what begins inside a message; return the name of the text that does."""
        if not self._noted(message, classes, given):
            return ""
        if message.service and classes == ["body", "details"]:
            return "text"
        if "details" in classes and "media_poll" in message.media and not {"status", "total"} & {*classes}:
            return "" if self._writing else "poll"
        name = next((name for name in _TEXTS if name in classes), "")
        return f"forwarded {name}" if name == "from_name" and self._forwarded else name

    def _noted(self, message: Found, classes: list[str], given: dict[str, str]) -> bool:
        """Note what attributes say; tell whether there may be a text inside."""
        href = given.get("href", "")
        if "date" in classes and not message.date and not self._forwarded:
            message.date = given.get("title", "")
        elif "forwarded" in classes and "body" in classes:
            self._forwarded, message.forwarded = len(self._open), True
        elif "reply_to" in classes:
            message.elsewhere = True
        elif (target := _TARGET.search(href)) and not message.reply_to:
            message.reply_to = target[1]
        elif message.media in ("", AROUND_BOX) and not {*_BOXES, AROUND_BOX}.isdisjoint(classes):
            message.media, message.link = " ".join(each for each in classes if each != "clearfix"), href
            return message.media == AROUND_BOX
        elif message.media == AROUND_BOX:
            message.link = message.link or href
        elif "userpic_link" in classes and message.service:
            message.link = href
        elif "reaction" in classes:
            message.reactions.append(Reaction())
        elif "userpic" in classes and message.reactions and given.get("title"):
            message.reactions[-1].people.append(given["title"])
        return True

    def handle_endtag(self, tag: str) -> None:
        place = next((n for n in range(len(self._open) - 1, -1, -1) if self._open[n][0] == tag), None)
        if place is None:
            return
        while len(self._open) > place:
            _, writes = self._open.pop()
            if writes and self._writing:
                self._written(writes, "".join(self._writing.pop()))
        if self._forwarded and len(self._open) <= self._forwarded:
            self._forwarded = 0
        if self._message is not None and len(self._open) <= self._depth:
            self._end_message()

    def handle_data(self, data: str) -> None:
        if self._writing:
            self._writing[-1].append(data)

    def _written(self, name: str, text: str) -> None:
        """Keep a text, without the line breaks that the page has around it."""
        text = re.sub(r"\A\r?\n|\r?\n[ \t]*\Z", "", text)
        if name == "page title":
            self.title = text.strip()
        elif self._message is not None and name in ("emoji", "count"):
            if self._message.reactions:
                setattr(self._message.reactions[-1], name, text.strip())
        elif self._message is not None:
            self._message.texts.setdefault(name, []).append(text if name == "text" else text.strip())

    def _end_message(self) -> None:
        if self._message is not None:
            self._done.append(self._message)
            self._message = None
            self._writing.clear()
            self._open = [(tag, "") for tag, _ in self._open]
