"""What a writer of somebody else's makes is not trusted: it names nobody, and links only where its messages lead.

HTML in it is text. What cannot be cleaned fails its unit, and nothing of it is quoted.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from egregora_core.errors import UnitRefusedError
from egregora_core.plugins import Document, Unit

if TYPE_CHECKING:
    import pyarrow as pa
    from markdown_it.token import Token

_URL = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|javascript:|data:|vbscript:|file:)[^\s<>\[\]\"'`]*")
_SAFE = ("http://", "https://", "mailto:", "www.")
_INLINE = re.compile(r"!?\[((?:[^\[\]\\]|\\.)*)\]\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\))?[^\s<>()]*)>?[^()]*\)")
_DEFINED = re.compile(r"(?m)^ {0,3}\[[^\]\n]+\]:\s*\S+.*$")
_ANGLE = re.compile(r"<(?=[A-Za-z!/?])")
_ENTITY = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")
_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_SUSPECT = re.compile(r"<[A-Za-z!/?]|\]\s*[\[(:]")
_ENDS = ".,;:!?…»”'\""
_ELSEWHERE = "[link]"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MESSAGE = "message:"
"""Begins a link to a message of the unit, whose id follows; publishers lead it to where the message can be read."""


@dataclass(frozen=True)
class Guard:
    """What is looked at in the documents of one writer."""

    body: Literal["markdown", "text"]
    names_somebody: Callable[[str, Iterable[str]], bool]
    """Given a text and what may be said in it, tells whether it names a person of the tenant."""

    def pass_on(self, unit: Unit, documents: Iterable[Document]) -> list[Document]:
        """Return the documents as they may be kept; raises UnitRefusedError, quoting nothing, where they may not.

        Of the messages only what a document may lead to is held: addresses, and ids that it names.
        """
        documents, said = list(documents), _Said(unit)
        known = {_plain_url(url) for part in said for url in _URL.findall(part)}
        known |= _messages_named(unit, documents)
        return [self._clean(document, said, known, number) for number, document in enumerate(documents, 1)]

    def _clean(self, document: Document, said: Iterable[str], known: set[str], number: int) -> Document:
        for what, text in (
            ("title", document.title),
            ("body", document.body),
            ("attrs", json.dumps(dict(document.attrs), ensure_ascii=False)),
        ):
            if self.names_somebody(text, said):
                raise UnitRefusedError(f"document {number} of the unit names somebody in its {what}")
        title = _URL.sub(lambda found: _kept(found[0], known), document.title)
        if self.body == "text":
            return replace(document, title=title, body=as_text(document.body))
        body = _linked(document.body, known)
        if any(not _leads(place, known) for place in _destinations(body)):
            raise UnitRefusedError(f"document {number} of the unit has markup or links that its messages do not hold")
        return replace(document, title=title, body=body)


@dataclass(frozen=True)
class _Said:
    """What the messages of a unit say, read in parts, and again each time that somebody asks."""

    unit: Unit

    def __iter__(self) -> Iterator[str]:
        for batch in self.unit.batches("text"):
            yield "\n".join(text for text in batch.column("text").to_pylist() if text)


def _messages_named(unit: Unit, documents: Iterable[Document]) -> set[str]:
    """Return the links to those messages of a unit whose ids stand in the documents, however they are escaped."""
    named = {name for each in documents for name in _ID.findall(f"{each.title} {each.body}".replace("\\", ""))}
    if not named:
        return set()
    there = {each for batch in unit.batches("event_id") for each in named.intersection(_strings(batch))}
    return {f"{MESSAGE}{each}" for each in there}


def _strings(batch: "pa.RecordBatch") -> list[str]:
    return [str(each) for each in batch.column(0).to_pylist()]


def as_text(text: str) -> str:
    """Return Markdown that shows a text as it is: its lines stay lines, no sign of it means anything."""
    lines = [_PUNCTUATION.sub(r"\\\1", line.strip()) for line in text.replace("\r\n", "\n").split("\n")]
    shown = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        shown.append(f"{line}\\" if line and following else line)
    return "\n".join(shown)


def _linked(body: str, known: set[str]) -> str:
    """Return Markdown without HTML, and without links and pictures that lead where no message does."""

    def inline(found: re.Match[str]) -> str:
        return found[0] if _leads(found[2], known) else found[1]

    def angle(found: re.Match[str]) -> str:
        end = body.find(">", found.start())
        inside = body[found.end() : end] if end > 0 else ""
        return "<" if _URL.fullmatch(inside) and _leads(inside, known) else "&lt;"

    def defined(found: re.Match[str]) -> str:
        return found[0] if all(_leads(url, known) for url in _URL.findall(found[0])) else ""

    body = _ENTITY.sub("&amp;", body)  # else a scheme could be spelt so that only a browser reads it
    body = _ANGLE.sub(angle, body)
    body = _DEFINED.sub(defined, _INLINE.sub(inline, body))
    return _URL.sub(lambda found: _kept(found[0], known), body)


def _kept(url: str, known: set[str]) -> str:
    return url if _leads(url, known) else _ELSEWHERE


def _leads(place: str, known: set[str]) -> bool:
    """Tell whether a link may lead there: to another page of the site, to a message, or where a message does."""
    if place.startswith(MESSAGE):
        return place in known
    if not re.match(r"(?i)[a-z][a-z0-9+.-]*:|//|www\.|\\", place):
        return True
    return place.lower().startswith(_SAFE) and _plain_url(place) in known


def _plain_url(url: str) -> str:
    """Return an address as it is compared: without what ends a sentence, and decoded."""
    url = unquote(url).rstrip(_ENDS)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_ENDS)
    return url.removeprefix("www.")


def _destinations(body: str) -> Iterator[str]:
    """Yield where the links and pictures of Markdown lead, and a place where nothing may for each piece of HTML."""
    if not _SUSPECT.search(body):
        return
    from markdown_it import MarkdownIt

    waiting: list[Token] = MarkdownIt("commonmark").parse(body)
    while waiting:
        token = waiting.pop()
        waiting += token.children or ()
        if token.type in {"html_block", "html_inline"}:
            yield "html:"
        for name in ("href", "src"):
            if place := token.attrs.get(name):
                yield str(place)
