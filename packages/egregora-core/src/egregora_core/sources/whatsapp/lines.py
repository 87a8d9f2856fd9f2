"""Chunks of text as messages: each header starts one, and lines without a header continue it.

The line breaks inside a message become a character that the chunk does not hold, so that the rest can work on lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STAND_INS = (*(bytes([code]) for code in (30, 29, 28, 31, *range(1, 9), *range(14, 28))), "\U0010fffe".encode())


@dataclass(frozen=True)
class Block:
    """Whole messages, one a line."""

    data: bytes
    newline: bytes
    """What stands for a line break inside a message."""
    start: int | None = None
    """Where the block begins in its text, in bytes; null where its bytes do not stand in the text as they are."""
    soft: "NDArray[np.int64] | None" = None
    """Where in the data line breaks are that cannot end a message (see `TextFile.crlf`), in order; null if nowhere."""

    def with_more(self, text: bytes) -> "Block":
        """Return the block with lines that go on its last message."""
        newline, data = self.newline, self.data
        if newline in text:
            newline = _stand_in(data + text)
            data = data.replace(self.newline, newline)
        return replace(self, data=data + newline + text.replace(b"\n", newline), newline=newline)


def blocks(chunks: Iterator[bytes], header: bytes, start: int = 0) -> Iterator[Block]:
    """Yield the messages of chunks that begin at `start`; what stands before the first header is dropped."""
    inner = re.compile(b"\n(?!" + header + b")")
    starts, line_starts = re.compile(header), re.compile(b"(?m)^" + header)
    carry: list[bytes] = []
    begun, end = False, start
    for chunk in chunks:
        end += len(chunk)
        if begun and not line_starts.search(chunk):
            carry.append(chunk)
            continue
        text = b"".join((*carry, chunk))
        newline = _stand_in(text)
        joined = inner.sub(newline, text)
        if not begun and not starts.match(joined):
            cut = joined.find(b"\n")
            if cut < 0:
                continue
            joined = joined[cut + 1 :]
        begun = True
        # The last message may go on in the next chunk.
        cut = joined.rfind(b"\n")
        if cut >= 0:
            yield _block(joined[:cut], newline, end - len(joined))
        carry = [joined[cut + 1 :].replace(newline, b"\n")]
    last = b"".join(carry)
    if text := last.removesuffix(b"\n"):
        newline = _stand_in(text)
        yield _block(text.replace(b"\n", newline), newline, end - len(last))


def _stand_in(text: bytes) -> bytes:
    return next(code for code in _STAND_INS if code not in text)


def _block(data: bytes, newline: bytes, start: int | None) -> Block:
    if b"\r" not in data:
        return Block(data, newline, start if len(newline) == 1 else None)
    import numpy as np

    if len(newline) > 1:
        return Block(data.replace(b"\r", newline), newline)
    soft = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\r"))
    return Block(data.replace(b"\r", newline), newline, start, soft)
