"""Which documents there are to compare, and which comparisons are of texts that have changed since.

The ranking knows a document by a string: the text of its `document_id`, or a label that an import declared. Its
content is known by a hash, so that a comparison of an older version can be told.
"""

from egregora_core.plugin import literal

from egregora_elo.ledger import Ledger

_CONTENT = "md5(title || chr(10) || body)"
"""The hash of what a judge sees of a document, in SQL."""


def documents_sql(ledger: Ledger) -> str:
    """Return a SELECT of the tenant's documents: id (text), slug, title, kind, body, content."""
    return (
        f"SELECT document_id::VARCHAR AS document_id, slug, title, kind, body, {_CONTENT} AS content "
        f"FROM documents WHERE {ledger.mine}"
    )


def labels_sql(ledger: Ledger) -> str:
    """Return a SELECT of every name that comparisons use, void ones included."""
    sides = (f"SELECT document_{side} AS document_id FROM elo_history WHERE {ledger.mine}" for side in ("a", "b"))
    return " UNION ".join(sides)


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
