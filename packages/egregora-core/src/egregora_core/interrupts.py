"""Telling a Ctrl-C from code that raises KeyboardInterrupt itself, as a careless plugin may.

Only the first is a signal: a handler of our own notes that it came before it does what the former one did.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def watch_interrupts() -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether Ctrl-C was pressed within the block.

    The former handler is put back at the end, whatever was installed meanwhile. Outside of the main thread, where
    Python delivers no signals, nothing is watched.
    """
    former = signal.getsignal(signal.SIGINT)
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        if callable(former):
            former(number, frame)

    try:
        if callable(former):  # else interrupts are ignored, or end the process before Python sees them
            signal.signal(signal.SIGINT, note)
    except ValueError:  # not the main thread
        former = None
    try:
        yield lambda: pressed
    finally:
        if callable(former):
            signal.signal(signal.SIGINT, former)
