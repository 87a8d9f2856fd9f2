"""The elements of an XML file one by one: a child of the root with its attributes and what is inside of it.

A document type is refused: no backup has one, and entities are what bombs are made of.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from egregora_core.plugin import ExportError

from egregora_sources.sms._mending import mended

_CHUNK = 1 << 18
_DEEPEST = 32
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class Element:
    """An element, its attributes as they are written."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute; the app writes `null` where there is none."""
        value = self.attributes.get(name, "")
        return "" if value == "null" else value


class _Builder:
    def __init__(self, where: str) -> None:
        self._where = where
        self._open: list[Element] = []
        self.done: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise ExportError(f"{self._where}: it is nested too deeply for a backup of messages")
        element = Element(name, attributes)
        if len(self._open) > 1:
            self._open[-1].children.append(element)
        if not self._open:
            self.done.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        if len(self._open) == 1:
            self.done.append(element)

    def doctype(self, *_: Any) -> None:
        raise ExportError(f"{self._where}: it declares a document type, as no backup of messages does; refused")


def elements(file: BinaryIO, where: str) -> Iterator[Element]:
    """Yield the root with its attributes, then each of its children. Raises ExportError for what is no XML."""
    builder = _Builder(where)
    start = file.read(2)
    parser = expat.ParserCreate("utf-8" if start in _WIDE else None)
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.buffer_text = True
    try:
        for piece in mended(_bytes(file, start)):
            parser.Parse(piece, False)  # noqa: FBT003 - expat's own
            yield from builder.done
            builder.done = []
        parser.Parse(b"", True)  # noqa: FBT003 - as above
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code) or "no XML"
        raise ExportError(
            f"{where}: it is damaged or cut off at line {error.lineno:,}, column {error.offset:,} ({said}); copy it "
            "from the phone again"
        ) from None
    except (UnicodeDecodeError, ValueError, LookupError):
        raise ExportError(
            f"{where}: it is no text in the encoding that it names; copy it from the phone again"
        ) from None
    yield from builder.done


def _bytes(file: BinaryIO, start: bytes) -> Iterator[bytes]:
    if start not in _WIDE:
        yield start
        while chunk := file.read(_CHUNK):
            yield chunk
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(start).encode()
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk).encode("utf-8", "replace")
