"""Who may write a database: one process at a time, also while that one lets go of the file so that others may read it.

The engine's own lock holds readers off as well. This one is held as long, and longer: from before a file is opened for
writing until it is closed for good. Who has it knows that no other writer is alive, for the system takes it from a
process that ends, however it ends.
"""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock

from egregora_core.errors import LockedError, WorkspaceError

try:
    import fcntl
except ImportError:  # a system without: nobody lets go of a file there before the end
    fcntl = None  # type: ignore[assignment]  # what is absent

_POLL_SECONDS = 0.05
_GUARD = Lock()
_HELD: dict[Path, tuple[int, int]] = {}
"""Of each file that this process may write: the descriptor of its lock, and how often it was taken. The lock is the
process's, as the engine's is, and closing any descriptor of the file would drop it."""


class WriterLock:
    """The right to write one database file, until `let_go`."""

    def __init__(self, path: Path, *, timeout: float) -> None:
        """Wait up to `timeout` seconds for it; raises LockedError, which names who has it."""
        self._path = lock_file(path).resolve()
        self._has = False
        deadline = time.monotonic() + timeout
        while not self._take():
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"{path} is in use by process {_holder(self._path)}; wait for it to end, "
                    f"or raise [database] lock_timeout (now {timeout:g} s)"
                )
            time.sleep(_POLL_SECONDS)
        self._has = self._path in _HELD

    @property
    def keeps_others_out(self) -> bool:
        """Whether no other process can write the database even while its file is closed."""
        return self._has

    def let_go(self) -> None:
        """Let others write. The file of the lock goes; whoever waits for it by then sees that, and takes a new one."""
        with _GUARD:
            if not self._has:
                return
            self._has = False
            descriptor, times = _HELD.pop(self._path)
            if times > 1:
                _HELD[self._path] = (descriptor, times - 1)
            else:
                with suppress(OSError):
                    self._path.unlink()
                os.close(descriptor)

    def _take(self) -> bool:
        if fcntl is None:
            return True
        with _GUARD:
            if self._path in _HELD:
                descriptor, times = _HELD[self._path]
                _HELD[self._path] = (descriptor, times + 1)
                return True
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                if not self._path.exists():
                    return True  # nobody else can have it, and the engine will say what is wrong here
                raise WorkspaceError(f"{self._path}: {error.strerror}; give yourself the right to it") from error
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                return False
            if not _is_still(self._path, descriptor):  # whoever had it took it away
                os.close(descriptor)
                return False
            with suppress(OSError):  # a full disk: then it is not told whose it is
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()} ({sys.executable})\n".encode(), 0)
            _HELD[self._path] = (descriptor, 1)
            return True


def lock_file(path: Path) -> Path:
    """Return the file that the lock of a database is on."""
    return path.with_name(f"{path.name}.writer")


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or "?"
    except OSError:
        return "?"
