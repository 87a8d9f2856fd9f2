"""What writers wrote, as pages: Markdown in which no HTML and no picture from elsewhere is one.

Posts and profiles of core's own writer tell by counting what the chats and people of the report show already: they have
pages only where somebody wants them.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markupsafe import Markup

from egregora_report.model import long_date

COUNTED = frozenset({"posts", "profiles"})
"""The writers of core."""
_DOCUMENT = re.compile(r"\(document:([0-9a-f-]{36})\)")
_MESSAGE = re.compile(r"\[([^\[\]\n]*)\]\(message:([0-9a-f-]{36})\)")
"""How a body links to a message: `[what it says](message:<event_id>)`."""


@dataclass(frozen=True)
class Writing:
    """One document, without its body."""

    id: str
    kind: str
    slug: str
    title: str
    day: date | None
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    further: tuple[tuple[str, str], ...]
    """What its writer, or a stage after it, wants shown: names and values."""
    chat: str = ""
    """The title of the chat that it is about; empty where it is about no single one."""

    @property
    def told(self) -> str:
        """The day, for people."""
        return long_date(self.day) if self.day else ""

    @property
    def path(self) -> str:
        return f"{self.folder}/{'_index' if self.slug.casefold() == 'index' else self.slug}.html"

    @property
    def folder(self) -> str:
        return f"writings/{self.kind}"


def writing_of(row: Mapping[str, Any]) -> Writing:
    """Read what a publisher gets of a document."""
    attrs = row["attrs"] or {}
    attrs = json.loads(attrs) if isinstance(attrs, str) else attrs
    start = row["window_start"]
    wanted = [str(name) for name in attrs.get("front_matter") or () if isinstance(attrs.get(name), str | int | float)]
    return Writing(
        str(row["document_id"]),
        row["kind"],
        row["slug"],
        row["title"],
        _date(attrs.get("date")) or (start.date() if isinstance(start, datetime) else None),
        tuple(map(str, attrs.get("authors") or ())),
        tuple(map(str, attrs.get("tags") or ())),
        tuple((name, str(attrs[name])) for name in wanted),
        str(attrs.get("thread") or ""),
    )


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def shown(
    documents: Iterator[Mapping[str, Any]], *, counted: bool, common: Collection[str] = frozenset()
) -> Iterator[tuple[Writing, str]]:
    """Yield the documents that have pages, each with its body, without the tags that say nothing."""
    for row in documents:
        if counted or row["writer"] not in COUNTED:
            found = writing_of(row)
            is_counted = row["writer"] in COUNTED
            tags = tuple(tag for tag in found.tags if not _says_nothing(tag, common, is_counted=is_counted))
            yield replace(found, tags=tags), row["body"]


def _says_nothing(tag: str, common: Collection[str], *, is_counted: bool) -> bool:
    """Tell whether a tag is a common word, or one of two letters that nobody chose."""
    return tag.casefold() in common or (is_counted and tag.isascii() and len(tag) < _SHORTEST)


_SHORTEST = 3


def cited(body: str) -> set[str]:
    """Return the ids of the messages that a body links to."""
    return {found[2] for found in _MESSAGE.finditer(body)}


def rendered(body: str, paths: Mapping[str, str], root: str) -> Markup:
    """Return Markdown as HTML; links to other documents and to messages lead to where these are, by `paths`."""

    def message(found: re.Match[str]) -> str:
        path = paths.get(found[2])
        return f"[{found[1]}]({root}{path})" if path else found[1]

    body = _MESSAGE.sub(message, body)
    linked = _DOCUMENT.sub(lambda found: f"({root}{quote(paths[found[1]])})" if found[1] in paths else "()", body)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return Markup(markdown.render(linked))  # noqa: S704 - html is off: what people wrote is escaped


def tag_path(tag: str) -> str:
    """Return where the page of a tag is: any text is a file name once it is quoted."""
    return f"writings/tags/{re.sub('[^a-z0-9]+', '-', tag.casefold()).strip('-') or 'tag'}-{abs(hash_of(tag)) % 10**6:06d}.html"


def hash_of(text: str) -> int:
    """Return a number that stands for a text, the same in every process."""
    import zlib

    return zlib.crc32(text.encode())
