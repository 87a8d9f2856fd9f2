"""Writers that stand in for others: a unit that one of them wrote is left out by the other, so that no page doubles."""

from collections.abc import Sequence
from itertools import product

from egregora_core.generation import GENERATION_UNITS
from egregora_core.plugins import Provided, WriterSpec
from egregora_core.session import Session
from egregora_core.storage import commit


def units_of_others(session: Session, active: Sequence[Provided[WriterSpec]], spec: WriterSpec) -> dict[str, str]:
    """Return the units that other writers wrote in the place of one, each with who did: the first by name."""
    found: dict[str, str] = {}
    for each in sorted(active, key=lambda each: each.spec.name):
        if each.spec.instead_of == spec.name and not _beside(session, each):
            rows = session.db.execute(
                "SELECT DISTINCT attrs->>'unit' FROM documents WHERE tenant_id = ? AND writer = ?",
                [session.tenant, each.spec.name],
            )
            found = {key: each.spec.name for (key,) in rows} | found
    return found


def drop_what_stands_aside(session: Session, active: Sequence[Provided[WriterSpec]]) -> None:
    """Remove the documents of writers that were to stand in for others, and no longer take part."""
    if session.options.dry_run:
        return
    taking_part = {each.spec.name for each in active}
    aside = [each.spec.name for each in session.app.writers if each.spec.instead_of]
    names = [name for name in aside if name not in taking_part]
    tables = [table for table in ("documents", GENERATION_UNITS.name) if session.db.columns(table)]

    def drop() -> None:
        session.refuse_if_taken_over()
        for table, name in product(tables, names):
            session.db.execute(f"DELETE FROM {table} WHERE tenant_id = ? AND writer = ?", [session.tenant, name])

    if names:
        commit(session.db.connection, drop)


def _beside(session: Session, provided: Provided[WriterSpec]) -> bool:
    _, values = session.settings.section_of(provided.plugin)
    return values.get("beside") is True
