"""JSON in bounded pieces: the items of arrays, one at a time, wherever in a file the arrays stand.

The standard library decodes an item at once, in C; what is done here is to find where items are, and to have no more
of the file in memory than the item at hand. Values beside the way are passed over piece by piece.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

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
_FIRST_KEY = re.compile(r'\{\s*"[^"\\]{0,50}"')
_BORDER = 200
"""Behind so many blanks the end of an object is no longer looked for."""
_TOGETHER = 1 << 15
"""Elements with about so many characters are decoded at once: more leave the processor's cache."""
_ANY = "*"
_HEX_ESCAPE = re.compile(r"\\x[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


def items_at(file: BinaryIO, at: str, where: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the items at ways (see `Export.items`). Raises ExportError for what is no JSON, with its position."""
    text = _Text(file, where)
    ways = [_Way(way, [part for part in way.split(".") if part]) for way in at.split("|")]
    try:
        if all(way.rest for way in ways):
            yield from _walk(text, ways, {} if len(ways) == 1 else {WAY: ""})
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


WAY = ""
"""Under this key the scalars say on which of several ways they were met."""


class _Way(NamedTuple):
    """A way to arrays, and what is left of it."""

    name: str
    rest: list[str]


def _walk(text: "_Text", ways: list[_Way], scalars: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield what is on the ways, from a value that begins here."""
    if arrived := next((way for way in ways if not way.rest), None):
        if WAY in scalars:
            scalars[WAY] = arrived.name
        if text.peek() == "[":
            yield from _items(text, scalars)
        elif text.char == "{":
            yield text.value(), scalars
        else:
            text.skip()
    elif text.peek() == "{":
        mine = dict(scalars)
        for key in text.members():
            on = [_Way(way.name, way.rest[1:]) for way in ways if way.rest[0] in (key, _ANY)]
            if on and text.peek() in ("{", "["):
                yield from _walk(text, on, mine)
            else:
                text.take(mine, key)
    elif text.char == "[" and (on := [_Way(way.name, way.rest[1:]) for way in ways if way.rest[0] == _ANY]):
        for _ in text.elements():
            yield from _walk(text, on, scalars)
    else:
        text.skip()


def _items(text: "_Text", scalars: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for _ in text.elements():
        for value in text.at_hand():
            yield value, scalars
        yield text.value(), scalars


class _Border(NamedTuple):
    """What stands between two elements of an array: the end of an object, and the first key of the next one."""

    text: str
    before: int
    """So much of it belongs to the first."""
    between: int
    """The second begins after so much."""


def _border(text: str, end: int, start: int) -> _Border | None:
    """Return what stands between an element that ends and one that starts at these places, if both are objects."""
    key = _FIRST_KEY.match(text, start)
    if key is None or text[end - 1] != "}":
        return None
    first = len(text[max(0, end - _BORDER) : end - 1].rstrip()) + max(0, end - _BORDER)
    return _Border(text[first : key.end()], end - first, start - first)


class _Text:
    """The text of a JSON file from a place on; what lies before it is forgotten."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        start = file.read(4)
        self._file, self._where, self._start = file, where, start
        self._decoder = codecs.getincrementaldecoder(encoding_of(start) or "utf-8")()
        self._scan = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]  # it is, in every Python
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
                if self._respelt(error):
                    continue
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

    def _respelt(self, error: StopIteration | json.JSONDecodeError) -> bool:
        r"""Write `\x0B`, Telegram's way for a control character, as JSON does; tell whether it was that."""
        if isinstance(error, StopIteration) or not _HEX_ESCAPE.match(self._text, error.pos):
            return False
        # All at once: a text may be full of them.
        rest = _ESCAPE.sub(lambda found: f"\\u00{found[1]}" if found[1] else found[0], self._text[self._at :])
        self._text = self._text[: self._at] + rest
        return True

    def at_hand(self) -> Iterator[Any]:
        """Yield and pass the elements before the last of those that are read already, with as little ado as can be."""
        text, scan, comma = self._text, self._scan, _COMMA.match
        border: _Border | None = None
        broken = 0
        while True:
            if border is not None and self._at >= broken:
                some, broken = self._several(border)
                if some:
                    yield from some
                    continue
            try:
                found, end = scan(text, self._at)
            except (StopIteration, ValueError):
                return
            behind = comma(text, end)
            if behind is None:
                return
            self._at = behind.end()
            border = border or _border(text, end, self._at)
            yield found

    def _several(self, border: "_Border") -> tuple[list[Any], int]:
        """Return and pass elements up to what looks like a border between two, decoded at once: in half the time.

        That it was one shows when they are decoded: a text that is cut inside of an element is no array. Where it was
        none, they are left to be passed one by one, up to the place that is returned.
        """
        end = self._text.find(border.text, self._at + _TOGETHER, self._at + 2 * _TOGETHER)
        if end < 0:
            return [], self._at + _TOGETHER
        several = f"[{self._text[self._at : end + border.before]}]"
        try:
            found, stop = self._scan(several, 0)
        except (StopIteration, ValueError):
            return [], end
        if stop != len(several):
            return [], end
        self._at = end + border.between
        return found, 0

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
