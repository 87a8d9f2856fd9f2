"""In SQL: the ids of what was removed, out of every table of the workspace: core's, the stages' and the plugins'.

No list says which columns hold ids: whatever reads as the id, or as the pseudonym made of it, of a message, chat or
person that is gone is found. Text about others stays, without it; a row that plugins or stages keep about it goes.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from egregora_core.messages import DOCUMENTS, IR_MESSAGES
from egregora_core.privacy import two_words
from egregora_core.storage import Database, literal, quoted, temporary_table
from egregora_core.tracking import RUNS, Run

_HEX = "[0-9a-f]"
_TOKEN = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}|{_HEX}{{32}}|p-{_HEX}{{8}}"
"""An id, with or without its dashes, or a pseudonym."""
_POINTERS = ("reply_to", "thread_root")
"""Keys of a message's `attrs` that hold another message's id."""
_INSTEAD = "[name]"
_AT_ONCE = 500


def strike_out(db: Database, run: Run) -> list[str]:
    """Take the ids of the messages in `gone`, and of chats and people that have no message left, out of every table.

    Runs inside the transaction that removed the messages. Returns the ids of the chats of `gone` that still have some.
    """
    struck = """
        WITH ids AS (
            SELECT event_id AS id, false AS named FROM gone
            UNION ALL SELECT DISTINCT thread_id, true FROM gone ANTI JOIN ir_messages USING (thread_id)
            UNION ALL SELECT DISTINCT author_uuid, true FROM gone ANTI JOIN ir_messages USING (author_uuid)
        )
        SELECT id::VARCHAR AS token FROM ids
        UNION SELECT replace(id::VARCHAR, '-', '') FROM ids
        UNION SELECT 'p-' || (id::VARCHAR)[:8] FROM ids WHERE named
        UNION SELECT lower(regexp_replace(pseudonym, ' [0-9]+$', '')) FROM pseudonyms
        WHERE identity IN (SELECT id FROM ids WHERE named)
    """
    with temporary_table(db.connection, "struck", struck):
        for table in db.tables():
            columns = db.columns(table)
            if table == RUNS.name:
                _from_record(db)
            elif any(columns.keys() >= set(schema.names) for schema in (IR_MESSAGES, DOCUMENTS)):
                _from_texts(db, table, columns, run)
            else:
                _with_rows(db, table, columns)
    left = db.execute("SELECT DISTINCT thread_id::VARCHAR FROM gone SEMI JOIN ir_messages USING (thread_id) ORDER BY 1")
    return [thread for (thread,) in left]


def _find(db: Database, table: str, columns: Iterable[str]) -> list[str]:
    """Make `found`: which rows of a table hold which ids; return these ids."""
    said = ", ".join(f"{quoted(name)}::VARCHAR" for name in columns)
    pattern = f"{_TOKEN}|{two_words().lower()}"
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE found AS
        SELECT place, token FROM (
            SELECT rowid AS place, unnest(regexp_extract_all(lower(concat_ws(chr(31), {said})), '{pattern}')) AS token
            FROM {quoted(table)}
        ) SEMI JOIN struck USING (token)
    """)
    return [token for (token,) in db.execute("SELECT DISTINCT token FROM found ORDER BY 1")]


def _with_rows(db: Database, table: str, columns: Mapping[str, str]) -> None:
    if _find(db, table, columns):
        db.execute(f"DELETE FROM {quoted(table)} WHERE rowid IN (SELECT place FROM found)")


def _from_texts(db: Database, table: str, columns: Mapping[str, str], run: Run) -> None:
    """Strike ids out of messages and documents that stay; `run` is then the one that wrote them."""
    texts = {name: kind for name, kind in columns.items() if kind in {"VARCHAR", "JSON"}}
    if not (tokens := _find(db, table, texts)):
        return
    here = "rowid IN (SELECT place FROM found)"
    written = f", created_by_run = '{run.run_id}'" if table == IR_MESSAGES.name else ""
    for key in _POINTERS:
        db.execute(
            f"UPDATE {quoted(table)} SET attrs = json_merge_patch(attrs, json_object('{key}', NULL)){written} "
            f"WHERE {here} AND lower(attrs->>'{key}') IN (SELECT token FROM struck)"
        )
    for start in range(0, len(tokens), _AT_ONCE):
        pattern = literal(f"(?i){'|'.join(tokens[start : start + _AT_ONCE])}")
        fresh = ", ".join(
            f"{quoted(name)} = regexp_replace({quoted(name)}::VARCHAR, {pattern}, '{_INSTEAD}', 'g')::{kind}"
            for name, kind in texts.items()
        )
        db.execute(f"UPDATE {quoted(table)} SET {fresh}{written} WHERE {here}")


def _from_record(db: Database) -> None:
    """Strike ids out of what was recorded; of a reading it says `gone` instead, which is all the next has to know."""
    if not (tokens := set(_find(db, RUNS.name, ("error", "attrs")))):
        return
    rows = db.execute(
        "SELECT run_id::VARCHAR, error, attrs::VARCHAR FROM runs WHERE rowid IN (SELECT place FROM found)"
    )
    for run_id, error, text in rows:
        attrs = json.loads(text or "{}")
        threads = {*attrs.get("thread_ids", ()), attrs.get("thread_id")}
        attrs = {**_without(attrs, tokens), **({"gone": True} if threads & tokens else {})}
        said = error and re.sub(_TOKEN, lambda found: _INSTEAD if found[0] in tokens else found[0], error)
        db.execute("UPDATE runs SET error = ?, attrs = ? WHERE run_id = ?", [said, json.dumps(attrs), run_id])


def _without(value: Any, tokens: set[str]) -> Any:
    """Return a JSON value without the entries that hold one of the ids themselves."""
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if not (_holds(key, tokens) or _holds(each, tokens))}
        return {key: _without(each, tokens) for key, each in kept.items()}
    if isinstance(value, list):
        return [_without(each, tokens) for each in value if not _holds(each, tokens)]
    return value


def _holds(value: Any, tokens: set[str]) -> bool:
    return isinstance(value, str) and not tokens.isdisjoint(re.findall(_TOKEN, value.lower()))


__all__ = ["strike_out"]
