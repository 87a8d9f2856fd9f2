"""The members of a file, folder, zip or tar. Names inside of one are claims by whoever made it: they are no paths."""

import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from egregora_core.errors import ExportError

if TYPE_CHECKING:
    from zipfile import ZipInfo

_RATIO, _RATIO_FROM = 300, 64 << 20
"""A member that is larger and packed more tightly than text can be is taken for a bomb."""
_BUFFER = 1 << 18
_UTF8 = 0x800
"""A zip's flag for a name in UTF-8; without it, names are read as cp437."""
_TAR, _TAR_AT = b"ustar", 257
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True)
class Members:
    """What an export holds, by name."""

    sizes: Mapping[str, int]
    open: Callable[[str], BinaryIO]
    close: Callable[[], None] = lambda: None
    checksums: Mapping[str, str] = field(default_factory=dict)
    zipped: bool = False
    written: Callable[[str], date | None] = lambda _: None
    """On which day a member was changed last, by the clock of whoever wrote it."""


def members_of(path: Path) -> Members:
    """Return what is at a path; raises ExportError where there is nothing, or a zip that cannot be read."""
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        raise ExportError(f"{path}: there is no such file; check the path")
    with path.open("rb") as file:
        start = file.read(_TAR_AT + len(_TAR))
    if start[:4] in _SIGNATURES:
        return _of_zip(path)
    if start[_TAR_AT:] == _TAR:
        return _of_tar(path)
    facts = path.stat()
    return Members({path.name: facts.st_size}, lambda _: path.open("rb"), written=lambda _: _local_day(facts.st_mtime))


def _of_folder(path: Path) -> Members:
    root = path.resolve()
    files = {
        member.relative_to(path).as_posix(): member.stat().st_size
        for member in sorted(path.rglob("*"))
        if member.is_file() and (not member.is_symlink() or member.resolve().is_relative_to(root))
    }

    def written(name: str) -> date:
        return _local_day((path / name).stat().st_mtime)

    return Members(files, lambda name: (path / name).open("rb"), written=written)


def _of_zip(path: Path) -> Members:
    import zipfile

    with _reading(path):
        archive = zipfile.ZipFile(path)
        infos = {name: info for info in archive.infolist() if (name := _name(info)) is not None}
    infos = dict(sorted(infos.items()))

    def open_member(name: str) -> BinaryIO:
        info = infos[name]
        if info.flag_bits & 1:
            raise ExportError(f"{path}: it is encrypted; unpack it with its password and give the folder")
        if info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(info.compress_size, 1):
            raise ExportError(f"{path}: a file in it is packed more tightly than text can be (a zip bomb?); refused")
        with _reading(path):
            return BufferedReader(_Member(path, archive.open(info)), _BUFFER)

    sizes = {name: info.file_size for name, info in infos.items()}
    checksums = {name: f"{info.CRC:08x}" for name, info in infos.items()}
    return Members(sizes, open_member, archive.close, checksums, zipped=True, written=lambda name: _day(infos[name]))


def _of_tar(path: Path) -> Members:
    import tarfile

    with _reading(path):
        archive = tarfile.open(path, "r:")  # noqa: SIM115 - it is closed with the export
        with ExitStack() as unless_read:
            unless_read.callback(archive.close)
            infos = {name: info for info in archive if info.isreg() and (name := _inside(info.name)) is not None}
            unless_read.pop_all()
    infos = dict(sorted(infos.items()))

    def open_member(name: str) -> BinaryIO:
        with _reading(path):
            stream = archive.extractfile(infos[name]) or BytesIO()
        return BufferedReader(_Member(path, stream), _BUFFER)

    sizes = {name: info.size for name, info in infos.items()}
    return Members(sizes, open_member, archive.close, zipped=True, written=lambda name: _local_day(infos[name].mtime))


def _name(info: "ZipInfo") -> str | None:
    """Return a member's name; None for what is no file, or claims a place outside."""
    mode = info.external_attr >> 16
    if not info.filename or info.is_dir() or (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
        return None
    name = info.filename
    if not info.flag_bits & _UTF8:  # many zips lack that flag and hold UTF-8 all the same, which cp437 survives
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return _inside(name)


def _local_day(stamp: float) -> date:
    return datetime.fromtimestamp(stamp).astimezone().date()


def _day(info: "ZipInfo") -> date | None:
    try:
        return date(*info.date_time[:3])
    except ValueError:
        return None


def _inside(claimed: str) -> str | None:
    """Return a path inside of the export; None for one that leads out of it."""
    parts = PurePosixPath(claimed.replace("\\", "/")).parts
    if not parts or parts[0].startswith("/") or parts[0].endswith(":") or ".." in parts:
        return None
    return "/".join(parts)


def _archive_errors() -> tuple[type[Exception], ...]:
    """Return what broken archives raise. Who names `Export` in a registration module imports nothing slow for it."""
    from tarfile import TarError
    from zipfile import BadZipFile

    return (BadZipFile, TarError, EOFError, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except _archive_errors() as error:
        raise ExportError(
            f"{path} is cut off or damaged ({type(error).__name__}); copy it again, or export the chat again"
        ) from error


class _Member(RawIOBase):
    """A member of a zip, open for reading; its errors are ours."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        super().__init__()
        self._path, self._stream = path, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _reading(self._path):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


class Counted(RawIOBase):
    """A stream that tells how much was read of it."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._stream, self._tell = stream, tell

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size: int = self._stream.readinto(buffer)  # type: ignore[attr-defined]  # both kinds of streams have it
        self._tell(size)
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()
