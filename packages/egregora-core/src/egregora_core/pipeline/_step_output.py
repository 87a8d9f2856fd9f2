"""What one step hands to the next: a tenant's rows of a table, as some run left them."""

from dataclasses import dataclass
from uuid import UUID

from egregora_core.messages import KNOWN_NAMES, PEOPLE_KINDS
from egregora_core.storage import TableSchema


@dataclass(frozen=True)
class Relation:
    """A tenant's messages or documents as some run left them: table, fingerprint, row count, and that run."""

    table: str
    schema: TableSchema
    fingerprint: str
    rows: int
    run_id: UUID | None


def output_of(table: str, tenant: str) -> str:
    """Return a tenant's rows of a table as a parenthesised SELECT."""
    return f"(SELECT * FROM {table} WHERE tenant_id = '{tenant}')"


def names_beside(tenant: str) -> str:
    """Return the names that a tenant knows beside its messages as a SELECT, with the columns of `KnownName`."""
    people = ", ".join(f"'{kind}'" for kind in PEOPLE_KINDS)
    return (
        "(SELECT DISTINCT name, identity AS author_uuid, "
        "CASE WHEN is_person THEN 'person' ELSE 'title' END AS role "
        f"FROM (SELECT name, identity::VARCHAR AS identity, kind IN ({people}) AS is_person "
        f"FROM {KNOWN_NAMES.name} WHERE tenant_id = '{tenant}'))"
    )
