"""What a user may call a document: its id or label, its slug, or the beginning of either."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from egregora_elo.documents._documents import documents_sql, labels_sql
from egregora_elo.errors import DocumentError
from egregora_elo.ledger import Ledger

_SHOWN = 5
_ID_LENGTH = 8
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Document:
    """One document: its id, its slug and title where core has it, and the hash of its content."""

    id: str
    slug: str | None = None
    title: str | None = None
    content: str | None = None

    @property
    def name(self) -> str:
        return self.title or self.id


def names(ledger: Ledger) -> dict[str, Document]:
    """Return every document that core or a comparison knows."""
    found = ledger.rows(
        f"SELECT document_id, slug, title, content FROM ({labels_sql(ledger)}) "
        f"FULL JOIN ({documents_sql(ledger)}) USING (document_id)"
    )
    return {row[0]: Document(*row) for row in found}


def short_ids(known: Mapping[str, Document]) -> dict[str, str]:
    """Return for each document what `find` knows it by: the shortest beginning of its id that no other shares.

    A label of an import is meant to be read, and stays whole.
    """
    found, ordered = {}, sorted(known)
    for place, document in enumerate(ordered):
        near = (*ordered[max(place - 1, 0) : place], *ordered[place + 1 : place + 2])
        shared = max((_shared(document, other) for other in near), default=0)
        found[document] = document[: max(shared + 1, _ID_LENGTH)] if _UUID.fullmatch(document) else document
    return found


def _shared(a: str, b: str) -> int:
    """Count the characters with which both begin."""
    return next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def find(ledger: Ledger, text: str) -> Document:
    """Return the document that a user means: its id or label, its slug, or the beginning of either.

    Raises DocumentError, listing the candidates where there are several.
    """
    known = names(ledger)
    if text in known:
        return known[text]
    for matches in (
        [document for document in known.values() if document.slug == text],
        [d for d in known.values() if text and (d.id.startswith(text) or (d.slug or "").startswith(text))],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            shown = ", ".join(sorted(f"{d.slug} ({d.id[:8]})" if d.slug else d.id for d in matches)[:_SHOWN])
            more = f" and {len(matches) - _SHOWN} more" if len(matches) > _SHOWN else ""
            raise DocumentError(f"{text!r} may be {shown}{more}: give more of the slug or of the id")
    raise DocumentError(
        f"no document is called {text!r}: give its slug or the beginning of its id, as `egregora elo leaderboard` "
        'and `egregora query "select document_id, slug from documents"` show them'
    )
