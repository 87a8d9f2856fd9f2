"""The HTML of a message as text, with what its tags say beside it: whom it mentions, what it quotes, its files."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from egregora_core.plugin.json_values import int_of, type_of

_LINES = frozenset({"p", "div", "li", "tr", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "table"})
_UNSEEN = frozenset({"legacyquote", "script", "style", "title", "e_m", "quote", "originalname", "filesize", "meta"})
"""Their text is not what was written: what a client without them shows, what is quoted, the mark of an edit."""
_REPLY = "schema.skype.com/reply"
_MENTION = "schema.skype.com/mention"
_LONGEST = 4 << 20
_BLANKS = re.compile(r"\s+")
_LOOKS = re.compile(r"</?(?:b|i|u|s|em|strong)>", re.IGNORECASE)


@dataclass
class Written:
    """What a message says."""

    text: str = ""
    mentions: list[str] = field(default_factory=list)
    """Ids of people, or places in the message's own list of mentions."""
    reply_to: str | None = None
    media: list[dict[str, object]] = field(default_factory=list)
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """Attributes of the tags that there are, by the name of the tag."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """What stands in them."""


def written(html: str, *, spaces: bool) -> Written:
    """Read the HTML, or XML, of a message. `spaces`: they and line ends count, as in Skype; else a tag ends a line."""
    if (text := plain(html, spaces=spaces)) is not None:
        return Written(text)
    parser = _Parser(spaces=spaces)
    parser.feed(html)
    parser.close()
    return parser.done()


def plain(html: str, *, spaces: bool) -> str | None:
    """Return the text of a message whose tags say no more than how it looks; None for all others."""
    if ("<" not in html and "&" not in html) or len(html) > _LONGEST:
        return html
    pieces = _LOOKS.split(html)
    if any("<" in piece for piece in pieces):
        return None
    parts: list[str] = []
    for piece in pieces:
        _add(parts, unescape(piece), spaces=spaces)
    return _joined(parts)


def _add(parts: list[str], data: str, *, spaces: bool) -> None:
    if not spaces:
        data = _BLANKS.sub(" ", data)
        data = data.lstrip(" ") if not parts or parts[-1].endswith("\n") else data
    if data:
        parts.append(data.replace("\r\n", "\n"))


def _joined(parts: list[str]) -> str:
    return "".join(parts).strip("\n").rstrip(" ")


class _Parser(HTMLParser):
    def __init__(self, *, spaces: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._spaces = spaces
        self._parts: list[str] = []
        self._found = Written()
        self._unseen: list[str] = []
        self._open: list[str] = []

    def done(self) -> Written:
        self._found.text = _joined(self._parts)
        return self._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        self._found.tags.setdefault(tag, []).append(said)
        kind = said.get("itemtype", "").casefold()
        if kind.endswith(_REPLY) or tag == "quote":
            self._found.reply_to = said.get("itemid") or said.get("messageid") or self._found.reply_to
        if kind.endswith(_MENTION) or tag == "at":
            self._found.mentions.append(said.get("itemid") or said.get("id") or "")
        if tag == "br" or tag in _LINES:
            self._break(always=tag == "br")
        if tag == "img":
            self._picture(said)
        if tag == "uriobject":
            self._file(said)
        if tag in ("originalname", "filesize") and self._found.media:
            self._describe(tag, said.get("v", ""))
        if tag in _UNSEEN or kind.endswith(_REPLY) or tag == "uriobject":
            self._unseen.append(tag)
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        if tag in _LINES:
            self._break(always=False)
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self._found.texts.setdefault(self._open[-1], []).append(data)
        if not self._unseen:
            _add(self._parts, data, spaces=self._spaces or "pre" in self._open)

    def _break(self, *, always: bool) -> None:
        if not self._unseen and (always or (self._parts and not self._parts[-1].endswith("\n"))):
            self._parts.append("\n")

    def _picture(self, said: dict[str, str]) -> None:
        if "emoji" in said.get("itemtype", "").casefold() or "emoji" in said.get("class", ""):
            self._parts.append(said.get("alt", ""))
        elif url := said.get("src"):
            name = said.get("alt") or None
            self._found.media.append({"name": name, "url": url, "type": type_of(name) or "image/*"})

    def _file(self, said: dict[str, str]) -> None:
        kind = said.get("type", "").partition(".")[0].casefold()
        general = {"picture": "image/*", "video": "video/*", "audio": "audio/*"}.get(kind)
        self._found.media.append({"name": None, "url": said.get("uri") or None, "type": general})

    def _describe(self, tag: str, value: str) -> None:
        file = self._found.media[-1]
        if tag == "originalname":
            file |= {"name": value or None, "type": type_of(value) or file["type"]}
        else:
            file["size"] = int_of(value)
