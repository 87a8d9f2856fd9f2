"""Bytes of a backup on their way to an XML parser: what the app writes that is no XML, and what nobody reads.

The app writes an emoji as two references to halves of a surrogate pair, which no parser takes; and the content of
pictures as attributes of many megabytes, which a parser would hold in memory.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

_REFERENCES = re.compile(rb"(?:&#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});)+")
_REFERENCE = re.compile(rb"&#(?:(\d+)|[xX]([0-9a-fA-F]+));")
_UNFINISHED = re.compile(rb"(?:&#[0-9a-fA-FxX]{1,8};)*&?#?[0-9a-fA-FxX]{0,8}\Z")
_FORBIDDEN = bytes.maketrans(bytes([*range(9), 11, 12, *range(14, 32)]), b"?" * 29)
_DATA = re.compile(rb"""\bdata=(["'])(?=[A-Za-z0-9+/=])""")
_OTHER = re.compile(rb"[^A-Za-z0-9+/=\s]")
_LARGE = 1 << 16
_CONTROLS = {9, 10, 13}
_CHARS = range(32, 0x110000)
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = 0xFFFD


def mended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what an XML parser takes; of a large `data` attribute `#` and how many characters it had."""
    rest = b""
    for chunk in without_data(chunks):
        piece = (rest + chunk).translate(_FORBIDDEN)
        cut = _UNFINISHED.search(piece[-_LARGE:])
        start = max(len(piece) - _LARGE, 0) + cut.start() if cut else len(piece)
        rest = piece[start:]
        yield _REFERENCES.sub(_whole, piece[:start])
    yield _REFERENCES.sub(_whole, rest)


def _whole(match: re.Match[bytes]) -> bytes:
    """Return references with halves of pairs made whole, and those to nothing replaced."""
    numbers = [
        int(decimal or hexadecimal, 10 if decimal else 16) for decimal, hexadecimal in _REFERENCE.findall(match[0])
    ]
    if not any(number in _SURROGATES or not _is_char(number) for number in numbers):
        return match[0]
    found: list[int] = []
    skip = False
    for number, following in pairwise([*numbers, 0]):
        if skip:
            skip = False
        elif number in _SURROGATES[:1024] and following in _SURROGATES[1024:]:
            found.append(0x10000 + ((number - 0xD800) << 10) + (following - 0xDC00))
            skip = True
        else:
            found.append(number if _is_char(number) else _REPLACEMENT)
    return b"".join(b"&#%d;" % number for number in found)


def _is_char(number: int) -> bool:
    """Tell whether XML has a character of this number."""
    return number in _CONTROLS or (number in _CHARS and number not in _SURROGATES)


def without_data(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes, of large base64 in `data` attributes only its length."""
    inside, held, length = False, b"", 0
    rest = b""
    for chunk in chunks:
        piece, rest = rest + chunk, b""
        out: list[bytes] = []
        while piece:
            if inside:
                end = _OTHER.search(piece)
                part = piece[: end.start()] if end else piece
                piece = piece[len(part) :]
                length += len(part)
                held = held + part if len(held) <= _LARGE else held
                if end:
                    out.append(held if length <= _LARGE else b"#%d" % length)
                    inside, held, length = False, b"", 0
            elif match := _DATA.search(piece):
                out.append(piece[: match.end()])
                piece, inside = piece[match.end() :], True
            else:
                keep = len(piece) - min(len(piece), 8)  # `data="` may be cut here
                out.append(piece[:keep])
                rest, piece = piece[keep:], b""
        yield b"".join(out)
    yield rest + (held if length <= _LARGE else b"#%d" % length)
