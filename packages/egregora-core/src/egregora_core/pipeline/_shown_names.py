"""Names of people and chats that the user wants on the pages, in the place of pseudonyms as documents are published.

Tables, ids and fingerprints have pseudonyms all the same; only what publishers are given has the names.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from egregora_core.privacy import two_words
from egregora_core.session import Session
from egregora_core.storage import literal

BIG_LETTERS = "THE PAGES SHOW REAL NAMES"
"""What is said wherever `[people]` shows somebody."""


@dataclass(frozen=True)
class ShownNames:
    """By pseudonym, the name that is shown instead."""

    people: Mapping[str, str] = field(default_factory=dict)
    chats: Mapping[str, str] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    """What entries of the settings fit nobody, by their numbers: an entry itself may be a name."""

    @property
    def all(self) -> dict[str, str]:
        return {**self.people, **self.chats}


def shown_names(session: Session) -> ShownNames:
    """Return what `[people]` and `[chats]` say of the tenant's people and chats."""
    people, chats = session.settings.people, session.settings.chats
    if not (people.names or people.all or chats.titles):
        return ShownNames()
    persons = _called(session, "author_uuid", "author_raw", "people")
    rooms = _called(session, "thread_id", "(attrs->>'$.thread')", "chats")
    named, strange_people = _chosen(persons, people.names, "[people] names")
    titled, strange_chats = _chosen(rooms, chats.titles, "[chats] titles")
    everybody = {called[0]: called[-1] for called in persons} if people.all else {}
    return ShownNames({**everybody, **named}, titled, (*strange_people, *strange_chats))


def _called(session: Session, column: str, raw: str, kind: str) -> list[tuple[str, ...]]:
    """Return of each person or chat its pseudonym, id, short id and names, the last one used at the end."""
    rows = session.db.execute(f"""
        SELECT pseudonym, identity::VARCHAR, list(name ORDER BY last)
        FROM pseudonyms JOIN (
            SELECT {column} AS identity, {raw} AS name, max(ts) AS last FROM ir_messages
            WHERE tenant_id = {literal(session.tenant)} AND {raw} <> '' GROUP BY ALL
        ) USING (identity)
        WHERE tenant_id = {literal(session.tenant)} AND kind = '{kind}'
        GROUP BY ALL ORDER BY ALL
    """)
    return [(pseudonym, identity, f"p-{identity[:8]}", *names) for pseudonym, identity, names in rows]


def _chosen(
    called: list[tuple[str, ...]], wanted: Mapping[str, str], setting: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    found: dict[str, str] = {}
    strangers = []
    for number, (key, shown) in enumerate(wanted.items(), 1):
        mine = {names[0]: shown for names in called if key in names}
        if not mine:
            strangers.append(f"entry {number} of {setting} fits nothing that is stored")
        found |= mine
    return found, tuple(strangers)


# --- in documents -------------------------------------------------------------------------------------------------


def with_names(rows: Iterator[dict[str, Any]], names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield documents (`attrs` as JSON text) with names in the place of pseudonyms."""
    if not names:
        yield from rows
        return
    for row in rows:
        attrs = row["attrs"]
        yield row | {
            "title": _put(row["title"], names, str),
            "body": _put(row["body"], names, _markdown),
            "attrs": attrs and _put(attrs, names, lambda name: json.dumps(name, ensure_ascii=False)[1:-1]),
        }


def _put(text: str, names: Mapping[str, str], spelt: Any) -> str:
    def shown(found: re.Match[str]) -> str:
        words, number = found[1], found[2] or ""
        if words + number in names:
            return str(spelt(names[words + number]))
        return str(spelt(names[words])) + number if words in names else found[0]

    return _pseudonyms().sub(shown, text)


def _markdown(name: str) -> str:
    """Return a name as Markdown that shows exactly it, whatever it is made of."""
    return re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found[0])};", name)


@cache
def _pseudonyms() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({two_words()})( [0-9]+)?(?!\w)")
