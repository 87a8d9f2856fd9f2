"""Who shares a name with somebody, and in which chats each of them writes: there it may be one person's alone.

Of all others it is not noted where they write: that changes with every export, and what is masked depends on it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from egregora_core.privacy._name_forms import core_of, words_of
from egregora_core.privacy._name_owners import key_of
from egregora_core.privacy._name_terms import PARTICLES
from egregora_core.privacy._names import KnownName
from egregora_core.storage import literal


def with_chats(messages: Any, known: Sequence[KnownName]) -> list[KnownName]:
    """Return the names with `chats` of people who are called as somebody else is; `messages` is an ibis table."""
    owners: dict[str, set[str]] = defaultdict(set)
    people = [entry for entry in known if entry.role == "person" and entry.uuid]
    for entry in people:
        for key in _keys(entry):
            owners[key].add(entry.uuid or "")
    shared = sorted(set().union(*(who for who in owners.values() if len(who) > 1)))
    if not shared or sum(entry.role == "title" for entry in known) == 1:
        return list(known)
    backend = messages.get_backend()
    found = backend.con.execute(
        f"SELECT author_uuid::VARCHAR, list(DISTINCT thread_id::VARCHAR) FROM ({backend.compile(messages)}) "
        f"WHERE author_uuid IN (SELECT unnest(string_split({literal(' '.join(shared))}, ' '))::UUID) GROUP BY ALL"
    ).fetchall()
    chats = {uuid: tuple(sorted(threads)) for uuid, threads in found}
    return [
        entry._replace(chats=chats.get(entry.uuid or "", ())) if entry.role == "person" else entry for entry in known
    ]


def _keys(entry: KnownName) -> set[str]:
    words = (word for word in words_of(entry.name) if word.casefold() not in PARTICLES)
    return {key_of(core_of(entry.name)), *map(key_of, words)} - {""}
