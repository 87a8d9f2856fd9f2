"""Marks the names in messages: of few names all are looked for in every message, of many those that may be in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from egregora_core.privacy._found_tables import FEW, new_prefix
from egregora_core.privacy._name_masking import mask_names, twice
from egregora_core.privacy._name_patterns import LONG_CHUNK, NamePatterns, PatternBook
from egregora_core.privacy._names import WORD_ROLES, KnownName
from egregora_core.privacy._occurring import find_occurring


def mark_known(data: Any, people: Sequence[KnownName], keep: Sequence[str]) -> tuple[Any, Mapping[str, str]]:
    """Return a table in whose `clean_text` names are marked, and whose each of them is (`PatternBook.owners`).

    `data` is an ibis table of messages with `clean_text` and `is_system`. Of many names those that occur are found at
    once, in the rows that `data` has now, and what is marked stands in temporary tables: see `drop_found`.
    """
    if sum(entry.role not in WORD_ROLES for entry in people) <= FEW:
        book = PatternBook(people, keep)
        return _marked(data, book.patterns(people, size=LONG_CHUNK)), book.owners()
    return _mark_occurring(data, people, keep)


def _marked(data: Any, patterns: NamePatterns) -> Any:
    data = mask_names(data, patterns)
    if patterns.system:
        marked = twice(data.clean_text, patterns.system)
        data = data.mutate(clean_text=data.is_system.ifelse(marked, data.clean_text))
    return data


def _mark_occurring(data: Any, people: Sequence[KnownName], keep: Sequence[str]) -> tuple[Any, Mapping[str, str]]:
    backend = data.get_backend()
    con, prefix = backend.con, new_prefix()
    texts = backend.compile(data.select("event_id", "clean_text", "is_system").filter(data.clean_text.notnull()))
    found = find_occurring(con, texts, people, prefix)
    con.execute(f"CREATE TEMP TABLE {prefix}rows AS FROM ({texts}) JOIN {prefix}groups USING (event_id) ORDER BY part")
    con.execute(f"CREATE TEMP TABLE {prefix}marked (event_id UUID, marked VARCHAR)")
    chosen = dict.fromkeys((*found.always, *(entry for group in found.groups for entry in group)))
    words = (entry for entry in people if entry.role in WORD_ROLES)
    book = PatternBook([*chosen, *words], keep)
    rows = backend.table(f"{prefix}rows")
    for part, names in enumerate(found.groups):
        group = _marked(rows.filter(rows.part == part), book.patterns([*found.always, *names], size=LONG_CHUNK))
        query = backend.compile(group.select("event_id", "clean_text"))
        con.execute(f"INSERT INTO {prefix}marked {query}")
    con.execute(f"DROP TABLE {prefix}rows")
    con.execute(f"DROP TABLE {prefix}groups")
    data = _marked(data, book.patterns(found.always))
    marked = backend.table(f"{prefix}marked")
    data = data.left_join(
        marked.select(marked_id=marked.event_id, marked=marked.marked), data.event_id == marked.event_id
    )
    return data.mutate(clean_text=data.marked.coalesce(data.clean_text)), book.owners()
