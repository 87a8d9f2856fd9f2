"""Where an export's text and its attachments are, and what the chat is called: a text file, a folder or a zip.

Nothing is ever unpacked. The names in a zip are claims by whoever made it: they are compared, never joined to a path.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Self

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._first_lines import looks_like_chat
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import ExportError

_LARGEST = 2 << 30
"""A chat of 2 GB would hold some 30 million messages."""
_RATIO, _RATIO_FROM = 300, 64 << 20
"""A member that is larger and packed more tightly than chats are is taken for a bomb."""
_ATTACHMENT = re.compile(r"[A-Z]{2,4}-\d{8}-WA\d|\d{8}-")
"""How phones name what they attach; the chat itself never."""
_ZIP_ERRORS = (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True)
class Archive:
    """An export's parts."""

    text: TextFile
    title: str | None
    files: dict[str, int]
    """Attachments beside the text: name (NFC) → size in bytes."""


def open_archive(path: Path) -> Archive:
    """Find the chat at `path`. Raises ExportError where there is none, or more than one."""
    if path.is_dir():
        return _from_folder(path)
    if not path.exists():
        raise ExportError(f"{path}: no such file; give the .txt or .zip that WhatsApp exported")
    if not path.is_file():
        raise ExportError(f"{path}: not a file; give the .txt or .zip that WhatsApp exported")
    if path.stat().st_size == 0:
        raise ExportError(f"{path}: the file is empty; export the chat again")
    with path.open("rb") as stream:
        is_zip = stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
    if is_zip or (path.suffix.casefold() == ".zip" and not looks_like_chat(_plain(path))):
        return _from_zip(path)
    return Archive(_plain(path), title_of(stem(path.name)) or title_of(path.absolute().parent.name), _beside(path))


def _plain(path: Path) -> TextFile:
    facts = path.stat()
    written = datetime.fromtimestamp(facts.st_mtime).astimezone().date()
    return TextFile(lambda: path.open("rb"), str(path), seekable=True, size=facts.st_size, written=written)


def _beside(path: Path) -> dict[str, int]:
    return {
        unicodedata.normalize("NFC", entry.name): entry.stat().st_size
        for entry in path.absolute().parent.iterdir()
        if entry.name != path.name and not entry.is_symlink() and entry.is_file()
    }


def _from_folder(path: Path) -> Archive:
    texts = sorted(entry for entry in path.iterdir() if entry.suffix.casefold() == ".txt" and entry.is_file())
    chosen = _choose([(entry.name, _plain(entry)) for entry in texts], path.name, f"{path}")
    return Archive(
        _plain(path / chosen), title_of(stem(chosen)) or title_of(path.absolute().name), _beside(path / chosen)
    )


def _from_zip(path: Path) -> Archive:
    with _reading(path), zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if _is_file(info)]
    texts = {_name(info): info for info in members if _is_text(_name(info)) and _is_inside(info)}
    refused = {name: why for name, info in texts.items() if (why := _refusal(info))}
    readable = [(name, _member(path, info)) for name, info in texts.items() if name not in refused]
    named = (name for name in refused if is_anonymous(stem(name)) or mentions_whatsapp(stem(name)))
    if bad := next(named, None if readable else next(iter(refused), None)):
        raise ExportError(f"{path}: {refused[bad]}")
    chosen = _choose(readable, stem(path.name), str(path))
    return Archive(
        _member(path, texts[chosen]),
        _zip_title(path, chosen),
        {PurePosixPath(_name(info)).name: info.file_size for info in members if _name(info) != chosen},
    )


def _zip_title(path: Path, member: str) -> str | None:
    """Return the zip's title; a name that says nothing gives way to the text's own, then to the folder's."""
    names = [stem(path.name), stem(member), PurePosixPath(member).parent.name, path.absolute().parent.name]
    if not mentions_whatsapp(names[0]):
        names.sort(key=lambda name: not mentions_whatsapp(name))
    return next((title for name in names if (title := title_of(name))), None)


def _choose(texts: list[tuple[str, TextFile]], title: str, where: str) -> str:
    """Return the name of the chat among texts: `_chat.txt`, the one named as the export, or the only chat.

    Size says nothing: a shared text may be larger than the chat.
    """
    wanted = title_of(title)
    tiers: tuple[Callable[[str], bool], ...] = (
        lambda name: stem(name) == title,
        lambda name: is_anonymous(stem(name)) and stem(name).startswith("_"),
        lambda name: mentions_whatsapp(stem(name)) and title_of(stem(name)) == wanted,
        lambda name: mentions_whatsapp(stem(name)),
        lambda _: True,
    )
    chats = [name for name, text in texts if looks_like_chat(text) > 0]
    for tier in tiers:
        found = sorted((name for name in chats if tier(name)), key=lambda name: (name.count("/"), name))
        if len(found) == 1 or (found and found[0].count("/") < found[1].count("/")):
            return found[0]
        found = [name for name in found if not _is_attached(name, texts)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ExportError(f"{where}: {len(found)} chats in it; unpack it and give one .txt at a time")
    raise ExportError(f"{where}: no WhatsApp chat in it; give the .txt or .zip that WhatsApp exported")


def _is_attached(name: str, texts: list[tuple[str, TextFile]]) -> bool:
    """Tell whether a text is named in another one, or as phones name what was attached."""
    file = PurePosixPath(name).name
    others = (text for other, text in texts if other != name)
    return bool(_ATTACHMENT.match(file)) or any(file.encode() in chunk for text in others for chunk in text.chunks())


def _is_text(name: str) -> bool:
    """Tell whether a member may be a chat; some tools lose the suffix."""
    return name.casefold().endswith(".txt") or ("." not in name[-5:] and mentions_whatsapp(stem(name)))


def _is_file(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename)
    hidden = name.name.startswith("._") or "__MACOSX" in name.parts
    return bool(info.filename) and not (info.is_dir() or hidden or stat.S_ISLNK(info.external_attr >> 16))


def _is_inside(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    return not name.is_absolute() and ".." not in name.parts and ":" not in name.parts[0]


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; zips without the UTF-8 flag are read as cp437, which UTF-8 survives."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Return why a text is not even looked at."""
    if info.flag_bits & 1:
        return "the zip is encrypted; unpack it with its password and give the .txt inside"
    if info.file_size > _LARGEST:
        return f"the chat in it claims {info.file_size >> 20:,} MB; refused"
    if info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(info.compress_size, 1):
        return "the chat in it is packed more tightly than text can be (a zip bomb?); refused"
    return None


def _member(path: Path, info: zipfile.ZipInfo) -> TextFile:
    size, written = info.file_size, _written(info)
    return TextFile(lambda: _MemberStream(path, info), str(path), limit=_LARGEST, size=size, written=written)  # type: ignore[arg-type,return-value]  # as much of IO[bytes] as is used


def _written(info: zipfile.ZipInfo) -> date | None:
    try:
        return date(*info.date_time[:3])
    except ValueError:
        return None


class _MemberStream:
    """A member of a zip, open for reading; its errors are ours."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._path = path
        with _reading(path):
            self._zip = zipfile.ZipFile(path)
            self._stream: IO[bytes] = self._zip.open(info)

    def read(self, size: int) -> bytes:
        with _reading(self._path):
            return self._stream.read(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._zip.close()


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except _ZIP_ERRORS as error:
        raise ExportError(
            f"{path}: the zip is damaged or incomplete ({type(error).__name__}); copy or export it again"
        ) from error


_LINKS = (
    "with|mit|con|com|avec|met|med|s uživatelem|s používateľom|z użytkownikiem|z|с|со|з|із|sa|"
    "s|cu|amb|με|dengan|ar|su|pro|kun|kasutajaga|dhe|me|na|avec|kanssa|với|gyda|عم|مع|با|עם|"
    "کے ساتھ|par|এর সাথে|के साथ|და|של|по"
)
_BEFORE = re.compile(
    r"^(?:[\w']+[ -]){0,3}WhatsApp[ -]?(?:[\w'\u0900-\u0dff]+ ){0,2}?"
    rf"(?:(?:{_LINKS})[ :]|[-\u2013:] |: )(?P<title>.+)$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^(?P<title>.+?) ?(?:ile WhatsApp Sohbeti|님과 WhatsApp 대화|(?:と|との)の?WhatsApp(?:の)?(?:トーク|チャット)"
    r"|के साथ WhatsApp चैट|WhatsApp-keskustelu|WhatsApp chat)$",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"^(?:与|與|和|跟) ?(?P<title>.+?) ?(?:的|之) ?WhatsApp ?(?:聊天|对话|對話|聊天记录|聊天記錄|對話紀錄)$",
    re.IGNORECASE,
)
_COPY = re.compile(r"(?: ?\(\d{1,3}\)| - (?:Copy|Copia|Cópia|Kopie|Copie)| copy)$", re.IGNORECASE)
_ANONYMOUS = re.compile(r"^_?chat(?:[ _-]?\(?\d{1,3}\)?)?$", re.IGNORECASE)
_SPACES = re.compile(f"[{SPACES}]+")
_MARKS = re.compile(f"[{MARKS}]")


def title_of(name: str) -> str | None:
    """Return the title that a file's name without its suffix holds, or None where it is just `_chat`."""
    name = _SPACES.sub(" ", _MARKS.sub("", unicodedata.normalize("NFC", name))).strip()
    name = _COPY.sub("", name).strip()
    if not name or _ANONYMOUS.match(name):
        return None
    for form in (_BEFORE, _AROUND, _AFTER):
        if match := form.match(name):
            return match["title"].strip() or None
    return name


def is_anonymous(name: str) -> bool:
    """Tell whether a file is named as iOS names every chat."""
    return bool(_ANONYMOUS.match(name))


def mentions_whatsapp(name: str) -> bool:
    return "whatsapp" in name.casefold()


def stem(path: str) -> str:
    """Return a path's last name without `.txt` or `.zip`."""
    name = Path(path).name
    return name[:-4] if name.casefold().endswith((".txt", ".zip")) else name
