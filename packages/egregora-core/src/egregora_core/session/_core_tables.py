"""The database of a workspace: core's tables, their version, and the check value of the secret.

Version and check value stand in a JSON comment on the table `runs`.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from egregora_core.errors import WorkspaceError
from egregora_core.messages import DOCUMENTS, IR_MESSAGES, KNOWN_NAMES, PSEUDONYMS, Namespace
from egregora_core.storage import Database, commit, lake_exists, open_file, open_lake
from egregora_core.tracking import RUNS, RunStore
from egregora_core.workspace import Lake, Place

SCHEMA_VERSION = 1
"""Raised when a core table changes in a way that an older Egregora would misread."""

CORE_TABLES = (IR_MESSAGES, RUNS, DOCUMENTS, PSEUDONYMS, KNOWN_NAMES)
_CHANGED = "another program changed it: restore a backup, or start a new workspace and ingest again"


def open_database(
    path: Place,
    *,
    secret: UUID | None = None,
    read_only: bool = False,
    lock_timeout: float = 5.0,
    attempting: Callable[[], None] = lambda: None,
) -> Database:
    """Open a workspace's database, waiting up to `lock_timeout` seconds for another process to let go of its file.

    Read-write, it makes the core's tables if they are missing, checks them and `secret`, and turns `running` rows
    whose process is gone into `interrupted`. Raises LockedError, WorkspaceError or SchemaError; where it raises,
    the file is as it was. `attempting` is called before each attempt to open it. In a lake others may be at work.
    """
    prepare = partial(_prepare, secret=secret, read_only=read_only)
    if isinstance(path, Lake):
        return open_lake(path, prepare, read_only=read_only)
    return open_file(path, prepare, read_only=read_only, lock_timeout=lock_timeout, attempting=attempting)


def database_exists(path: Place) -> bool:
    """Tell whether a workspace's database is there; raises WorkspaceError where a lake cannot be reached."""
    return lake_exists(path) if isinstance(path, Lake) else path.exists()


def _prepare(database: Database, *, secret: UUID | None, read_only: bool) -> None:
    meta = _read_meta(database)
    version = meta["schema"]
    if version > SCHEMA_VERSION:
        raise WorkspaceError(
            f"{database.path} was written by a newer Egregora (schema {version}, this one knows {SCHEMA_VERSION}); "
            "upgrade with `pip install -U egregora-core`"
        )
    check = _check_value(secret) if secret is not None else None
    if check is not None and meta.get("secret", check) != check:
        raise WorkspaceError(
            f"the secret.key beside {database.path} is not the one that its ids were made with; "
            "put the right one back (a copy of the workspace needs its secret.key too)"
        )
    if read_only:
        if absent := {table.name for table in CORE_TABLES} - set(database.tables()):
            raise WorkspaceError(
                f"{database.path} has no table {', '.join(sorted(absent))}: it is no workspace's database yet; "
                "run `egregora run EXPORT` first"
            )
        return

    def make() -> None:
        for table in CORE_TABLES:
            database.ensure(table, advice=_CHANGED)
        if check is not None and meta != (wanted := {"schema": SCHEMA_VERSION, "secret": check}):
            database.execute(f"COMMENT ON TABLE runs IS '{json.dumps(wanted)}'")

    commit(database.connection, make)
    if not database.is_lake:
        RunStore(database.connection).mark_interrupted()


def _read_meta(database: Database) -> dict[str, Any]:
    comment = database.scalar(
        "SELECT comment FROM duckdb_tables() WHERE table_name = 'runs' AND database_name = current_database()"
    )
    try:
        meta = json.loads(comment) if comment else {}
        return {"schema": int(meta.pop("schema", SCHEMA_VERSION)), **meta}
    except (ValueError, TypeError, AttributeError) as error:
        raise WorkspaceError(
            f"{database.path}: the comment on its table runs is not Egregora's; another program made or changed it: "
            "restore a backup, or name another database with [database] url"
        ) from error


def _check_value(secret: UUID) -> str:
    return Namespace(secret, "").of("check").hex[:16]
