"""Which documents there are to compare, and what a user may call them.

The ranking knows a document by a string: the text of its `document_id`, or a label that an import declared. Its
content is known by a hash, so that a comparison of an older version can be told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from egregora_core.plugin import literal

from egregora_elo.errors import DocumentError
from egregora_elo.ledger import Ledger

CONTENT = "md5(title || chr(10) || body)"
"""The hash of what a judge sees of a document, in SQL."""

_SHOWN = 5
_ID_LENGTH = 8
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Known:
    """One document: its id, its slug and title where core has it, and the hash of its content."""

    id: str
    slug: str | None = None
    title: str | None = None
    content: str | None = None

    @property
    def name(self) -> str:
        return self.title or self.id


def documents_sql(ledger: Ledger) -> str:
    """Return a SELECT of the tenant's documents: id (text), slug, title, kind, body, content."""
    return (
        f"SELECT document_id::VARCHAR AS document_id, slug, title, kind, body, {CONTENT} AS content "
        f"FROM documents WHERE {ledger.mine}"
    )


def labels_sql(ledger: Ledger) -> str:
    """Return a SELECT of every name that comparisons use, void ones included."""
    sides = (f"SELECT document_{side} AS document_id FROM elo_history WHERE {ledger.mine}" for side in ("a", "b"))
    return " UNION ".join(sides)


def names(ledger: Ledger) -> dict[str, Known]:
    """Return every document that core or a comparison knows."""
    found = ledger.rows(
        f"SELECT document_id, slug, title, content FROM ({labels_sql(ledger)}) "
        f"FULL JOIN ({documents_sql(ledger)}) USING (document_id)"
    )
    return {row[0]: Known(*row) for row in found}


def short_ids(known: Mapping[str, Known]) -> dict[str, str]:
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


def find(ledger: Ledger, text: str) -> Known:
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


def people(ledger: Ledger) -> list[str]:
    """Return the names by which documents call people: their authors, and whom a profile is about."""
    found = ledger.rows(
        f"SELECT DISTINCT name FROM (SELECT unnest(attrs->>'$.authors[*]') AS name FROM documents WHERE {ledger.mine} "
        f"UNION ALL SELECT unnest([title, slug]) FROM documents WHERE {ledger.mine} AND kind = 'profile') "
        "WHERE name <> '' ORDER BY name"
    )
    return [name for (name,) in found]


def candidates(ledger: Ledger, *, readable: bool = False) -> list[str]:
    """Return the documents that may be judged: those of the kinds in `[ranking] kinds`, and declared labels.

    `readable`: only those that have a text to be shown.
    """
    kinds = ", ".join(map(literal, ledger.settings.kinds)) or "NULL"
    offered = f"SELECT document_id FROM ({documents_sql(ledger)}) WHERE kind IN ({kinds})"
    if not readable:
        declared = f"SELECT document_id FROM ({labels_sql(ledger)})"
        offered += f" UNION ({declared} EXCEPT SELECT document_id FROM ({documents_sql(ledger)}))"
    return [document for (document,) in ledger.rows(f"SELECT document_id FROM ({offered}) ORDER BY document_id")]


def stale_sql(ledger: Ledger) -> str:
    """Return the condition on a comparison that a document of it has been rewritten since, or is gone."""
    current = f"SELECT document_id || chr(31) || content FROM ({documents_sql(ledger)})"
    sides = (
        f"(content_{side} IS NOT NULL AND document_{side} || chr(31) || content_{side} NOT IN ({current}))"
        for side in ("a", "b")
    )
    return f"({' OR '.join(sides)})"
