"""One command's hold on a workspace: its database open for writing, its progress on disk, and a stamp when it leaves.

The stamp is the database file's size and time at the last close, or the state that a lake was left in. Where it does
not fit, somebody else has written there since, and results are verified by content before they are trusted; where it
fits, nothing is scanned.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from egregora_core.errors import LockedError, WorkspaceError
from egregora_core.interrupts import FINISHED_IS_KEPT, last_act, when_interrupted
from egregora_core.messages import Namespace
from egregora_core.plugins import App
from egregora_core.session._core_tables import open_database
from egregora_core.session._options import RunOptions
from egregora_core.session._progress import Progress, ProgressReport, silent
from egregora_core.session._summary import Line
from egregora_core.storage import (
    Database,
    Lease,
    at_work,
    compact_catalog,
    compact_database,
    compact_lake,
    engine_path,
    file_stamp,
    lake_exists,
    unless_engine_fails,
)
from egregora_core.tracking import RunStore
from egregora_core.workspace import Lake, Workspace, private_files, work_of_tasks

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings

_WRITE_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Command:
    """What somebody asked for, and whom it tells: made once, before anything is opened."""

    app: App
    settings: "LoadedSettings"
    options: RunOptions = field(default_factory=RunOptions)
    report: Callable[[Line], None] = lambda _line: None
    """Is told what there is to say of each stage."""
    progress: ProgressReport = silent
    """Is told how far the work is."""

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.settings.directory)


@dataclass(frozen=True)
class Session:
    """A command at work in its workspace: what every step needs.

    `trusted`: nobody else wrote the database since it was last closed here.
    """

    command: Command
    db: Database
    namespace: Namespace
    trusted: bool
    progress: ProgressReport = silent
    lease: Lease | None = None
    """In a lake: this process's right to work for the tenant."""

    @property
    def app(self) -> App:
        return self.command.app

    @property
    def settings(self) -> "LoadedSettings":
        return self.command.settings

    @property
    def options(self) -> RunOptions:
        return self.command.options

    @property
    def workspace(self) -> Workspace:
        return self.command.workspace

    @property
    def tenant(self) -> str:
        return self.namespace.tenant

    @property
    def runs(self) -> RunStore:
        return RunStore(self.db.connection)

    def refuse_if_taken_over(self) -> None:
        """Raise LockedError where another process has taken this one for dead, and works for the tenant."""
        if self.lease is not None and not self.lease.is_mine():
            raise LockedError("another process took over, since this one had not answered for too long; run it again")


@contextmanager
def open_session(command: Command, *, database: Path | None = None, compact: bool = False) -> Iterator[Session]:
    """Make the workspace if it is new, open its database read-write, and stamp it at the end.

    `database` stands in for the one that the settings name, in a workspace of its own. `compact` writes the database
    anew after all went well, so that what was deleted is gone from the disk, too, which is then owed no more.
    """
    workspace = command.workspace if database is None else Workspace(database.parent)
    place = database or command.settings.database_path
    if isinstance(place, Lake):
        with _open_lake(command, place, compact=compact) as session:
            yield session
        return
    path = engine_path(place)
    tenant = command.settings.workspace.tenant
    fresh = not path.exists()
    workspace.create()
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = workspace.secret(database=path)
    _refuse_in_the_way(workspace.run_json)
    untouched = _Untouched(workspace.run_json, path)
    beacon = _Beacon(workspace.run_json, command.progress)
    with (
        open_database(
            path, secret=secret, lock_timeout=command.settings.database.lock_timeout, attempting=untouched.look
        ) as db,
        _settled_runs(db),
    ):
        when_interrupted(FINISHED_IS_KEPT)
        yield Session(command, db, Namespace(secret, tenant), trusted=fresh or untouched.found, progress=beacon)
    if compact:
        compact_database(path)
        workspace.owes_compaction.unlink(missing_ok=True)
    _write(workspace.run_json, {"stamp": file_stamp(path)})


@contextmanager
def _open_lake(command: Command, lake: Lake, *, compact: bool) -> Iterator[Session]:
    """Open a lake for one tenant, for which nobody else works meanwhile."""
    workspace, settings = command.workspace, command.settings
    workspace.create()
    secret = workspace.secret(database=lake, exists=lambda: lake_exists(lake))
    _refuse_in_the_way(workspace.run_json)
    tenant = settings.workspace.tenant
    beacon = _Beacon(workspace.run_json, command.progress)
    with open_database(lake, secret=secret) as db:
        lease = Lease(db, tenant, settings.database.lease).take(settings.database.lock_timeout)
        RunStore(db.connection).mark_interrupted(tenant)  # whoever held the lease before is gone
        if left := work_of_tasks(lake, tenant):
            shutil.rmtree(left, ignore_errors=True)  # it may hold names
        stamped = _stamped(workspace.run_json)
        try:
            with _settled_runs(db, tenant):
                when_interrupted(FINISHED_IS_KEPT)
                yield Session(
                    command,
                    db,
                    Namespace(secret, tenant),
                    trusted=stamped == _snapshot(db),
                    progress=beacon,
                    lease=lease,
                )
            if compact:
                compact_lake(db, alone=at_work(db) <= {tenant})
            _write(workspace.run_json, {"stamp": _snapshot(db)})
        finally:
            with unless_engine_fails():  # the catalog is out of reach: the lease ends by itself
                lease.let_go()
    if compact:
        compact_catalog(lake)
        workspace.owes_compaction.unlink(missing_ok=True)


def _snapshot(db: Database) -> list[int | str]:
    """Return which state of a lake this is: where its files are, and the number of the last commit."""
    return [str(db.path), int(db.scalar("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')"))]


@contextmanager
def _settled_runs(db: Database, tenant: str | None = None) -> Iterator[None]:
    """Leave no run `running`, however the block ends: not even where the process is ended in the middle of it.

    Runs of one tenant, where others are at work for the others.
    """

    def settle() -> None:
        with db.beside() as connection:
            RunStore(connection).mark_interrupted(tenant)

    with last_act(settle):
        try:
            yield
        except BaseException:
            with unless_engine_fails():  # a full disk: the next to open the file does it
                settle()
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


class _Untouched:
    """Whether nobody has written a database since it was stamped: looked at last when it can be opened."""

    def __init__(self, run_json: Path, path: Path) -> None:
        self.found = False
        self._path = path
        self._stamped = _stamped(run_json)

    def look(self) -> None:
        with suppress(OSError):
            self.found = self._stamped == file_stamp(self._path)


def _stamped(run_json: Path) -> Any:
    """Return the stamp that the last command here left; None without one."""
    try:
        return json.loads(run_json.read_text(encoding="utf-8")).get("stamp")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


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
