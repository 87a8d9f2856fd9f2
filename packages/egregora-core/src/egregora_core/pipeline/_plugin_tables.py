"""A plugin's own tables: declared once, created and extended by the host, and handed to the stages that read them.

They are made when the plugin's settings section says `enabled = true`, or by a command of the plugin, never by its
being installed: until then the database has core's tables and derived ones alone.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.errors import PluginError, UsageError
from egregora_core.plugins import App, TableSpec
from egregora_core.session import CORE_TABLES
from egregora_core.storage import Column, Database, TableSchema
from egregora_core.workspace import unknown_key

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings


def declared_tables(app: App, plugin: str) -> list[TableSchema]:
    """Return the tables that a plugin declares; raises PluginError where a declaration is none."""
    return [_table_schema(app, provided.spec) for provided in app.tables if provided.plugin == plugin]


def create_tables(db: Database, tables: Iterable[TableSchema]) -> list[str]:
    """Create tables or add the nullable columns that they lack; return the names of the new ones.

    Raises SchemaError on any other difference; nothing is changed then.
    """
    created = []
    with db.transaction():
        for table in tables:
            if not db.columns(table.name):
                created.append(table.name)
            db.ensure(table)
    return created


def create_enabled_tables(db: Database, app: App, settings: "LoadedSettings") -> None:
    """Create the tables of each plugin whose section says `enabled = true`."""
    for plugin in dict.fromkeys(provided.plugin for provided in app.tables):
        if settings.enabled(plugin) is True:
            create_tables(db, declared_tables(app, plugin))


def orphaned_tables(db: Database, app: App) -> list[str]:
    """Return tables that are neither core's nor derived, and whose plugin is not installed.

    What a broken or disabled plugin declares is not known, so whatever has its id for a prefix counts as its own.
    """
    known = {*(table.name for table in CORE_TABLES), *(provided.spec.name for provided in app.tables)}
    silent = tuple(f"{plugin.id}_" for plugin in app.plugins if plugin.status != "ok")
    return [name for name in db.tables() if name not in known and not name.startswith(("stage_", *silent))]


def check_droppable(db: Database, table: str) -> int:
    """Return the number of rows of a plugin's table; raises UsageError for core's own and for one that is not there."""
    others = [name for name in db.tables() if name not in {core.name for core in CORE_TABLES}]
    if table not in others:
        raise UsageError(f"there is no table {table!r} to drop{unknown_key(table, others)}; core's own stay")
    return int(db.scalar(f'SELECT count(*) FROM "{table}"'))


# --- what a stage reads beside its input --------------------------------------------------------------------------


def missing_tables(db: Database, names: Iterable[str]) -> list[str]:
    return [name for name in names if not db.columns(name)]


def readable(db: Database, names: Iterable[str], tenant: str) -> Mapping[str, str]:
    """Return each table as a parenthesised SELECT: the tenant's rows, where the table has `tenant_id`."""
    return {
        name: f"(SELECT * FROM {name} WHERE tenant_id = '{tenant}')"
        if "tenant_id" in db.columns(name)
        else f"(SELECT * FROM {name})"
        for name in names
    }


# --- declarations -------------------------------------------------------------------------------------------------


def _table_schema(app: App, spec: TableSpec) -> TableSchema:
    declared = app.resolve(spec.schema)
    if isinstance(declared, TableSchema):
        if declared.name != spec.name or (spec.key and declared.key != spec.key):
            raise PluginError(
                f"{spec.schema!r} is table {declared.name!r} with key {declared.key}, "
                f"but it was registered as {spec.name!r} with key {spec.key}; make them agree"
            )
        return declared
    if not callable(getattr(declared, "items", None)) or not hasattr(declared, "to_pyarrow"):
        raise PluginError(f"{spec.schema!r} is a {type(declared).__name__}, expected a TableSchema or an ibis schema")
    return TableSchema(spec.name, tuple(_column(name, kind) for name, kind in declared.items()), spec.key)


def _column(name: str, kind: Any) -> Column:
    """Return an ibis field as a column: `str` of an ibis type is the string that the type can be made of again."""
    return Column(name, str(kind), "")
