"""Commands that write to a workspace that exists already."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from egregora_core.cli._context import host, settings_for
from egregora_core.errors import NoDatabaseError
from egregora_core.session import Command, Session, database_exists, open_session
from egregora_core.workspace import read_early


@contextmanager
def writing(workspace: Path, tenant: str | None, *, compact: bool = False) -> Iterator[Session]:
    """Open a workspace's database for writing; raises NoDatabaseError where there is none. See `open_session`."""
    database = read_early(workspace).database
    if not database_exists(database):
        raise NoDatabaseError(database)
    command = Command(host(), settings_for(workspace, {"workspace.tenant": tenant}))
    with open_session(command, compact=compact) as session:
        yield session
