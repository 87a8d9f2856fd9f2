"""What a judge is shown of a document: its text alone, in which nobody can be told by name.

Who judges must not learn whose a text is, or the name would be judged.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from egregora_core.plugin import literal

from egregora_elo.documents._documents import documents_sql
from egregora_elo.documents._names import Document
from egregora_elo.ledger import Ledger


@dataclass(frozen=True)
class ShownDocument(Document):
    """A document with its text (Markdown), in which people are called Person A, Person B and so on."""

    text: str = ""


def shown_documents(ledger: Ledger, ids: Collection[str]) -> dict[str, ShownDocument]:
    """Read documents as a judge is to see them, by id; what is not there, or is a mere label, is left out."""
    found = ledger.rows(
        f"SELECT document_id, slug, title, content, body FROM ({documents_sql(ledger)}) "
        f"WHERE document_id IN ({', '.join(map(literal, ids)) or 'NULL'})"
    )
    names = _people(ledger)
    return {
        id_: ShownDocument(id_, slug, title, content, _nameless(body, names))
        for id_, slug, title, content, body in found
    }


def _people(ledger: Ledger) -> list[str]:
    """Return the names by which documents call people: their authors, and whom a profile is about."""
    found = ledger.rows(
        f"SELECT DISTINCT name FROM (SELECT unnest(attrs->>'$.authors[*]') AS name FROM documents WHERE {ledger.mine} "
        f"UNION ALL SELECT unnest([title, slug]) FROM documents WHERE {ledger.mine} AND kind = 'profile') "
        "WHERE name <> '' ORDER BY name"
    )
    return [name for (name,) in found]


def _nameless(text: str, names: Sequence[str]) -> str:
    """Call the people of a Markdown text Person A, Person B and so on, as they come: a judge must not know who wrote.

    Links lose their targets here, too: a name in one may be spelt in any way. In an address a name is `someone`.
    """
    if not names:
        return text
    name = rf"(?<![^\W_])(?:{'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})(?![^\W_])"
    called: dict[str, str] = {}

    def person(found: re.Match[str]) -> str:
        if found["target"]:
            return "](-)"
        if found["address"]:
            return re.sub(name, "someone", found[0], flags=re.IGNORECASE)
        number = len(called)
        letter = chr(ord("A") + number) if number < 26 else str(number + 1)  # noqa: PLR2004 - letters of the alphabet
        return called.setdefault(found[0].casefold(), f"Person {letter}")

    return re.sub(rf"(?P<target>\]\([^)\n]*\))|(?P<address>\w+://\S+)|{name}", person, text, flags=re.IGNORECASE)
