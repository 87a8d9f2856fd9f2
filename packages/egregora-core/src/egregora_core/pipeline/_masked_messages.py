"""The messages as the last message stage left them, for whoever makes pages of them or looks at them.

Nobody after privacy sees others. With each goes the zone that its chat's pages are in, and the clock time there.
"""

import json
from collections.abc import Mapping
from typing import Any

from egregora_core.errors import NoMessagesError
from egregora_core.ingestion import zones_of
from egregora_core.messages import IR_MESSAGES, ChatZones, machine_zone, page_zones
from egregora_core.pipeline._step_output import Relation, output_of
from egregora_core.pipeline._table_export import last_message_table
from egregora_core.settings import LoadedSettings
from egregora_core.storage import Database, fingerprint_relation, literal
from egregora_core.tracking import RunStore


def zones_of_pages(runs: RunStore, settings: LoadedSettings) -> tuple[ChatZones, str]:
    """Return the zones that documents and pages are written in, and what they are called in a reason.

    The configured one holds for all; else each chat has its own, and one whose export gives UTC the machine's.
    """
    if settings.pipeline.timezone:
        return ChatZones(str(settings.pipeline.timezone)), "pipeline.timezone"
    return page_zones(zones_of(runs, settings.workspace.tenant), machine_zone()), "time zones of the chats"


def last_messages(db: Database, tenant: str) -> Relation | None:
    """Describe the messages as the last message stage left them, by their content; None where none ever ran."""
    try:
        table = last_message_table(db, tenant)
    except NoMessagesError:
        return None
    rows = output_of(table, tenant)
    fingerprint = fingerprint_relation(db.connection, rows)
    return Relation(table, IR_MESSAGES, fingerprint, db.scalar(f"SELECT count(*) FROM {rows}"), None)


_IN_TEXTS = 100
"""So many of the names that are shown are also put into texts, where others stay pseudonyms."""


def masked_messages(
    db: Database, tenant: str, table: str | None, zones: ChatZones, names: Mapping[str, str] = {}
) -> Any:
    """Return a table's messages as an ibis table, with `timezone` and `local_ts`; no rows where there is no table.

    `names` are shown in the place of the pseudonyms that they have.
    """
    rows = output_of(table, tenant) if table else "(SELECT * FROM ir_messages WHERE false)"
    if names:
        rows = f"(SELECT * REPLACE ({_shown(names)}) FROM {rows})"
    return db.ibis().sql(f"SELECT *, {zones.sql()} AS timezone, {zones.local_sql('ts')} AS local_ts FROM {rows}")


def _shown(names: Mapping[str, str]) -> str:
    """Return SQL that puts names in the place of pseudonyms: in authors, in texts, and in strings of `attrs`."""
    pairs = sorted(names.items())
    keys, values = (", ".join(map(literal, column)) for column in zip(*pairs, strict=True))
    text, attrs = "text", "attrs::VARCHAR"
    for pseudonym, name in pairs[:_IN_TEXTS]:
        # A pseudonym may go on with a number, which makes it another's; twice, as a match takes what follows it.
        pattern = literal(rf"\b{pseudonym}( [^0-9]|[^\pL\pN ]| ?$)")
        shown = literal(name.replace("\\", r"\\") + r"\1")
        text = f"regexp_replace(regexp_replace({text}, {pattern}, {shown}, 'g'), {pattern}, {shown}, 'g')"
        attrs = f"replace({attrs}, {literal(json.dumps(pseudonym))}, {literal(json.dumps(name, ensure_ascii=False))})"
    any_of_them = literal("|".join(pseudonym for pseudonym, _ in pairs[:_IN_TEXTS]))
    return (
        f"coalesce(MAP([{keys}], [{values}])[author_raw], author_raw) AS author_raw, "
        f"CASE WHEN regexp_matches(text, {any_of_them}) THEN {text} ELSE text END AS text, {attrs}::JSON AS attrs"
    )


def messages_to_read(db: Database, settings: LoadedSettings) -> Any:
    """Return all messages as a publisher gets them; raises NoMessagesError where there are none yet."""
    tenant = str(settings.workspace.tenant)
    table = last_message_table(db, tenant)
    zones, _ = zones_of_pages(RunStore(db.connection), settings)
    return masked_messages(db, tenant, table, zones)
