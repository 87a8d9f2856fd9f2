"""One command's hold on a workspace: its database open for writing, its progress on disk, and a seal when it leaves.

The seal is the database file's size and time at the last close. Where it does not fit, somebody else has written the
file since, and results are verified by content before they are trusted; where it fits, nothing is scanned.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb

from egregora_core.storage.database import Database, compact_database, engine_path, open_database
from egregora_core.errors import WorkspaceError
from egregora_core.messages.ids import Namespace
from egregora_core.interrupts import last_act, when_interrupted
from egregora_core.session.progress import Progress, ProgressReport, silent
from egregora_core.tracking.runs import RunStore
from egregora_core.workspace.directory import Workspace, private_files

_WRITE_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Session:
    """What every step needs. `trusted`: nobody else wrote the database since it was last closed here."""

    db: Database
    namespace: Namespace
    workspace: Workspace
    trusted: bool
    progress: ProgressReport

    @property
    def tenant(self) -> str:
        return self.namespace.tenant


@contextmanager
def open_session(  # noqa: PLR0913 - what, where, whose; the rest by name
    workspace: Workspace,
    path: Path,
    tenant: str,
    *,
    lock_timeout: float = 5.0,
    progress: ProgressReport = silent,
    compact: bool = False,
) -> Iterator[Session]:
    """Make the workspace if it is new, open its database read-write, and seal it at the end.

    `compact` writes the database anew after all went well, so that what was deleted is gone from the disk, too, which
    is then owed no more.
    """
    path = engine_path(path)
    fresh = not path.exists()
    workspace.create()
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = workspace.secret(database=path)
    sealed = _sealed(workspace.run_json, path)
    _refuse_in_the_way(workspace.run_json)
    beacon = _Beacon(workspace.run_json, progress)
    with open_database(path, secret=secret, lock_timeout=lock_timeout) as db, _settled_runs(db):
        when_interrupted("what was finished is kept, the same command goes on from there")
        yield Session(db, Namespace(secret, tenant), workspace, trusted=fresh or sealed, progress=beacon)
    if compact:
        compact_database(path)
        workspace.owes_compaction.unlink(missing_ok=True)
    _write(workspace.run_json, {"sealed": _stamp(path)})


@contextmanager
def _settled_runs(db: Database) -> Iterator[None]:
    """Leave no run `running`, however the block ends: not even where the process is ended in the middle of it."""
    beside = RunStore(db.connection.cursor())
    with last_act(beside.mark_interrupted):
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # a full disk: the next to open the file does it
                beside.mark_interrupted()
            raise


class _Beacon:
    """Passes progress on, and keeps run.json up to date for whoever cannot read the table."""

    def __init__(self, path: Path, report: ProgressReport) -> None:
        self._path = path
        self._report = report
        self._doing = ""
        self._written = 0.0

    def __call__(self, progress: Progress) -> None:
        self._report(progress)
        now = monotonic()
        if progress.doing == self._doing and now - self._written < _WRITE_EVERY_SECONDS:
            return
        self._doing, self._written = progress.doing, now
        _write(self._path, {"pid": os.getpid(), **asdict(progress)})


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _sealed(run_json: Path, path: Path) -> bool:
    try:
        return bool(json.loads(run_json.read_text(encoding="utf-8")).get("sealed") == _stamp(path))
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write run.json; a disk without room for it has none for more important things, which will tell."""
    beside = path.with_suffix(".part")
    with suppress(OSError), private_files():
        beside.write_text(json.dumps(content), encoding="utf-8")
        beside.replace(path)


def _refuse_in_the_way(path: Path) -> None:
    for file in (path, path.with_suffix(".part")):
        if file.is_dir():
            raise WorkspaceError(f"{file} is a directory, where Egregora keeps a file; move it away, then run again")
