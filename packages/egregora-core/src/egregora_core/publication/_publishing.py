"""Write what a publisher makes, and take back what it no longer makes, without ever touching another's file.

A manifest beside the files says which are ours and what we wrote into them: a file that reads otherwise was
edited by hand and is kept. Each file is written beside its place and renamed into it; a journal names it
first, so after a crash the next run knows its own half-finished work from an edit.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from egregora_core.errors import StageError, WorkspaceError
from egregora_core.plugins import PublishedFile, is_inside
from egregora_core.storage import of_the_disk

MANIFEST = ".egregora-manifest.json"
JOURNAL = ".egregora-journal.jsonl"
_TEMPORARY = ".egregora-part"
_RESERVED = frozenset({MANIFEST, JOURNAL, _TEMPORARY})


@dataclass
class PublicationResult:
    """What a publication did. Paths are relative to its directory."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept_edited: list[str] = field(default_factory=list)
    """Files that were edited by hand or are not ours, left as they are."""
    files: int = 0
    """How many files the publisher made, whether or not they had to be written."""
    fingerprint: str = ""
    """Paths and contents of what the publisher made."""


@dataclass(frozen=True)
class _Seen:
    """A file as it was found or left: enough to tell that nobody touched it since without reading it."""

    sha256: str
    size: int
    mtime_ns: int
    made_of: str = ""
    """Of what it was made, where its publisher says so."""

    @classmethod
    def of(cls, place: Path, sha256: str, made_of: str = "") -> Self:
        found = place.lstat()
        return cls(sha256, found.st_size, found.st_mtime_ns, made_of)

    def is_at(self, place: Path) -> bool:
        try:
            found = place.lstat()
        except OSError:
            return False
        if (found.st_size, found.st_mtime_ns) == (self.size, self.mtime_ns):
            return True
        return found.st_size == self.size and _digest_of(place) == self.sha256


@dataclass
class _Manifest:
    """What a directory held when its last publication ended."""

    publisher: str
    files: dict[str, _Seen] = field(default_factory=dict)
    """Ours, with what we wrote."""
    kept: dict[str, _Seen] = field(default_factory=dict)
    """In the way of ours, with what was found there."""
    directories: set[str] = field(default_factory=set)
    """Made by us: they go once they are empty."""


def publish_files(
    directory: Path, files: Iterable[PublishedFile], *, publisher: str, made_by: str = ""
) -> PublicationResult:
    """Make `directory` hold `files`, of which each is whole at any moment; return what that took.

    `made_by` stands for the publisher's code and settings: a file that says what it is made of is not made again while
    neither changes.
    A crash, or an error of the publisher, removes nothing and is made good by the next call. Raises
    StageError for paths that leave the directory or clash, WorkspaceError where the disk refuses. Nothing is
    forced to the platter: after a power cut a file may have to be published again.
    """
    if directory.exists() and not directory.is_dir():
        raise WorkspaceError(
            f"{directory} is a file: cannot publish there; move it away, or set another `directory` in section "
            f"[{publisher}]"
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _Site(directory.resolve(), publisher, made_by) as site:
            for file in files:
                site.put(file)
            return site.finish()
    except OSError as error:
        if told := of_the_disk(error, directory):
            raise WorkspaceError(f"{directory}: cannot publish there: {told}") from error
        raise


def published_intact(directory: Path) -> bool:
    """Tell whether a directory is as its last publication left it: complete, unedited, nothing under way.

    Costs a look at each file, and reads only those whose time changed while their size did not.
    """
    if (directory / JOURNAL).exists():
        return False
    try:
        manifest = _read_manifest(directory / MANIFEST)
    except WorkspaceError:
        return False
    if manifest is None:
        return False
    expected = {**manifest.files, **manifest.kept}
    return all(seen.is_at(directory / path) for path, seen in expected.items())


class _Site:
    """A directory, while one publisher's files are put into it."""

    def __init__(self, directory: Path, publisher: str, made_by: str) -> None:
        self._directory = directory
        self._made_by = made_by
        self._before = _read_manifest(directory / MANIFEST) or _Manifest(publisher)
        if self._before.publisher != publisher:
            raise WorkspaceError(
                f"{directory} holds what publisher {self._before.publisher!r} wrote; "
                f"give {publisher!r} another `directory`"
            )
        self._ours = {path: {seen.sha256} for path, seen in self._before.files.items()}
        self._now = _Manifest(publisher, directories=set(self._before.directories))
        self._made: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._safe: set[Path] = set()
        self._result = PublicationResult()
        self._recover()

    def __enter__(self) -> Self:
        self._journal: IO[str] = (self._directory / JOURNAL).open("a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def put(self, file: PublishedFile) -> None:
        """Write one file, unless it is there already or somebody else's."""
        path = file.path
        place = self._place(path)
        made_of = _digest(f"{self._made_by}\n{file.made_of}".encode()) if file.made_of else ""
        before = self._before.files.get(path)
        if made_of and before and before.made_of == made_of and before.is_at(place):
            self._made[path] = before.sha256
            self._now.files[path] = before
            return
        content = file.read()
        self._made[path] = digest = _digest(content)
        found = _digest_of(place)
        if found is not None and found != digest and found not in self._ours.get(path, ()):
            self._keep(path, found)
            return
        if found != digest:
            self._write(place, path, content, digest)
            self._result.written.append(path)
        self._now.files[path] = _Seen.of(place, digest, made_of)

    def finish(self) -> PublicationResult:
        """Remove what is no longer made, then write the manifest that says so."""
        for path in sorted(self._ours.keys() - self._made.keys()):
            self._remove(path)
        self._remove_directories()
        if self._now != self._before or not (self._directory / MANIFEST).exists():
            self._replace(self._directory / MANIFEST, _dump_manifest(self._now))
        self._journal.close()
        (self._directory / JOURNAL).unlink(missing_ok=True)
        self._result.files = len(self._made)
        listing = json.dumps(sorted(self._made.items())).encode()
        self._result.fingerprint = f"files-v1:sha256:{_digest(listing)}"
        return self._result

    def _place(self, path: str) -> Path:
        """Return where a published path goes, or raise StageError if it may not go anywhere."""
        name = PurePosixPath(path)
        who = f"publisher {self._now.publisher!r}"
        if not is_inside(path) or {"\\", "\x00"} & set(path) or path != name.as_posix():
            raise StageError(f"{who}: path {path!r} is not a plain relative one below its directory")
        if _RESERVED & {part.casefold() for part in name.parts}:
            raise StageError(f"{who}: path {path!r} has a name that Egregora needs itself")
        other = self._keys.setdefault(_key(path), path)
        if other != path or path in self._made:
            raise StageError(f"{who}: {other!r} and {path!r} are one file on some disks; make slugs differ")
        place = self._directory / name
        if place.parent not in self._safe and not place.parent.resolve().is_relative_to(self._directory):
            raise WorkspaceError(f"{place.parent} is a link that leads out of {self._directory}: remove it")
        self._safe.add(place.parent)
        return place

    def _keep(self, path: str, found: str) -> None:
        """Leave a file alone; if it was ours, it is written again once it reads as we left it."""
        self._result.kept_edited.append(path)
        self._now.kept[path] = _Seen.of(self._directory / path, found)
        if path in self._before.files and path in self._made:
            self._now.files[path] = self._before.files[path]

    def _write(self, place: Path, path: str, content: bytes, digest: str) -> None:
        missing = [str(parent) for parent in PurePosixPath(path).parents if not (self._directory / parent).exists()]
        for parent in reversed(missing):
            self._note({"directory": parent})
            self._now.directories.add(parent)
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
            return  # somebody put a link there: what it leads to is not ours
        found = _digest_of(place)
        renamed = self._keys.get(_key(path))
        if found is None or (renamed and place.samefile(self._directory / renamed)):
            return  # it is gone, or the disk takes no notice of case and it is the new file
        if found not in self._ours[path]:
            self._result.kept_edited.append(path)
            return
        place.unlink()
        self._result.removed.append(path)

    def _remove_directories(self) -> None:
        for made in sorted(self._now.directories, key=len, reverse=True):
            if not any(path.startswith(f"{made}/") for path in self._made):
                with suppress(OSError):  # somebody else's file is in it
                    (self._directory / made).rmdir()
                if not (self._directory / made).exists():
                    self._now.directories.discard(made)

    def _note(self, entry: Mapping[str, str]) -> None:
        """Say in the journal what is about to be done, before it is."""
        self._journal.write(json.dumps(entry) + "\n")
        self._journal.flush()

    def _recover(self) -> None:
        """Learn from its journal what a call that did not end may have written; remove its leftovers."""
        (self._directory / _TEMPORARY).unlink(missing_ok=True)
        for entry in _read_journal(self._directory / JOURNAL):
            if "directory" in entry:
                self._now.directories.add(entry["directory"])
                continue
            self._ours.setdefault(entry["path"], set()).add(entry["sha256"])
            with suppress(OSError):  # its directory may be gone
                (self._directory / entry["path"]).with_name(_TEMPORARY).unlink()


def _read_journal(path: Path) -> Iterator[dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        with suppress(ValueError, RecursionError):  # a last line that is cut off names what was not done
            yield json.loads(line)


def _read_manifest(path: Path) -> _Manifest | None:
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return _Manifest(
            publisher=raw["publisher"],
            files={name: _Seen(**seen) for name, seen in raw["files"].items()},
            kept={name: _Seen(**seen) for name, seen in raw["kept"].items()},
            directories=set(raw["directories"]),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IsADirectoryError) as error:
        raise WorkspaceError(
            f"{path} is damaged; delete it and the files beside it that Egregora wrote, then run again"
        ) from error


def _dump_manifest(manifest: _Manifest) -> bytes:
    content = asdict(manifest) | {"directories": sorted(manifest.directories)}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


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
