"""Threads as pages (`message_1.html`), which is what a download is unless one asks for JSON.

Pages say less: times are the account's clock, to the minute or second, in its language; reactions are a line of text.
What a page says is put as JSON says it, so that all else is the same.
"""

import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    from egregora_core.plugin import Export

PAGE = re.compile(r"(?:^|/)message_?(\d*)\.html$", re.IGNORECASE)
_BLOCK, _AUTHOR, _BODY, _TIME = ("_a6-g", "_2lej"), ("_a6-h", "_2lel"), ("_a6-p", "_2let"), ("_a6-o", "_2lem")
"""Classes of a message and of its parts, of today and of the years before 2021."""
_REACTIONS = ("_a6-q", "_tqp")
_LANGUAGES = ("en", "pt", "es", "fr", "de", "it", "nl", "sv", "da", "nb", "pl", "cs", "ru", "uk", "tr", "id", "ro")
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*(?:([ap])\.?\s?m\b)?", re.IGNORECASE)
_YEAR = re.compile(r"\b(\d{4})\b")
_DAY = re.compile(r"\b(\d{1,2})\b")
_WORD = re.compile(r"[^\W\d_]+")
_REACTION = re.compile(r"([^\w\s]+)\s*(.+)", re.DOTALL)
_VOID = frozenset(("br", "img", "source", "input", "meta", "link", "hr"))
_MEDIA = ("img", "video", "audio", "source")
_CHUNK = 1 << 18
_HALF_DAY = 12


def is_page(head: str) -> bool:
    """Tell whether a page begins as a thread does."""
    return any(f"{block} " in head and time in head for block, time in zip(_BLOCK, _TIME, strict=True))


def title_of(head: str) -> str | None:
    """Return what a thread's page is called."""
    found = re.search(r"<title>([^<]{1,300})</title>", head)
    return found[1].strip() if found else None


def messages(export: "Export", name: str) -> Iterator[dict[str, Any]]:
    """Yield the messages of a page, as JSON has them; `timestamp_ms` is what the clock showed.

    Raises ExportError where a time cannot be read.
    """
    page = _Page()
    with export.open(name) as file:
        decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        while data := file.read(_CHUNK):
            page.feed(decode(data))
            yield from _taken(page, export, name)
    page.close()
    yield from _taken(page, export, name)


def _taken(page: "_Page", export: "Export", name: str) -> Iterator[dict[str, Any]]:
    found, page.found = page.found, []
    for block in found:
        when = _moment(block["time"])
        if when is None:
            raise ExportError(
                f"{export.path}: {name}: its times are in a form or language that is not known; "
                "ask for the download as JSON"
            )
        yield {
            "sender_name": block["author"] or None,
            "timestamp_ms": int(when.timestamp() * 1000),
            "content": "\n".join(block["texts"]),
            "media": [{"uri": uri} for uri in dict.fromkeys(block["media"])],
            "share": {"link": block["link"]} if block["link"] else None,
            "reactions": [
                {"reaction": each[1], "actor": each[2].strip()}
                for line in block["reactions"]
                if (each := _REACTION.match(line))
            ],
        }


class _Page(HTMLParser):
    """Reads blocks of a page as it comes in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, Any]] = []
        self._block: dict[str, Any] | None = None
        self._depth = 0
        self._parts: list[tuple[str, int]] = []
        """The parts of the block that are open, and how deep each began."""
        self._new_text = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if not _among(classes, _BLOCK) and self._block is None:
            return
        if _among(classes, _BLOCK):
            self._finish()
            self._block = {"author": "", "time": "", "texts": [], "media": [], "link": None, "reactions": []}
            self._depth = 0
        if tag not in _VOID:
            self._depth += 1
        self._enter(tag, classes)
        self._note(tag, given)

    def _enter(self, tag: str, classes: list[str]) -> None:
        part = next((part for part, names in _PARTS if _among(classes, names)), None)
        if part is not None and tag not in _VOID:
            self._parts.append((part, self._depth))
        if tag in ("div", "p", "li", "ul"):
            self._new_text = True
        elif tag == "br" and self._block is not None and self._part == "body" and self._block["texts"]:
            self._block["texts"][-1] += "\n"

    def _note(self, tag: str, given: dict[str, str | None]) -> None:
        """Take in where a picture, a recording or a link leads to."""
        where = given.get("src") if tag in _MEDIA else given.get("href") if tag == "a" else None
        if not where or self._part != "body" or self._block is None:
            return
        if tag == "a" and where.startswith(("http://", "https://")):
            self._block["link"] = self._block["link"] or where
        elif not where.startswith("data:"):
            self._block["media"].append(where)

    def handle_endtag(self, tag: str) -> None:
        if self._block is None or tag in _VOID:
            return
        while self._parts and self._parts[-1][1] >= self._depth:
            self._parts.pop()
        self._new_text = True
        self._depth -= 1
        if self._depth <= 0:
            self._finish()

    def handle_data(self, data: str) -> None:
        if self._block is None or self._part is None or not data.strip():
            return
        if self._part in ("author", "time"):
            self._block[self._part] += data.strip()
            return
        into = self._block["reactions" if self._part == "reactions" else "texts"]
        if self._new_text or not into:
            into.append(data)
        else:
            into[-1] += data
        self._new_text = False

    def close(self) -> None:
        super().close()
        self._finish()

    def _finish(self) -> None:
        if self._block is not None and self._block["time"]:
            self.found.append(self._block)
        self._block, self._parts = None, []

    @property
    def _part(self) -> str | None:
        return self._parts[-1][0] if self._parts else None


_PARTS = (("reactions", _REACTIONS), ("author", _AUTHOR), ("body", _BODY), ("time", _TIME))


def _among(classes: list[str], names: tuple[str, ...]) -> bool:
    return any(name in classes for name in names)


def _moment(text: str) -> datetime | None:
    """Return a clock's time, as if it was in UTC; None for what is none."""
    clock = _CLOCK.search(text)
    month = next((found for word in _WORD.findall(text) if (found := _months().get(word.casefold()))), None)
    if clock is None or month is None:
        return None
    date = text[: clock.start()] + " " + text[clock.end() :]
    year = _YEAR.search(date)
    day = _DAY.search(date)
    if year is None or day is None:
        return None
    hour = int(clock[1])
    if clock[4]:
        hour = hour % _HALF_DAY + (_HALF_DAY if clock[4] in "pP" else 0)
    try:
        return datetime(int(year[1]), month, int(day[1]), hour, int(clock[2]), int(clock[3] or 0), tzinfo=UTC)
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    """Return the number of each month, by its names in the languages that are known."""
    from babel import Locale

    found: dict[str, int] = {}
    for language in _LANGUAGES:
        for forms in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in forms[width].items():
                    found.setdefault(name.casefold().strip("."), number)
    return found
