"""The parts of a mail: the one that is its text, and those that are attached."""

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from html.parser import HTMLParser
from typing import Any

from egregora_sources.mbox._headers import as_text, decoded

_DEEPEST, _PLAIN = 50, "text/plain"
_LEFT_OUT = re.compile(r"(?m)^#(\d+)$")
_BLOCKS = {
    "p",
    "div",
    "br",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "hr",
}
_UNSEEN = {"style", "script", "head", "title"}


@dataclass
class Parts:
    """What a mail holds."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    """Texts in their order, each with its type, which says how it is marked up."""
    media: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str | None:
        """The text as a person reads it; what a marked-up part repeats of the plain ones is read once."""
        said: list[str] = []
        for kind, text in self.texts:
            read = _READERS[kind](text) if kind in _READERS else text.strip("\r\n")
            if read.strip() and not (kind in _READERS and _bare(read) in _bare("\n".join(said))):
                said.append(read)
        return "\n".join(said).replace("\r\n", "\n") or None


def _bare(text: str) -> str:
    return "".join(text.split())


def parts_of(mail: Message) -> Parts:
    """Sort the parts of a mail. What is nested deeper than mails are is left out."""
    found = Parts()
    _sort(mail, found, 0)
    return found


def _sort(part: Message, found: Parts, depth: int) -> None:
    kind, payload = part.get_content_type(), part.get_payload()
    if isinstance(payload, list) and part.get_content_maintype() == "multipart":
        inside = Parts()
        for inner in payload:
            if isinstance(inner, Message) and depth < _DEEPEST:
                _sort(inner, inside, depth + 1)
        if kind == "multipart/alternative" and any(each == _PLAIN and text.strip() for each, text in inside.texts):
            inside.texts = [(each, text) for each, text in inside.texts if each == _PLAIN]
        found.texts += inside.texts
        found.media += inside.media
        return
    attached = str(part.get("Content-Disposition") or "").strip().casefold().startswith("attachment")
    if (kind == _PLAIN or kind in _READERS) and not attached and not _name(part):
        found.texts.append((kind, _text(part)))
    elif kind.startswith("multipart/") and isinstance(payload, str):
        found.texts.append((_PLAIN, _text(part)))  # it says that it has parts, and has none
    else:
        found.media.append({"name": _name(part), "type": kind, "size": _size(part), "missing": False})


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    try:
        charset = part.get_content_charset()
    except (MessageError, ValueError, LookupError):
        charset = None
    return as_text(data, charset) if isinstance(data, bytes) else ""


def _name(part: Message) -> str | None:
    try:
        return decoded(part.get_filename()) or None
    except (MessageError, ValueError, LookupError, TypeError):
        return None


def _size(part: Message) -> int | None:
    payload = part.get_payload()
    if not isinstance(payload, str):
        return None
    left_out = sum(int(number) for number in _LEFT_OUT.findall(payload))
    data = part.get_payload(decode=True)
    return (len(data) if isinstance(data, bytes) else 0) + left_out * 3 // 4


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class's
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        if tag in _BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.found.append(re.sub(r"\s+", " ", data))


def plain_of(html: str) -> str:
    """Return what a person reads of HTML."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):  # what the library raises for some markup that is none
        return re.sub(r"<[^>]*>", " ", html).strip()
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in "".join(reader.found).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _enriched(text: str) -> str:
    """Return what a person reads of `text/enriched`, in which a single line break is a blank."""
    text = re.sub(r"(?is)<param>.*?</param>", "", text.replace("\r\n", "\n")).replace("<<", "\0")
    text = re.sub(r"</?[\w-]*>", "", text).replace("\0", "<")
    return re.sub(r"\n+", lambda breaks: "\n" * (len(breaks[0]) - 1) or " ", text).strip()


def _richtext(text: str) -> str:
    """Return what a person reads of `text/richtext`, which has marks for line breaks and for `<`."""
    text = re.sub(r"(?is)<comment>.*?</comment>", "", re.sub(r"\s+", " ", text))
    text = re.sub(r"(?i) ?(?:<nl>|</?paragraph>) ?", "\n", text).replace("<lt>", "\0")
    return re.sub(r"</?[\w-]*>", "", text).replace("\0", "<").strip()


_READERS = {"text/html": plain_of, "text/enriched": _enriched, "text/richtext": _richtext}
"""By type of a text that is marked up: what returns what a person reads of it."""
