"""Apple's typedstream, in which the bodies of messages are kept: read as far as their text and its attributes go.

A stream is values, each behind the types that it consists of. Types, classes and objects that came before are referred
to by number. What an object holds is read without knowing its class, so new classes do no harm. Described by
https://github.com/dgelessus/python-typedstream.
"""

from dataclasses import dataclass, field
from typing import Any

_HEADER = b"\x04\x0bstreamtyped"
_INT_2, _INT_4, _FLOAT, _NEW, _NIL, _END, _FIRST = 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x92
_DEEPEST = 100
_LARGEST = 16 << 20
_STRINGS = frozenset({"NSString", "NSMutableString"})
_ATTRIBUTED = frozenset({"NSAttributedString", "NSMutableAttributedString"})
_DICTIONARIES = frozenset({"NSDictionary", "NSMutableDictionary"})


@dataclass
class _Object:
    """An object of the stream, by the name of its class."""

    kind: str
    values: list[Any] = field(default_factory=list)


def attributed_text(data: bytes) -> tuple[str | None, list[dict[str, Any]]]:
    """Return the text of an attributed string, None for what is none; and its attributes, as far as they are texts."""
    try:
        root = _Stream(data).root()
    except (IndexError, ValueError, RecursionError):
        return None, []
    if not isinstance(root, _Object):
        return None, []
    if root.kind in _STRINGS:
        return _string(root), []
    if root.kind not in _ATTRIBUTED:
        return None, []
    objects = [value for value in root.values if isinstance(value, _Object)]
    text = next((found for each in objects if (found := _string(each)) is not None), None)
    return text, [_attributes(each) for each in objects if each.kind in _DICTIONARIES]


def _string(value: Any) -> str | None:
    if not isinstance(value, _Object) or value.kind not in _STRINGS:
        return None
    text = next((each for each in value.values if isinstance(each, bytes)), None)
    return text.decode("utf-8", "replace") if text is not None else None


def _attributes(dictionary: _Object) -> dict[str, Any]:
    parts = dictionary.values[1:]  # the first one says how many there are
    return {key: _string(value) for each, value in zip(parts[::2], parts[1::2], strict=False) if (key := _string(each))}


class _Stream:
    """The bytes of a stream, and what was met in it. Raises IndexError or ValueError for what is none."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(_HEADER) or len(data) > _LARGEST:
            raise ValueError
        self._data, self._at = data, len(_HEADER)
        self._types: list[bytes] = []
        self._objects: list[Any] = []
        self._depth = 0
        self._number(self._byte())  # the system's version

    def root(self) -> Any:
        """Return the first value."""
        return self._values()[0]

    def _values(self) -> list[Any]:
        return [self._value(kind) for kind in _split(self._type(self._byte()))]

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        if not 0 <= count <= len(self._data) - self._at:
            raise ValueError
        self._at += count
        return self._data[self._at - count : self._at]

    def _number(self, head: int) -> int:
        if head in (_INT_2, _INT_4):
            return int.from_bytes(self._bytes(2 if head == _INT_2 else 4), "little", signed=True)
        if _INT_4 < head < _FIRST:
            raise ValueError
        return head - 256 if head >= 0x80 else head  # noqa: PLR2004 - a byte with a sign

    def _length(self) -> int:
        head = self._byte()
        if head in (_INT_2, _INT_4):
            return int.from_bytes(self._bytes(2 if head == _INT_2 else 4), "little")
        return self._number(head)

    def _reference(self, head: int) -> int:
        return (self._number(head) if head in (_INT_2, _INT_4) else head - 256) - (_FIRST - 256)

    def _type(self, head: int) -> bytes:
        """Return a text of which there is one in a stream: later ones refer to it."""
        if head == _NIL:
            return b""
        if head == _NEW:
            self._types.append(self._bytes(self._length()))
            return self._types[-1]
        return self._types[self._placed(head, self._types)]

    def _placed(self, head: int, among: list[Any]) -> int:
        place = self._reference(head)
        if not 0 <= place < len(among):
            raise ValueError
        return place

    def _value(self, kind: bytes) -> Any:  # noqa: PLR0911 - one for each type that there is
        letter = kind[:1]
        if letter == b"@":
            return self._object()
        if letter == b"#":
            return self._class(self._byte())
        if letter == b"+":
            return self._bytes(self._length())
        if letter in b"*:%":
            return self._shared(letter)
        if letter in b"Cc":
            return self._byte()
        if letter in b"fd":
            return self._real(4 if letter == b"f" else 8)
        if letter == b"[":
            return self._array(kind)
        if letter in b"{(":
            inner = kind[1:-1].partition(b"=")[2] or kind[1:-1]
            return [self._value(each) for each in _split(inner)]
        if letter in b"sSiIlLqQB" and letter:
            return self._number(self._byte())
        raise ValueError

    def _shared(self, letter: bytes) -> bytes | None:
        head = self._byte()
        if letter != b"*":
            return self._type(head)
        if head == _NIL:
            return None
        if head == _NEW:
            self._objects.append(None)
            place = len(self._objects) - 1
            self._objects[place] = self._type(self._byte())
            return bytes(self._objects[place])
        found = self._objects[self._placed(head, self._objects)]
        return found if isinstance(found, bytes) else None

    def _real(self, size: int) -> float:
        head = self._byte()
        if head == _FLOAT:
            self._bytes(size)
            return 0.0  # no text depends on it
        return float(self._number(head))

    def _array(self, kind: bytes) -> Any:
        digits = kind[1:-1]
        inner = digits.lstrip(b"0123456789")
        count = int(digits[: len(digits) - len(inner)] or b"0")
        if inner in (b"C", b"c"):
            return self._bytes(count)
        if count > len(self._data):
            raise ValueError
        return [self._value(inner) for _ in range(count)]

    def _class(self, head: int) -> str | None:
        """Return the name of a class, and pass those that it derives from."""
        names = []
        while head == _NEW:
            names.append(self._type(self._byte()).decode("ascii", "replace"))
            self._objects.append(names[-1])
            self._number(self._byte())  # the class's version
            head = self._byte()
        if names or head == _NIL:
            if head != _NIL:
                self._placed(head, self._objects)
            return names[0] if names else None
        found = self._objects[self._placed(head, self._objects)]
        return found if isinstance(found, str) else None

    def _object(self) -> Any:
        head = self._byte()
        if head == _NIL:
            return None
        if head != _NEW:
            return self._objects[self._placed(head, self._objects)]
        found = _Object("")
        self._objects.append(found)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError
        found.kind = self._class(self._byte()) or ""
        while self._data[self._at] != _END:
            found.values += self._values()
        self._at += 1
        self._depth -= 1
        return found


def _split(types: bytes) -> list[bytes]:
    """Return the types of single values that a text of types consists of: `iI` is two, `[4c]` one."""
    found, at = [], 0
    while at < len(types):
        end, depth = at, 0
        while True:
            depth += (types[end : end + 1] in (b"[", b"{", b"(")) - (types[end : end + 1] in (b"]", b"}", b")"))
            end += 1
            if depth == 0:
                break
            if end >= len(types):
                raise ValueError
        found.append(types[at:end])
        at = end
    return found
