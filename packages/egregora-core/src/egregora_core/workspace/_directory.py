"""A workspace: one directory with its settings, its database and the secret that its ids are made with."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from egregora_core.errors import WorkspaceError
from egregora_core.workspace._lake import Lake, Place

_OTHERS = 0o077
"""What the group and everybody else may do, as a mode."""


@contextmanager
def private_files() -> Iterator[None]:
    """Make what the block creates its owner's alone, also files that the engine makes. The mask is the process's."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


@dataclass(frozen=True)
class Workspace:
    """The paths below one directory. Making the object touches nothing."""

    path: Path

    @property
    def home(self) -> Path:
        """`.egregora/`: what only Egregora writes."""
        return self.path / ".egregora"

    @property
    def secret_file(self) -> Path:
        return self.home / "secret.key"

    @property
    def run_json(self) -> Path:
        """What the running process does at this moment."""
        return self.home / "run.json"

    @property
    def attachments(self) -> Path:
        """Where attachments are kept for publishers that show them, by the id of their message."""
        return self.home / "attachments"

    @property
    def owes_compaction(self) -> Path:
        """Is there from before something is forgotten until its bytes are off the disk, whatever comes between."""
        return self.home / "forgetting"

    @property
    def sending_file(self) -> Path:
        """Where messages may be sent off this machine: places that somebody agreed to, each with the time of it."""
        return self.home / "sends-to.json"

    def agreed_places(self) -> dict[str, str]:
        """Return the places that somebody agreed to, each with the time of it; none where the file cannot be read."""
        try:
            content = json.loads(self.sending_file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(place): str(when) for place, when in content.items()} if isinstance(content, dict) else {}

    def agree_to(self, place: str) -> None:
        """Record that messages may be sent to a place."""
        agreed = {**self.agreed_places(), place: datetime.now(UTC).isoformat(timespec="seconds")}
        beside = self.sending_file.with_suffix(".part")
        with private_files():
            beside.write_text(json.dumps(agreed, indent=2), encoding="utf-8")
            beside.replace(self.sending_file)

    def create(self) -> None:
        """Make `.egregora/`, for its owner alone, and its `.gitignore`; raises WorkspaceError where that cannot be."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with private_files():
                self.home.mkdir(exist_ok=True)
                ignore = self.home / ".gitignore"
                if not ignore.exists():
                    ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise WorkspaceError(
                f"{self.path}: cannot be used as a workspace ({error.strerror or type(error).__name__}); "
                "choose a directory that you may write to with --workspace DIR"
            ) from error
        if not os.access(self.home, os.W_OK):
            raise WorkspaceError(f"{self.home}: read-only; choose another directory with --workspace DIR")

    def secret(self, *, database: Place, exists: Callable[[], bool] | None = None) -> UUID:
        """Return the workspace's secret, made once; raises WorkspaceError where it is gone or malformed.

        `exists` tells whether a database is there that is no file, and is only asked where there is no secret.
        """
        if not self.secret_file.exists():
            if exists() if exists else isinstance(database, Path) and database.exists():
                raise WorkspaceError(
                    f"{self.secret_file} is missing, but {database.name} has ids that were made with it; "
                    "put it back from where the workspace was copied or backed up; who shares a lake shares it"
                )
            try:
                self._make_secret()
            except OSError as error:
                raise WorkspaceError(f"{self.secret_file}: cannot be written ({error.strerror})") from error
        try:
            return UUID(self.secret_file.read_text(encoding="ascii").strip())
        except (ValueError, OSError) as error:
            raise WorkspaceError(f"{self.secret_file}: not a readable secret; restore it from a backup") from error

    def exposed(self, database: Place) -> list[Path]:
        """Return which of the secret and the database other users may read; the latter holds names and messages.

        Who may read a lake is for those to say who share it.
        """
        if os.name == "nt":  # its modes say nothing of others
            return []
        found = [self.secret_file] if _is_open(self.secret_file) else []
        if isinstance(database, Lake):
            return found
        around = database.parent == self.home
        if _is_open(database) and (_is_open(self.home) or not around):
            found.append(database)
        return found

    def progress(self) -> dict[str, Any] | None:
        """Return what a running process last said (its pid, and a `Progress`), or None."""
        try:
            content = json.loads(self.run_json.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) and {"pid", "doing"} <= content.keys() else None

    def is_at_work(self) -> bool:
        """Tell whether the process that last said what it does is still alive."""
        said = self.progress()
        if said is None or os.name == "nt":  # where a signal cannot be tried
            return False
        try:
            os.kill(int(said["pid"]), 0)
        except PermissionError:
            return True  # somebody else's
        except (OSError, ValueError, TypeError, OverflowError):  # no such process, or no number
            return False
        return True

    def _make_secret(self) -> None:
        """Create the file exclusively and whole: linked into place, so nobody ever reads half a secret."""
        beside = self.secret_file.with_name(f"secret.{uuid4().hex}.part")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, f"{uuid4()}\n".encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(beside, self.secret_file)
        except FileExistsError:
            pass  # another process was first: its secret is the one
        except OSError:
            if not self.secret_file.exists():  # a file system without links, such as a memory card's
                beside.replace(self.secret_file)
        finally:
            beside.unlink(missing_ok=True)


def _is_open(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & _OTHERS)
    except OSError:
        return False
