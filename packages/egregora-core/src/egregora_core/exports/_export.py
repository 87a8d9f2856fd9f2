"""One export: its members, and each of them as bytes, text, lines or JSON, in bounded pieces."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from fnmatch import fnmatchcase
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, Self

from egregora_core.errors import ExportError
from egregora_core.exports._json_items import batches_at
from egregora_core.exports._members import Counted, Members, members_of
from egregora_core.exports._text import decoded_head, text_lines

_HEAD = 1 << 16
_CHUNK = 1 << 20
_BUFFER = 1 << 18
_SQLITE = b"SQLite format 3\0"


class Export:
    """A file, a folder or a zip. `names` are its members: paths inside of it; a file is its own only member.

    What is read through `open`, `lines` and `items` moves the progress bar. What was opened decides what is compared
    when the export is given again: of the other members only names and sizes count.
    """

    def __init__(self, path: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """Look at what is there, and open nothing yet. Raises ExportError where there is nothing, or a broken zip."""
        self.path = path
        self._members: Members = members_of(path)
        self._progress = progress
        self._done = self._to_read = 0
        self._opened: set[str] = set()

    @property
    def title(self) -> str:
        """What the export is called: the file's name without its ending, the folder's name."""
        return self.path.stem if self.path.is_file() else self.path.absolute().name

    @property
    def names(self) -> tuple[str, ...]:
        """The members, sorted; names that lead out of the export are left out."""
        return tuple(self._members.sizes)

    def find(self, pattern: str) -> list[str]:
        """Return the members whose name, or whose path, matches a pattern such as `result.json` or `*/users.json`."""
        return [name for name in self.names if fnmatchcase(name, pattern) or fnmatchcase(_last(name), pattern)]

    def size(self, name: str = "") -> int:
        """Return how many bytes a member claims to have."""
        return self._members.sizes[self._member(name)]

    def written(self, name: str = "") -> date | None:
        """Return the day on which a member was changed last; None where nothing says."""
        return self._members.written(self._member(name))

    def head(self, name: str = "", size: int = _HEAD) -> str:
        """Return the beginning of a member as text, whatever its encoding; of a picture, say, nonsense."""
        with self._members.open(self._member(name)) as file:
            return decoded_head(file.read(size))

    def open(self, name: str = "", *, counted: bool = True) -> BinaryIO:
        """Open a member. Raises ExportError where it is encrypted or packed like a bomb, also while it is read.

        Not `counted`, it moves no bar and does not count as opened: for a look at it, or for a source that reads it
        more than once and tells of that by itself (`uses`, `ReadOptions.progress`).
        """
        member = self._member(name)
        if not counted:
            return self._members.open(member)
        self._use(member)
        return BufferedReader(Counted(self._members.open(member), self._count), _BUFFER)

    def lines(self, name: str = "") -> Iterator[list[str]]:
        r"""Yield the lines of a text in lists, about a megabyte each, without their ends (`\n`, `\r\n`)."""
        with self.open(name) as file:
            yield from text_lines(file, self._where(name))

    def items(self, name: str = "", at: str = "") -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield the items of arrays in a JSON file, each with the scalars that stand around the arrays.

        `at` is the way to the arrays: `messages`, or `chats.list.*.messages`, where `*` is any key or item; `` is the
        file itself, which may also hold one value after another (JSON lines). The dict of scalars is one for all items
        of an array, of outer objects and of its own, and still grows: what stands behind the array is in it afterwards.
        Several ways, as in `messages|contacts.list`, are gone in one reading; under the key `` the dict has the one on
        which its item was met. A way that ends at an object has that for its one item.
        """
        for batch, scalars in self.batches(name, at):
            for item in batch:
                yield item, scalars

    def batches(
        self, name: str = "", at: str = "", shape: type[Any] | None = None
    ) -> Iterator[tuple[list[Any], dict[str, Any]]]:
        """Yield the same items as `items`, some at a time: what each costs decides how long a large chat takes.

        `shape` is a class of msgspec with a field for each key that is looked at: of type `Any`, and with a default.
        All objects become one, which takes half the time of a dict (`as_dict` makes one); what is none stays as it is.
        """
        with self.open(name) as file:
            yield from batches_at(file, at, self._where(name), shape)

    def copy(self, name: str, to: BinaryIO) -> None:
        """Copy a member that is kept beside the messages: unlike one that is opened, it says nothing of them."""
        with self._members.open(self._member(name)) as file:
            while chunk := file.read(_CHUNK):
                to.write(chunk)

    def uses(self, name: str = "") -> None:
        """Say that a member's content counts, for a source that does not open it by `open`."""
        self._use(self._member(name))

    @property
    def is_zip(self) -> bool:
        return self.path.is_file() and self._members.zipped

    @property
    def is_file(self) -> bool:
        """Whether it is a file that is its own only member."""
        return self.path.is_file() and not self._members.zipped

    @property
    def opened(self) -> frozenset[str]:
        """The endings of the members that were opened."""
        return frozenset(self._opened)

    def digest(self, endings: Callable[[str], bool]) -> Iterator[bytes]:
        """Yield what identifies the export: names and sizes, and the content of members of certain endings.

        A file is its content, whatever it is called; a database also what stands beside it. A zip keeps a checksum of
        each member, which counts too.
        """
        if self.is_file:
            yield from self._content(self.names[0])
            yield from self._newest_rows()
            return
        for name, size in self._members.sizes.items():
            yield f"{name}\0{size}\0{self._members.checksums.get(name, '')}\0".encode(errors="surrogatepass")
            if endings(_kind(name)):
                yield hashlib.sha256(b"".join(self._hashes(name))).digest()

    def _newest_rows(self) -> Iterator[bytes]:
        """Yield what SQLite keeps beside its file till it writes it there."""
        beside = self.path.with_name(f"{self.path.name}-wal")
        if beside.is_file():
            with self.path.open("rb") as file:
                if file.read(len(_SQLITE)) == _SQLITE:
                    yield beside.read_bytes()

    def _hashes(self, name: str) -> Iterator[bytes]:
        for chunk in self._content(name):
            yield hashlib.sha256(chunk).digest()

    def _content(self, name: str) -> Iterator[bytes]:
        with self._members.open(name) as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def close(self) -> None:
        """Let go of the file."""
        self._members.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _use(self, member: str) -> None:
        kind = _kind(member)
        if kind not in self._opened:
            self._opened.add(kind)
            self._to_read += sum(size for name, size in self._members.sizes.items() if _kind(name) == kind)

    def _count(self, size: int) -> None:
        self._done += size
        self._progress(self._done, max(self._done, self._to_read))

    def _member(self, name: str) -> str:
        if name == "" and len(self.names) == 1:
            return self.names[0]
        if name not in self._members.sizes:
            raise ExportError(f"{self._where(name)}: there is no such member; it may have been deleted meanwhile")
        return name

    def _where(self, name: str) -> str:
        return f"{self.path}" if self.is_file else f"{self.path}: {name}"


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _kind(name: str) -> str:
    return Path(_last(name)).suffix.casefold()
