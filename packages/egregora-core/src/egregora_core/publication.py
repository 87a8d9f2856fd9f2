"""Write what a publisher makes, and take back what it no longer makes, without ever touching another's file.

A manifest beside the files says which are ours and what we wrote into them: a file that reads otherwise was edited by
hand and is kept. Each file is written beside its place and renamed into it; a journal names it first, so after a crash
the next run knows its own half-finished work from an edit.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Self

from egregora_core.documents import DOCUMENTS
from egregora_core.errors import StageError, WorkspaceError
from egregora_core.specs import PublishedFile, is_inside

if TYPE_CHECKING:
    import duckdb

MANIFEST = ".egregora-manifest.json"
JOURNAL = ".egregora-journal.jsonl"
_TEMPORARY = ".egregora-part"
_RESERVED = frozenset({MANIFEST, JOURNAL, _TEMPORARY})
_BATCH_DOCUMENTS = 256


@dataclass
class PublicationResult:
    """What changed on disk. Paths are relative to the directory."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    kept_edited: list[str] = field(default_factory=list)
    """Files that were edited by hand, or are not ours: left as they are."""

    def facts(self) -> dict[str, Any]:
        """Return the aggregates that the run's `attrs` hold."""
        return {
            "files_written": self.written,
            "files_unchanged": self.unchanged,
            "files_removed": self.removed,
            "files_kept": len(self.kept_edited),
        }


def read_documents(
    con: "duckdb.DuckDBPyConnection", tenant: str, table: str = "documents"
) -> Iterator[dict[str, Any]]:
    """Yield a tenant's documents as publishers want them: ordered by kind, thread, window start and slug.

    `con` is busy until the iterator ends: give it a cursor of its own.
    """
    con.execute("SET TimeZone = 'UTC'")
    query = (
        f"SELECT {DOCUMENTS.select()} FROM {table} WHERE tenant_id = ? "  # noqa: S608  # the table's name is ours
        "ORDER BY kind, thread_id NULLS FIRST, window_start NULLS FIRST, slug"
    )
    for batch in con.execute(query, [tenant]).to_arrow_reader(_BATCH_DOCUMENTS):
        yield from batch.to_pylist()


def publish_files(
    directory: Path,
    files: Iterable[PublishedFile],
    *,
    publisher: str,
    progress: Callable[[int], None] = lambda _done: None,
) -> PublicationResult:
    """Make `directory` hold `files`, of which each is whole at any moment; return what that took.

    A crash, or an error of the publisher, removes nothing and is made good by the next call. Raises StageError for
    paths that leave the directory or clash, WorkspaceError where the disk refuses. Nothing is forced to the platter:
    after a power cut a file may have to be published again.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _Shelf(directory.resolve(), publisher) as shelf:
            for done, file in enumerate(files, start=1):
                shelf.put(file)
                progress(done)
            return shelf.finish()
    except OSError as error:
        where = error.filename2 or error.filename or directory
        raise WorkspaceError(
            f"{where}: cannot publish there: {error.strerror or type(error).__name__}; "
            "free space or fix the permissions, then run again"
        ) from error


class _Shelf:
    """A directory, while one publisher's files are put into it."""

    def __init__(self, directory: Path, publisher: str) -> None:
        self._directory = directory
        self._publisher = publisher
        manifest = _read_manifest(directory / MANIFEST, publisher)
        self._ours: dict[str, set[str]] = {path: {digest} for path, digest in manifest["files"].items()}
        self._made: set[str] = set(manifest["directories"])
        self._before = manifest
        self._now: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._result = PublicationResult()
        self._recover()

    def __enter__(self) -> Self:
        self._journal: IO[str] = (self._directory / JOURNAL).open("a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def put(self, file: PublishedFile) -> None:
        """Write one file, unless it is there already or somebody else's."""
        place = self._place(file.path)
        content = file.content.encode()
        digest = _digest(content)
        found = _digest_of(place)
        if found == digest:
            self._now[file.path] = digest
            self._result.unchanged += 1
        elif found is not None and found not in self._ours.get(file.path, ()):
            self._result.kept_edited.append(file.path)
            if file.path in self._before["files"]:
                self._now[file.path] = self._before["files"][file.path]
        else:
            self._write(place, file.path, content, digest)
            self._now[file.path] = digest
            self._result.written += 1

    def finish(self) -> PublicationResult:
        """Remove what is no longer made, then write the manifest that says so."""
        for path in sorted(self._ours.keys() - self._now.keys()):
            self._remove(path)
        for made in sorted(self._made, key=len, reverse=True):
            if not any(path.startswith(f"{made}/") for path in self._now):
                with suppress(OSError):  # somebody else's file is in it
                    (self._directory / made).rmdir()
                    self._made.discard(made)
        manifest = {
            "publisher": self._publisher,
            "files": dict(sorted(self._now.items())),
            "directories": sorted(self._made),
        }
        if manifest != self._before:
            text = json.dumps(manifest, ensure_ascii=False, indent=1)
            self._replace(self._directory / MANIFEST, text.encode())
        self._journal.close()
        (self._directory / JOURNAL).unlink(missing_ok=True)
        return self._result

    def _place(self, path: str) -> Path:
        """Return where a published path goes, or raise StageError if it may not go anywhere."""
        name = PurePosixPath(path)
        if not is_inside(path) or "\\" in path or "\x00" in path or path != name.as_posix():
            raise StageError(
                f"publisher {self._publisher!r}: path {path!r} is not a plain relative one below its directory"
            )
        if _RESERVED & set(name.parts):
            raise StageError(
                f"publisher {self._publisher!r}: path {path!r} has a name that Egregora needs itself"
            )
        other = self._keys.setdefault(_key(path), path)
        if other != path or path in self._now or path in self._result.kept_edited:
            raise StageError(
                f"publisher {self._publisher!r}: {other!r} and {path!r} are one file on some disks"
            )
        place = self._directory / name
        if not place.parent.resolve().is_relative_to(self._directory):
            raise WorkspaceError(f"{place.parent} is a link that leads out of {self._directory}: remove it")
        return place

    def _write(self, place: Path, path: str, content: bytes, digest: str) -> None:
        missing = [
            parent for parent in PurePosixPath(path).parents if not (self._directory / parent).exists()
        ]
        for parent in reversed(missing):
            self._note({"directory": str(parent)})
            self._made.add(str(parent))
            (self._directory / parent).mkdir()
        self._note({"path": path, "sha256": digest})
        self._replace(place, content)

    def _replace(self, place: Path, content: bytes) -> None:
        part = place.with_name(_TEMPORARY)
        try:
            part.write_bytes(content)
            part.replace(place)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def _remove(self, path: str) -> None:
        place = self._directory / path
        if not place.parent.resolve().is_relative_to(self._directory):
            return
        found = _digest_of(place)
        renamed = self._keys.get(_key(path))
        if found is None or (renamed and place.samefile(self._directory / renamed)):
            return  # it is gone, or the disk takes no notice of case and it is the new file
        if found in self._ours[path]:
            place.unlink()
            self._result.removed += 1
        else:
            self._result.kept_edited.append(path)

    def _note(self, entry: Mapping[str, str]) -> None:
        """Say in the journal what is about to be done, before it is."""
        self._journal.write(json.dumps(entry) + "\n")
        self._journal.flush()

    def _recover(self) -> None:
        """Learn from the journal of a call that did not end what it may have written, and remove its leftover."""
        journal = self._directory / JOURNAL
        with suppress(FileNotFoundError):
            for line in journal.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):  # the last line may be cut off; what it names was not done
                    entry = json.loads(line)
                    if "directory" in entry:
                        self._made.add(entry["directory"])
                    else:
                        self._ours.setdefault(entry["path"], set()).add(entry["sha256"])
                        (self._directory / entry["path"]).with_name(_TEMPORARY).unlink(missing_ok=True)
        (self._directory / _TEMPORARY).unlink(missing_ok=True)


def _read_manifest(path: Path, publisher: str) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files, directories, owner = manifest["files"], manifest["directories"], manifest["publisher"]
    except FileNotFoundError:
        return {"publisher": publisher, "files": {}, "directories": []}
    except (ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{path} is damaged; delete the files beside it that Egregora wrote, and it, then run again"
        ) from error
    if owner != publisher:
        raise WorkspaceError(
            f"{path.parent} holds what publisher {owner!r} wrote; give {publisher!r} another `directory`"
        )
    return {"publisher": publisher, "files": dict(files), "directories": list(directories)}


def _key(path: str) -> str:
    """Return what two paths share that some disks take for one."""
    return unicodedata.normalize("NFC", path).casefold()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of(place: Path) -> str | None:
    """Return the digest of a file, nothing where there is none; a link or a directory is nobody's content."""
    if place.is_symlink() or place.is_dir():
        return "not a file"
    try:
        return _digest(place.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
