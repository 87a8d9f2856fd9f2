"""The messages as the last message stage left them, for whoever makes pages of them or looks at them.

Nobody after privacy sees others. With each goes the zone that its chat's pages are in, and the clock time there.
"""

from typing import Any

from egregora_core.errors import NoMessagesError
from egregora_core.ingestion import zones_of
from egregora_core.messages import IR_MESSAGES, ChatZones, machine_zone, page_zones
from egregora_core.pipeline._stages import Relation, output_of
from egregora_core.pipeline._table_export import last_message_table
from egregora_core.settings import LoadedSettings
from egregora_core.storage import Database, fingerprint_relation
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


def masked_messages(db: Database, tenant: str, table: str | None, zones: ChatZones) -> Any:
    """Return a table's messages as an ibis table, with `timezone` and `local_ts`; no rows where there is no table."""
    rows = output_of(table, tenant) if table else "(SELECT * FROM ir_messages WHERE false)"
    return db.ibis().sql(f"SELECT *, {zones.sql()} AS timezone, {zones.local_sql('ts')} AS local_ts FROM {rows}")


def messages_to_read(db: Database, settings: LoadedSettings) -> Any:
    """Return all messages as a publisher gets them; raises NoMessagesError where there are none yet."""
    tenant = str(settings.workspace.tenant)
    table = last_message_table(db, tenant)
    zones, _ = zones_of_pages(RunStore(db.connection), settings)
    return masked_messages(db, tenant, table, zones)
