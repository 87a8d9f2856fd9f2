"""What a disk or the engine refuses, in words that say what is wrong with which file, and what to do.

A full disk and a damaged file are nobody's fault in the code: they must never read like one.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from egregora_core.errors import WorkspaceError
from egregora_core.workspace import Place

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_OF_DISKS = {*_NO_ROOM, errno.EIO, errno.EROFS}
"""What only a disk refuses, and no pipe or terminal."""
_NO_ROOM_WORDS = (*(os.strerror(number) for number in _NO_ROOM), "max_temp_directory_size", "Could not write all bytes")
_DAMAGE_WORDS = (
    "Corrupt database file",
    "Could not read enough bytes",
    "not a valid DuckDB database",
    "while replaying WAL",
    "Failed to load metadata pointer",
    "Serialization Error",
)
_TOO_LITTLE_MEMORY = "Out of Memory Error"
"""Also in errors of other kinds: of a commit that could not be taken back, or told by Arrow."""
_IN_THE_WAY = {errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY}
_ADVICE = {
    **dict.fromkeys(_NO_ROOM, "make room on this disk, then run the same command again; what was finished is kept"),
    **dict.fromkeys(_IN_THE_WAY, "something else is in the way: move it away, then run the same command again"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "give yourself the right to it, or choose another place"),
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EIO: "the disk fails to read or write: copy what is on it to another one",
    errno.ELOOP: "its links lead in a circle: remove one",
}


@contextmanager
def unless_engine_fails() -> Iterator[None]:
    """Leave the block where the engine refuses something: for what somebody else does later in any case."""
    import duckdb

    with suppress(duckdb.Error):
        yield


def explained(error: BaseException, database: Place | None = None) -> WorkspaceError | None:
    """Return what to tell of an error of the disk or, of this database, the engine; None where it is another kind."""
    import duckdb

    if isinstance(error, OSError) and error.errno is not None:
        return of_the_disk(error, database)
    if not isinstance(error, duckdb.Error | OSError) or database is None:  # Arrow reads from the engine, and says so
        return None
    text = str(error)
    if any(word in text for word in _NO_ROOM_WORDS):
        return WorkspaceError(f"{database}: there is no more room for it; {_ADVICE[errno.ENOSPC]}")
    if any(word in text for word in _DAMAGE_WORDS):
        return WorkspaceError(damaged(database))
    if lacks_memory(error):
        return WorkspaceError(
            f"{database}: the engine needs more memory than it may take (a third of this machine's, 2 GB at most), as "
            "it does for very long messages or documents, or very many reactions; leave those out, or take a "
            "machine with more memory"
        )
    return None


def lacks_memory(error: BaseException) -> bool:
    """Tell whether an error says that the engine may hold too little for a statement, whoever tells it."""
    return _TOO_LITTLE_MEMORY in str(error)


def of_the_disk(error: OSError, place: Place | None = None) -> WorkspaceError | None:
    """Return what to tell of a file that the disk refuses; None where neither error nor `place` says which it is."""
    where = error.filename2 or error.filename or (place if error.errno in _OF_DISKS else None)
    if where is None or error.errno is None:
        return None
    what = error.strerror or type(error).__name__
    return WorkspaceError(f"{_shown(where)}: {what}; {_ADVICE.get(error.errno, 'check this path, then try again')}")


def damaged(database: Place) -> str:
    """Return what to tell of a database file that holds something else than the engine wrote."""
    return (
        f"{database} is damaged: it was cut off or overwritten; put back a copy of it, or move it away (and the file "
        f"{database.name}.wal beside it) and read the exports again"
    )


def _shown(where: object) -> str:
    """Return a path as text that a terminal can show; one that is too long for a disk is too long to read, too."""
    text = os.fsdecode(where) if isinstance(where, (str, bytes, os.PathLike)) else str(where)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 200


__all__ = ["damaged", "explained", "lacks_memory", "of_the_disk", "unless_engine_fails"]
