"""Bytes into text: by their mark, as UTF-8, and what is no UTF-8 as Windows-1252, which every byte is."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from egregora_core.errors import ExportError

_CHUNK = 1 << 20
_LONGEST_LINE = 64 << 20
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes) -> str | None:
    """Return the encoding that a mark at the start names; None without one."""
    return next((name for bom, name in _BOMS if start.startswith(bom)), None)


def decoded_head(data: bytes) -> str:
    """Return the text of a beginning, which may end inside a character."""
    if encoding := encoding_of(data):
        return codecs.getincrementaldecoder(encoding)("replace").decode(data)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def text_lines(file: BinaryIO, where: str) -> Iterator[list[str]]:
    """Yield the lines of a file in lists; a line that is no UTF-8 is read as Windows-1252."""
    start = file.read(4)
    if encoding := encoding_of(start):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        yield from _lines((decoder.decode(data, final=not data) for data in _chunks(file, start)), where)
        return
    rest = b""
    for data in _chunks(file, start):
        whole, end, rest_ = (rest + data).rpartition(b"\n") if data else (rest, b"", b"")
        rest = rest_
        if len(rest) > _LONGEST_LINE:
            raise ExportError(f"{where}: a line is longer than {_LONGEST_LINE >> 20} MB; is it the right file?")
        if whole or end:
            yield [line.removesuffix("\r") for line in _decoded(whole).split("\n")]


def _decoded(lines: bytes) -> str:
    try:
        return lines.decode()
    except UnicodeDecodeError:
        return "\n".join(_decoded_line(line) for line in lines.split(b"\n"))


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _chunks(file: BinaryIO, start: bytes) -> Iterator[bytes]:
    """Yield the file in chunks, an empty one at its end."""
    if start:
        yield start
    while data := file.read(_CHUNK):
        yield data
    yield b""


def _lines(texts: Iterator[str], where: str) -> Iterator[list[str]]:
    rest = ""
    for text in texts:
        rest += text
        whole, end, rest = rest.rpartition("\n")
        if len(rest) > _LONGEST_LINE:
            raise ExportError(f"{where}: a line is longer than {_LONGEST_LINE >> 20} MB; is it the right file?")
        if end:
            yield [line.removesuffix("\r") for line in whole.split("\n")]
    if rest:
        yield [rest.removesuffix("\r")]
