"""Is what a writer made a document? Kind, slug, title, body and attrs are checked before any of it is stored."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from egregora_core.errors import StageError
from egregora_core.plugins import Document

MAX_SLUG = 120
"""Longer slugs do not fit into a file name once they are UTF-8 and have a suffix."""

_KIND = re.compile(r"[a-z][a-z0-9_]*")
_SLUG = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class EncodedDocument:
    """A document whose body is in UTF-8: as a string it takes up to four times as much memory."""

    kind: str
    slug: str
    title: str
    body: bytes
    attrs: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document) -> "EncodedDocument":
        return cls(document.kind, document.slug, document.title, document.body.encode(), document.attrs)


def checked_documents(writer: str, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield what a writer makes of one unit, or raise StageError naming what is wrong, without quoting it.

    The writer ends in any case: what it tells beside its documents counts.
    """
    slugs: set[tuple[str, str]] = set()
    made = iter(documents)
    for number, document in enumerate(made, 1):
        problem = _problem(document)
        if problem is None and (document.kind, document.slug.casefold()) in slugs:
            problem = "two documents of one unit and kind have the same slug"
        if problem is not None:
            deque(made, maxlen=0)
            raise StageError(f"writer {writer!r}, document {number} of a unit: {problem}")
        slugs.add((document.kind, document.slug.casefold()))
        yield document


def _problem(document: object) -> str | None:  # noqa: PLR0911  # one return a rule reads best
    if not isinstance(document, Document):
        return f"it is a {type(document).__name__}; return egregora_core.plugin.Document"
    if not all(isinstance(part, str) for part in (document.kind, document.slug, document.title, document.body)):
        return "kind, slug, title and body must be strings"
    if not _KIND.fullmatch(document.kind):
        return "its kind must be lower-case letters, digits and _"
    if len(document.slug) > MAX_SLUG or not _SLUG.fullmatch(document.slug):
        return f"its slug must be 1 to {MAX_SLUG} letters, digits, _, - or . and begin with a letter or digit"
    if not document.title.strip():
        return "its title is empty"
    try:
        json.dumps(dict(document.attrs), allow_nan=False)
        document.title.encode()
        document.body.encode()
    except (TypeError, ValueError):
        return "its attrs must be JSON-able, and all of it valid Unicode"
    return None
