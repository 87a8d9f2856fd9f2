"""What people and chats are called now, kept beside the ids that a platform gives them.

A source tells names after its messages. Who is who is decided by ids alone; a name is what the newest export says, in
whatever order exports are read, and what was a name before is still known for one.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from egregora_core.errors import PluginError
from egregora_core.ingestion._arrays import sound
from egregora_core.ingestion._as_of import date
from egregora_core.ingestion._job import SEP, Ingest, now_sql
from egregora_core.ingestion._people_in_lists import put_ids_into_lists
from egregora_core.messages import KNOWN_NAMES
from egregora_core.plugins import Person, Thread
from egregora_core.storage import Database, arrow_view, literal, temporary_table
from egregora_core.tracking import Run

if TYPE_CHECKING:
    from egregora_core.storage import Connection


def meet(writer: "Connection", job: Ingest) -> None:
    """Make `staging.met`: whom and what the export knows, by id; people have a `first`, by which they are known.

    And `staging.named` and `staging.authors` from it. To be called when all batches are copied.
    """
    import pyarrow as pa

    people = () if job.reading.people is None else job.reading.people()
    told = [sound(each) for each in (*_people(job, people), *_chats(job, job.reading.threads()))]
    text = pa.string()
    schema = pa.schema([("id", text), ("kind", text), ("names", pa.list_(text)), ("first", text)])
    with arrow_view(writer, "rows", pa.Table.from_pylist(told, schema)):
        writer.execute(f"CREATE OR REPLACE TABLE staging.met AS {_met_sql(job)}")
    date(writer, job)
    _name(writer, job)
    if job.by_id:
        _identify_authors(writer, job)


def _met_sql(job: Ingest) -> str:
    """Return the SELECT that gives `rows` their ids. Of two of one id the last counts, as it does of messages."""
    of_chat = job.namespace.of_sql("thread", f"{literal(job.source)} || {SEP} || id")
    chats = f"""
        WITH told AS (
            SELECT id, last(kind) AS kind, last(names) AS names, last(first) AS first
            FROM rows GROUP BY id, first IS NULL
        )
        SELECT id, kind, names, first, {of_chat} AS own, own AS identity, NULL::VARCHAR AS joined
        FROM told WHERE first IS NULL
    """
    if not job.by_id:
        return chats
    of_person = job.namespace.of_sql("author", f"{literal(job.source)} || {SEP} || id")
    of_first = job.namespace.of_sql("author", f"{literal(job.source)} || {SEP} || first")
    return f"""
        {chats}
        UNION ALL
        SELECT id, kind, names, first, own, CASE WHEN joined IS NULL THEN {of_first} ELSE uuid END, joined
        FROM (SELECT *, {job.namespace.of_sql("author", "coalesce(joined, id)")} AS uuid
              FROM (SELECT *, {of_person} AS own, {_canonical_sql(job)} AS joined FROM told WHERE first IS NOT NULL))
    """


def _people(job: Ingest, people: Iterable[Person]) -> list[dict[str, Any]]:
    found = []
    for each in _of_type(job, people, Person):
        kind, names = "bot" if each.bot else "person", [*_texts(job, each.names)] or [each.id]
        ids = (each.id, *_texts(job, each.also))
        found += [{"id": id_, "kind": kind, "names": names, "first": each.id} for id_ in ids]
    return found


def _chats(job: Ingest, threads: Iterable[Thread]) -> list[dict[str, Any]]:
    return [
        {"id": each.id, "kind": each.kind, "names": [*_texts(job, [each.title or ""])] or [each.id]}
        for each in _of_type(job, threads, Thread)
    ]


def _of_type(job: Ingest, given: Iterable[Any], kind: type[Any]) -> Iterator[Any]:
    for each in given:
        if not isinstance(each, kind) or not isinstance(each.id, str) or not each.id:
            raise PluginError(f"source {job.source!r}: a {kind.__name__} with a text for an id was expected")
        yield each


def _texts(job: Ingest, names: Iterable[Any]) -> Iterator[str]:
    if isinstance(names, str):
        raise PluginError(f"source {job.source!r}: the names of a Person are a list of texts, not one text")
    for name in names:
        if not isinstance(name, str):
            raise PluginError(f"source {job.source!r}: a name is a {type(name).__name__}, expected a text")
        if name.strip():
            yield name


def _canonical_sql(job: Ingest) -> str:
    """Return SQL for the name to which `[authors] aliases` joins a person, by `source:id` or any of their names."""
    if not job.aliases:
        return "NULL::VARCHAR"
    known = {**{name: name for name in job.aliases.values()}, **job.aliases}
    table = f"map([{', '.join(map(literal, known))}], [{', '.join(map(literal, known.values()))}])"
    keys = f"list_prepend({literal(f'{job.source}:')} || id, names)"
    return f"list_filter(list_transform({keys}, lambda name: {table}[name]), lambda name: name IS NOT NULL)[1]"


def _known_sql(job: Ingest) -> str:
    mine = f"tenant_id = {literal(job.namespace.tenant)} AND source = {literal(job.source)}"
    return f"(SELECT identity, kind, name, place, as_of FROM {KNOWN_NAMES.name} WHERE {mine})"


def _name(writer: "Connection", job: Ingest) -> None:
    """Make `staging.named`: all names of whom the export knows, those that hold now first."""
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.named AS
        WITH told AS (
            -- Names are told of an export as a whole. Of two made at one time the one that is read last counts.
            SELECT identity, kind, unnest(names) AS name, generate_subscripts(names, 1) - 1000000000 AS place,
                   (SELECT max(made) FROM staging.as_of) AS as_of
            FROM (SELECT identity, any_value(kind) AS kind,
                         CASE WHEN any_value(joined) IS NULL THEN flatten(list(names ORDER BY id))
                              ELSE list_prepend(any_value(joined), flatten(list(names ORDER BY id))) END AS names
                  FROM staging.met GROUP BY identity)
        ), before AS (FROM {_known_sql(job)} SEMI JOIN told USING (identity)),
        every AS (FROM told UNION ALL BY NAME FROM before),
        one AS (
            SELECT identity, name, arg_min(kind, (-epoch_us(as_of), place)) AS kind,
                   min((-epoch_us(as_of), place)) AS rank, max(as_of) AS as_of
            FROM every GROUP BY identity, name
        )
        SELECT identity, first_value(kind) OVER ranked AS kind, name, (row_number() OVER ranked - 1)::INTEGER AS place,
               max(as_of) OVER (PARTITION BY identity) AS as_of
        FROM one WINDOW ranked AS (PARTITION BY identity ORDER BY rank, name)
    """)


def _identify_authors(writer: "Connection", job: Ingest) -> None:
    """Make `staging.authors`: who an author's id is, and what they are called; and put ids into who is mentioned."""
    own = job.namespace.of_sql("author", f"{literal(job.source)} || {SEP} || author")
    nobody = job.namespace.author("")
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.authors AS
        WITH wrote AS (SELECT DISTINCT author FROM staging.common),
        keyed AS (SELECT author, CASE WHEN author = '' THEN '{nobody}'::UUID ELSE {own} END AS own FROM wrote),
        known AS (
            SELECT author, keyed.own, coalesce(met.identity, keyed.own) AS author_uuid
            FROM keyed LEFT JOIN staging.met ON met.own = keyed.own
        ),
        called AS (
            SELECT identity, name FROM staging.named WHERE place = 0
            UNION ALL SELECT identity, name FROM (FROM {_known_sql(job)} WHERE place = 0)
            ANTI JOIN staging.named USING (identity)
        )
        SELECT author, CASE WHEN author = '' THEN '' ELSE own::VARCHAR END AS key, author_uuid,
               CASE WHEN author = '' THEN '' ELSE coalesce(name, author) END AS author_raw
        FROM known LEFT JOIN called ON called.identity = author_uuid
    """)
    writer.execute("""
        CREATE OR REPLACE TABLE staging.persons AS
        SELECT id, identity FROM staging.met WHERE first IS NOT NULL
    """)
    put_ids_into_lists(writer)
    writer.execute("""
        UPDATE staging.special SET forwarded_from = identity::VARCHAR
        FROM staging.persons WHERE forwarded_from = persons.id
    """)


def title_of(db: Database, job: Ingest, thread: str) -> str:
    """Return what a chat of this id is called."""
    identity = job.namespace.thread(job.source, thread)
    found = db.execute(f"SELECT name FROM staging.named WHERE place = 0 AND identity = '{identity}'")
    return str(found[0][0]) if found else thread


def rename(db: Database, job: Ingest, run: Run) -> int:
    """Keep the names that the export tells, and call by them what is stored of these people and chats.

    Returns how many stored messages changed. Runs before the export's own messages are stored.
    """
    if not db.scalar(f"SELECT 1 FROM ir_messages WHERE {_mine(job)} LIMIT 1"):
        _keep_names(db, job)
        return 0
    retitled = f"""
        SELECT identity, name FROM staging.named WHERE place = 0
        EXCEPT SELECT identity, name FROM {_known_sql(job)} WHERE place = 0
    """
    with temporary_table(db.connection, "retitled", retitled):
        _keep_names(db, job)
        return _call_by_names(db, job, run)


def _keep_names(db: Database, job: Ingest) -> None:
    """Put the names that the export tells in place of what was known of the same people and chats."""
    db.execute(f"""
        DELETE FROM {KNOWN_NAMES.name}
        WHERE {_mine(job)} AND identity IN (SELECT identity FROM staging.named UNION SELECT own FROM staging.met)
    """)
    db.execute(f"""
        INSERT INTO {KNOWN_NAMES.name}
        SELECT {literal(job.namespace.tenant)}, {literal(job.source)}, identity, kind, name, place, as_of
        FROM staging.named
    """)


def _call_by_names(db: Database, job: Ingest, run: Run) -> int:
    """Write the names into stored messages: of whoever wrote them, and of the chats in `retitled`."""
    mine, written = _mine(job), f"created_at = {now_sql(run)}, created_by_run = '{run.run_id}'"
    people = db.execute(f"""
        UPDATE ir_messages SET author_raw = now.name, author_uuid = now.identity, {written}
        FROM (SELECT own AS was, identity, name FROM staging.met JOIN staging.named USING (identity) WHERE place = 0
              UNION SELECT identity, identity, name FROM staging.named WHERE place = 0) AS now
        WHERE {mine} AND author_raw <> '' AND author_uuid = now.was
              AND (author_uuid <> now.identity OR author_raw <> now.name)
    """)
    chats = db.execute(f"""
        UPDATE ir_messages SET attrs = json_merge_patch(attrs, json_object('thread', now.name)), {written}
        FROM retitled AS now WHERE {mine} AND thread_id = now.identity AND (attrs->>'thread') <> now.name
    """)
    return int(people[0][0]) + int(chats[0][0])


def _mine(job: Ingest) -> str:
    return f"tenant_id = {literal(job.namespace.tenant)} AND source = {literal(job.source)}"


__all__ = ["meet", "rename", "title_of"]
