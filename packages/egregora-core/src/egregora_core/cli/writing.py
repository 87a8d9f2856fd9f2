"""Commands that write to a workspace that exists already."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from egregora_core.workspace.settings_file import read_early
from egregora_core.errors import NoDatabaseError
from egregora_core.session.opening import Session, open_session
from egregora_core.workspace.directory import Workspace


@contextmanager
def writing(workspace: Path, tenant: str | None, *, compact: bool = False) -> Iterator[Session]:
    """Open a workspace's database for writing; raises NoDatabaseError where there is none. See `open_session`."""
    early = read_early(workspace)
    if not early.database.exists():
        raise NoDatabaseError(early.database)
    with open_session(
        Workspace(workspace),
        early.database,
        tenant or early.tenant,
        lock_timeout=early.lock_timeout,
        compact=compact,
    ) as session:
        yield session
