r"""Whatever an export is encoded in, as chunks of whole lines of UTF-8 that end in `\\n`.

Only a carriage return next to a line's end is part of that end. U+2028, vertical tabs and the like are text. Where
iPhones end messages with both and lines inside of them with a line feed alone, the latter becomes a carriage return.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    from egregora_core.builtin.whatsapp._spelt_dates import Spelling

CHUNK = 3 << 20
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 64 << 20
_HEAD_PIECES = 4
"""What is recognised is seen in so many pieces of its beginning: of a file of one long line no more is read."""
_SHORTEST = 8
_SWAPPED = bytes.maketrans(b"\r\n", b"\n\r")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass
class TextFile:
    """A text that can be read from its start more than once."""

    open: Callable[[], IO[bytes]]
    where: str
    """How errors name it."""
    encoding: str = ""
    begin: int = 0
    """How many bytes of the cleaned text are left out at its start."""
    opening: bytes = b""
    """What is given in their place."""
    seekable: bool = False
    seek: bool = False
    """`begin` also counts the bytes of the file, so that nothing before it has to be read."""
    size: int = 0
    """Of the file, in bytes."""
    progress: Callable[[int, int], None] | None = None
    """Told, while the text is read in chunks of the usual size, how many bytes of the file were."""
    respell: "Spelling | None" = None
    """What makes the dates of headers plain, if they are not: asked for at each start of the text."""
    year: int | None = None
    """That of the first date, where the user gave it."""
    written: date | None = None
    """When the file was, as far as it is known."""
    crlf: bool = False
    r"""Messages end with `\\r\\n`: what only ends with `\\n` stays inside of one, and is given as `\\r`."""
    repaired: bool = field(default=False, init=False)
    """Bytes that are no UTF-8 were read as Windows-1252."""
    read: int = field(default=0, init=False)
    """How many bytes the file was found to have."""

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """Yield the text from its start, in chunks of whole lines; only the last line may lack its end."""
        if self.opening:
            yield self.opening
        skip = 0 if self.seek else self.begin
        for lines in self._lines(size):
            if skip < len(lines):
                yield lines[skip:] if skip else lines
            skip = max(0, skip - len(lines))

    def after(self, begin: int, opening: bytes, size: int) -> "TextFile":
        """Return the rest of a text of `size` bytes that was just read to its end, behind some lines of its beginning.

        Cleaning only shortens valid text, so what is as long as its file is its file.
        """
        seek = self.seekable and size == self.read and self.encoding == "utf-8" and not self.repaired
        return replace(self, begin=begin, opening=opening, seek=seek)

    def _lines(self, size: int, pieces: int | None = None) -> Iterator[bytes]:
        carry, respell = b"", self.respell() if self.respell else None
        for piece in islice(self._utf8(size), pieces):
            carry += piece
            cut = _last_break(carry)
            if cut:
                yield self._clean(carry[:cut], respell)
                carry = carry[cut:]
            elif len(carry) > _LONGEST_LINE:
                raise ExportError(f"{self.where}: a line of more than 64 MB; is it a chat export?")
        if carry:
            yield self._clean(carry, respell)

    def head(self, size: int = 1 << 16) -> str:
        """Return the first lines as text; of a line that is longer than any header, its beginning."""
        first = next(self._lines(size, _HEAD_PIECES), b"")
        return first[: 4 * size].decode("utf-8", "replace")

    def _utf8(self, size: int) -> Iterator[bytes]:
        with self.open() as stream:
            if self.seek:
                stream.seek(self.begin)
            first = stream.read(size)
            self.encoding, skip = ("utf-8", 0) if self.seek else detect(first)
            decoder = None if self.encoding == "utf-8" else codecs.getincrementaldecoder(self.encoding)("replace")
            piece, seen = first, 0
            while piece:
                seen += len(piece)
                piece = piece[skip:]
                yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece
                if self.progress is not None and size == CHUNK:
                    self.progress(seen + (self.begin if self.seek else 0), self.size)
                piece, skip = stream.read(size), 0
            self.read = seen

    def _clean(self, lines: bytes, respell: Callable[[str], str] | None) -> bytes:
        if self.crlf:
            lines = lines.replace(b"\r\r\n", b"\r\n").translate(_SWAPPED).replace(b"\n\r", b"\n")
        elif b"\r" in lines:
            lines = lines.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if _BOM in lines:
            lines = lines.removeprefix(_BOM).replace(b"\n" + _BOM, b"\n")
        try:  # Arrow's check is five times as fast as decoding
            pa.array([lines]).cast(pa.string())
        except pa.ArrowInvalid:
            self.repaired = True
            lines = lines.decode("utf-8", "egregora-windows-1252").encode()
        return respell(lines.decode()).encode() if respell else lines


def detect(first: bytes) -> tuple[str, int]:
    """Return the encoding of a text that starts so, and the length of its byte order mark."""
    for bom, name in _BOMS:
        if first.startswith(bom):
            return name, len(bom)
    sample = first[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    # Digits, spaces and marks of headers are ASCII in most locales, so UTF-16 always shows in its zeros.
    if len(sample) >= _SHORTEST and max(even, odd) > len(sample) // 8 and min(even, odd) < max(even, odd) // 8:
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return "utf-8", 0


def _last_break(text: bytes) -> int:
    r"""Return where the last whole line ends; a final `\\r` may be the first half of an end."""
    cut = text.rfind(b"\n") + 1
    return cut or text.rfind(b"\r", 0, -1) + 1


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("egregora-windows-1252", _windows_1252)
