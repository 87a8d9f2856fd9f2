"""What a writer wants to find again, in a table of its plugin: answers that were paid for, mostly.

Rows name the messages that they were made of, by which `forget` finds them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from egregora_core.generation._unit_messages import UnitRow
from egregora_core.plugins import Kept, UnitMessages
from egregora_core.storage import Column, TableSchema, bind, literal

if TYPE_CHECKING:
    from egregora_core.storage import Connection


def kept_table(name: str) -> TableSchema:
    """Return the table in which a writer of a plugin keeps things (`WriterSpec.keeps`)."""
    return TableSchema(
        name,
        (
            Column("tenant_id", "!string", "Whose data it was made of."),
            Column("writer", "!string", "Who keeps it."),
            Column("unit_key", "!string", "The unit that it is about."),
            Column("unit_fingerprint", "!string", "md5 over the messages that the unit had."),
            Column("key", "!string", "By what the writer finds it."),
            Column("value", "!string", "What is kept."),
            Column("made_of", "!string", "Ids of the unit's messages: it is forgotten with each of them."),
        ),
    )


@dataclass(frozen=True)
class KeptOfUnit:
    """What one unit's writer yielded to be kept."""

    table: str
    writer: str
    unit: UnitRow
    kept: Sequence[Kept]
    made_of: str
    finished: bool
    """Whether the unit was written, so that what it did not yield again may be made of other messages."""


def message_ids(messages: UnitMessages) -> str:
    """Return the ids of a unit's messages, as `made_of` holds them."""
    return " ".join(str(each) for batch in messages.batches() for each in batch.column("event_id").to_pylist())


def kept_of(con: "Connection", table: str, tenant: str, writer: str, unit_key: str) -> Mapping[str, str]:
    """Return what is kept of a unit, by key."""
    sql = f"SELECT key, value FROM {table} WHERE tenant_id = ? AND writer = ? AND unit_key = ?"
    rows = con.execute(bind(sql, [tenant, writer, unit_key])).fetchall()
    return dict(rows)


def keep(con: "Connection", tenant: str, found: KeptOfUnit) -> None:
    """Put what one unit's writer yielded in place of what was kept under the same keys."""
    whose = [tenant, found.writer, found.unit["unit_key"]]
    fingerprint = found.unit["unit_fingerprint"]
    rows = {each.key: each.value for each in found.kept}
    same = f"key IN (SELECT unnest({literal(list(rows))}))"
    if found.finished:
        same = f"({same} OR unit_fingerprint <> {literal(fingerprint)})"
    mine = bind("tenant_id = ? AND writer = ? AND unit_key = ?", whose)
    con.execute(f"DELETE FROM {found.table} WHERE {mine} AND {same}")
    if rows:
        row = [*whose, fingerprint, found.made_of, list(rows), list(rows.values())]
        con.execute(
            f"INSERT INTO {found.table} (tenant_id, writer, unit_key, unit_fingerprint, made_of, key, value) "
            f"{bind('SELECT ?, ?, ?, ?, ?, unnest(?), unnest(?)', row)}"
        )


def drop_kept(con: "Connection", table: str, tenant: str, writer: str, unit_keys: Sequence[str]) -> None:
    """Remove what is kept of units that are gone."""
    sql = f"DELETE FROM {table} WHERE tenant_id = ? AND writer = ? AND unit_key IN (SELECT unnest(?))"
    con.execute(bind(sql, [tenant, writer, list(unit_keys)]))
