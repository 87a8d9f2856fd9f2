"""The documents that are compared: which there are, what a user may call them, what a judge is shown of them.

Owns names, hashes of contents, and texts without the names of people. Promises that what a user types is one document,
or an error that lists the candidates.
May import `ledger`.
"""

from egregora_elo.documents._blind import ShownDocument, shown_documents
from egregora_elo.documents._documents import candidates, documents_sql, labels_sql, stale_sql
from egregora_elo.documents._names import Document, find, names, short_ids

__all__ = [
    "Document",
    "ShownDocument",
    "candidates",
    "documents_sql",
    "find",
    "labels_sql",
    "names",
    "short_ids",
    "shown_documents",
    "stale_sql",
]
