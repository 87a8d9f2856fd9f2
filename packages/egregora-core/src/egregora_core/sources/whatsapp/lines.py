"""Chunks of text as messages: each header starts one, and lines without a header continue it.

The line breaks inside a message become a character that the chunk does not hold, so that the rest can work on lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STAND_INS = (*(bytes([code]) for code in (30, 29, 28, 31, *range(1, 9), *range(14, 28))), "\U0010fffe".encode())


@dataclass(frozen=True)
class Block:
    """Whole messages, one a line."""

    data: bytes
    newline: bytes
    """What stands for a line break inside a message."""
    start: int | None = None
    """Where the block begins in its text, in bytes; null where its bytes do not stand in the text as they are."""


def blocks(chunks: Iterator[bytes], header: bytes, start: int = 0) -> Iterator[Block]:
    """Yield the messages of chunks that begin at `start`; what stands before the first header is dropped."""
    inner = re.compile(b"\n(?!" + header + b")")
    starts = re.compile(header)
    carry, begun, end = b"", False, start
    for chunk in chunks:
        text = carry + chunk
        end += len(chunk)
        newline = next(code for code in _STAND_INS if code not in text)
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
            yield Block(joined[:cut], newline, end - len(joined) if len(newline) == 1 else None)
        carry = joined[cut + 1 :].replace(newline, b"\n")
    if carry:
        carry = carry.removesuffix(b"\n")
        newline = next(code for code in _STAND_INS if code not in carry)
        yield Block(carry.replace(b"\n", newline), newline)
