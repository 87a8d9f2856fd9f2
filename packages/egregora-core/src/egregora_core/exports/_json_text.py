"""The text of a JSON file from a place on: what lies before it is forgotten, what lies behind is read when needed.

It is bytes in UTF-8. Where it can be, many values are decoded at once (`_json_together`): what stands alone is left to
the standard library.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from egregora_core.errors import ExportError
from egregora_core.exports._json_together import AS_THEY_ARE, decoders_of, line_of
from egregora_core.exports._text import encoding_of

_CHUNK = 1 << 18
_LARGEST = 64 << 20
"""An item with more bytes than this is no message."""
_VIEW = 1 << 12
"""A value's end is looked for in so many bytes, and then in four times as many."""
_TOGETHER = 1 << 15
"""Elements in so many bytes are decoded at once: more leave the processor's cache."""
_TRIES = 3
_LINES = 64
"""So many lines are passed on at once."""
_BLANK = re.compile(rb"[ \t\r\n]*")
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_FIRST_KEY = re.compile(rb'\{\s*"[^"\\]{0,50}"')
_LONGEST_WORD = 16
"""Nothing but a string takes more characters to say that it is whole: `-Infinity`, an escaped character."""
_DIGITS = re.compile(r"[-+.0-9eE]*")
_BORDER = 200
"""Behind so many blanks the end of an object is no longer looked for."""
_CONTINUED = bytes(range(0x80, 0xC0))
"""In UTF-8, bytes that begin no character."""
_HEX_ESCAPE = re.compile(r"\\x[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


class Border(NamedTuple):
    """What stands between two elements of an array: the end of an object, and the first key of the next one."""

    text: bytes
    before: int
    """So much of it belongs to the first."""
    between: int
    """The second begins after so much."""


class JsonText:
    """The text of a JSON file. What is no JSON is an ExportError that says where."""

    def __init__(self, file: BinaryIO, where: str, shape: type[Any] | None = None) -> None:
        """Objects in arrays become objects of a `shape`, where one is given: see `Export.batches`."""
        self._decoders = AS_THEY_ARE if shape is None else decoders_of(shape)  # type: ignore[arg-type]  # a class is hashable
        start = file.read(4)
        encoding = encoding_of(start) or "utf-8-sig"
        self._recode = None if encoding == "utf-8-sig" else codecs.getincrementaldecoder(encoding)()
        self._file, self._where, self._start = file, where, start.removeprefix(codecs.BOM_UTF8)
        self._scan = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]  # it is, in every Python
        self._data, self._at, self._ended = b"", 0, False
        self._before = self._forgotten = self._alone = 0
        """So many characters, and bytes, are forgotten; up to so many, lines are decoded one by one."""
        self._end = -1
        """Where the last value ended."""

    @property
    def char(self) -> bytes:
        return self._data[self._at : self._at + 1]

    def peek(self) -> bytes:
        """Return the next byte that is no blank, empty at the end."""
        while True:
            self._at = _BLANK.match(self._data, self._at).end()  # type: ignore[union-attr]  # it matches anywhere
            if self._at < len(self._data) or not self._more():
                return self.char

    # --- one value ------------------------------------------------------------------------------------------------

    def value(self) -> Any:
        """Return the value that begins here, and pass it."""
        self.peek()
        size = _VIEW
        while True:
            text, sound = _decoded(self._data[self._at : self._at + size])
            try:
                found, end = self._scan(text, 0)
            except (StopIteration, json.JSONDecodeError) as error:
                if self._respelt(text, error):
                    continue
                if not _is_cut(text, error):
                    raise self.broken() from None
                if not sound:
                    raise self.broken("from there on it is no text in its encoding") from None
                if not self._longer(size):
                    raise self.broken() from None
            except ValueError:  # a number with thousands of digits
                raise self.broken("there is a number that is none") from None
            else:
                if not _goes_on(text, found, end) or not sound or not self._longer(size):
                    self._pass(text, end)
                    return found
            size *= 4

    def item(self) -> Any:
        """Return, and pass, the value that begins here, as what a source looks at."""
        return self._decoders.value(self.value())

    def _longer(self, size: int) -> bool:
        """Tell whether there is more from here on than so many bytes."""
        return self._at + size < len(self._data) or self._more()

    def _pass(self, text: str, end: int) -> None:
        self._at += end if text.isascii() else len(text[:end].encode())
        self._end = self._at

    def _respelt(self, text: str, error: StopIteration | json.JSONDecodeError) -> bool:
        r"""Write `\x0B`, Telegram's way for a control character, as JSON does; tell whether it was that."""
        if isinstance(error, StopIteration) or not _HEX_ESCAPE.match(text, error.pos):
            return False
        # All at once: a text may be full of them.
        rest = _ESCAPE.sub(lambda found: b"\\u00" + found[1] if found[1] else found[0], self._data[self._at :])
        self._data = self._data[: self._at] + rest
        return True

    def skip(self) -> None:
        """Pass a value, however large."""
        opened, size = self.peek(), _VIEW
        if opened not in (b"{", b"["):
            self.value()
            return
        while True:
            text, _ = _decoded(self._data[self._at : self._at + size])
            try:
                _, end = self._scan(text, 0)
            except RecursionError:
                break
            except (StopIteration, ValueError):
                if self._at + size >= len(self._data):  # not all of it is here
                    break
                size *= 4
            else:
                self._pass(text, end)
                return
        for _ in self.members() if opened == b"{" else self.elements():
            self.skip()

    # --- what is in a value ---------------------------------------------------------------------------------------

    def members(self) -> Iterator[str]:
        """Yield the keys of the object that begins here; each value is to be passed before the next."""
        self._expect(b"{")
        while self.peek() != b"}":
            key = self.value()
            if not isinstance(key, str):
                raise self.broken()
            self._expect(b":")
            yield key
            if self.peek() != b"}":
                self._expect(b",")
        self._at += 1

    def elements(self) -> Iterator[None]:
        """Stop before each element of the array that begins here; each is to be passed before the next."""
        self._expect(b"[")
        while self.peek() != b"]":
            yield None
            if self.peek() != b"]":
                self._expect(b",")
        self._at += 1

    def _expect(self, char: bytes) -> None:
        if self.peek() != char:
            raise self.broken()
        self._at += 1

    # --- many values at once --------------------------------------------------------------------------------------

    def border(self) -> Border | None:
        """Return what stands between the element passed last and the one that starts here, if both are objects."""
        key, end = _FIRST_KEY.match(self._data, self._at), self._end
        if key is None or end < 1 or self._data[end - 1 : end] != b"}":
            return None
        if not _COMMA.fullmatch(self._data, end, self._at):  # the last value is not of this array
            return None
        start = max(0, end - _BORDER)
        first = start + len(self._data[start : end - 1].rstrip())
        return Border(self._data[first : key.end()], end - first, self._at - first)

    def together(self, border: Border) -> tuple[list[Any], int]:
        """Return and pass elements up to what looks like a border between two, decoded at once.

        That it was one shows when they are decoded: a text that is cut inside of an element is no array. Where it was
        none, there are none, and so many bytes, at least one, are to be passed one by one.
        """
        if len(self._data) - self._at < _TOGETHER:
            self._more()
        end = last = min(len(self._data), self._at + _TOGETHER)
        for _ in range(_TRIES):
            end = self._data.rfind(border.text, self._at, end)
            if end < 0:
                break
            if found := self._decoders.array(b"[%b]" % self._data[self._at : end + border.before]):
                self._at = end + border.between
                return found, 0
        return [], max(1, last - self._at)  # at the end of a text that was cut there, nothing is left

    def lines(self) -> Iterator[list[Any]]:
        """Yield and pass values, some at a time, as long as each ends with its line, and none is an array."""
        found, alike = list[Any](), True
        while alike:
            if len(self._data) - self._at < _TOGETHER:
                self._more()
            if self.passed >= self._alone and (several := self._lines_together()):
                yield found + several
                found = []
                continue
            end = self._data.find(b"\n", self._at, self._at + _TOGETHER)
            line = self._data[self._at : max(end, self._at)]
            value = line_of(line) if line else None
            alike = end >= 0 and not isinstance(value, list)
            if alike:
                self._at = end + 1
                found += [self._decoders.value(value)] * bool(line)
            if len(found) == _LINES or not alike:
                yield found
                found = []

    def _lines_together(self) -> list[Any]:
        """Return and pass the values of whole lines, decoded at once; none where they are to be passed one by one."""
        end = self._data.rfind(b"\n", self._at, self._at + _TOGETHER) + 1
        found = self._decoders.lines(self._data[self._at : end])
        if found:
            self._at = end
        else:
            self._alone = self._forgotten + max(end, self._at + 1)
        return found

    # --- the file -------------------------------------------------------------------------------------------------

    @property
    def passed(self) -> int:
        """How many bytes lie before here."""
        return self._forgotten + self._at

    def _more(self) -> bool:
        """Read on, and forget what was passed; tell whether there was more."""
        if self._ended:
            return False
        rest = self._data[self._at :]
        if len(rest) > _LARGEST:
            raise self.broken(f"one value has more than {_LARGEST >> 20} MB")
        data = self._start + self._file.read(max(_CHUNK, len(rest)))
        self._start = b""
        self._ended = not data
        if self._recode is not None:
            try:
                data = self._recode.decode(data, final=self._ended).encode()
            except UnicodeError:
                raise self.broken("from there on it is no text in its encoding") from None
        self._before += _characters(self._data, self._at)
        self._forgotten += self._at
        self._data, self._at, self._end = rest + data, 0, self._end - self._at
        return not self._ended or bool(data)

    def broken(self, what: str = "") -> ExportError:
        told = what or ("it ends in the middle" if self._ended and not self.char else "it is no JSON there")
        place = self._before + _characters(self._data, self._at)
        return ExportError(f"{self._where}: {told} (after {place:,} characters); copy or export it again")


def _characters(data: bytes, end: int) -> int:
    """Return how many characters begin in bytes before an end, be it that they are damaged."""
    return end if data.isascii() else len(data[:end].translate(None, _CONTINUED))


def _decoded(data: bytes) -> tuple[str, bool]:
    """Return the text of bytes as far as it is one, and whether it is all but a character that is cut at the end."""
    try:
        return data.decode(), True
    except UnicodeDecodeError as error:
        return data[: error.start].decode(), error.reason == "unexpected end of data"


def _goes_on(text: str, found: Any, end: int) -> bool:
    """Tell whether a value may go on in what is not here yet, as only numbers do."""
    return isinstance(found, int | float) and _DIGITS.match(text, end).end() == len(text)  # type: ignore[union-attr]  # it matches anywhere


def _is_cut(text: str, error: StopIteration | json.JSONDecodeError) -> bool:
    """Tell whether a value is broken because the rest of it is not here."""
    if isinstance(error, StopIteration):
        return int(error.value) > len(text) - _LONGEST_WORD
    return error.msg.startswith("Unterminated string") or error.pos > len(text) - _LONGEST_WORD
