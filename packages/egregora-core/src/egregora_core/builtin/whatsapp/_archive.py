"""Where an export's text and its attachments are, and what the chat is called: a text file, a folder or a zip."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._first_lines import looks_like_chat
from egregora_core.builtin.whatsapp._phrases import data, in_lines
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import Export, ExportError

_ATTACHMENT = re.compile(r"[A-Z]{2,4}-\d{8}-WA\d|\d{8}-")
"""How phones name what they attach; the chat itself never."""
_SPACES = re.compile(f"[{SPACES}]+")
_MARKS = re.compile(f"[{MARKS}]")


@dataclass(frozen=True)
class Archive:
    member: str
    """The chat's name in the export."""
    text: TextFile
    title: str | None
    files: dict[str, int]
    """Attachments beside the text: name (NFC) → size in bytes."""


def open_archive(export: Export) -> Archive:
    """Find the chat in an export. Raises ExportError where there is none, or more than one."""
    chat = export.names[0] if export.is_file else _chosen(export)
    if export.is_file and not export.size():
        raise ExportError(f"{export.path}: the file is empty; export the chat again")
    title = next(filter(None, map(title_of, _titles(export, chat))), None)
    return Archive(chat, _text(export, chat), title, dict(_beside(export, chat)))


def _text(export: Export, name: str) -> TextFile:
    where = export.path / name if export.path.is_dir() else export.path
    return TextFile(
        lambda: export.open(name, counted=False),
        str(where),
        seekable=not export.is_zip,
        size=export.size(name),
        written=export.written(name),
    )


def _titles(export: Export, chat: str) -> list[str]:
    """Return what may be named after the chat; a zip that does not say so gives way to its text, then to folders."""
    path, member = export.path.absolute(), PurePosixPath(chat)
    if not export.is_zip:
        return [stem(chat), (path.parent if export.is_file else path).name]
    names = [stem(path.name), stem(chat), member.parent.name, path.parent.name]
    return names if mentions_whatsapp(names[0]) else sorted(names, key=lambda name: not mentions_whatsapp(name))


def _beside(export: Export, chat: str) -> Iterator[tuple[str, int]]:
    if export.is_file:
        for entry in export.path.absolute().parent.iterdir():
            if entry.name != export.path.name and not entry.is_symlink() and entry.is_file():
                yield unicodedata.normalize("NFC", entry.name), entry.stat().st_size
        return
    for name in _members(export):
        if name != chat:
            yield unicodedata.normalize("NFC", PurePosixPath(name).name), export.size(name)


def _members(export: Export) -> Iterator[str]:
    """Yield what counts of an export's members: nothing hidden, and of a folder nothing in folders of its own."""
    for name in export.names:
        path = PurePosixPath(name)
        hidden = path.name.startswith("._") or "__MACOSX" in path.parts
        if not hidden and (export.is_zip or len(path.parts) == 1):
            yield name


def _chosen(export: Export) -> str:
    """Return the name of the chat among texts: `_chat.txt`, the one named as the export, or the only chat.

    Size says nothing: a shared text may be larger than the chat.
    """
    texts, refused = dict[str, TextFile](), dict[str, ExportError]()
    for name in filter(_is_text, _members(export)):
        try:
            export.open(name, counted=False).close()
            texts[name] = _text(export, name)
        except ExportError as error:
            refused[name] = error
    named = (name for name in refused if is_anonymous(stem(name)) or mentions_whatsapp(stem(name)))
    if bad := next(named, None if texts else next(iter(refused), None)):
        raise refused[bad]
    title = stem(export.path.name)
    wanted = title_of(title)
    tiers: tuple[Callable[[str], bool], ...] = (
        lambda name: stem(name) == title,
        lambda name: is_anonymous(stem(name)) and stem(name).startswith("_"),
        lambda name: mentions_whatsapp(stem(name)) and title_of(stem(name)) == wanted,
        lambda name: mentions_whatsapp(stem(name)),
        lambda _: True,
    )
    chats = [name for name, text in texts.items() if looks_like_chat(text) > 0]
    for tier in tiers:
        found = sorted((name for name in chats if tier(name)), key=lambda name: (name.count("/"), name))
        if len(found) == 1 or (found and found[0].count("/") < found[1].count("/")):
            return found[0]
        found = [name for name in found if not _is_attached(name, texts)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ExportError(f"{export.path}: {len(found)} chats in it; unpack it and give one .txt at a time")
    raise ExportError(f"{export.path}: no WhatsApp chat in it; give the .txt or .zip that WhatsApp exported")


def _is_attached(name: str, texts: dict[str, TextFile]) -> bool:
    """Tell whether a text is named in another one, or as phones name what was attached."""
    file = PurePosixPath(name).name
    others = (text for other, text in texts.items() if other != name)
    return bool(_ATTACHMENT.match(file)) or any(file.encode() in chunk for text in others for chunk in text.chunks())


def _is_text(name: str) -> bool:
    """Tell whether a member may be a chat; some tools lose the suffix."""
    return name.casefold().endswith(".txt") or ("." not in name[-5:] and mentions_whatsapp(stem(name)))


# --- what a chat is called, by the name that a phone gave to its file -------------------------------------------------


@cache
def _forms(name: str) -> tuple[re.Pattern[str], ...]:
    links = "|".join(in_lines(data("titles.toml")["with"]))
    return tuple(re.compile(form.replace("WITH", links), re.IGNORECASE) for form in data("titles.toml")[name])


def title_of(name: str) -> str | None:
    """Return the title that a file's name without its suffix holds, or None where it is just `_chat`."""
    name = _SPACES.sub(" ", _MARKS.sub("", unicodedata.normalize("NFC", name))).strip()
    for form in _forms("copy"):
        name = form.sub("", name).strip()
    if not name or is_anonymous(name):
        return None
    for form in _forms("titled"):
        if match := form.fullmatch(name):
            return match["title"].strip() or None
    return name


def is_anonymous(name: str) -> bool:
    """Tell whether a file is named as iOS names every chat."""
    return any(form.fullmatch(name) for form in _forms("anonymous"))


def mentions_whatsapp(name: str) -> bool:
    return "whatsapp" in name.casefold()


def stem(path: str) -> str:
    """Return a path's last name without `.txt` or `.zip`."""
    name = unicodedata.normalize("NFC", PurePosixPath(path).name)
    return name[:-4] if name.casefold().endswith((".txt", ".zip")) else name
