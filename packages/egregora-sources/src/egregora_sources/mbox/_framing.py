"""One mail after the other out of a file that has no other mark between them than a line `From …`.

Bodies may hold such lines, too: escaped (`>From`), counted (`Content-Length`), or neither.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from egregora_core.plugin import ExportError

_CHUNK = 1 << 20
_LARGEST = 64 << 20
"""A mail with more bytes than this, attachments left out, is none."""
_LONGEST_LINE = 1 << 20
_FAR = 16 << 20
"""So far ahead is looked whether a length that a mail gives leads to the next mail."""
_START = re.compile(
    rb"From (?:(?:.* )?(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} [A-Z][a-z]{2})[ ,].*\d\d:\d\d.*|-|\S*@\S*|MAILER-DAEMON)\s*$"
)
_HEADER = re.compile(rb"(?:>?From .*|[!-9;-~]+[ \t]*:.*)")
_LENGTH = re.compile(rb"(?mi)^Content-Length:[ \t]*(\d{1,10})[ \t]*\r?$")
_ENCODED = re.compile(rb"[A-Za-z0-9+/=]{40,}\s*$")
_ESCAPED = re.compile(rb"(?m)^>(>*From )")
_KEPT = 1 << 20
"""Bytes of base64 that are kept at one place: more is no text."""


@dataclass(frozen=True)
class Mail:
    """A mail as it stands in the file: `start` is its `From` line, `#NUMBER` a line for so much base64 left out."""

    start: bytes
    content: bytes


def is_start(line: bytes, following: bytes) -> bool:
    """Tell whether a line begins a mail, by how it looks and what stands behind it."""
    return line.startswith(b"From ") and bool(_START.match(line)) and bool(_HEADER.match(following))


class _Lines:
    """The lines of a file, with a look at what is ahead."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._file, self._where = file, where
        self._buffer, self._at, self._ended = b"", 0, False
        self.passed = 0

    def _fill(self, size: int) -> None:
        """Have so many bytes at hand, where there are so many."""
        while len(self._buffer) - self._at < size and not self._ended:
            chunk = self._file.read(max(_CHUNK, size - len(self._buffer) + self._at))
            self._ended = not chunk
            self._buffer, self._at = self._buffer[self._at :] + chunk, 0

    def line(self, offset: int = 0) -> bytes:
        """Return the line that begins `offset` bytes ahead, its end included; empty at the end of the file."""
        size = offset + 4096
        while True:
            self._fill(size)
            end = self._buffer.find(b"\n", self._at + offset)
            if end >= 0:
                return self._buffer[self._at + offset : end + 1]
            if self._ended:
                return self._buffer[self._at + offset :]
            if size > offset + _LARGEST:
                raise ExportError(f"{self._where}: a line is longer than {_LARGEST >> 20} MB; is it a mailbox?")
            size *= 2

    def take(self, size: int) -> bytes:
        """Return and pass so many bytes."""
        self._fill(size)
        found = self._buffer[self._at : self._at + size]
        self._at += len(found)
        self.passed += len(found)
        return found


def mails(file: BinaryIO, where: str) -> Iterator[Mail]:
    """Yield the mails of a file. Raises ExportError where it does not begin with one."""
    lines = _Lines(file, where)
    while (line := lines.line()) and not line.strip():
        lines.take(len(line))
    if line and not is_start(line.removeprefix(b"\xef\xbb\xbf"), lines.line(len(line))):
        raise ExportError(f"{where}: it does not begin with a mail (`From …`); is it a whole mailbox?")
    while line := lines.line():
        lines.take(len(line))
        if line.strip():
            yield Mail(line, _content(lines, where))


def _content(lines: _Lines, where: str) -> bytes:
    head = _head(lines, where)
    if (counted := _counted(lines, head)) is not None:
        return head + _body(lines, where, counted)
    return _ESCAPED.sub(rb"\1", head + _body(lines, where, None))


def _head(lines: _Lines, where: str) -> bytes:
    found: list[bytes] = []
    size = 0
    while (line := lines.line()) and not is_start(line, lines.line(len(line))):
        found.append(lines.take(len(line)))
        size += len(line)
        if not line.strip():
            break
        if size > _LARGEST:
            raise ExportError(f"{where}: a mail's headers are longer than {_LARGEST >> 20} MB; is it a mailbox?")
    return b"".join(found)


def _counted(lines: _Lines, head: bytes) -> int | None:
    """Return how long a mail says that its body is, where the next one begins there."""
    match = _LENGTH.search(head)
    if match is None or not head.endswith((b"\n\n", b"\r\n\r\n", b"\n\r\n")) or (length := int(match[1])) > _FAR:
        return None
    behind = length
    for _ in range(3):
        line = lines.line(behind)
        if not line or is_start(line, lines.line(behind + len(line))):
            return length if line or lines.line(length - 1 if length else 0) else None
        if line.strip():
            return None
        behind += len(line)
    return None


def _body(lines: _Lines, where: str, length: int | None) -> bytes:
    """Return the lines up to the next mail, or the place that the mail says; of much base64 only how much it is."""
    found: list[bytes] = []
    size = run = dropped = 0
    end = None if length is None else lines.passed + length
    while line := lines.line():
        if end is not None:
            if lines.passed >= end:
                break
        elif line.startswith(b"From ") and is_start(line, lines.line(len(line))):
            break
        lines.take(len(line))
        run = run + len(line) if _ENCODED.match(line) else 0
        if run > _KEPT:
            dropped += len(line.strip())
            continue
        if dropped:
            found.append(b"#%d\n" % dropped)
            dropped = 0
        found.append(line)
        size += len(line)
        if size > _LARGEST:
            raise ExportError(
                f"{where}: a mail is longer than {_LARGEST >> 20} MB without its attachments; is it a mailbox?"
            )
    if dropped:
        found.append(b"#%d\n" % dropped)
    return b"".join(found)
