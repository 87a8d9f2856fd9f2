"""JSON in bounded pieces: the items of arrays, one at a time, wherever in a file the arrays stand.

The standard library decodes an item at once, in C; what is done here is to find where items are, and to have no more
of the file in memory than the item at hand. Values beside the way are passed over piece by piece.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from egregora_core.errors import ExportError
from egregora_core.exports._text import encoding_of

_CHUNK = 1 << 20
_LARGEST = 64 << 20
"""An item with more characters than this is no message."""
_BLANK = re.compile(r"[ \t\r\n]*")
_LONGEST_WORD = 16
"""Nothing but a string takes more characters to say that it is whole: `-Infinity`, an escaped character."""
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_DIGITS = re.compile(r"[-+.0-9eE]*")
_ANY = "*"


def items_at(file: BinaryIO, at: str, where: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the items at a way (see `Export.items`). Raises ExportError for what is no JSON, with its position."""
    text = _Text(file, where)
    way = [part for part in at.split(".") if part]
    try:
        if way:
            yield from _walk(text, way, {})
        else:
            yield from _values(text, {})
    except RecursionError:
        raise text.broken("it is nested too deeply") from None


def _values(text: "_Text", scalars: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    while text.peek():
        if text.char == "[":
            yield from _items(text, scalars)
        else:
            yield text.value(), scalars


def _walk(text: "_Text", way: list[str], scalars: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield what is on the way, from a value that begins here."""
    if not way and text.peek() == "[":
        yield from _items(text, scalars)
    elif text.peek() == "{":
        mine = dict(scalars)
        for key in text.members():
            if way and way[0] in (key, _ANY):
                yield from _walk(text, way[1:], mine)
            else:
                text.take(mine, key)
    elif text.char == "[" and way and way[0] == _ANY:
        for _ in text.elements():
            yield from _walk(text, way[1:], scalars)
    else:
        text.skip()


def _items(text: "_Text", scalars: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for _ in text.elements():
        for value in text.at_hand():
            yield value, scalars
        yield text.value(), scalars


class _Text:
    """The text of a JSON file from a place on; what lies before it is forgotten."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        start = file.read(4)
        self._file, self._where, self._start = file, where, start
        self._decoder = codecs.getincrementaldecoder(encoding_of(start) or "utf-8")()
        self._scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # it is, in every Python
        self._text, self._at, self._before, self._ended = "", 0, 0, False

    @property
    def char(self) -> str:
        return self._text[self._at : self._at + 1]

    def peek(self) -> str:
        """Return the next character that is no blank, empty at the end."""
        while True:
            self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches anywhere
            if self._at < len(self._text) or not self._more():
                return self.char

    def value(self) -> Any:
        """Return the value that begins here, and pass it."""
        self.peek()
        while True:
            try:
                found, end = self._scan(self._text, self._at)
            except (StopIteration, json.JSONDecodeError) as error:
                if not self._is_cut(error) or not self._more():
                    raise self.broken() from None
            except ValueError:  # a number with thousands of digits
                raise self.broken("there is a number that is none") from None
            else:
                if not self._goes_on(found, end) or not self._more():
                    self._at = end
                    return found

    def _goes_on(self, found: Any, end: int) -> bool:
        """Tell whether a value may go on in what is not read yet, as only numbers do."""
        return isinstance(found, int | float) and _DIGITS.match(self._text, end).end() == len(self._text)  # type: ignore[union-attr]  # it matches anywhere

    def _is_cut(self, error: StopIteration | json.JSONDecodeError) -> bool:
        """Tell whether a value is broken because the rest of it is not here yet."""
        if isinstance(error, StopIteration):
            return int(error.value) > len(self._text) - _LONGEST_WORD
        return error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _LONGEST_WORD

    def at_hand(self) -> Iterator[Any]:
        """Yield and pass the elements before the last of those that are read already, with as little ado as can be."""
        text, scan, comma = self._text, self._scan, _COMMA.match
        while True:
            try:
                found, end = scan(text, self._at)
            except (StopIteration, ValueError):
                return
            behind = comma(text, end)
            if behind is None:
                return
            self._at = behind.end()
            yield found

    def take(self, scalars: dict[str, Any], key: str) -> None:
        """Pass a value; keep it if it is a scalar."""
        if self.peek() in ("{", "["):
            self.skip()
        else:
            scalars[key] = self.value()

    def skip(self) -> None:
        """Pass a value, however large."""
        opened = self.peek()
        if opened not in ("{", "["):
            self.value()
            return
        try:
            _, self._at = self._scan(self._text, self._at)
        except (StopIteration, ValueError, RecursionError):  # not all of it is here
            for _ in self.members() if opened == "{" else self.elements():
                self.skip()

    def members(self) -> Iterator[str]:
        """Yield the keys of the object that begins here; each value is to be passed before the next."""
        self._expect("{")
        while self.peek() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise self.broken()
            self._expect(":")
            yield key
            if self.peek() != "}":
                self._expect(",")
        self._at += 1

    def elements(self) -> Iterator[None]:
        """Stop before each element of the array that begins here; each is to be passed before the next."""
        self._expect("[")
        while self.peek() != "]":
            yield None
            if self.peek() != "]":
                self._expect(",")
        self._at += 1

    def _expect(self, char: str) -> None:
        if self.peek() != char:
            raise self.broken()
        self._at += 1

    def _more(self) -> bool:
        """Read on, and forget what was passed; tell whether there was more."""
        if self._ended:
            return False
        if len(self._text) - self._at > _LARGEST:
            raise self.broken(f"one value has more than {_LARGEST >> 20} million characters")
        data = self._start + self._file.read(max(_CHUNK, len(self._text) - self._at))
        self._start = b""
        self._ended = not data
        try:
            fresh = self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError:
            raise self.broken("from there on it is no text in its encoding") from None
        self._before += self._at
        self._text, self._at = self._text[self._at :] + fresh, 0
        return not self._ended or bool(fresh)

    def broken(self, what: str = "") -> ExportError:
        told = what or ("it ends in the middle" if self._ended and not self.char else "it is no JSON there")
        place = self._before + self._at
        return ExportError(f"{self._where}: {told} (after {place:,} characters); copy or export it again")
