"""Opening a database file: who else holds it, and what is wrong with it if it does not open.

A read-write open proves that no other process is alive in the file, which is what makes a `running` row stale.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.errors import LockedError, NoDatabaseError, WorkspaceError
from egregora_core.storage._database import Database
from egregora_core.storage._failures import explained
from egregora_core.storage._processors import threads_at_first
from egregora_core.storage._writer_lock import WriterLock, lock_file
from egregora_core.workspace import private_files

if TYPE_CHECKING:
    import duckdb

_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_POLL_SECONDS = 0.05
_TELL_SECONDS = 1.0
"""After so long it is said that somebody is waited for."""


def engine_config(path: Path) -> dict[str, str | bool | int | float | list[str]]:
    """Return what every connection to a database file is opened with; what spills goes beside it, to its own place."""
    return {
        "temp_directory": str(_spill(path)),
        "autoinstall_known_extensions": "false",  # the engine never fetches anything
        "autoload_known_extensions": "false",
    }


def _spill(path: Path) -> Path:
    return path.with_name(f"{path.name}.spill")


def open_file(
    path: Path,
    prepare: Callable[[Database], None],
    *,
    read_only: bool = False,
    lock_timeout: float = 5.0,
    attempting: Callable[[], None] = lambda: None,
) -> Database:
    """Open a database file, waiting up to `lock_timeout` seconds for another process to let go of it.

    `prepare` checks it, and makes the tables that it should have. `attempting` is called before each attempt, so at
    last when nobody else holds the file. Raises LockedError or WorkspaceError; where anything
    raises, the file is as it was.
    """
    if read_only and not path.exists():
        raise NoDatabaseError(path)
    path = engine_path(path)
    with private_files(), _nothing_left_of(path, new=not path.exists()):  # a new file holds names
        writer = None if read_only else WriterLock(path, timeout=lock_timeout)
        try:
            connection = _connect(path, attempting, read_only=read_only, lock_timeout=lock_timeout)
            database = Database(connection, path, writer=writer, connect=partial(_connect_again, path))
            try:
                prepare(database)
            except BaseException as error:
                database.close_at_once()
                if told := explained(error, path):
                    raise told from error
                raise
        except BaseException:
            if writer is not None:
                writer.let_go()
            raise
    return database


def _connect_again(path: Path, waiting: Callable[[], None]) -> "duckdb.DuckDBPyConnection":
    """Open a file that this process alone may write; who reads it meanwhile is waited for, however long."""
    while True:
        try:
            return _connect(path, lambda: None, read_only=False, lock_timeout=_TELL_SECONDS)
        except LockedError:
            waiting()


@contextmanager
def _nothing_left_of(path: Path, *, new: bool) -> Iterator[None]:
    """Take away what a database that could not be made has left: half of one would be in the way of the next."""
    try:
        yield
    except LockedError:
        raise  # it is somebody else's by now
    except BaseException:
        if new:
            for file in (path, path.with_name(f"{path.name}.wal"), lock_file(path)):
                with suppress(OSError):
                    file.unlink()
        raise


def engine_path(path: Path) -> Path:
    """Return the path by which the engine opens just this file.

    It takes `~` and words such as `s3:` for something else at the beginning of a path, so it gets absolute ones. It
    looks for the log of a database in another directory where a directory has a question mark: raises WorkspaceError.
    """
    path = path.absolute()
    if "?" in str(path.parent.resolve()):
        raise WorkspaceError(
            f"{path.parent}: the database engine cannot keep its files below a directory with a question mark in its "
            "name; rename the directory, or choose another with --workspace DIR or [database] url"
        )
    return path


def _connect(
    path: Path, attempting: Callable[[], None], *, read_only: bool, lock_timeout: float
) -> "duckdb.DuckDBPyConnection":
    import duckdb

    deadline = time.monotonic() + lock_timeout
    while True:
        try:
            attempting()
            connection = duckdb.connect(
                path,
                read_only=read_only,
                config={**engine_config(path), **({} if read_only else threads_at_first(path))},
            )
            connection.execute("SET TimeZone = 'UTC'")
            if not read_only:  # nobody else is alive in it: what spilled here was left by a process that died
                shutil.rmtree(_spill(path), ignore_errors=True)
            return connection  # noqa: TRY300 - the loop's way out
        except duckdb.IOException as error:
            holder = _HOLDER.search(str(error))
            if holder is None:
                raise WorkspaceError(_cannot_open(path, error)) from error
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"{path} is in use by process {holder['pid']} ({holder['program']}); wait for it to end, "
                    f"or raise [database] lock_timeout (now {lock_timeout:g} s)"
                ) from error
            time.sleep(_POLL_SECONDS)
        except duckdb.Error as error:
            raise WorkspaceError(_cannot_open(path, error)) from error


def _cannot_open(path: Path, error: "duckdb.Error") -> str:
    reason = str(error).splitlines()[0]
    if "storage version" in reason or "newer version" in reason:
        return f"{path} was written by a newer DuckDB ({reason}); upgrade with `pip install -U egregora-core`"
    if "not a valid DuckDB database" in reason:
        return f"{path} is not a DuckDB database; move it away, or name another with [database] url"
    if told := explained(error, path):
        return str(told)
    if path.is_dir():
        return f"{path} is a directory, where the database should be; move it away, or name another with [database] url"
    return f"{path} cannot be opened: {reason}; check that the directory exists and may be written"
