"""What is recognised as an export of Signal, and read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Reading, ReadOptions, Recognised, Report, Row, Sure, Thread

from egregora_sources._values import Counts, People
from egregora_sources.signal import _backup_text, _markdown, _sigexport, _sigtop_text
from egregora_sources.signal._columns import COLUMNS, Together
from egregora_sources.signal._official import Official
from egregora_sources.signal._sigtop import Sigtop

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_FRAMES = re.compile(r'"(?:backupTimeMs|chatItem|mediaRootBackupKey|recipient)"\s*:')
_OFFICIAL = re.compile(
    r'^\s*\{\s*"(?:version|backupTimeMs|account|recipient|chat|chatItem|stickerPack|mediaRootBackupKey)"'
)
_DESKTOP = re.compile(r'"conversationId"\s*:')
_DESKTOP_KEYS = ('"sent_at"', '"received_at"', '"schemaVersion"', '"type"', '"sourceDevice"', '"timestamp"', '"body"')
_LINES = re.compile(r'^\s*\{"date": ?"[^"]+", ?"sender": ?|^\s*\{"(?:date|sender|body|quote)"')
_LINE_KEYS = ('"date"', '"sender"', '"body"', '"reactions"')
_MINUTES = re.compile(r"^\ufeff?\[\d{4}-\d\d-\d\d, \d\d:\d\d\] ")
"""As sigexport wrote them first; with seconds, WhatsApp has the like."""
_MARKS = re.compile(
    r"\]\(\./media/|^\(- .+ -\) *$|^\[[-0-9, :]{16,20}\] No-Sender:|^\[[-0-9, :]{16,20}\] .*\S  $", re.MULTILINE
)
_ENOUGH = 3
_LOOKED_AT = 200
"""Files that are looked into to say what a folder is; to read it, all are."""


@dataclass(frozen=True)
class _Kind:
    """A way in which chats are written."""

    name: str
    sure: Sure
    why: str
    zoned: bool


_KINDS = (
    _Kind("official", "certain", "frames of Signal's own export", zoned=True),
    _Kind("desktop", "certain", "messages of Signal Desktop, as sigtop writes them", zoned=True),
    _Kind("text", "certain", "fields of messages, as sigtop writes them", zoned=True),
    _Kind("lines", "certain", "messages of a chat, as sigexport writes them", zoned=False),
    _Kind("markdown", "likely", "times and names as sigexport writes them", zoned=False),
    _Kind("backup", "maybe", "times and names as signalbackup-tools writes them", zoned=False),
    _Kind("short", "maybe", "times and names as sigtop writes them", zoned=False),
)


def recognise(export: "Export") -> Recognised:
    """Say which of the ways of writing chats is that of this export."""
    files = _files(export, most=_LOOKED_AT)
    if not files:
        return Recognised("no")
    name, kind = files[0]
    return Recognised(_sure(name, kind, export.head(name)), kind.why)


def _sure(name: str, kind: _Kind, head: str) -> Sure:
    """Return how sure a file is: in Markdown there are marks that only sigexport makes, and lines as others have."""
    if kind.name == "backup":
        return "certain" if _backup_text.FILE_NAME.search(name) or _backup_text.MARKS.search(head) else kind.sure
    if kind.name != "markdown":
        return kind.sure
    if name.endswith(".md") or _MARKS.search(head):
        return "certain"
    return "likely" if _MINUTES.match(head.lstrip("\n")) else "maybe"


def read(export: "Export", options: ReadOptions) -> Reading:
    """Read the files that are written in one way: of several in a folder, the one that says most."""
    files = _files(export)
    signal = _Signal(export, files)
    zoned = bool(files) and files[0][1].zoned
    one = None
    if files and not zoned and len({signal.title(name) for name, _ in files}) == 1:
        one = options.thread or signal.title(files[0][0])
    reading = Reading(
        iter(()),
        thread=one,
        zoned=zoned,
        threads=signal.threads,
        people=signal.people.all if zoned else None,
        report=lambda: Report(left_out=dict(signal.counts)),
        columns=COLUMNS,
    )
    reading.batches = signal.batches(reading)
    return reading


def _files(export: "Export", most: int | None = None) -> list[tuple[str, _Kind]]:
    """Return the files that are written in the way that says most."""
    patterns = ("main.jsonl", "*.json", "*.md", "*.txt")
    names = export.names if export.is_file else [name for each in patterns for name in export.find(each)]
    found = [(name, kind) for name in names[:most] if (kind := _kind(export.head(name)))]
    if not found:
        return []
    best = min(_KINDS.index(kind) for _, kind in found)
    return [(name, kind) for name, kind in found if kind == _KINDS[best]]


def _kind(head: str) -> _Kind | None:
    first = head.partition("\n")[0].rstrip("\r")
    fits = (  # in the order of the kinds
        _OFFICIAL.match(head) and _FRAMES.search(head),
        _DESKTOP.search(head) and sum(key in head for key in _DESKTOP_KEYS) >= _ENOUGH,
        _sigtop_text.FIRST.match(head),
        _LINES.match(head) and sum(key in head for key in _LINE_KEYS) >= _ENOUGH,
        _markdown.HEAD.match(head.lstrip("\n")),
        _backup_text.HEAD.match(first),
        _sigtop_text.SHORT.match(first),
    )
    return next((kind for kind, fit in zip(_KINDS, fits, strict=True) if fit), None)


class _Signal:
    """An export, and what was met in it so far."""

    def __init__(self, export: "Export", files: list[tuple[str, _Kind]]) -> None:
        self._export, self._given = export, files
        self.people, self.counts = People(), Counts()
        self._official = Official(self.people, self.counts)
        self._desktop = Sigtop(self.people, self.counts)
        self._titles: dict[str, Thread] = {}

    def title(self, name: str) -> str:
        """Return what a chat is called: its file, or the folder of a file that is called as all are."""
        folder, _, file = name.rpartition("/")
        stem = _backup_text.FILE_NAME.sub("", file) if _backup_text.FILE_NAME.search(file) else file.rpartition(".")[0]
        stem = stem or file
        if stem in ("chat", "index", "data"):
            return folder.rpartition("/")[2] or self._folder()
        return stem

    def _folder(self) -> str:
        return self._export.path.absolute().parent.name if self._export.is_file else self._export.title

    def threads(self) -> list[Thread]:
        return [*self._titles.values(), *self._official.threads.values(), *self._desktop.threads.values()]

    def batches(self, reading: Reading) -> Iterator[Any]:
        together = Together(_sigexport.moments)
        for name, kind in self._given:
            title = reading.thread or self.title(name)
            if kind.name == "official":
                yield from self._official.batches(self._export, name)
                reading.as_of = self._official.made
            elif kind.name == "desktop":
                yield from self._desktop.batches(self._export, name)
            elif kind.name == "lines":
                yield from _sigexport.Chat(self._export, name, title, self.counts).batches(together)
            else:
                if kind.name == "text":
                    self._titles[title] = Thread(title)
                yield from ({"thread": title, **_complete(row)} for row in self._of_text(name, kind))
        yield from together.table()

    def _of_text(self, name: str, kind: _Kind) -> Iterator[Row]:
        if kind.name == "text":
            return _sigtop_text.rows(self._export, name, self.people, self.counts)
        if kind.name == "backup":
            return _backup_text.rows(self._export, name, self.counts)
        reader = _markdown.rows if kind.name == "markdown" else _sigtop_text.short_rows
        return reader(self._export, name, self.counts)


def _complete(row: Row) -> Row:
    """Return a row that is a system line where nobody wrote it and it says nothing."""
    if row["author"] is None and row["kind"] == "text":
        return {**row, "kind": "system", "event": "other"}
    return row
